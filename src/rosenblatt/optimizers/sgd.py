"""Stochastic gradient descent."""

from dataclasses import dataclass

from rosenblatt.checks import real_field
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers.base import Params
from rosenblatt.optimizers.base import LearningRate, Optimizer, Slots, is_weight, zeros_like


@dataclass(frozen=True)
class SGD(Optimizer):
    """θ ← θ − η g, with momentum v ← μ v − η g and θ ← θ + v.

    g is the gradient, plus λθ for weight matrices where there is weight decay λ. Nesterov's form
    looks ahead along v: θ ← θ + μ v − η g with the new v. Momentum is written as in Sutskever,
    Martens, Dahl and Hinton, *On the importance of initialization and momentum in deep learning*,
    ICML 2013, equations 1 and 2 (η inside the velocity, as scikit-learn has it). Their Nesterov
    momentum takes the gradient at θ + μ v; the form here is theirs in the variable θ + μ v, whose
    gradient is the one at hand (Bengio, Boulanger-Lewandowski and Pascanu, *Advances in optimizing
    recurrent networks*, ICASSP 2013).

    Args:
        learning_rate: η, above 0, or a schedule.
        momentum: μ, from 0 to 1; at 1 the velocity forgets nothing.
        nesterov: whether momentum takes Nesterov's form.
        weight_decay: λ, at least 0; the gradient of ½ λ ‖W‖².
        layer_rates: the learning rate of each layer with parameters as a multiple of η, from the
            inputs to the outputs; 0 keeps a layer as it is. Empty: η for all.
        keep_zeros: whether each weight that is exactly 0 stays 0: a network that was pruned, as by
            :func:`rosenblatt.analysis.pruned`, is trained on with its zeros. Biases are updated.

    >>> import numpy as np
    >>> sgd = SGD(0.1)
    >>> params = {"0.weight": np.array([[1.0]])}
    >>> sgd.update(params, {"0.weight": np.array([[2.0]])}, sgd.init(params), step=0)
    ({'0.weight': array([[0.8]])}, {})
    """

    aliases = ("gradient_descent", "gd")
    learning_rate: LearningRate = 0.01
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0
    layer_rates: tuple[float, ...] = ()
    keep_zeros: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        real_field(self, "momentum", at_least=0, at_most=1)
        real_field(self, "weight_decay", at_least=0)
        if self.nesterov and not self.momentum:
            raise ConfigurationError("nesterov=True needs a momentum above 0")

    def formulas(self, name: str) -> tuple[str, ...]:
        decays = self.weight_decay and is_weight(name)
        zeros = self.zero_formulas(name, *(("velocity",) if self.momentum else ()))
        before = (*zeros, *(("g = g + weight_decay * theta",) if decays else ()))
        if not self.momentum:
            return (*before, "theta = theta - eta * g")
        velocity = "velocity = momentum * velocity - eta * g"
        if self.nesterov:
            return (*before, velocity, "theta = theta + momentum * velocity - eta * g")
        return (*before, velocity, "theta = theta + velocity")

    def init(self, params: Params) -> Slots:
        """Return the velocity v = 0, or nothing where there is no momentum."""
        return {"velocity": zeros_like(params)} if self.momentum else {}

    def update(
        self, params: Params, grads: Params, slots: Slots, step: int
    ) -> tuple[Params, Slots]:
        eta, mu = self.rates(step, params), self.momentum
        if self.keep_zeros:
            grads, slots = self.without_zeros(params, grads, slots)
        if self.weight_decay:
            grads = {
                name: g + self.weight_decay * params[name] if is_weight(name) else g
                for name, g in grads.items()
            }
        if not mu:
            return {name: theta - eta[name] * grads[name] for name, theta in params.items()}, {}
        v = {name: mu * slots["velocity"][name] - eta[name] * g for name, g in grads.items()}
        if self.nesterov:
            new = {
                name: theta + mu * v[name] - eta[name] * grads[name]
                for name, theta in params.items()
            }
        else:
            new = {name: theta + v[name] for name, theta in params.items()}
        return new, {"velocity": v}
