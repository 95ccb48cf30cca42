"""The mistakes that explain a wrong update of a recognized network."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.check.network.losses import Gradients, common_factor, known_tops, usual_tops
from rosenblatt.check.network.network import Step
from rosenblatt.check.numbers.compare import same
from rosenblatt.check.numbers.reference import FUNCTIONS, Change, changes, through, wrong_slopes


def wrong_updates(
    step: Step, loss: str, y: Any, top: Any, earlier: list[Step]
) -> Iterator[tuple[str, str, Gradients]]:
    """Yield (mistake, parameter, gradients) for every mistake that is tried."""
    net = step.net
    last = len(net.weights) - 1
    z, name = net.sums[-1], net.activations[-1]
    a = FUNCTIONS[name](z)
    wl = f"W{last}"
    # Mistakes in the layers.
    for k in reversed(range(last + 1)):
        for change in changes(net, k):
            key = {"W": f"W{k}", "b": f"b{k}", "x": f"W{max(k - 1, 0)}", "z": f"W{k}"}
            if change.parameter == "x" and k == 0:
                continue
            if change.parameter == "b" and f"b{k}" not in step.moved:
                continue
            yield change.mistake, key[change.parameter], net.backward(top, k, change)
    # The same mistake in every layer at once.
    yield from _everywhere(step, top)
    # Weights that have moved before the layer below uses them.
    for k in range(1, last + 1):
        new = step.new[k]
        change = Change("update-before-use", "x", input=_through(new))
        yield change.mistake, f"W{k - 1}", net.backward(top, k, change)
    if last > 1:
        yield "update-before-use", "W0", _with_new_weights(step, top)
    # Mistakes at the top.
    d = a - y
    if name != "identity":
        for mistake, dz in wrong_slopes(name, z, d):
            if "squared" in loss and mistake != "upstream-gradient-missing":
                yield mistake, wl, net.backward(dz)
    if "squared" in loss and name != "identity":
        yield "activation-derivative-missing", wl, net.backward(d)
    if "squared" not in loss:
        yield "loss-gradient-mismatch", wl, net.backward(through(name, z, d))
        if name in ("softmax", "sigmoid"):
            yield "loss-gradient-mismatch", wl, net.backward(d * a * (1 - a))
            yield "loss-gradient-mismatch", wl, net.backward(-y / np.maximum(a, 1e-12))
        if name == "softmax":
            inner = -y / np.maximum(a, 1e-12)
            yield "softmax-diagonal-only", wl, net.backward(inner * a * (1 - a))
    yield "loss-gradient-mismatch", wl, net.backward(np.sign(d))
    if name == "softmax":
        yield "softmax-diagonal-only", wl, net.backward(d * a * (1 - a))
    yield "loss-gradient-mismatch", wl, net.backward(a)
    yield "sign", wl, net.backward(a + y)
    for step_before in earlier[-1:]:
        before = step_before.moved
        if all(np.shape(before.get(k, 0)) == np.shape(v) for k, v in step.moved.items()):
            gradients = net.backward(top)
            c = common_factor(before, step_before.net.backward(_same_top(step_before, step, top)))
            if c:
                mixed = {k: gradients[k] + before[k] / c for k in step.moved}
                yield "gradients-accumulate", "W0", mixed
    if len(y) > 1:
        for shift in (1, -1):
            wrong = np.roll(y, shift, axis=0)
            shifted = dict(_tops_for(step, wrong))
            for other in shifted.values():
                yield "labels-misaligned", wl, net.backward(other)


def _through(weight: Any) -> Any:
    """Return the function that passes a gradient through other weights."""
    return lambda net, k, dz, dh: dz @ weight.T


def _tops_for(step: Step, y: Any) -> list[tuple[str, Any]]:
    return usual_tops(step, y)


def _same_top(before: Step, step: Step, top: Any) -> Any:
    """Return ∂L/∂z of the earlier step, for the same loss as ``top`` is."""
    now = {loss: value for y in step.targets[:1] for loss, value in usual_tops(step, y)}
    for loss, value in now.items():
        scale = float((value * top).sum()) / max(float((value * value).sum()), 1e-300)
        if scale and same(top, scale * value):
            for y in before.targets[:1]:
                for other, earlier in usual_tops(before, y):
                    if other == loss:
                        return scale * earlier
    for _, _, earlier in known_tops(before):
        return earlier
    return usual_tops(before, before.targets[0])[0][1]


def _everywhere(step: Step, top: Any) -> Iterator[tuple[str, str, Gradients]]:
    net = step.net
    last = len(net.weights) - 1
    n = len(net.x)
    right = net.backward(top)
    weights = [f"W{k}" for k in range(last + 1)]
    biases = [f"b{k}" for k in range(last + 1)]
    factors = [("batch-factor", 1 / n), ("batch-factor", n)] if n > 1 else []
    factors += [("sign", -1.0), ("constant-factor", 2.0), ("constant-factor", 0.5)]
    for mistake, c in factors:
        for keys in (weights, biases):
            yield mistake, keys[0], {k: (c * v if k in keys else v) for k, v in right.items()}
    yield (
        "bias-gradient-missing",
        biases[0],
        {k: (0 * v if k in biases else v) for k, v in right.items()},
    )
    for row in (0, -1):
        yield (
            "bias-gradient-not-summed",
            biases[0],
            {**right, **_biases(net, top, lambda dz, h, row=row: dz[row])},
        )
    yield (
        "bias-gradient-not-summed",
        biases[0],
        {**right, **_biases(net, top, lambda dz, h: np.full(dz.shape[1], dz.sum()))},
    )
    yield (
        "bias-gradient-times-input",
        biases[0],
        {**right, **_biases(net, top, lambda dz, h: (h.sum(axis=1, keepdims=True) * dz).sum(0))},
    )
    yield (
        "bias-gradient-times-input",
        biases[0],
        {**right, **_biases(net, top, lambda dz, h: (h.mean(axis=1, keepdims=True) * dz).sum(0))},
    )
    # A wrong derivative in every hidden layer.
    if last > 1:
        count = max(
            len(list(wrong_slopes(net.activations[k], net.sums[k], net.sums[k])))
            for k in range(last)
        )
        for number in range(count):
            grads: Gradients = {}
            dz = top
            mistake = ""
            for k in reversed(range(last + 1)):
                grads[f"W{k}"], grads[f"b{k}"] = net.inputs[k].T @ dz, dz.sum(axis=0)
                if k:
                    dh = dz @ net.weights[k].T
                    options = list(wrong_slopes(net.activations[k - 1], net.sums[k - 1], dh))
                    if number >= len(options):
                        break
                    mistake, dz = options[number]
            else:
                yield mistake, "W0", grads


def _biases(net: Any, top: Any, rule: Any) -> Gradients:
    result = {}
    dz = top
    for k in reversed(range(len(net.weights))):
        result[f"b{k}"] = rule(dz, net.inputs[k])
        if k:
            dz = through(net.activations[k - 1], net.sums[k - 1], dz @ net.weights[k].T)
    return result


def _with_new_weights(step: Step, top: Any) -> Gradients:
    net, dz, grads = step.net, top, {}
    for k in reversed(range(len(net.weights))):
        grads[f"W{k}"], grads[f"b{k}"] = net.inputs[k].T @ dz, dz.sum(axis=0)
        if k:
            dz = through(net.activations[k - 1], net.sums[k - 1], dz @ step.new[k].T)
    return grads
