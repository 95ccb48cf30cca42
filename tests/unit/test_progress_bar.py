import pytest

from rosenblatt import progress_bar
from rosenblatt.progress_bar import TimeLeft


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is set."""
    now = [100.0]
    monkeypatch.setattr(progress_bar.time, "monotonic", lambda: now[0])
    return now


def test_the_time_left_counts_down_between_reports(clock):
    left = TimeLeft(total=4.0)
    assert str(left) == "-:--:--"
    clock[0] = 160.0
    left.update(1.0)
    assert str(left) == "0:03:00"
    clock[0] = 190.0
    assert str(left) == "0:02:30"
    left.update(2.0)
    assert str(left) == "0:01:30"


def test_two_reports_at_once_do_not_look_like_speed(clock):
    left = TimeLeft(total=4.0)
    clock[0] = 160.0
    left.update(1.0)
    clock[0] = 160.1
    left.update(2.0)
    assert str(left) == "0:01:00"


def test_late_work_and_long_work(clock):
    left = TimeLeft(total=2.0)
    clock[0] = 100.0 + 3700
    left.update(1.0)
    assert str(left) == "1:01:40"
    clock[0] = 100.0 + 9000
    assert str(left) == "0:00:00"


def test_what_was_done_before_says_nothing_about_the_rest(clock):
    left = TimeLeft(total=10.0)
    clock[0] += 1
    left.skip(8.0)
    left.update(8.0)
    assert str(left) == "-:--:--"
    clock[0] += 30
    left.update(9.0)
    assert str(left) == "0:00:30"
