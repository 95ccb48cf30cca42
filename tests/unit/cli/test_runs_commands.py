import json
import os
import pty
import sys
from pathlib import Path

import pytest
from filelock import FileLock

import rosenblatt as rb
from rosenblatt.cli import runs_list

TRAIN, TEST = rb.data.moons(60, noise=0.2, seed=3).split(20, seed=0)
MODEL = rb.MLP(2, [3], 2)


def trained(name, **settings):
    return rb.train(
        MODEL,
        TRAIN,
        **{"test": TEST, "epochs": 6, "batch_size": 10, "engine": "reference"} | settings,
        run_dir=f"runs/{name}",
    )


@pytest.fixture
def kept(here):
    """Keep two runs that differ in their learning rates."""
    return {name: trained(name, optimizer=rb.SGD(rate)) for name, rate in (("a", 1), ("b", 0.1))}


def test_a_list_has_a_line_for_each_run(run, kept):
    lines = run("runs list").out.splitlines()
    assert lines[0].split()[:6] == ["run", "state", "model", "optimizer", "rate", "batch"]
    for line, (name, one) in zip(lines[1:], kept.items(), strict=True):
        cells = line.split()
        assert cells[:2] == [name, "finished"]
        assert cells[-3] == f"{one.history[-1]['train_loss']:.4f}"
        assert cells[-1] == f"{100 * one.history[-1]['test_accuracy']:.2f}"
        assert "6/6" in cells


def test_a_list_is_sorted_filtered_and_cut(run, kept):
    losses = {name: one.history[-1]["test_loss"] for name, one in kept.items()}
    best = min(losses, key=losses.get)
    worst = max(losses, key=losses.get)

    def ids(flags):
        return [one["id"] for one in json.loads(run(f"runs list --json {flags}").out)["runs"]]

    assert ids("--sort test_loss") == [best, worst]
    assert ids("--sort test-loss --descending") == [worst, best]
    assert ids(f"--filter test_loss>{losses[best]}") == [worst]
    assert ids("--filter id=a --filter state=finished") == ["a"]
    assert ids("--filter id=a --filter state=running") == []
    assert ids("--limit 1") == ["a"]
    assert run("runs list --limit 1").out.splitlines()[-1] == "1 of 2 runs"
    assert run("runs list --filter id=c").out == "no such runs in runs\n"
    assert run("runs list runs/a").out.splitlines()[1].split()[0] == "."


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("list none", "there is no folder none"),
        ("list --sort los", 'no column "los"'),
        ("list --filter loss", "is no filter"),
        ("list --limit -1", "--limit must be at least 0"),
        ("list --limit x", "not a whole number"),
        ("show c", "there is no run 'c' in runs"),
        ("show", "RUN is missing"),
        ("compare a c", "there is no run 'c' in runs"),
        ("compare a a", "named more than once"),
        ("compare", "IDS is missing"),
        ("compare a --out f.txt", "must end in .png or .svg or .pdf"),
        ("resume c", "there is no run 'c' in runs"),
        ("resume a --epochs 3", "epochs=3 is fewer"),
        ("resume a --checkpoint-every -1", "--checkpoint-every must be a finite number"),
        ("rm c --yes", "there is no run 'c' in runs"),
        ("rm ../runs/a --yes", "is a path"),
        ("rm a", "this removes runs/a with all that is in there: add --yes"),
        ("rm --yes", "IDS is missing"),
        ("shwo a", 'did you mean "show"?'),
        ("fork a --at 3", "--run is missing"),
        ("fork a --at 3 --run runs/b", "there is a run in runs/b"),
    ],
)
def test_what_cannot_be_is_one_line(refused, kept, words, message):
    assert message in refused(f"runs {words}")
    assert {one.name for one in Path("runs").iterdir()} >= {"a", "b"}


def test_an_id_is_looked_up_where_it_is_said(run, kept, here):
    (here / "runs").rename(here / "others")
    assert json.loads(run("runs show a --runs others --json").out)["id"] == "a"
    assert json.loads(run("runs show others/a --json").out)["id"] == "a"
    assert "removed others/a" in run("runs rm a --runs others --yes").out


def test_a_run_is_shown(run, kept):
    found = json.loads(run("runs show a --json").out)
    first, last = kept["a"].history[0], kept["a"].history[-1]
    assert found["state"] == "finished"
    assert found["start"]["test_loss"] == {"mean": first["test_loss"], "sd": None}
    assert found["end"]["train_accuracy"] == {"mean": last["train_accuracy"], "sd": None}
    assert found["settings"]["training"]["batch_size"] == 10
    assert [one["update"] for one in found["checkpoints"]] == [0, 24]
    assert found["checkpoints"][0]["bytes"] == Path(found["checkpoints"][0]["file"]).stat().st_size
    lines = run("runs show a").out.splitlines()
    assert lines[0] == "run         runs/a: finished"
    assert "rows        40 train, 20 test" in lines
    assert f"loss {first['test_loss']:.4f} → {last['test_loss']:.4f}" in lines[6]
    assert any(line.startswith("checkpoints 2, from update 0 to 24, ") for line in lines)


def test_a_population_is_shown_with_its_spread(run, here):
    runs = rb.train_many(
        MODEL, TRAIN, seeds=range(7), epochs=3, engine="reference", run_dir="runs/many"
    )
    out = run("runs show many").out
    final = runs.final("train_loss")
    assert f"{final.mean():.4f} ± {final.std(ddof=1):.4f}" in out
    assert "seeds 0, 1, 2, 3, 4, ... (7 in all)" in out
    assert "test " not in out


def test_damage_is_shown(run, refused, kept, here):
    (here / "runs" / "a" / "status.json").write_text("{")
    (here / "runs" / "a" / "history.parquet").write_text("")
    assert json.loads(run("runs show a --json").out)["end"]["test_loss"]["mean"]
    for one in (here / "runs" / "a" / "checkpoints").iterdir():
        one.unlink()
    assert "damage      " in run("runs show a").out
    assert "a: " in run("runs list").out
    (here / "runs" / "a" / "config.toml").write_text("x")
    assert run("runs list").out.splitlines()[1].split()[:2] == ["a", "damaged"]
    assert "config.toml is not a TOML file" in refused("runs show a")


def test_names_cannot_steer_the_terminal(run, kept, here):
    (here / "runs" / "a").rename(here / "runs" / "\x1b[2Ja\nb")
    out = run("runs list").out
    assert "\x1b" not in out
    assert "?[2Ja?b" in out
    assert json.loads(run("runs list --json").out)["runs"][0]["id"] == "\x1b[2Ja\nb"
    shown = run("runs show", "\x1b[2Ja\nb").out
    assert "\x1b" not in shown


def test_runs_are_compared(run, kept, here):
    answer = run("runs compare a b --out c.svg")
    lines = answer.out.splitlines()
    assert lines[1].split()[:4] == ["a", "1", "6", "24"]
    assert f"{kept['b'].history[-1]['test_loss']:.4f}" in lines[2]
    assert lines[-1] == "wrote c.svg"
    assert (here / "c.svg").read_text().count(">a<") == 1
    found = json.loads(run("runs compare a b --json").out)
    assert found["runs"][0]["test_loss"] == kept["a"].history[-1]["test_loss"]
    assert found["runs"][0]["test_loss_sd"] is None
    assert found["notes"] == []
    trained("c", optimizer=rb.SGD(1), seed=1)
    pooled = json.loads(run("runs compare a b c --pool --json").out)["runs"]
    assert [(one["run"], one["seed_list"]) for one in pooled] == [("a … c", [0, 1]), ("b", [0])]
    assert " ± " in run("runs compare a b c --pool").out


def test_runs_are_removed_all_or_none(run, refused, kept, here):
    refused("runs rm a c --yes")
    with FileLock(here / "runs" / "b" / "lock"):
        assert "being trained" in refused("runs rm a b --yes")
    assert (here / "runs" / "a" / "config.toml").exists()
    found = json.loads(run("runs rm a b a --yes --json").out)
    assert found["removed"] == ["runs/a", "runs/b"]
    assert [one for one in Path("runs").iterdir() if not one.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("answer", "agreed"), [("y", True), ("Yes", True), ("n", False), ("", False)]
)
def test_a_terminal_is_asked(run, kept, here, monkeypatch, capsys, answer, agreed):
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "r") as terminal:
        os.write(ours, f"{answer}\n".encode())
        monkeypatch.setattr(sys, "stdin", terminal)
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        assert runs_list._agreed("runs/a") == agreed
    os.close(ours)
    assert capsys.readouterr().err == "Remove runs/a with all that is in there? [y/N] "
    monkeypatch.setattr(runs_list, "_agreed", lambda names: agreed)
    found = run("runs rm a")
    assert (here / "runs" / "a").exists() != agreed
    assert found.err == ("" if agreed else "rosenblatt: nothing was removed\n")
