"""Rosenblatt's perceptron with its three learning rules."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import whole_field, whole_number
from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.layers import Layer, Linear, Params
from rosenblatt.losses import Loss, PerceptronCriterion
from rosenblatt.models.base import Model
from rosenblatt.models.selection import Averaged, Pocket, Selection
from rosenblatt.registry import explain_settings

RULES = ("online", "batch", "mini-batch")
WEIGHTS = ("last", "pocket", "averaged")


@explain_settings
@dataclass(frozen=True)
class Perceptron(Model):
    """f(x) = sign(w·x + b) with sign(0) = +1, starting from w = 0, b = 0.

    A perceptron is one linear layer under the perceptron criterion; its learning rules are gradient
    descent on that criterion with different batches. At a mistake, f(x_i) ≠ y_i,

        online      w ← w + η y_i x_i,                     b ← b + η y_i
        batch       w ← w + η s Σ_{mistakes} y_i x_i,      b ← b + η s Σ_{mistakes} y_i
        mini-batch  the batch rule over each batch in turn

    (Rosenblatt, *Principles of Neurodynamics*, 1962; Duda, Hart and Stork, *Pattern
    Classification*, 2001, section 5.5.) Class index 1 is y = +1 and class index 0 is y = −1.

    Args:
        n_inputs: D, the width of the samples.
        rule: "online", "batch" or "mini-batch".
        scale: the factor s: "samples" 1/N, "sum" 1, "mistakes" 1/(number of mistakes). In the
            online rule all three are 1.
        weights: which weights to predict with: "last", "pocket" (fewest mistakes on the training
            set) or "averaged" (the mean over all updates). ``run.weights`` has all three.
        bias: whether there is a b; without it the line passes through the origin.

    Raises:
        ConfigurationError: a width below 1 or an unknown name.

    >>> import rosenblatt as rb
    >>> data = rb.data.Dataset([[2.0, 1.0], [-1.0, -2.0], [3.0, 3.0]], [+1, -1, +1])
    >>> run = rb.train(Perceptron(2), data, optimizer=rb.SGD(1.0), epochs=5)
    >>> run.predict([[4.0, 4.0], [-4.0, -4.0]])
    array([ 1, -1])
    """

    selections: ClassVar[tuple[Selection, ...]] = (Averaged(), Pocket())

    n_inputs: int
    rule: Literal["online", "batch", "mini-batch"] = "online"
    scale: Literal["samples", "sum", "mistakes"] = "samples"
    weights: Literal["last", "pocket", "averaged"] = "last"
    bias: bool = True

    def __post_init__(self) -> None:
        for name, value, choices in (
            ("rule", self.rule, RULES),
            ("weights", self.weights, WEIGHTS),
        ):
            if value not in choices:
                raise ConfigurationError(
                    f"unknown {name} {value!r} of a perceptron; known: "
                    f"{', '.join(choices)}{nearest(str(value), choices)}"
                )
        whole_field(self, "n_inputs", at_least=1)
        _ = self.layers, self.default_loss

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """One linear layer with one output, the score w·x + b."""
        return (Linear(self.n_inputs, 1, "zeros", self.bias),)

    @cached_property
    def default_loss(self) -> Loss:
        """The perceptron criterion, whose gradient step is the rule above."""
        return PerceptronCriterion(self.scale)

    @property
    def default_regression_loss(self) -> Loss:
        """The perceptron criterion, which is for two classes alone."""
        return self.default_loss

    def init(self, seed: int, dtype: npt.DTypeLike = np.float64) -> Params:
        """Return w = 0 and b = 0, whatever the seed."""
        return {name: np.zeros(shape, dtype) for name, shape in self.shapes.items()}

    @property
    def selected(self) -> str:
        """Which weights are a run's ``params``."""
        return self.weights

    def batch_size(self, requested: int | None, n_samples: int) -> int:
        """Return 1 for the online rule, N for the batch rule, or the requested size.

        Raises:
            ConfigurationError: the rule and ``requested`` contradict each other.
        """
        if self.rule == "mini-batch":
            if requested is None:
                raise ConfigurationError("the mini-batch rule needs a batch_size")
            return super().batch_size(requested, n_samples)
        size = 1 if self.rule == "online" else n_samples
        if requested is not None and whole_number(requested, "batch_size", at_least=1) != size:
            raise ConfigurationError(
                f"the {self.rule} rule updates after {size} sample{'s' * (size > 1)}, not after "
                f'batch_size={requested}; leave batch_size out, or take rule="mini-batch"'
            )
        return size
