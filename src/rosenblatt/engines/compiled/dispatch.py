"""The choice of the lowering, and of the members that are trained together."""

import math
from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import numpy.typing as npt

from rosenblatt import cores
from rosenblatt.engines.base import Job
from rosenblatt.engines.compiled.graph import LoweringError
from rosenblatt.engines.compiled.lowering import Lowering
from rosenblatt.engines.compiled.program import Program, training_program
from rosenblatt.engines.compiled.settings import NONE, Settings
from rosenblatt.engines.compiled.target import Target
from rosenblatt.engines.compiled.tiles import Tiles, lanes_for
from rosenblatt.engines.compiled.units import Units, is_in_units
from rosenblatt.engines.compiled.wide import Wide
from rosenblatt.losses import PerceptronCriterion
from rosenblatt.models import Perceptron
from rosenblatt.optimizers import SGD

LANES_SHARE = 0.5
"""The part of the second cache that the parameters of members in the lanes may fill."""

LANES_GAIN = ((4, 1.8), (24, 1.25), (math.inf, 1.0))
"""Up to a batch size, how many times as long one member alone takes as one of full lanes."""

LANES_FROM = ((24, 4), (math.inf, 32))
"""Up to a batch size, the least networks that get a lane each. Larger batches fill the lanes by
themselves."""
LARGE = 4096
"""The population that a job in the lanes names, whatever the number of its networks: the rounding
of a network must not depend on how many others there are."""

WIDE_SHARE = 0.25
"""Products over whole batches are for matrices that fill more than this part of the second cache"""
WIDE_PRODUCTS = 1 << 20
"""or for at least this number of products per batch, which threads share."""


def missing_of_perceptrons(job: Job) -> list[str]:
    """Return what the kernels of the perceptron's rules do not have."""
    model, loss, optimizer = job.model, job.loss, job.optimizer
    absent = []
    is_plain = isinstance(optimizer, SGD) and not optimizer.momentum and not optimizer.weight_decay
    if not (is_plain and isinstance(model, Perceptron) and isinstance(loss, PerceptronCriterion)):
        absent.append(f"{type(model).__name__} with {optimizer!r} and {loss!r}")
    if job.order or job.penalty or job.sum_losses:
        absent.append(f"{type(model).__name__} with orders, a penalty or sums of losses")
    return absent


def program_of(job: Job, settings: Settings = NONE) -> Program:
    """Return the program that trains a job, with the settings in which members differ.

    Raises:
        TracingError: the code does what a graph cannot hold.
    """
    return training_program(
        job.model,
        job.loss,
        job.optimizer,
        job.data.x.dtype,
        is_weighted=job.data.sample_weight is not None,
        has_penalty=job.penalty > 0,
        has_losses=job.sum_losses,
        settings=settings,
    )


def lowering_of(
    program: Program, target: Target, dtype: npt.DTypeLike, batch_size: int, *, members: int
) -> Lowering:
    """Return the lowering for batches of this size; ``members`` are in the lanes, or 0.

    Raises:
        LoweringError: there is none for an operation of the program.
    """
    if not program.shapes:
        raise LoweringError("a model without parameters")
    if not members and is_in_units(program, target, dtype, batch_size):
        with suppress(LoweringError):
            return Units(program, target, dtype, batch_size)
    if not members and is_wide(program, target, dtype, batch_size):
        with suppress(LoweringError):
            return Wide(program, target, dtype, batch_size)
    return Tiles(program, target, dtype, batch_size, members=members > 0, lanes=members or None)


def is_wide(program: Program, target: Target, dtype: npt.DTypeLike, batch_size: int) -> bool:
    """Return whether products over whole batches are faster than tiles of samples."""
    sizes = [math.prod(shape) for shape in program.shapes.values()]
    is_large = max(sizes) * np.dtype(dtype).itemsize > target.l2_bytes * WIDE_SHARE
    if program.update is None:
        return is_large
    return is_large or sum(sizes) * batch_size >= WIDE_PRODUCTS


def member_lanes(job: Job, target: Target) -> int:
    """Return the lanes of a kernel in which each member of the job's population gets one, or 0.

    They depend on the size of the population, and not on how many members still train.
    """
    dtype = job.data.x.dtype
    lanes = lanes_for(target, dtype, job.batch_size, members=True, population=job.population)
    n_params = sum(math.prod(shape) for shape in job.model.shapes.values())
    if job.population == 1 or n_params * lanes * dtype.itemsize > target.l2_bytes * LANES_SHARE:
        return 0
    gain = next(gain for most, gain in LANES_GAIN if job.batch_size <= most)
    in_full_lanes = -(-job.population // lanes) * lanes
    return lanes if in_full_lanes <= job.population * gain else 0


def large_population(batch_size: int, n_networks: int) -> int:
    """Return the population that jobs name: a large one for a lane each, else 1."""
    least = next(least for most, least in LANES_FROM if batch_size <= most)
    return LARGE if n_networks >= least else 1


def groups_of(jobs: Sequence[Job], target: Target) -> list[slice]:
    """Return which members one call of a kernel trains."""
    if jobs[0].model.selections:
        lanes = target.lanes(jobs[0].data.x.dtype)
        size = -(-len(jobs) // (cores.available() * lanes)) * lanes
    else:
        size = member_lanes(jobs[0], target) or 1
    return [slice(start, start + size) for start in range(0, len(jobs), size)]
