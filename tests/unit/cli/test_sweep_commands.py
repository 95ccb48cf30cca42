"""The commands of sweeps."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyarrow.parquet import read_table

from rosenblatt.sweeps import read_sweep

GRID = """
data = "moons"
n = 60
noise = 0.2
hidden = [5]
init = "normal"
batch_size = 10
epochs = 5
seeds = 2
measure = ["distance"]

[over]
learning_rate = {logspace = [0.01, 1], n = 4}
init_scale = [0.1, 0.5, 1.0, 2.0]
noise = [0.1, 0.3]
"""


@pytest.fixture
def grid(here):
    (here / "grid.toml").write_text(GRID)
    return here / "grid.toml"


def test_a_file_is_what_train_mlp_trains_with_each_of_its_settings(run, grid, here):
    answer = run("sweep grid.toml --out a --quiet")
    assert answer.status == 0
    assert answer.err == ""
    assert "networks    64" in answer.out
    found = read_sweep(here / "a")
    row = found.row(13)
    text = f"train mlp moons --n 60 --noise {row['noise']} --hidden 5 --init normal --init-scale"
    text += f" {row['init_scale']} --learning-rate {row['learning_rate']!r} --batch-size 10"
    trained = run(f"{text} --epochs 5 --seed {row['seed']} --eval-every 1 --json --quiet")
    expected = json.loads(trained.out)["end"]
    assert row["test_loss"] == pytest.approx(expected["test"]["loss"], rel=1e-9)
    assert row["train_loss"] == pytest.approx(expected["train"]["loss"], rel=1e-9)
    assert row["test_accuracy"] == expected["test"]["accuracy"]


@pytest.mark.slow
def test_show_resume_and_map(run, grid, here):
    run("sweep grid.toml --out a --quiet")
    shown = run("sweep show a --limit 2 --sort distance")
    assert "... and 30 more combinations; sorted by distance" in shown.out
    assert "mean ± standard deviation over the seeds" in shown.out
    cell = read_sweep(here / "a").mean_over_seeds().sort_by("distance").to_pylist()[0]
    assert f"{cell['distance']:.5g} ± {cell['distance_std']:.2g}" in shown.out
    result = json.loads(run("sweep resume a --json --quiet").out)
    assert (result["networks"], result["not_computed"]) == (64, 0)
    means = read_sweep(here / "a").mean_over_seeds().to_pylist()
    best = min(means, key=lambda row: row["test_loss"])
    assert result["cells"][0] == pytest.approx(best)
    drawn = run("sweep map a --x learning-rate --y init.scale --where noise=0.1 --out map.png")
    assert drawn.out == "wrote map.png\n"
    assert (here / "map.png").read_bytes().startswith(b"\x89PNG")
    curves = "sweep curves a --x learning_rate --by noise --value distance --out c.svg"
    assert run(curves).out == "wrote c.svg\n"
    parallel = "sweep parallel a --settings learning-rate,init.scale --where noise=0.1 --out p.pdf"
    assert run(parallel).out == "wrote p.pdf\n"
    assert (here / "p.pdf").read_bytes().startswith(b"%PDF")


def test_cells_that_were_stopped_early_are_shown_last(run, grid, here):
    grid.write_text(GRID.replace("seeds = 2", "seeds = 2\nhalving = {factor = 4}"))
    first = run("sweep grid.toml --out a --quiet").out
    assert "networks    64, 48 stopped early" in first
    assert run("sweep show a").out == first.partition("\nmap: ")[0]
    cells = json.loads(run("sweep resume a --json --quiet").out)["cells"]
    assert [cell["epochs_trained"] for cell in cells] == [5] * 8 + [2] * 2
    assert cells[8]["train_loss"] < cells[9]["train_loss"]


def test_more_values_compute_what_is_new(run, grid, here):
    run("sweep grid.toml --out a --quiet")
    files = set((here / "a" / "parts").iterdir())
    grid.write_text(GRID.replace("[0.1, 0.3]", "[0.1, 0.2, 0.3]"))
    assert run("sweep grid.toml --out a --quiet").status == 0
    found = read_sweep(here / "a")
    assert (len(found), found.n_missing) == (96, 0)
    new = set((here / "a" / "parts").iterdir()) - files
    written = sum(len(read_table(path)) for path in new)
    assert written == 96 - 64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[over]", "[ower]"), "needs a table [over]"),
        (("learning_rate =", "learning_rat ="), 'did you mean "learning_rate"'),
        (("seeds = 2", "seed = 2"), "give seeds = [0, 1, 2]"),
        (("[0.1, 0.5, 1.0, 2.0]", "[]"), "empty list"),
        (("[0.1, 0.5, 1.0, 2.0]", "[0.1, -1.0]"), "init_scale=-1.0"),
        (("logspace", "lospace"), "values are a list, or a table"),
        (("distance", "distanse"), 'did you mean "distance"'),
        (("hidden = [5]", "hiden = [5]"), 'did you mean "hidden"'),
        (('"moons"', '"mons"'), '"mons"'),
        (("seeds = 2", "halving = 3"), "halving must be True"),
        (("seeds = 2", "halving = {factor = 9}"), "needs at least 9 epochs"),
    ],
)
def test_a_file_that_cannot_be_is_refused(refused, grid, change, message):
    grid.write_text(GRID.replace(*change))
    assert message in refused("sweep grid.toml")


def test_folders_and_flags_that_cannot_be_are_refused(run, refused, grid, here):
    assert "there is no sweep in" in refused("sweep show nothing")
    assert "there is no sweep in" in refused("sweep resume .")
    assert "there is no sweep in" in refused(f"sweep show {'x' * 300}")
    run("sweep grid.toml --out a --quiet")
    grid.write_text(GRID.replace("epochs = 5", "epochs = 6"))
    assert "another sweep, whose epochs is 5 and not 6" in refused("sweep grid.toml --out a")
    assert 'does not go over "rate"' in refused("sweep map a --x rate --y noise --out a.png")
    assert "no measure" in refused("sweep curves a --x noise --value test --out a.png")
    assert "must end in .png" in refused("sweep curves a --x noise --out a.txt")
    assert "there are 0.1, 0.3" in refused("sweep curves a --x noise --where noise=2 --out a.png")
    assert "x and by are both noise" in refused("sweep curves a --x noise --by noise --out a.png")
    assert 'does not go over "rate"' in refused("sweep parallel a --settings rate --out a.png")
    assert "is a setting" in refused("sweep show a --sort noise")


def _hear_ctrl_c():
    """Undo that a shell without job control lets the commands of its background ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.slow
def test_ctrl_c_ends_with_130_and_says_how_to_go_on(here):
    (here / "long.toml").write_text(
        'data = "moons"\nepochs = 3000\nseeds = 500\nbatch_size = 1\n'
        "[over]\nlearning_rate = [0.1, 0.2]\n"
    )
    command = [sys.executable, "-m", "rosenblatt", "sweep", "long.toml", "--out", "a", "--quiet"]
    process = subprocess.Popen(
        command,
        cwd=here,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_ctrl_c,
    )
    deadline = time.monotonic() + 60
    while not (here / "a" / "sweep.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "rosenblatt: interrupted; go on with: rosenblatt sweep resume a\n"
    assert read_sweep(here / "a").n_missing > 0


def test_a_budget_leaves_networks_out_and_says_how_to_go_on(run, grid, here):
    answer = run("sweep grid.toml --out a --max-epochs 100 --quiet")
    assert "networks    64, 44 not computed yet" in answer.out
    assert "go on with: rosenblatt sweep resume a" in answer.out
    result = json.loads(run("sweep resume a --max-seconds 600 --json --quiet").out)
    assert (result["networks"], result["not_computed"]) == (64, 0)


def test_executors_that_cannot_be_are_refused(refused, grid):
    assert "exclude each other" in refused("sweep grid.toml --dask tcp://a:1 --executor threads")
    assert "must be an address such as" in refused("sweep grid.toml --dask scheduler")
    assert "no Dask scheduler answers" in refused("sweep grid.toml --dask tcp://127.0.0.1:1")
    assert "processes" in refused("sweep grid.toml --executor procesess")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds processes in /proc")
def test_ctrl_c_ends_all_processes(here):
    (here / "long.toml").write_text(
        'data = "moons"\nn = 100\nhidden = [5]\nepochs = 2000\nseeds = 5000\nbatch_size = 1\n'
        "[over]\nlearning_rate = [0.1, 0.2]\n"
    )
    command = [sys.executable, "-m", "rosenblatt", "sweep", "long.toml", "--out", "a", "--quiet"]
    process = subprocess.Popen(
        [*command, "--executor", "processes"],
        cwd=here,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_hear_ctrl_c,
    )
    deadline = time.monotonic() + 120
    while not list((here / "a").glob("parts/*.parquet")) and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.05)
    started = _children(process.pid)
    # As a terminal does: to all of them.
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    # A shell shows 130 in either way of ending.
    assert process.returncode in (130, -signal.SIGINT)
    assert err.startswith("rosenblatt: interrupted; go on with: rosenblatt sweep resume a\n")
    # joblib may warn of a semaphore whose owner was killed before it could tell.
    assert "Traceback" not in err
    while any(_is_running(child) for child in started) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_is_running(child) for child in started)
    assert read_sweep(here / "a").n_missing > 0


def _children(pid):
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
