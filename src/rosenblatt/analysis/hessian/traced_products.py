"""Hessian-vector products as a graph: the derivative of traced gradients in a direction.

The graph of the gradients g(θ) is walked once, arguments first. Each node y gets its tangent
ẏ = d/dε y(θ + ε v) at ε = 0 by the chain rule, with the partial derivatives of :mod:`dual`; the
tangents of the gradients are H v.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.hessian.dual import PARTIALS
from rosenblatt.engines.compiled.graph import Node, live
from rosenblatt.engines.compiled.program import Program, gradient_program
from rosenblatt.engines.compiled.tracer import UFUNCS, Traced, TracingError
from rosenblatt.losses import Loss
from rosenblatt.models import Model

LINEAR = frozenset({"T", "index", "reshape", "rsum", "neg"})
"""Operations of one array whose tangent is the operation of the tangent."""

WITHOUT_TANGENT = frozenset(
    {"x", "y", "share", "valid", "uniform", "uniform_ge", "const", "table", "setting", "fill",
     "cast", "argmax", "sign", "floor", "ceil", "rint", "trunc"}
)  # fmt: skip
"""Leaves that no parameter changes, and results that are constant but for jumps."""

_PARTIALS_OF = {UFUNCS[ufunc]: partials for ufunc, partials in PARTIALS.items() if ufunc in UFUNCS}


def product_program(
    model: Model, loss: Loss, dtype: npt.DTypeLike, *, is_weighted: bool
) -> Program:
    """Return the program whose sums are H v, by parameter; v are the leaves ``tangent``.

    Dropout is off.

    Raises:
        TracingError: the code does what a graph cannot hold, or has no derivative here.
    """

    def products(gradients: dict[str, Traced]) -> dict[str, Traced]:
        tangents = _Tangents()
        return {name: tangents.of(gradient) for name, gradient in gradients.items()}

    return gradient_program(model, loss, dtype, is_weighted=is_weighted, sums_of=products)


class _Tangents:
    """Tangents of the nodes of one graph; None stands for 0."""

    def __init__(self) -> None:
        self._known: dict[Node, Traced | None] = {}

    def of(self, y: Traced) -> Traced:
        """Return the tangent of an array, with its shape."""
        for node in live([y.node]):
            if node not in self._known:
                tangent = self._derived(y, node)
                if tangent is not None and tangent.shape != node.shape:
                    broadcast: Any = np.broadcast_to
                    tangent = broadcast(tangent, node.shape)
                self._known[node] = tangent
        tangent = self._known[y.node]
        return y * 0.0 if tangent is None else tangent

    def _derived(self, like: Traced, node: Node) -> Traced | None:
        """Return the tangent of a node whose arguments have theirs."""

        def traced(node: Node) -> Any:
            return Traced(like.graph, node, like.dtype)

        if node.op == "param":
            return traced(like.graph.node("tangent", (), node.shape, node.attr))
        if node.is_bool or node.op in WITHOUT_TANGENT:
            return None
        tangents: list[Any] = [self._known[arg] for arg in node.args]
        if all(tangent is None for tangent in tangents[node.op == "where" :]):
            return None
        args: list[Any] = [traced(arg) for arg in node.args]
        y, first = traced(node), tangents[0]
        match node.op:
            case op if op in LINEAR:
                return traced(
                    like.graph.node(op, [first.node], node.shape, node.attr, origin=node.origin)
                )
            case "add" | "sub":
                second = tangents[1]
                if second is None:
                    return first
                if first is None:
                    return second if node.op == "add" else -second
                return first + second if node.op == "add" else first - second
            case "div":
                # In this order ḃ = 0 gives 0 also where y is huge and b tiny.
                if tangents[1] is None:
                    return first / args[1]
                return (-(y * tangents[1]) if first is None else first - y * tangents[1]) / args[1]
            case "matmul":
                terms = [None if first is None else first @ args[1]]
                terms.append(None if tangents[1] is None else args[0] @ tangents[1])
                return _sum(terms)
            case "where":
                return np.where(args[0], *(_or_zero(one) for one in tangents[1:]))
            case "max" | "min":
                # Where both are equal, the constant counts, and of two arrays the second.
                larger, other = (args[0], args[1]) if node.op == "max" else (args[1], args[0])
                takes_first = larger >= other if first is None else larger > other
                return np.where(takes_first, *map(_or_zero, tangents))
            case "rmax":
                return _at_largest(node, args[0], first)
            case op if op in _PARTIALS_OF:
                pairs = zip(_PARTIALS_OF[op], tangents, strict=True)
                return _sum(
                    None if tangent is None else _number(partial(y, *args), like) * tangent
                    for partial, tangent in pairs
                )
        raise TracingError(f"no derivative is known for {node.op}", node.origin)


def _sum(terms: Any) -> Any:
    total = None
    for term in terms:
        if term is not None:
            total = term if total is None else total + term
    return total


def _or_zero(tangent: Traced | None) -> Any:
    return 0.0 if tangent is None else tangent


def _number(factor: Any, like: Traced) -> Any:
    return factor.astype(like.dtype) if getattr(factor, "dtype", None) == np.bool_ else factor


def _at_largest(node: Node, x: Any, tangent: Any) -> Any:
    """Return the tangent of the first largest entry along the second axis."""
    if node.attr != 1 or x.ndim != 2:
        raise TracingError("no derivative of a maximum along another axis", node.origin)
    is_largest = np.arange(x.shape[1], dtype=np.float64) == x.argmax(axis=1)[:, np.newaxis]
    return np.where(is_largest, tangent, 0.0).sum(axis=1, keepdims=True)
