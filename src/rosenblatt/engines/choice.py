"""The choice of the engine that trains a job."""

import math
import os
import sys
import warnings
from collections.abc import Callable, Mapping

from rosenblatt.engines.base import Engine, Job
from rosenblatt.engines.reference import ReferenceEngine
from rosenblatt.errors import ConfigurationError, nearest

# Seconds of the reference engine, measured on one core: per update, per update and parameter, per
# sample and unit, and per multiplication in BLAS.
SECONDS_PER_UPDATE = 35e-6
SECONDS_PER_PARAMETER = 2e-9
SECONDS_PER_UNIT = 10e-9
SECONDS_PER_PRODUCT = 6e-11
# The least seconds of the reference engine for which compiled code is loaded from disk, is compiled
# for the first time, and is called where it is loaded already.
WORTH_LOADING = 2.0
WORTH_COMPILING = 20.0
WORTH_CALLING = 0.02
# The most seconds of an update of compiled code without its products; and with a schedule.
SECONDS_PER_STEP = 1e-6
SECONDS_PER_RATE = 5e-6
# Products of a sample with each weight: one in the forward pass and two in the backward pass.
PRODUCTS_PER_PARAMETER = 3


def _compiled() -> Engine:
    from rosenblatt.engines.compiled.engine import CompiledEngine

    return CompiledEngine()


ENGINES: Mapping[str, Callable[[], Engine]] = {
    "reference": ReferenceEngine,
    "compiled": _compiled,
}


def choose_engine(name: str, job: Job, epochs: int, *, one_of_many: bool = False) -> Engine:
    """Return the engine of that name; "auto" is the one that is expected to end first.

    Args:
        name: "auto", "reference" or "compiled".
        job: the work.
        epochs: how often its samples will be visited, over all members.
        one_of_many: whether such jobs follow one another, as the fits of a search do. They share
            the cost of loading and compiling, so that "auto" ignores it: the choice is then a
            function of the job alone, not of the kernels that are on the disk.

    Raises:
        ConfigurationError: there is no engine of that name, "compiled" has no code for a part of
            the job, which is named, or Numba is told not to compile.
    """
    if name not in ("auto", *ENGINES):
        known = ", ".join(("auto", *ENGINES))
        raise ConfigurationError(
            f"unknown engine {name!r}; known: {known}{nearest(name, ('auto', *ENGINES))}"
        )
    if name == "auto":
        return _fastest(job, epochs, one_of_many)
    if name == "compiled":
        _refuse_missing(job)
    return ENGINES[name]()


def _fastest(job: Job, epochs: int, one_of_many: bool) -> Engine:
    seconds = reference_seconds(job, epochs)
    if seconds < WORTH_CALLING or not can_compile():
        return ReferenceEngine()
    if seconds < WORTH_LOADING and not (one_of_many or _is_loaded(job)):
        return ReferenceEngine()
    from rosenblatt.engines.compiled.cache import is_kept
    from rosenblatt.engines.compiled.program import missing
    from rosenblatt.engines.compiled.ways import kernel_for

    absent = missing(job)
    if absent:
        warnings.warn(
            f"the compiled engine has no code for {', '.join(absent)}; the reference engine trains",
            stacklevel=4,
        )
        return ReferenceEngine()
    must_wait = seconds < WORTH_COMPILING and not (one_of_many or _is_loaded(job))
    if must_wait and not is_kept(kernel_for(job)):
        return ReferenceEngine()
    return ENGINES["compiled"]()


def _is_loaded(job: Job) -> bool:
    """Return whether this process has loaded the kernel of the job; loads nothing itself."""
    if "rosenblatt.engines.compiled.engine" not in sys.modules:
        return False
    from rosenblatt.engines.compiled.loading import is_loaded
    from rosenblatt.engines.compiled.program import missing
    from rosenblatt.engines.compiled.ways import kernel_for

    return not missing(job) and is_loaded(kernel_for(job))


def can_compile() -> bool:
    """Return whether Numba may compile; else it runs functions as Python, which kernels are not."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")


def check_compiler() -> None:
    """Refuse the compiled engine where Numba may not compile.

    Raises:
        ConfigurationError: NUMBA_DISABLE_JIT is set.
    """
    if not can_compile():
        raise ConfigurationError(
            'engine="compiled" needs Numba\'s compiler, which NUMBA_DISABLE_JIT turns off; unset '
            'it, or take engine="reference"'
        )


def _refuse_missing(job: Job) -> None:
    check_compiler()
    from rosenblatt.engines.compiled.program import missing

    absent = missing(job)
    if absent:
        raise ConfigurationError(
            f'the compiled engine has no code for {", ".join(absent)}; take engine="reference", or '
            '"auto", which chooses'
        )


def reference_seconds(job: Job, epochs: int) -> float:
    """Return roughly how long the reference engine would take."""
    n_params = sum(map(math.prod, job.model.shapes.values()))
    samples = epochs * len(job.data)
    n_units = sum(shape[-1] for shape in job.model.shapes.values() if len(shape) > 1)
    per_update = SECONDS_PER_UPDATE + n_params * SECONDS_PER_PARAMETER
    updates = epochs * job.updates_per_epoch
    products = samples * PRODUCTS_PER_PARAMETER * n_params * SECONDS_PER_PRODUCT
    return updates * per_update + samples * n_units * SECONDS_PER_UNIT + products


def expected_seconds(engine: Engine, job: Job, epochs: int) -> float:
    """Return roughly how long an engine will take, and rather more than less.

    An engine of another name counts as slow as the reference engine.
    """
    if engine.name != "compiled":
        return reference_seconds(job, epochs)
    each = SECONDS_PER_RATE if callable(job.optimizer.learning_rate) else SECONDS_PER_STEP
    n_params = sum(map(math.prod, job.model.shapes.values()))
    products = epochs * len(job.data) * PRODUCTS_PER_PARAMETER * n_params
    return epochs * job.updates_per_epoch * each + products * SECONDS_PER_PRODUCT
