"""Which kernel trains what, and which members are trained together."""

import math
from collections.abc import Sequence
from typing import Any

from rosenblatt import cores
from rosenblatt.engines.base import Job
from rosenblatt.engines.compiled import lanes, matrices, perceptron, shards, units
from rosenblatt.engines.compiled.program import LANES
from rosenblatt.engines.compiled.room import ROWS_AT_ONCE
from rosenblatt.layers import Linear
from rosenblatt.losses import PerceptronCriterion
from rosenblatt.models import Model

WIDE, LEAST_WIDTH = 32, 8
"""The products of a layer with so many units at one end, and at the other, are worth BLAS."""
LEAST_ROWS = 3
"""So are those of batches of this size on."""
MOST_PRODUCTS = 100_000
"""With so many weights times samples, the members of a wide population train one by one."""
LEAST_SAMPLES = 4
"""In smaller batches of one model its units fill the vectors better than the samples do."""
MOST_SAMPLES = 24
"""From this batch size on, samples fill the vectors as well as the models of a population do."""
LEAST_MODELS = 8
"""Fewer models than these leave a vector too empty, and train one by one."""
FEW_PARAMS = 1 << 15
"""More than these take longer to add up than what layers put out takes from core to core."""
WORTH_HELP = 1 << 20
"""With fewer products in the largest layer, helpers take longer to start than they save."""
SHARES = 4
"""Members that train one by one are dealt to each core in so many shares."""


def is_wide(model: Model) -> bool:
    """Return whether BLAS multiplies a model's matrices faster than loops over lanes do."""
    ends = [(one.n_inputs, one.n_outputs) for one in model.layers if isinstance(one, Linear)]
    return any(max(pair) >= WIDE and min(pair) >= LEAST_WIDTH for pair in ends)


def _fits_matrices(job: Job) -> bool:
    return job.batch_size >= LEAST_ROWS and is_wide(job.model)


def _fits_shards(job: Job) -> bool:
    """Return whether parts of a batch are worth gradients of their own."""
    n_params = sum(math.prod(shape) for shape in job.model.shapes.values())
    enough = shards.SHARDS * shards.LEAST_SAMPLES <= job.batch_size <= ROWS_AT_ONCE
    return enough and n_params < FEW_PARAMS and not isinstance(job.loss, PerceptronCriterion)


def _fits_units(job: Job) -> bool:
    return job.batch_size < LEAST_SAMPLES and not isinstance(job.loss, PerceptronCriterion)


def fits_lanes(job: Job) -> bool:
    """Return whether models fill vectors better than the samples or units of each would."""
    if job.model.selections or job.batch_size >= MOST_SAMPLES:
        return False
    n_params = sum(math.prod(shape) for shape in job.model.shapes.values())
    return not is_wide(job.model) or job.batch_size * n_params < MOST_PRODUCTS


def is_in_lanes(job: Job) -> bool:
    """Return whether members of this population have a lane each, however many of them go on."""
    return job.population >= LEAST_MODELS and fits_lanes(job)


def groups_of(jobs: Sequence[Job]) -> list[slice]:
    """Return which members are worked on together: vectors of them, or shares for the cores."""
    n, width = len(jobs), LANES[jobs[0].data.x.dtype]
    if n == 1:
        return [slice(0, 1)]
    if jobs[0].model.selections:
        size = -(-n // (cores.available() * width)) * width
    elif is_in_lanes(jobs[0]):
        size = width
    else:
        size = max(1, n // (SHARES * cores.available()))
    return [slice(start, start + size) for start in range(0, n, size)]


def kernel_for(job: Job) -> Any:
    """Return the kernel that trains one member."""
    if job.model.selections:
        is_batch = job.batch_size == len(job.data) > 1
        return perceptron.train_batch if is_batch else perceptron.train_in_order
    if _fits_matrices(job):
        return shards.train if _fits_shards(job) else matrices.train
    return units.train if _fits_units(job) else lanes.train


def helpers_for(job: Job) -> int:
    """Return how many threads help the one that trains a wide network, if no member is beside it.

    The largest layer has to be worth sharing.
    """
    largest = max(math.prod(shape) for shape in job.model.shapes.values())
    products = largest * min(job.batch_size, ROWS_AT_ONCE)
    if kernel_for(job) not in (matrices.train, shards.train) or products < WORTH_HELP:
        return 0
    return min(cores.share(), matrices.MOST_PARTS) - 1
