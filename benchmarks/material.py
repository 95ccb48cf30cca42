"""Model, samples and initial weights of a work, the same for all its contenders."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchmarks.works import Work
from rosenblatt.layers import Array, Layer, Linear, Params
from rosenblatt.models import MLP, Model, Perceptron
from rosenblatt.optimizers import SGD, Adam, Optimizer

if TYPE_CHECKING:
    from rosenblatt.data import Dataset

SEED_OF_DATA = 42


@dataclass(frozen=True)
class ScatteredPerceptron(Perceptron):
    """A perceptron that starts from weights N(0, 1): the members of a population then differ.

    From w = 0 the batch rule, which has no order, would train the same perceptron many times.
    """

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """One linear layer with one output, the score w·x + b."""
        return (Linear(self.n_inputs, 1, "normal", self.bias),)

    def init(self, seed: int, dtype: npt.DTypeLike = np.float64) -> Params:
        """Return w and b as the layer draws them."""
        return Model.init(self, seed, dtype)


@dataclass(frozen=True)
class Material:
    """A work with its samples: ``x`` (N, D) in the work's dtype, class indices ``y`` (N,)."""

    work: Work
    x: Array
    y: npt.NDArray[np.int64]
    x_test: Array
    y_test: npt.NDArray[np.int64]

    @classmethod
    def load(cls, work: Work, path: str | Path) -> "Material":
        """Read the samples that :func:`write_samples` wrote."""
        with np.load(path) as file:
            return cls(work, file["x"], file["y"], file["x_test"], file["y_test"])

    @cached_property
    def model(self) -> Model:
        """The model, as this package has it."""
        work = self.work
        if work.is_perceptron:
            return ScatteredPerceptron(work.widths[0], rule="batch")
        inputs, *hidden, outputs = work.widths
        return MLP(inputs, hidden, outputs, activation=work.activation, init=work.init)

    @property
    def optimizer(self) -> Optimizer:
        """The update rule, as this package has it."""
        kind = Adam if self.work.optimizer == "adam" else SGD
        return kind(self.work.learning_rate)

    @cached_property
    def start(self) -> list[Params]:
        """The initial parameters of every member."""
        return [self.model.init(seed, self.work.dtype) for seed in range(self.work.members)]


def write_samples(work: Work, path: Path) -> None:
    """Make the samples of a work and write them to an .npz file.

    Once for all contenders, in a process that is not measured: what makes data takes memory too.
    """
    train, test = _make(work)
    np.savez(
        path,
        x=train.X.astype(work.dtype),
        y=train.y,
        x_test=test.X.astype(work.dtype),
        y_test=test.y,
    )


def _make(work: Work) -> "tuple[Dataset, Dataset]":
    """Return training and test set; the test set has a fifth of all rows, at least 2."""
    from rosenblatt.data import gaussians, moons
    from rosenblatt.random import stream

    n_test = max(2, work.rows // 4)
    n = work.rows + n_test
    if work.data == "moons":
        data = moons(n, noise=0.2, seed=SEED_OF_DATA)
    elif work.data == "gaussians":
        data = gaussians((n - n // 2, n // 2), means=[(1.0, 1.0), (0.0, 0.0)], seed=SEED_OF_DATA)
    else:
        classes, width = work.widths[-1], work.widths[0]
        rng = stream(SEED_OF_DATA, "means")
        means = 0.2 * rng.standard_normal((classes, width))
        shares = tuple(n // classes + (c < n % classes) for c in range(classes))
        data = gaussians(shares, means=means, seed=SEED_OF_DATA)
    return data.split(test_size=n_test, seed=SEED_OF_DATA)
