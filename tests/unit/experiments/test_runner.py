"""Whatever computes them, however often it is interrupted, experiments have the same results."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import joblib
import pytest

import toy_experiments as toys
from rosenblatt import cores
from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.experiments import runner
from rosenblatt.experiments.base import Task
from rosenblatt.experiments.provenance import here
from rosenblatt.experiments.runner import run_experiments

TESTS = Path(toys.__file__).parent
PROGRAM = """
import signal, sys
# A shell starts what runs in the background deaf to Ctrl-C, and its children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
import joblib
import toy_experiments as toys
from rosenblatt.experiments import catalogue, runner
from rosenblatt.experiments.base import Experiment, Task
traces, marker, cache, jobs = sys.argv[1:]
joblib.cpu_count = lambda: 2
last = Task(("last",), toys.waits_for, {"marker": marker}, cost=0.01)
catalogue.EXPERIMENTS = runner.EXPERIMENTS = toys.one_more(traces, last)
runner.run_experiments(jobs=int(jobs), cache=cache)
"""


def test_tables_are_in_the_order_of_the_tasks_not_of_their_cost(two):
    rows = run_experiments(jobs=1, seeds=2)["A"].tables["all"].to_pylist()
    assert [row["key"] for row in rows] == [
        *(f"('square', {i})" for i in range(8)),
        "('seed', 0)",
        "('seed', 1)",
    ]
    assert [row["i"] for row in rows] == [0, 1, 2, 3, 4, 5, 6, 0, 1000, 1001]
    assert rows[2]["square"] == 4 / 7


@pytest.mark.slow
def test_processes_change_nothing(two, two_cores, traces, tmp_path):
    alone = run_experiments(seeds=2, jobs=1)
    together = run_experiments(seeds=2, jobs=2, cache=tmp_path / "cache")
    kept = run_experiments(seeds=2, jobs=2, cache=tmp_path / "cache")
    assert toys.texts(alone) == toys.texts(together) == toys.texts(kept)
    assert list(alone) == ["A", "B"]
    assert alone["A"].settings == {"a": 1, "seeds": [0, 1]}


def test_order_does_not_hang_on_which_task_ends_first(traces, install, two_cores):
    def tasks(seeds):
        return [
            Task((i,), toys.squares, {"folder": str(traces), "i": i, "seconds": 0.3 / (1 + i)}, 1.0)
            for i in range(4)
        ]

    install({"A": toys.experiment("A", tasks)})
    rows = run_experiments(jobs=2)["A"].tables["all"].to_pylist()
    assert [row["i"] for row in rows] == [0, 1, 2, 3]


def test_what_several_tasks_ask_for_is_computed_once(two, traces):
    run_experiments(seeds=1, jobs=1)
    assert toys.count(traces) == 7 + 7 + 1


def test_a_second_run_computes_nothing_and_knows_what_the_first_took(two, traces, tmp_path):
    first = run_experiments(jobs=1, cache=tmp_path / "cache")
    computed = toys.count(traces)
    second = run_experiments(jobs=1, cache=tmp_path / "cache")
    assert toys.count(traces) == computed
    assert [result.seconds for result in second.values()] == [
        result.seconds for result in first.values()
    ]
    assert toys.texts(first) == toys.texts(second)


def test_more_seeds_or_experiments_compute_only_what_is_new(two, traces, tmp_path):
    run_experiments(["A"], seeds=1, jobs=1, cache=tmp_path / "cache")
    assert toys.count(traces) == 7 + 1
    run_experiments(["A"], seeds=3, jobs=1, cache=tmp_path / "cache")
    assert toys.count(traces) == 7 + 3
    run_experiments(seeds=3, jobs=1, cache=tmp_path / "cache")
    assert toys.count(traces) == 7 + 3 + 7


def test_fresh_computes_everything_and_replaces_it(two, traces, tmp_path):
    run_experiments(jobs=1, seeds=1, cache=tmp_path / "cache")
    fresh = run_experiments(jobs=1, seeds=1, cache=tmp_path / "cache", fresh=True)
    assert toys.count(traces) == 2 * 15
    kept = run_experiments(jobs=1, seeds=1, cache=tmp_path / "cache")
    assert toys.count(traces) == 2 * 15
    assert kept["A"].seconds == fresh["A"].seconds


def test_a_damaged_entry_is_computed_again(two, traces, tmp_path):
    first = run_experiments(jobs=1, seeds=1, cache=tmp_path / "cache")
    entries = sorted((tmp_path / "cache").rglob("*.zip"))
    assert len(entries) == 15
    entries[0].write_bytes(entries[0].read_bytes()[:-100])
    entries[1].write_bytes(entries[2].read_bytes())
    second = run_experiments(jobs=1, seeds=1, cache=tmp_path / "cache")
    assert toys.count(traces) == 15 + 2
    assert toys.texts(first) == toys.texts(second)


def test_what_measures_time_is_computed_alone(traces, install, two_cores):
    install(toys.two_alone(traces))
    rows = run_experiments(jobs=2)["A"].tables["others"].to_pylist()
    assert [row["i"] for row in rows] == list(range(6))
    assert [row["others"] for row in rows if row["i"] in (1, 4)] == [0, 0]
    assert any(row["others"] for row in rows)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_task_that_fails_loses_none_that_had_ended(traces, install, two_cores, tmp_path, jobs):
    how = {"folder": str(traces), "marker": str(tmp_path / "failed")}
    # The cheapest of those that are begun first: six others are begun before it.
    install(toys.one_more(traces, Task(("last",), toys.fails_at_first, how, cost=0.01)))
    with pytest.raises(ZeroDivisionError, match="on purpose") as caught:
        run_experiments(seeds=3, jobs=jobs, cache=tmp_path / "cache")
    assert "in fails_at_first" in caught.value.__notes__[0]
    ended = len(list((tmp_path / "cache").rglob("*.zip")))
    assert ended >= 6
    before = toys.count(traces)
    results = run_experiments(seeds=3, jobs=1, cache=tmp_path / "cache")
    assert toys.count(traces) - before == 7 + 3 + 1 - ended
    assert results["A"].tables["all"].num_rows == 8 + 3 + 1


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_ends_the_run(two, two_cores, tmp_path, monkeypatch):
    def full(path):
        raise FileError(f"cannot write {path}: the disk is full")

    monkeypatch.setattr("rosenblatt.experiments.output_cache.atomic_write", full)
    for jobs in (1, 2):
        with pytest.raises(FileError, match="the disk is full"):
            run_experiments(jobs=jobs, cache=tmp_path / "cache")


@pytest.mark.slow
@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_is_killed_continues_where_it_stopped(traces, install, tmp_path, jobs, kill):
    cache, marker = tmp_path / "cache", tmp_path / "marker"
    words = [str(word) for word in (traces, marker, cache, jobs)]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words],
        env=os.environ | {"PYTHONPATH": str(TESTS)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    # All that are begun before the one that waits; with two processes, the others as well.
    expected = {1: 6, 2: 7 + 3}[jobs]
    deadline = time.monotonic() + 60
    while len(list(cache.rglob("*.zip"))) < expected and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(kill)
    process.wait(timeout=60)
    # Where the first process was killed, the others would idle for some minutes.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode != 0
    assert "Warning" not in process.communicate(timeout=60)[1]
    marker.touch()
    before = toys.count(traces)
    waiting = Task(("last",), toys.waits_for, {"marker": str(marker)}, cost=0.01)
    install(toys.one_more(traces, waiting))
    results = run_experiments(jobs=1, cache=cache)
    assert toys.count(traces) - before == 7 + 3 - expected
    assert results["A"].tables["all"].num_rows == 8 + 3 + 1


@pytest.mark.slow
def test_what_a_killed_process_had_is_computed_by_another(traces, install, two_cores, tmp_path):
    how = {"folder": str(traces), "marker": str(tmp_path / "died")}
    install(toys.one_more(traces, Task(("last",), toys.dies_at_first, how, cost=0.001)))
    results = run_experiments(jobs=2)
    assert (tmp_path / "died").exists()
    assert results["A"].tables["all"].num_rows == 8 + 3 + 1


@pytest.mark.slow
def test_a_task_that_kills_every_process_is_told_and_loses_none_that_had_ended(
    traces, install, two_cores, tmp_path
):
    how = {"folder": str(traces)}
    install(toys.one_more(traces, Task(("last",), toys.dies, how, cost=0.001)))
    with pytest.raises(ConfigurationError, match="a process was killed, 4 times"):
        run_experiments(jobs=2, cache=tmp_path / "cache")
    assert len(list((tmp_path / "cache").rglob("*.zip"))) == 7 + 3


def test_progress_counts_what_is_kept_at_once(two, tmp_path):
    told = []
    run_experiments(jobs=1, seeds=1, on_progress=lambda *now: told.append(now))
    fractions = [fraction for _, fraction in told]
    assert len(told) == 1 + 15
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert fractions[-1] == pytest.approx(1)
    assert {name for name, _ in told} == {"A", "B"}

    run_experiments(["A"], jobs=1, seeds=1, cache=tmp_path)
    told.clear()
    run_experiments(jobs=1, seeds=1, cache=tmp_path, on_progress=lambda *now: told.append(now))
    assert len(told) == 1 + 7
    # A's squares cost as much as B's, and the seed that both have costs 0.2.
    squares = sum(0.1 + i % 3 for i in range(7))
    assert told[0] == ("A", pytest.approx((squares + 0.2) / (2 * squares + 0.2)))
    told.clear()
    run_experiments(jobs=1, seeds=1, cache=tmp_path, on_progress=lambda *now: told.append(now))
    assert [fraction for _, fraction in told] == [pytest.approx(1)]


def test_cheap_tasks_come_first_then_the_longest(two):
    costs = [
        piece.task.cost
        for piece in runner._pieces(
            {name: found.tasks(1) for name, found in runner.EXPERIMENTS.items()}
        ).values()
    ]
    cheap = [cost for cost in costs if cost <= 0.5]
    assert costs == sorted(cheap, reverse=True) + sorted(costs, reverse=True)[: -len(cheap)]


def test_a_full_run_removes_entries_of_other_code_and_a_part_does_not(two, tmp_path):
    cache = tmp_path / "cache"
    run_experiments(jobs=1, seeds=2, cache=cache)
    folder = cache / here().code[:16]
    (cache / "0123456789abcdef").mkdir()
    old = cache / "0123456789abcdef" / f"{'0' * 64}.zip"
    old.touch()
    run_experiments(["A"], jobs=1, seeds=1, cache=cache)
    assert old.exists()
    run_experiments(["B", "A"], jobs=1, seeds=1, cache=cache)
    assert not old.parent.exists()
    assert len(list(folder.glob("*.zip"))) == 7 + 7 + 2


def test_threads_times_processes_are_no_more_than_the_cores(install, two_cores, monkeypatch):
    for name in cores.SHARES:
        monkeypatch.delenv(name, raising=False)
    tasks = [Task((i,), toys.threads, {"folder": str(i)}, 1.0) for i in range(2)]
    found = toys.experiment(
        "A", lambda seeds: tasks, lambda outputs: {"all": outputs[0,]["threads"]}
    )
    install({"A": found})
    row = run_experiments(jobs=2)["A"].tables["all"].to_pylist()[0]
    share = max(1, joblib.parallel.cpu_count() // 2)
    assert row["variable"] == str(share)
    assert row["available"] <= share


def test_no_experiment_is_no_work():
    assert run_experiments([], jobs=2) == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ids": ["C"]}, "unknown experiment 'C'; known: A, B"),
        ({"seeds": 0}, "seeds must be a whole number of at least 1, got 0"),
        ({"jobs": 0}, "jobs, if not -1 for one per core, must be a whole number of at least 1"),
    ],
)
def test_settings_that_cannot_work_are_refused(two, arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        run_experiments(**arguments)
