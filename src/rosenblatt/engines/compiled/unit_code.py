"""The code of one sample in the lowering for units, and of the update after it."""

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import Any

import numpy as np

from rosenblatt.engines.compiled.graph import LoweringError, Node, live
from rosenblatt.engines.compiled.ir import Code, vector_of
from rosenblatt.engines.compiled.lowering import OWN, BatchCall
from rosenblatt.engines.compiled.random_numbers import folded, uniform, word
from rosenblatt.engines.compiled.scheduling import refused
from rosenblatt.engines.compiled.transposition import lane_sums
from rosenblatt.engines.compiled.unit_plan import UnitPlan, places_of, shape_of, size_of
from rosenblatt.engines.compiled.unit_values import (
    Result,
    Total,
    UnitArithmetic,
    UnitValues,
    lanes_for,
)
from rosenblatt.engines.compiled.update import is_scalar

TOGETHER = 8
"""Vectors of a row that are computed together."""


Array = str | int
"""Parameters ("params"), sums over a batch ("grads"), or a slot by its number."""

Place = tuple[Array, str, int, int]
"""Array, parameter or sum, row and part of a vector."""


class Memory:
    """Where the vectors of parameters, slots and sums are.

    Args:
        plan: of the program.
        code: the driver's function.
        call: operands of the batch.
        variables: those of the function; they are added to.
    """

    def __init__(
        self, plan: UnitPlan, code: Code, call: BatchCall, variables: dict[Any, str]
    ) -> None:
        self.plan, self.code, self.call, self._variables = plan, code, call, variables

    def pointer(self, array: Array, label: str, row: int | str, part: int | str) -> str:
        """Return a pointer to a vector of a parameter or a sum: in memory, or a variable."""
        if not self.plan.is_held:
            return self._address(array, label, row, part)
        key = array, label, row, part
        if key not in self._variables:
            kind = vector_of(self.plan.rows_of(label).lanes, self.code.scalar)
            self._variables[key] = self.code.alloca(kind)
        return self._variables[key]

    def load(self, array: Array, label: str, row: int | str, part: int | str) -> str:
        """Return a vector."""
        lanes, code = self.plan.rows_of(label).lanes, self.code
        with code.width(lanes):
            return code.load(self.pointer(array, label, row, part), align=code.bytes * lanes)

    def store(self, value: str, array: Array, label: str, row: int | str, part: int | str) -> None:
        """Set a vector."""
        lanes, code = self.plan.rows_of(label).lanes, self.code
        with code.width(lanes):
            code.store(value, self.pointer(array, label, row, part), align=code.bytes * lanes)

    def load_all(self) -> None:
        """Copy parameters and slots to their variables, if they have any."""
        for place in self._places(self._arrays, self.plan.layout.rows):
            with self.code.width(self.plan.rows_of(place[1]).lanes):
                self.store(self.code.load(self._address(*place)), *place)

    def store_all(self) -> None:
        """Copy parameters and slots from their variables."""
        for place in self._places(self._arrays, self.plan.layout.rows):
            with self.code.width(self.plan.rows_of(place[1]).lanes):
                self.code.store(self.load(*place), self._address(*place))

    def clear_sums(self) -> None:
        """Set the variables of sums to 0; sums in memory are 0 before a batch."""
        for place in self._places(["grads"], self.plan.terms):
            with self.code.width(self.plan.rows_of(place[1]).lanes):
                zeros = self.code.const(0.0)
            self.store(zeros, *place)

    @property
    def _arrays(self) -> list[Array]:
        return ["params", *range(len(self.plan.program.slot_names))]

    def _places(self, arrays: Sequence[Array], labels: Iterable[str]) -> Iterator[Place]:
        """Yield the places of all vectors that are variables."""
        for array in arrays if self.plan.is_held else ():
            for label in labels:
                rows = self.plan.rows_of(label)
                for row in range(rows.count):
                    yield from ((array, label, row, part) for part in range(rows.parts))

    def _address(self, array: Array, label: str, row: int | str, part: int | str) -> str:
        """Return the pointer to a vector in the arrays of the call."""
        code, rows, layout = self.code, self.plan.rows_of(label), self.plan.layout
        offset = layout.offsets[label]
        if isinstance(array, int):
            offset += array * layout.size
        pointer: str = getattr(self.call, "slots" if isinstance(array, int) else array)
        for index, stride in ((row, rows.stride), (part, rows.lanes)):
            if isinstance(index, int):
                offset += index * stride
            else:
                pointer = code.at(pointer, code.integer("mul", index, stride))
        return code.at(pointer, offset)


class Sample:
    """The code for one sample, and for the update after it.

    Args:
        memory: of the batch.
        position: of the sample in the order; None where the update is all that is emitted.
        offset: of the sample in the batch.
    """

    def __init__(self, memory: Memory, position: str | None = None, offset: str = "0") -> None:
        self.memory, self.plan, self.offset = memory, memory.plan, offset
        self.code, self.call = memory.code, memory.call
        self.program, self.layout = self.plan.program, self.plan.layout
        self.arithmetic = UnitArithmetic(self.code, self.plan.lanes)
        self.values: dict[Node, UnitValues] = {}
        self.buffers: dict[Node, str] = {}
        self.lanes: dict[tuple[Node, int | str, int], str] = {}
        self.parts: dict[tuple[Node, str], str] = {}
        self.scaled: dict[tuple[Node, Node], Node] = {}
        self.inverses: dict[Node, UnitValues] = {}
        self.stepped: set[str] = set()
        if position is not None:
            code, call = self.code, self.call
            row = code.load(code.at(call.order, position, "i32"), "i32", align=4)
            self.sample = code.inst(f"zext i32 {row} to i64")
            width = self.program.n_inputs + self.program.n_outputs
            self.row = code.at(call.rows, code.integer("mul", self.sample, width))

    def emit(self) -> None:
        """Emit the sums of the sample, and the steps if it is the whole batch."""
        for node in self.plan.values:
            if node.args:
                self.value(node)
        for number, name in enumerate(self.layout.statistics):
            self._add_statistic(number, self.value(self.plan.sums[name]))
        for name in reversed(list(self.layout.rows)):
            if name not in self.stepped:
                self._take_steps(name)

    def emit_update(self) -> None:
        """Emit the update of all parameters by the sums of the batch."""
        for name in self.layout.rows:
            self._prepare(name)
            for row, parts in self._blocks_of(name):
                for part in parts:
                    self._update(name, row, part)

    # Values

    def value(self, node: Node) -> UnitValues:
        """Return a node's units."""
        if node not in self.values:
            self.values[node] = self._computed(node)
        return self.values[node]

    def _all(self, node: Node) -> UnitValues:
        """Return a node's units as many vectors, even if all are the same."""
        value, size = self.value(node), size_of(node)
        lanes = lanes_for(size, self.plan.lanes)
        return UnitValues(size, lanes, self.arithmetic.parts_of(value, size), value.is_bool)

    def _computed(self, node: Node) -> UnitValues:
        code = self.code
        match node.op:
            case "const":
                return self.arithmetic.constant(node.attr)
            case "table":
                return self.arithmetic.table(np.frombuffer(node.attr).tolist())
            case "param":
                return self._param(node.attr)
            case "x":
                return self.arithmetic.loaded(self.row, size_of(node))
            case "y":
                return self.arithmetic.loaded(self._buffer(node), size_of(node))
            case "share" | "valid":
                return self._share(node)
            case "rate" | "penalty":
                return UnitValues(1, 1, (getattr(self.call, node.op),))
            case "step":
                done = code.inst(f"sitofp i64 {self.call.update} to {code.scalar}")
                return UnitValues(1, 1, (done,))
            case "total":
                return self.value(self.plan.sums[node.attr])
            case "setting":
                setting = code.load(code.at(self.call.settings, node.attr), code.scalar)
                return UnitValues(1, 1, (setting,))
            case "uniform" | "uniform_ge":
                return self._drawn(node)
            case "matmul":
                return self._product(node)
            case "rsum" | "rmax":
                return self._reduced(node)
            case "T" | "reshape" | "index":
                return self.arithmetic.moved(self.value(node.args[0]), places_of(node))
        return self._elementwise(node, [self._broadcast(arg, node) for arg in node.args])

    def _elementwise(self, node: Node, operands: Sequence[UnitValues]) -> UnitValues:
        base = node.args[0]
        if node.op == "pow" and base.op == "const" and base.attr > 0:
            # Without a call of the C library, which would spill all registers.
            logarithm = self.arithmetic.constant(math.log(base.attr))
            return self.arithmetic.op("exp", [self.arithmetic.op("mul", [operands[1], logarithm])])
        try:
            return self.arithmetic.op(node.op, operands, is_bool=node.is_bool)
        except LoweringError as error:
            raise refused(node, f"the operation {node.op}") from error

    def _broadcast(self, arg: Node, node: Node) -> UnitValues:
        value, source, target = self.value(arg), shape_of(arg), shape_of(node)
        if value.length == 1 or math.prod(source) == math.prod(target):
            return value
        numbers = np.arange(math.prod(source)).reshape(source)
        return self.arithmetic.moved(value, np.broadcast_to(numbers, target).ravel().tolist())

    def _reduced(self, node: Node) -> UnitValues:
        """Return a sum or a maximum along an axis; that over the batch is of one sample."""
        source = node.args[0]
        if shape_of(source)[node.attr] == 1:
            return self.value(source)
        op = "add" if node.op == "rsum" else "max"
        numbers = np.arange(size_of(source)).reshape(shape_of(source))
        if size_of(node) == 1:
            return self.arithmetic.across(self._all(source), op)
        slices = [
            self.arithmetic.moved(self._all(source), places.ravel().tolist())
            for places in np.moveaxis(numbers, node.attr, 0)
        ]
        total = slices[0]
        for each in slices[1:]:
            total = self.arithmetic.op(op, [total, each])
        return total

    def _param(self, name: str) -> UnitValues:
        rows = self.layout.rows[name]
        parts = tuple(self._weights(name, 0, part) for part in range(rows.parts))
        return UnitValues(rows.length, rows.lanes, parts)

    def _share(self, node: Node) -> UnitValues:
        if node.op == "valid" or (self.plan.is_single and not self.program.is_weighted):
            return self.arithmetic.constant(1.0)
        share = UnitValues(1, 1, (self.call.share,))
        if self.program.is_weighted:
            weight = self.code.load(self.code.at(self.call.weights, self.sample), self.code.scalar)
            share = self.arithmetic.op("mul", [share, UnitValues(1, 1, (weight,))])
        return share

    def _drawn(self, node: Node) -> UnitValues:
        """Return random numbers, or whether they reach a bound."""
        path, least = node.attr if node.op == "uniform_ge" else (node.attr, None)
        code, length, parts = self.code, size_of(node), []
        key = code.load(self.call.random_keys, "i64", align=8)
        for number in (self.call.update, *path):
            key = folded(code, key, number)
        first = code.integer("add", code.integer("mul", self.offset, length), 1)
        lanes = lanes_for(length, self.plan.lanes)
        for start in range(0, length, lanes):
            with code.width(lanes):
                kind = vector_of(lanes, "i64")
                steps = ", ".join(f"i64 {start + lane}" for lane in range(lanes))
                steps = f"<{steps}>" if lanes > 1 else str(start)
                numbers = code.inst(f"add {kind} {code.splat(first, 'i64')}, {steps}")
                bits = word(code, code.splat(key, "i64"), numbers, lanes)
                parts.append(uniform(code, bits, least))
        return UnitValues(length, lanes, tuple(parts), node.is_bool)

    def _unit(self, node: Node, i: int | str, lanes: int) -> str:
        """Return unit i of a node in every lane."""
        key, code = (node, i, lanes), self.code
        if key not in self.lanes:
            if isinstance(i, int) and node.op not in ("x", "y"):
                self.lanes[key] = self.arithmetic.lane(self.value(node), i, lanes)
            else:
                with code.width(lanes):
                    number = code.load(code.at(self._buffer(node), i), code.scalar)
                    self.lanes[key] = code.splat(number)
        return self.lanes[key]

    def _part(self, node: Node, part: int | str) -> str:
        """Return a vector of a node's units."""
        if isinstance(part, int):
            return self._all(node).parts[part]
        code, lanes = self.code, lanes_for(size_of(node), self.plan.lanes)
        if (node, part) not in self.parts:
            with code.width(lanes):
                pointer = code.at(self._buffer(node), code.integer("mul", part, lanes))
                self.parts[node, part] = code.load(pointer)
        return self.parts[node, part]

    def _buffer(self, node: Node) -> str:
        """Return a pointer to a node's units in memory."""
        code = self.code
        if node.op == "x":
            return self.row
        if node not in self.buffers:
            if node.op == "y":
                self.buffers[node] = code.at(self.row, self.program.n_inputs)
                return self.buffers[node]
            value = self._all(node)
            buffer = code.alloca(code.scalar, len(value.parts) * value.lanes)
            with code.width(value.lanes):
                for i, part in enumerate(value.parts):
                    code.store(part, code.at(buffer, i * value.lanes))
            self.buffers[node] = buffer
        return self.buffers[node]

    def _add_statistic(self, number: int, total: UnitValues) -> None:
        """Add the batch's mean, such as its loss, times its samples to the epoch's sums."""
        code = self.code
        with code.width(1):
            value = self.arithmetic.repeated(total, 1)
            if not self.plan.is_single:
                count = code.inst(f"sitofp i64 {self.call.count} to {code.scalar}")
                value = code.op("mul", value, count)
            pointer = code.at(self.call.sums, number)
            code.store(code.op("add", code.load(pointer), value), pointer)

    # Matrices

    def _weights(self, name: str, row: int | str, part: int | str) -> str:
        """Return a vector of a parameter, which must not be after its own step."""
        if name in self.stepped:
            raise AssertionError(f"{name} is read after its step")
        return self.memory.load("params", name, row, part)

    def _blocks(self, count: int, size: int, *, in_loop: bool = False) -> Iterator[list[Any]]:
        """Yield positions, ``size`` at a time, inside a loop if there are several such blocks."""
        code, whole = self.code, count // size * size if in_loop else 0
        if whole > size:
            with code.loop(whole, size) as i:
                yield [code.integer("add", i, k) if k else i for k in range(size)]
        elif whole:
            yield list(range(size))
        for start in range(whole, count, size):
            yield list(range(start, min(start + size, count)))

    def _blocks_of(self, name: str) -> Iterator[tuple[Any, list[Any]]]:
        """Yield the rows of a parameter, and for each its parts, some at a time."""
        rows, is_rolled = self.layout.rows[name], self.plan.is_rolled(name)
        for some in self._blocks(rows.count, 1, in_loop=is_rolled and rows.count > 4):
            for parts in self._parts(name):
                yield some[0], parts

    def _parts(self, name: str) -> Iterator[list[Any]]:
        """Yield the vectors of a row, some at a time, in a loop if there are many."""
        rows, most = self.layout.rows[name], TOGETHER
        if not self.plan.has_long_rows(name):
            yield from self._blocks(rows.parts, -(-rows.parts // -(-rows.parts // most)))
            return
        # A vector with numbers behind the last is alone.
        whole = rows.length // rows.lanes
        yield from self._blocks(whole, most, in_loop=True)
        if whole < rows.parts:
            yield [whole]

    def _product(self, node: Node) -> UnitValues:
        name, is_transposed = self.plan.products[node]
        steps = node in self.plan.fused
        self._make_buffers(name, [node.args[0]], node.args[2:])
        if steps:
            self._prepare(name)
        if is_transposed == self.layout.rows[name].by_inputs:
            result = self._sums_of_lanes(node, name, steps=steps)
        else:
            result = self._sum_of_rows(node, name, steps=steps)
        if steps:
            self.stepped.add(name)
        return result

    def _sum_of_rows(self, node: Node, name: str, *, steps: bool) -> UnitValues:
        """Return Σ_i x_i W_i for the rows W_i, and take their steps if wanted."""
        code, rows, x = self.code, self.layout.rows[name], node.args[0]
        is_rolled = self.plan.is_rolled(name)
        most_chains = 1 if rows.count < 4 else 4
        result = Result(code, rows.length, rows.lanes)
        start = node.args[2] if len(node.args) == 3 else None
        is_start = start is not None and size_of(start) == rows.length
        for parts in self._parts(name):
            n_chains = min(most_chains, max(1, self.plan.target.n_registers // 2 // len(parts)))
            with code.width(rows.lanes):
                totals = {
                    (chain, part): Total(
                        code,
                        self._part(start, part) if start and is_start and chain == 0 else None,
                        in_loop=is_rolled,
                    )
                    for part in parts
                    for chain in range(n_chains)
                }
            for block in self._blocks(rows.count, n_chains, in_loop=is_rolled):
                for chain, row in enumerate(block):
                    unit = self._unit(x, row, rows.lanes)
                    for part in parts:
                        weights = self._weights(name, row, part)
                        with code.width(rows.lanes):
                            totals[chain, part].add(code.op("mul", unit, weights))
                        if steps:
                            self._step(name, row, part)
            with code.width(rows.lanes):
                for part in parts:
                    chains = [totals[chain, part].get() for chain in range(n_chains)]
                    total = reduce(lambda a, b: code.op("add", a, b), chains)
                    first = part if isinstance(part, int) else code.integer("mul", part, rows.lanes)
                    result.put(part * rows.lanes if first is part else first, total)
        units = result.units()
        if start and not is_start:
            return self.arithmetic.op("add", [units, self._broadcast(start, node)])
        return units

    def _sums_of_lanes(self, node: Node, name: str, *, steps: bool) -> UnitValues:
        """Return the scalar product of x with each row, and take the rows' steps if wanted."""
        code, rows, x = self.code, self.layout.rows[name], node.args[0]
        is_rolled = self.plan.is_rolled(name)
        lanes = lanes_for(rows.count, self.plan.lanes)
        result = Result(code, rows.count, lanes)
        start = node.args[2] if len(node.args) == 3 else None
        is_start = start is not None and size_of(start) == rows.count and not is_rolled
        for block in self._blocks(rows.count, lanes, in_loop=is_rolled):
            with code.width(rows.lanes):
                totals = [Total(code, None, in_loop=is_rolled) for _ in block]
            for parts in self._parts(name):
                for part in parts:
                    for row, total in zip(block, totals, strict=True):
                        weights, units = self._weights(name, row, part), self._part(x, part)
                        with code.width(rows.lanes):
                            product = code.op("mul", units, weights)
                            if part == rows.parts - 1:
                                rest = rows.length - part * rows.lanes
                                product = self.arithmetic.masked(product, rest)
                            total.add(product)
                        if steps:
                            self._step(name, row, part)
            with code.width(rows.lanes):
                vectors = [total.get() for total in totals]
            early = self._part(start, block[0] // lanes) if start and is_start else None
            with code.width(rows.lanes):
                result.put(block[0], lane_sums(code, vectors, lanes, early))
        found = result.units()
        if start and not is_start:
            return self.arithmetic.op("add", [found, self._broadcast(start, node)])
        return found

    # Steps

    def _take_steps(self, name: str) -> None:
        """Emit the steps of a parameter, or add to its sums."""
        self._prepare(name)
        for row, parts in self._blocks_of(name):
            for part in parts:
                self._step(name, row, part)
        self.stepped.add(name)

    def _step(self, name: str, row: int | str, part: int | str) -> None:
        if self.plan.is_single:
            self._update(name, row, part)
            return
        for label in self.plan.labels(name):
            place = "grads", label, row, part
            gradient = self._gradient(label, None, row, part)
            with self.code.width(self.layout.rows[name].lanes):
                total = self.code.op("add", self.memory.load(*place), gradient)
            self.memory.store(total, *place)

    def _update(self, name: str, row: int | str, part: int | str) -> None:
        """Emit the update of a vector of a parameter and of its slots."""
        lanes, slots = self.layout.rows[name].lanes, self.program.slot_names
        values: dict[Node, UnitValues] = {}

        def loaded(leaf: Node) -> str:
            if leaf.op == "param":
                return self._weights(name, row, part)
            if leaf.op == "slot":
                return self.memory.load(slots.index(leaf.attr[0]), name, row, part)
            label, scale = leaf.attr if isinstance(leaf.attr, tuple) else (leaf.attr, None)
            if self.plan.is_single:
                return self._gradient(label, scale, row, part)
            total = self.memory.load("grads", label, row, part)
            if scale is None:
                return total
            with self.code.width(lanes):
                factor = self.arithmetic.repeated(self.value(scale), lanes)
                return self.code.op("mul", total, factor)

        results = self.plan.results[name]
        for node in live(results):
            if is_scalar(node):
                values[node] = self.value(node)
            elif node.op in OWN:
                values[node] = UnitValues(lanes, lanes, (loaded(node),))
            elif _is_by_inverse(node):
                operands = [values[node.args[0]], self._inverse(node.args[1])]
                values[node] = self.arithmetic.op("mul", operands)
            else:
                values[node] = self._elementwise(node, [values[arg] for arg in node.args])
        for array, node in zip(("params", *range(len(slots))), results, strict=True):
            value = self.arithmetic.parts_of(values[node], lanes)[0]
            self.memory.store(value, array, name, row, part)

    def _gradient(self, label: str, scale: Node | None, row: int | str, part: int | str) -> str:
        """Return a vector of the sample's part of a sum, times a number if given."""
        lanes, (a, b) = self.plan.rows_of(label).lanes, self.plan.terms[label]
        if a is not None:
            factor = self._unit(self._scaled(a, scale), row, lanes)
        elif scale is not None:
            factor = self.arithmetic.repeated(self.value(scale), lanes)
        else:
            return self._part(b, part)
        with self.code.width(lanes):
            return self.code.op("mul", factor, self._part(b, part))

    def _scaled(self, node: Node, scale: Node | None) -> Node:
        """Return a node times a number."""
        if scale is None:
            return node
        if (node, scale) not in self.scaled:
            args = node, scale
            self.scaled[args] = Node(-1, "mul", args, node.shape, None, False, node.origin)
        return self.scaled[node, scale]

    def _inverse(self, node: Node) -> UnitValues:
        if node not in self.inverses:
            one = self.arithmetic.constant(1.0)
            self.inverses[node] = self.arithmetic.op("div", [one, self.value(node)])
        return self.inverses[node]

    def _prepare(self, name: str) -> None:
        """Compute before a loop over the rows what all of them need."""
        lanes, nodes = self.layout.rows[name].lanes, live(self.plan.results[name])
        if self.plan.is_single:
            for node in nodes:
                for position, arg in enumerate(node.args):
                    if is_scalar(arg) and not is_scalar(node):
                        is_inverse = position == 1 and _is_by_inverse(node)
                        value = self._inverse(arg) if is_inverse else self.value(arg)
                        self.arithmetic.repeated(value, lanes)
        leaves = [node.attr for node in nodes if node.op == "grad"]
        scales = {attr if isinstance(attr, tuple) else (attr, None) for attr in leaves}
        if not self.plan.is_single:
            scales = {(label, None) for label in self.plan.labels(name)}
        for label, scale in scales:
            a, b = self.plan.terms[label]
            self._make_buffers(name, [self._scaled(a, scale)] if a else [], [b])

    def _make_buffers(self, name: str, by_row: Sequence[Node], by_part: Sequence[Node]) -> None:
        """Store what loops over the rows of a matrix, or over their parts, read from memory."""
        if self.plan.is_rolled(name):
            for node in by_row:
                self._buffer(node)
        if self.plan.has_long_rows(name):
            for node in by_part:
                self._buffer(node)


def _is_by_inverse(node: Node) -> bool:
    """Return whether a quotient is a product with the inverse of a number."""
    if node.op != "div":
        return False
    dividend, divisor = node.args
    return is_scalar(divisor) and divisor.op != "const" and not is_scalar(dividend)
