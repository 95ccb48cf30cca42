"""Dual numbers: arrays that carry their derivatives along, through NumPy code as it stands.

A :class:`Dual` is a value y and its derivatives along K directions v_k,

    ẏ_k = d/dε y(θ + ε v_k) at ε = 0,        stored as tangents (K, *y.shape).

Every operation computes its value as NumPy does and its tangents by the chain rule, ẏ = Σ_i ∂y/∂x_i
ẋ_i: forward-mode differentiation (Griewank and Walther, *Evaluating Derivatives*, 2008, chapter 3;
Wengert, *A simple automatic derivative evaluation program*, CACM 1964). It is exact: nothing is
approximated by differences. Layers and losses are written for arrays and know nothing of it; NumPy
asks the operands of its functions first whether they want to do the work themselves
(``__array_ufunc__`` and ``__array_function__``).

To let tangents get lost would give a wrong derivative without a word. So whatever is not listed
here is refused by name, with a :class:`DerivativeError`, and so is every conversion to a plain
array or number. What has no derivative to lose is plain: comparisons, signs, positions of maxima.

Where two branches of a function meet, the tangent is that of one of them: ``maximum(x, 0)`` at
x = 0 takes the constant, so that its derivative there is 0 as in the layer ReLU, and |x| at 0
counts as positive.
"""

import math
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.mixins import NDArrayOperatorsMixin

from rosenblatt.errors import DerivativeError

Axis = int | tuple[int, ...] | None


class Dual(NDArrayOperatorsMixin):
    """An array with its derivatives along K directions.

    Args:
        value: y, of any shape.
        tangents: ẏ, ``(K, *y.shape)``, or what broadcasts to that.

    >>> x = Dual(np.array([2.0, 3.0]), np.array([[1.0, 0.0], [0.0, 1.0]]))
    >>> y = np.exp(-x) * x + 1
    >>> np.allclose(y.tangents, np.diag((1 - x.value) * np.exp(-x.value)))
    True
    """

    __slots__ = ("tangents", "value")

    def __init__(self, value: npt.NDArray[Any], tangents: npt.NDArray[Any]) -> None:
        shape = (len(tangents), *value.shape)
        if tangents.shape != shape:
            # A copy, because an array that is broadcast could not be written to in place.
            tangents = np.broadcast_to(tangents, shape).copy()
        self.value = value
        self.tangents = tangents

    # What NumPy asks

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **kwargs: Any
    ) -> Any:
        if method != "__call__" or kwargs:
            how = "" if method == "__call__" else f".{method}"
            raise _unknown(f"np.{ufunc.__name__}{how}({', '.join(kwargs)})")
        values = tuple(x.value if isinstance(x, Dual) else x for x in inputs)
        if ufunc in _WITHOUT_DERIVATIVE and out is None:
            return ufunc(*values)
        y = np.asarray(ufunc(*values))
        if ufunc in _RULES:
            tangents = _RULES[ufunc](y, *inputs)
        elif ufunc in PARTIALS:
            tangents = _chain_rule(PARTIALS[ufunc], y, values, inputs)
        else:
            raise _unknown(f"np.{ufunc.__name__}")
        return Dual(y, tangents) if out is None else _write(out[0], y, tangents, ufunc)

    def __array_function__(
        self, function: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if function not in _FUNCTIONS:
            raise _unknown(f"np.{function.__name__}")
        return _FUNCTIONS[function](*args, **kwargs)

    def __array__(self, *args: Any, **kwargs: Any) -> npt.NDArray[Any]:
        raise DerivativeError(
            "an array with tangents cannot become a plain array (np.asarray, np.array, or an item "
            "of one): its derivative would be lost; compute with it as it is"
        )

    def __getattr__(self, name: str) -> Any:
        # NumPy and copy look for special methods, and must be told in their way that there is none.
        if name.startswith("__"):
            raise AttributeError(name)
        raise _unknown(f"the attribute .{name}")

    # Numbers

    def __float__(self) -> float:
        _float_counter.count(self.value.shape)
        return float(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __len__(self) -> int:
        return len(self.value)

    # Shape

    @property
    def shape(self) -> tuple[int, ...]:
        """The value's shape."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """The value's number of axes."""
        return self.value.ndim

    @property
    def size(self) -> int:
        """The value's number of entries."""
        return self.value.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The value's dtype."""
        return self.value.dtype

    @property
    def T(self) -> "Dual":  # noqa: N802 - NumPy's name
        """The transposed array."""
        return self.transpose()

    def transpose(self, *axes: Any) -> "Dual":
        """Return the array with its axes in another order, reversed where none is given."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        order = [axis % self.ndim for axis in order or range(self.ndim - 1, -1, -1)]
        return Dual(
            self.value.transpose(order),
            self.tangents.transpose(0, *(axis + 1 for axis in order)),
        )

    def reshape(self, *shape: Any) -> "Dual":
        """Return the array in another shape."""
        value = self.value.reshape(*shape)
        return Dual(value, self.tangents.reshape(len(self.tangents), *value.shape))

    def ravel(self) -> "Dual":
        """Return the array with one axis."""
        return self.reshape(-1)

    def astype(self, dtype: npt.DTypeLike, copy: bool = True) -> "Dual":
        """Return the array in another precision.

        Raises:
            DerivativeError: whole numbers and truth values have no derivative.
        """
        if np.dtype(dtype).kind != "f":
            raise _unknown(f".astype({np.dtype(dtype).name})")
        return Dual(self.value.astype(dtype, copy=copy), self.tangents.astype(dtype, copy=copy))

    def copy(self) -> "Dual":
        """Return a copy."""
        return Dual(self.value.copy(), self.tangents.copy())

    def __getitem__(self, index: Any) -> "Dual":
        value = np.asarray(self.value[index])
        if _is_simple(index):
            return Dual(value, self.tangents[_behind_the_first(index)])
        return Dual(value, np.stack([tangent[index] for tangent in self.tangents]))

    def __setitem__(self, index: Any, new: Any) -> None:
        self.value[index] = new.value if isinstance(new, Dual) else new
        for k, tangent in enumerate(self.tangents):
            tangent[index] = new.tangents[k] if isinstance(new, Dual) else 0.0

    # Reductions

    def sum(self, axis: Axis = None, keepdims: bool = False) -> "Dual":
        """Return Σ over the given axes, all where none is given."""
        value = np.asarray(self.value.sum(axis=axis, keepdims=keepdims))
        behind = tuple(axis + 1 for axis in self._axes(axis))
        return Dual(value, _sums(self.tangents, behind).reshape(-1, *value.shape))

    def mean(self, axis: Axis = None, keepdims: bool = False) -> "Dual":
        """Return the mean over the given axes, all where none is given."""
        count = math.prod(self.shape[axis] for axis in self._axes(axis))
        mean: Dual = self.sum(axis, keepdims) / count
        return mean

    def max(self, axis: int | None = None, keepdims: bool = False) -> "Dual":
        """Return the largest entry along one axis; of equal ones, the first."""
        return self._at(np.argmax(self.value, axis, keepdims=True), axis, keepdims)

    def min(self, axis: int | None = None, keepdims: bool = False) -> "Dual":
        """Return the smallest entry along one axis; of equal ones, the first."""
        return self._at(np.argmin(self.value, axis, keepdims=True), axis, keepdims)

    def argmax(self, axis: int | None = None) -> Any:
        """Return where the largest entry is, a plain number or array."""
        return self.value.argmax(axis)

    def argmin(self, axis: int | None = None) -> Any:
        """Return where the smallest entry is, a plain number or array."""
        return self.value.argmin(axis)

    def _axes(self, axis: Axis) -> tuple[int, ...]:
        """Return the axes as numbers of at least 0."""
        if axis is None:
            return tuple(range(self.ndim))
        return tuple(one % self.ndim for one in (axis if isinstance(axis, tuple) else (axis,)))

    def _at(self, place: npt.NDArray[np.int64], axis: int | None, keepdims: bool) -> "Dual":
        """Return the entries at ``place`` along ``axis``, of which place has length 1."""
        if axis is None:
            found = self.ravel()[place.ravel()]
            return found.reshape((1,) * self.ndim if keepdims else ())
        behind = axis % self.ndim + 1
        found = Dual(
            np.take_along_axis(self.value, place, axis),
            np.take_along_axis(self.tangents, place[np.newaxis], behind),
        )
        shape = self.shape[: behind - 1] + self.shape[behind:]
        return found if keepdims else found.reshape(shape)


def tangents_of(array: Any, n_directions: int) -> npt.NDArray[np.float64]:
    """Return the tangents (K, *shape) of an array; those of a plain one are 0."""
    if isinstance(array, Dual):
        return array.tangents
    return np.zeros((n_directions, *np.shape(array)))


# Numbers without derivatives: for the loss only


class _FloatCounter(threading.local):
    """Number of floats that dual numbers may still give: one within :func:`one_float`, else 0."""

    left = 0

    def count(self, shape: tuple[int, ...]) -> None:
        if self.left < 1 or shape != ():
            raise DerivativeError(
                "float() of a number with tangents would lose its derivative; only a loss may do "
                "so, once and in over_batch, with the sum that it returns"
            )
        self.left -= 1


_float_counter = _FloatCounter()


@contextmanager
def one_float() -> Generator[None]:
    """Allow one ``float()`` of a dual number, as ``over_batch`` of a loss takes one.

    A loss returns its value as a plain float. To differentiate the gradient needs no value, so
    nothing is lost by it. A second float could only be a factor of the gradient, and is refused.
    """
    _float_counter.left = 1
    try:
        yield
    finally:
        _float_counter.left = 0


# The chain rule

Partial = Callable[..., Any]

PARTIALS: dict[np.ufunc, tuple[Partial, ...]] = {
    np.negative: (lambda y, a: -1.0,),
    np.multiply: (lambda y, a, b: b, lambda y, a, b: a),
    # At b = 0 the power is 1 everywhere, also at a = 0, where a^(b − 1) is infinite.
    np.power: (
        lambda y, a, b: b * a ** np.where(b == 0, 1.0, b - 1.0),
        lambda y, a, b: y * np.log(a),
    ),
    np.square: (lambda y, a: 2 * a,),
    np.sqrt: (lambda y, a: 0.5 / y,),
    np.reciprocal: (lambda y, a: -y * y,),
    np.absolute: (lambda y, a: np.where(a >= 0, 1.0, -1.0),),
    np.exp: (lambda y, a: y,),
    np.expm1: (lambda y, a: y + 1,),
    np.log: (lambda y, a: 1 / a,),
    np.log1p: (lambda y, a: 1 / (1 + a),),
    np.logaddexp: (lambda y, a, b: np.exp(a - y), lambda y, a, b: np.exp(b - y)),
    np.sin: (lambda y, a: np.cos(a),),
    np.cos: (lambda y, a: -np.sin(a),),
    np.arctan: (lambda y, a: 1 / (1 + a * a),),
    np.sinh: (lambda y, a: np.cosh(a),),
    np.cosh: (lambda y, a: np.sinh(a),),
    np.tanh: (lambda y, a: 1 - y * y,),
}
"""Of y = f(a, b): ∂y/∂a and ∂y/∂b, as functions of y, a and b."""

_WITHOUT_DERIVATIVE = {
    *(np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal),
    *(np.isfinite, np.isinf, np.isnan, np.sign, np.signbit),
}
"""Whose results are truth values, or constant but for jumps."""


def _chain_rule(
    partials: tuple[Partial, ...], y: Any, values: Sequence[Any], inputs: Sequence[Any]
) -> Any:
    """Return ẏ = Σ_i ∂y/∂x_i ẋ_i over the inputs that have tangents."""
    total: Any = None
    for partial, x in zip(partials, inputs, strict=True):
        if isinstance(x, Dual):
            total = _plus(total, _mask_as_numbers(partial(y, *values), x) * _part(x, y))
    return total


def _plus(total: Any, term: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the sum of two arrays made for it, in the memory of the first where it fits."""
    if total is None:
        return term
    if total.shape == term.shape and total.dtype == term.dtype:
        total += term
        return total
    return total + term


def _mask_as_numbers(factor: Any, x: Dual) -> Any:
    """Return a factor of truth values in x's dtype; NumPy would convert it per direction."""
    return factor.astype(x.dtype) if getattr(factor, "dtype", None) == np.bool_ else factor


def _part(x: Any, y: Any) -> Any:
    """Return x's tangents with as many axes as those of y, x's own last; 0 for a constant."""
    if not isinstance(x, Dual):
        return 0.0
    if x.ndim == y.ndim:
        return x.tangents
    return x.tangents.reshape(len(x.tangents), *(1,) * (y.ndim - x.ndim), *x.shape)


def _add(y: Any, a: Any, b: Any) -> Any:
    # With a constant this is a copy: a result shares no memory, or += would change its operand.
    return _part(a, y) + _part(b, y)


def _subtract(y: Any, a: Any, b: Any) -> Any:
    return _part(a, y) - _part(b, y)


def _divide(y: Any, a: Any, b: Any) -> Any:
    """Return (ȧ − y ḃ) / b; in this order, ḃ = 0 gives 0 also where y is huge and b tiny."""
    if not isinstance(b, Dual):
        return _part(a, y) / b
    return (_part(a, y) - y * _part(b, y)) / b.value


def _matmul(y: Any, a: Any, b: Any) -> Any:
    """Return ȧ b + a ḃ, for matrices and vectors."""
    if max(np.ndim(a), np.ndim(b)) > 2:
        raise _unknown("a product (@) of arrays with more than two axes")
    total: Any = None
    if isinstance(a, Dual):
        total = _product_by_rows(a.tangents, _value(b))
    if isinstance(b, Dual):
        columns = b.tangents[..., np.newaxis] if b.ndim == 1 else b.tangents
        # BLAS is slow on many small matrices that are transposed, as those of Wᵀ are.
        term = _value(a) @ np.ascontiguousarray(columns)
        total = _plus(total, term[..., 0] if b.ndim == 1 else term)
    return total


def _product_by_rows(tangents: npt.NDArray[Any], b: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the product of each tangent with b, where possible as one product of all rows."""
    if tangents.ndim < 3 or not tangents.flags.c_contiguous:
        return tangents @ b
    rows = tangents.reshape(-1, tangents.shape[-1]) @ np.ascontiguousarray(b)
    return rows.reshape(*tangents.shape[:-1], *b.shape[1:])


def _larger(y: Any, a: Any, b: Any) -> Any:
    return _where(_first_wins(np.greater, np.greater_equal, a, b), a, b).tangents


def _smaller(y: Any, a: Any, b: Any) -> Any:
    return _where(_first_wins(np.less, np.less_equal, a, b), a, b).tangents


def _first_wins(strictly: np.ufunc, or_equal: np.ufunc, a: Any, b: Any) -> Any:
    """Return where a is taken; where both are equal that is the constant, and of two the second."""
    return strictly(a, b) if isinstance(a, Dual) else or_equal(a, b)


_RULES: dict[np.ufunc, Callable[..., Any]] = {
    np.add: _add,
    np.subtract: _subtract,
    np.divide: _divide,
    np.matmul: _matmul,
    np.maximum: _larger,
    np.minimum: _smaller,
}
"""Functions whose tangents are not a sum of factors times tangents, or need another formula."""


def _write(out: Any, y: Any, tangents: Any, ufunc: np.ufunc) -> Dual:
    """Write a result in place, as ``out += y`` and ``np.add(a, b, out=out)`` do."""
    if not isinstance(out, Dual):
        raise DerivativeError(
            f"np.{ufunc.__name__} writes a result with tangents into a plain array (out=, or an "
            "operator such as +=), where they would be lost; write y = y + x"
        )
    out.value[...] = y
    out.tangents[...] = tangents
    return out


def _sums(tangents: npt.NDArray[Any], axes: tuple[int, ...]) -> npt.NDArray[Any]:
    """Return the sums over ``axes``, which are gone afterwards."""
    # Over one of the last two axes, as a product with ones: BLAS is several times as fast as
    # NumPy where the last axis is short.
    if tangents.ndim == 3 and axes == (2,):
        return tangents @ np.ones(tangents.shape[2], tangents.dtype)
    if tangents.ndim == 3 and axes == (1,):
        return np.ones(tangents.shape[1], tangents.dtype) @ tangents
    return tangents.sum(axis=axes)


# Functions


def _where(condition: Any, a: Any, b: Any) -> Dual:
    """Return a where the condition holds, else b."""
    condition = _value(condition)
    y = np.where(condition, _value(a), _value(b))
    return Dual(y, np.where(condition, _part(a, y), _part(b, y)))


def _clip(a: Any, a_min: Any = None, a_max: Any = None) -> Any:
    a = a if a_min is None else np.maximum(a, a_min)
    return a if a_max is None else np.minimum(a, a_max)


def _concatenate(arrays: Sequence[Any], axis: int = 0) -> Dual:
    value = np.concatenate([_value(x) for x in arrays], axis)
    k = next(len(x.tangents) for x in arrays if isinstance(x, Dual))
    behind = axis % value.ndim + 1
    return Dual(value, np.concatenate([tangents_of(x, k) for x in arrays], behind))


def _constant_like(function: Callable[..., Any]) -> Callable[..., Dual]:
    """Return ``zeros_like`` and its kind, with tangents of 0 that can be written to."""

    def like(x: Dual, *args: Any, **kwargs: Any) -> Dual:
        value = function(x.value, *args, **kwargs)
        return Dual(value, np.zeros((len(x.tangents), *value.shape), value.dtype))

    return like


def _method(name: str) -> Callable[..., Any]:
    """Return the function np.name(x, ...) that calls x.name(...)."""
    return lambda x, *args, **kwargs: getattr(x, name)(*args, **kwargs)


def _value(x: Any) -> Any:
    return x.value if isinstance(x, Dual) else x


def _is_simple(index: Any) -> bool:
    """Whether an index means the same behind another axis: several arrays may not."""
    return not isinstance(index, tuple) or all(
        one is None or one is Ellipsis or isinstance(one, int | np.integer | slice) for one in index
    )


def _behind_the_first(index: Any) -> tuple[Any, ...]:
    return (slice(None), *index) if isinstance(index, tuple) else (slice(None), index)


def _unknown(operation: str) -> DerivativeError:
    return DerivativeError(
        f"no derivative is known here for {operation}; write it with arithmetic, @, and functions "
        f"such as {', '.join(ufunc.__name__ for ufunc in (np.exp, np.log, np.tanh))}, sum, max or "
        "where"
    )


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.where: _where,
    np.clip: _clip,
    np.concatenate: _concatenate,
    np.dot: np.matmul,
    np.shape: lambda x: x.shape,
    np.ndim: lambda x: x.ndim,
    np.size: lambda x: x.size,
    np.amax: _method("max"),
    np.amin: _method("min"),
    **{
        getattr(np, name): _method(name)
        for name in ("sum", "mean", "max", "min", "argmax", "argmin", "reshape", "transpose")
    },
    **{
        function: _constant_like(function)
        for function in (np.zeros_like, np.ones_like, np.full_like, np.empty_like)
    },
}
