"""The accuracy of the best possible rule, as the page shows it."""

import threading

import pytest

from rosenblatt.data import GENERATORS, make
from rosenblatt.studio.bayes import BayesAccuracy, estimate


def test_two_gaussians_have_the_accuracy_of_their_distance():
    # Φ(d / 2), with means d = 2 apart and variance 1: 0.8413.
    data = make("gaussians", means=[[0, 0], [2, 0]], covariances=1.0, n=10)
    assert estimate(dict(data.recipe)) == pytest.approx(0.8413, abs=0.01)


@pytest.mark.cases(2)
@pytest.mark.parametrize("name", GENERATORS)
def test_data_without_a_known_density_has_none_and_no_thread_fails(name, monkeypatch):
    failures = []
    monkeypatch.setattr(threading, "excepthook", failures.append)
    accuracies = BayesAccuracy(lambda: None)
    data = make(name, n=51)
    before = set(threading.enumerate())
    accuracies.of(data)
    for thread in set(threading.enumerate()) - before:
        thread.join()
    assert not failures
    assert (accuracies.of(data) is None) == (name in ("mnist1d", "parity", "modular_addition"))
