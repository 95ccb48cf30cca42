"""Limits on a process's threads and instructions: settings that libraries read when imported."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rosenblatt.engines.compiled.target import VARIABLE as TARGET_VARIABLE

_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "ROSENBLATT_NUM_THREADS",
)
_WITHOUT_AVX512 = {"OPENBLAS_CORETYPE": "Haswell", "ATEN_CPU_CAPABILITY": "avx2"}
_XLA_WITHOUT_AVX512 = "--xla_cpu_max_isa=AVX2"
_XLA_ON_ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def environment(threads: int) -> dict[str, str]:
    """Return the environment of a process with this many threads, before any library is loaded.

    Where ROSENBLATT_TARGET is avx2, the other contenders do without AVX-512 too.
    """
    variables = {**os.environ, **dict.fromkeys(_VARIABLES, str(threads))}
    variables["JAX_PLATFORMS"] = "cpu"
    # Compiling on a pool of its own would leave threads behind that compete with what is timed.
    variables["TORCHINDUCTOR_COMPILE_THREADS"] = "1"
    flags = [os.environ.get("XLA_FLAGS", "")]
    if threads == 1:
        flags.append(_XLA_ON_ONE_THREAD)
    if os.environ.get(TARGET_VARIABLE) == "avx2":
        flags.append(_XLA_WITHOUT_AVX512)
        variables |= _WITHOUT_AVX512
    variables["XLA_FLAGS"] = " ".join(flags).strip()
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
