"""Runs under their caller's control, held against runs that were trained at once."""

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.training import LiveTraining, live
from rosenblatt.training.curve_log import CurveLog

DATA = rb.data.moons(60, noise=0.1, seed=1)
TRAIN, TEST = DATA.split(seed=2)
MODEL = rb.MLP(2, [5], 2, activation="tanh", dropout=0.1)
SETTINGS = {
    "test": TEST,
    "batch_size": 7,
    "optimizer": rb.SGD(0.1, momentum=0.9),
    "engine": "compiled",
}


def begin(**changes):
    return LiveTraining(MODEL, TRAIN, seeds=[3], **{**SETTINGS, **changes})


def trained(epochs, seed=3, **changes):
    return rb.train(MODEL, TRAIN, seed=seed, epochs=epochs, **{**SETTINGS, **changes})


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value)


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_any_division_has_the_bits_of_a_run_at_once(engine):
    training = begin(engine=engine)
    for updates in (1, 5, 8, 0, 30, 7):
        training.train(updates)
    training.train_for(0.02)
    training.train(2)
    assert training.update >= 53
    run = trained(-(-training.update // 7), engine=engine)
    for update in (0, 1, 6, 7, 8, 52, training.update):
        assert_same(training.at(update=update), run.at(update=update))


def test_the_run_so_far_is_a_run():
    training = begin()
    training.train(7 * 5)
    run, expected = training.run(), trained(5)
    assert_same(run.params, expected.params)
    for name in ("epoch", "updates", "train_loss", "test_accuracy"):
        np.testing.assert_array_equal(run.history[name], expected.history[name])
    assert run.settings == expected.settings
    assert_same(run.fork(epoch=2, epochs=9).params, trained(9).params)
    # It does not change when training goes on.
    training.train(20)
    assert_same(run.params, expected.params)
    assert len(run.history) == 6


def test_within_an_epoch_the_run_has_the_present_weights():
    training = begin()
    training.train(11)
    run = training.run()
    assert_same(run.params, trained(2).at(update=11))
    assert run.history[-1]["epoch"] == 1
    assert_same(run.at(update=11), run.params)


def test_branches():
    training = begin()
    training.train(30)
    run = trained(10)
    branch = training.fork(update=20, learning_rate=0.02)
    assert (branch.first_update, branch.update) == (20, 20)
    branch.train(25)
    expected = run.fork(update=20, learning_rate=0.02)
    assert_same(branch.at(update=45), expected.at(update=45))
    assert branch.curve.places[0, 1] == 0
    again = branch.fork(update=33, optimizer=rb.Adam(0.01))
    again.train(9)
    twice = expected.fork(update=33, optimizer=rb.Adam(0.01))
    assert_same(again.at(update=42), twice.at(update=42))
    with pytest.raises(ConfigurationError, match="updates 20 to 45"):
        branch.at(update=19)
    assert training.update == 30


def test_a_run_is_continued():
    run = trained(4)
    training = LiveTraining.of(run)
    training.train(21)
    assert_same(training.at(update=49), trained(7).params)
    assert_same(training.at(update=3), run.at(update=3))
    with pytest.raises(ConfigurationError, match="diverged"):
        LiveTraining.of(trained(50, optimizer=rb.SGD(1e200), loss="softmax_cross_entropy"))


def test_a_run_is_saved_and_resumed(tmp_path):
    training = begin()
    training.train_for(0.3)
    training.train(3)
    training.save(tmp_path / "a")
    loaded = rb.load_run(tmp_path / "a")
    for update in (0, 5, training.update - 1, training.update):
        assert_same(loaded.at(update=update), training.at(update=update))
    with pytest.raises(FileError, match="there is a run"):
        training.save(tmp_path / "a")
    short = begin()
    short.train(24)
    short.save(tmp_path / "b")
    assert_same(rb.resume(tmp_path / "b", epochs=6).params, trained(6).params)
    branch = short.fork(update=10, loss=rb.losses.SoftmaxCrossEntropy())
    branch.train(4)
    branch.save(tmp_path / "c")
    assert_same(rb.load_run(tmp_path / "c").at(update=12), trained(3).at(update=12))


def test_members_are_those_of_train_many():
    seeds = [0, 1, 2, 3, 4]
    together = LiveTraining(MODEL, TRAIN, seeds=seeds, **SETTINGS)
    together.train(12)
    together.train(30)
    runs = rb.train_many(MODEL, TRAIN, seeds=seeds, epochs=6, **SETTINGS)
    for found, expected in zip(together.runs(), runs, strict=True):
        assert_same(found.params, expected.params)
    assert together.curve.values.shape[1:] == (5, 4)
    branch = together.fork(update=9, member=2, learning_rate=0.01)
    branch.train(5)
    assert_same(branch.at(update=14), runs[2].fork(update=9, learning_rate=0.01).at(update=14))


@pytest.mark.parametrize("segments", [[1] * 400, [400], [3, 397]])
def test_a_divergence_is_found_at_its_update(segments):
    data = rb.data.Dataset(DATA.X, DATA.X[:, 0])
    settings = {"batch_size": 7, "optimizer": rb.SGD(3.0), "engine": "compiled"}
    model = rb.MLP(2, [5], 1)
    run = rb.train(model, data, seed=3, epochs=60, **settings)
    training = LiveTraining(model, data, seeds=[3], **settings)
    for updates in segments:
        training.train(updates)
    assert run.diverged
    assert training.stopped == run.stopped
    assert not training.is_running
    assert training.update == run._trajectory.last.update
    assert training.run().diverged


@pytest.mark.slow
def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(live, "MOST_POSITIONS", 20)
    monkeypatch.setattr(live, "MOST_ROWS", 150)
    monkeypatch.setattr(live, "SECONDS_APART", 0.0)
    training = begin()
    for _ in range(2000):
        training.train(7)
        training.evaluate()
    (member,) = training._members
    assert len(member.position_log.positions) <= 21
    assert len(member.rows) <= 257
    assert len(training.curve) <= 256
    assert member.rows[0]["epoch"] == 0
    assert_same(training.at(update=6001), trained(858).at(update=6001))


def test_any_update_is_reached_soon():
    """The slider of the studio waits 0.3 s at most: two such distances, on a slow moment."""
    (member,) = begin()._members
    assert member.position_log.seconds_apart == live.SECONDS_APART <= 0.15
    assert member.position_log.most == live.MOST_POSITIONS


def test_a_curve_keeps_its_first_rows_and_arrays_that_were_returned():
    log = CurveLog(most=200)
    for update in range(1000):
        log.add(update / 10, update, update / 100, np.full((1, 4), update))
        if update == 150:
            early = log.values
    assert len(log) <= 200
    assert log.thinned > 0
    assert log.places[:100, 1].tolist() == list(range(100))
    assert log.places[-1, 1] == 999
    assert (np.diff(log.places[:, 1]) > 0).all()
    assert early[:, 0, 0].tolist() == list(range(151))
    log.add(99.9, 999, 9.99, np.zeros((1, 4)))
    assert log.values[-1].tolist() == [[0, 0, 0, 0]]
    before = log.until(500)
    assert before.places[-1, 1] < 500
    before.add(50, 500, 5, np.zeros((1, 4)))
    assert log.places[-1, 1] == 999


def test_fewer_positions_reach_the_same_updates(monkeypatch):
    monkeypatch.setattr(live, "SECONDS_APART", 0.0)
    training = begin()
    for _ in range(60):
        training.train(3)
    (log,) = [member.position_log for member in training._members]
    assert len(log.positions) > 50
    training.thin(4000)
    assert 2 <= len(log.positions) <= 10
    assert log.positions[0].update == 0
    assert_same(training.at(update=101), trained(15).at(update=101))
    training.train(4)
    assert training.update == 184
