"""An adaptive integral in one dimension, of functions that take many places at once."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_N_NODES = 10
_MOST_HALVINGS = 30
_SAFETY = 10


def integrate(
    f: Callable[[FloatArray], FloatArray], cuts: FloatArray, tolerance: float
) -> tuple[FloatArray, FloatArray]:
    """Return ∫ f from the first of ``cuts`` to the last, (M,), and an estimate of its error, (M,).

    Every piece is integrated by the Gauss-Lobatto rule of 10 points, and by that rule on each of
    its halves. The two results differ by about the error of the first; the second is taken, and 10
    times the difference for its error, because next to a kink or a jump the two may agree by
    chance. Pieces whose error is more than their share of the tolerance are replaced by their
    halves, until the errors sum to less than the tolerance, or pieces are 2⁻³⁰ of what they were
    (Davis and Rabinowitz, *Methods of Numerical Integration*, 2nd edition, 1984, sections 2.7 and
    6.2).
    Lobatto's points include both ends, so that a jump of f next to an end is not overlooked.

    SciPy's ``cubature`` would do, but up to 1.17 it does not order the pieces it begins with by
    their errors, and may halve others in vain; its ``quad_vec`` asks f about one place at a time.

    Args:
        f: takes (J,), returns (J, M).
        cuts: increasing, (P + 1,): the P pieces to begin with.
        tolerance: of each of the M integrals.

    >>> value, error = integrate(lambda x: np.sqrt(x)[:, None], np.array([0.0, 0.5, 1.0]), 1e-7)
    >>> round(float(value[0]), 6), bool(error[0] < 1e-7)
    (0.666667, True)
    """
    low, high = cuts[:-1], cuts[1:]
    whole = _gauss_lobatto(f, low, high)
    done, done_error = np.zeros(whole.shape[1]), np.zeros(whole.shape[1])
    for halvings in range(_MOST_HALVINGS + 1):
        middle = (low + high) / 2
        halves = _gauss_lobatto(f, np.append(low, middle), np.append(middle, high))
        left, right = np.split(halves, 2)
        error = _SAFETY * np.abs(whole - left - right)
        enough = (done_error + error.sum(axis=0) <= tolerance).all()
        # What is finished may have half of the tolerance over all the rounds together.
        share = tolerance / (4 * len(cuts) * _MOST_HALVINGS)
        if enough or halvings == _MOST_HALVINGS:
            share = np.inf
        open_ = (error > share).max(axis=1)
        done += (left + right)[~open_].sum(axis=0)
        done_error += error[~open_].sum(axis=0)
        if not open_.any():
            break
        low = np.append(low[open_], middle[open_])
        high = np.append(middle[open_], high[open_])
        whole = np.concatenate([left[open_], right[open_]])
    return done, done_error


def _gauss_lobatto(
    f: Callable[[FloatArray], FloatArray], low: FloatArray, high: FloatArray
) -> FloatArray:
    """Return the integrals over each of the P pieces from ``low`` to ``high``: (P, M)."""
    polynomial = np.polynomial.Legendre.basis(_N_NODES - 1)
    nodes = np.concatenate([[-1.0], polynomial.deriv().roots(), [1.0]])
    weights = 2 / (_N_NODES * (_N_NODES - 1) * polynomial(nodes) ** 2)
    half = (high - low) / 2
    places = low[:, None] + half[:, None] * (nodes + 1)
    values = f(places.ravel()).reshape(len(low), _N_NODES, -1)
    integrals: FloatArray = half[:, None] * np.einsum("q,pqm->pm", weights, values)
    return integrals
