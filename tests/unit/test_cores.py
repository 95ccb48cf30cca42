"""How many cores a process works on: its own share, where it was given one."""

import os

import pytest

from rosenblatt import cores


@pytest.fixture
def four_cores(monkeypatch):
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 2, 4, 6}, raising=False)


@pytest.mark.parametrize(
    ("share", "expected"),
    [(None, 4), ("1", 1), ("3", 3), ("4", 4), ("64", 4), ("0", 4), ("", 4), ("-2", 4), ("two", 4)],
)
def test_a_process_keeps_to_its_share_of_the_cores(four_cores, monkeypatch, share, expected):
    if share is not None:
        monkeypatch.setenv("NUMBA_NUM_THREADS", share)
    assert cores.available() == expected


def test_where_the_system_knows_no_affinity_all_cores_count(monkeypatch):
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert cores.available() == 6


def test_the_processor_has_a_name():
    assert cores.processor()
    assert set(cores.instruction_sets()) <= set(cores.INSTRUCTIONS)
