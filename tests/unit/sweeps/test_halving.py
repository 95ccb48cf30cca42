"""Successive halving: which cells go on, and that what goes on has the bits of no halving."""

import json
import math
import os

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.sweeps import Halving, read_sweep, resume_sweep
from rosenblatt.sweeps import packed_training as packed
from rosenblatt.sweeps.halving import halving_of

TRAIN, VALIDATION = rb.data.moons(40, noise=0.2, seed=3).split(test_size=16, seed=1)
MODEL = rb.MLP(2, [4], 2, init="normal")
OVER = {"learning_rate": np.geomspace(0.01, 3, 9), "init_scale": [0.3, 1.5]}
MEASURES = ["distance", "best(train_loss)", "first_epoch(train_accuracy>=0.7)"]


def swept(halving=True, **how):
    settings = {"seeds": range(3), "validation": VALIDATION, "epochs": 11, "batch_size": 5}
    settings |= {"measure": MEASURES, "eval_every": 3, "over": OVER, "progress": False}
    settings |= {"optimizer": rb.SGD(0.1, momentum=0.5)} | how
    return rb.sweep(MODEL, TRAIN, halving=halving, **settings)


@pytest.fixture(scope="module")
def halved():
    return swept()


def rows_of(sweep):
    return {(row["learning_rate"], row["init_scale"], row["seed"]): row for row in sweep}


def same(a, b):
    return all(x == y or (math.isnan(x) and math.isnan(y)) for x, y in zip(a, b, strict=True))


def survivors_by_hand(halved, rungs, sizes):
    """Return the cells that reach each rung, from sweeps of these lengths without halving."""
    cells, reached = None, []
    for epochs, size in zip(rungs, sizes, strict=True):
        table = swept(False, epochs=epochs).to_pandas()
        means = table.groupby(["learning_rate", "init_scale"])["validation_loss"].mean()
        if cells is not None:
            means = means.loc[cells]
        assert len(means) == size
        reached.append(set(means.index))
        cells = means.nsmallest(-(-size // 3)).index
    return reached


# What goes on


def test_rungs_and_survivors_are_those_of_sweeps_without_halving(halved):
    epochs = halved.column("epochs_trained")
    assert sorted(set(epochs.tolist())) == [2, 4, 11]
    table = halved.to_pandas()
    reached = survivors_by_hand(halved, (2, 4, 11), (18, 6, 2))
    for rung, cells in zip((2, 4, 11), reached, strict=True):
        there = table[table["epochs_trained"] >= rung]
        assert set(zip(there["learning_rate"], there["init_scale"], strict=True)) == cells


@pytest.mark.parametrize("epochs", [2, 4, 11])
def test_every_row_has_the_bits_of_a_sweep_of_its_length_that_was_never_paused(halved, epochs):
    names = ["train_loss", "train_accuracy", "validation_loss", "validation_accuracy", *MEASURES]
    whole = rows_of(swept(False, epochs=epochs).table.to_pylist())
    compared = 0
    for row in halved.table.to_pylist():
        if row["epochs_trained"] == epochs:
            compared += 1
            other = whole[row["learning_rate"], row["init_scale"], row["seed"]]
            assert same([row[name] for name in names], [other[name] for name in names])
            assert row["status"] == ("finished" if epochs == 11 else "stopped")
    assert compared == {2: 36, 4: 12, 11: 6}[epochs]


def test_a_schedule_goes_on_where_it_was():
    cosine = {"optimizer": rb.Adam(0.05), "batch_size": 10, "measure": []}
    over = {"learning_rate": [0.003, 0.01, 0.03, 0.1], "schedule": ["cosine"]}
    halved = swept(Halving(factor=2), over=over, **cosine)
    whole = swept(False, over=over, **cosine)
    ends = halved.column("epochs_trained") == 11
    assert ends.sum() == 3
    losses = whole.column("validation_loss")[ends]
    assert halved.column("validation_loss")[ends].tolist() == losses.tolist()


def test_losses_that_the_training_returns_go_on_where_they_were():
    """Full batches return the losses of the way; a rung of 4 epochs has those of 4 epochs."""
    how = {"measure": ["convergence"], "eval_every": 1, "batch_size": None}
    halved = swept(**how)
    for epochs in (4, 11):
        whole = swept(False, epochs=epochs, **how).column("convergence")
        there = halved.column("epochs_trained") == epochs
        assert there.any()
        assert halved.column("convergence")[there].tolist() == whole[there].tolist()


def test_networks_that_cannot_be_packed_are_halved_too():
    how = {"engine": "reference", "seeds": [0], "over": {"learning_rate": [0.01, 0.1, 1.0]}}
    halved, whole = swept(**how), swept(False, **how)
    assert halved.column("epochs_trained").tolist().count(11) == 1
    (best,) = np.flatnonzero(halved.column("epochs_trained") == 11)
    assert halved.row(best) | {"epochs_trained": 0} == whole.row(best) | {"epochs_trained": 0}


def test_a_network_as_a_run_ends_where_it_stopped(halved):
    stopped = int(np.flatnonzero(halved.column("epochs_trained") == 4)[0])
    run, row = halved[stopped], halved.row(stopped)
    assert run.history[-1]["epoch"] == 4
    assert run.history[-1]["validation_loss"] == row["validation_loss"]


def test_the_best_is_among_those_that_trained_to_the_end(halved):
    assert halved.best("validation_loss")["epochs_trained"] == 11
    assert halved.n_stopped == 48
    assert "48 stopped early" in repr(halved)
    means = halved.mean_over_seeds()
    assert sorted(set(means["epochs_trained"].to_pylist())) == [2, 4, 11]


# The choice of cells


def test_cells_are_compared_by_means_and_the_earlier_of_two_equal_ones_is_ahead():
    cells = np.array([2, 3, 5, 7, 11])
    values = np.array([[3.0, 1.0], [1.0, 1.0], [2.0, 2.0], [0.0, 4.0], [9.0, 9.0]])
    halving = Halving(factor=2)
    assert halving.best(cells, values, highest=False).tolist() == [2, 3, 5]
    assert halving.best(cells, values, highest=True).tolist() == [2, 5, 11]


def test_cells_with_diverged_networks_come_after_all_others_and_those_without_numbers_stop():
    nan, cells = math.nan, np.arange(4)
    values = np.array([[0.0, nan], [5.0, 5.0], [nan, nan], [nan, 0.1]])
    assert Halving(factor=2).best(cells, values, highest=False).tolist() == [0, 1]
    assert Halving(factor=2).best(cells[2:3], values[2:3], highest=False).tolist() == []
    huge = np.array([[1e308, 1e308], [1.0, 1.0]])
    assert Halving(factor=2).best(cells[:2], huge, highest=False).tolist() == [1]


def test_a_sweep_in_which_everything_diverges_stops_at_the_first_rung():
    values = TRAIN.X, TRAIN.X[:, 0]
    over, how = {"learning_rate": [1e3, 1e4, 1e5]}, {"seeds": range(2), "progress": False}
    model = rb.MLP(2, [4], 1, activation="relu")
    sweep = rb.sweep(model, values, over=over, epochs=90, halving=True, **how)
    assert set(sweep.table["status"].to_pylist()) == {"diverged"}
    assert set(sweep.column("epochs_trained").tolist()) == {30}
    with pytest.raises(rb.RosenblattError, match="no network has a finite train_loss"):
        sweep.best("train_loss")


@pytest.mark.parametrize(
    ("factor", "least", "cells", "epochs", "rungs"),
    [
        (3, 1, 27, 81, (3, 9, 27, 81)),
        (3, 1, 1000, 81, (1, 3, 9, 27, 81)),
        (3, 9, 1000, 81, (9, 27, 81)),
        (2, 1, 2, 100, (50, 100)),
        (4, 1, 100, 10, (3, 10)),
        (3, 1, 1, 2, (2,)),
    ],
)
def test_rungs(factor, least, cells, epochs, rungs):
    assert Halving(factor, least).rungs(cells, epochs) == rungs


def test_the_test_set_is_no_default():
    names = ["train_loss", "test_loss", "test_accuracy"]
    assert Halving().measure_among(names) == "train_loss"
    assert Halving().measure_among([*names, "validation_loss"]) == "validation_loss"
    assert Halving(measure="test_accuracy").measure_among(names) == "test_accuracy"


@pytest.mark.parametrize(
    ("halving", "how", "message"),
    [
        ("yes", {}, "halving must be True, or settings"),
        ({"factr": 2}, {}, 'did you mean "factor"'),
        ({"factor": 1}, {}, "factor"),
        ({"measure": "validation_los"}, {}, 'did you mean "validation_loss"'),
        (True, {"epochs": 2}, "needs at least 3 epochs, and the sweep has 2"),
        (True, {"over": {"epochs": [5, 10]}}, "all cells have the same epochs"),
    ],
)
def test_a_halving_that_cannot_be_is_refused(halving, how, message):
    with pytest.raises(rb.RosenblattError, match=message):
        swept(halving, **how)


def test_words_of_a_file_are_a_halving():
    assert halving_of({"factor": 2, "min_epochs": 5}) == Halving(2, 5)
    assert halving_of(False) is None


# Folders


def files_of(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "lock" and "base" not in path.parts
    }


class StoppedError(Exception):
    pass


@pytest.fixture
def count(monkeypatch):
    """Count the epochs that networks train; raise StoppedError after some calls."""
    counted = {"calls": 0, "epochs": 0, "stop": None}
    real = packed.train_packed

    def counting(group, cells, members, starts, every, progress, *, until, begin, keep):
        counted["calls"] += 1
        if counted["stop"] is not None and counted["calls"] > counted["stop"]:
            raise StoppedError
        first = 0 if begin is None else begin.epoch
        counted["epochs"] += (until - first) * len(members)
        how = {"until": until, "begin": begin, "keep": keep}
        return real(group, cells, members, starts, every, progress, **how)

    monkeypatch.setattr("rosenblatt.sweeps.chunks.train_packed", counting)
    monkeypatch.setattr("rosenblatt.sweeps.groups.MOST_PER_CHUNK", 16)
    return counted


@pytest.fixture
def finished(tmp_path, count):
    """Return a folder whose halving was never interrupted."""
    swept(folder=tmp_path / "finished")
    return tmp_path / "finished"


def test_nothing_is_trained_twice(count, finished):
    assert count["epochs"] == 3 * (18 * 2 + 6 * (4 - 2) + 2 * (11 - 4))
    assert not (finished / "positions").exists()
    swept(folder=finished)
    assert count["epochs"] == 3 * (18 * 2 + 6 * (4 - 2) + 2 * (11 - 4))


@pytest.mark.parametrize("stop", [2, 4, 5])
def test_a_halving_that_was_stopped_ends_with_the_same_bytes(tmp_path, count, finished, stop):
    trained, count["calls"], count["stop"] = count["epochs"], 0, stop
    with pytest.raises(StoppedError):
        swept(folder=tmp_path / "a")
    partial = read_sweep(tmp_path / "a")
    assert partial.n_missing > 0
    count["stop"] = None
    resumed = resume_sweep(tmp_path / "a", progress=False)
    assert files_of(tmp_path / "a") == files_of(finished)
    assert count["epochs"] == 2 * trained
    assert repr(read_sweep(tmp_path / "a").table.to_pylist()) == repr(resumed.table.to_pylist())


def test_a_budget_ends_a_halving_which_the_same_call_continues(tmp_path, finished, count):
    count["epochs"] = 0
    part = swept(folder=tmp_path / "a", max_epochs=3 * (18 * 2 + 4 * 2))
    assert count["epochs"] == 3 * (18 * 2 + 4 * 2)
    # Of the six cells that train on, two have not come to the second rung.
    assert part.n_missing == 3 * 2
    whole = swept(folder=tmp_path / "a")
    assert (whole.n_missing, whole.n_stopped) == (0, 48)
    assert count["epochs"] == 3 * (18 * 2 + 6 * 2 + 2 * 7)


def test_cells_that_say_the_same_are_trained_once(tmp_path, count):
    over = [
        {"learning_rate": 0.1},
        {"learning_rate": 0.1, "momentum": 0.5},
        {"learning_rate": 1e-9},
    ]
    twice = swept(Halving(factor=2), over=over, folder=tmp_path / "a")
    assert twice.column("epochs_trained").tolist() == [11] * 3 + [6] * 3 + [3] * 3
    assert count["epochs"] == 3 * (2 * 3 + 1 * 3 + 1 * 5)


def test_damaged_positions_cost_time_alone(tmp_path, count, finished):
    count["calls"], count["stop"] = 0, 4
    with pytest.raises(StoppedError):
        swept(folder=tmp_path / "a")
    positions = sorted((tmp_path / "a" / "positions").rglob("*.safetensors"))
    os.truncate(positions[0], 100)
    positions[1].write_bytes(b"")
    count["stop"] = None
    with pytest.warns(UserWarning, match="its networks train from their start"):
        swept(folder=tmp_path / "a")
    assert files_of(tmp_path / "a") == files_of(finished)


def test_the_survivors_of_a_halving_are_known_to_a_sweep_without_it(count, finished):
    before = count["epochs"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rosenblatt.sweeps.chunks.train_packed", packed.train_packed)
        whole = swept(False, folder=finished)
    assert len(whole) == 54
    again = swept(folder=finished)
    assert count["epochs"] == before
    assert again.n_stopped == 48


def test_a_damaged_halving_in_the_settings_is_refused(finished):
    manifest = json.loads((finished / "sweep.json").read_text())
    for halving in ({"factor": 3}, {"rungs": []}, {"rungs": [4, 2]}, {"rungs": [1], "a": 1}, "x"):
        manifest["call"]["halving"] = halving
        (finished / "sweep.json").write_text(json.dumps(manifest))
        with pytest.raises(rb.RosenblattError, match="is damaged"):
            read_sweep(finished)
