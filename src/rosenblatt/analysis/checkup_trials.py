"""Short trainings that a check-up learns from: many rates, ten samples, shuffled labels, width.

Each is one population on the run's own samples, in the compiled engine where it can train the job.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines import Engine, Job, ReferenceEngine, Samples, State, choose_engine
from rosenblatt.engines.choice import ENGINES
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import Linear, Nested, Params, ReLU
from rosenblatt.models import Model, Sequential
from rosenblatt.optimizers import Adam, Optimizer
from rosenblatt.random import stream

N_RATES = 64
"""Learning rates of the range: eight a decade."""
RATES = (1e-6, 1e2)
N_SHUFFLED = 63
"""Trainings on shuffled labels: with the labels themselves they fill 64 lanes."""
MOST_ROWS = 1000
"""Samples of a trial; of a larger training set, that many are drawn."""
MOST_WORK = 1.5e9
"""Products of samples, epochs, members and (parameters + 50): about a second on two cores."""
REFERENCE_SHARE = 20
"""How many times slower the reference engine is: its trials are shorter by this factor."""
TEN = 10
TEN_UPDATES = 1000
TEN_RATES = np.geomspace(1e-4, 1.0, 16)
"""Rates of Adam for ten samples: whether a network can fit them must not hang on one."""
USELESS = 1e6
"""A member whose loss is above this multiple of its first, or of 1, has diverged."""
WIDER = 4
LEAST_WIDTH, MOST_WIDTH = 16, 64


@dataclass(frozen=True)
class Trial:
    """What the members of a trial reach: losses and accuracies (members,), NaN if diverged."""

    losses: npt.NDArray[np.float64]
    accuracies: npt.NDArray[np.float64]
    diverged: npt.NDArray[np.bool_]
    epochs: int
    params: list[Params]


def trial_samples(job: Job, seed: int) -> Samples:
    """Return the samples of trials: all, or MOST_ROWS of them drawn at random."""
    data = job.data
    if len(data) <= MOST_ROWS:
        return data
    return take(data, np.sort(stream(seed, "checkup").permutation(len(data))[:MOST_ROWS]))


def take(data: Samples, rows: npt.NDArray[Any]) -> Samples:
    """Return some rows of samples."""
    weight = None if data.sample_weight is None else data.sample_weight[rows]
    return Samples(data.x[rows], data.targets[rows], weight)


def train_rates(job: Job, start: Params, rates: Sequence[float], epochs: int) -> Trial:
    """Train from the same weights with constant learning rates, all else equal."""
    jobs = [replace(job, optimizer=with_rate(job.optimizer, rate)) for rate in rates]
    return _train(jobs, [start] * len(jobs), epochs)


def fit_ten(job: Job, start: Params, rows: npt.NDArray[Any]) -> Trial:
    """Train on ten samples with Adam, at several rates."""
    data = take(job.data, rows)
    jobs = [
        replace(job, data=data, batch_size=len(data), optimizer=Adam(float(rate)))
        for rate in TEN_RATES
    ]
    return _train(jobs, [start] * len(jobs), TEN_UPDATES)


def train_shuffled(job: Job, start: Params, epochs: int, seed: int) -> Trial:
    """Train on the labels, then on shuffled ones; the first member has those that are given."""
    rng, data = stream(seed, "checkup.shuffled"), job.data
    jobs = [job]
    for _ in range(N_SHUFFLED):
        targets = np.ascontiguousarray(data.targets[rng.permutation(len(data))])
        jobs.append(replace(job, data=Samples(data.x, targets, data.sample_weight)))
    return _train(jobs, [start] * len(jobs), epochs)


def train_wider(job: Job, rates: Sequence[float], epochs: int) -> Trial | None:
    """Train a wider network, or one with a hidden layer where there is none, at several rates.

    None for layers that it cannot be made of.
    """
    model = _wider(job.model)
    if model is None:
        return None
    start = model.init(job.seed, job.data.x.dtype)
    jobs = [replace(job, model=model, optimizer=with_rate(job.optimizer, rate)) for rate in rates]
    return _train(jobs, [start] * len(jobs), epochs)


def epochs_for(job: Job, members: int, wanted: int) -> int:
    """Return how many epochs a trial may have: those that are wanted, if they fit the work."""
    n_params = sum(map(math.prod, job.model.shapes.values()))
    work = MOST_WORK / (len(job.data) * members * (n_params + 50))
    if not _is_compiled(_engine_for(replace(job, population=members))):
        work /= REFERENCE_SHARE
    return max(1, min(wanted, int(work)))


def with_rate(optimizer: Optimizer, rate: float) -> Optimizer:
    """Return the optimizer with a constant learning rate."""
    return replace(optimizer, learning_rate=float(rate))  # type: ignore[type-var]


def _train(jobs: Sequence[Job], starts: Sequence[Params], epochs: int) -> Trial:
    """Train members in growing segments, so that one that diverges ends early."""
    jobs = [replace(job, population=len(jobs)) for job in jobs]
    engine = _engine_for(jobs[0])
    losses = np.full(len(jobs), np.nan)
    accuracies = losses.copy()
    alive = list(range(len(jobs)))
    with np.errstate(all="ignore"):
        states: dict[int, State] = dict(enumerate(engine.start_many(jobs, starts)))
        first = engine.evaluate(jobs[0].model, jobs[0].loss, starts[0], jobs[0].data).loss
        done, length = 0, 1
        while done < epochs and alive:
            segment = range(done + 1, min(done + length, epochs) + 1)
            results = engine.run_many([jobs[i] for i in alive], [states[i] for i in alive], segment)
            for i, (state, stats) in zip(alive, results, strict=True):
                states[i] = state
                losses[i] = np.nan if stats.divergence else 0.0
            alive = [i for i in alive if losses[i] == 0]
            done += len(segment)
            length = min(2 * length, epochs)
            for i, metrics in zip(alive, _evaluate(engine, jobs, states, alive), strict=True):
                losses[i], accuracies[i] = metrics
            limit = USELESS * max(1.0, first)
            alive = [i for i in alive if losses[i] < limit]
    diverged = np.ones(len(jobs), bool)
    diverged[alive] = False
    losses[diverged] = np.nan
    return Trial(losses, accuracies, diverged, done, [states[i].params for i in range(len(jobs))])


def _evaluate(
    engine: Engine, jobs: Sequence[Job], states: dict[int, State], alive: Sequence[int]
) -> list[tuple[float, float]]:
    """Return loss and accuracy of members on their own samples."""
    if not alive:
        return []
    model, loss = jobs[0].model, jobs[0].loss
    if all(jobs[i].data is jobs[0].data for i in alive):
        members = [states[i].params for i in alive]
        results = engine.evaluate_many(model, loss, members, jobs[0].data)
    else:
        results = [engine.evaluate(model, loss, states[i].params, jobs[i].data) for i in alive]
    return [(result.loss, result.accuracy) for result in results]


def _engine_for(job: Job) -> Engine:
    """Return the compiled engine where it can train the job, else the reference engine."""
    try:
        return choose_engine("compiled", job, 1)
    except ConfigurationError:
        return ReferenceEngine()


def _is_compiled(engine: Engine) -> bool:
    return engine.name in ENGINES and engine.name != "reference"


def _wider(model: Model) -> Model | None:
    """Return the model with wider hidden layers, None where its layers do not allow it."""
    layers = list(model.layers)
    linear = [i for i, layer in enumerate(layers) if type(layer) is Linear]
    others = [layer for i, layer in enumerate(layers) if i not in linear]
    if model.selections or any(layer.shapes or isinstance(layer, Nested) for layer in others):
        return None
    if len(linear) == 1:
        (place,) = linear
        only = layers[place]
        assert isinstance(only, Linear)
        hidden = [replace(only, n_outputs=LEAST_WIDTH), ReLU()]
        layers[place : place + 1] = [*hidden, replace(only, n_inputs=LEAST_WIDTH)]
        return Sequential(layers)
    for before, after in pairwise(linear):
        first, second = layers[before], layers[after]
        assert isinstance(first, Linear)
        assert isinstance(second, Linear)
        width = min(MOST_WIDTH, max(LEAST_WIDTH, WIDER * first.n_outputs))
        if width <= first.n_outputs:
            return None
        layers[before] = replace(first, n_outputs=width)
        layers[after] = replace(second, n_inputs=width)
    return Sequential(layers)
