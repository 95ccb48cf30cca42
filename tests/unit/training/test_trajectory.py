"""Every moment of a run can be visited again, and is what it was."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.engines import ENGINES
from rosenblatt.errors import ConfigurationError
from runs import (
    NET,
    POPULATIONS,
    SEEDS,
    WORKS,
    assert_same,
    bits,
    checkpoints_in,
    drawn,
    eager,
    go,
    small,
)

every_engine = pytest.mark.parametrize("engine", ["reference", "compiled"])
SOME = [
    "one by one",
    "adam, cosine, dropout",
    "warm-up",
    "wide",
    "perceptron, online",
    "perceptron, averaged",
    "perceptron, mini-batch",
]


def snapshots(work, engine, seeds=3):
    """Return a run and its weights after each epoch, as a callback saw them."""
    path = rb.Snapshots()
    return go(work, engine, seeds, eval_every=1, callbacks=[path]), path.params


@every_engine
@pytest.mark.parametrize("name", SOME)
def test_every_epoch_is_what_was_seen(engine, name, tmp_path, monkeypatch):
    _, seen = snapshots(WORKS[name], engine)
    eager(monkeypatch, updates=9)
    run = go(WORKS[name], engine, run_dir=tmp_path, checkpoint_every=0)
    for source in (run, rb.load_run(tmp_path), pickle.loads(pickle.dumps(run))):
        for epoch, params in seen[3].items():
            moment = source.at(epoch)
            assert (moment.epoch, moment.batch) == (epoch, 0)
            assert bits(moment.params) == bits(params)


@every_engine
@pytest.mark.parametrize("name", SOME)
def test_every_update_is_on_the_way(engine, name, tmp_path, monkeypatch):
    run = go(WORKS[name], engine, epochs=2)
    eager(monkeypatch, updates=9)
    go(WORKS[name], engine, epochs=2, run_dir=tmp_path, checkpoint_every=0)
    loaded, job = rb.load_run(tmp_path), run._trajectory.job
    # By an engine of its own, from the first update on and in the order of the updates.
    other = ENGINES[engine]()
    state = other.start(job, job.model.init(3))
    for update in range(run._trajectory.last.update + 1):
        for source in (run, loaded):
            moment = source.at(update=update)
            assert moment.update == update
            assert bits(moment.state.params) == bits(state.params)
            assert {k: bits(v) for k, v in moment.state.slots.items()} == {
                k: bits(v) for k, v in state.slots.items()
            }
        epoch, batch = divmod(update, job.updates_per_epoch)
        state, _ = other.run(job, state, range(epoch + 1, epoch + 2), range(batch, batch + 1))


@every_engine
@pytest.mark.parametrize("name", ["lanes", "lanes, stop one after the other", "perceptrons"])
def test_members_of_a_population(engine, name, tmp_path):
    _, seen = snapshots(POPULATIONS[name], engine, SEEDS)
    runs = go(POPULATIONS[name], engine, SEEDS, run_dir=tmp_path)
    for source in (runs, rb.load_run(tmp_path)):
        for run in source:
            last = run._trajectory.last.epoch
            for epoch in (0, 1, last - 1, last):
                assert bits(run.at(epoch).params) == bits(seen[run.seed][epoch])


def test_a_moment_predicts_with_its_weights():
    run, data = go(WORKS["one by one"], "reference"), drawn(seed=5)
    moment, shorter = run.at(2), go(WORKS["one by one"], "reference", epochs=2)
    assert moment.evaluate(data) == shorter.evaluate(data)
    np.testing.assert_array_equal(moment.predict(data.X), shorter.predict(data.X))
    np.testing.assert_array_equal(moment.predict_proba(data.X), shorter.predict_proba(data.X))
    np.testing.assert_array_equal(moment.outputs(data.X), shorter.outputs(data.X))
    assert dict(moment).keys() == dict(shorter.params).keys()
    assert len(moment) == 4
    assert repr(moment) == "RunAt(epoch=2, update=46)"


@every_engine
def test_scrub_both_ways(engine):
    run, seen = snapshots(WORKS["adam, cosine, dropout"], engine)
    epochs = run.steps()
    assert len(epochs) == 6
    for moments in (list(epochs), list(reversed(epochs))[::-1], epochs[:], epochs[::-1][::-1]):
        assert [moment.epoch for moment in moments] == list(range(6))
        for moment in moments:
            assert bits(moment.params) == bits(seen[3][moment.epoch])
    assert [moment.epoch for moment in epochs[-2:]] == [4, 5]
    assert epochs[-1].epoch == 5
    updates = run.steps("update")
    assert len(updates) == 31
    forwards = [bits(moment.params) for moment in updates]
    assert [bits(moment.params) for moment in reversed(updates)] == forwards[::-1]
    rng = np.random.default_rng(0)
    for update in rng.integers(0, 31, 20).tolist():
        assert updates[update].update == update
        assert bits(updates[update].params) == forwards[update]
        assert bits(run.at(update=update).params) == forwards[update]
    with pytest.raises(IndexError):
        updates[31]
    with pytest.raises(ConfigurationError, match='by must be "epoch" or "update"'):
        run.steps("day")


def test_scrubbing_back_is_not_training_again_from_the_start(monkeypatch):
    run = go(small(NET, epochs=400), "reference")
    visited = []
    engine = type(run._trajectory.engine)
    train = engine.run
    monkeypatch.setattr(engine, "run", lambda self, *args: visited.append(1) or train(self, *args))
    updates = run.steps("update")
    for moment in reversed(updates[1500:1900]):
        assert moment.update >= 1500
    assert len(visited) < 400 * 8


def test_scrub_of_a_branch_that_begins_within_an_epoch():
    run = go(WORKS["adam, cosine, dropout"], "reference")
    branch = run.fork(update=8)
    assert [moment.epoch for moment in branch.steps()] == [2, 3, 4, 5]
    assert [moment.update for moment in branch.steps("update")][:2] == [8, 9]
    assert_same(branch, run)


def test_where_a_run_never_was(tmp_path):
    run = go(small(NET), "reference")
    for act, message in (
        (lambda: run.at(6), "the run has epochs 0 to 5, and epoch 6"),
        (lambda: run.at(update=26), "the run has updates 0 to 25, and update 26"),
        (lambda: run.at(-1), "epoch"),
        (lambda: run.at(1.5), "epoch"),
        (lambda: run.at(), "give an epoch or an update"),
        (lambda: run.at(1, update=5), "give an epoch or an update"),
        (lambda: run.fork(epoch=1).at(0), "the run has epochs 1 to 5, and epoch 0"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            act()
    rb.save_model(tmp_path / "m", run)
    with pytest.raises(ConfigurationError, match="was not made by"):
        replace(run, _trajectory=None).at(1)


@every_engine
def test_a_run_that_diverged_up_to_there(engine, tmp_path):
    run = go(WORKS["diverges"], engine, run_dir=tmp_path)
    last = run._trajectory.last.update
    assert f"after update {last}," in run.stopped
    for source in (run, rb.load_run(tmp_path)):
        moments = source.steps("update")
        assert len(moments) == last + 1
        assert moments[-1].update == last
        assert bits(moments[4].params) == bits(run.at(update=4).params)
        assert source.steps()[-1].epoch == source._trajectory.last.epoch
        with pytest.raises(ConfigurationError, match="was asked for"):
            source.at(update=last + 1)


def test_places_are_given_up_where_they_take_much_memory(monkeypatch):
    from rosenblatt.training import in_progress

    monkeypatch.setattr(in_progress, "SECONDS_APART", 0.0)
    monkeypatch.setattr(in_progress, "MOST_BYTES", 20 * 22 * 8)
    eager(monkeypatch, updates=1)
    run = go(small(NET, epochs=20), "reference")
    assert 3 <= len(run._trajectory.saved) <= 21
    assert run._trajectory.saved[0].update == 0
    assert bits(run.at(update=77).params) == bits(run.fork(update=60).at(update=77).params)


def test_checkpoints_are_given_up_where_they_take_much_room(tmp_path, monkeypatch):
    from rosenblatt.training.storage import folder

    monkeypatch.setattr(folder, "MOST_BYTES", 50_000)
    eager(monkeypatch, updates=1)
    run = go(small(NET, epochs=20), "reference", run_dir=tmp_path, checkpoint_every=0)
    files = checkpoints_in(tmp_path)
    assert (int(files[0].stem), int(files[-1].stem)) == (0, 100)
    assert 3 <= len(files) <= 50_000 // files[-1].stat().st_size + 1
    loaded = rb.load_run(tmp_path)
    assert bits(loaded.at(update=33).params) == bits(run.at(update=33).params)
    assert_same(rb.resume(tmp_path), run)


def test_a_run_that_logged_can_be_pickled(tmp_path):
    run = go(WORKS["one by one"], "reference", callbacks=[rb.CSVLog(tmp_path / "log.csv")])
    again = pickle.loads(pickle.dumps(run))
    assert bits(again.at(2).params) == bits(run.at(2).params)
    assert_same(again.fork(epoch=2), run)
