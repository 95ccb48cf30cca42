"""Limits of time on a student's code."""

import os
import signal
import time

import numpy as np
import pytest

from rosenblatt.check.limits import sandbox
from rosenblatt.check.limits.sandbox import FailedError, OutOfTimeError, at_most, attempt, text_of

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="this system has no timers"
)


def compute(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_a_limit_goes_on_after_one_within_it():
    def outer():
        with at_most(0.2):
            assert text_of(ValueError("short")) == "short"
            compute(20)

    with pytest.raises(OutOfTimeError):
        outer()


def test_a_limit_within_another_ends_with_it():
    def inner():
        attempt(compute, 20, seconds=10)

    # The outer limit strikes again where the inner call has caught it.
    began = time.process_time()
    with pytest.raises(FailedError):
        attempt(inner, seconds=0.2)
    assert time.process_time() - began < 5


def test_nothing_is_left_of_a_limit():
    before = signal.getsignal(signal.SIGVTALRM), signal.getsignal(signal.SIGALRM)
    with at_most(5):
        pass
    assert (
        signal.getitimer(signal.ITIMER_VIRTUAL)[0] == signal.getitimer(signal.ITIMER_REAL)[0] == 0
    )
    assert (signal.getsignal(signal.SIGVTALRM), signal.getsignal(signal.SIGALRM)) == before


def test_code_that_sleeps_is_ended_by_the_clock(monkeypatch):
    monkeypatch.setattr(sandbox, "_WATCHED", 0.1)
    began = time.monotonic()
    with pytest.raises(FailedError, match="OutOfTimeError"):
        attempt(time.sleep, 60, seconds=0.1)
    assert time.monotonic() - began < 30


def test_code_that_waits_for_its_turn_is_not(monkeypatch):
    """The clock of a busy machine runs fifty times as fast as the code."""
    monkeypatch.setattr(sandbox, "_WATCHED", 0.0)
    monkeypatch.setattr(sandbox, "_AWAKE", 0.0)
    with at_most(0.05):
        time.sleep(0.5)
        began = os.times().user
        with pytest.raises(OutOfTimeError):
            compute(20)
    assert os.times().user - began < 5


def test_errors_of_the_check_are_told_from_those_of_the_code(tmp_path):
    path = tmp_path / "mine.py"
    names = {"np": np}
    exec(compile("def mine(x):\n    return np.linalg.inv(x)\n", str(path), "exec"), names)
    for call, argument in ((names["mine"], np.zeros((2, 2))), (lambda x: x.lost, 0)):
        with pytest.raises(FailedError) as failed:
            attempt(call, argument)
        assert failed.value.own_error() == ""
    with pytest.raises(FailedError) as failed:
        attempt(text_of, "too", "many")
    assert failed.value.own_error().startswith("TypeError in sandbox.py, line ")


def test_running_out_of_time_in_the_check_is_no_error(monkeypatch):
    monkeypatch.setattr(sandbox, "_WATCHED", 0.1)
    with pytest.raises(FailedError) as failed:
        attempt(time.sleep, 5, seconds=0.01)
    assert failed.value.own_error() == ""
