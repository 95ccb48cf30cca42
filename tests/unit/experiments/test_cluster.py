"""A Dask cluster computes what processes compute, and a worker that dies loses nothing.

The cluster is two processes of this machine that are reached by the loopback alone.
"""

import builtins
import dataclasses
import os
import signal
import socket
from types import SimpleNamespace

import pytest

import toy_experiments as toys
from local_cluster import local_cluster
from rosenblatt.errors import ConfigurationError
from rosenblatt.executors import cluster
from rosenblatt.experiments.base import Task
from rosenblatt.experiments.provenance import here
from rosenblatt.experiments.runner import run_experiments


@pytest.fixture(scope="module")
def local():
    with local_cluster(2) as cluster:
        yield cluster


@pytest.fixture
def no_distributed(monkeypatch):
    found = builtins.__import__

    def load(name, *others):
        if name == "distributed":
            raise ModuleNotFoundError("No module named 'distributed'")
        return found(name, *others)

    monkeypatch.setattr(builtins, "__import__", load)


@pytest.mark.slow
def test_a_cluster_changes_nothing(two, local, traces, tmp_path):
    alone = run_experiments(seeds=2, jobs=1)
    told = []
    dask = run_experiments(
        seeds=2,
        cache=tmp_path / "cache",
        dask=local.scheduler_address,
        on_progress=lambda name, fraction: told.append(fraction),
    )
    assert toys.texts(dask) == toys.texts(alone)
    assert len(told) == 1 + 7 + 7 + 2
    assert told == sorted(told)
    computed = toys.count(traces)
    # What a cluster has computed serves processes, and the other way round.
    assert toys.texts(run_experiments(seeds=2, jobs=1, cache=tmp_path / "cache")) == toys.texts(
        alone
    )
    run_experiments(seeds=2, cache=tmp_path / "cache", dask=local.scheduler_address)
    assert toys.count(traces) == computed


@pytest.mark.slow
def test_what_a_killed_worker_had_is_computed_by_another(traces, install, local, tmp_path):
    how = {"folder": str(traces), "marker": str(tmp_path / "died")}
    install(toys.one_more(traces, Task(("last",), toys.dies_at_first, how, cost=0.15)))
    dask = run_experiments(seeds=3, dask=local.scheduler_address)
    assert (tmp_path / "died").exists()
    assert toys.texts(dask) == toys.texts(run_experiments(seeds=3, jobs=1))
    assert dask["A"].tables["all"].num_rows == 8 + 3 + 1


@pytest.mark.slow
def test_a_worker_that_is_killed_from_outside_is_replaced(install, traces, local):
    install(
        {
            "A": toys.experiment(
                "A", lambda seeds: toys.tasks_of_squares(traces, 0, seeds, seconds=0.05)
            )
        }
    )
    victims = [worker.pid for worker in local.workers.values()]

    def kill(name, fraction):
        if fraction > 0.2 and victims:
            os.kill(victims.pop(), signal.SIGKILL)
            victims.clear()

    dask = run_experiments(seeds=3, dask=local.scheduler_address, on_progress=kill)
    assert not victims
    assert toys.texts(dask) == toys.texts(run_experiments(seeds=3, jobs=1))


@pytest.mark.slow
def test_a_task_that_kills_every_worker_is_given_up(traces, install, local):
    from distributed import Client

    install(toys.one_more(traces, Task(("last",), toys.dies, {"folder": str(traces)}, cost=1.0)))
    with Client(local, set_as_default=False) as client:
        client.run_on_scheduler(_allow_failures, 0)
        with pytest.raises(ConfigurationError, match="a task was given up"):
            run_experiments(dask=local.scheduler_address)
        client.run_on_scheduler(_allow_failures, 3)


def _allow_failures(most, dask_scheduler):
    dask_scheduler.allowed_failures = most


def test_a_task_that_fails_on_a_cluster_loses_none_that_had_ended(traces, install, local, tmp_path):
    how = {"folder": str(traces), "marker": str(tmp_path / "failed")}
    install(toys.one_more(traces, Task(("last",), toys.fails_at_first, how, cost=0.01)))
    arguments = {"seeds": 3, "cache": tmp_path / "cache", "dask": local.scheduler_address}
    with pytest.raises(ZeroDivisionError, match="on purpose") as caught:
        run_experiments(**arguments)
    assert "in fails_at_first" in caught.value.__notes__[0]
    # Six are begun before it, of which a worker that is slow may hold some.
    assert len(list((tmp_path / "cache").rglob("*.zip"))) >= 3
    assert run_experiments(**arguments)["A"].tables["all"].num_rows == 8 + 3 + 1


def test_a_thread_of_a_worker_is_one_core(install, local):
    tasks = [Task((0,), toys.threads, {"folder": "."}, 1.0)]
    found = toys.experiment(
        "A", lambda seeds: tasks, lambda outputs: {"all": outputs[0,]["threads"]}
    )
    install({"A": found})
    (row,) = run_experiments(dask=local.scheduler_address)["A"].tables["all"].to_pylist()
    assert row == {"variable": "1", "available": 1}


def test_without_the_package_the_command_that_installs_it_is_told(two, no_distributed):
    with pytest.raises(ConfigurationError, match=r"pip install 'rosenblatt\[dask\]'"):
        run_experiments(dask="tcp://127.0.0.1:8786")


def test_an_address_where_nobody_answers_is_told():
    pytest.importorskip("distributed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ConfigurationError, match=f"no Dask scheduler answers at '{address}'"):
        run_experiments(dask=address)


@pytest.mark.parametrize("address", ["nonsense", "foo://127.0.0.1:8786", "tcp://127.0.0.1", ""])
def test_an_address_that_is_none_is_told(address):
    pytest.importorskip("distributed")
    with pytest.raises(ConfigurationError, match="no Dask scheduler answers"):
        run_experiments(dask=address)


def test_a_cluster_without_workers_is_told(monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "SECONDS_FOR_WORKERS", 0.1)
    with (
        distributed.LocalCluster(
            n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as empty,
        pytest.raises(ConfigurationError, match=r"no workers after 0\.1 seconds"),
    ):
        run_experiments(dask=empty.scheduler_address)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (ModuleNotFoundError("No module named 'rosenblatt'"), "cannot load rosenblatt: No module"),
        (dataclasses.replace(here(), code="beef" * 16), "has code beefbeef with python"),
        (dataclasses.replace(here(), versions=(("numpy", "1.0"),)), "with numpy 1.0, here"),
    ],
)
def test_workers_of_other_versions_are_refused(answer, message):
    client = SimpleNamespace(
        wait_for_workers=lambda n, timeout: None,
        run=lambda function, on_error: {"tcp://a": here(), "tcp://b": answer},
    )
    with pytest.raises(ConfigurationError, match=message):
        cluster.Cluster(client, "tcp://127.0.0.1:8786", here)


def test_workers_may_have_other_processors():
    other = dataclasses.replace(here(), processor="another")
    client = SimpleNamespace(
        wait_for_workers=lambda n, timeout: None,
        run=lambda function, on_error: {"tcp://a": here(), "tcp://b": other, "tcp://c": other},
    )
    assert set(cluster.Cluster(client, "tcp://a", here).environments()) == {here(), other}


@pytest.mark.slow
def test_what_measures_time_is_alone_on_the_cluster(local, traces, install):
    install(toys.two_alone(traces))
    rows = run_experiments(dask=local.scheduler_address)["A"].tables["others"].to_pylist()
    assert [row["others"] for row in rows if row["i"] in (1, 4)] == [0, 0]
    assert any(row["others"] for row in rows)
