"""Indices that are affine in the variables of loops, and what views make of them."""

from collections.abc import Callable
from dataclasses import dataclass

from rosenblatt.engines.compiled.graph import Batch, Node, Shape


@dataclass(frozen=True, order=True)
class Variable:
    """The variable of a loop, 0 ≤ v < count; ``operand`` is its name in the code."""

    operand: str
    count: int


@dataclass(frozen=True)
class Index:
    """offset + Σ factor · variable."""

    offset: int = 0
    terms: tuple[tuple[Variable, int], ...] = ()

    @classmethod
    def of(cls, operand: str, count: int, factor: int = 1, offset: int = 0) -> "Index":
        """Return the index offset + factor · v of a loop's variable v."""
        return cls(offset, ((Variable(operand, count), factor),))

    def __add__(self, other: "Index | int") -> "Index":
        if isinstance(other, int):
            return Index(self.offset + other, self.terms)
        factors = dict(self.terms)
        for variable, factor in other.terms:
            factors[variable] = factors.get(variable, 0) + factor
        return Index(self.offset + other.offset, tuple(sorted(factors.items())))

    def __mul__(self, factor: int) -> "Index":
        if factor == 0:
            return Index()
        return Index(self.offset * factor, tuple((v, k * factor) for v, k in self.terms))

    @property
    def most(self) -> int:
        """The largest value, for factors of at least 0."""
        return self.offset + sum(factor * (v.count - 1) for v, factor in self.terms)

    def divided(self, size: int) -> "tuple[Index, Index] | None":
        """Return quotient and remainder by ``size``, or None where they are not affine."""
        multiples = tuple((v, k) for v, k in self.terms if k % size == 0)
        others = tuple((v, k) for v, k in self.terms if k % size)
        rest = Index(self.offset % size, others)
        most = rest.offset + sum(k * (v.count - 1) for v, k in others)
        if most >= size or any(k < 0 for _, k in others):
            return None
        return Index(self.offset // size, tuple((v, k // size) for v, k in multiples)), rest


Indices = tuple[Index | None, ...]
"""An index per axis; None stands for the batch axis."""

Divide = Callable[[Index, int], tuple[Index, Index]]
"""Quotient and remainder of any index."""


def flat(shape: Shape, indices: Indices) -> Index:
    """Return the position among the entries of one sample, in row-major order."""
    position, stride = Index(), 1
    for length, index in zip(reversed(shape), reversed(indices), strict=True):
        if index is None:
            continue
        if length != 1:
            position += index * stride
        stride *= length
    return position


def operands_at(node: Node, indices: Indices, divide: Divide) -> list[tuple[Node, Indices]]:
    """Return what an elementwise operation or a view at ``indices`` takes: operands and indices."""
    if node.op == "T":
        source: list[Index | None] = [None] * len(indices)
        for axis, index in zip(node.attr, indices, strict=True):
            source[axis] = index
        return [(node.args[0], tuple(source))]
    if node.op == "index":
        return [(node.args[0], _sliced(node, indices))]
    if node.op == "reshape":
        return [(node.args[0], _reshaped(node, indices, divide))]
    return [(arg, broadcast_indices(arg.shape, indices)) for arg in node.args]


def broadcast_indices(shape: Shape, indices: Indices) -> Indices:
    """Return the indices into an operand of ``shape`` that broadcasts to where they point."""
    last = indices[len(indices) - len(shape) :]
    return tuple(
        None if isinstance(length, Batch) else Index() if length == 1 else index
        for length, index in zip(shape, last, strict=True)
    )


def _sliced(node: Node, indices: Indices) -> Indices:
    source: list[Index | None] = [None] * len(node.args[0].shape)
    position = 0
    for part in node.attr:
        if part[0] == "fix":
            source[part[1]] = Index(part[2])
            continue
        if part[0] == "axis":
            _, axis, start, step = part
            index = indices[position]
            source[axis] = index if index is None else index * step + start
        position += 1
    return tuple(source)


def _reshaped(node: Node, indices: Indices, divide: Divide) -> Indices:
    shape = node.args[0].shape
    rest = flat(node.shape, indices)
    source: list[Index | None] = [None] * len(shape)
    axes = [axis for axis, length in enumerate(shape) if not isinstance(length, Batch)]
    for axis in reversed(axes):
        if axis == axes[0]:
            source[axis] = rest
        else:
            rest, source[axis] = divide(rest, shape[axis])
    return tuple(source)
