"""Measures of networks that an analysis gives: curvature, gradient noise, expected accuracy."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.data import Dataset
from rosenblatt.engines import Job
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import Params
from rosenblatt.sweeps.trained import Column, Measure, Trained
from rosenblatt.sweeps.variants import Cell


class OfMany(Measure):
    """A measure of many networks with the same model, loss and rows at once."""

    def of(self, trained: Trained) -> Column:
        """Return the numbers of networks, (networks,)."""
        found = np.full(len(trained.seeds), np.nan)
        for networks in trained.alike():
            job, train = trained.jobs[networks[0]], trained.cells[networks[0]].sets.train
            members = [trained.weights(trained.params, i) for i in networks]
            found[networks] = self.numbers(job, train, members)
        return found

    @abstractmethod
    def numbers(self, job: Job, train: Dataset, members: Sequence[Params]) -> Column:
        """Return the numbers of networks, (members,), by the weights of each."""


@dataclass(frozen=True)
class Curvature(OfMany):
    """A number of the spectrum of the Hessian of the training loss at the final weights."""

    name: str

    def numbers(self, job: Job, train: Dataset, members: Sequence[Params]) -> Column:
        """Return the eigenvalues or the traces."""
        from rosenblatt.analysis.hessian import eigenvalues_of_many, traces_of_many

        of_rows = job.model, members, train.X, train.y
        how: dict[str, Any] = {"loss": job.loss, "sample_weight": train.sample_weight}
        if self.name == "trace":
            return traces_of_many(*of_rows, **how)
        end: Any = self.name.removesuffix("_eigenvalue")
        return eigenvalues_of_many(*of_rows, end=end, **how)


@dataclass(frozen=True)
class GradientNoise(OfMany):
    """The noise scale of the gradient of the training loss at the final weights, in samples."""

    name: str = "gradient_noise"

    def check(self, cell: Cell) -> None:
        """Check that there are samples for a covariance."""
        train = cell.sets.train
        if train.sample_weight is not None or len(train) < 2:
            raise ConfigurationError(
                "gradient_noise needs at least 2 training samples without weights"
            )

    def numbers(self, job: Job, train: Dataset, members: Sequence[Params]) -> Column:
        """Return the noise scales."""
        from rosenblatt.analysis.hessian import gradient_noise_scales

        with np.errstate(over="ignore", invalid="ignore"):
            found = gradient_noise_scales(job.model, members, train.X, train.y, loss=job.loss)
        return np.array([noise.value for noise in found])


@dataclass(frozen=True)
class ExpectedAccuracy(OfMany):
    """The accuracy on fresh data of the density that generated the training set."""

    name: str = "expected_accuracy"

    def check(self, cell: Cell) -> None:
        """Check that the density is known and there are classes."""
        from rosenblatt.data import density_of

        try:
            density_of(cell.sets.train)
        except ConfigurationError as error:
            raise ConfigurationError(f"expected_accuracy: {error}") from error
        if cell.job.loss.task != "classification":
            raise ConfigurationError(
                "expected_accuracy is of classifiers, and these predict values"
            )

    def numbers(self, job: Job, train: Dataset, members: Sequence[Params]) -> Column:
        """Return the expected accuracies."""
        from rosenblatt.analysis.bayes import expected_accuracies
        from rosenblatt.data import density_of

        return expected_accuracies(job.model, members, density_of(train), loss=job.loss)
