"""How many cores there are to work on, and of which kind."""

import os
import platform
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from rosenblatt import control_groups

INSTRUCTIONS = ("sse4_2", "avx", "fma", "avx2", "avx512f", "avx512dq", "avx512vl", "asimd", "sve")
"""Instruction sets that decide how sums are grouped in vectors, as Linux calls them."""


SHARES = ("ROSENBLATT_NUM_THREADS", "OMP_NUM_THREADS")
"""Where whoever starts several processes tells each how many threads it may have; the first that
says something counts."""

_lock = threading.Lock()
_at_work: Counter[int] = Counter()


def available() -> int:
    """Return how many cores this process may use, which may be fewer than the machine has.

    A container's share of the processors' time counts, as a whole number of cores.
    Whoever starts several processes tells each its share in :data:`SHARES`, as joblib does, so that
    processes times threads are no more than the cores.
    """
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    quota = _quota()
    cores = cores if quota is None else min(cores, quota)
    told = [text for name in SHARES if (text := os.environ.get(name, "")).isdecimal()]
    return min([cores, *[int(text) for text in told if int(text) > 0][:1]])


@cache
def _quota() -> int | None:
    """Return the cores of the container's quota, read once: this is asked at every evaluation."""
    return control_groups.cores()


@contextmanager
def at_work() -> Iterator[None]:
    """Count this thread among those that share the process's cores."""
    this = threading.get_ident()
    with _lock:
        _at_work[this] += 1
    try:
        yield
    finally:
        with _lock:
            _at_work[this] -= 1
            if _at_work[this] == 0:
                del _at_work[this]


def share() -> int:
    """Return how many cores this thread may use, itself included: its share of the available.

    Where fits go on in several threads at once, as under joblib's threading backend, the threads
    that each of them starts are no more than the cores together.
    """
    with _lock:
        others = len(_at_work.keys() - {threading.get_ident()})
    return max(1, available() // (others + 1))


def processor() -> str:
    """Return the processor's name."""
    return _lines().get("model name") or platform.processor() or platform.machine()


def instruction_sets() -> list[str]:
    """Return which of :data:`INSTRUCTIONS` the processor has, where the system says so."""
    lines = _lines()
    flags = (lines.get("flags") or lines.get("Features") or "").split()
    return [name for name in INSTRUCTIONS if name in flags]


def _lines() -> dict[str, str]:
    """Return the first processor's lines of /proc/cpuinfo, where there is one."""
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return {}
    first = path.read_text().split("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}
