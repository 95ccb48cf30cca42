"""Limits on the threads of a process: settings that libraries read when they are imported."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "ROSENBLATT_NUM_THREADS",
)
_XLA_ON_ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def environment(threads: int) -> dict[str, str]:
    """Return the environment of a process with this many threads, before any library is loaded."""
    variables = {**os.environ, **dict.fromkeys(_VARIABLES, str(threads))}
    variables["JAX_PLATFORMS"] = "cpu"
    # Compiling on a pool of its own would leave threads behind that compete with what is timed.
    variables["TORCHINDUCTOR_COMPILE_THREADS"] = "1"
    if threads == 1:
        variables["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_XLA_ON_ONE_THREAD}".strip()
    return variables


@contextmanager
def pinned(threads: int) -> Iterator[None]:
    """Confine what is started in the block to as many cores as threads, where the system can.

    The last ones: the first core has most of the interrupts.
    """
    if sys.platform != "linux":
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[-threads:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
