"""Arithmetic on the units of one sample, which fill the lanes of vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from rosenblatt.engines.compiled.elementary import apply
from rosenblatt.engines.compiled.ir import Code, vector_of


@dataclass(frozen=True)
class UnitValues:
    """Numbers, or truth values, of one sample.

    Attributes:
        length: how many there are.
        lanes: of each vector. The last vector may have other numbers behind the last unit.
        parts: the vectors; a single unit is in every lane of its vector.
        is_bool: whether they are truth values.
        number: the value of a single unit that is a constant, which has no vector.
    """

    length: int
    lanes: int
    parts: tuple[str, ...]
    is_bool: bool = False
    number: float | None = None


class UnitArithmetic:
    """The instructions for vectors of units.

    Args:
        code: the function that is written.
        most_lanes: lanes of the widest vector.
    """

    def __init__(self, code: Code, most_lanes: int) -> None:
        self.code, self.most_lanes = code, most_lanes
        self._repeated: dict[tuple[str, int], str] = {}

    def constant(self, number: float) -> UnitValues:
        """Return a constant as a single unit."""
        return UnitValues(1, 1, (), number=number)

    def loaded(self, pointer: str, length: int) -> UnitValues:
        """Return units from memory that may end behind the last."""
        code, lanes, parts = self.code, lanes_for(length, self.most_lanes), []
        for start in range(0, length, lanes):
            with code.width(lanes):
                if start + lanes <= length:
                    parts.append(code.load(code.at(pointer, start)))
                    continue
                vector = code.const(0.0)
                for lane in range(length - start):
                    number = code.load(code.at(pointer, start + lane), code.scalar)
                    pair = f"{code.vector} {vector}, {code.scalar} {number}"
                    vector = code.inst(f"insertelement {pair}, i32 {lane}")
                parts.append(vector)
        return UnitValues(length, lanes, tuple(parts))

    def table(self, numbers: Sequence[float]) -> UnitValues:
        """Return constants."""
        code, length, parts = self.code, len(numbers), []
        lanes = lanes_for(length, self.most_lanes)
        for start in range(0, length, lanes):
            padded = [*numbers[start : start + lanes], *[0.0] * lanes][:lanes]
            typed = [f"{code.scalar} {code.number(number)}" for number in padded]
            parts.append(f"<{', '.join(typed)}>" if lanes > 1 else typed[0].split()[1])
        return UnitValues(length, lanes, tuple(parts))

    def repeated(self, unit: UnitValues, lanes: int) -> str:
        """Return a vector with a single unit in every lane."""
        code = self.code
        if unit.number is not None:
            with code.width(lanes):
                return code.const(unit.number)
        part = unit.parts[0]
        if unit.lanes == lanes:
            return part
        if (part, lanes) not in self._repeated:
            if unit.lanes == 1:
                with code.width(lanes):
                    found = code.splat(part, "i1" if unit.is_bool else None)
            else:
                found = self._shuffled(part, unit.is_bool, unit.lanes, [0] * lanes)
            self._repeated[part, lanes] = found
        return self._repeated[part, lanes]

    def parts_of(self, units: UnitValues, length: int) -> tuple[str, ...]:
        """Return the vectors of ``length`` units: these, or a single one repeated."""
        if units.length == length:
            return units.parts if units.number is None else (self.repeated(units, 1),)
        return (self.repeated(units, lanes_for(length, self.most_lanes)),) * self.count(length)

    def count(self, length: int) -> int:
        """Return how many vectors hold ``length`` units."""
        return -(-length // lanes_for(length, self.most_lanes))

    def op(self, op: str, operands: Sequence[UnitValues], *, is_bool: bool = False) -> UnitValues:
        """Return an elementwise operation of units, and of single ones with all others."""
        code = self.code
        if op == "mul":
            for other, factor in (operands, operands[::-1]):
                if factor.number == 1.0 and not other.is_bool:
                    return other
        length = max(operand.length for operand in operands)
        lanes = lanes_for(length, self.most_lanes)
        columns = [self.parts_of(operand, length) for operand in operands]
        if length == 1:
            lanes = min((x.lanes for x in operands if x.number is None), default=1)
            columns = [(self.repeated(operand, lanes),) for operand in operands]
        truths = [operand.is_bool for operand in operands]
        with code.width(lanes):
            parts = tuple(apply(code, op, row, truths) for row in zip(*columns, strict=True))
        return UnitValues(length, lanes, parts, is_bool)

    def lane(self, units: UnitValues, i: int, lanes: int) -> str:
        """Return a vector with unit i in every lane."""
        if units.length == 1:
            return self.repeated(units, lanes)
        part = units.parts[i // units.lanes]
        return self._shuffled(part, units.is_bool, units.lanes, [i % units.lanes] * lanes)

    def moved(self, units: UnitValues, places: Sequence[int]) -> UnitValues:
        """Return units in another order: the i-th is number ``places[i]`` of these."""
        length = len(places)
        if units.length == 1 or list(places) == list(range(units.length)):
            return units
        if len(set(places)) == 1:
            return UnitValues(1, 1, (self.lane(units, places[0], 1),), units.is_bool)
        if units.is_bool:
            numbers = self.moved(self.op("cast", [units]), places)
            return self.op("ne", [numbers, self.constant(0.0)], is_bool=True)
        lanes, code, parts = lanes_for(length, self.most_lanes), self.code, []
        for start in range(0, length, lanes):
            wanted = places[start : start + lanes]
            vector: str | None = None
            for source in sorted({place // units.lanes for place in wanted}):
                is_here = [place // units.lanes == source for place in wanted]
                is_here += [False] * (lanes - len(is_here))
                lanes_there = [place % units.lanes for place in wanted]
                lanes_there += [0] * (lanes - len(lanes_there))
                moved = self._shuffled(units.parts[source], False, units.lanes, lanes_there)
                if vector is not None:
                    with code.width(lanes):
                        chosen = [i + lanes * here for i, here in enumerate(is_here)]
                        moved = code.shuffle(vector, moved, chosen)
                vector = moved
            parts.append(str(vector))
        return UnitValues(length, lanes, tuple(parts))

    def across(self, units: UnitValues, op: str) -> UnitValues:
        """Return the sum ("add") or the maximum ("max") of all units."""
        if units.length == 1:
            return units
        code, lanes = self.code, units.lanes
        *parts, last = units.parts
        rest = units.length - len(parts) * lanes
        with code.width(lanes):
            vectors = [*parts, self.masked(last, rest, 0.0 if op == "add" else -np.inf)]
            total = reduce(lambda a, b: self._joined(op, a, b), vectors)
            half = lanes // 2
            while half:
                other = code.shuffle(total, "poison", [lane ^ half for lane in range(lanes)])
                total, half = self._joined(op, total, other), half // 2
            if op == "max":
                total = self._or_nan(total, vectors)
        return UnitValues(1, lanes, (total,))

    def _joined(self, op: str, a: str, b: str) -> str:
        """Return the sum of two vectors, or the larger numbers but for NaN."""
        code = self.code
        if op == "add":
            return code.op("add", a, b)
        return code.select(code.compare("ogt", a, b), a, b)

    def _or_nan(self, total: str, vectors: Sequence[str]) -> str:
        """Return NaN where a vector has one, which does not wait for the maximum."""
        code = self.code
        masks = [code.compare("uno", vector, vector) for vector in vectors]
        mask = reduce(lambda a, b: code.inst(f"or {code.mask} {a}, {b}"), masks)
        bits = code.inst(f"bitcast {code.mask} {mask} to i{code.lanes}")
        is_any = code.inst(f"icmp ne i{code.lanes} {bits}, 0")
        return code.select(code.splat(is_any, "i1"), code.const(np.nan), total)

    def masked(self, vector: str, length: int, fill: float = 0.0) -> str:
        """Return a vector of the code's width with ``fill`` from lane ``length`` on."""
        code = self.code
        if length >= code.lanes:
            return vector
        lanes = ", ".join(f"i1 {int(lane < length)}" for lane in range(code.lanes))
        return code.select(f"<{lanes}>", vector, code.const(fill))

    def _shuffled(self, part: str, is_bool: bool, lanes: int, places: Sequence[int]) -> str:
        code = self.code
        kind = vector_of(lanes, "i1" if is_bool else code.scalar)
        if lanes == 1:
            with code.width(len(places)):
                return code.splat(part, "i1" if is_bool else None)
        if len(places) == 1:
            return code.inst(f"extractelement {kind} {part}, i32 {places[0]}")
        mask = ", ".join(f"i32 {place}" for place in places)
        return code.inst(
            f"shufflevector {kind} {part}, {kind} poison, <{len(places)} x i32> <{mask}>"
        )


class Total:
    """A sum, which is in a variable where a loop adds to it."""

    def __init__(self, code: Code, start: str | None, *, in_loop: bool) -> None:
        # Nothing changes where -0 is added to it.
        self._code, self._value = code, start or code.const(-0.0)
        self._variable = code.alloca(code.vector) if in_loop else ""
        self._set(self._value)

    def add(self, term: str) -> None:
        """Add a term."""
        self._set(self._code.op("add", self.get(), term))

    def get(self) -> str:
        """Return the sum so far."""
        return self._code.load(self._variable) if self._variable else self._value

    def _set(self, value: str) -> None:
        self._value = value
        if self._variable:
            self._code.store(value, self._variable)


class Result:
    """Units that are computed vector by vector, in memory where a loop does so."""

    def __init__(self, code: Code, length: int, lanes: int) -> None:
        self._code, self._length, self._lanes = code, length, lanes
        self._parts: dict[int, str] = {}
        self._buffer = ""

    def put(self, first: int | str, vector: str) -> None:
        """Set the vector that begins with unit ``first``."""
        if isinstance(first, int):
            self._parts[first] = vector
            return
        code = self._code
        if not self._buffer:
            self._buffer = code.alloca(code.scalar, self._length)
        with code.width(self._lanes):
            code.store(vector, code.at(self._buffer, first))

    def units(self) -> UnitValues:
        """Return the units, all of which have been set."""
        parts = []
        with self._code.width(self._lanes):
            for first in range(0, self._length, self._lanes):
                if first in self._parts:
                    parts.append(self._parts[first])
                    continue
                if not self._buffer:
                    raise AssertionError(f"unit {first} is read before it is computed")
                parts.append(self._code.load(self._code.at(self._buffer, first)))
        return UnitValues(self._length, self._lanes, tuple(parts))


def lanes_for(length: int, most: int) -> int:
    """Return the lanes of vectors for ``length`` units: as few as hold them, a power of 2."""
    return min(most, 1 << (length - 1).bit_length())
