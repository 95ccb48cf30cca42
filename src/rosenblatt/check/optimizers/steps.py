"""Steps of optimizers: what an update adds to a parameter, as a function of gradients."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Step = Callable[[Any, dict[str, Any], int], Any]
"""step(gradient, state, t) returns what is added to the parameter; ``state`` starts empty."""

Correction = Callable[[int], float]
"""The divisor that corrects the bias of a running average at update t."""


@dataclass(frozen=True)
class Hyper:
    """Hyper-parameters of a rule."""

    lr: float
    momentum: float
    beta1: float
    beta2: float
    rho: float
    eps: float


def velocity_rule(decay: float, gain: float, apply: Callable[[Any, Any, Any], Any]) -> Step:
    """Return the step of v ← decay v + gain g that adds apply(v, v before, g)."""

    def step(g: Any, state: dict[str, Any], t: int) -> Any:
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
    corrections: tuple[Correction, Correction] | None = None,
    inside: bool = False,
    power: int = 2,
    root: bool = True,
    stored: bool = False,
    nadam: bool = False,
    ahead: int = 0,
) -> Step:
    """Return the step of Adam (Kingma and Ba, 2015) with parts replaced.

    ``nadam`` makes it that of Dozat (2016), who corrects m for the update after this one: with
    ``ahead`` = 1.
    """
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
            m_hat = b1 * m / correct1(t + ahead) + (1 - b1) * g / correct1(t)
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


def adamax_rule(
    h: Hyper, correct: Correction | None = None, bound: Callable[[Any], Any] = np.abs
) -> Step:
    """Return the step of AdaMax (Kingma and Ba, 2015) with parts replaced."""

    def step(g: Any, state: dict[str, Any], t: int) -> Any:
        m = state["m"] = h.beta1 * state.get("m", 0.0) + (1 - h.beta1) * g
        u = state["u"] = np.maximum(h.beta2 * state.get("u", np.zeros_like(g)), bound(g))
        correction = 1 - h.beta1**t if correct is None else correct(t)
        return -h.lr * m / correction / (u + h.eps)

    return step


def amsgrad_rule(h: Hyper, first: bool, second: str) -> Step:
    """Return the step of AMSGrad (Reddi, Kale and Kumar, 2018).

    ``first`` corrects the bias of m; ``second`` corrects that of v "before" or "after" the
    maximum, or "never".
    """

    def step(g: Any, state: dict[str, Any], t: int) -> Any:
        m = state["m"] = h.beta1 * state.get("m", 0.0) + (1 - h.beta1) * g
        v = state["v"] = h.beta2 * state.get("v", 0.0) + (1 - h.beta2) * g * g
        v = v / (1 - h.beta2**t) if second == "before" else v
        largest = state["most"] = np.maximum(state.get("most", 0.0), v)
        m = m / (1 - h.beta1**t) if first else m
        largest = largest / (1 - h.beta2**t) if second == "after" else largest
        return -h.lr * m / (np.sqrt(largest) + h.eps)

    return step


def corrected_momentum_rule(h: Hyper) -> Step:
    """Return the step of a running average of gradients with its bias corrected."""

    def step(g: Any, state: dict[str, Any], t: int) -> Any:
        v = state["v"] = h.momentum * state.get("v", 0.0) + (1 - h.momentum) * g
        return -h.lr * v / (1 - h.momentum**t)

    return step


def started_momentum_rule(h: Hyper) -> Step:
    """Return the step of a running average that starts with the first gradient."""

    def step(g: Any, state: dict[str, Any], t: int) -> Any:
        v = state["v"] = g if t == 1 else h.momentum * state["v"] + (1 - h.momentum) * g
        return -h.lr * v

    return step


def adadelta_rule(h: Hyper, lr: float) -> Step:
    """Return the step of AdaDelta (Zeiler, 2012), times a learning rate."""

    def step(g: Any, state: dict[str, Any], t: int) -> Any:
        s = state["s"] = h.rho * state.get("s", 0.0) + (1 - h.rho) * g * g
        before = state.get("d", np.zeros_like(g))
        change = -np.sqrt(before + h.eps) / np.sqrt(s + h.eps) * g
        state["d"] = h.rho * before + (1 - h.rho) * change * change
        return lr * change

    return step
