"""Ctrl-C in a fit: answered soon, and what was trained is kept, as by scikit-learn."""

import os
import signal
import warnings

import numpy as np
import pytest
import sklearn.neural_network
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer

from rosenblatt import estimators
from rosenblatt.engines import ENGINES, ReferenceEngine, expected_seconds
from rosenblatt.estimators import stochastic

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
HOW = {"hidden_layer_sizes": (6,), "batch_size": 12, "random_state": 0, "max_iter": 9}
PER_EPOCH = 10
UPDATES_AT_ONCE = 3


@pytest.fixture
def asked(monkeypatch):
    """The updates that each call asked of an engine, where three are expected to take long."""
    counts = []
    monkeypatch.setattr(
        stochastic, "expected_seconds", lambda engine, job, epochs: epochs * job.updates_per_epoch
    )
    monkeypatch.setattr(stochastic, "SECONDS_AT_ONCE", UPDATES_AT_ONCE)
    for engine in map(class_of, ENGINES):

        def run_many(self, jobs, states, epochs, batches=None, train=engine.run_many):
            whole = len(epochs) * jobs[0].updates_per_epoch
            counts.append(whole if batches is None else len(batches))
            return train(self, jobs, states, epochs, batches)

        monkeypatch.setattr(engine, "run_many", run_many)
    return counts


def class_of(engine):
    return type(ENGINES[engine]())


def interrupt_after(calls, owner, name, monkeypatch):
    """Let Ctrl-C be pressed in the call after so many of a method."""
    method, done = getattr(owner, name), []

    def counted(*arguments, **more):
        if len(done) == calls:
            raise KeyboardInterrupt
        done.append(None)
        return method(*arguments, **more)

    monkeypatch.setattr(owner, name, counted)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_fit_in_parts_is_the_fit_at_once(engine, moons, asked, monkeypatch):
    fitted = estimators.MLPClassifier(**HOW, engine=engine).fit(*moons)
    assert asked == [3, 3, 3, 1] * 9
    del asked[:]
    monkeypatch.setattr(stochastic, "SECONDS_AT_ONCE", 10**6)
    at_once = estimators.MLPClassifier(**HOW, engine=engine).fit(*moons)
    assert asked == [90]
    for part, whole in zip(fitted.coefs_, at_once.coefs_, strict=True):
        np.testing.assert_array_equal(part, whole)
    # Sums of the same losses, in another order.
    np.testing.assert_allclose(fitted.loss_curve_, at_once.loss_curve_, rtol=1e-14)


@pytest.mark.parametrize(
    ("kind", "method"),
    [("MLPClassifier", "fit"), ("MLPRegressor", "fit"), ("MLPClassifier", "partial_fit")],
)
@pytest.mark.parametrize("parts", [0, 2, 4, 11])
def test_what_was_trained_before_is_kept(kind, method, parts, moons, asked, monkeypatch):
    X, y = moons
    more = {"classes": [0, 1]} if method == "partial_fit" else {}
    updates = PER_EPOCH * (parts // 4) + UPDATES_AT_ONCE * (parts % 4)
    ours = getattr(estimators, kind)(**HOW, engine="reference")
    theirs = getattr(sklearn.neural_network, kind)(**HOW)
    interrupt_after(parts, ReferenceEngine, "run_many", monkeypatch)
    interrupt_after(updates, AdamOptimizer, "update_params", monkeypatch)
    for fit in (ours, theirs):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for _ in range(1 if method == "fit" else parts // 4 + 1):
                getattr(fit, method)(X, y, **more)
        assert [str(one.message) for one in caught] == ["Training interrupted by user."]
    assert (ours.n_iter_, ours.t_) == (theirs.n_iter_, theirs.t_)
    assert len(ours.loss_curve_) == parts // 4
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-12)
    for a, b in zip(ours.coefs_, theirs.coefs_, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("width", [512, 20])
def test_no_call_of_an_engine_is_expected_to_take_long(engine, width, monkeypatch):
    calls = []

    def run_many(self, jobs, states, epochs, batches=None):
        share = 1.0 if batches is None else len(batches) / jobs[0].updates_per_epoch
        calls.append((share * expected_seconds(self, jobs[0], len(epochs)), batches))
        if len(calls) == 12:
            raise KeyboardInterrupt
        return [(state, stochastic.EpochStats(0, None, (0.5,), (0.0,))) for state in states]

    monkeypatch.setattr(class_of(engine), "run_many", run_many)
    X = np.random.default_rng(0).normal(size=(4000, 784))
    fit = estimators.MLPClassifier((width, width), random_state=0, engine=engine)
    with pytest.warns(UserWarning, match="interrupted"):
        fit.fit(X, X[:, 0] > 0)
    # Or one batch, the smallest part.
    assert all(seconds <= 0.1 or len(batches) == 1 for seconds, batches in calls)
    assert max(seconds for seconds, _ in calls) < 0.4


def test_the_signal_itself(monkeypatch):
    train = ReferenceEngine.run_many

    def run_many(self, jobs, states, epochs, batches=None):
        if jobs[0].updates_per_epoch * 2 <= states[0].update:
            os.kill(os.getpid(), signal.SIGINT)
        return train(self, jobs, states, epochs, batches)

    monkeypatch.setattr(ReferenceEngine, "run_many", run_many)
    monkeypatch.setattr(stochastic, "SECONDS_AT_ONCE", 1e-9)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    X = np.random.default_rng(0).normal(size=(90, 3))
    try:
        with pytest.warns(UserWarning, match="interrupted"):
            fitted = estimators.MLPClassifier((4,), batch_size=30, engine="reference").fit(
                X, X[:, 0] > 0
            )
    finally:
        signal.signal(signal.SIGINT, before)
    assert fitted.n_iter_ == len(fitted.loss_curve_) == 2
    assert fitted.predict(X).shape == (90,)
