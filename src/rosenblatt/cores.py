"""How many cores there are to work on, and of which kind."""

import os
import platform
from pathlib import Path

INSTRUCTIONS = ("sse4_2", "avx", "fma", "avx2", "avx512f", "avx512dq", "avx512vl", "asimd", "sve")
"""Instruction sets that decide how sums are grouped in vectors, as Linux calls them."""


def available() -> int:
    """Return how many cores this process may use, which may be fewer than the machine has.

    Whoever starts several processes tells each its share in NUMBA_NUM_THREADS, as joblib does, so
    that processes times threads are no more than the cores.
    """
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    share = os.environ.get("NUMBA_NUM_THREADS", "")
    return min(cores, int(share)) if share.isdecimal() and int(share) > 0 else cores


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
