"""The accuracy of a rule in the plane, integrated line by line.

Along a line, the density of each cluster of a Gaussian mixture is a Gaussian again, whose integral
over a stretch of the line is a difference of Φ. So the integral along a line is exact once it is
known where the rule changes its mind, which is looked for by asking the rule. What is left is one
integral across the lines.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from rosenblatt.analysis.bayes.quadrature import integrate
from rosenblatt.analysis.bayes.rules import ExpectedAccuracy, FloatArray, Indices, Rule
from rosenblatt.data import GaussianMixture

TOLERANCE = 1e-7
_MOST_PER_SD = 256
_REACH = 8.0  # standard deviations; 1e-15 of a Gaussian lies further out
_ANGLE = 1.0  # of the lines; boundaries along an axis would be parallel to lines along one
_PIECE = 3000  # points that a rule is asked about at once: what they need stays in the cache
_CUTS = 8


def accuracy_by_lines(
    rule: Rule, density: GaussianMixture, per_sd: int, rounds: int
) -> ExpectedAccuracy:
    """Return the accuracy of ``rule`` on fresh data of ``density``, in one or two dimensions.

    Across the lines, ``quadrature.integrate`` halves pieces until its error is below 1e-7. Along
    the lines, the number of points is doubled until half of them would have missed less than 1e-7.

    Args:
        rule: takes (N, D), returns class indices (N,).
        density: in D = 1 or 2 dimensions.
        per_sd: how many points per standard deviation, the smallest there is, a line is looked at
            for changes to begin with.
        rounds: each finds the place of a change 9 times more closely.

    Returns:
        The accuracy; its error is the sum of the two that were made to be below 1e-7.
    """
    while True:
        accuracy, error, missed = _integrate(rule, _Lines(density, per_sd), rounds)
        if missed <= TOLERANCE or per_sd >= _MOST_PER_SD:
            return ExpectedAccuracy(accuracy, error + missed, "quadrature")
        per_sd *= 2


def _integrate(rule: Rule, lines: "_Lines", rounds: int) -> tuple[float, float, float]:
    """Return the integral across the lines, its error, and what half the points would miss."""
    if lines.across is None:
        accuracy, missed = lines.accuracy(rule, np.zeros(1), rounds)[0]
        return float(accuracy), 0.0, float(missed)
    low, high, width = lines.across
    # Pieces of two standard deviations at most, so that no cluster falls between points.
    cuts = np.linspace(low, high, 1 + math.ceil((high - low) / (2 * width)))
    value, error = integrate(lambda s: lines.accuracy(rule, s, rounds), cuts, TOLERANCE)
    return float(value[0]), float(error[0]), float(value[1])


class _Changes(NamedTuple):
    """Where along which line a rule changes its mind, all (M,)."""

    line: Indices
    place: FloatArray
    before: Indices
    after: Indices


class _Lines:
    """A density in coordinates along and across a set of parallel lines.

    Attributes:
        across: where lines begin to matter, where they end, and the width of the narrowest cluster;
            None in one dimension, which is one line.
        grid: the points of each line that are looked at for changes, (T,).
    """

    def __init__(self, density: GaussianMixture, per_sd: int) -> None:
        self._density = density
        size = density.means.shape[1]
        turn = np.array([[np.cos(_ANGLE), np.sin(_ANGLE)], [-np.sin(_ANGLE), np.cos(_ANGLE)]])
        # In one dimension there is one line, x, and the only place across it is 0.
        self._axes = turn if size == 2 else np.ones((1, 1))
        means = density.means @ self._axes.T
        covariances = self._axes @ density.covariances @ self._axes.T
        low, high, _ = _extent(means[:, 0], covariances[:, 0, 0])
        narrowest = np.sqrt(np.linalg.eigvalsh(density.covariances)[:, 0].min())
        # An even number of cells, so that every other point makes a grid as well.
        self.grid = np.linspace(low, high, 3 + 2 * int((high - low) / narrowest * per_sd / 2))
        self.across = _extent(means[:, 1], covariances[:, 1, 1]) if size == 2 else None
        self._means, self._covariances = means, covariances

    def accuracy(self, rule: Rule, s: FloatArray, rounds: int) -> FloatArray:
        """Return two integrals along each of the lines at ``s`` (J,), side by side, (J, 2).

        The first is that of p(x, rule(x)). With ℓ_0, ℓ_1, ... ℓ_m what the rule says along a line,
        r_1 ... r_m where it changes, and P_c(r) = ∫_{-∞}^r p(x, c) dx, the sum over the stretches
        of P_{ℓ_i}(r_{i+1}) − P_{ℓ_i}(r_i) is, put together by the changes instead,

            P_{ℓ_m}(∞) + Σ_i P_{ℓ_{i-1}}(r_i) − P_{ℓ_i}(r_i).

        The second is how far it would be off without every other point of the grid.
        """
        weights, centres, spread = self._clusters_on(s)
        named = self._rule_at(rule, np.repeat(s, len(self.grid)), np.tile(self.grid, len(s)))
        named = named.reshape(len(s), len(self.grid))
        total = (weights * (self._density.class_of == named[:, -1:])).sum(axis=1)
        missed = np.zeros(len(s))
        for change, cell in self._changes(rule, s, named, rounds):
            line = change.line
            gained = self._gained(change, weights[line], centres[line], spread)
            np.add.at(total, line, gained)
            # A point that differs from both neighbours, which are alike, is all that shows it.
            first = cell - cell % 2
            unseen = named[line, first] == named[line, first + 2]
            np.add.at(missed, line[unseen], gained[unseen])
        return np.column_stack([total, np.abs(missed)])

    def _gained(
        self, change: "_Changes", weights: FloatArray, centres: FloatArray, spread: FloatArray
    ) -> FloatArray:
        """Return P_before(r) − P_after(r) for each change, (M,)."""
        from scipy.special import ndtr

        class_of = self._density.class_of
        below = weights * ndtr((change.place[:, None] - centres) / spread)
        signs = (class_of == change.before[:, None]).astype(np.float64)
        signs -= class_of == change.after[:, None]
        return (below * signs).sum(axis=1)

    def _changes(
        self, rule: Rule, s: FloatArray, named: Indices, rounds: int
    ) -> Iterator[tuple["_Changes", Indices]]:
        """Yield the first changes in the cells of the grid whose ends differ, then the second, ...

        A third class may lie between the two at the ends, and so on up to the number of classes.
        """
        line, cell = np.nonzero(named[:, 1:] != named[:, :-1])
        low, before, last = self.grid[cell], named[line, cell], named[line, cell + 1]
        for n_left in reversed(range(len(self._density.priors))):
            place, after = self._first_change(
                rule, s[line], low, self.grid[cell + 1], before, last, rounds
            )
            if not n_left:
                after = last
            yield _Changes(line, place, before, after), cell
            more = after != last
            if not more.any():
                return
            line, cell, low = line[more], cell[more], place[more]
            before, last = after[more], last[more]

    def _clusters_on(self, s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return each cluster's mass per width of the lines and its mean, (J, K); its sd, (K,).

        The conditional of a Gaussian (Bishop, *Pattern Recognition and Machine Learning*, equations
        2.81 and 2.82): mean μ_t + Σ_ts (s − μ_s) / Σ_ss and variance Σ_tt − Σ_ts² / Σ_ss.
        """
        means, covariances, pi = self._means, self._covariances, self._density.weights
        if means.shape[1] == 1:
            return pi[None, :], means.T, np.sqrt(covariances[:, 0, 0])
        offset = s[:, None] - means[:, 1]
        variance, shared = covariances[:, 1, 1], covariances[:, 0, 1]
        weights = pi * np.exp(-0.5 * offset**2 / variance) / np.sqrt(2 * np.pi * variance)
        spread = np.sqrt(covariances[:, 0, 0] - shared**2 / variance)
        return weights, means[:, 0] + shared / variance * offset, spread

    def _first_change(
        self,
        rule: Rule,
        s: FloatArray,
        low: FloatArray,
        high: FloatArray,
        before: Indices,
        last: Indices,
        rounds: int,
    ) -> tuple[FloatArray, Indices]:
        """Return where between ``low`` and ``high`` the rule leaves ``before``, and for what."""
        after, entry = last, np.arange(len(s))
        for _ in range(rounds):
            step = (high - low) / (_CUTS + 1)
            points = low[:, None] + step[:, None] * np.arange(1, _CUTS + 1)
            named = self._rule_at(rule, np.repeat(s, _CUTS), points.ravel()).reshape(points.shape)
            ends = np.column_stack([named, after])
            first = (ends != before[:, None]).argmax(axis=1)
            low, after = low + step * first, ends[entry, first]
            high = low + step
        return (low + high) / 2, after

    def _rule_at(self, rule: Rule, s: FloatArray, t: FloatArray) -> Indices:
        """Return what the rule says at places ``t`` (M,) along the lines at ``s`` (M,)."""
        X = np.column_stack([t, s])[:, : len(self._axes)] @ self._axes
        pieces = [rule(X[start : start + _PIECE]) for start in range(0, len(X), _PIECE)]
        return np.concatenate(pieces) if pieces else np.empty(0, dtype=np.int64)


def _extent(means: FloatArray, variances: FloatArray) -> tuple[float, float, float]:
    """Return from where to where clusters reach in one coordinate, and the least deviation."""
    spread = np.sqrt(variances)
    low, high = (means - _REACH * spread).min(), (means + _REACH * spread).max()
    return float(low), float(high), float(spread.min())
