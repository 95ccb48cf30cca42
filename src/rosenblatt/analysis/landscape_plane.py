"""The loss over a plane through the weights of a run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from rosenblatt.analysis.explain_result import plain
from rosenblatt.analysis.hessian.curvature import DENSE
from rosenblatt.analysis.hessian.objective import Objective, objective_of
from rosenblatt.analysis.hessian.vectors import flatten, split, unflatten
from rosenblatt.analysis.landscape_moments import (
    Floats,
    in_float64,
    moments_of,
    run_and_update,
)
from rosenblatt.checks import real_number, whole_number
from rosenblatt.engines import Engine, Job, ReferenceEngine, Samples, choose_engine
from rosenblatt.errors import ConfigurationError, given
from rosenblatt.layers import Params
from rosenblatt.models import Model
from rosenblatt.random import stream
from rosenblatt.training.run import Run, RunAt, plan_of, trajectory_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Directions = Literal["random", "hessian", "trajectory"]
KINDS = ("random", "hessian", "trajectory")
MOMENTS = 100
"""Moments of the run whose weights are projected on the plane."""
MARGIN = 0.15
"""Of the trajectory's extent, kept free on each side."""
NUMBERS_AT_ONCE = 1 << 23
"""Parameters of the members that are evaluated in one call: 64 MB."""
LEAST_RISE = 1e-3
"""Loss that a plane of Hessian eigenvectors shows at least, by the quadratic approximation."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, repr=False)
class Landscape:
    """The training loss over a plane θ + a u + b v, as :func:`landscape` returns it.

    Attributes:
        grid: L(θ + a_j u + b_i v) at row i and column j, (S, S); the first row has the smallest b.
        axes: the values a (S,) and b (S,).
        directions: u and v as parameters by name.
        kind: "random", "hessian" or "trajectory".
        update: the number of updates after which the run has the weights θ.
        loss: L(θ), which is in the grid at a = b = 0.
        trajectory: the weights of the run at some moments, projected on the plane: (a, b), (M, 2).
        updates: the updates of these moments, (M,).
        losses: the loss at these moments, off the plane where the run was, (M,).
        explained: the shares of the trajectory's variance that lie along u, and along the part of
            v that is orthogonal to u, (2,). Where they are small, the projection says little about
            where the run went.
        eigenvalues: those of u and v where they are eigenvectors of the Hessian.

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(50, noise=0.2, seed=0)
    >>> run = rb.train(rb.MLP(2, [4], 2), data, epochs=20)
    >>> plane = rb.analysis.landscape(run, size=5)
    >>> plane.grid.shape, plane.axes[0].shape, plane.kind
    ((5, 5), (5,), 'random')
    >>> bool(abs(plane.grid[2, 2] - plane.loss) < 1e-9)  # the middle is the run's own place
    True
    """

    grid: Floats
    axes: tuple[Floats, Floats]
    directions: tuple[Params, Params] = field(repr=False)
    kind: Directions
    update: int
    loss: float
    trajectory: Floats
    updates: Floats
    losses: Floats
    explained: Floats
    eigenvalues: tuple[float, float] | None

    @property
    def labels(self) -> tuple[str, str]:
        """What the axes are, in words."""
        if self.eigenvalues is not None:
            first, second = (f"{value:.3g}" for value in self.eigenvalues)
            return (
                f"along the top Hessian eigenvector, λ = {first}",
                f"along the second eigenvector, λ = {second}",
            )
        if self.kind == "trajectory":
            first, second = (f"{100 * share:.1f} %" for share in self.explained)
            return (
                f"first principal component ({first} of the variance)",
                f"second principal component ({second})",
            )
        return "first random direction, of the weights' size", "second random direction"

    def to_json(self) -> dict[str, Any]:
        """Return plain values that JSON can hold; NaN and infinities are None."""
        return {
            "grid": plain(self.grid),
            "axes": [plain(axis) for axis in self.axes],
            "labels": list(self.labels),
            "directions": self.kind,
            "update": self.update,
            "loss_at": plain(self.loss),
            "trajectory": plain(self.trajectory),
            "updates": plain(self.updates),
            "losses": plain(self.losses),
            "explained": plain(self.explained),
            "eigenvalues": None if self.eigenvalues is None else list(self.eigenvalues),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw level lines of the loss, with the trajectory.

        Args:
            ax: where to draw; a new figure by default, which is ``ax.figure``.
        """
        from rosenblatt.plotting import new_figure, plot_landscape

        if ax is None:
            ax = new_figure(panel_size=(4.2, 3.6))[1][0]
        share = f"{100 * self.explained.sum():.2g} %"
        plot_landscape(
            ax,
            *self.axes,
            self.grid,
            trajectory=self.trajectory,
            name=f"the run: {share} of its variance is in the plane",
            labels=self.labels,
        )
        return ax

    def __repr__(self) -> str:
        size = len(self.grid)
        return (
            f"Landscape({self.kind!r}, {size} x {size}, update={self.update}, loss={self.loss:.4g})"
        )


def landscape(
    run: Run | RunAt,
    at: int | None = None,
    directions: Directions = "random",
    size: int = 41,
    span: float | None = None,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Landscape:
    """Return the training loss over a plane through the weights of a run, computed exactly.

    Each point of the plane is a network of its own, whose mean loss over all training samples is
    computed in float64 without dropout. The plane is θ + a u + b v, with directions u and v:

    "random"
        drawn from a normal distribution; the weights into each unit have the norm that they have in
        θ, and biases are not moved (filter normalisation: Li et al., *Visualizing the loss
        landscape of neural nets*, NeurIPS 2018, section 4).
    "hessian"
        unit eigenvectors of the two largest eigenvalues of the Hessian at θ.
    "trajectory"
        the first two principal components of the weights along the run, relative to θ (the same,
        section 7).

    Args:
        run: a run, or a run at one moment.
        at: the number of updates after which the run has the weights θ; by default those of the
            end, or of the moment.
        directions: the kind of the directions.
        size: S, the number of points along each axis, an odd number of at least 3.
        span: a and b go from −span to span. By default it is 1 for random directions; for the
            Hessian, as far as the loss rises to that of the start of the run in the quadratic
            approximation; for the trajectory, each axis has all of it.
        seed: of the random directions.
        progress: called with the number of points done and of all; what it raises ends it.

    Raises:
        ConfigurationError: a setting that cannot work, or the training of the run is unknown.
        DataError: the Hessian is not finite here.

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(100, noise=0.2, seed=0)
    >>> run = rb.train(rb.MLP(2, [4], 2), data, epochs=50)
    >>> plane = rb.analysis.landscape(run, directions="hessian", size=11)
    >>> plane.grid.shape, bool(plane.grid[5, 5] == plane.loss)
    ((11, 11), True)
    """
    if directions not in KINDS:
        raise ConfigurationError(
            f"directions are one of {', '.join(KINDS)}, got {given(directions)}"
        )
    size = whole_number(size, "size", at_least=3)
    if size % 2 == 0:
        raise ConfigurationError(f"size must be odd, so that θ is a point of the grid, got {size}")
    span = None if span is None else real_number(span, "span", above=0)
    owner, update = run_and_update(run, at)
    trajectory = trajectory_of(owner)
    job, model = trajectory.job, trajectory.job.model
    positions = moments_of(trajectory, MOMENTS, update)
    here = positions[-1].state.params
    centre = flatten(here)
    if len(centre) < 2:
        raise ConfigurationError("a plane needs a model of at least 2 parameters")
    moves = np.array([flatten(position.state.params) for position in positions]) - centre
    data = in_float64(job.data)
    evaluate = _Losses(job, data)
    losses = evaluate(moves + centre)
    eigenvalues = None
    if directions == "random":
        basis = np.array([_random_direction(model, here, seed, i) for i in (1, 2)])
        if not basis.any(axis=1).all():
            raise ConfigurationError(
                'all weights are 0 here, and so are random directions of their size; take "hessian"'
            )
    elif directions == "hessian":
        labels = plan_of(owner).train.y
        eigenvalues, basis = _top_two(
            objective_of(model, here, data.x, labels, job.loss, data.sample_weight, None)
        )
    else:
        basis = _principal(moves)
    points = np.linalg.lstsq(basis.T, moves.T, rcond=None)[0].T
    a, b = _axes(points, directions, size, span, eigenvalues, losses[0] - losses[-1])
    grid = np.empty((size, size))
    step = max(1, min(size // 8, NUMBERS_AT_ONCE // (size * len(centre))))
    for i in range(0, size, step):
        if progress is not None:
            progress(i * size, size * size)
        rows = b[i : i + step]
        offsets = (
            a[np.newaxis, :, np.newaxis] * basis[0] + rows[:, np.newaxis, np.newaxis] * basis[1]
        )
        members = (centre + offsets).reshape(-1, len(centre))
        grid[i : i + step] = evaluate(members).reshape(len(rows), size)
    if progress is not None:
        progress(size * size, size * size)
    # Members of other calls may be rounded in another order.
    origin = int(np.abs(b).argmin()), int(np.abs(a).argmin())
    return Landscape(
        grid=grid,
        axes=(a, b),
        directions=(unflatten(basis[0], model.shapes), unflatten(basis[1], model.shapes)),
        kind=directions,
        update=update,
        loss=float(grid[origin]),
        trajectory=points,
        updates=np.array([position.update for position in positions], np.float64),
        losses=losses,
        explained=_explained(moves, basis),
        eigenvalues=eigenvalues,
    )


class _Losses:
    """The mean loss of many networks on the same samples."""

    def __init__(self, job: Job, data: Samples) -> None:
        self.job, self.data = job, data
        self.engine: Engine
        try:
            self.engine = choose_engine("compiled", job, 1)
        except ConfigurationError:
            self.engine = ReferenceEngine()

    def __call__(self, members: Floats) -> Floats:
        """Return the losses of parameter vectors (M, P), infinite where they overflow."""
        model, loss = self.job.model, self.job.loss
        parts = split(members, model.shapes)
        params = [{name: part[i] for name, part in parts.items()} for i in range(len(members))]
        with np.errstate(all="ignore"):
            results = self.engine.evaluate_many(model, loss, params, self.data)
        return np.array([result.loss for result in results])


def _random_direction(model: Model, params: Params, seed: int, number: int) -> Floats:
    """Return a direction whose weights into each unit have the norm that they have in θ."""
    rng = stream(seed, f"landscape.{number}")
    direction = {}
    for name, value in params.items():
        draw = rng.standard_normal(value.shape)
        if value.ndim < 2:
            direction[name] = np.zeros_like(draw)
            continue
        axes = tuple(range(value.ndim - 1))
        norm = np.sqrt((value.astype(np.float64) ** 2).sum(axis=axes))
        direction[name] = draw * (norm / np.sqrt((draw**2).sum(axis=axes)))
    return flatten({name: direction[name] for name in model.shapes})


def _top_two(objective: Objective) -> tuple[tuple[float, float], Floats]:
    """Return the two largest eigenvalues of the Hessian, and their unit vectors (2, P)."""
    n = objective.n_params
    if n <= DENSE:
        values, vectors = np.linalg.eigh(objective.hessian())
    else:
        from scipy.sparse.linalg import LinearOperator, eigsh

        prepared = objective.prepared(100)
        operator = LinearOperator(
            (n, n), matvec=lambda v: prepared.products(v.reshape(1, -1))[0], dtype="f8"
        )
        start = stream(0, "landscape.hessian").standard_normal(n)
        values, vectors = eigsh(operator, k=2, which="LA", v0=start, tol=1e-6)
    order = np.argsort(values)[::-1][:2]
    basis = vectors[:, order].T
    peaks = np.take_along_axis(basis, np.abs(basis).argmax(axis=1)[:, np.newaxis], axis=1)
    return (float(values[order[0]]), float(values[order[1]])), basis * np.sign(peaks)


def _principal(moves: Floats) -> Floats:
    """Return the first two principal components of positions relative to θ, (2, P).

    A run with fewer than two directions of movement gets unit vectors that complete the plane.
    """
    _, sizes, components = np.linalg.svd(moves - moves.mean(axis=0), full_matrices=False)
    basis = [row for row, size in zip(components, sizes, strict=True) if size > 1e-12 * sizes[0]]
    rng = stream(0, "landscape.completion")
    while len(basis) < 2:
        extra = rng.standard_normal(moves.shape[1])
        extra -= sum((extra @ row) * row for row in basis)
        basis.append(extra / np.linalg.norm(extra))
    chosen = np.array(basis[:2])
    # The run ends at 0; it comes from the negative side.
    return chosen * np.where(chosen @ moves[0] > 0, -1.0, 1.0)[:, np.newaxis]


def _explained(moves: Floats, basis: Floats) -> Floats:
    """Return the shares of the trajectory's variance along u and what v adds to it."""
    centred = moves - moves.mean(axis=0)
    total = (centred**2).sum()
    orthogonal = np.linalg.qr(basis.T)[0]
    return ((centred @ orthogonal) ** 2).sum(axis=0) / total if total > 0 else np.zeros(2)


def _axes(
    points: Floats,
    kind: Directions,
    size: int,
    span: float | None,
    eigenvalues: tuple[float, float] | None,
    fall: float,
) -> tuple[Floats, Floats]:
    """Return the values along both axes, 0 among them."""
    axes: list[Floats] = []
    for i in range(2):
        if span is not None or kind == "random":
            low, high = -(span or 1.0), span or 1.0
        elif eigenvalues is not None:
            # ½ λ s² = rise; along both axes as far as along the flatter one would leave little.
            rise = max(LEAST_RISE, float(fall) if np.isfinite(fall) else 0.0)
            curvature = max(abs(eigenvalues[i]), 1e-3 * abs(eigenvalues[0]), 1e-12)
            high = float(np.sqrt(2 * rise / curvature))
            low = -high
        else:
            low, high = min(points[:, i].min(), 0.0), max(points[:, i].max(), 0.0)
            margin = MARGIN * (high - low) or 1.0
            low, high = low - margin, high + margin
        # 0 is a point of the axis, with ``below`` points on its negative side.
        below = min(max(round((size - 1) * -low / (high - low)), 1), size - 2)
        step = max(-low / below, high / (size - 1 - below))
        axes.append(float(step) * np.arange(-below, size - below, dtype=np.float64))
    return axes[0], axes[1]
