"""Online learning with a penalty that every sample applies: what scikit-learn's Perceptron does.

It is a seam of its own, because penalties here belong to samples and not to batches: weights shrink
at every sample, and the L1 penalty cuts them off at 0 by what they have not been cut by before.

As in scikit-learn, the weights are a scale times an array, so that shrinking multiplies one number.
The norms in the objective are scikit-learn's too: an update computes them, from the features of its
sample; shrinking scales them; a cut leaves them as they were, so that after a cut they are too
large. Its fits stop by these norms.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SMALLEST_SCALE = 1e-9
"""A scale below this is multiplied into the array, and becomes 1."""


class OnlineRule(NamedTuple):
    """How a sample changes the weights.

    At a mistake, y (w·x + b) ≤ 0, which for a sample of weight s adds η s y x to w. ``shrink`` is
    by what w is multiplied before, ``cut`` by how much the L1 penalty of each sample may bring a
    weight nearer to 0; if ``seen_only``, those weights alone whose x is not 0. b changes by
    ``intercept_rate`` times η s y. ``alpha`` is α and ``l1_ratio`` is ρ of the penalty in the
    objective, α (½ (1 − ρ) ‖w‖² + ρ Σ |w|).
    """

    eta: float
    shrink: float = 1.0
    cut: float = 0.0
    seen_only: bool = False
    intercept_rate: float = 1.0
    alpha: float = 0.0
    l1_ratio: float = 0.0


@dataclass(frozen=True)
class OnlineData:
    """Samples x (N, D), labels y (N,) of ±1 and weights (N,), float64 and in rows."""

    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]


@dataclass
class OnlineState:
    """Where training is. The arrays are changed in place.

    Attributes:
        w: weights (D,), which count times the scale.
        b: bias (1,).
        due: how much the L1 penalty may have cut from each weight so far, (1,).
        paid: how much it has cut from each weight, (D,).
        scale: (3,): the scale of w; and ‖w‖² and Σ |w| as the objective counts them,
            which nothing updates while there is no penalty.
    """

    w: npt.NDArray[np.float64]
    b: npt.NDArray[np.float64]
    due: npt.NDArray[np.float64]
    paid: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]

    @classmethod
    def start(cls, w: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> "OnlineState":
        """Return the state before the first sample, which trains w (D,) and b (1,) in place."""
        with np.errstate(over="ignore"):
            scale = np.array([1.0, w @ w, np.abs(w).sum()])
        return cls(w, b, np.zeros(1), np.zeros(len(w)), scale)

    def finish(self) -> None:
        """Multiply the scale into w."""
        self.w *= self.scale[0]
        self.scale[0] = 1.0


def fixed_shuffle(seed: int, n: int) -> npt.NDArray[np.int64]:
    """Return the permutation (n,) by which scikit-learn's linear models shuffle at every epoch.

    For i = 0, 1, ... row i changes places with row i + r mod (n − i), r being the next number of
    Marsaglia's 32-bit xorshift (*Xorshift RNGs*, Journal of Statistical Software 2003) from
    ``seed``, of which the highest bit is left out.

    >>> fixed_shuffle(1, 5).tolist()
    [4, 2, 3, 0, 1]
    """
    order, state = list(range(n)), seed or 1
    for i in range(n - 1):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        j = i + (state & 0x7FFFFFFF) % (n - i)
        order[i], order[j] = order[j], order[i]
    return np.array(order, dtype=np.int64)


def train_epoch(
    data: OnlineData, rule: OnlineRule, state: OnlineState, order: npt.NDArray[np.int64]
) -> float:
    """Visit the samples of an epoch one by one; return what they lost."""
    w, scale, lost = state.w, state.scale, 0.0
    for row in order.tolist():
        x, y = data.x[row], data.y[row]
        margin = float(y * (x @ w * scale[0] + state.b[0]))
        lost += max(0.0, -margin)
        squares = (1.0 - rule.l1_ratio) * 0.5 * float(np.sqrt(scale[1])) ** 2
        lost += rule.alpha * (squares + rule.l1_ratio * float(scale[2]))
        _shrink(rule, state)
        step = rule.eta * data.weight[row] * y if margin <= 0 else 0.0
        if step != 0:
            w += step / scale[0] * x
            state.b += step * rule.intercept_rate
            if rule.alpha:
                seen = w[x != 0] if rule.seen_only else w
                scale[1] = (seen @ seen) * (scale[0] * scale[0])
                scale[2] = np.abs(seen).sum() * scale[0]
        if rule.cut:
            _cut(rule, state, x)
    return lost


def _shrink(rule: OnlineRule, state: OnlineState) -> None:
    """Shrink the weights and their norms, by their scale."""
    scale = state.scale
    scale *= (rule.shrink, rule.shrink * rule.shrink, rule.shrink)
    if scale[0] < SMALLEST_SCALE:
        state.finish()


def _cut(rule: OnlineRule, state: OnlineState, x: npt.NDArray[np.float64]) -> None:
    """Bring weights nearer to 0 by what is due and not yet paid, and no further than 0.

    Tsuruoka, Tsujii and Ananiadou, *Stochastic gradient descent training for L1-regularized
    log-linear models with cumulative penalty*, ACL 2009, figure 2.
    """
    w, due, paid, scale = state.w, state.due, state.paid, state.scale[0]
    due += rule.cut
    before = w.copy()
    positive, negative = w - (due + paid) / scale, w + (due - paid) / scale
    cut = np.where(w > 0, np.maximum(0, positive), np.minimum(0, negative))
    chosen = (w != 0) & ((x != 0) | (not rule.seen_only))
    w[chosen] = cut[chosen]
    paid += scale * (w - before)
