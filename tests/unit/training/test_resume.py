"""A run that goes on where it was is, to the last bit, the run that never stood still."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as drawn_by
from hypothesis import strategies as st

import rosenblatt as rb
from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.optimizers import SGD, Adam
from rosenblatt.training import RunInProgress, callbacks
from rosenblatt.training.storage import config
from rosenblatt.training.storage.folder import RunFolder
from runs import (
    NET,
    POPULATIONS,
    SEEDS,
    WORKS,
    assert_same,
    checkpoints_in,
    drawn,
    eager,
    go,
    small,
    stopping,
)

every_engine = pytest.mark.parametrize("engine", ["reference", "compiled"])


def cut_after(whole, number, to):
    """Copy a run's folder as it was after some checkpoint, with nothing that came later."""
    shutil.copytree(whole, to)
    for later in checkpoints_in(to)[number + 1 :]:
        later.unlink()
    for name in ("model.safetensors", "history.parquet", "status.json"):
        (to / name).unlink()
    return to


@pytest.mark.cases(11)
@every_engine
@pytest.mark.parametrize("name", WORKS)
def test_a_run_from_each_of_its_checkpoints(engine, name, tmp_path, monkeypatch):
    expected = go(WORKS[name], engine)
    eager(monkeypatch, updates=7)
    run = go(WORKS[name], engine, run_dir=tmp_path / "run", checkpoint_every=0)
    assert_same(run, expected)
    count = len(checkpoints_in(tmp_path / "run"))
    assert count >= 3
    for i in sorted({0, 1, count // 2, count - 2, count - 1}):
        folder = cut_after(tmp_path / "run", i, tmp_path / str(i))
        eager(monkeypatch, updates=(1000, 4)[i % 2])
        assert_same(rb.resume(folder), expected)
        assert_same(rb.load_run(folder), expected)


@every_engine
@pytest.mark.parametrize("name", POPULATIONS)
def test_a_population_from_its_checkpoints(engine, name, tmp_path, monkeypatch):
    expected = go(POPULATIONS[name], engine, SEEDS)
    if name.endswith("diverge"):
        assert 1 < len({run.stopped for run in expected}) <= len(SEEDS)
        assert {run.diverged for run in expected} == {True, False}
    eager(monkeypatch, updates=11)
    runs = go(POPULATIONS[name], engine, SEEDS, run_dir=tmp_path / "run", checkpoint_every=0)
    assert_same(runs, expected)
    count = len(checkpoints_in(tmp_path / "run"))
    for i in sorted({0, count // 3, count - 2}):
        folder = cut_after(tmp_path / "run", i, tmp_path / str(i))
        eager(monkeypatch, updates=(1000, 6)[i % 2])
        assert_same(rb.resume(folder), expected)
        assert_same(rb.load_run(folder), expected)


@every_engine
@pytest.mark.parametrize("name", WORKS)
def test_more_epochs_than_first_asked(engine, name, tmp_path):
    work = WORKS[name]
    more = work["epochs"] + 6
    go(work, engine, run_dir=tmp_path / "run")
    assert_same(rb.resume(tmp_path / "run", epochs=more), go(work, engine, epochs=more))
    assert_same(rb.load_run(tmp_path / "run"), go(work, engine, epochs=more))


@every_engine
@pytest.mark.parametrize("name", POPULATIONS)
def test_a_population_with_more_epochs(engine, name, tmp_path):
    work = POPULATIONS[name]
    more = work["epochs"] + 5
    go(work, engine, SEEDS, run_dir=tmp_path / "run")
    assert_same(rb.resume(tmp_path / "run", epochs=more), go(work, engine, SEEDS, epochs=more))


@every_engine
def test_how_the_clock_divides_a_run_changes_no_bit(engine, monkeypatch):
    # A loss that overflows long before the weights do is found after the same update.
    works = (WORKS["diverges"], 3), (POPULATIONS["lanes, some diverge"], SEEDS)
    for work, seeds in works:
        expected = go(work, engine, seeds)
        for updates in (1, 13, 50):
            with monkeypatch.context() as patched:
                eager(patched, updates)
                assert_same(go(work, engine, seeds), expected)


def test_a_run_that_has_ended_is_returned_as_it_is(tmp_path, monkeypatch):
    run = go(WORKS["early stopping"], "reference", run_dir=tmp_path)
    before = {one.name: one.read_bytes() for one in checkpoints_in(tmp_path)}

    def none(*_):
        raise AssertionError("it trains")

    monkeypatch.setattr(type(run._plan.engine), "run_many", lambda self, *_: [None])
    monkeypatch.setattr(RunInProgress, "advance", none)
    again = rb.resume(tmp_path)
    assert_same(again, run)
    assert list(again.history) == list(run.history) or np.isnan(run.history["test_loss"]).any()
    assert {one.name for one in checkpoints_in(tmp_path)} == set(before)


def test_the_memory_of_callbacks_goes_on(tmp_path, monkeypatch):
    eager(monkeypatch, updates=9)
    log = tmp_path / "log-{seed}.csv"
    expected, whole = rb.Snapshots(), rb.CSVLog(tmp_path / "whole.csv")
    go(WORKS["one by one"], "reference", callbacks=[expected, whole])
    go(
        WORKS["one by one"],
        "reference",
        run_dir=tmp_path / "run",
        callbacks=[rb.Snapshots(), rb.CSVLog(log)],
        checkpoint_every=0,
    )
    folder = cut_after(tmp_path / "run", 5, tmp_path / "cut")
    path = rb.Snapshots()
    rb.resume(folder, callbacks=[path, rb.CSVLog(log)])
    assert path.params.keys() == expected.params.keys() == {3}
    for epoch, params in expected.params[3].items():
        for name, value in params.items():
            np.testing.assert_array_equal(path.params[3][epoch][name], value, strict=True)
    columns = [
        [line.split(",")[:3] + line.split(",")[4:] for line in one.read_text().splitlines()]
        for one in (tmp_path / "log-3.csv", tmp_path / "whole.csv")
    ]
    assert columns[0] == columns[1]
    assert len(columns[0]) == 7


def test_early_stopping_is_made_again_with_its_settings(tmp_path):
    go(WORKS["early stopping"], "reference", run_dir=tmp_path)
    (settings,) = RunFolder(tmp_path).read_config().callbacks
    assert settings.model_dump() == {
        "name": "EarlyStopping",
        "known": True,
        "settings": {"monitor": "test_loss", "patience": 2, "min_delta": 0.0},
    }


class Counts(rb.Callback):
    """A callback of the user's own, which remembers arrays of every shape."""

    def __init__(self):
        self.memory = {}

    def on_start(self, training):
        self.memory = {"rows": 0, "none": None, "scalar": np.array(1.5), "sum": np.zeros((2, 0))}
        self.memory["swapped"] = np.arange(3, dtype=">f8")

    def on_evaluation(self, training):
        self.memory["rows"] += 1
        self.memory["scalar"] = np.array(self.memory["scalar"] + 1)

    def state(self, training):
        return dict(self.memory)

    def restore(self, training, state):
        self.memory = state


def test_a_callback_of_ones_own_is_passed_again(tmp_path, monkeypatch):
    eager(monkeypatch, updates=3)
    expected = Counts()
    go(small(NET), "reference", callbacks=[expected])
    go(small(NET), "reference", callbacks=[Counts()], run_dir=tmp_path / "run", checkpoint_every=0)
    folder = cut_after(tmp_path / "run", 4, tmp_path / "cut")
    with pytest.raises(ConfigurationError, match="callback Counts, which its folder cannot make"):
        rb.resume(folder)
    counts = Counts()
    rb.resume(folder, callbacks=[counts])
    assert counts.memory["rows"] == expected.memory["rows"] == 6
    assert counts.memory["none"] is None
    for name in ("scalar", "sum", "swapped"):
        np.testing.assert_array_equal(counts.memory[name], expected.memory[name])
        assert counts.memory[name].shape == expected.memory[name].shape
    rb.resume(tmp_path / "run", callbacks=[])


def test_a_memory_that_a_checkpoint_cannot_hold(tmp_path):
    class Odd(rb.Callback):
        def state(self, training):
            return {"seen": {1, 2}}

    with pytest.raises(ConfigurationError, match=r"what a callback remembers \(Odd\)"):
        go(small(NET), "reference", callbacks=[Odd()], run_dir=tmp_path)


def test_a_memory_that_does_not_fit(tmp_path, monkeypatch):
    go(small(NET), "reference", callbacks=stopping(), run_dir=tmp_path)
    monkeypatch.setattr(callbacks.EarlyStopping, "restore", lambda *_: {}["score"])
    with pytest.raises(FileError, match="the checkpoint's state of EarlyStopping does not fit"):
        rb.resume(tmp_path)


def test_fewer_epochs_are_refused(tmp_path):
    go(small(NET), "reference", run_dir=tmp_path)
    with pytest.raises(ConfigurationError, match="has 5 epochs, and epochs=4 is fewer; a fork can"):
        rb.resume(tmp_path, epochs=4)
    assert_same(rb.resume(tmp_path, epochs=5), go(small(NET), "reference"))


def test_a_folder_without_a_run(tmp_path):
    for read in (rb.resume, rb.load_run):
        with pytest.raises(FileError, match=r"there is no run in .*: it has no config\.toml"):
            read(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_what_has_changed_since_is_said(tmp_path, monkeypatch):
    go(small(NET), "reference", run_dir=tmp_path)
    made = config.made_now()
    changed = {**made, "versions": {**made["versions"], "numpy": "9.9"}, "processor": "abacus"}
    monkeypatch.setattr(config, "made_now", lambda: changed)
    with pytest.warns(UserWarning, match=r"numpy was .* and is 9\.9; the processor was") as warned:
        rb.resume(tmp_path)
    assert len(warned) == 1


def test_a_run_begun_before_the_lock_was_had_keeps_the_later_epochs(tmp_path, monkeypatch):
    # Another process gave the run more epochs after this one had read its settings.
    go(small(NET), "reference", run_dir=tmp_path)
    locked = RunFolder.locked

    def meanwhile(self):
        monkeypatch.setattr(RunFolder, "locked", locked)
        rb.resume(tmp_path, epochs=9)
        return locked(self)

    monkeypatch.setattr(RunFolder, "locked", meanwhile)
    assert len(rb.resume(tmp_path).history) == 10


def test_a_run_that_is_not_over_is_read_as_far_as_it_is(tmp_path, monkeypatch):
    eager(monkeypatch, updates=4)
    go(small(NET), "reference", run_dir=tmp_path / "run", checkpoint_every=0)
    folder = cut_after(tmp_path / "run", 6, tmp_path / "cut")
    update = int(checkpoints_in(folder)[-1].stem)
    before = {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}
    run = rb.load_run(folder)
    assert run._trajectory.last.update == update
    shorter = go(small(NET), "reference", epochs=update // 5)
    assert len(run.history) == len(shorter.history)
    for name, value in shorter.params.items():
        np.testing.assert_array_equal(run.params[name], value, strict=True)
    assert {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()} == before


@every_engine
@drawn_by(max_examples=12)
@given(
    batch_size=st.integers(1, 12),
    epochs=st.integers(1, 6),
    eval_every=st.integers(1, 4),
    optimizer=st.sampled_from([SGD(0.1), SGD(0.3, momentum=0.8), Adam(0.05)]),
    hidden=st.integers(1, 5),
    shuffle=st.booleans(),
    members=st.sampled_from([1, 3, 9]),
    updates=st.integers(1, 20),
    which=st.floats(0, 1),
    more=st.integers(0, 3),
)
def test_any_settings_and_any_cut(
    engine,
    tmp_path_factory,
    batch_size,
    epochs,
    eval_every,
    optimizer,
    hidden,
    shuffle,
    members,
    updates,
    which,
    more,
):
    work = small(
        rb.MLP(3, [hidden], 2),
        train=drawn(n=12),
        batch_size=batch_size,
        epochs=epochs,
        eval_every=eval_every,
        optimizer=optimizer,
        shuffle=shuffle,
    )
    place: Path = tmp_path_factory.mktemp("runs")
    seeds = 4 if members == 1 else range(members)
    with pytest.MonkeyPatch.context() as patch:
        eager(patch, updates)
        go(work, engine, seeds, run_dir=place / "run", checkpoint_every=0)
        count = len(checkpoints_in(place / "run"))
        folder = cut_after(place / "run", int(which * (count - 1)), place / "cut")
        found = rb.resume(folder, epochs=epochs + more)
    assert_same(found, go(work, engine, seeds, epochs=epochs + more))
