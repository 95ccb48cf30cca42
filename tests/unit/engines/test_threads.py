"""BLAS is given back its threads by whoever goes out last."""

from threadpoolctl import threadpool_info, threadpool_limits

from rosenblatt.engines.threads import blas_alone


def threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_those_who_come_and_go_in_any_order_leave_blas_as_it_was():
    with threadpool_limits(2, user_api="blas"):
        before = threads()
        assert before == {2}
        one, other = blas_alone(), blas_alone()
        one.__enter__()
        other.__enter__()
        one.__exit__(None, None, None)
        assert threads() == {1}
        other.__exit__(None, None, None)
        assert threads() == before
        with blas_alone():
            assert threads() == {1}
        assert threads() == before
