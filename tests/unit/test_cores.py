"""How many cores a process works on: its own share, where it was given one."""

import os
import threading

import pytest

from rosenblatt import cores


@pytest.fixture
def four_cores(monkeypatch):
    for name in cores.SHARES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 2, 4, 6}, raising=False)
    monkeypatch.setattr(cores, "_quota", lambda: None)


@pytest.mark.parametrize(
    ("share", "expected"),
    [(None, 4), ("1", 1), ("3", 3), ("4", 4), ("64", 4), ("0", 4), ("", 4), ("-2", 4), ("two", 4)],
)
def test_a_process_keeps_to_its_share_of_the_cores(four_cores, monkeypatch, share, expected):
    if share is not None:
        monkeypatch.setenv("ROSENBLATT_NUM_THREADS", share)
    assert cores.available() == expected


def test_where_the_system_knows_no_affinity_all_cores_count(monkeypatch):
    for name in cores.SHARES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    monkeypatch.setattr(cores, "_quota", lambda: None)
    assert cores.available() == 6


def test_a_container_has_no_more_cores_than_its_share_of_the_time(four_cores, monkeypatch):
    monkeypatch.setattr(cores, "_quota", lambda: 3)
    assert cores.available() == 3
    monkeypatch.setattr(cores, "_quota", lambda: 7)
    assert cores.available() == 4
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert cores.available() == 2


def test_the_processor_has_a_name():
    assert cores.processor()
    assert set(cores.instruction_sets()) <= set(cores.INSTRUCTIONS)


def test_the_packages_own_variable_counts_before_that_of_openmp(four_cores, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert cores.available() == 2
    monkeypatch.setenv("ROSENBLATT_NUM_THREADS", "3")
    assert cores.available() == 3


def test_threads_at_work_share_the_cores(monkeypatch):
    monkeypatch.setattr(cores, "available", lambda: 4)
    shares = []

    def work(begun, may_end):
        with cores.at_work(), cores.at_work():
            begun.set()
            may_end.wait(10)

    events, workers = [], []
    assert cores.share() == 4
    for _ in range(5):
        events.append((threading.Event(), threading.Event()))
        workers.append(threading.Thread(target=work, args=events[-1]))
        workers[-1].start()
        events[-1][0].wait(10)
        with cores.at_work():
            shares.append(cores.share())
    assert shares == [2, 1, 1, 1, 1]
    for (_, may_end), worker in zip(events, workers, strict=True):
        may_end.set()
        worker.join()
    assert cores.share() == 4
