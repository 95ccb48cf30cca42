"""Values and arrays with Python's operators, for kernels that are written by hand.

Each operation is rounded alone, as it is written; only :func:`fma` rounds a product and a sum at
once.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.compiled.build import Kernel
from rosenblatt.engines.compiled.ir import Code, vector_of

_BYTES = {"double": 8, "float": 4, "i64": 8, "i32": 4}


@dataclass(frozen=True, eq=False)
class Value:
    """A scalar of one of LLVM's types, or a vector of ``lanes`` of them."""

    code: Code
    name: str
    scalar: str
    lanes: int = 1

    @property
    def kind(self) -> str:
        """LLVM's type."""
        return vector_of(self.lanes, self.scalar)

    def __str__(self) -> str:
        return self.name

    def __add__(self, other: "Value | float") -> "Value":
        return self._apply("add", other)

    def __sub__(self, other: "Value | float") -> "Value":
        return self._apply("sub", other)

    def __mul__(self, other: "Value | float") -> "Value":
        return self._apply("mul", other)

    def __truediv__(self, other: "Value | float") -> "Value":
        return self._apply("div", other)

    def __neg__(self) -> "Value":
        return self._result(f"fneg {self.kind} {self}")

    def __lt__(self, other: "Value | float") -> "Value":
        return self._compare("lt", other)

    def __le__(self, other: "Value | float") -> "Value":
        return self._compare("le", other)

    def __gt__(self, other: "Value | float") -> "Value":
        return self._compare("gt", other)

    def __ge__(self, other: "Value | float") -> "Value":
        return self._compare("ge", other)

    def equals(self, other: "Value | float") -> "Value":
        """Return whether both are equal."""
        return self._compare("eq", other)

    def differs(self, other: "Value | float") -> "Value":
        """Return whether they are not equal; of two truth values, whether one alone holds."""
        return self._compare("ne", other)

    def bits(self, operation: str, other: "Value | int") -> "Value":
        """Return an operation on integers or truth values: "and", "xor", "shl", "lshr", "urem"."""
        return self._result(f"{operation} {self.kind} {self}, {self.constant(other)}")

    def to(self, scalar: str) -> "Value":
        """Return the value as another type: integers and truth values count as not negative."""
        kinds = self.scalar[0] == "i", scalar[0] == "i"
        operation = {
            (True, True): "trunc" if self.scalar == "i64" else "zext",
            (True, False): "uitofp",
            (False, True): "fptoui",
            (False, False): "fpext" if self.scalar == "float" else "fptrunc",
        }[kinds]
        if scalar == self.scalar:
            return self
        return self._result(
            f"{operation} {self.kind} {self} to {vector_of(self.lanes, scalar)}", scalar
        )

    def in_lanes(self, lanes: int) -> "Value":
        """Return a vector with this scalar in every lane; a vector is returned as it is."""
        if self.lanes == lanes:
            return self
        with self.code.width(lanes):
            return Value(self.code, self.code.splat(self.name, self.scalar), self.scalar, lanes)

    def part(self, start: int, count: int) -> "Value":
        """Return ``count`` lanes from lane ``start`` on; one lane is a scalar."""
        if count == self.lanes:
            return self
        if count == 1:
            text = self.code.inst(f"extractelement {self.kind} {self}, i64 {start}")
            return Value(self.code, text, self.scalar)
        places = range(start, start + count)
        text = self.code.shuffle(self.name, "poison", places, self.lanes)
        return Value(self.code, text, self.scalar, count)

    def constant(self, number: "Value | float") -> "Value":
        """Return a number as a value of this type; a value is returned as it is."""
        if isinstance(number, Value):
            return number
        text = str(number) if self.scalar[0] == "i" else self.code.number(number)
        if self.lanes > 1:
            text = "<" + ", ".join([f"{self.scalar} {text}"] * self.lanes) + ">"
        return Value(self.code, text, self.scalar, self.lanes)

    def _apply(self, operation: str, other: "Value | float") -> "Value":
        operation = operation if self.scalar[0] == "i" else f"f{operation}"
        return self._result(f"{operation} {self.kind} {self}, {self.constant(other)}")

    def _compare(self, condition: str, other: "Value | float") -> "Value":
        if self.scalar[0] != "i":
            condition = f"fcmp {'u' if condition == 'ne' else 'o'}{condition}"
        else:
            condition = f"icmp {'' if condition in ('eq', 'ne') else 's'}{condition}"
        return self._result(f"{condition} {self.kind} {self}, {self.constant(other)}", "i1")

    def _result(self, instruction: str, scalar: str | None = None) -> "Value":
        return Value(self.code, self.code.inst(instruction), scalar or self.scalar, self.lanes)


def where(mask: Value, a: Value, b: Value | float) -> Value:
    """Return a where the mask holds, else b."""
    operands = f"{mask.kind} {mask}, {a.kind} {a}, {a.kind} {a.constant(b)}"
    return Value(a.code, a.code.inst(f"select {operands}"), a.scalar, a.lanes)


def fma(a: Value, b: Value, c: Value) -> Value:
    """Return a b + c, rounded once where the processor can."""
    if not a.code.has_fma:
        return a * b + c
    with a.code.width(a.lanes):
        return Value(a.code, a.code.intrinsic("fma", a.name, b.name, c.name), a.scalar, a.lanes)


def sqrt(a: Value) -> Value:
    """Return the square root."""
    with a.code.width(a.lanes):
        return Value(a.code, a.code.intrinsic("sqrt", a.name), a.scalar, a.lanes)


def any_of(mask: Value) -> Value:
    """Return whether a truth value holds in any lane."""
    if mask.lanes == 1:
        return mask
    bits = mask.code.inst(f"bitcast {mask.kind} {mask} to i{mask.lanes}")
    return Value(mask.code, mask.code.inst(f"icmp ne i{mask.lanes} {bits}, 0"), "i1")


def total(vector: Value) -> Value:
    """Return the sum of the lanes: of the two halves, and so on until one lane is left."""
    while vector.lanes > 1:
        half = vector.lanes // 2
        vector = vector.part(0, half) + vector.part(half, half)
    return vector


class Array:
    """Elements in memory, each a scalar or a vector; ``array[i]`` emits a load or a store."""

    def __init__(self, code: Code, pointer: str, scalar: str, lanes: int = 1) -> None:
        self.code, self.pointer, self.scalar, self.lanes = code, pointer, scalar, lanes
        self.kind = vector_of(lanes, scalar)

    def local(self, length: int) -> "Array":
        """Return an array of the function's own with such elements, in registers if LLVM can."""
        pointer = self.code.alloca(f"[{length} x {self.kind}]")
        return Array(self.code, pointer, self.scalar, self.lanes)

    def at(self, index: Value | int) -> str:
        """Return the pointer to an element."""
        place = index if isinstance(index, int) else index.name
        return self.code.at(self.pointer, place, self.kind)

    def after(self, index: Value | int, lanes: int | None = None) -> "Array":
        """Return the elements from ``index`` on, as vectors of ``lanes`` lanes if that is given."""
        return Array(self.code, self.at(index), self.scalar, lanes or self.lanes)

    def __getitem__(self, index: Value | int) -> Value:
        name = self.code.load(self.at(index), self.kind, align=_BYTES[self.scalar])
        return Value(self.code, name, self.scalar, self.lanes)

    def __setitem__(self, index: Value | int, value: Value | float) -> None:
        if not isinstance(value, Value):
            value = Value(self.code, "", self.scalar, self.lanes).constant(value)
        self.code.store(value.name, self.at(index), self.kind, align=_BYTES[self.scalar])


class Variable:
    """A value that changes."""

    def __init__(self, start: Value) -> None:
        self._array = Array(start.code, "", start.scalar, start.lanes).local(1)
        self.set(start)

    def get(self) -> Value:
        """Return the present value."""
        return self._array[0]

    def set(self, value: Value | float) -> None:
        """Change the value."""
        self._array[0] = value

    def add(self, value: Value | float) -> None:
        """Add to the value."""
        self.set(self.get() + value)


@overload
def each(code: Code, stop: int) -> Iterator[int]: ...
@overload
def each(
    code: Code, stop: Value, start: Value | int = 0, step: Value | int = 1
) -> Iterator[Value]: ...
def each(
    code: Code, stop: Value | int, start: Value | int = 0, step: Value | int = 1
) -> Iterator[Value] | Iterator[int]:
    """Emit what follows for i = 0, 1, … < stop: one after the other if stop is a plain number.

    Else it is a loop, over i = start, start + step, …, whose body is executed at least once.
    """
    return iter(range(stop)) if isinstance(stop, int) else _loop(code, stop, start, step)


def _loop(code: Code, stop: Value, start: Value | int, step: Value | int) -> Iterator[Value]:
    with code.loop(str(stop), str(step), str(start)) as index:
        yield Value(code, index, "i64")


def spans(code: Code, stop: Value | int, lanes: int) -> Iterator[tuple[Value | int, int]]:
    """Emit what follows for vectors that begin at 0, ``lanes``, …, then for what is left over.

    It gives the place and the number of lanes; up to a plain number, all are scalars.
    """
    if isinstance(stop, int):
        yield from ((place, 1) for place in range(stop))
        return
    whole = stop.bits("and", -lanes)
    with when(whole > 0):
        for place in each(code, whole, 0, lanes):
            yield place, lanes
    with when(whole < stop):
        for place in each(code, stop, whole):
            yield place, 1


def when(condition: Value) -> AbstractContextManager[None]:
    """Emit what follows for the case that a condition holds."""
    return condition.code.when(condition.name)


class Signature:
    """The arguments of a kernel: 8 bytes each, one after the other in memory.

    Args:
        arrays: names of those that are passed as pointers, with spaces between them.
        numbers: names of those that are int64.
    """

    def __init__(self, arrays: str, numbers: str) -> None:
        self._arrays, self._names = frozenset(arrays.split()), f"{arrays} {numbers}".split()

    def load(self, code: Code) -> dict[str, Any]:
        """Return the arguments by name in a function of ``ptr %frame``: pointers, and values."""
        loaded: dict[str, Any] = {}
        for place, name in enumerate(self._names):
            kind = "ptr" if name in self._arrays else "i64"
            pointer = code.inst(f"getelementptr inbounds i64, ptr %frame, i64 {place}")
            text = code.load(pointer, kind, align=8)
            loaded[name] = text if kind == "ptr" else Value(code, text, kind)
        return loaded

    def call(self, kernel: Kernel, **arguments: npt.NDArray[Any] | int) -> None:
        """Call a kernel with all its arguments."""
        ordered = [arguments[name] for name in self._names]
        frame = np.array(
            [one if isinstance(one, int) else one.ctypes.data for one in ordered], dtype=np.int64
        )
        kernel(frame.ctypes.data)
