"""Graphs of array operations, in which equal operations are one node."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

Shape = tuple[int, ...]


class LoweringError(Exception):
    """A lowering has no way for an operation; the message names it, and the line if known."""


class Batch(int):
    """The length of the batch axis. Every other length of a shape is a plain int."""

    __slots__ = ()


class Node:
    """One operation on arrays, or a leaf: a parameter, a column of samples, a constant.

    Attributes:
        id: position in the graph; arguments come before what is computed of them.
        op: name of the operation.
        args: the nodes that it takes.
        shape: shape of the result; one length may be a :class:`Batch`.
        attr: what else determines the result: a name, an axis, a number.
        is_bool: whether the result is truth values.
        origin: file and line that asked for it first, for messages.
    """

    __slots__ = ("args", "attr", "id", "is_bool", "op", "origin", "shape")

    def __init__(
        self,
        id: int,
        op: str,
        args: tuple["Node", ...],
        shape: Shape,
        attr: Any,
        is_bool: bool,
        origin: str,
    ) -> None:
        self.id, self.op, self.args, self.shape = id, op, args, shape
        self.attr, self.is_bool, self.origin = attr, is_bool, origin

    def __repr__(self) -> str:
        args = ", ".join(f"%{arg.id}" for arg in self.args)
        attr = "" if self.attr is None else f" {self.attr!r}"
        shape = ", ".join("B" if isinstance(n, Batch) else str(n) for n in self.shape)
        return f"%{self.id} = {self.op}({args}){attr} [{shape}]"

    @property
    def batched(self) -> bool:
        """Whether the result has a row for each sample."""
        return any(isinstance(length, Batch) for length in self.shape)

    @property
    def units(self) -> Shape:
        """The shape without the batch axis."""
        return tuple(length for length in self.shape if not isinstance(length, Batch))


class Graph:
    """Nodes, of which no two are the same operation on the same arguments."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._known: dict[tuple[Any, ...], Node] = {}

    def node(
        self,
        op: str,
        args: Iterable[Node] = (),
        shape: Shape = (),
        attr: Any = None,
        *,
        is_bool: bool = False,
        origin: str = "",
    ) -> Node:
        """Return the node of this operation, a new one where there is none yet."""
        args = tuple(args)
        key = op, args, shape, _batch_axis(shape), _distinct(attr)
        known = self._known.get(key)
        if known is None:
            known = Node(len(self.nodes), op, args, shape, attr, is_bool, origin)
            self.nodes.append(known)
            self._known[key] = known
        return known

    def const(self, value: float, origin: str = "") -> Node:
        """Return the node of a number."""
        return self.node("const", attr=float(value), origin=origin)


def live(outputs: Iterable[Node]) -> list[Node]:
    """Return the nodes that the outputs need, themselves included, arguments first."""
    found: set[Node] = set()
    stack = list(outputs)
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            stack.extend(node.args)
    return sorted(found, key=lambda node: node.id)


def users(nodes: Iterable[Node]) -> dict[Node, list[Node]]:
    """Return, for each node, those of ``nodes`` that take it."""
    found: dict[Node, list[Node]] = {}
    for node in nodes:
        for arg in node.args:
            found.setdefault(arg, []).append(node)
    return found


def described(outputs: Iterable[Node]) -> Iterator[tuple[Any, ...]]:
    """Yield what determines the outputs: equal for graphs that compute the same.

    The length of the batch axis, and nodes that no output needs, do not count.
    """
    outputs = list(outputs)
    places: dict[Node, int] = {}
    for node in live(outputs):
        places[node] = len(places)
        args = tuple(places[arg] for arg in node.args)
        axis = _batch_axis(node.shape)
        shape = node.shape if axis is None else (*node.shape[:axis], 0, *node.shape[axis + 1 :])
        yield node.op, args, shape, axis, _distinct(node.attr)
    yield tuple(places[node] for node in outputs)


def digest(*parts: Any) -> str:
    """Return the SHA-256 of what :func:`described` yields, or of other plain values."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _batch_axis(shape: Shape) -> int | None:
    """Return which axis is the batch axis, which may be as long as another one."""
    for axis, length in enumerate(shape):
        if type(length) is Batch:
            return axis
    return None


def _distinct(attr: Any) -> Any:
    """Return an attribute that tells 0.0 from -0.0, and in which NaN equals itself."""
    return attr.hex() if isinstance(attr, float) else attr
