"""The sharpness along a run: the largest Hessian eigenvalue, with the limit of stability."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rosenblatt.analysis.explain_result import plain
from rosenblatt.analysis.hessian.curvature import hessian_extremes_of_many
from rosenblatt.analysis.landscape_moments import Floats, in_float64, moments_of
from rosenblatt.checks import whole_number
from rosenblatt.engines import ReferenceEngine
from rosenblatt.optimizers import SGD, Optimizer
from rosenblatt.training.run import Run, plan_of, trajectory_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AT_ONCE = 8
"""Moments between two reports of progress."""


@dataclass(frozen=True, repr=False)
class EigenvaluesAlong:
    """What :func:`eigenvalues_along` returns, for n moments of a run.

    Attributes:
        updates: the updates done at each moment, (n,).
        epochs: the same in epochs, (n,).
        largest: the largest eigenvalue of the Hessian of the training loss, (n,).
        smallest: the smallest, (n,).
        two_over_eta: 2/η with the learning rate of the next update, (n,); infinite where η = 0.
        limit: the largest eigenvalue at which gradient descent with the run's momentum is stable on
            a quadratic, (n,); NaN for other optimizers than SGD.
        losses: the training loss, (n,).

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(50, noise=0.2, seed=0)
    >>> run = rb.train(rb.MLP(2, [4], 2), data, optimizer=rb.SGD(0.5, momentum=0.9), epochs=40)
    >>> along = rb.analysis.eigenvalues_along(run, n=3)
    >>> along.epochs.tolist(), bool((along.largest > along.smallest).all())
    ([0.0, 20.0, 40.0], True)
    >>> round(along.two_over_eta[0].item(), 6), round(along.limit[0].item(), 6)
    (4.0, 7.6)
    """

    updates: Floats
    epochs: Floats
    largest: Floats
    smallest: Floats
    two_over_eta: Floats
    limit: Floats
    losses: Floats

    def to_json(self) -> dict[str, Any]:
        """Return plain values that JSON can hold; NaN and infinities are None."""
        return {name: plain(value) for name, value in vars(self).items()}

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the largest eigenvalue against the updates, with 2/η.

        Args:
            ax: where to draw; a new figure by default, which is ``ax.figure``.
        """
        from rosenblatt.plotting import new_figure, plot_eigenvalues

        if ax is None:
            ax = new_figure()[1][0]
        has_limit = np.isfinite(self.limit).any() and not np.array_equal(
            self.limit, self.two_over_eta
        )
        plot_eigenvalues(
            ax,
            self.updates,
            self.largest,
            two_over_eta=self.two_over_eta,
            limit=self.limit if has_limit else None,
        )
        return ax

    def __len__(self) -> int:
        return len(self.updates)

    def __repr__(self) -> str:
        return f"EigenvaluesAlong({len(self)} moments, largest={self.largest.max():.4g})"


def eigenvalues_along(
    run: Run, n: int = 20, *, progress: Callable[[int, int], None] | None = None
) -> EigenvaluesAlong:
    """Return the largest Hessian eigenvalue at moments along a run, with 2/η of each.

    Gradient descent with learning rate η on a quadratic is stable while the largest eigenvalue is
    below 2/η; on networks with full batches it rises to that line and stays there (Cohen et al.,
    *Gradient descent on neural networks typically occurs at the edge of stability*, ICLR 2021).
    With momentum μ the limit is (2 + 2 μ) / η, and (2 + 2 μ) / (η (1 + 2 μ)) in Nesterov's form
    (the same, appendix B). The Hessian is that of the training loss on all samples, in float64,
    without dropout; weight decay adds λ along the weights.

    Args:
        run: a run of :func:`rosenblatt.train`.
        n: the number of moments, evenly spaced, the start and the end included, at least 2.
        progress: called with the number of moments done and of all; what it raises ends it.

    Raises:
        ConfigurationError: the training of the run is unknown.
        DataError: the Hessian is not finite at one of the moments.
        DerivativeError: a layer or a loss of your own cannot be differentiated twice.

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(100, noise=0.2, seed=0)
    >>> model = rb.MLP(2, [4], 2, activation="tanh")
    >>> run = rb.train(model, data, optimizer=rb.SGD(0.5), epochs=200)
    >>> along = rb.analysis.eigenvalues_along(run, n=5)
    >>> along.updates.tolist(), along.two_over_eta[0].item()
    ([0.0, 50.0, 100.0, 150.0, 200.0], 4.0)
    """
    n = whole_number(n, "n", at_least=2)
    trajectory = trajectory_of(run)
    job = trajectory.job
    positions = moments_of(trajectory, n, trajectory.last.update)
    members = [position.state.params for position in positions]
    data = in_float64(job.data)
    ends = []
    for start in range(0, len(members), AT_ONCE):
        if progress is not None:
            progress(start, len(members))
        ends += hessian_extremes_of_many(
            job.model,
            members[start : start + AT_ONCE],
            data.x,
            plan_of(run).train.y,
            loss=job.loss,
            sample_weight=data.sample_weight,
        )
    if progress is not None:
        progress(len(members), len(members))
    updates = np.array([position.update for position in positions])
    rates = np.array([job.optimizer.rate(int(update)) for update in updates])
    with np.errstate(divide="ignore"):
        two_over_eta = 2 / rates
    losses = [ReferenceEngine().evaluate(job.model, job.loss, one, data).loss for one in members]
    return EigenvaluesAlong(
        updates=updates.astype(np.float64),
        epochs=np.array([p.epoch + p.batch / job.updates_per_epoch for p in positions]),
        largest=np.array([end.largest for end in ends]),
        smallest=np.array([end.smallest for end in ends]),
        two_over_eta=two_over_eta,
        limit=two_over_eta * _factor(job.optimizer),
        losses=np.array(losses),
    )


def _factor(optimizer: Optimizer) -> float:
    """Return the limit of stability in units of 2/η."""
    if not isinstance(optimizer, SGD) or optimizer.layer_rates or optimizer.keep_zeros:
        return float("nan")
    mu = optimizer.momentum
    return (1 + mu) / (1 + 2 * mu) if optimizer.nesterov else 1 + mu
