"""Reference of a network's gradients, right or with one chosen mistake in it.

Rows are samples: z = h W + b, a = f(z). ``backward`` returns what a student's code computes if it
makes the mistake, so that a mistake can be recognized by the numbers it gives.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rosenblatt.check.numbers.compare import same


def sigmoid(z: Any) -> Any:
    """Return 1 / (1 + e^−z)."""
    return 1.0 / (1.0 + np.exp(-np.clip(z, -700, 700)))


def softmax(z: Any, axis: int = -1) -> Any:
    """Return e^z / Σ e^z along ``axis``."""
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _softplus(z: Any) -> Any:
    return np.logaddexp(0, z)


def _elu(z: Any) -> Any:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky relu 0.01": lambda z: np.where(z > 0, z, 0.01 * z),
    "leaky relu 0.1": lambda z: np.where(z > 0, z, 0.1 * z),
    "leaky relu 0.2": lambda z: np.where(z > 0, z, 0.2 * z),
    "softmax": softmax,
    "softmax over samples": lambda z: softmax(z, 0) if np.ndim(z) > 1 else z,
    "elu": _elu,
    "softplus": _softplus,
    "linear 2 tanh": lambda z: 1.7159 * np.tanh(2 / 3 * z),
}
"""Activations that are recognized by their values."""


def slope(name: str, z: Any) -> Any:
    """Return f'(z) of an activation that works on single numbers."""
    if name == "identity":
        return np.ones_like(z)
    if name == "sigmoid":
        s = sigmoid(z)
        return s * (1 - s)
    if name == "tanh":
        return 1 - np.tanh(z) ** 2
    if name == "relu":
        return (z > 0) * 1.0
    if name.startswith("leaky"):
        return np.where(z > 0, 1.0, float(name.split()[-1]))
    if name == "elu":
        return np.where(z > 0, 1.0, np.exp(np.minimum(z, 0)))
    if name == "softplus":
        return sigmoid(z)
    if name == "linear 2 tanh":
        return 1.7159 * 2 / 3 * (1 - np.tanh(2 / 3 * z) ** 2)
    return np.ones_like(z)


def through(name: str, z: Any, da: Any) -> Any:
    """Return ∂L/∂z from ∂L/∂a."""
    if name.startswith("softmax"):
        axis = 0 if "samples" in name else -1
        p = softmax(z, axis)
        return p * (da - (p * da).sum(axis=axis, keepdims=True))
    return da * slope(name, z)


_LIMITS = {"sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "tanh": (-1.0, 1.0)}


def is_saturated(name: str, outputs: Any) -> bool:
    """Return whether all outputs of an activation are at its limits, as those of a decision are."""
    limits = _LIMITS.get(name, ())
    near = [np.isclose(outputs, limit, rtol=0, atol=1e-6) for limit in limits]
    return bool(near) and bool(np.any(near, axis=0).all())


def recognize(z: Any, a: Any, tolerance: float = 1e-7) -> str | None:
    """Return the name of the activation with a = f(z)."""
    with np.errstate(all="ignore"):
        for name, function in FUNCTIONS.items():
            if np.shape(z) == np.shape(a) and np.allclose(
                function(z), a, rtol=tolerance, atol=tolerance
            ):
                return name
    return None


def wrong_slopes(name: str, z: Any, da: Any) -> Iterator[tuple[str, Any]]:
    """Yield (mistake, ∂L/∂z) for the ways in which an activation's derivative goes wrong."""
    with np.errstate(all="ignore"):
        a = FUNCTIONS[name](z)
        if name == "identity":
            return
        if name.startswith("softmax"):
            yield "softmax-diagonal-only", da * a * (1 - a)
            yield "activation-derivative-missing", da
            yield "softmax-diagonal-only", da * a
            yield "sign", -through(name, z, da)
            return
        if name in ("sigmoid", "tanh", "relu", "elu", "softplus") or name.startswith("leaky"):
            if "relu" in name:
                small = float(name.split()[-1]) if name.startswith("leaky") else 0.0
                for mask in (da > 0, da >= 0):
                    yield "relu-mask-of-gradient", np.where(mask, da, small * da)
                for mask in (z < 0, z <= 0):
                    yield "relu-wrong-side", np.where(mask, da, small * da)
            else:
                yield "activation-derivative-at-output", da * slope(name, a)
                # The formula in terms of the output, given the input.
                if name == "sigmoid":
                    yield "activation-derivative-at-output", da * z * (1 - z)
                if name == "tanh":
                    yield "activation-derivative-at-output", da * (1 - z**2)
            yield "activation-derivative-missing", da
            yield "activation-derivative-at-output", da * slope(name, z) ** 2
            yield "upstream-gradient-missing", slope(name, z)
            yield "activation-derivative-missing", da * a
            if name in ("tanh", "sigmoid"):
                yield "activation-derivative-missing", da * (1 - a)
            if name == "sigmoid":
                yield "activation-derivative-missing", da * (1 - a**2)
                yield "sign", da * a * (1 + a)
            if name == "tanh":
                yield "sign", da * (1 + a**2)
            yield "activation-derivative-missing", z
            yield "activation-derivative-missing", a


def slope_detail(name: str | None, z: Any, used: Any) -> str:
    """Return what the slope that is used has in place of f'(z); "" where nothing is known.

    >>> z = np.array([0.3, -1.2])
    >>> slope_detail("sigmoid", z, sigmoid(z))
    'the factor (1 − a) of a (1 − a) is missing'
    """
    if name not in ("sigmoid", "tanh"):
        return ""
    a = FUNCTIONS[name](z)
    details = {
        "sigmoid": {
            "the factor (1 − a) of a (1 − a) is missing": a,
            "the factor a of a (1 − a) is missing": 1 - a,
            "1 − a² is the derivative of tanh; the sigmoid has a (1 − a)": 1 - a**2,
        },
        "tanh": {
            "a is not squared: tanh has 1 − a²": 1 - a,
            "tanh has 1 − a², the code has a": a,
            "a (1 − a) is the derivative of the sigmoid; tanh has 1 − a²": a * (1 - a),
        },
    }[name]
    return next((text for text, value in details.items() if same(used, value)), "")


def _times(c: float) -> Callable[[Any, int, Any, Any], Any]:
    """Return the function that multiplies a gradient by c."""
    return lambda net, k, dz, value: c * value


def _with_input(pick: Callable[[Any, int], Any]) -> Callable[[Any, int, Any, Any], Any]:
    """Return the weight gradient with another input."""
    return lambda net, k, dz, dw: pick(net, k).T @ dz


@dataclass
class Net:
    """Weights (in, out), biases (out,) or None and the activation's name of every layer."""

    weights: list[Any]
    biases: list[Any]
    activations: list[str]
    x: Any = None
    inputs: list[Any] = field(default_factory=list)
    sums: list[Any] = field(default_factory=list)

    def forward(self, x: Any) -> Any:
        """Return the output; keep inputs h and sums z of each layer."""
        self.x, self.inputs, self.sums = x, [], []
        h = x
        for weight, bias, name in zip(self.weights, self.biases, self.activations, strict=True):
            self.inputs.append(h)
            z = h @ weight
            z = z if bias is None else z + bias
            self.sums.append(z)
            h = FUNCTIONS[name](z)
        self.inputs.append(h)
        return h

    def backward(self, top: Any, at: int = -1, change: "Change | None" = None) -> dict[str, Any]:
        """Return the gradients "W0", "b0", …, "x"; ``top`` is ∂L/∂z of the last layer.

        ``change`` makes one mistake in layer ``at``.
        """
        grads: dict[str, Any] = {}
        dz = top
        for k in reversed(range(len(self.weights))):
            h, weight = self.inputs[k], self.weights[k]
            here = change if k == at else None
            dw = h.T @ dz
            db = dz.sum(axis=0)
            dh = dz @ weight.T
            if here is not None:
                dw = here.weight(self, k, dz, dw)
                db = here.bias(self, k, dz, db)
                dh = here.input(self, k, dz, dh)
            grads[f"W{k}"], grads[f"b{k}"] = dw, db
            if k:
                name, z = self.activations[k - 1], self.sums[k - 1]
                dz = through(name, z, dh)
                below = change if k - 1 == at else None
                if below is not None:
                    dz = below.slope(self, k - 1, dh, dz)
            else:
                grads["x"] = dh
        return grads


def _keep(net: Net, k: int, dz: Any, value: Any) -> Any:
    return value


@dataclass
class Change:
    """One mistake in one layer."""

    mistake: str
    parameter: str
    weight: Callable[[Net, int, Any, Any], Any] = _keep
    bias: Callable[[Net, int, Any, Any], Any] = _keep
    input: Callable[[Net, int, Any, Any], Any] = _keep
    slope: Callable[[Net, int, Any, Any], Any] = _keep


def factor_name(c: float, n: int) -> str | None:
    """Return the mistake that multiplies by ``c``, with batches of n samples.

    >>> factor_name(5, 5), factor_name(-1, 5), factor_name(0.5, 5), factor_name(0.7123, 5)
    ('batch-factor', 'sign', 'constant-factor', None)
    """
    if not np.isfinite(c) or c == 0:
        return None
    if abs(c + 1) < 1e-5:
        return "sign"
    if n > 1 and any(abs(c / f - 1) < 1e-5 for f in (n, 1 / n, n * n, 1 / n**2)):
        return "batch-factor"
    if any(
        abs(c / f - 1) < 1e-5 for f in (2, 0.5, 4, 0.25, 3, 1 / 3, 10, 0.1, 0.9, 1 / 0.9, 100, 0.01)
    ):
        return "constant-factor"
    return None


def changes(net: Net, k: int) -> Iterator[Change]:
    """Yield every mistake that layer k can have, the commonest first."""
    n = len(net.x)
    weight, last = net.weights[k], len(net.weights) - 1
    others = [("batch-factor", 1 / n), ("batch-factor", n), ("sign", -1.0)]
    others += [("constant-factor", c) for c in (2.0, 0.5)]
    if n == 1:
        others = others[2:]
    if k < last:
        da_probe = net.sums[k]
        for number, (mistake, _) in enumerate(
            wrong_slopes(net.activations[k], net.sums[k], np.ones_like(da_probe))
        ):

            def wrong(net: Net, k: int, dh: Any, dz: Any, number: int = number) -> Any:
                every = list(wrong_slopes(net.activations[k], net.sums[k], dh))
                return every[number][1]

            yield Change(mistake, "z", slope=wrong)
        for mistake, c in others:
            yield Change(mistake, "z", slope=_times(c))
    yield Change("bias-gradient-missing", "b", bias=lambda net, k, dz, db: 0 * db)
    for mistake, c in others:
        yield Change(mistake, "W", weight=_times(c))
        yield Change(mistake, "b", bias=_times(c))
        yield Change(mistake, "x", input=_times(c))
        yield Change(
            mistake,
            "W",
            weight=_times(c),
            bias=_times(c),
        )
    if weight.shape[0] == weight.shape[1]:
        yield Change("transposed", "x", input=lambda net, k, dz, dh: dz @ net.weights[k])
        yield Change("transposed", "W", weight=lambda net, k, dz, dw: dw.T)
    yield Change("bias-gradient-not-summed", "b", bias=lambda net, k, dz, db: dz[0])
    yield Change("bias-gradient-not-summed", "b", bias=lambda net, k, dz, db: dz[-1])
    yield Change("bias-gradient-not-summed", "b", bias=lambda net, k, dz, db: 0 * db + dz.sum())
    yield Change("bias-gradient-not-summed", "b", bias=lambda net, k, dz, db: 0 * db + dz.mean())
    yield Change(
        "bias-gradient-times-input",
        "b",
        bias=lambda net, k, dz, db: (net.inputs[k].sum(axis=1, keepdims=True) * dz).sum(axis=0),
    )
    yield Change(
        "bias-gradient-times-input",
        "b",
        bias=lambda net, k, dz, db: (net.inputs[k].T @ dz).mean(axis=0),
    )
    yield Change(
        "bias-gradient-times-input",
        "b",
        bias=lambda net, k, dz, db: (net.inputs[k].mean(axis=1, keepdims=True) * dz).sum(axis=0),
    )
    yield Change(
        "bias-gradient-times-input",
        "b",
        bias=lambda net, k, dz, db: (net.inputs[k][:, :1] * dz).sum(axis=0),
    )
    if net.biases[k] is not None:
        yield Change(
            "bias-gradient-times-input", "b", bias=lambda net, k, dz, db: db * net.biases[k]
        )
    wrong_inputs: list[Callable[[Net, int], Any]] = [
        lambda net, k: net.inputs[k + 1],
        lambda net, k: net.sums[k],
        lambda net, k: net.sums[k - 1] if k else None,
        lambda net, k: net.inputs[k - 1] if k else None,
        lambda net, k: np.roll(net.inputs[k], 1, axis=0),
        lambda net, k: np.maximum(net.inputs[k], 0),
        lambda net, k: np.abs(net.inputs[k]),
        lambda net, k: net.x,
        lambda net, k: np.ones_like(net.inputs[k]),
    ]
    for pick in wrong_inputs:
        other = pick(net, k)
        if other is not None and other.shape == net.inputs[k].shape:
            yield Change(
                "wrong-input-cached",
                "W",
                weight=_with_input(pick),
            )
