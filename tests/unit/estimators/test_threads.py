"""Fits in several processes or threads at once: each keeps to its share, and none changes a bit."""

import os

import numpy as np
import pytest
from joblib import Parallel, delayed, parallel_config
from sklearn.model_selection import GridSearchCV

from rosenblatt import cores
from rosenblatt.estimators import MLPClassifier
from sharing import HOW, X, Y, blas_threads, fit_and_look

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
GRID = {"alpha": [1e-4, 1.0], "early_stopping": [False, True]}


def search():
    return GridSearchCV(MLPClassifier(**HOW), GRID, cv=2).fit(X, Y)


@pytest.fixture(scope="module")
def serial():
    return search()


def assert_equal_searches(one, other):
    for name in ("mean_test_score", "split0_test_score", "split1_test_score"):
        np.testing.assert_array_equal(one.cv_results_[name], other.cv_results_[name])
    best, expected = one.best_estimator_, other.best_estimator_
    for a, b in zip(
        best.coefs_ + best.intercepts_, expected.coefs_ + expected.intercepts_, strict=True
    ):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2])
def test_a_process_of_joblib_keeps_to_its_share(threads):
    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    # Here first: two processes that find no compiled code would both compile it.
    expected = fit_and_look()[3]
    with parallel_config("loky", n_jobs=2, inner_max_num_threads=threads):
        found = Parallel()(delayed(fit_and_look)() for _ in range(2))
    for helpers, blas, available, weights in found:
        assert available == min(threads, n_cores)
        assert helpers <= threads - 1
        assert max(blas) <= threads
        # Training keeps BLAS to one thread. Predictions do not, and may be rounded differently.
        for value, same in zip(weights, expected, strict=True):
            np.testing.assert_array_equal(value, same)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_a_search_in_parallel_finds_the_same_to_the_last_bit(backend, serial):
    before = blas_threads()
    with parallel_config(backend, n_jobs=2):
        assert_equal_searches(search(), serial)
    assert blas_threads() == before


def test_fits_in_threads_start_no_helpers_where_the_cores_are_taken(monkeypatch):
    monkeypatch.setattr(cores, "available", lambda: 2)
    assert fit_and_look()[0] == 1
    with Parallel(2, backend="threading") as workers, cores.at_work():
        # This thread works, too: there is a core for the fit, and none beside it.
        helped, *_ = workers(delayed(fit_and_look)() for _ in range(1))[0]
    assert helped == 0
