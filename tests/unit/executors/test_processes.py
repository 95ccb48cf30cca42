"""Processes of this machine: what is under way when nobody waits for it any more."""

import os
import time
from contextlib import closing

import pytest

from rosenblatt.errors import ConfigurationError
from rosenblatt.executors.flight import Flight
from rosenblatt.executors.processes import Processes


@pytest.mark.slow
def test_what_is_under_way_ends_with_its_generator(tmp_path, monkeypatch):
    monkeypatch.setattr("joblib.cpu_count", lambda: 2)

    def work(name):
        if name == "long":
            (tmp_path / "began").touch()
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                time.sleep(0.05)
            (tmp_path / "ended").touch()
        return os.getpid()

    def begun():
        yield "long"
        while not (tmp_path / "began").exists():
            yield "short"

    with closing(Processes().run(work, begun())) as ended:
        place, worker = next(ended)
        assert place > 0
        assert worker != os.getpid()
        for _ in ended:
            if (tmp_path / "began").exists():
                break
    assert not (tmp_path / "ended").exists()


@pytest.mark.parametrize("jobs", [0, -2, 1.5, "2"])
def test_a_number_of_processes_that_cannot_be_is_refused(jobs):
    with pytest.raises(ConfigurationError, match="jobs, if not -1 for one per core,"):
        Processes(jobs)


class Done:
    """A future that ends as soon as it is told whom to call."""

    def __init__(self, item):
        self.item = item

    def add_done_callback(self, call):
        call(self)


def test_an_item_that_was_lost_twice_is_under_way_alone():
    flight = Flight("abcd", Done)
    flight.fill(4)
    for _ in range(4):
        place, item, _ = flight.next(lambda: None)
        assert flight.repeat(place, item) == 1
    flight.fill(4)
    assert len(flight.under_way) == 4
    for _ in range(4):
        place, item, _ = flight.next(lambda: None)
        assert flight.repeat(place, item) == 2
    for item in "abcd":
        flight.fill(4)
        assert list(flight.under_way.values()) == [("abcd".index(item), item)]
        flight.next(lambda: None)
    flight.fill(4)
    assert not flight.under_way


def test_a_flight_calls_tick_while_nothing_ends_and_what_it_raises_ends_the_wait():
    class Never(Done):
        def add_done_callback(self, call):
            pass

    def tick():
        raise InterruptedError

    flight = Flight(["a"], Never)
    flight.fill(2)
    with pytest.raises(InterruptedError):
        flight.next(tick)
