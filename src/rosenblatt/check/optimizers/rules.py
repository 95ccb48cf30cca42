"""Right rules of optimizers, each in its usual conventions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.check.optimizers.steps import (
    Hyper,
    Step,
    adadelta_rule,
    adamax_rule,
    adaptive_rule,
    amsgrad_rule,
    corrected_momentum_rule,
    squares_rule,
    started_momentum_rule,
    velocity_rule,
)


@dataclass(frozen=True)
class Rule:
    """A rule: its name, and the mistake in it, "" for none."""

    name: str
    step: Step
    mistake: str = ""


def updates(
    rule: Rule, start: Any, gradients: list[Any], l2: float = 0.0, decay: float = 0.0
) -> Iterator[Any]:
    """Yield the parameter after each update.

    ``l2`` times the parameter is added to the gradient; ``decay`` times the parameter is
    subtracted next to the step (decoupled weight decay).
    """
    state: dict[str, Any] = {}
    value = np.array(start)
    for t, gradient in enumerate(gradients, 1):
        with np.errstate(all="ignore"):
            value = value + rule.step(gradient + l2 * value, state, t) - decay * value
        yield value


def right_rules(h: Hyper) -> Iterator[Rule]:
    """Yield the usual rules, each in its usual conventions."""
    lr, mu = h.lr, h.momentum
    yield Rule("gradient descent", velocity_rule(0, 1, lambda v, b, g: -lr * g))
    yield Rule("momentum", velocity_rule(mu, 1, lambda v, b, g: -lr * v))
    yield Rule("momentum", velocity_rule(mu, 1 - mu, lambda v, b, g: -lr * v))
    yield Rule("Nesterov", velocity_rule(mu, 1, lambda v, b, g: -lr * (g + mu * v)))
    yield Rule("Nesterov", velocity_rule(mu, -lr, lambda v, b, g: mu * v))
    yield Rule("Nesterov", velocity_rule(mu, 1 - mu, lambda v, b, g: -lr * ((1 - mu) * g + mu * v)))
    yield Rule("momentum", corrected_momentum_rule(h))
    yield Rule("momentum", started_momentum_rule(h))
    yield Rule("Adam", adaptive_rule(h))
    yield Rule("Adam", adaptive_rule(h, inside=True))
    yield Rule("Nadam", adaptive_rule(h, nadam=True))
    yield Rule("Nadam", adaptive_rule(h, nadam=True, ahead=1))
    yield Rule("AdaMax", adamax_rule(h))
    for first, second in ((True, "after"), (True, "before"), (False, "never")):
        yield Rule("AMSGrad", amsgrad_rule(h, first, second))
    for inside in (False, True):
        yield Rule("RMSProp", squares_rule(h, h.rho, 1 - h.rho, inside=inside))
        yield Rule("AdaGrad", squares_rule(h, 1, 1, inside=inside))
        yield Rule("RMSProp", squares_rule(h, h.rho, 1 - h.rho, inside=inside, momentum=h.momentum))
        yield Rule("RMSProp", squares_rule(h, h.rho, 1 - h.rho, inside=inside, centered=True))
    yield Rule("RMSProp", adaptive_rule(h, first=0, second=h.rho))
    for scale in (1.0, lr):
        yield Rule("AdaDelta", adadelta_rule(h, scale))
