"""AdamW: Adam with weight decay kept out of its averages."""

from dataclasses import dataclass

from rosenblatt.checks import real_field
from rosenblatt.layers.base import Params
from rosenblatt.optimizers.adam import MOMENTS, adam_update
from rosenblatt.optimizers.base import LearningRate, Optimizer, Slots, is_weight, zeros_like


@dataclass(frozen=True)
class AdamW(Optimizer):
    """Adam's update, and W ← W − η λ W for weight matrices.

    Loshchilov and Hutter, *Decoupled weight decay regularization*, ICLR 2019, algorithm 2, with the
    decay multiplied by the whole learning rate η, as PyTorch has it.

    Args:
        learning_rate: η, above 0, or a schedule.
        beta1: β₁, from 0 to below 1.
        beta2: β₂, from 0 to below 1.
        epsilon: ε, above 0.
        weight_decay: λ, at least 0.
        layer_rates: the learning rate of each layer with parameters as a multiple of η, from the
            inputs to the outputs; 0 keeps a layer as it is. Empty: η for all.
        keep_zeros: whether each weight that is exactly 0 stays 0: a network that was pruned, as by
            :func:`rosenblatt.analysis.pruned`, is trained on with its zeros. Biases are updated.

    >>> import numpy as np
    >>> w = {"0.weight": np.array([[1.0]])}
    >>> params, slots = AdamW(0.1, weight_decay=0.5).update(w, w, AdamW(0.1).init(w), step=0)
    >>> params["0.weight"].round(6)
    array([[0.85]])
    """

    learning_rate: LearningRate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.01
    layer_rates: tuple[float, ...] = ()
    keep_zeros: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        real_field(self, "beta1", at_least=0, below=1)
        real_field(self, "beta2", at_least=0, below=1)
        real_field(self, "epsilon", above=0)
        real_field(self, "weight_decay", at_least=0)

    def formulas(self, name: str) -> tuple[str, ...]:
        decay = " - eta * weight_decay * theta" if is_weight(name) else ""
        zeros = self.zero_formulas(name, "m", "v")
        return (*zeros, *MOMENTS, f"theta = theta - eta * m_hat / (sqrt(v_hat) + epsilon){decay}")

    def init(self, params: Params) -> Slots:
        """Return the moments m = 0 and v = 0."""
        return {"m": zeros_like(params), "v": zeros_like(params)}

    def update(
        self, params: Params, grads: Params, slots: Slots, step: int
    ) -> tuple[Params, Slots]:
        eta = self.rates(step, params)
        if self.keep_zeros:
            grads, slots = self.without_zeros(params, grads, slots)
        settings = self.beta1, self.beta2, self.epsilon
        new, slots = adam_update(params, grads, slots, step, eta, *settings)
        for name, theta in params.items():
            if is_weight(name):
                new[name] = new[name] - eta[name] * self.weight_decay * theta
        return new, slots
