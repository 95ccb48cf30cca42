"""BLAS is given back its threads by whoever goes out last."""

import sys

import numpy as np
import scipy.linalg
from threadpoolctl import ThreadpoolController, threadpool_info, threadpool_limits

import rosenblatt as rb
from rosenblatt.data import Dataset
from rosenblatt.engines import threads
from rosenblatt.engines.threads import blas_alone
from runs import assert_same


def blas_threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_those_who_come_and_go_in_any_order_leave_blas_as_it_was():
    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        assert before == {2}
        one, other = blas_alone(), blas_alone()
        one.__enter__()
        other.__enter__()
        one.__exit__(None, None, None)
        assert blas_threads() == {1}
        other.__exit__(None, None, None)
        assert blas_threads() == before
        with blas_alone():
            assert blas_threads() == {1}
        assert blas_threads() == before


def test_a_library_that_is_loaded_meanwhile_is_limited_by_the_next(monkeypatch):
    everything = ThreadpoolController()
    loaded = {False: everything.select(filepath=[]), True: everything}
    monkeypatch.setattr(threads, "_libraries", loaded.__getitem__)
    with threadpool_limits(2, user_api="blas"):
        monkeypatch.delitem(sys.modules, "scipy.linalg")
        with blas_alone():
            assert blas_threads() == {2}
            monkeypatch.setitem(sys.modules, "scipy.linalg", scipy.linalg)
            with blas_alone():
                assert blas_threads() == {1}
            assert blas_threads() == {1}
        assert blas_threads() == {2}


def test_the_bits_of_the_reference_engine_are_those_of_one_thread():
    # Large enough that BLAS shares the products among its threads.
    rng = np.random.default_rng(0)
    data = Dataset(rng.normal(size=(400, 300)), np.arange(400) % 2)
    runs = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads, user_api="blas"):
            model = rb.MLP(300, [257], 2)
            runs.append(rb.train(model, data, epochs=2, batch_size=133, engine="reference"))
    assert_same(*runs)
