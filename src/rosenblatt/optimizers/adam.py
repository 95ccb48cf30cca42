"""Adam: momentum, scaled by a running root mean square of the gradient."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.checks import real_field
from rosenblatt.layers.base import Params
from rosenblatt.optimizers.base import LearningRate, Optimizer, Slots, zeros_like

MOMENTS = (
    "m = beta1 * m + (1 - beta1) * g",
    "v = beta2 * v + (1 - beta2) * g ** 2",
    "m_hat = m / (1 - beta1 ** t)",
    "v_hat = v / (1 - beta2 ** t)",
)
"""The equations that Adam's kinds have in common, see :meth:`Optimizer.formulas`."""


@dataclass(frozen=True)
class Adam(Optimizer):
    """m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  θ ← θ − η m̂ / (√v̂ + ε).

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) undo the start from 0, t = step + 1 (Kingma and Ba,
    *Adam: a method for stochastic optimization*, ICLR 2015, algorithm 1).

    Args:
        learning_rate: η, above 0, or a schedule.
        beta1: β₁, from 0 to below 1.
        beta2: β₂, from 0 to below 1.
        epsilon: ε, above 0.
        epsilon_hat: whether ε is added to √v, before the start from 0 is undone: θ ← θ − η m̂ /
            (√v̂ + ε / √(1 − β₂ᵗ)). The authors call it ε̂ at the end of their section 2, and
            scikit-learn has it.
        layer_rates: the learning rate of each layer with parameters as a multiple of η, from the
            inputs to the outputs; 0 keeps a layer as it is. Empty: η for all.
        keep_zeros: whether each weight that is exactly 0 stays 0: a network that was pruned, as by
            :func:`rosenblatt.analysis.pruned`, is trained on with its zeros. Biases are updated.

    >>> params, slots = {"w": np.array([1.0])}, Adam(0.1).init({"w": np.array([1.0])})
    >>> params, slots = Adam(0.1).update(params, {"w": np.array([5.0])}, slots, step=0)
    >>> params["w"].round(6)
    array([0.9])
    """

    learning_rate: LearningRate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    epsilon_hat: bool = False
    layer_rates: tuple[float, ...] = ()
    keep_zeros: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        real_field(self, "beta1", at_least=0, below=1)
        real_field(self, "beta2", at_least=0, below=1)
        real_field(self, "epsilon", above=0)

    def formulas(self, name: str) -> tuple[str, ...]:
        epsilon = "epsilon / sqrt(1 - beta2 ** t)" if self.epsilon_hat else "epsilon"
        zeros = self.zero_formulas(name, "m", "v")
        return (*zeros, *MOMENTS, f"theta = theta - eta * m_hat / (sqrt(v_hat) + {epsilon})")

    def init(self, params: Params) -> Slots:
        """Return the moments m = 0 and v = 0."""
        return {"m": zeros_like(params), "v": zeros_like(params)}

    def update(
        self, params: Params, grads: Params, slots: Slots, step: int
    ) -> tuple[Params, Slots]:
        if self.keep_zeros:
            grads, slots = self.without_zeros(params, grads, slots)
        settings = self.beta1, self.beta2, self.epsilon, self.epsilon_hat
        return adam_update(params, grads, slots, step, self.rates(step, params), *settings)


def adam_update(
    params: Params,
    grads: Params,
    slots: Slots,
    step: int,
    eta: dict[str, float],
    b1: float,
    b2: float,
    epsilon: float,
    epsilon_hat: bool = False,
) -> tuple[Params, Slots]:
    """Return parameters and slots after one update of Adam with the learning rates η."""
    t = step + 1
    m = {name: b1 * slots["m"][name] + (1 - b1) * g for name, g in grads.items()}
    v = {name: b2 * slots["v"][name] + (1 - b2) * g**2 for name, g in grads.items()}
    if epsilon_hat:
        epsilon = epsilon / (1 - b2**t) ** 0.5
    new = {}
    for name, theta in params.items():
        m_hat = m[name] / (1 - b1**t)
        v_hat = v[name] / (1 - b2**t)
        new[name] = theta - eta[name] * m_hat / (np.sqrt(v_hat) + epsilon)
    return new, {"m": m, "v": v}
