"""Losses: their values, their gradients, and what they do at the edges."""

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.numbers.compare import first_wrong, numeric_gradient, ratio, same
from rosenblatt.check.numbers.reference import factor_name, sigmoid, softmax
from rosenblatt.check.report.texts import LARGE_LOGITS
from rosenblatt.check.source.state import Leaf, flat, leaves
from rosenblatt.check.source.subjects import Facts, Subject, first_array, seeded

N, C = 5, 3

_FACTORS = ("constant-factor", "batch-factor", "sign")
"""Mistakes that multiply a gradient by a number, which may be the number of outputs."""


_LIKELY = (1, -1, 2, 0.5, 4, 0.25, -2, -0.5)
"""Multiples of a gradient, the likeliest first."""

_NEAR = 1e-4
"""Difference of a factor from a number that it is taken for."""


@dataclass
class LossSubject:
    """A loss: value(outputs, targets), and gradient(outputs, targets) or None.

    ``place`` is that of the gradient in a tuple that the backward function returns.
    """

    subject: Subject
    value: Callable[[Any, Any, Any], Any]
    gradient: Callable[[Any, Any, Any], Any] | None
    place: int = 0


def _targets() -> tuple[Any, Any]:
    labels = np.array([0, 2, 1, 0, 2])
    return labels, np.eye(C)[labels]


def known(outputs: Any, y: Any) -> Iterator[tuple[str, float, Any]]:
    """Yield names, values and gradients of the usual losses, rows as samples."""
    n, size = len(outputs), outputs.size
    d = outputs - y
    for name, c in (("mean", 1 / size), ("sum", 1.0), ("batch", 1 / n)):
        yield f"squared {name}", c * (d * d).sum(), 2 * c * d
        yield f"half squared {name}", 0.5 * c * (d * d).sum(), c * d
    with np.errstate(all="ignore"):
        for name, c in (("mean", 1 / size), ("sum", 1.0), ("batch", 1 / n)):
            p = np.clip(outputs, 1e-12, 1 - 1e-12)
            if ((outputs >= 0) & (outputs <= 1)).all():
                yield f"cross-entropy {name}", -c * (y * np.log(p)).sum(), -c * y / p
                binary = -c * (y * np.log(p) + (1 - y) * np.log(1 - p)).sum()
                yield f"binary {name}", binary, c * (p - y) / (p * (1 - p))
            q = softmax(outputs)
            yield f"softmax {name}", -c * (y * np.log(q)).sum(), c * (q - y)
            s = sigmoid(outputs)
            value = -c * (y * np.log(s) + (1 - y) * np.log(1 - s)).sum()
            yield f"logistic {name}", value, c * (s - y)


def _situations(subject: Subject) -> list[tuple[Any, Any, str]]:
    """Return (outputs, targets, kind) to try, the likeliest first."""
    rng = np.random.default_rng(5)
    labels, hot = _targets()
    scores: Any = rng.normal(size=(N, C))
    p = softmax(scores)
    column = rng.normal(size=(N, 1))
    single = sigmoid(column)
    binary = np.array([[0.0], [1.0], [1.0], [0.0], [1.0]])
    node = subject.source.node_of(subject.forward_function)
    import ast

    text = ast.unparse(node) if node is not None else ""
    words = (subject.where + text).lower()
    has_log = re.search("log|entropy|softmax", words) is not None
    two_logs = text.count("log(") > 1
    fused = bool(re.search(r"exp\(|softmax\(|sigmoid\(|logit", text))
    indexed = bool(re.search(r"arange|range\(|\.astype\(int|\[y|int\(", text))
    cases: list[tuple[Any, Any, str]] = []
    few: list[tuple[Any, Any, str]]
    if not has_log:
        cases = []
        cases += [
            (scores, rng.normal(size=(N, C)), "values"),
            (column, rng.normal(size=(N, 1)), "values"),
            (column[:, 0], rng.normal(size=N), "values"),
            (np.float64(0.7), 0.2, "values"),
            ([0.7, 0.1], [0.2, 0.5], "values"),
        ]
        if indexed:
            cases.insert(0, (scores, labels, "labels"))
        return cases
    if fused:
        many = [(scores, labels, "labels"), (scores, hot, "hot")]
        many = many if indexed else many[::-1]
        if "softmax" in words and not two_logs:
            # One sample at a time: of a vector, the softmax goes over the classes.
            many.append((scores[0], hot[0], "hot"))
        few = [(column, binary, "binary"), (column[:, 0], binary[:, 0], "binary")]
        cases = few + many if "sigmoid" in words or two_logs else many + few
    else:
        many = [(p, labels, "labels"), (p, hot, "hot")]
        cases = many if indexed else many[::-1]
        few = [(single, binary, "binary"), (single[:, 0], binary[:, 0], "binary")]
        few += [(np.float64(0.7), 1.0, "binary")]
        cases = few + cases if two_logs else cases + few
    turned = [
        (a.T.copy(), b.T.copy() if np.ndim(b) == 2 else b, kind)
        for a, b, kind in cases
        if isinstance(a, np.ndarray) and a.ndim == 2
    ]
    if subject.source.columns:
        return turned + cases
    return cases


def check_loss(loss: LossSubject, facts: Facts) -> list[dict[str, Any]] | None:
    """Return the findings of a loss; None where it cannot be checked as one."""
    situations = _situations(loss.subject)
    for outputs, targets, kind in situations:
        found = _found_at(loss, facts, outputs, targets, kind)
        if found and found[0]["mistake"] in _FACTORS and np.size(outputs) > N:
            # A mean over all numbers is one over the samples where each has one output.
            single = [given for given in situations if np.size(given[0]) == N]
            if any(_found_at(loss, facts, *given) == [] for given in single):
                return None
        if found is not None:
            return found
    return None


def _found_at(
    loss: LossSubject, facts: Facts, outputs: Any, targets: Any, kind: str
) -> list[dict[str, Any]] | None:
    """Return the findings for some outputs and targets; None where the loss does not take them."""
    try:
        obj = seeded(loss.subject.make)
        returned = seeded(loss.value, obj, _copy(outputs), _copy(targets))
    except FailedError:
        return None
    value = _scalar(returned)
    if value is None or not np.isfinite(value):
        return None
    is_of_each = np.size(first_array(returned)) > 1
    return _check_at(loss, facts, outputs, targets, kind, value, is_of_each=is_of_each)


def _copy(value: Any) -> Any:
    return copy.deepcopy(value)


def _scalar(value: Any) -> float | None:
    array = first_array(value)
    if array is None or array.ndim > 2:
        return None
    return float(array.sum())


def _check_at(
    loss: LossSubject,
    facts: Facts,
    outputs: Any,
    targets: Any,
    kind: str,
    value: float,
    *,
    is_of_each: bool,
) -> list[dict[str, Any]] | None:
    """Return the findings; ``is_of_each``: the loss returns that of each sample, or number."""
    subject = loss.subject
    obj = seeded(subject.make)
    analytic, name = None, ""
    array = np.asarray(outputs, dtype=float)
    if loss.gradient is not None:
        try:
            # What the forward pass keeps is no gradient.
            seeded(loss.value, obj, _copy(outputs), _copy(targets))
            kept = {leaf.path: leaf.array for leaf in leaves(obj)}
            result = seeded(loss.gradient, obj, _copy(outputs), _copy(targets))
        except FailedError:
            return None
        candidates = dict(flat(result, "return").items())
        for leaf in leaves(obj):
            new = leaf.array
            if (
                new is not None
                and re.search(r"d|grad", leaf.path.lower())
                and not np.array_equal(new, kept.get(leaf.path, np.nan))
            ):
                candidates[leaf.path] = new
        fitting = {k: v for k, v in candidates.items() if v.shape == array.shape}
        if is_of_each and sum(k.startswith("return") for k in fitting) > 1:
            # An operation of two arrays has a gradient by each.
            return None
        scalars = {k: v for k, v in candidates.items() if v.size == array.size}
        fitting = fitting or scalars
        if not fitting:
            return None
        name, analytic = next(iter(fitting.items()))
        analytic = analytic.reshape(array.shape)
    held = {"x": _copy(outputs)}
    fresh = seeded(subject.make)

    def total() -> float:
        found = _scalar(seeded(loss.value, fresh, _copy(held["x"]), _copy(targets)))
        return float("nan") if found is None else found

    try:
        numeric = numeric_gradient(total, array, Leaf(held, "x", "x").put)
    except (FailedError, TypeError):
        return None
    if is_of_each and analytic is not None:
        # The caller takes the mean, of which the gradient is.
        means = [numeric / count for count in (len(array), array.shape[-1], array.size)]
        factors = [(ratio(analytic, mean) or 0.0, mean) for mean in means]
        likely = (mean for c in _LIKELY for factor, mean in factors if abs(factor - c) < _NEAR)
        numeric = next(likely, numeric)
    if analytic is not None and not np.isnan(numeric).all():
        findings = _explain(loss, facts, array, targets, kind, value, analytic, numeric, name)
        if findings:
            return findings
    edge = _edges(loss, outputs, targets, kind)
    if analytic is None and not edge:
        return None if loss.gradient is None else []
    return edge


def _explain(
    loss: LossSubject,
    facts: Facts,
    outputs: Any,
    targets: Any,
    kind: str,
    value: float,
    analytic: Any,
    numeric: Any,
    name: str,
) -> list[dict[str, Any]]:
    subject = loss.subject
    _, hot = _targets()
    where = subject.where
    turned = outputs.ndim == 2 and outputs.shape == (C, N)
    y = hot if kind == "labels" else np.asarray(targets, dtype=float)
    rows, y = (outputs.T, y.T if kind != "labels" else y) if turned else (outputs, y)
    flat_rows = np.atleast_2d(rows.reshape(len(rows), -1)) if rows.ndim else rows.reshape(1, 1)
    y = y.reshape(flat_rows.shape) if y.size == flat_rows.size else hot
    n = len(flat_rows)
    if same(analytic, numeric):
        recognized = next((k for k, v, _ in known(flat_rows, y) if abs(v - value) < 1e-6), "")
        if "sum" not in recognized and n > 1:
            facts.averaged_losses.append(where)
        if recognized.startswith(("cross-entropy", "binary")):
            facts.unfused_losses.append(where)
        return []
    words = (
        subject.source.returned_name(subject.backward_function, loss.place)
        if name.startswith("return")
        else re.findall(r"\w+", name)[-1:]
    )

    def finding(mistake: str, text: str, parameter: str | None = None) -> dict[str, Any]:
        return {
            "mistake": mistake,
            "where": where,
            "text": text,
            "parameter": parameter or _argument(subject),
            "line": subject.source.line_of_value(subject.backward_function, words),
            **first_wrong(analytic, numeric),
        }

    turn = analytic.T if turned else analytic
    student = turn.reshape(flat_rows.shape)
    # The gradient by the logits where forward takes probabilities: softmax or sigmoid included.
    if kind in ("labels", "hot", "binary") and ((flat_rows >= 0) & (flat_rows <= 1)).all():
        for share in (1.0, 1 / n, 1 / flat_rows.size):
            if same(student, share * (flat_rows - y)):
                facts.fused_losses.append(where)
                return []
    c = ratio(analytic, numeric)
    if c is not None:
        mistake = factor_name(c, n)
        if mistake is None:
            for f in (n, 1 / n):
                if any(abs(c / f / g - 1) < 1e-5 for g in (2, 0.5, 3, 1 / 3, 2 / 3, 1.5)):
                    mistake = "batch-factor"
            mistake = mistake or ("sign" if c < 0 else "constant-factor")
        if mistake == "batch-factor" and abs(c - n) < 1e-4:
            facts.summed_gradients.append(where)
        return [
            finding(
                mistake, f"The gradient is {c:.4g} times the derivative of the loss it returns."
            )
        ]
    usual = list(known(flat_rows, y))
    for title, _, gradient in usual:
        other = ratio(student, gradient)
        if other is not None:
            kindname = title.rsplit(" ", 1)[0]
            return [
                finding(
                    "loss-gradient-mismatch",
                    f"The gradient belongs to {kindname}, but forward computes another loss.",
                )
            ]
    if ((flat_rows >= 0) & (flat_rows <= 1)).all():
        with np.errstate(all="ignore"):
            for wrong in (
                y / flat_rows,
                flat_rows / y,
                (flat_rows - y) * flat_rows * (1 - flat_rows),
            ):
                if ratio(student, wrong) is not None:
                    return [
                        finding("loss-gradient-mismatch", "The gradient is not that of the loss.")
                    ]
    q = softmax(flat_rows)
    if any(ratio(student, p + y) is not None for p in (q, sigmoid(flat_rows), flat_rows)):
        return [finding("sign", "The targets are added to the outputs, not subtracted.")]
    if n > 1 and any(ratio(student, part) is not None for part in (q / n - y, q - y / n)):
        text = "Of p − y, only one of the two terms is divided by the number of samples."
        return [finding("batch-factor", text)]
    return [
        finding(
            "loss-gradient-mismatch", "The gradient is not the derivative of the loss returned."
        )
    ]


def _argument(subject: Subject) -> str | None:
    from rosenblatt.check.source.calls import arguments

    names = [name for name in arguments(subject.forward_function) if name != "self"]
    return names[0] if names else None


def _edges(loss: LossSubject, outputs: Any, targets: Any, kind: str) -> list[dict[str, Any]]:
    """Return a finding for an overflow at logits of 1000 and for log 0."""
    subject = loss.subject
    array = np.asarray(outputs, dtype=float)
    if kind == "values":
        return []
    probabilities = bool(((array >= 0) & (array <= 1)).all())

    def value_at(values: Any, target: Any) -> float:
        given = values if isinstance(outputs, np.ndarray) else float(values)
        try:
            fresh = seeded(subject.make)
            returned = _scalar(seeded(loss.value, fresh, given, _copy(target)))
        except FailedError as error:
            return float("nan") if isinstance(error.cause, ArithmeticError | ValueError) else 0.0
        return 0.0 if returned is None else returned

    def finding(mistake: str, text: str, pattern: str) -> dict[str, Any]:
        function = subject.forward_function
        node = subject.source.node_of(function)
        start = node.lineno - 1 if node is not None else 0
        return {
            "mistake": mistake,
            "where": subject.where,
            "text": text,
            "line": subject.source.line_matching(pattern, start),
        }

    if probabilities:
        labels, hot = _targets()
        if kind == "labels":
            perfect = hot
        else:
            perfect = np.asarray(targets, dtype=float)
            labels = _copy(targets)
        if array.shape == (C, N) and kind == "labels":
            perfect = perfect.T
        wrong = 1 - perfect
        for values in (perfect, wrong):
            if not np.isfinite(value_at(np.array(values, dtype=float), labels)):
                return [
                    finding(
                        "log-of-zero",
                        "A probability of exactly 0 gives a loss that is not finite.",
                        r"log\(",
                    )
                ]
        return []
    large = np.sign(array) * 1000.0
    result = value_at(large, targets)
    if np.isnan(result):
        return [
            finding(
                "softmax-overflow",
                LARGE_LOGITS,
                r"exp\(|softmax\(",
            )
        ]
    return []
