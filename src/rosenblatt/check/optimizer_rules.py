"""Rules of optimizers, right and with a known mistake, as functions of gradients."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

Step = Callable[[Any, dict[str, Any], int], Any]
"""step(gradient, state, t) returns what is added to the parameter; ``state`` starts empty."""


@dataclass(frozen=True)
class Hyper:
    """Hyper-parameters of a rule."""

    lr: float
    momentum: float
    beta1: float
    beta2: float
    rho: float
    eps: float


@dataclass(frozen=True)
class Rule:
    """A rule: its name, and the mistake in it, "" for none."""

    name: str
    step: Step
    mistake: str = ""


def updates(
    rule: Rule, start: Any, gradients: list[Any], l2: float = 0.0, decay: float = 0.0
) -> list[Any]:
    """Return the parameter after each update.

    ``l2`` times the parameter is added to the gradient; ``decay`` times the parameter is
    subtracted next to the step (decoupled weight decay).
    """
    state: dict[str, Any] = {}
    value = np.array(start)
    path = []
    with np.errstate(all="ignore"):
        for t, gradient in enumerate(gradients, 1):
            value = value + rule.step(gradient + l2 * value, state, t) - decay * value
            path.append(value)
    return path


def velocity_rule(decay: float, gain: float, apply: Callable[[Any, Any, Any], Any]) -> Step:
    """Return the step of v ← decay v + gain g that adds apply(v, v before, g)."""

    def step(g: Any, state: dict[str, Any], t: int) -> Any:
        del t
        before = state.get("v", np.zeros_like(g))
        state["v"] = decay * before + gain * g
        return apply(state["v"], before, g)

    return step


def adaptive_rule(
    h: Hyper,
    *,
    first: float | None = None,
    second: float | None = None,
    gains: tuple[float, float] | None = None,
    corrections: tuple[Callable[[int], float], Callable[[int], float]] | None = None,
    inside: bool = False,
    power: int = 2,
    root: bool = True,
    stored: bool = False,
    nadam: bool = False,
) -> Step:
    """Return the step of Adam (Kingma and Ba, 2015) with parts replaced."""
    b1 = h.beta1 if first is None else first
    b2 = h.beta2 if second is None else second
    gain1, gain2 = gains or (1 - b1, 1 - b2)
    correct1, correct2 = corrections or (lambda t: 1 - b1**t, lambda t: 1 - b2**t)

    def step(g: Any, state: dict[str, Any], t: int) -> Any:
        m = b1 * state.get("m", 0.0) + gain1 * g
        v = b2 * state.get("v", 0.0) + gain2 * g**power
        m_hat, v_hat = m / correct1(t), v / correct2(t)
        state["m"], state["v"] = (m_hat, v_hat) if stored else (m, v)
        if nadam:
            m_hat = b1 * m_hat + (1 - b1) * g / correct1(t)
        if not root:
            return -h.lr * m_hat / (v_hat + h.eps)
        return -h.lr * m_hat / (np.sqrt(v_hat + h.eps) if inside else np.sqrt(v_hat) + h.eps)

    return step


def squares_rule(
    h: Hyper,
    decay: float,
    gain: float,
    *,
    inside: bool = False,
    root: bool = True,
    centered: bool = False,
    momentum: float = 0.0,
) -> Step:
    """Return the step of RMSProp (decay < 1) or AdaGrad (decay and gain 1)."""

    def step(g: Any, state: dict[str, Any], t: int) -> Any:
        del t
        s = state["s"] = decay * state.get("s", 0.0) + gain * g * g
        if centered:
            mean = state["mean"] = decay * state.get("mean", 0.0) + gain * g
            s = s - mean * mean
        scale = s + h.eps if not root else np.sqrt(s + h.eps) if inside else np.sqrt(s) + h.eps
        change = g / scale
        if momentum:
            change = state["v"] = momentum * state.get("v", 0.0) + change
        return -h.lr * change

    return step


def _adamax(h: Hyper) -> Step:
    def step(g: Any, state: dict[str, Any], t: int) -> Any:
        m = state["m"] = h.beta1 * state.get("m", 0.0) + (1 - h.beta1) * g
        u = state["u"] = np.maximum(h.beta2 * state.get("u", np.zeros_like(g)), np.abs(g))
        return -h.lr / (1 - h.beta1**t) * m / (u + h.eps)

    return step


def _amsgrad(h: Hyper, corrected: bool) -> Step:
    def step(g: Any, state: dict[str, Any], t: int) -> Any:
        m = state["m"] = h.beta1 * state.get("m", 0.0) + (1 - h.beta1) * g
        v = state["v"] = h.beta2 * state.get("v", 0.0) + (1 - h.beta2) * g * g
        if not corrected:
            largest = state["most"] = np.maximum(state.get("most", 0.0), v)
            return -h.lr * m / (np.sqrt(largest) + h.eps)
        largest = state["most"] = np.maximum(state.get("most", 0.0), v)
        m, largest = m / (1 - h.beta1**t), largest / (1 - h.beta2**t)
        return -h.lr * m / (np.sqrt(largest) + h.eps)

    return step


def _adadelta(h: Hyper, lr: float) -> Step:
    def step(g: Any, state: dict[str, Any], t: int) -> Any:
        del t
        s = state["s"] = h.rho * state.get("s", 0.0) + (1 - h.rho) * g * g
        before = state.get("d", np.zeros_like(g))
        change = -np.sqrt(before + h.eps) / np.sqrt(s + h.eps) * g
        state["d"] = h.rho * before + (1 - h.rho) * change * change
        return lr * change

    return step


def right_rules(h: Hyper) -> Iterator[Rule]:
    """Yield the usual rules, each in its usual conventions."""
    lr, mu = h.lr, h.momentum
    yield Rule("gradient descent", velocity_rule(0, 1, lambda v, b, g: -lr * g))
    yield Rule("momentum", velocity_rule(mu, 1, lambda v, b, g: -lr * v))
    yield Rule("momentum", velocity_rule(mu, 1 - mu, lambda v, b, g: -lr * v))
    yield Rule("Nesterov", velocity_rule(mu, 1, lambda v, b, g: -lr * (g + mu * v)))
    yield Rule("Nesterov", velocity_rule(mu, -lr, lambda v, b, g: mu * v))
    yield Rule("Adam", adaptive_rule(h))
    yield Rule("Adam", adaptive_rule(h, inside=True))
    yield Rule("Nadam", adaptive_rule(h, nadam=True))
    yield Rule("AdaMax", _adamax(h))
    for corrected in (True, False):
        yield Rule("AMSGrad", _amsgrad(h, corrected))
    for inside in (False, True):
        yield Rule("RMSProp", squares_rule(h, h.rho, 1 - h.rho, inside=inside))
        yield Rule("AdaGrad", squares_rule(h, 1, 1, inside=inside))
        yield Rule("RMSProp", squares_rule(h, h.rho, 1 - h.rho, inside=inside, momentum=h.momentum))
        yield Rule("RMSProp", squares_rule(h, h.rho, 1 - h.rho, inside=inside, centered=True))
    for scale in (1.0, lr):
        yield Rule("AdaDelta", _adadelta(h, scale))


def _opposite(step: Step) -> Step:
    return lambda g, state, t: -step(g, state, t)


def wrong_rules(h: Hyper) -> Iterator[Rule]:
    """Yield rules with one known mistake, the likeliest first."""
    lr, mu, b1, b2 = h.lr, h.momentum, h.beta1, h.beta2
    for rule in right_rules(h):
        mistake = "momentum-sign" if rule.name in ("momentum", "Nesterov") else "sign"
        yield Rule(rule.name, _opposite(rule.step), mistake)
    for decay, gain, apply in (
        (-mu, 1, lambda v, b, g: -lr * v),
        (-mu, 1 - mu, lambda v, b, g: -lr * v),
        (mu, 1, lambda v, b, g: -lr * (g - mu * v)),
        (-mu, 1, lambda v, b, g: -lr * (g + mu * v)),
        (-mu, 1, lambda v, b, g: -lr * (g - mu * v)),
        (mu, 1, lambda v, b, g: -lr * (mu * b + (1 + mu) * v)),
        (-mu, 1, lambda v, b, g: -lr * (-mu * b + (1 + mu) * v)),
        (mu, 1, lambda v, b, g: -lr * (-mu * b + (1 - mu) * v)),
        (mu, 1, lambda v, b, g: -lr * (mu * b - g)),
        (mu, 1, lambda v, b, g: -lr * (mu * v - g)),
        (mu, -1, lambda v, b, g: -lr * (g + mu * v)),
    ):
        yield Rule("momentum", velocity_rule(decay, gain, apply), "momentum-sign")

    def one(t: int) -> float:
        del t
        return 1.0

    def corrected(beta: float, begin: int = 0) -> Callable[[int], float]:
        return lambda t: 1 - beta ** (t + begin) if t + begin else 1.0

    def frozen(beta: float, at: int) -> Callable[[int], float]:
        return lambda t: 1 - beta ** min(t, at)

    good1, good2 = corrected(b1), corrected(b2)
    pairs = [
        (one, one),
        (good1, one),
        (one, good2),
        *((corrected(b1, k), corrected(b2, k)) for k in (1, -1)),
        *((frozen(b1, k), frozen(b2, k)) for k in (1, 2)),
        (good1, lambda t: 1 - b2 * t),
        (lambda t: 1 - b1 * t, good2),
        (lambda t: 1 - b1 * t, lambda t: 1 - b2 * t),
        (good1, corrected(b1)),
        (corrected(b2), good2),
        (corrected(b2), corrected(b1)),
        (lambda t: 1 + b1**t, lambda t: 1 + b2**t),
        (good1, lambda t: (1 - b2**t) ** 2),
        (good1, lambda t: 1 / (1 - b2**t)),
        (lambda t: 1 / (1 - b1**t), lambda t: 1 / (1 - b2**t)),
        (good1, lambda t: 1 / (1 - b2**t) if t > 1 else 1 / (1 - b2)),
        (lambda t: b1**t, lambda t: b2**t),
        (corrected(b1, 1), good2),
        (good1, corrected(b2, 1)),
        (frozen(b1, 1), good2),
        (good1, frozen(b2, 1)),
        # One counter for all parameters, counted once for each of two.
        (lambda t: 1 - b1 ** (2 * t), lambda t: 1 - b2 ** (2 * t)),
        (lambda t: 1 - b1 ** (2 * t - 1), lambda t: 1 - b2 ** (2 * t - 1)),
    ]
    for inside in (False, True):
        for pair in pairs:
            step = adaptive_rule(h, corrections=pair, inside=inside)
            yield Rule("Adam", step, "adam-bias-correction")
    yield Rule("Adam", adaptive_rule(h, stored=True), "adam-bias-correction")
    for gains in ((1 - b1, b2), (b1, 1 - b2), (b1, b2), (1.0, 1 - b2), (1 - b1, 1.0), (1.0, 1.0)):
        for pair in ((good1, good2), (one, one)):
            step = adaptive_rule(h, gains=gains, corrections=pair)
            yield Rule("Adam", step, "constant-factor")
    for gain in (1 - b1, 1 - b2):
        yield Rule("Adam", adaptive_rule(h, gains=(gain, gain)), "constant-factor")
    yield Rule("Adam", adaptive_rule(h, first=b2, second=b1), "constant-factor")
    yield Rule("Adam", adaptive_rule(h, root=False), "unexplained")
    yield Rule("Adam", adaptive_rule(h, power=1), "unexplained")
    for decay, gain in (
        (h.rho, h.rho),
        (h.rho, 1.0),
        (1 - h.rho, h.rho),
        (1 - h.rho, 1 - h.rho),
        (1.0, 1 - h.rho),
    ):
        yield Rule("RMSProp", squares_rule(h, decay, gain), "constant-factor")
    yield Rule("AdaGrad", squares_rule(h, 0, 1), "gradients-accumulate")
    yield Rule("RMSProp", squares_rule(h, h.rho, 1 - h.rho, root=False), "unexplained")
    yield Rule("AdaGrad", squares_rule(h, 1, 1, root=False), "unexplained")
    for factor in (2.0, 0.5):
        for decay in (0.0, mu):
            step = velocity_rule(decay, factor, lambda v, b, g: -lr * v)
            yield Rule("momentum" if decay else "gradient descent", step, "constant-factor")
    yield Rule("momentum", velocity_rule(mu, lr, lambda v, b, g: -lr * v), "constant-factor")
