"""Computation of one task, in any process."""

import time

from rosenblatt.engines.threads import blas_alone
from rosenblatt.executors.outcomes import as_outcome
from rosenblatt.experiments.base import Task
from rosenblatt.experiments.output_cache import Output, identity
from rosenblatt.experiments.provenance import here
from rosenblatt.experiments.row_files import to_parquet

Outcome = Output | Exception
"""The output of a task, or the exception that it raised."""


def attempt(task: Task, modules: tuple[str, ...]) -> Outcome:
    """Compute a task; its output depends on the code of these modules.

    An exception is returned like an output, so that it takes its turn behind the outputs of tasks
    that ended before; raised in a worker process, it would overtake them, and they would be lost.
    Where it was raised is lost on the way between processes: it is written into the exception.
    """
    try:
        return _compute(task, modules)
    except Exception as error:
        return as_outcome(error, f"in the task {identity(task)}")


def _compute(task: Task, modules: tuple[str, ...]) -> Output:
    import scipy.linalg  # noqa: F401  (loaded, its BLAS is limited too)

    # BLAS sums in another order in several threads, of which it has as many as it finds cores.
    with blas_alone():
        started = time.perf_counter()
        tables = task.function(**task.arguments)
        seconds = time.perf_counter() - started
    packed = {name: to_parquet(rows) for name, rows in tables.items()}
    return Output(packed, seconds, here(modules))
