"""Automatic differentiation of single numbers: each operation, and graphs of several."""

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rosenblatt.check.autodiff.kinds import Kind, Operation
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.numbers.compare import first_wrong, ratio, same
from rosenblatt.check.numbers.reference import factor_name
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source

_INPUTS = ((1.3, 0.7), (-0.6, 1.7), (0.4, -1.1), (2.1, 0.3), (-1.2, -0.8))
_UPSTREAM = (1.7, -0.6)
"""Gradients from above: of both signs, and none of them 1."""
_STEP = 1e-5
_CLOSE = 1e-4

_Top = Callable[[Kind, Callable[[Any, Any], Any], Any, Any, float], Any]
"""Makes the node whose backward pass is called."""


class Samples:
    """The gradients of one operand at several numbers.

    Attributes:
        operand: 0 or 1.
        analytic: what the backward pass gives.
        slopes: the derivatives of the operation, by differences.
        upstream: the gradients from above.
        inputs: the operand's numbers.
        others: those of the other operand.
        outputs: of the operation.
    """

    def __init__(self, operand: int, columns: Any) -> None:
        self.operand = operand
        self.analytic, self.slopes, self.upstream = columns[:3]
        self.inputs, self.others, self.outputs = columns[3:]

    @property
    def numeric(self) -> Any:
        """What the backward pass should give."""
        return self.upstream * self.slopes

    @property
    def right(self) -> bool:
        """Whether the gradients are right."""
        return same(self.analytic, self.numeric, _CLOSE)


def scalar_findings(
    kind: Kind, operations: list[Operation], source: Source
) -> list[dict[str, Any]] | None:
    """Return the finding of an engine of single numbers; None where nothing can be called.

    Each operation is asked alone, then below a factor, then with operands that are used twice. Then
    a graph is made in which a result is used by others at several depths.
    """
    alone = list(_measured(kind, operations, _alone, (1.0,)))
    if not alone:
        return None
    below = list(_measured(kind, operations, _below_a_factor, _UPSTREAM))
    wrong = _innermost(alone)
    own = [samples for operation, samples in alone if _has_own_pass(operation.function)]
    composed = wrong is None or (own and not _has_own_pass(wrong[0].function))
    if composed and len(below) > 1 and not any(samples.right for _, samples in below):
        return [_of_the_order(kind, source)]
    wrong = wrong or _innermost(below)
    if wrong is not None:
        operation, samples = wrong
        # Gradients from above of both signs tell more than 1.
        same_operand = [s for o, s in below if o is operation and s.operand == samples.operand]
        names = [_name(kind, operation, seen) for seen in (*same_operand, samples)]
        mistake = next((name for name in names if name != "unexplained"), "unexplained")
        return [_finding(kind, operation, samples, mistake, source)]
    wrong = _innermost(list(_measured(kind, operations, _twice, _UPSTREAM)))
    if wrong is not None:
        return [_finding(kind, *wrong, "gradients-accumulate", source)]
    order = [Operation("", _shared, None)]
    if any(not samples.right for _, samples in _measured(kind, order, _alone, (1.0,))):
        return [_of_the_order(kind, source)]
    return []


def _alone(kind: Kind, call: Any, a: Any, b: Any, upstream: float) -> Any:
    return call(a, b)


def _below_a_factor(kind: Kind, call: Any, a: Any, b: Any, upstream: float) -> Any:
    return call(a, b) * kind.make(upstream)


def _twice(kind: Kind, call: Any, a: Any, b: Any, upstream: float) -> Any:
    rest = kind.make(upstream - 2.3)
    return call(a, b) * kind.make(2.3) + call(a, b) * rest


def _shared(a: Any, b: Any) -> Any:
    """Return a node of a graph in which products are used at several depths."""
    product = a * b
    total = product * product + product
    return total * product + product * a + total


def _measured(
    kind: Kind, operations: list[Operation], top: _Top, upstream: tuple[float, ...]
) -> Iterator[tuple[Operation, Samples]]:
    """Yield the gradients of every operation by each operand that it depends on."""
    for operation in operations:
        rows: tuple[list[Any], list[Any]] = ([], [])
        for values in _INPUTS:
            for factor in upstream:
                try:
                    measured = seeded(
                        _measure, kind, operation.call, values, top, factor, seconds=0.5
                    )
                except FailedError:
                    continue
                for operand, row in enumerate(measured or ()):
                    rows[operand].append(row)
        if not any(row[0] for row in (*rows[0], *rows[1])) and _may_detach(operation):
            continue
        for operand, columns in enumerate(rows):
            if columns:
                samples = Samples(operand, np.array(columns).T)
                # Without a derivative, such as that of a step, any gradient is a choice.
                if np.abs(samples.slopes).max() > 1e-7:
                    yield operation, samples


def _may_detach(operation: Operation) -> bool:
    """Return whether an operation without a gradient may be meant to have none."""
    return not operation.name.startswith("__") and not _has_own_pass(operation.function)


def _measure(
    kind: Kind, call: Any, values: tuple[float, float], top: _Top, upstream: float
) -> list[tuple[float, ...]] | None:
    """Return a row of samples of each operand; None for what returns no node, or a random one."""
    a, b = (kind.make(value) for value in values)
    out = call(a, b)
    if not isinstance(out, kind.cls):
        return None
    output = float(kind.value(out))
    if float(kind.value(call(*[kind.make(value) for value in values]))) != output:
        # Differences of random numbers are no derivatives.
        return None
    kind.propagate(top(kind, call, a, b, upstream))
    rows: list[tuple[float, ...]] = []
    for operand, node in enumerate((a, b)):
        totals = []
        for sign in (1, -1):
            moved = list(values)
            moved[operand] += sign * _STEP
            totals.append(float(kind.value(call(*[kind.make(value) for value in moved]))))
        slope = (totals[0] - totals[1]) / (2 * _STEP)
        found = kind.slope(node)
        analytic = 0.0 if found is None else float(found)
        row = analytic, slope, upstream, values[operand], values[1 - operand], output
        if not np.isfinite(row).all():
            return None
        rows.append(row)
    return rows


def _innermost(measured: list[tuple[Operation, Samples]]) -> tuple[Operation, Samples] | None:
    """Return the first wrong operation, those with a backward pass of their own before the rest."""
    wrong = [(operation, samples) for operation, samples in measured if not samples.right]
    own = [pair for pair in wrong if _has_own_pass(pair[0].function)]
    return next(iter([*own, *wrong]), None)


def _has_own_pass(function: Any) -> bool:
    code = getattr(function, "__code__", None)
    return code is not None and any(hasattr(part, "co_code") for part in code.co_consts)


def _name(kind: Kind, operation: Operation, s: Samples) -> str:
    """Return the mistake that gives the gradients of an operation."""
    if not s.analytic.any():
        return "gradient-missing"
    factors = s.upstream != 1
    takes_one = same(s.slopes, _slopes_at(kind, operation, s.inputs, -s.others), 1e-3)
    if factors.any() and same(s.analytic, s.slopes, _CLOSE):
        return "upstream-gradient-missing"
    if np.isin(np.round(s.slopes, 6), (0, 1)).all() and factors.any():
        if same(s.analytic, s.upstream * (s.upstream > 0), _CLOSE):
            return "relu-mask-of-gradient"
        if same(s.analytic, s.upstream * (1 - s.slopes), _CLOSE):
            return "relu-wrong-side"
    if takes_one and same(s.analytic, s.upstream, _CLOSE):
        return "activation-derivative-missing"
    c = ratio(s.analytic, s.numeric)
    if c is not None:
        return factor_name(c, 0) or ("sign" if c < 0 else "constant-factor")
    if takes_one and any(same(s.analytic, s.upstream * other, _CLOSE) for other in _elsewhere(s)):
        return "activation-derivative-at-output"
    if takes_one and same(
        s.analytic, s.upstream * _slopes_at(kind, operation, s.outputs, s.others), 1e-3
    ):
        return "activation-derivative-at-output"
    if not takes_one and same(s.analytic, s.upstream * s.inputs, _CLOSE):
        return "wrong-input-cached"
    return "unexplained"


def _elsewhere(s: Samples) -> Iterator[Any]:
    """Yield derivatives that formulas of the output give with the input."""
    formulas: tuple[Callable[[Any], Any], ...] = (
        lambda y: 1 - y * y,
        lambda y: y * (1 - y),
        lambda y: y,
    )
    for formula in formulas:
        if same(s.slopes, formula(s.outputs), _CLOSE):
            yield formula(s.inputs)


def _slopes_at(kind: Kind, operation: Operation, inputs: Any, others: Any) -> Any:
    """Return the derivatives of an operation by its first operand; NaN where it has none."""
    result = np.full(len(inputs), np.nan)
    for place, values in enumerate(zip(inputs.tolist(), others.tolist(), strict=True)):
        try:
            rows = seeded(_measure, kind, operation.call, values, _alone, 1.0)
        except FailedError:
            continue
        if rows:
            result[place] = rows[0][1]
    return result


def _finding(
    kind: Kind, operation: Operation, samples: Samples, mistake: str, source: Source
) -> dict[str, Any]:
    is_method = operation.name in vars(kind.cls)
    return {
        "mistake": mistake,
        "where": f"{kind.cls.__name__}.{operation.name}" if is_method else operation.name,
        "parameter": ("self", "other")[samples.operand],
        "line": _gradient_line(kind, operation, samples.operand, source),
        "text": f"The gradient of {operation.name} by its {('first', 'second')[samples.operand]} "
        "operand is not the derivative of the value that it computes.",
        **first_wrong(samples.analytic, samples.numeric),
    }


def _gradient_line(kind: Kind, operation: Operation, operand: int, source: Source) -> int | None:
    """Return the line that assigns the gradient of an operand."""
    node = source.node_of(operation.function)
    lines = [
        part.lineno
        for part in ast.walk(node or ast.Module([], []))
        if isinstance(part, ast.Assign | ast.AugAssign)
        for target in (part.targets if isinstance(part, ast.Assign) else [part.target])
        if re.search(rf"\.{re.escape(kind.gradient)}\b", ast.unparse(target))
    ]
    lines.sort()
    if len(lines) == 2:
        return lines[operand]
    return lines[-1] if lines else source.line_of_value(operation.function, [kind.gradient])


def _of_the_order(kind: Kind, source: Source) -> dict[str, Any]:
    """Return the finding of a backward pass that visits the nodes of a graph in a wrong order."""
    function = kind.backward_code
    node = source.node_of(function)
    loops = [part.lineno for part in ast.walk(node) if isinstance(part, ast.For | ast.While)]
    where = kind.backward if kind.function else f"{kind.cls.__name__}.{kind.backward}"
    return {
        "mistake": "unexplained",
        "where": where,
        "line": max(loops, default=node.lineno) if node is not None else None,
        "text": "Every operation has the right gradient by itself, and a graph of several has not: "
        f"{kind.backward} has to pass each node once, after all nodes that use it.",
    }
