"""Traced arrays: NumPy code that is called with them writes down a graph of what it computes.

Layers, losses and optimizers are called as they stand. NumPy asks the operands of its functions
whether they want to do the work themselves (``__array_ufunc__``, ``__array_function__``), and a
:class:`Traced` array answers with a new node. What cannot be written down without knowing the
numbers, such as a choice (``if``) on a value, is refused by name and line.
"""

import functools
import math
import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.mixins import NDArrayOperatorsMixin

from rosenblatt.engines.compiled.graph import Batch, Graph, Node, Shape

Axis = int | tuple[int, ...] | None

UFUNCS = {
    np.add: "add", np.subtract: "sub", np.multiply: "mul", np.divide: "div", np.negative: "neg",
    np.maximum: "max", np.minimum: "min", np.fmax: "fmax", np.fmin: "fmin",
    np.exp: "exp", np.log: "log", np.log1p: "log1p", np.expm1: "expm1", np.tanh: "tanh",
    np.sqrt: "sqrt", np.absolute: "abs", np.power: "pow", np.sign: "sign", np.floor: "floor",
    np.ceil: "ceil", np.rint: "rint", np.trunc: "trunc", np.sin: "sin", np.cos: "cos",
    np.tan: "tan", np.arctan: "arctan", np.arcsin: "arcsin", np.arccos: "arccos",
    np.sinh: "sinh", np.cosh: "cosh", np.arcsinh: "arcsinh", np.arctanh: "arctanh",
    np.exp2: "exp2", np.log2: "log2", np.log10: "log10", np.cbrt: "cbrt",
    np.arctan2: "arctan2", np.copysign: "copysign",
    np.greater: "gt", np.greater_equal: "ge", np.less: "lt", np.less_equal: "le",
    np.equal: "eq", np.not_equal: "ne", np.isnan: "isnan", np.isfinite: "isfinite",
    np.logical_and: "and", np.logical_or: "or", np.logical_not: "not", np.logical_xor: "ne",
    np.bitwise_and: "and", np.bitwise_or: "or", np.invert: "not", np.bitwise_xor: "ne",
}  # fmt: skip
"""NumPy's functions with a node of their own; bitwise ones are for truth values alone."""

TRUTHS = frozenset({"gt", "ge", "lt", "le", "eq", "ne", "and", "or", "not", "isnan", "isfinite"})
OF_TRUTHS = frozenset({"and", "or", "not"})
COMPARISONS = frozenset({"gt", "ge", "lt", "le"})


class TracingError(Exception):
    """Code does what a graph cannot hold; the message names it and the line.

    Args:
        what: what the code does.
        origin: file and line; the one that is being traced where none is given.
    """

    def __init__(self, what: str, origin: str | None = None) -> None:
        super().__init__(f"{what} ({origin or _origin()})")


class Traced(NDArrayOperatorsMixin):
    """An array of which only the shape is known, and the node that computes it.

    Args:
        graph: where its node is.
        node: what computes it.
        dtype: float64 or float32, which code may ask for; truth values answer bool.
        values: of a scalar that only settings determine, its value for each member, or None.
    """

    __slots__ = ("_dtype", "graph", "node", "values")

    def __init__(
        self,
        graph: Graph,
        node: Node,
        dtype: npt.DTypeLike,
        values: npt.NDArray[Any] | None = None,
    ) -> None:
        self.graph, self.node, self._dtype, self.values = graph, node, np.dtype(dtype), values

    # What NumPy asks

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **kwargs: Any
    ) -> Any:
        if method != "__call__" or out is not None or kwargs:
            how = "" if method == "__call__" else f".{method}"
            raise TracingError(f"np.{ufunc.__name__}{how} with {', '.join(kwargs) or 'out'}")
        if ufunc is np.matmul:
            return self._matmul(*inputs)
        if ufunc in _COMPOSED:
            return _COMPOSED[ufunc](*inputs)
        if ufunc not in UFUNCS:
            raise TracingError(f"np.{ufunc.__name__}")
        result = self._elementwise(UFUNCS[ufunc], *inputs)
        values = [_values_of(one) for one in inputs]
        if all(value is not None for value in values):
            result.values = ufunc(*values)
        return result

    def __array_function__(
        self, function: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if function not in _FUNCTIONS:
            raise TracingError(f"np.{function.__name__}")
        return _FUNCTIONS[function](*args, **kwargs)

    def __array__(self, *args: Any, **kwargs: Any) -> npt.NDArray[Any]:
        raise TracingError("a conversion to a plain array")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise TracingError(f"the attribute .{name}")

    # Numbers

    def __float__(self) -> float:
        return self._agreed(float, "float() of a traced number")

    def __int__(self) -> int:
        return self._agreed(int, "int() of a traced number")

    def __bool__(self) -> bool:
        what = "a choice (if, and, or) on a value; np.where can be traced"
        return self._agreed(bool, what)

    def __len__(self) -> int:
        if not self.node.shape:
            raise TypeError("len() of a number")
        return int(self.node.shape[0])

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TracingError("a change of an array in place; np.where or a new array can be traced")

    def _agreed(self, convert: type, what: str) -> Any:
        """Return the value of a scalar that is the same for all members, once it is converted."""
        if self.values is None or self.node.shape:
            raise TracingError(what)
        converted = {convert(value) for value in self.values}
        if len(converted) > 1:
            raise TracingError(f"{what}, on which members differ")
        return converted.pop()

    # Shape

    @property
    def shape(self) -> Shape:
        return self.node.shape

    @property
    def ndim(self) -> int:
        return len(self.node.shape)

    @property
    def size(self) -> int:
        return math.prod(self.node.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(bool) if self.node.is_bool else self._dtype

    @property
    def T(self) -> "Traced":  # noqa: N802 - NumPy's name
        return self.transpose()

    def transpose(self, *axes: Any) -> "Traced":
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        order = tuple(axis % self.ndim for axis in order or range(self.ndim - 1, -1, -1))
        if order == tuple(range(self.ndim)):
            return self
        shape = tuple(self.shape[axis] for axis in order)
        if self.node.op == "T" and self.ndim == 2:
            return self._of(self.node.args[0])
        return self._of(self._node("T", [self.node], shape, order, is_bool=self.node.is_bool))

    def swapaxes(self, a: int, b: int) -> "Traced":
        order = list(range(self.ndim))
        order[a], order[b] = order[b], order[a]
        return self.transpose(*order)

    def reshape(self, *shape: Any) -> "Traced":
        """Return the array in another shape; the batch axis, if any, stays the first."""
        wanted = list(shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape)
        if -1 in wanted:
            rest = math.prod(n for n in wanted if n != -1)
            wanted[wanted.index(-1)] = self.size // rest if rest else 0
        if math.prod(wanted) != self.size:
            raise ValueError(f"cannot reshape {self.shape} to {tuple(wanted)}")
        if self.node.batched:
            if not isinstance(self.shape[0], Batch) or not wanted or wanted[0] != self.shape[0]:
                raise TracingError("a reshape across the batch axis")
            wanted[0] = self.shape[0]
        if tuple(wanted) == self.shape:
            return self
        return self._of(
            self._node("reshape", [self.node], tuple(wanted), is_bool=self.node.is_bool)
        )

    def ravel(self) -> "Traced":
        return self.reshape(-1)

    flatten = ravel

    def astype(self, dtype: npt.DTypeLike, copy: bool = True) -> "Traced":
        """Return numbers; truth values become 0 and 1, other numbers keep the job's precision."""
        kind = np.dtype(dtype).kind
        if (kind == "b") if self.node.is_bool else (kind == "f"):
            return self
        if not self.node.is_bool:
            raise TracingError(f".astype({np.dtype(dtype).name})")
        return self._of(self._node("cast", [self.node], self.shape))

    def copy(self) -> "Traced":
        """Return the array itself: it cannot be changed."""
        return self

    def item(self) -> float:
        """Return the number, where all members agree on it."""
        return float(self)

    def __getitem__(self, index: Any) -> "Traced":
        parts = list(index) if isinstance(index, tuple) else [index]
        if any(part is Ellipsis for part in parts):
            where = next(i for i, part in enumerate(parts) if part is Ellipsis)
            given = sum(part is not None for part in parts) - 1
            parts[where : where + 1] = [slice(None)] * (self.ndim - given)
        given = sum(part is not None for part in parts)
        if given > self.ndim:
            raise IndexError(f"too many indices for shape {self.shape}")
        parts += [slice(None)] * (self.ndim - given)
        # Of each axis of the result: ("new",) or ("axis", source axis, start, step); of each axis
        # that is left out: ("fix", source axis, index).
        spec: list[tuple[Any, ...]] = []
        shape: list[int] = []
        axis = 0
        for part in parts:
            if part is None:
                spec.append(("new",))
                shape.append(1)
                continue
            length = self.shape[axis]
            if isinstance(part, slice):
                start, stop, step = part.indices(length)
                is_whole = (start, stop, step) == (0, length, 1)
                if isinstance(length, Batch) and not is_whole:
                    raise TracingError("a part of the batch")
                spec.append(("axis", axis, start, step))
                shape.append(length if is_whole else len(range(start, stop, step)))
            elif isinstance(part, (int, np.integer)) and not isinstance(part, (bool, np.bool_)):
                if isinstance(length, Batch):
                    raise TracingError("one sample of the batch")
                if not -length <= part < length:
                    raise IndexError(f"index {part} of an axis of length {length}")
                spec.append(("fix", axis, int(part) % length))
            else:
                raise TracingError("an index that is an array")
            axis += 1
        if all(one == ("axis", i, 0, 1) for i, one in enumerate(spec)) and shape == [*self.shape]:
            return self
        node = self._node(
            "index", [self.node], tuple(shape), tuple(spec), is_bool=self.node.is_bool
        )
        return self._of(node)

    # Reductions

    def sum(self, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> "Traced":
        return self._reduced("rsum", axis, keepdims)

    def max(self, axis: Axis = None, keepdims: bool = False) -> "Traced":
        return self._reduced("rmax", axis, keepdims)

    def min(self, axis: Axis = None, keepdims: bool = False) -> "Traced":
        smallest: Traced = -((-self).max(axis, keepdims))
        return smallest

    def all(self, axis: Axis = None, keepdims: bool = False) -> "Traced":
        every: Traced = self.astype(self._dtype).min(axis, keepdims) > 0
        return every

    def any(self, axis: Axis = None, keepdims: bool = False) -> "Traced":
        some: Traced = self.astype(self._dtype).max(axis, keepdims) > 0
        return some

    def mean(self, axis: Axis = None, keepdims: bool = False) -> "Traced":
        axes = self._axes(axis)
        if any(isinstance(self.shape[one], Batch) for one in axes):
            raise TracingError("a mean over the samples of a batch")
        mean: Traced = self.sum(axis, keepdims) / math.prod(self.shape[one] for one in axes)
        return mean

    def var(self, axis: Axis = None, keepdims: bool = False, ddof: int = 0) -> "Traced":
        deviation = self - self.mean(axis, True)
        count = math.prod(self.shape[one] for one in self._axes(axis))
        variance: Traced = (deviation * deviation).sum(axis, keepdims) / (count - ddof)
        return variance

    def std(self, axis: Axis = None, keepdims: bool = False, ddof: int = 0) -> "Traced":
        variance = self.var(axis, keepdims, ddof)
        return self._elementwise("sqrt", variance)

    def argmax(self, axis: int | None = None) -> "Traced":
        """Return the position of the largest entry of each row, as numbers."""
        if self.ndim != 2 or axis not in (1, -1):
            raise TracingError("argmax along other than the second of two axes")
        return self._of(self._node("argmax", [self.node], (self.shape[0], 1), 1))[:, 0]

    def clip(self, least: Any = None, most: Any = None) -> "Traced":
        return _clip(self, least, most)

    def dot(self, other: Any) -> "Traced":
        return self._matmul(self, other)

    def _axes(self, axis: Axis) -> tuple[int, ...]:
        axes = range(self.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        return tuple(one % self.ndim for one in axes)

    def _reduced(self, op: str, axis: Axis, keepdims: bool) -> "Traced":
        source = self.astype(self._dtype)
        axes = self._axes(axis)
        # The batch axis comes last, so that a sum over samples is of as few numbers as possible.
        for one in sorted(axes, key=lambda i: isinstance(self.shape[i], Batch)):
            shape = tuple(1 if i == one else n for i, n in enumerate(source.shape))
            if source.shape[one] != 1 or isinstance(source.shape[one], Batch):
                source = self._of(self._node(op, [source.node], shape, one))
        if keepdims:
            return source
        return source[tuple(0 if i in axes else slice(None) for i in range(self.ndim))]

    # Nodes

    def _of(self, node: Node) -> "Traced":
        return Traced(self.graph, node, self._dtype)

    def _node(
        self,
        op: str,
        args: Sequence[Node],
        shape: Shape,
        attr: Any = None,
        *,
        is_bool: bool = False,
    ) -> Node:
        return self.graph.node(op, args, shape, attr, is_bool=is_bool, origin=_origin())

    def _lifted(self, x: Any) -> Node:
        """Return the node of an operand, which may be a plain number or array."""
        if isinstance(x, Traced):
            return x.node
        if isinstance(x, (bool, np.bool_)) or (isinstance(x, np.ndarray) and x.dtype == bool):
            x = np.asarray(x, dtype=np.float64)
        array: npt.NDArray[Any] = np.asarray(x)
        if array.dtype.kind not in "iuf":
            raise TracingError(f"an operand of type {type(x).__name__} {array.dtype}")
        if array.ndim == 0:
            return self.graph.const(float(array), _origin())
        table = np.ascontiguousarray(array, dtype=np.float64)
        return self._node("table", [], table.shape, table.tobytes())

    def _elementwise(self, op: str, *operands: Any) -> "Traced":
        args = [self._lifted(x) for x in operands]
        if op in OF_TRUTHS and not all(arg.is_bool for arg in args):
            raise TracingError(f"{op} of numbers that are not truth values")
        if op == "pow" and args[1].op == "const":
            return self._power(args[0], args[1].attr)
        if op in COMPARISONS and args[0].op == "uniform" and args[1].op == "const":
            return self._of(self._draw(op, args[0], args[1].attr))
        shape = broadcast([arg.shape for arg in args])
        is_bool = op in TRUTHS or (op == "where" and args[1].is_bool and args[2].is_bool)
        return self._of(self._node(op, args, shape, is_bool=is_bool))

    def _power(self, base: Node, exponent: float) -> "Traced":
        """Return base^exponent, as NumPy computes the usual exponents."""
        x = self._of(base)
        if exponent == 2.0:
            return x._elementwise("mul", x, x)
        if exponent == 1.0:
            return x
        if exponent == 0.5:
            return x._elementwise("sqrt", x)
        if exponent == -1.0:
            return x._elementwise("div", 1.0, x)
        node = self._node("pow", [base, self.graph.const(exponent)], base.shape)
        return self._of(node)

    def _draw(self, op: str, uniform: Node, bound: float) -> Node:
        """Return the comparison of a uniform number with a constant, exact in any precision.

        A uniform number is u = n 2⁻⁵³ with a whole n, so that u ≥ c is n ≥ ⌈c 2⁵³⌉.
        """
        scaled = bound * 2.0**53
        least = math.ceil(scaled) if op in ("ge", "lt") else math.floor(scaled) + 1
        attr = uniform.attr, min(max(least, 0), 2**53)
        node = self._node("uniform_ge", [], uniform.shape, attr, is_bool=True)
        if op in ("lt", "le"):
            node = self._node("not", [node], uniform.shape, is_bool=True)
        return node

    def _matmul(self, a: Any, b: Any) -> "Traced":
        left, right = self._lifted(a), self._lifted(b)
        if len(left.shape) == 2 and len(right.shape) == 1:
            return self._matmul(a, self._of(right)[:, np.newaxis])[:, 0]
        if len(left.shape) != 2 or len(right.shape) != 2:
            raise TracingError("a product of other than matrices")
        if left.shape[1] != right.shape[0]:
            raise ValueError(f"matmul of {left.shape} and {right.shape}")
        if isinstance(left.shape[1], Batch) != isinstance(right.shape[0], Batch):
            raise TracingError("a product of the batch axis with another")
        return self._of(self._node("matmul", [left, right], (left.shape[0], right.shape[1])))


class TracedKey:
    """A random key whose numbers are drawn when the code runs.

    Args:
        like: any traced array of the graph.
        path: the numbers folded into the member's key after the update's.
    """

    def __init__(self, like: Traced, path: tuple[int, ...] = ()) -> None:
        self._like, self._path = like, path

    def fold(self, number: int) -> "TracedKey":
        """Return the key of number ``number`` among those derived from this one."""
        return TracedKey(self._like, (*self._path, number))

    def uniform(self, shape: Shape) -> Traced:
        """Return numbers uniform on [0, 1), of the given shape."""
        if not shape or not isinstance(shape[0], Batch):
            raise TracingError("random numbers that are not drawn for each sample")
        return self._like._of(self._like._node("uniform", [], tuple(shape), self._path))


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """Return the common shape, as NumPy broadcasts; the batch axis meets itself or length 1."""
    rank = max(map(len, shapes))
    common: list[int] = []
    for axis in range(rank):
        lengths = [shape[axis - rank] for shape in shapes if axis - rank + len(shape) >= 0]
        batch = [n for n in lengths if isinstance(n, Batch)]
        others = [n for n in lengths if not isinstance(n, Batch) and n != 1]
        if batch and others:
            raise TracingError("the batch axis meets another axis")
        if len(set(others)) > 1:
            raise ValueError(f"shapes {shapes} do not broadcast")
        common.append(batch[0] if batch else others[0] if others else 1)
    return tuple(common)


def _values_of(x: Any) -> Any:
    """Return the members' values of an operand that only settings determine, else None."""
    if isinstance(x, Traced):
        return x.values
    return x if np.ndim(x) == 0 else None


def _origin() -> str:
    """Return the line that is being traced: the nearest one outside this file and NumPy."""
    frame = sys._getframe(1)
    while frame.f_back and (
        frame.f_code.co_filename == __file__ or frame.f_globals.get("__name__", "")[:6] == "numpy."
    ):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _first(*operands: Any) -> Traced:
    return next(x for x in operands if isinstance(x, Traced))


def _where(condition: Any, a: Any, b: Any) -> Traced:
    traced = _first(condition, a, b)
    if not isinstance(condition, Traced):
        raise TracingError("np.where on a plain array")
    if not condition.node.is_bool:
        condition = condition != 0
    return traced._elementwise("where", condition, a, b)


def _concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Traced:
    """Return arrays side by side: each times the matrix that moves its columns to their places."""
    like = _first(*arrays)
    if axis not in (1, -1) or any(len(np.shape(array)) != 2 for array in arrays):
        raise TracingError("np.concatenate along other than the second of two axes")
    widths = [int(np.shape(array)[1]) for array in arrays]
    moves = np.split(np.eye(sum(widths)), np.cumsum(widths)[:-1])
    parts = [like._matmul(array, move) for array, move in zip(arrays, moves, strict=True)]
    return functools.reduce(operator.add, parts)


def _clip(x: Any, least: Any = None, most: Any = None, **bounds: Any) -> Traced:
    least, most = bounds.pop("min", least), bounds.pop("max", most)
    if bounds:
        raise TracingError(f"np.clip with {', '.join(bounds)}")
    above: Any = x if least is None else np.maximum(x, least)
    clipped: Traced = above if most is None else np.minimum(above, most)
    return clipped


def _filled(value: float) -> Callable[..., Traced]:
    def fill(x: Traced, *args: Any, **kwargs: Any) -> Traced:
        return x._of(x._node("fill", [x.graph.const(value)], x.shape))

    return fill


def _method(name: str) -> Callable[..., Any]:
    def call(x: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(x, name)(*args, **kwargs)

    return call


def _expand_dims(x: Traced, axis: int) -> Traced:
    index: list[Any] = [slice(None)] * (x.ndim + 1)
    index[axis] = None
    return x[tuple(index)]


def _broadcast_to(x: Traced, shape: Shape) -> Traced:
    ones = x._of(x._node("fill", [x.graph.const(0.0)], tuple(shape)))
    return x + ones


def _remainder(a: Any, b: Any) -> Any:
    return a - np.floor(a / b) * b


def _logaddexp(a: Any, b: Any) -> Any:
    most = np.maximum(a, b)
    return most + np.log1p(np.exp(-np.abs(a - b)))


_COMPOSED: dict[np.ufunc, Callable[..., Any]] = {
    np.square: lambda x: x * x,
    np.reciprocal: lambda x: 1.0 / x,
    np.positive: lambda x: x,
    np.floor_divide: lambda a, b: np.floor(a / b),
    np.remainder: _remainder,
    np.hypot: lambda a, b: np.sqrt(a * a + b * b),
    np.logaddexp: _logaddexp,
    np.float_power: lambda a, b: a**b,
}
"""NumPy's functions that are several operations."""

_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.where: _where,
    np.clip: _clip,
    np.concatenate: _concatenate,
    np.dot: lambda a, b: a @ b,
    np.shape: lambda x: x.shape,
    np.ndim: lambda x: x.ndim,
    np.size: lambda x: x.size,
    np.zeros_like: _filled(0.0),
    np.ones_like: _filled(1.0),
    np.expand_dims: _expand_dims,
    np.broadcast_to: _broadcast_to,
    np.outer: lambda a, b: a[:, np.newaxis] * b[np.newaxis, :],
    **{
        getattr(np, name): _method(name)
        for name in (
            "sum", "mean", "max", "min", "all", "any", "reshape", "transpose", "swapaxes", "var",
            "std", "ravel", "argmax", "copy",
        )
    },
}  # fmt: skip
"""NumPy's functions of arrays that are not ufuncs."""
