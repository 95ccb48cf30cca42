"""RMSProp: divide the gradient by a running root mean square of itself."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.checks import real_field
from rosenblatt.layers.base import Params
from rosenblatt.optimizers.base import LearningRate, Optimizer, Slots, zeros_like


@dataclass(frozen=True)
class RMSProp(Optimizer):
    """s ← ρ s + (1 − ρ) g²;  θ ← θ − η g / (√s + ε).

    Tieleman and Hinton, *Neural Networks for Machine Learning*, lecture 6.5, 2012; ε stands outside
    the root, as in PyTorch.

    Args:
        learning_rate: η, above 0, or a schedule.
        rho: ρ, from 0 to below 1.
        epsilon: ε, above 0.
        layer_rates: the learning rate of each layer with parameters as a multiple of η, from the
            inputs to the outputs; 0 keeps a layer as it is. Empty: η for all.
        keep_zeros: whether each weight that is exactly 0 stays 0: a network that was pruned, as by
            :func:`rosenblatt.analysis.pruned`, is trained on with its zeros. Biases are updated.

    >>> import numpy as np
    >>> w = {"w": np.array([1.0])}
    >>> params, slots = RMSProp(0.1, rho=0.75).update(w, w, RMSProp(0.1).init(w), step=0)
    >>> params["w"].round(6)
    array([0.8])
    """

    learning_rate: LearningRate = 0.001
    rho: float = 0.9
    epsilon: float = 1e-8
    layer_rates: tuple[float, ...] = ()
    keep_zeros: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        real_field(self, "rho", at_least=0, below=1)
        real_field(self, "epsilon", above=0)

    def formulas(self, name: str) -> tuple[str, ...]:
        return (
            *self.zero_formulas(name, "mean_square"),
            "mean_square = rho * mean_square + (1 - rho) * g ** 2",
            "theta = theta - eta * g / (sqrt(mean_square) + epsilon)",
        )

    def init(self, params: Params) -> Slots:
        """Return the mean square s = 0."""
        return {"mean_square": zeros_like(params)}

    def update(
        self, params: Params, grads: Params, slots: Slots, step: int
    ) -> tuple[Params, Slots]:
        eta, rho = self.rates(step, params), self.rho
        if self.keep_zeros:
            grads, slots = self.without_zeros(params, grads, slots)
        s = {name: rho * slots["mean_square"][name] + (1 - rho) * g**2 for name, g in grads.items()}
        new = {
            name: theta - eta[name] * grads[name] / (np.sqrt(s[name]) + self.epsilon)
            for name, theta in params.items()
        }
        return new, {"mean_square": s}
