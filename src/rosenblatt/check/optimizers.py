"""Optimizers: their first steps, compared with those of the usual rules."""

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rosenblatt.check.calls import plain, required
from rosenblatt.check.compare import first_wrong, same
from rosenblatt.check.layers import seeded
from rosenblatt.check.sandbox import FailedError
from rosenblatt.check.source import Source
from rosenblatt.check.state import leaves

STEPS = 4
_UPDATE = ("update", "step", "applygradients", "optimize", "updateparams", "call", "apply")


class _Holder:
    """A layer with params and grads, as some optimizers take it."""

    def __init__(self, value: Any) -> None:
        self.params = {"W": value.copy()}
        self.grads = {"W": np.zeros_like(value)}
        self.W = value.copy()
        self.dW = np.zeros_like(value)
        self.data = value.copy()
        self.grad = np.zeros_like(value)


def check_optimizer(cls: Any, source: Source) -> list[dict[str, Any]] | None:
    """Return the findings of an optimizer's class; None where it is none."""
    name = next((m for m in vars(cls) if plain(m) in _UPDATE and callable(getattr(cls, m))), None)
    names = required(cls)
    settings = {n: 0.1 if re.search(r"lr|rate|eta|alpha|step", plain(n)) else 0.9 for n in names}
    if name is None or any(re.search("in|out|size|dim", plain(n)) for n in names):
        return None
    takes = [n for n in required(getattr(cls, name)) if n != "self"]
    words = f"{cls.__name__} {' '.join(names)} {' '.join(required(cls.__init__))}".lower()
    if len(takes) not in (1, 2) and not re.search("sgd|adam|momentum|optim|rms", words):
        return None
    rng = np.random.default_rng(8)
    gradients = [rng.normal(size=(3, 2)) for _ in range(STEPS)]
    start = rng.normal(size=(3, 2))
    for call in _calls(cls, settings, name, len(takes)):
        try:
            path = seeded(_run, call, start, gradients)
        except FailedError:
            continue
        if path is not None:
            return _judge(cls, name, settings, path, gradients, source)
    return None


def _run(call: Callable[[], Any], start: Any, gradients: list[Any]) -> Any:
    step = call()
    value = start.copy()
    path = [value.copy()]
    for gradient in gradients:
        value = step(value, gradient.copy())
        path.append(np.array(value))
    return path if not same(path[0], path[1], 1e-12) else None


def _calls(
    cls: Any, settings: dict[str, Any], name: str, count: int
) -> Iterator[Callable[[], Any]]:
    def dicts() -> Any:
        made = cls(**settings)
        params: dict[str, Any] = {}

        def step(value: Any, gradient: Any) -> Any:
            if not params:
                params["W"] = value.copy()
            returned = getattr(made, name)(params, {"W": gradient})
            if isinstance(returned, dict) and "W" in returned:
                params["W"] = returned["W"]
            return params["W"]

        return step

    def arrays() -> Any:
        made = cls(**settings)
        held: dict[str, Any] = {}

        def step(value: Any, gradient: Any) -> Any:
            held.setdefault("w", value.copy())
            returned = getattr(made, name)(held["w"], gradient)
            if isinstance(returned, np.ndarray):
                held["w"] = returned
            return held["w"]

        return step

    def lists() -> Any:
        made = cls(**settings)
        held: dict[str, Any] = {}

        def step(value: Any, gradient: Any) -> Any:
            held.setdefault("w", [value.copy()])
            returned = getattr(made, name)(held["w"], [gradient])
            if isinstance(returned, list):
                held["w"] = returned
            return held["w"][0]

        return step

    def holders(as_list: bool) -> Callable[[], Any]:
        def begin() -> Any:
            made = cls(**settings)
            held: dict[str, Any] = {}

            def step(value: Any, gradient: Any) -> Any:
                if not held:
                    held["layer"] = _Holder(value)
                layer = held["layer"]
                before = {k: np.array(v) for k, v in _values(layer).items()}
                layer.grads["W"][...] = gradient
                layer.dW[...] = gradient
                layer.grad[...] = gradient
                getattr(made, name)([layer] if as_list else layer)
                after = _values(layer)
                key = next((k for k in after if not np.array_equal(after[k], before[k])), "params")
                return after[key]

            return step

        return begin

    if count == 2:
        yield from (dicts, arrays, lists)
    else:
        yield from (holders(False), holders(True))


def _values(layer: _Holder) -> dict[str, Any]:
    return {"params": layer.params["W"], "W": layer.W, "data": layer.data}


def _rules(settings: dict[str, float]) -> Iterator[tuple[str, Any]]:
    """Yield (mistake or "", rule): rule(gradients) gives the steps added to the parameter."""
    lr = settings["lr"]
    mu = settings["momentum"]
    b1, b2, eps = settings["beta1"], settings["beta2"], settings["eps"]

    def linear(decay: float, gain: float, apply: Callable[[Any, Any, Any], Any]) -> Any:
        def rule(gradients: list[Any]) -> list[Any]:
            v = np.zeros_like(gradients[0])
            steps = []
            for g in gradients:
                before = v
                v = decay * v + gain * g
                steps.append(apply(v, before, g))
            return steps

        return rule

    def adam(first: bool, second: bool, begin: int = 1, inside: bool = False) -> Any:
        def rule(gradients: list[Any]) -> list[Any]:
            m = np.zeros_like(gradients[0])
            v = np.zeros_like(gradients[0])
            steps = []
            for t, g in enumerate(gradients, begin):
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
                mh = m / (1 - b1**t) if first and t else m
                vh = v / (1 - b2**t) if second and t else v
                steps.append(-lr * mh / (np.sqrt(vh + eps) if inside else np.sqrt(vh) + eps))
            return steps

        return rule

    def frozen(gradients: list[Any]) -> list[Any]:
        m = np.zeros_like(gradients[0])
        v = np.zeros_like(gradients[0])
        steps = []
        for g in gradients:
            m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
            steps.append(-lr * m / (1 - b1) / (np.sqrt(v / (1 - b2)) + eps))
        return steps

    def rms(decay: float, total: bool = False) -> Any:
        def rule(gradients: list[Any]) -> list[Any]:
            v = np.zeros_like(gradients[0])
            steps = []
            for g in gradients:
                v = v + g * g if total else decay * v + (1 - decay) * g * g
                steps.append(-lr * g / (np.sqrt(v) + eps))
            return steps

        return rule

    yield "", linear(0, 1, lambda v, b, g: -lr * g)
    yield "", linear(mu, 1, lambda v, b, g: -lr * v)
    yield "", linear(mu, -lr, lambda v, b, g: v)
    yield "", linear(mu, 1 - mu, lambda v, b, g: -lr * v)
    yield "", linear(mu, -lr, lambda v, b, g: -mu * b + (1 + mu) * v)
    yield "", linear(mu, -lr, lambda v, b, g: mu * v - lr * g)
    yield "", linear(mu, 1, lambda v, b, g: -lr * (g + mu * v))
    yield "", adam(True, True)
    yield "", adam(True, True, inside=True)
    for decay in (0.9, 0.99, 0.999, mu, b2):
        yield "", rms(decay)
    yield "", rms(0, True)
    yield "sign", linear(0, 1, lambda v, b, g: lr * g)
    yield "momentum-sign", linear(mu, lr, lambda v, b, g: v)
    yield "momentum-sign", linear(mu, -lr, lambda v, b, g: -v)
    yield "momentum-sign", linear(-mu, 1, lambda v, b, g: -lr * v)
    yield "momentum-sign", linear(-mu, -lr, lambda v, b, g: v)
    yield "momentum-sign", linear(mu, 1, lambda v, b, g: lr * v)
    yield "momentum-sign", linear(-mu, lr, lambda v, b, g: -v)
    yield "momentum-sign", linear(mu, -1, lambda v, b, g: -lr * v)
    for first, second, begin in (
        (False, False, 1),
        (True, False, 1),
        (False, True, 1),
        (True, True, 0),
        (True, True, 2),
    ):
        yield "adam-bias-correction", adam(first, second, begin)
        yield "adam-bias-correction", adam(first, second, begin, inside=True)
    yield "adam-bias-correction", frozen
    yield "constant-factor", linear(0, 2, lambda v, b, g: -lr * v)
    yield "constant-factor", linear(0, 0.5, lambda v, b, g: -lr * v)


def _judge(
    cls: Any,
    name: str,
    given: dict[str, Any],
    path: list[Any],
    gradients: list[Any],
    source: Source,
) -> list[dict[str, Any]] | None:
    settings = {"lr": 0.1, "momentum": 0.9, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    try:
        made = seeded(cls, **given)
    except FailedError:
        return None
    for leaf in leaves(made):
        value = leaf.array
        if value is None or value.ndim:
            continue
        key = plain(leaf.path)
        for setting, pattern in (
            ("lr", r"lr|learning|eta$|alpha|stepsize"),
            ("momentum", r"momentum|^mu$|gamma|rho|decay|^beta$"),
            ("beta1", r"beta1|^b1$"),
            ("beta2", r"beta2|^b2$"),
            ("eps", r"eps"),
        ):
            if re.search(pattern, key):
                settings[setting] = float(value)
                break
    if settings["lr"] == 0:
        return None
    moves = [after - before for before, after in itertools.pairwise(path)]
    right = None
    for mistake, rule in _rules(settings):
        steps = rule(gradients)
        right = steps if right is None else right
        if all(same(a, b, 1e-6) for a, b in zip(moves, steps, strict=True)):
            if not mistake:
                return []
            return [_finding(cls, name, mistake, moves, _best(cls, settings, gradients), source)]
    return None


def _best(cls: Any, settings: dict[str, float], gradients: list[Any]) -> list[Any]:
    rules = [rule for mistake, rule in _rules(settings) if not mistake]
    low = cls.__name__.lower()
    number = 7 if "adam" in low else 1 if "mom" in low else 0
    return list(rules[number](gradients))


def _finding(
    cls: Any, name: str, mistake: str, moves: list[Any], right: list[Any], source: Source
) -> dict[str, Any]:
    from rosenblatt.check.texts import TITLES

    numbers: dict[str, Any] = {}
    update = 1
    for number, (a, b) in enumerate(zip(moves, right, strict=True), 1):
        if not same(a, b, 1e-6):
            numbers, update = first_wrong(a, b), number
            break
    return {
        "mistake": mistake,
        "where": f"{cls.__name__}.{name}",
        "line": source.line_of_value(
            getattr(cls, name), ["params", "param", "w", "p", "W", "data"]
        ),
        "text": f"Update {update} is not that of the rule: {TITLES[mistake]}.",
        **numbers,
    }
