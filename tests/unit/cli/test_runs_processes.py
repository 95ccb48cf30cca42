"""What happens to runs whose processes are killed, interrupted, or meet."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from rosenblatt.training import load_model
from rosenblatt.training.storage.folder import RunFolder
from sealing import seal_config

CODE = (
    "import signal, sys; from rosenblatt.cli import main\n"
    # A shell starts what runs in the background deaf to Ctrl-C, and its children inherit that.
    "signal.signal(signal.SIGINT, signal.default_int_handler); sys.exit(main())"
)
TRAIN = (
    "train mlp moons --n 200 --hidden 4 --batch-size 20 --eval-every 100 --engine reference "
    "--epochs {epochs} --learning-rate 0.01 --patience 1000000 --checkpoint-every 0 --run runs/a"
)
ENDLESS, UPDATES_PER_EPOCH = 100_000_000, 7


def program(words):
    return [sys.executable, "-c", CODE, *words.split()]


def is_kept(folder):
    """Return whether a checkpoint after the first, and the status beside it, are written."""
    status, checkpoints = folder.path / "status.json", folder.checkpoints()
    if len(checkpoints) < 2 or not status.exists():
        return False
    return json.loads(status.read_text())["updates"] == checkpoints[0].update


@pytest.fixture
def training(here):
    """Return a process that trains a run without end, and has just written a checkpoint."""
    process = subprocess.Popen(
        program(TRAIN.format(epochs=ENDLESS)), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 300
    folder = RunFolder(here / "runs" / "a")
    while not is_kept(folder) and time.monotonic() < deadline:
        time.sleep(0.02)
    yield process
    process.kill()
    process.communicate()


@pytest.mark.slow
def test_a_run_that_was_killed_is_resumed_to_the_same_end(training, run, here):
    training.kill()
    training.communicate()
    assert training.returncode == -signal.SIGKILL
    (listed,) = json.loads(run("runs list --json").out)["runs"]
    assert listed["state"] == "broken off"
    # It would not end by itself: the number of its epochs is made one that it can reach.
    path = here / "runs" / "a" / "config.toml"
    epochs = (RunFolder(path.parent).checkpoints()[0].update // UPDATES_PER_EPOCH // 100 + 3) * 100
    asked, possible = f"epochs = {ENDLESS}".encode(), f"epochs = {epochs}".encode()
    path.write_bytes(seal_config(path.read_bytes().replace(asked, possible)))
    resumed = json.loads(run("runs resume a --json").out)
    (here / "runs").rename(here / "killed")
    whole = json.loads(run(f"{TRAIN.format(epochs=epochs)} --json").out)
    del resumed["seconds"], whole["seconds"]
    assert resumed == whole
    assert set(resumed["end"]) == {"train", "validation", "test"}
    killed, never = (
        load_model(here / name / "a" / "model.safetensors") for name in ("killed", "runs")
    )
    assert killed.settings == never.settings
    bits = [
        {name: value.tobytes() for name, value in one.params.items()} for one in (killed, never)
    ]
    assert bits[0] == bits[1]


@pytest.mark.slow
def test_ctrl_c_ends_with_a_checkpoint_and_says_how_to_go_on(training, run, here):
    training.send_signal(signal.SIGINT)
    out, err = training.communicate(timeout=300)
    assert (training.returncode, out) == (130, b"")
    line = "rosenblatt: interrupted; go on with: rosenblatt runs resume runs/a"
    assert err.decode().splitlines()[-1] == line
    (listed,) = json.loads(run("runs list --json").out)["runs"]
    assert listed["state"] == "interrupted"
    assert RunFolder(here / "runs" / "a").checkpoints()[0].update == listed["updates"]


@pytest.mark.slow
def test_a_second_process_is_refused_and_the_first_goes_on(training, run, refused, here):
    (listed,) = json.loads(run("runs list --json").out)["runs"]
    assert listed["state"] == "running"
    assert "is being trained by another process" in refused("runs resume a")
    assert "being trained" in refused("runs rm a --yes")
    assert "there is a run in runs/a" in refused(TRAIN.format(epochs=1))
    before = RunFolder(here / "runs" / "a").checkpoints()[0].update
    deadline = time.monotonic() + 300
    while (
        RunFolder(here / "runs" / "a").checkpoints()[0].update == before
        and time.monotonic() < deadline
    ):
        time.sleep(0.02)
    assert RunFolder(here / "runs" / "a").checkpoints()[0].update > before
    assert training.poll() is None


def test_a_list_that_nobody_reads_to_its_end(here, run):
    run("train mlp xor --epochs 1 --engine reference --run runs/a --quiet")
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        program("runs list"), stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")
