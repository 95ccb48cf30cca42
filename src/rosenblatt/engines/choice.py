"""The choice of the engine that trains a job."""

import math
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
WORTH_COMPILING = 0.05
"""The least seconds of the reference engine for which "auto" compiles, which takes some 0.1 s once
and is kept."""
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


def choose_engine(name: str, job: Job, epochs: int) -> Engine:
    """Return the engine of that name; "auto" is the one that is expected to end first.

    The choice is a function of the job alone, not of the kernels that are on the disk.

    Args:
        name: "auto", "reference" or "compiled".
        job: the work.
        epochs: how often its samples will be visited, over all members.

    Raises:
        ConfigurationError: there is no engine of that name, or "compiled" cannot compile a part of
            the job, which is named.

    >>> import numpy as np
    >>> from rosenblatt.engines import Samples
    >>> from rosenblatt.losses import HalfSquaredError
    >>> from rosenblatt.models import MLP
    >>> from rosenblatt.optimizers import SGD
    >>> samples = Samples(np.ones((2, 1)), np.ones((2, 1)))
    >>> model, loss = MLP(1, [], 1), HalfSquaredError()
    >>> job = Job(model, loss, SGD(0.1), samples, batch_size=2, shuffle=True, seed=0)
    >>> choose_engine("reference", job, epochs=10).name
    'reference'
    """
    if name not in ("auto", *ENGINES):
        known = ", ".join(("auto", *ENGINES))
        raise ConfigurationError(
            f"unknown engine {name!r}; known: {known}{nearest(name, ('auto', *ENGINES))}"
        )
    if name == "auto":
        return _fastest(job, epochs)
    engine = ENGINES[name]()
    # The reference engine trains everything.
    if name != "reference" and (absent := engine.missing(job)):
        raise ConfigurationError(
            f'the {name} engine cannot compile {", ".join(absent)}; take engine="reference", or '
            '"auto", which chooses'
        )
    return engine


def _fastest(job: Job, epochs: int) -> Engine:
    if reference_seconds(job, epochs) < WORTH_COMPILING:
        return ReferenceEngine()
    engine = ENGINES["compiled"]()
    if absent := engine.missing(job):
        warnings.warn(
            f"the compiled engine cannot compile {', '.join(absent)}; the reference engine trains",
            stacklevel=4,
        )
        return ReferenceEngine()
    return engine


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

    >>> import numpy as np
    >>> from rosenblatt.engines import ReferenceEngine, Samples
    >>> from rosenblatt.losses import HalfSquaredError
    >>> from rosenblatt.models import MLP
    >>> from rosenblatt.optimizers import SGD
    >>> samples = Samples(np.ones((2, 1)), np.ones((2, 1)))
    >>> model, loss = MLP(1, [], 1), HalfSquaredError()
    >>> job = Job(model, loss, SGD(0.1), samples, batch_size=2, shuffle=True, seed=0)
    >>> engine = ReferenceEngine()
    >>> 0 < expected_seconds(engine, job, 10) < expected_seconds(engine, job, 1000)
    True
    """
    if engine.name != "compiled":
        return reference_seconds(job, epochs)
    each = SECONDS_PER_RATE if callable(job.optimizer.learning_rate) else SECONDS_PER_STEP
    n_params = sum(map(math.prod, job.model.shapes.values()))
    products = epochs * len(job.data) * PRODUCTS_PER_PARAMETER * n_params
    return epochs * job.updates_per_epoch * each + products * SECONDS_PER_PRODUCT
