import os
import sys

import pytest

from benchmarks import thread_limits
from benchmarks.process import CannotError, Worker, WorkerError
from rosenblatt import cores

ECHO = "import sys\nfor line in sys.stdin: print({answer!r}, flush=True)"


def worker(code, **settings):
    return Worker(1, command=(sys.executable, "-c", code), **settings)


def test_an_answer_comes_back():
    with worker(ECHO.format(answer='{"seconds": [1.5]}')) as process:
        assert process.ask("time", epochs=1) == {"seconds": [1.5]}
        assert process.ask("time", epochs=2) == {"seconds": [1.5]}


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys; sys.exit('no such luck')", "ended with status 1: no such luck"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "killed by signal 9"),
    ],
)
def test_a_worker_that_dies_says_how(code, message):
    with worker(code) as process, pytest.raises(WorkerError, match=message):
        process.ask("time", epochs=1)


def test_a_worker_that_is_silent_is_ended(monkeypatch):
    monkeypatch.setattr("benchmarks.process.MOST_SECONDS", 0.2)
    with worker("import time; time.sleep(60)") as process, pytest.raises(WorkerError):
        process.ask("time", epochs=1)


def test_what_fails_and_what_cannot_be_are_told_apart():
    with worker(ECHO.format(answer='{"unsupported": "no"}')) as process, pytest.raises(CannotError):
        process.ask("ways")
    with (
        worker(ECHO.format(answer='{"error": "ValueError: x"}')) as process,
        pytest.raises(WorkerError, match="ValueError: x"),
    ):
        process.ask("ways")


def test_threads_are_limited_before_anything_is_loaded():
    code = (
        "import json, os, sys\n"
        "input()\n"
        "names = ('OMP_NUM_THREADS', 'XLA_FLAGS', 'MINE')\n"
        "print(json.dumps({name: os.environ.get(name) for name in names} |"
        " {'cores': len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else 1}))\n"
    )
    with worker(code, variables={"MINE": "x"}) as process:
        found = process.ask("time")
    assert found["OMP_NUM_THREADS"] == "1"
    assert "multi_thread_eigen=false" in found["XLA_FLAGS"]
    assert found["MINE"] == "x"
    assert found["cores"] == 1


def test_the_parent_keeps_its_cores():
    before = cores.available()
    with thread_limits.pinned(1):
        assert cores.available() == 1 or sys.platform != "linux"
    assert cores.available() == before
    assert thread_limits.environment(2)["OMP_NUM_THREADS"] == "2"
    assert "OMP_NUM_THREADS" not in os.environ or os.environ is not thread_limits.environment(1)


def test_all_contenders_do_without_avx512_where_this_package_does(monkeypatch):
    monkeypatch.setenv("ROSENBLATT_TARGET", "")
    assert "max_isa" not in thread_limits.environment(1)["XLA_FLAGS"]
    monkeypatch.setenv("ROSENBLATT_TARGET", "avx2")
    variables = thread_limits.environment(2)
    assert variables["XLA_FLAGS"].endswith("--xla_cpu_max_isa=AVX2")
    assert variables["ATEN_CPU_CAPABILITY"] == "avx2"
