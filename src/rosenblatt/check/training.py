"""The updates of a training run, compared with those of the reference."""

import ast
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.check.compare import first_wrong, same
from rosenblatt.check.network import Step, find_steps, rates_of
from rosenblatt.check.recording import Event
from rosenblatt.check.reference import (
    FUNCTIONS,
    Change,
    changes,
    factor_name,
    sigmoid,
    softmax,
    through,
    wrong_slopes,
)
from rosenblatt.check.source import Source

Gradients = dict[str, Any]


def check_training(events: list[Event], source: Source) -> list[dict[str, Any]] | None:
    """Return the findings of a recorded run; None where no network is recognized in it."""
    steps = [step for step in find_steps(events, source.code) if step.targets]
    steps = [s for s in steps if any(np.any(m) for m in s.moved.values())]
    early = _of_values(events, steps, source)
    if early:
        return early
    if not steps:
        return None
    constants = [
        float(node.value)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    ]
    rates = rates_of(events, constants)
    name = _forward_name(steps[0])
    if name == "softmax over samples" and len(steps[0].net.x) > 1:
        return [_finding(steps[0], source, "softmax-wrong-axis", "W0", None, None, r"exp\(")]
    judged = False
    for number, step in enumerate(steps[:3]):
        verdict = _judge(step, steps[:number], rates, source, events)
        if verdict is None:
            continue
        judged = True
        if verdict:
            return verdict
    if not judged:
        return None
    return _of_data(events, steps, source) or _overflow(steps, source)


def _overflow(steps: list[Step], source: Source) -> list[dict[str, Any]]:
    """Return a finding for a softmax of exponentials from which no maximum is subtracted."""
    if steps[0].net.activations[-1] != "softmax" or "exp(" not in source.code:
        return []
    if re.search(r"max\(|logsumexp|log_softmax|clip\(|maximum", source.code):
        return []
    return [_finding(steps[0], source, "softmax-overflow", "W0", None, None, r"exp\(")]


def _forward_name(step: Step) -> str:
    return step.net.activations[-1]


def _tops(step: Step, y: Any) -> list[tuple[str, Any]]:
    """Return ∂L/∂z of the usual losses, by name; each loss times any positive number."""
    z, name = step.net.sums[-1], step.net.activations[-1]
    a = FUNCTIONS[name](z)
    d = a - y
    tops = [("squared", through(name, z, d))]
    if name in ("sigmoid", "softmax"):
        tops.insert(0, ("cross-entropy", d))
    if name == "softmax":
        tops = tops[:2]
    if name == "identity":
        tops.append(("softmax", softmax(z) - y if z.shape[1] > 1 else sigmoid(z) - y))
        tops.append(("logistic", sigmoid(z) - y))
    return tops


def _known_top(step: Step) -> list[tuple[str, Any, Any]]:
    """Return (loss, targets, ∂L/∂z) of the losses whose values were recorded."""
    z, name = step.net.sums[-1], step.net.activations[-1]
    result = []
    for title, _, (y, gradient) in step.losses:
        kind, loss = title.split(" ", 1)
        top = gradient if kind == "z" or name == "identity" else through(name, z, gradient)
        if kind == "a" and loss.startswith("cross-entropy") and name == "softmax":
            top = (softmax(z) - y) * (np.abs(gradient).max() * 0 + _scale(loss, y))
        if kind == "a" and loss.startswith("binary") and name == "sigmoid":
            top = (sigmoid(z) - y) * _scale(loss, y)
        result.append((loss, y, top))
    return result


def _scale(loss: str, y: Any) -> float:
    return {"mean": 1 / y.size, "batch": 1 / len(y), "sum": 1.0}[loss.rsplit(" ", 1)[1]]


def _factor(observed: Gradients, predicted: Gradients) -> float | None:
    """Return c where every observed movement is c times the predicted gradient."""
    keys = [k for k in observed if k in predicted]
    a = np.concatenate([np.ravel(observed[k]) for k in keys])
    b = np.concatenate([np.ravel(predicted[k]) for k in keys])
    square = float(b @ b)
    if not square or not np.isfinite(square) or not np.isfinite(a).all():
        return None
    c = float(a @ b) / square
    if c == 0:
        return None
    for key in keys:
        scale = max(
            np.abs(observed[key]).max(initial=0), abs(c) * np.abs(predicted[key]).max(initial=0)
        )
        top = max(np.abs(a).max(), abs(c) * np.abs(b).max())
        if (np.abs(observed[key] - c * predicted[key]) > 1e-5 * scale + 1e-9 * top).any():
            return None
    return c


def _agrees(c: float, rates: list[float]) -> bool:
    return any(abs(c / rate - 1) < 1e-4 for rate in rates)


def _judge(
    step: Step, earlier: list[Step], rates: list[float], source: Source, events: list[Event]
) -> list[dict[str, Any]] | None:
    """Return findings, [] where the update is right, None where it cannot be told."""
    observed = step.moved
    known = _known_top(step)
    n = len(step.net.x)
    right: list[tuple[str, Any, Gradients]] = []
    for loss, y, top in known:
        right.append((loss, y, step.net.backward(top)))
    accepted: list[float] = []
    for _, _, gradients in right:
        c = _factor(observed, gradients)
        if c is not None:
            if c > 0 and (_agrees(c, rates) or not rates):
                return []
            accepted.append(c)
    if accepted:
        multiples = _by_factor(step, accepted, rates, n, source, right[0][2])
        if multiples or len(rates) > 2:
            return multiples
        return _hypotheses(step, known, earlier, rates, source, exact=True) or []
    free = [(loss, y, top) for y in step.targets for loss, top in _tops(step, y)]
    if not known:
        for _, _, top in free:
            c = _factor(observed, step.net.backward(top))
            if c is not None:
                if c > 0:
                    return []
                return [
                    _finding(
                        step,
                        source,
                        "sign",
                        "W0",
                        observed["W0"],
                        -np.asarray(observed["W0"]),
                        None,
                    )
                ]
    tops = known or free[:6]
    if not tops:
        return None
    for exact in (True, False):
        explained = _hypotheses(step, tops, earlier, rates, source, exact=exact)
        if explained:
            return explained
    return _by_optimizer(step, earlier, rates, source, [*known, *free], events)


def _hypotheses(
    step: Step,
    tops: list[tuple[str, Any, Any]],
    earlier: list[Step],
    rates: list[float],
    source: Source,
    *,
    exact: bool,
) -> list[dict[str, Any]]:
    """Return the finding of the first mistake that gives the update, with a known rate if exact."""
    for loss, y, top in tops:
        for mistake, parameter, predicted in _wrong(step, loss, y, top, earlier):
            c = _factor(step.moved, predicted)
            if c is None or c < 0 or (exact and not _agrees(c, rates)):
                continue
            numeric = step.net.backward(top)[parameter]
            return [_finding(step, source, mistake, parameter, predicted[parameter], numeric, None)]
    return []


def _by_factor(
    step: Step,
    factors: list[float],
    rates: list[float],
    n: int,
    source: Source,
    right: Gradients,
) -> list[dict[str, Any]]:
    """Return a finding where the whole update is a simple multiple of the right one."""
    for c in factors:
        if c < 0:
            return [
                _finding(step, source, "sign", "W0", -np.asarray(right["W0"]), right["W0"], None)
            ]
    for c in factors:
        for rate in rates:
            for f, mistake in (
                (n, "batch-factor"),
                (1 / n, "batch-factor"),
                (2.0, "constant-factor"),
                (0.5, "constant-factor"),
                (1 / n**2, "batch-factor"),
            ):
                fits = abs(c / rate / f - 1) < 1e-4 and len(rates) <= 2
                if fits and (n > 1 or mistake != "batch-factor"):
                    wrong = f * np.asarray(right["W0"])
                    return [_finding(step, source, mistake, "W0", wrong, right["W0"], None)]
    return []


def _wrong(
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
            c = _factor(before, step_before.net.backward(_same_top(step_before, step, top)))
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
    return _tops(step, y)


def _same_top(before: Step, step: Step, top: Any) -> Any:
    """Return ∂L/∂z of the earlier step, for the same loss as ``top`` is."""
    now = {loss: value for y in step.targets[:1] for loss, value in _tops(step, y)}
    for loss, value in now.items():
        scale = float((value * top).sum()) / max(float((value * value).sum()), 1e-300)
        if scale and same(top, scale * value):
            for y in before.targets[:1]:
                for other, earlier in _tops(before, y):
                    if other == loss:
                        return scale * earlier
    for _, _, earlier in _known_top(before):
        return earlier
    return _tops(before, before.targets[0])[0][1]


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


def _by_optimizer(
    step: Step,
    earlier: list[Step],
    rates: list[float],
    source: Source,
    tops: list[tuple[str, Any, Any]],
    events: list[Event],
) -> list[dict[str, Any]] | None:
    """Judge an update that is not a multiple of the gradient: momentum, Adam, decay."""
    observed = step.moved
    keys = list(observed)
    flat = np.concatenate([np.ravel(observed[k]) for k in keys])
    for _, _, top in tops:
        gradients = step.net.backward(top)
        g = np.concatenate([np.ravel(gradients[k]) for k in keys])
        if not np.isfinite(g).all():
            continue
        if not earlier:
            signs = np.sign(g)
            moving = np.abs(g) > 1e-5 * np.abs(g).max()
            sizes = flat[moving] * signs[moving]
            if sizes.size > 2 and np.ptp(sizes) < 2e-2 * abs(sizes.mean()):
                size = float(sizes.mean())
                for rate in rates:
                    for factor in (0.1 / np.sqrt(0.001), 0.1 / 0.001):
                        if abs(size / rate / factor - 1) < 0.02:
                            return [
                                _finding(
                                    step,
                                    source,
                                    "adam-bias-correction",
                                    "W0",
                                    observed["W0"],
                                    rate * np.sign(gradients["W0"]),
                                    r"sqrt",
                                )
                            ]
                if size < 0:
                    return [
                        _finding(step, source, "sign", "W0", observed["W0"], -observed["W0"], None)
                    ]
                return []
        else:
            before = earlier[-1].moved
            if not all(np.shape(before.get(k, 0)) == np.shape(observed[k]) for k in keys):
                continue
            past = np.concatenate([np.ravel(before[k]) for k in keys])
            matrix = np.stack([g, past], axis=1)
            solution, *_ = np.linalg.lstsq(matrix, flat, rcond=None)
            rest = np.abs(matrix @ solution - flat).max()
            if rest <= 1e-6 * np.abs(flat).max():
                k, mu = (float(v) for v in solution)
                if 0.3 < mu < 1 and k > 0:
                    return []
                if -1 < mu < -0.3 and k > 0:
                    return [
                        _finding(
                            step,
                            source,
                            "momentum-sign",
                            "W0",
                            observed["W0"],
                            k * gradients["W0"] - mu * before["W0"],
                            r"momentum|mu|beta|\bv\w*",
                        )
                    ]
                if abs(mu - 1) < 1e-6 and k > 0:
                    return [
                        _finding(
                            step,
                            source,
                            "gradients-accumulate",
                            "W0",
                            observed["W0"],
                            k * gradients["W0"],
                            None,
                        )
                    ]
    if step.unmatched_losses or re.search(
        r"momentum|adam|rms|velocity|dropout|batch_?norm|lambda|l2|decay|clip|hinge|regular",
        source.code,
        re.I,
    ):
        return None
    # Nothing fits: wrong only where the loss is known and all parameters are seen.
    known = _known_top(step)
    if known and not earlier:
        gradients = step.net.backward(known[0][2])
        for key in keys:
            c = _factor({key: observed[key]}, gradients)
            if c is None:
                return [
                    _finding(
                        step,
                        source,
                        "unexplained",
                        key,
                        observed[key],
                        gradients[key] * (rates[0] if rates else 1.0),
                        None,
                    )
                ]
        for key in keys:
            c = _factor({key: observed[key]}, gradients)
            if c is not None and rates and not _agrees(c, rates):
                mistake = factor_name(c / rates[0], len(step.net.x))
                return [
                    _finding(
                        step,
                        source,
                        mistake or "constant-factor",
                        key,
                        observed[key],
                        gradients[key] * rates[0],
                        None,
                    )
                ]
    return None


def _finding(
    step: Step,
    source: Source,
    mistake: str,
    parameter: str,
    analytic: Any,
    numeric: Any,
    pattern: str | None,
) -> dict[str, Any]:
    from rosenblatt.check.texts import TITLES

    name = step.names.get(parameter, parameter)
    if analytic is not None and parameter in step.turned:
        analytic, numeric = np.transpose(analytic), np.transpose(numeric)
    numbers = {} if analytic is None else first_wrong(analytic, numeric)
    line = step.lines.get(parameter)
    if pattern is not None:
        line = source.line_matching(pattern) or line
    elif parameter in step.lines:
        line = gradient_line(source, name) or line
    function = next(
        (
            f.name
            for f in source.functions
            if line is not None and f.lineno <= line <= (f.end_lineno or f.lineno)
        ),
        "training",
    )
    return {
        "mistake": mistake,
        "where": function,
        "parameter": name,
        "line": line,
        "text": f"In update 1 of the run, {name} does not move down the gradient of the loss: "
        f"{TITLES.get(mistake, mistake)}.",
        **numbers,
    }


def gradient_line(source: Source, name: str) -> int | None:
    """Return the line that assigns the gradient of a parameter, by the usual names."""
    words = re.findall(r"\w+", name)
    if not words:
        return None
    last = words[-1]
    names = {f"d{last}", f"d_{last}", f"grad_{last}", f"{last}_grad", f"g{last}", f"grad{last}"}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                found = set(re.findall(r"\w+", ast.unparse(target)))
                if found & names:
                    return node.lineno
    return None


def _of_values(events: list[Event], steps: list[Step], source: Source) -> list[dict[str, Any]]:
    """Return a finding for shapes that broadcast, whole-number weights and equal weights."""
    for step in steps[:1]:
        net = step.net
        n = len(net.x)
        widths = {w for weight in net.weights for w in weight.shape}
        if n > 2 and n not in widths:
            for event in events[step.start : step.end + 1]:
                if event.value.shape == (n, n) and is_broadcast(event.value):
                    return [
                        {
                            "mistake": "broadcast",
                            "where": event.function or "training",
                            "parameter": event.name,
                            "line": event.line,
                            "text": f"{event.name} has the shape ({n}, {n}): an array (N, 1) and "
                            "an array (N,) were combined.",
                        }
                    ]
        if len(net.weights) > 1:
            first = net.weights[0]
            if first.shape[1] > 1 and np.ptp(first, axis=1).max() == 0:
                line = _assigned(events, step.names["W0"])
                return [
                    {
                        "mistake": "symmetric-init",
                        "where": "training",
                        "parameter": step.names["W0"],
                        "line": line,
                        "text": f"All hidden units start with the same weights in "
                        f"{step.names['W0']}, so that they stay equal.",
                    }
                ]
    equal = _equal_weights(events)
    if equal is not None:
        return [equal]
    for event in events[:400]:
        last = event.name.split(".")[-1]
        if event.dtype in "iu" and event.value.ndim in (1, 2) and event.value.size > 1:
            named = re.fullmatch(r"_?(w|W|weights?|Ws?)_?\d*(\[.*\])?(_\w+)?", last)
            if named and not re.search(r"shape|size|dim", last):
                return [
                    {
                        "mistake": "integer-weights",
                        "where": event.function or "training",
                        "parameter": event.name,
                        "line": event.line,
                        "text": f"{event.name} holds whole numbers; small steps are lost.",
                    }
                ]
    return []


def is_broadcast(square: Any) -> bool:
    """Return whether a square array is a_i ± b_j or a_i b_j, as of arrays (N, 1) and (N,).

    >>> a = np.array([[1.0], [2.0], [4.0]])
    >>> is_broadcast(a - np.array([1.0, 0.0, 1.0])), is_broadcast(np.eye(3))
    (True, False)
    """
    if not np.isfinite(square).all() or np.ptp(square) == 0:
        return False
    scale = np.abs(square).max()
    differs = np.ptp(square, axis=0).max() > 0 and np.ptp(square, axis=1).max() > 0
    added = np.ptp(square - square[:1], axis=1).max() <= 1e-9 * scale
    largest = np.linalg.svd(square, compute_uv=False)
    return bool(differs and (added or largest[1] <= 1e-9 * largest[0]))


def _equal_weights(events: list[Event]) -> dict[str, Any] | None:
    """Return a finding if a matrix of weights starts with one number, next to another matrix."""
    first: dict[str, Event] = {}
    for event in events[:300]:
        key = re.sub(r"^.*?[.\[]", "", event.name).strip("]'\"")
        named = re.fullmatch(r"_?(W|w|weights?|theta|Theta|kernel)_?\d*\w{0,3}(\[\d+\])?", key)
        moment = re.search(r"vel|mom|grad|cache|^m|^v|^d", event.name)
        if named and event.value.ndim == 2 and not moment:
            first.setdefault(event.name, event)
    shapes = {event.value.shape for event in first.values()}
    if len(shapes) < 2:
        return None
    for event in first.values():
        if min(event.value.shape) > 1 and np.ptp(event.value) == 0:
            return {
                "mistake": "symmetric-init",
                "where": event.function or "training",
                "parameter": event.name,
                "line": event.line,
                "text": f"All numbers in {event.name} start equal, so that all hidden units "
                "learn the same.",
            }
    return None


def _assigned(events: list[Event], name: str) -> int | None:
    for event in events:
        if event.name == name:
            return event.line
    return None


def _of_data(events: list[Event], steps: list[Step], source: Source) -> list[dict[str, Any]]:
    """Return a finding for labels of other samples and for samples that are left out."""
    x_rows = steps[0].net.x
    d = x_rows.shape[1]
    whole = None
    for event in events[:300]:
        value = event.value
        if value.ndim == 2 and d in value.shape and value.size > x_rows.size - 1:
            rows = value if value.shape[1] == d else value.T
            if len(rows) >= len(x_rows):
                whole = rows
                break
    if whole is None:
        return []
    n_all = len(whole)
    y_all = None
    c = steps[0].targets[0].shape[1]
    for event in events[:300]:
        value = event.value
        if (
            value.size in (n_all, n_all * c)
            and value.ndim <= 2
            and re.search(r"(^|_|\.)(y|t|target|label)", event.name, re.I)
        ):
            if value.size == n_all * c:
                y_all = (
                    value.T if value.shape == (c, n_all) and c != n_all else value.reshape(n_all, c)
                )
            elif c > 1 and value.min() >= 0 and value.max() < c:
                y_all = np.eye(c)[value.ravel().astype(int)]
            break
    labels: dict[bytes, set[bytes]] = {}
    if y_all is not None:
        for row, target in zip(whole, y_all, strict=True):
            labels.setdefault(row.tobytes(), set()).add(target.tobytes())
        wrong = seen = 0
        for step in steps:
            used = _used_targets(step)
            if used is None:
                continue
            for row, target in zip(np.ascontiguousarray(step.net.x), used, strict=True):
                allowed = labels.get(row.tobytes())
                if allowed is not None:
                    seen += 1
                    wrong += np.ascontiguousarray(target).tobytes() not in allowed
        if wrong and seen > 2:
            line = source.line_matching(r"shuffle|permutation|\[perm|\[idx|\[order|argsort")
            return [
                {
                    "mistake": "labels-misaligned",
                    "where": "training",
                    "line": line,
                    "text": f"{wrong} of {seen} samples are trained with another sample's label.",
                }
            ]
    return _left_over(events, x_rows, n_all, source)


def _used_targets(step: Step) -> Any:
    for _, y, top in _known_top(step):
        c = _factor(step.moved, step.net.backward(top))
        if c is not None:
            return y
    for y in step.targets:
        for _, top in _tops(step, y):
            c = _factor(step.moved, step.net.backward(top))
            if c is not None and c > 0:
                return y
    return None


def _left_over(
    events: list[Event], x_rows: Any, n_all: int, source: Source
) -> list[dict[str, Any]]:
    size, d = x_rows.shape
    if size < 2 or n_all % size == 0 or size >= n_all:
        return []
    if re.search(r"choice\(|randint\(|\.sample\(", source.code):
        return []
    ragged = n_all % size
    full = 0
    for event in events:
        if event.value.ndim == 2 and re.search(r"x|b|inp|data", event.name, re.I):
            if event.value.shape in ((ragged, d), (d, ragged)):
                return []
            full += event.value.shape in ((size, d), (d, size))
    if full >= 2 * (n_all // size) + 1:
        return [
            {
                "mistake": "last-batch-dropped",
                "where": "training",
                "line": source.line_matching(r"//|range\("),
                "text": f"{n_all} samples in batches of {size}: the last {ragged} samples are "
                "never used.",
            }
        ]
    return []
