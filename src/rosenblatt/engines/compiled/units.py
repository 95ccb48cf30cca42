"""The lowering for one member and small batches: the units of a layer fill the lanes of vectors.

Samples are computed one at a time. A weight matrix lies in memory by rows, those of its inputs or
those of its outputs: a product with it is a sum of its rows in the one direction, and a sum of
lanes for each row in the other. Parameters of small networks are variables, which LLVM keeps in
registers from one sample to the next; of larger ones, loops run over the rows, and the same loop
computes a row's part of dx and takes the row's step.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.compiled.graph import Batch, LoweringError, Node, live
from rosenblatt.engines.compiled.ir import Code, vector_of
from rosenblatt.engines.compiled.lowering import (
    OWN,
    BatchCall,
    Layout,
    Lowering,
    labels_of,
    layout_of,
    results_of,
)
from rosenblatt.engines.compiled.program import Program
from rosenblatt.engines.compiled.random_numbers import folded, uniform, word
from rosenblatt.engines.compiled.rewriting import rewritten
from rosenblatt.engines.compiled.scheduling import refused
from rosenblatt.engines.compiled.target import Target
from rosenblatt.engines.compiled.transposition import lane_sums
from rosenblatt.engines.compiled.unit_values import UnitArithmetic, UnitValues, lanes_for
from rosenblatt.engines.compiled.update import is_scalar, update_function

MOST_HELD = 96
"""Vectors of parameters, slots and sums of a network whose parameters are variables."""

TOGETHER = 8
"""Vectors of a row that are computed together."""

LONG_ROW = 40
"""Vectors of a row from which on there is a loop over them, too."""

MOST_SAMPLES = {8: 3, 4: 4}
"""Samples of a batch up to which units are faster than tiles, by the bytes of a number. Twice as
many in float32 if there are :data:`MANY_PARAMETERS`, whose sums over lanes tiles have to make."""

MANY_PARAMETERS = 1024

MOST_UNITS = 1024
"""Units of a layer; operations on them that are no products have no loops."""


@dataclass(frozen=True)
class Rows:
    """How a parameter lies in memory.

    Attributes:
        count: rows; 1 for what is no matrix.
        length: numbers of a row.
        lanes: of a vector of a row.
        by_inputs: whether a row has the weights of one input, else of one output.
    """

    count: int
    length: int
    lanes: int
    by_inputs: bool = True

    @property
    def parts(self) -> int:
        """Vectors of a row."""
        return -(-self.length // self.lanes)

    @property
    def stride(self) -> int:
        """Numbers from one row to the next."""
        return self.parts * self.lanes


@dataclass(frozen=True)
class RowLayout(Layout):
    """A layout in which each row of a matrix fills whole vectors."""

    rows: Mapping[str, Rows] = field(default_factory=dict)

    @cached_property
    def places(self) -> npt.NDArray[np.int64]:
        """Where the i-th number of all parameters in their own order lies."""
        places = [np.zeros(0, np.int64)]
        for name, rows in self.rows.items():
            starts = self.offsets[name] + np.arange(rows.count)[:, np.newaxis] * rows.stride
            at = starts + np.arange(rows.length)
            places.append((at if rows.by_inputs else at.T).ravel())
        return np.concatenate(places)


class Term(NamedTuple):
    """A part of the gradient of a parameter: ±1 times the rows a_i b, or times the only row b."""

    sign: float
    a: Node | None
    b: Node


class Units(Lowering):
    """A program's batches, sample by sample, with units in the lanes.

    Args:
        program: what is computed.
        target: the processor.
        dtype: float64 or float32.
        batch_size: the most samples of a batch.

    Attributes:
        layout: where parameters and sums lie.
        workspace: bytes of memory that a call needs.
        lanes: numbers in the widest vector.
        is_held: whether parameters are variables of the function.

    Raises:
        LoweringError: an operation has no units that fill lanes.
    """

    layout: RowLayout
    members = False
    workspace = 0

    def __init__(
        self, program: Program, target: Target, dtype: npt.DTypeLike, batch_size: int
    ) -> None:
        if program.update is None:
            raise LoweringError("a program without update, sample by sample")
        self.program, self.target, self.is_single = program, target, batch_size == 1
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self.lanes = target.lanes(dtype)
        self.sums = rewritten(program.sums, in_sequence=True)
        nodes = live(self.sums.values())
        self.products = _products(nodes)
        rows = self._rows(nodes)
        sizes = {
            name: -(-one.count * one.stride // self.lanes) * self.lanes
            for name, one in rows.items()
        }
        plain = layout_of(program, self.lanes, sizes)
        self.layout = RowLayout(**vars(plain), rows=rows)
        self.terms = {
            label: list(_terms(self.sums[label], rows[name]))
            for name in program.shapes
            for label in labels_of(program, name)
        }
        self.values = self._values()
        self.results = {name: self._scaled_results(name) for name in program.shapes}
        has_totals = any(node.op == "total" for node in live(program.outputs))
        if has_totals and not self.is_single:
            raise LoweringError("a division by a sum, sample by sample")
        if "loss" in program.sums and any(node.op == "penalty" for node in live(program.outputs)):
            raise LoweringError("sums of losses with a penalty, sample by sample")
        arrays = 1 + len(program.slot_names) + (not self.is_single)
        vectors = sum(one.count * one.parts for one in rows.values())
        self.is_held = arrays * vectors <= MOST_HELD
        self.fused = {} if self.is_held else self._fused()
        self.variables: dict[Any, str] = {}

    def _rows(self, nodes: Sequence[Node]) -> dict[str, Rows]:
        """Return how each parameter lies, which follows from the products that it is in."""
        directions: dict[str, set[bool]] = {}
        for name, is_transposed in self.products.values():
            directions.setdefault(name, set()).add(is_transposed)
        gradients = {n for n in self.program.shapes if _is_outer(self.sums[n])}
        self.matrices = gradients | set(directions)
        rows = {}
        for name, shape in self.program.shapes.items():
            if name not in self.matrices:
                length = math.prod(shape)
                rows[name] = Rows(1, length, lanes_for(length, self.lanes))
                continue
            n_inputs, n_outputs = shape
            ways = directions.get(name, {False})
            by_inputs = ways == {False} or (ways != {True} and n_inputs < n_outputs)
            count, length = shape if by_inputs else (n_outputs, n_inputs)
            rows[name] = Rows(count, length, lanes_for(length, self.lanes), by_inputs)
        return rows

    def _values(self) -> list[Node]:
        """Return the nodes whose units are computed, arguments first."""
        found: set[Node] = set()
        stack = [node for terms in self.terms.values() for term in terms for node in term[1:]]
        stack += [self.sums[name] for name in self.layout.statistics]
        while stack:
            node = stack.pop()
            if node is None or node in found:
                continue
            found.add(node)
            if node.op == "matmul":
                if node not in self.products:
                    raise refused(node, "a product with other than a parameter")
                stack += [node.args[0], *node.args[2:]]
                continue
            if size_of(node) > MOST_UNITS:
                raise refused(node, f"an array of {size_of(node)} numbers for each sample")
            if node.op == "param" and node.attr in self.matrices:
                raise refused(node, f"{node.attr} in a product and in other operations")
            stack += node.args
        return sorted(found, key=lambda node: node.id)

    def _scaled_results(self, name: str) -> list[Node]:
        """Return a parameter's new values, in which a number times a gradient is one leaf."""
        new: dict[Node, Node] = {}
        for node in live(results_of(self.program, name)):
            args = [new[arg] for arg in node.args]
            op, attr = node.op, node.attr
            if op == "mul":
                for scale, gradient in (args, args[::-1]):
                    if is_scalar(scale) and gradient.op == "grad" and len(gradient.attr) != 2:
                        op, attr, args = "grad", (gradient.attr, scale), []
                        break
            new[node] = Node(node.id, op, tuple(args), node.shape, attr, node.is_bool, node.origin)
        return [new[node] for node in results_of(self.program, name)]

    def _fused(self) -> dict[Node, str]:
        """Return the products that read a matrix last, so that its step is taken with them."""
        fused = {}
        for node, (name, _) in self.products.items():
            others = {other for other, (one, _) in self.products.items() if one == name} - {node}
            before = set(live([node])) - {node}
            labels = labels_of(self.program, name)
            factors = [f for label in labels for term in self.terms[label] for f in term[1:] if f]
            if others <= before and node not in live(factors):
                fused[node] = name
        return fused

    def is_rolled(self, name: str) -> bool:
        """Return whether loops run over the rows of a parameter."""
        rows = self.layout.rows[name]
        return not self.is_held and rows.count * rows.parts > 24

    def has_long_rows(self, name: str) -> bool:
        """Return whether loops run over the vectors of each row of a parameter."""
        return not self.is_held and self.layout.rows[name].parts >= LONG_ROW

    def functions(self) -> list[Code]:
        """Return the functions that a batch's code calls."""
        if self.is_single or self.is_held:
            return []
        scalar = "double" if self.dtype.itemsize == 8 else "float"
        parameters = [("ptr", name) for name in ("params", "slots", "grads", "settings")]
        parameters += [(scalar, "rate"), (scalar, "penalty"), ("i64", "update")]
        code = Code("update", parameters, self.lanes, self.dtype, has_fma=self.target.has_fma)
        runs = self.layout.runs
        return [update_function(self.program, self.layout, runs, code, members=False, clears=True)]

    def emit_before(self, code: Code, call: BatchCall) -> None:
        """Emit, before all batches, the loads of parameters into variables."""
        self.variables = {}
        self._exchange(code, call, is_after=False)

    def emit_after(self, code: Code, call: BatchCall) -> None:
        """Emit, after all batches, the stores of the variables."""
        self._exchange(code, call, is_after=True)

    def _exchange(self, code: Code, call: BatchCall, *, is_after: bool) -> None:
        if not self.is_held:
            return
        memory = _Memory(self, code, call)
        for array in ("params", *range(len(self.program.slot_names))):
            for name, rows in self.layout.rows.items():
                for row in range(rows.count):
                    for part in range(rows.parts):
                        source = memory.address(array, name, row, part)
                        target = memory.pointer(array, name, row, part)
                        if is_after:
                            source, target = target, source
                        with code.width(rows.lanes):
                            code.store(code.load(source), target)

    def emit_batch(self, code: Code, call: BatchCall) -> None:
        """Emit the work of a batch: the gradients of each sample, and the update."""
        if self.is_single:
            _Sample(self, code, call, call.first, "0").emit()
            return
        memory = _Memory(self, code, call)
        if self.is_held:
            memory.clear()
        with code.loop(call.count) as i:
            _Sample(self, code, call, code.integer("add", call.first, i), i).emit()
        if self.is_held:
            _Sample(self, code, call).emit_update()
            return
        numbers = [(code.scalar, call.rate), (code.scalar, call.penalty), ("i64", call.update)]
        pointers = (call.params, call.slots, call.grads, call.settings)
        code.call("void", "update", [*(("ptr", p) for p in pointers), *numbers])


class _Memory:
    """Where the vectors of parameters, slots and sums are."""

    def __init__(self, units: Units, code: Code, call: BatchCall) -> None:
        self.units, self.code, self.call, self.layout = units, code, call, units.layout

    def pointer(self, array: str | int, label: str, row: int | str, part: int | str) -> str:
        """Return a pointer to a vector: in memory, or a variable.

        ``array`` is "params", "grads" or the number of a slot; ``label`` a parameter or a sum.
        """
        if not self.units.is_held:
            return self.address(array, label, row, part)
        key, variables = (array, label, row, part), self.units.variables
        if key not in variables:
            lanes = self.layout.rows[label.split("+")[0]].lanes
            variables[key] = self.code.alloca(vector_of(lanes, self.code.scalar))
        return variables[key]

    def address(self, array: str | int, label: str, row: int | str, part: int | str) -> str:
        """Return the pointer to a vector in the arrays of the call."""
        code, rows = self.code, self.layout.rows[label.split("+")[0]]
        offset = self.layout.offsets[label]
        if isinstance(array, int):
            offset += array * self.layout.size
        pointer = getattr(self.call, "slots" if isinstance(array, int) else array)
        for index, stride in ((row, rows.stride), (part, rows.lanes)):
            if isinstance(index, int):
                offset += index * stride
            else:
                pointer = code.at(pointer, code.integer("mul", index, stride))
        return code.at(pointer, offset)

    def clear(self) -> None:
        """Set all sums over a batch to 0."""
        for label in self.units.terms:
            rows = self.layout.rows[label.split("+")[0]]
            with self.code.width(rows.lanes):
                zeros = self.code.const(0.0)
                for row in range(rows.count):
                    for part in range(rows.parts):
                        self.code.store(zeros, self.pointer("grads", label, row, part))


class _Total:
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


class _Sample:
    """The code for one sample, and for the update after it.

    Args:
        units: the lowering.
        code: the driver's function.
        call: operands of the batch.
        position: of the sample in the order; None where the update is all that is emitted.
        offset: of the sample in the batch.
    """

    def __init__(
        self,
        units: Units,
        code: Code,
        call: BatchCall,
        position: str | None = None,
        offset: str = "0",
    ) -> None:
        self.units, self.code, self.call, self.offset = units, code, call, offset
        self.program, self.layout = units.program, units.layout
        self.arithmetic = UnitArithmetic(code, units.lanes)
        self.memory = _Memory(units, code, call)
        self.values: dict[Node, UnitValues] = {}
        self.buffers: dict[Node, str] = {}
        self.lanes: dict[tuple[Node, int | str, int], str] = {}
        self.parts: dict[tuple[Node, str], str] = {}
        self.scaled: dict[tuple[Node, Node], Node] = {}
        self.inverses: dict[Node, UnitValues] = {}
        self.stepped: set[str] = set()
        if position is not None:
            row = code.load(code.at(call.order, position, "i32"), "i32", align=4)
            self.sample = code.inst(f"zext i32 {row} to i64")
            width = self.program.n_inputs + self.program.n_outputs
            self.row = code.at(call.rows, code.integer("mul", self.sample, width))

    def emit(self) -> None:
        """Emit the sums of the sample, and the steps if it is the whole batch."""
        for node in self.units.values:
            if node.args:
                self.value(node)
        for number, name in enumerate(self.layout.statistics):
            self._add_statistic(number, self.value(self.units.sums[name]))
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
        lanes = lanes_for(size, self.units.lanes)
        return UnitValues(size, lanes, self.arithmetic.parts_of(value, size), value.is_bool)

    def _computed(self, node: Node) -> UnitValues:
        code = self.code
        match node.op:
            case "const":
                return self.arithmetic.constant(node.attr)
            case "table":
                return self._table(node)
            case "param":
                return self._param(node.attr)
            case "x":
                return self._loaded(self.row, size_of(node))
            case "y":
                return self._loaded(self._buffer(node), size_of(node))
            case "share" | "valid":
                return self._share(node)
            case "rate" | "penalty":
                return UnitValues(1, 1, (getattr(self.call, node.op),))
            case "step":
                done = code.inst(f"sitofp i64 {self.call.update} to {code.scalar}")
                return UnitValues(1, 1, (done,))
            case "total":
                return self.value(self.units.sums[node.attr])
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
                return self.arithmetic.moved(self.value(node.args[0]), _places(node))
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
        value, source, target = self.value(arg), _shape(arg), _shape(node)
        if value.length == 1 or math.prod(source) == math.prod(target):
            return value
        numbers = np.arange(math.prod(source)).reshape(source)
        return self.arithmetic.moved(value, np.broadcast_to(numbers, target).ravel().tolist())

    def _reduced(self, node: Node) -> UnitValues:
        """Return a sum or a maximum along an axis; that over the batch is of one sample."""
        source = node.args[0]
        if _shape(source)[node.attr] == 1:
            return self.value(source)
        op = "add" if node.op == "rsum" else "max"
        numbers = np.arange(size_of(source)).reshape(_shape(source))
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

    def _loaded(self, pointer: str, length: int) -> UnitValues:
        """Return units from memory that may end behind the last."""
        code, lanes, parts = self.code, lanes_for(length, self.units.lanes), []
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

    def _table(self, node: Node) -> UnitValues:
        code, length, parts = self.code, size_of(node), []
        lanes = lanes_for(length, self.units.lanes)
        numbers = np.frombuffer(node.attr)
        for start in range(0, length, lanes):
            padded = [*numbers[start : start + lanes], *[0.0] * lanes][:lanes]
            typed = [f"{code.scalar} {code.number(number)}" for number in padded]
            parts.append(f"<{', '.join(typed)}>" if lanes > 1 else typed[0].split()[1])
        return UnitValues(length, lanes, tuple(parts))

    def _param(self, name: str) -> UnitValues:
        rows = self.layout.rows[name]
        parts = tuple(self._weights(name, 0, part) for part in range(rows.parts))
        return UnitValues(rows.length, rows.lanes, parts)

    def _share(self, node: Node) -> UnitValues:
        if node.op == "valid" or (self.units.is_single and not self.program.is_weighted):
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
        lanes = lanes_for(length, self.units.lanes)
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
        code, lanes = self.code, lanes_for(size_of(node), self.units.lanes)
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
            if not self.units.is_single:
                count = code.inst(f"sitofp i64 {self.call.count} to {code.scalar}")
                value = code.op("mul", value, count)
            pointer = code.at(self.call.sums, number)
            code.store(code.op("add", code.load(pointer), value), pointer)

    # Matrices

    def _weights(self, name: str, row: int | str, part: int | str) -> str:
        """Return a vector of a parameter, which must not be after its own step."""
        if name in self.stepped:
            raise AssertionError(f"{name} is read after its step")
        rows = self.layout.rows[name]
        with self.code.width(rows.lanes):
            pointer = self.memory.pointer("params", name, row, part)
            return self.code.load(pointer, align=self.code.bytes * rows.lanes)

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
        rows, is_rolled = self.layout.rows[name], self.units.is_rolled(name)
        for some in self._blocks(rows.count, 1, in_loop=is_rolled and rows.count > 4):
            for parts in self._parts(name):
                yield some[0], parts

    def _parts(self, name: str) -> Iterator[list[Any]]:
        """Yield the vectors of a row, some at a time, in a loop if there are many."""
        rows, most = self.layout.rows[name], TOGETHER
        if not self.units.has_long_rows(name):
            yield from self._blocks(rows.parts, -(-rows.parts // -(-rows.parts // most)))
            return
        # A vector with numbers behind the last is alone.
        whole = rows.length // rows.lanes
        yield from self._blocks(whole, most, in_loop=True)
        if whole < rows.parts:
            yield [whole]

    def _product(self, node: Node) -> UnitValues:
        name, is_transposed = self.units.products[node]
        steps = node in self.units.fused
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
        is_rolled = self.units.is_rolled(name)
        most_chains = 1 if rows.count < 4 else 4
        result = _Result(code, rows.length, rows.lanes)
        start = node.args[2] if len(node.args) == 3 else None
        is_start = start is not None and size_of(start) == rows.length
        for parts in self._parts(name):
            n_chains = min(most_chains, max(1, self.units.target.n_registers // 2 // len(parts)))
            with code.width(rows.lanes):
                totals = {
                    (chain, part): _Total(
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
        is_rolled = self.units.is_rolled(name)
        lanes = lanes_for(rows.count, self.units.lanes)
        result = _Result(code, rows.count, lanes)
        start = node.args[2] if len(node.args) == 3 else None
        is_start = start is not None and size_of(start) == rows.count and not is_rolled
        for block in self._blocks(rows.count, lanes, in_loop=is_rolled):
            with code.width(rows.lanes):
                totals = [_Total(code, None, in_loop=is_rolled) for _ in block]
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
        if self.units.is_single:
            self._update(name, row, part)
            return
        code, lanes = self.code, self.layout.rows[name].lanes
        for label in labels_of(self.program, name):
            gradient = self._gradient(label, None, row, part)
            pointer = self.memory.pointer("grads", label, row, part)
            with code.width(lanes):
                align = code.bytes * lanes
                total = code.op("add", code.load(pointer, align=align), gradient)
                code.store(total, pointer, align=align)

    def _update(self, name: str, row: int | str, part: int | str) -> None:
        """Emit the update of a vector of a parameter and of its slots."""
        code, lanes = self.code, self.layout.rows[name].lanes
        slots = self.program.slot_names
        values: dict[Node, UnitValues] = {}

        def of(leaf: Node) -> str:
            if leaf.op == "param":
                return self._weights(name, row, part)
            if leaf.op == "grad" and self.units.is_single:
                label, scale = leaf.attr if isinstance(leaf.attr, tuple) else (leaf.attr, None)
                return self._gradient(label, scale, row, part)
            array, label = ("grads", leaf.attr) if leaf.op == "grad" else leaf.attr
            scale = None
            if array == "grads" and isinstance(label, tuple):
                label, scale = label
            where: Any = "grads" if leaf.op == "grad" else slots.index(array)
            pointer = self.memory.pointer(where, label, row, part)
            with code.width(lanes):
                value = code.load(pointer, align=code.bytes * lanes)
                if scale is not None:
                    number = self.arithmetic.repeated(self.value(scale), lanes)
                    value = code.op("mul", value, number)
            return value

        results = self.units.results[name]
        for node in live(results):
            if is_scalar(node):
                values[node] = self.value(node)
            elif node.op in OWN:
                values[node] = UnitValues(lanes, lanes, (of(node),))
            elif _is_by_inverse(node):
                operands = [values[node.args[0]], self._inverse(node.args[1])]
                values[node] = self.arithmetic.op("mul", operands)
            else:
                values[node] = self._elementwise(node, [values[arg] for arg in node.args])
        with code.width(lanes):
            for array, node in zip(("params", *range(len(slots))), results, strict=True):
                value = self.arithmetic.parts_of(values[node], lanes)[0]
                pointer = self.memory.pointer(array, name, row, part)
                code.store(value, pointer, align=code.bytes * lanes)

    def _gradient(self, label: str, scale: Node | None, row: int | str, part: int | str) -> str:
        """Return a vector of the sample's part of a sum, times a number if given."""
        code, lanes = self.code, self.layout.rows[label.split("+")[0]].lanes
        total: str | None = None
        for sign, a, b in self.units.terms[label]:
            term = self._part(b, part)
            factor = None
            if a is not None:
                factor = self._unit(self._scaled(a, scale), row, lanes)
            elif scale is not None:
                factor = self.arithmetic.repeated(self.value(scale), lanes)
            with code.width(lanes):
                if factor is not None:
                    term = code.op("mul", factor, term)
                if total is None:
                    total = term if sign > 0 else code.inst(f"fneg {code.vector} {term}")
                else:
                    total = code.op("add" if sign > 0 else "sub", total, term)
        return str(total)

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
        lanes, nodes = self.layout.rows[name].lanes, live(self.units.results[name])
        if self.units.is_single:
            for node in nodes:
                for position, arg in enumerate(node.args):
                    if is_scalar(arg) and not is_scalar(node):
                        is_inverse = position == 1 and _is_by_inverse(node)
                        value = self._inverse(arg) if is_inverse else self.value(arg)
                        self.arithmetic.repeated(value, lanes)
        leaves = [node.attr for node in nodes if node.op == "grad"]
        scales = {attr if isinstance(attr, tuple) else (attr, None) for attr in leaves}
        if not self.units.is_single:
            scales = {(label, None) for label in labels_of(self.program, name)}
        for label, scale in scales:
            for _, a, b in self.units.terms[label]:
                self._make_buffers(name, [self._scaled(a, scale)] if a else [], [b])

    def _make_buffers(self, name: str, by_row: Sequence[Node], by_part: Sequence[Node]) -> None:
        """Store what loops over the rows of a matrix, or over their parts, read from memory."""
        if self.units.is_rolled(name):
            for node in by_row:
                self._buffer(node)
        if self.units.has_long_rows(name):
            for node in by_part:
                self._buffer(node)


class _Result:
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


def size_of(node: Node) -> int:
    """Return how many numbers a node has for one sample."""
    return math.prod(_shape(node))


def is_in_units(program: Program, target: Target, dtype: npt.DTypeLike, batch_size: int) -> bool:
    """Return whether one member's batches of this size are computed faster in units than in tiles.

    :class:`Units` may still refuse the program.
    """
    n_params = sum(math.prod(shape) for shape in program.shapes.values())
    most = MOST_SAMPLES[np.dtype(dtype).itemsize]
    if np.dtype(dtype).itemsize == 4 and n_params >= MANY_PARAMETERS:
        most *= 2
    return program.update is not None and batch_size <= min(most, target.lanes(dtype))


def _shape(node: Node) -> tuple[int, ...]:
    """Return a node's shape for a batch of one sample."""
    return tuple(1 if isinstance(length, Batch) else length for length in node.shape)


def _places(node: Node) -> list[int]:
    """Return which unit of its source each unit of a view is."""
    source = node.args[0]
    numbers = np.arange(size_of(source)).reshape(_shape(source))
    if node.op == "T":
        numbers = numbers.transpose(node.attr)
    elif node.op == "index":
        index: list[Any] = []
        n_fixed, length = 0, _shape(node)
        for part in node.attr:
            match part:
                case ("new",):
                    index.append(None)
                case ("fix", _, i):
                    index.append(i)
                    n_fixed += 1
                case (_, _, start, step):
                    stop = start + step * length[len(index) - n_fixed]
                    index.append(slice(start, None if stop < 0 else stop, step))
        numbers = numbers[tuple(index)]
    return [int(number) for number in numbers.ravel()]


def _is_outer(node: Node) -> bool:
    """Return whether a sum over the batch is one of products a_i b_j."""
    return any(one.op == "matmul" and isinstance(one.args[0].shape[1], Batch) for one in _top(node))


def _top(node: Node) -> Iterator[Node]:
    """Yield the sums over the batch that a sum is made of."""
    if node.op in ("add", "sub", "neg", "T"):
        for arg in node.args:
            yield from _top(arg)
    else:
        yield node


def _terms(node: Node, rows: Rows, sign: float = 1.0, is_flipped: bool = False) -> Iterator[Term]:
    """Yield the terms of a gradient, as rows in memory have them."""
    if rows.count == 1 and not _is_outer(node):
        yield Term(1.0, None, node)
    elif node.op == "matmul" and isinstance(node.args[0].shape[1], Batch):
        a, b = (arg.args[0] if arg.op == "T" else arg for arg in node.args[:2])
        yield Term(sign, *((a, b) if rows.by_inputs != is_flipped else (b, a)))
    elif node.op in ("add", "sub") and {arg.shape for arg in node.args} == {node.shape}:
        yield from _terms(node.args[0], rows, sign, is_flipped)
        yield from _terms(node.args[1], rows, -sign if node.op == "sub" else sign, is_flipped)
    elif node.op in ("neg", "T"):
        new_sign = -sign if node.op == "neg" else sign
        yield from _terms(node.args[0], rows, new_sign, is_flipped != (node.op == "T"))
    else:
        raise refused(node, f"the gradient {node.op} of a matrix")


def _products(nodes: Sequence[Node]) -> dict[Node, tuple[str, bool]]:
    """Return the products with a matrix of parameters, and whether it is transposed in them."""
    found = {}
    for node in nodes:
        if node.op == "matmul" and not isinstance(node.args[0].shape[1], Batch):
            matrix = node.args[1]
            is_transposed = matrix.op == "T"
            matrix = matrix.args[0] if is_transposed else matrix
            if matrix.op == "param" and node.batched and len(node.shape) == 2:
                found[node] = matrix.attr, is_transposed
    return found


def _is_by_inverse(node: Node) -> bool:
    """Return whether a quotient is a product with the inverse of a number."""
    if node.op != "div":
        return False
    dividend, divisor = node.args
    return is_scalar(divisor) and divisor.op != "const" and not is_scalar(dividend)
