"""How far apart two sets of weights are, and what they predict."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines import ReferenceEngine, Samples
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import Array, Params
from rosenblatt.losses import Loss
from rosenblatt.training import Predictor

Floats = npt.NDArray[np.float64]

ALL = "all"
"""The name of all weights together."""


def compare_weights(
    a: Params, b: Params, starts: tuple[Params, Params] | None
) -> dict[str, tuple[float, float, float]]:
    """Return distance, relative distance and cosine of each parameter, and of all together.

    Args:
        a: weights by name.
        b: others, of the same shapes.
        starts: the weights that both started from, for the cosine of their ways; without them it
            is NaN.
    """
    measures = {}
    for (name, vector_a), (_, vector_b) in zip(_vectors(a), _vectors(b), strict=True):
        distance, size = norm(vector_a - vector_b), norm(vector_a)
        relative = distance / size if size else math.inf if distance else 0.0
        measures[name] = (distance, relative, math.nan)
    if starts is None:
        return measures
    for (name, vector_a), (_, vector_b), (_, from_a), (_, from_b) in zip(
        _vectors(a), _vectors(b), _vectors(starts[0]), _vectors(starts[1]), strict=True
    ):
        measures[name] = (*measures[name][:2], cosine(vector_a - from_a, vector_b - from_b))
    return measures


def norm(x: Floats) -> float:
    """Return the root of the sum of squares, also where squares would overflow or vanish.

    >>> norm(np.array([3e-200, 4e-200]))
    5e-200
    """
    largest = float(np.abs(x).max(initial=0.0))
    if not 0 < largest < math.inf:
        return largest
    return largest * float(np.linalg.norm(x / largest))


def cosine(x: Floats, y: Floats) -> float:
    """Return ⟨x, y⟩ / (‖x‖ ‖y‖); NaN where one of them is 0.

    >>> cosine(np.array([3e-200, 4e-200]), np.array([2.0, 0.0]))
    0.6
    """
    sizes = norm(x), norm(y)
    if not all(0 < size < math.inf for size in sizes):
        return math.nan
    return float(np.clip(x / sizes[0] @ (y / sizes[1]), -1, 1))


@dataclass(frozen=True)
class Answers:
    """What a run's weights make of some samples.

    ``values`` (N, C) are in the unit that is compared, ``predicted`` (N,) or (N, K) the classes or
    values.
    """

    values: Array
    predicted: npt.NDArray[Any]
    loss: float
    accuracy: float


def kind_of_answers(a: Loss, b: Loss, n_outputs: int) -> str:
    """Return what two runs are compared in: "probability", "score" or "value"."""
    if a.task == "regression":
        return "value"
    return "probability" if all(_knows_chances(loss, n_outputs) for loss in (a, b)) else "score"


def answers_of(run: Predictor, samples: Samples, kind: str) -> Answers:
    """Return what a run's weights make of samples, and how well they do."""
    with np.errstate(over="ignore", invalid="ignore"):
        outputs, _ = run.model.forward(run.params, samples.x)
        predicted = run.loss.predict(outputs)
        values = outputs
        if kind == "probability":
            values = run.loss.probabilities(outputs)
        elif kind == "value":
            values = predicted.reshape(len(samples), -1)
    metrics = ReferenceEngine().evaluate(run.model, run.loss, run.params, samples)
    return Answers(values, predicted, metrics.loss, metrics.accuracy)


def compare_answers(a: Answers, b: Answers, kind: str) -> tuple[float, float, float]:
    """Return the share of samples of another class, and the mean and the largest change.

    A sample's change is the largest over its columns.
    """
    with np.errstate(invalid="ignore"):
        change = np.abs(a.values.astype(np.float64) - b.values).max(axis=1)
    if kind == "value":
        return math.nan, float(change.mean()), float(change.max())
    other = (a.predicted != b.predicted).reshape(len(change), -1).any(axis=1)
    return float(other.mean()), float(change.mean()), float(change.max())


def _knows_chances(loss: Loss, n_outputs: int) -> bool:
    try:
        loss.probabilities(np.full((1, n_outputs), 0.5))
    except ConfigurationError:
        return False
    return True


def _vectors(params: Params) -> Iterator[tuple[str, Floats]]:
    """Yield each parameter as a vector in float64, and all of them as one."""
    vectors = {name: value.astype(np.float64).ravel() for name, value in params.items()}
    yield from vectors.items()
    yield ALL, np.concatenate(list(vectors.values()))
