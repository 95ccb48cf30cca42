"""The lowering for one member and single samples: the units of a layer fill the lanes of vectors.

A value is computed for one sample at a time, as vectors of its units. A weight matrix lies in
memory by rows, which are the inputs' or the outputs': a product with it is then a sum of its rows,
or one sum of lanes for each row. In small networks all parameters are held in variables that LLVM
keeps in registers from one sample to the next; of large ones, loops run over the rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.native.elementary import apply
from rosenblatt.engines.native.graph import Batch, LoweringError, Node, live, users
from rosenblatt.engines.native.ir import Code, vector_of
from rosenblatt.engines.native.lowering import BatchCall, Layout, Lowering, layout_of, results_of
from rosenblatt.engines.native.program import Program
from rosenblatt.engines.native.random_numbers import folded, word
from rosenblatt.engines.native.target import Target
from rosenblatt.engines.native.transposition import lane_sums
from rosenblatt.engines.native.update import Step, update_function

MOST_HELD = 96
"""Vectors of parameters and slots that a small network has at most; they become variables."""

CHUNK = 8
"""Vectors of a row that a loop over rows works on at once, so that they stay in registers."""


@dataclass(frozen=True)
class Rows:
    """How a parameter lies in memory.

    Attributes:
        count: rows, without those of zeros that fill up the last group.
        length: numbers of a row that count.
        stride: numbers from one row to the next, whole vectors.
        by_outputs: whether row i has the weights of input i, so that outputs are in the lanes.
    """

    count: int
    length: int
    stride: int
    by_outputs: bool


@dataclass(frozen=True)
class UnitsLayout(Layout):
    """A layout in which each row of a matrix fills whole vectors."""

    rows: Mapping[str, Rows] = field(default_factory=dict)

    @cached_property
    def places(self) -> npt.NDArray[np.int64]:
        """Where the i-th number of all parameters in their own order lies."""
        places = []
        for name, shape in self.shapes.items():
            rows = self.rows[name]
            starts = np.arange(rows.count)[:, np.newaxis] * rows.stride
            at = self.offsets[name] + starts + np.arange(rows.length)
            places.append((at if rows.by_outputs or len(shape) < 2 else at.T).ravel())
        return np.concatenate(places)


@dataclass
class Value:
    """The units of a node for one sample: vectors, or one scalar where there is one unit."""

    length: int
    parts: list[str]
    is_bool: bool = False


class Units(Lowering):
    """A program's batches of few samples, one after the other, with units in the lanes.

    Args:
        program: what is computed.
        target: the processor.
        dtype: float64 or float32.
        batch_size: the most samples of a batch.
    """

    members = False
    layout: UnitsLayout

    def __init__(
        self, program: Program, target: Target, dtype: npt.DTypeLike, batch_size: int
    ) -> None:
        _check(program)
        self.program, self.target, self.batch_size = program, target, batch_size
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self.lanes = target.lanes(dtype)
        self.layout = self._layout()
        self.workspace = 64
        n_vectors = self.layout.size // self.lanes * (1 + len(program.slot_names))
        self.is_single = batch_size == 1
        self.is_held = self.is_single and n_vectors <= MOST_HELD
        self._held: dict[tuple[str, int, int], str] = {}

    def _layout(self) -> UnitsLayout:
        rows, sizes = {}, {}
        is_first = True
        for name, shape in self.program.shapes.items():
            if len(shape) > 2:
                raise LoweringError(f"the parameter {name} of {len(shape)} axes")
            count, length = (1, shape[0] if shape else 1) if len(shape) < 2 else shape
            by_outputs = len(shape) < 2 or is_first or shape[0] < shape[1]
            if not by_outputs:
                count, length = length, count
            is_first = is_first and len(shape) < 2
            stride = -(-length // self.lanes) * self.lanes
            rows[name] = Rows(count, length, stride, by_outputs)
            # Rows are read in groups; those behind the last are zeros.
            groups = 1 if count == 1 else -(-count // self.lanes) * self.lanes
            sizes[name] = groups * stride
        plain = layout_of(self.program, self.lanes, sizes)
        values = {name: getattr(plain, name) for name in plain.__dataclass_fields__}
        return UnitsLayout(**values, rows=rows)

    def functions(self) -> list[Code]:
        """Return the functions that a batch's code calls."""
        if self.is_single:
            return []
        parameters = [("ptr", name) for name in ("params", "slots", "grads", "settings")]
        scalar = "double" if self.dtype.itemsize == 8 else "float"
        parameters += [(scalar, "rate"), (scalar, "penalty"), ("i64", "update")]
        code = Code("update", parameters, self.lanes, self.dtype, has_fma=self.target.has_fma)
        runs = self.layout.runs
        return [update_function(self.program, self.layout, runs, code, members=False, clears=True)]

    def emit_before(self, code: Code, call: BatchCall) -> None:
        """Emit the loads of parameters that are held in variables."""
        if self.is_held:
            for (array, at, lanes), variable in self._variables(code):
                with code.width(lanes):
                    code.store(code.load(code.at(getattr(call, array), at)), variable)

    def emit_batch(self, code: Code, call: BatchCall) -> None:
        """Emit the work of a batch: each sample's gradients, and the update."""
        if self.is_single:
            _Sample(self, code, call, call.first, "0").emit()
            return
        with code.loop(call.count) as i:
            _Sample(self, code, call, code.integer("add", call.first, i), i).emit()
        scalar = code.scalar
        arguments = [("ptr", p) for p in (call.params, call.slots, call.grads, call.settings)]
        arguments += [(scalar, call.rate), (scalar, call.penalty), ("i64", call.update)]
        code.call("void", "update", arguments)

    def emit_after(self, code: Code, call: BatchCall) -> None:
        """Emit the stores of parameters that were held in variables."""
        if self.is_held:
            for (array, at, lanes), variable in self._variables(code):
                with code.width(lanes):
                    code.store(code.load(variable), code.at(getattr(call, array), at))

    def pieces(self, length: int) -> list[tuple[int, int]]:
        """Return (start, lanes) of the vectors that hold ``length`` units."""
        whole, rest = divmod(length, self.lanes)
        found = [(i * self.lanes, self.lanes) for i in range(whole)]
        if rest:
            found.append((whole * self.lanes, 1 << (rest - 1).bit_length()))
        return found

    def _variables(self, code: Code) -> Iterator[tuple[tuple[str, int, int], str]]:
        """Yield place and variable of every vector of parameters and slots."""
        for name, rows in self.layout.rows.items():
            for row in range(rows.count):
                for start, lanes in self.pieces(rows.length):
                    at = self.layout.offsets[name] + row * rows.stride + start
                    for slot in (None, *range(len(self.program.slot_names))):
                        key = ("params", at, lanes)
                        if slot is not None:
                            key = ("slots", slot * self.layout.size + at, lanes)
                        if key not in self._held:
                            self._held[key] = code.alloca(vector_of(lanes, code.scalar))
                        yield key, self._held[key]


class _Sample:
    """The code for one sample."""

    def __init__(
        self, units: Units, code: Code, call: BatchCall, position: str, offset: str
    ) -> None:
        self.units, self.code, self.call, self.offset = units, code, call, offset
        self.program, self.layout = units.program, units.layout
        self.lanes = units.lanes
        self.values: dict[Node, Value] = {}
        self.splats: dict[tuple[str, int], str] = {}
        self.spread: dict[tuple[Node, int, int], str] = {}
        self.buffers: dict[Node, str] = {}
        self.stepped: set[str] = set()
        self.steps: dict[int, _Step] = {}
        self.users = users(self.program.nodes)
        row = code.load(code.at(call.order, position, "i32"), "i32", align=4)
        self.sample = code.inst(f"zext i32 {row} to i64")
        width = self.program.n_inputs + self.program.n_outputs
        self.row = code.at(call.rows, code.integer("mul", self.sample, width))
        self.products = {
            node.args[1].args[0].attr: node
            for node in self.program.nodes
            if node.op == "matmul" and node.args[1].op == "T" and node.args[1].args[0].op == "param"
        }

    def emit(self) -> None:
        """Emit the sums of this sample, and its steps if it is the whole batch."""
        sums = dict(self.program.sums)
        if self.units.is_single:
            for name, rows in self.layout.rows.items():
                for lanes in {lanes for _, lanes in self.units.pieces(rows.length)}:
                    with self.code.width(lanes):
                        self._steps(lanes).prepare(results_of(self.program, name))
        for name in self.layout.statistics:
            self._add_statistic(name, sums.pop(name))
        # Everything that reads the parameters comes before the first step, but for the products
        # that a loop over rows computes together with its step.
        rolled = [name for name in reversed(sums) if self._is_rolled(name)]
        for name, node in sums.items():
            if name not in rolled:
                self._factors(name, node)
        for name in rolled:
            self._step_in_loop(name, sums[name])
        for name, node in sums.items():
            if name not in rolled:
                self._step_rows(name, node)

    def _is_rolled(self, name: str) -> bool:
        if self.units.is_held or name not in self.layout.rows:
            return False
        rows = self.layout.rows[name]
        return rows.count > 4 and rows.count * rows.stride > 24 * self.lanes

    # Values

    def value(self, node: Node) -> Value:
        """Return a node's units."""
        if node not in self.values:
            self.values[node] = self._computed(node)
        return self.values[node]

    def _parts(self, value: Value, length: int) -> list[str]:
        """Return a value in the vectors of ``length`` units."""
        if value.length == length:
            return value.parts
        kind = "i1" if value.is_bool else self.code.scalar
        pieces = self.units.pieces(length)
        return [self._splat(value.parts[0], lanes, kind) for _, lanes in pieces]

    def _splat(self, scalar: str, lanes: int, kind: str) -> str:
        key = scalar, lanes
        if key not in self.splats:
            with self.code.width(lanes):
                self.splats[key] = self.code.splat(scalar, kind)
        return self.splats[key]

    def _computed(self, node: Node) -> Value:
        code, length = self.code, length_of(node)
        match node.op:
            case "const":
                with code.width(1):
                    return Value(1, [code.const(node.attr)])
            case "table":
                return self._table(node, length)
            case "param":
                return Value(length, self._row(node.attr, 0))
            case "x":
                return self._loaded(self.row, length)
            case "y":
                return self._loaded(code.at(self.row, self.program.n_inputs), length)
            case "share" | "valid":
                return Value(1, [self._share()])
            case "setting":
                with code.width(1):
                    return Value(1, [code.load(code.at(self.call.settings, node.attr))])
            case "uniform" | "uniform_ge":
                return self._drawn(node, length)
            case "matmul":
                return self._product(node, length)
            case "rsum" | "rmax":
                return self._reduced(node)
            case "argmax":
                raise LoweringError(f"argmax ({node.origin})")
            case "T" | "reshape":
                return self.value(node.args[0])
            case "index":
                return self._indexed(node, length)
        booleans = [arg.is_bool for arg in node.args]
        parts = []
        values = [self._parts(self.value(arg), length) for arg in node.args]
        for (_, lanes), *operands in zip(self.units.pieces(length), *values, strict=True):
            with code.width(lanes):
                parts.append(apply(code, node.op, operands, booleans))
        return Value(length, parts, node.is_bool)

    def _loaded(self, pointer: str, length: int) -> Value:
        """Return units from memory, which may have other numbers behind the last."""
        parts = []
        for start, lanes in self.units.pieces(length):
            with self.code.width(lanes):
                if start + lanes <= length:
                    parts.append(self.code.load(self.code.at(pointer, start)))
                    continue
                vector = "zeroinitializer"
                for lane in range(length - start):
                    number = self.code.load(self.code.at(pointer, start + lane), self.code.scalar)
                    pair = f"{self.code.scalar} {number}, i32 {lane}"
                    vector = self.code.inst(f"insertelement {self.code.vector} {vector}, {pair}")
                parts.append(vector)
        return Value(length, parts)

    def _table(self, node: Node, length: int) -> Value:
        numbers = np.frombuffer(node.attr)
        parts = []
        for start, lanes in self.units.pieces(length):
            padded = np.zeros(lanes)
            some = numbers[start : start + lanes]
            padded[: len(some)] = some
            typed = [f"{self.code.scalar} {self.code.number(x)}" for x in padded]
            parts.append(typed[0].split()[1] if lanes == 1 else f"<{', '.join(typed)}>")
        return Value(length, parts)

    def _share(self) -> str:
        share = self.call.share
        if self.program.is_weighted:
            with self.code.width(1):
                weight = self.code.load(self.code.at(self.call.weights, self.sample))
                share = self.code.op("mul", share, weight)
        return share

    def _drawn(self, node: Node, length: int) -> Value:
        """Return uniform numbers, or whether they are at least a bound."""
        path, bound = node.attr if node.op == "uniform_ge" else (node.attr, 0)
        code = self.code
        key = code.load(self.call.random_keys, "i64", align=8)
        for number in (self.call.update, *path):
            key = folded(code, key, number)
        first = code.integer("add", code.integer("mul", self.offset, length), 1)
        parts = []
        for start, lanes in self.units.pieces(length):
            with code.width(lanes):
                kind = vector_of(lanes, "i64")
                counting = [f"i64 {start + lane}" for lane in range(lanes)]
                steps = counting[0].split()[1] if lanes == 1 else f"<{', '.join(counting)}>"
                numbers = code.inst(f"add {kind} {code.splat(first, 'i64')}, {steps}")
                drawn = word(code, code.splat(key, "i64"), numbers, lanes)
                bits = code.inst(f"lshr {kind} {drawn}, {code.whole(11, 64)}")
                if node.op == "uniform_ge":
                    parts.append(code.inst(f"icmp uge {kind} {bits}, {code.whole(bound, 64)}"))
                    continue
                # Exact: the numbers have 53 bits.
                number = code.inst(f"uitofp {kind} {bits} to {vector_of(lanes, 'double')}")
                if code.bits == 32:
                    double = vector_of(lanes, "double")
                    number = code.inst(f"fptrunc {double} {number} to {code.vector}")
                parts.append(code.op("mul", number, code.const(2.0**-53)))
        return Value(length, parts, node.op == "uniform_ge")

    def _indexed(self, node: Node, length: int) -> Value:
        source = self.value(node.args[0])
        if source.length == length:
            return source
        _, _, start, *step = next(part for part in node.attr if part[1:2] == (1,))
        buffer = self._buffer(node.args[0])
        numbers = []
        for i in range(length):
            pointer = self.code.at(buffer, start + i * (step[0] if step else 1))
            numbers.append(self.code.load(pointer, self.code.scalar))
        parts = []
        for first, lanes in self.units.pieces(length):
            with self.code.width(lanes):
                parts.append(self._gathered(numbers[first : first + lanes]))
        return Value(length, parts)

    def _gathered(self, numbers: Sequence[str]) -> str:
        """Return a vector of scalars."""
        if self.code.lanes == 1:
            return numbers[0]
        vector = "zeroinitializer"
        for lane, number in enumerate(numbers):
            pair = f"{self.code.scalar} {number}, i32 {lane}"
            vector = self.code.inst(f"insertelement {self.code.vector} {vector}, {pair}")
        return vector

    def _buffer(self, node: Node) -> str:
        """Return a pointer to a node's units in memory."""
        if node.op in ("x", "y"):
            return self.row if node.op == "x" else self.code.at(self.row, self.program.n_inputs)
        if node not in self.buffers:
            value = self.value(node)
            pieces = self.units.pieces(value.length)
            size = -(-(pieces[-1][0] + pieces[-1][1]) // self.lanes) * self.lanes
            buffer = self.code.alloca(self.code.scalar, size)
            for (start, lanes), part in zip(pieces, value.parts, strict=True):
                with self.code.width(lanes):
                    self.code.store(part, self.code.at(buffer, start))
            self.buffers[node] = buffer
        return self.buffers[node]

    def _unit(self, node: Node, i: int, lanes: int) -> str:
        """Return unit i of a node in every lane."""
        key = node, i, lanes
        if key in self.spread:
            return self.spread[key]
        code = self.code
        if node.op in ("x", "y"):
            number = code.load(code.at(self._buffer(node), i), code.scalar)
            with code.width(lanes):
                self.spread[key] = code.splat(number)
            return self.spread[key]
        value = self.value(node)
        if value.length == 1:
            return self._splat(value.parts[0], lanes, code.scalar)
        for (start, width), part in zip(self.units.pieces(value.length), value.parts, strict=True):
            if start <= i < start + width:
                with code.width(lanes):
                    self.spread[key] = code.lanes_of(part, [i - start] * lanes, width)
        return self.spread[key]

    # Across the lanes

    def _masked(self, value: Value, fill: float) -> list[str]:
        """Return the vectors of a value, with ``fill`` in lanes behind the last unit."""
        start, lanes = self.units.pieces(value.length)[-1]
        rest = value.length - start
        if rest == lanes:
            return value.parts
        with self.code.width(lanes):
            mask = "<" + ", ".join(f"i1 {int(lane < rest)}" for lane in range(lanes)) + ">"
            last = self.code.select(mask, value.parts[-1], self.code.const(fill))
        return [*value.parts[:-1], last]

    def _across(self, value: Value, op: str) -> str:
        """Return the sum or the maximum of all units, a scalar."""
        parts = self._masked(value, 0.0 if op == "add" else -np.inf)
        widths = [lanes for _, lanes in self.units.pieces(value.length)]
        return self._folded_lanes(list(zip(widths, parts, strict=True)), op)

    def _folded_lanes(self, vectors: list[tuple[int, str]], op: str) -> str:
        """Return one number of vectors of several widths: halves are put together."""
        code = self.code
        while vectors[0][0] > 1 or len(vectors) > 1:
            width = max(lanes for lanes, _ in vectors)
            wide = [vector for lanes, vector in vectors if lanes == width]
            narrow = [pair for pair in vectors if pair[0] < width]
            with code.width(width):
                while len(wide) > 1:
                    pairs = zip(wide[::2], wide[1::2], strict=False)
                    left_over = wide[-1:] if len(wide) % 2 else []
                    wide = [*(apply(code, op, [a, b]) for a, b in pairs), *left_over]
            if width == 1:
                vectors = [(1, wide[0])]
                break
            half = width // 2
            with code.width(half):
                low = code.lanes_of(wide[0], range(half), width)
                high = code.lanes_of(wide[0], range(half, width), width)
                vectors = [(half, apply(code, op, [low, high])), *narrow]
        return vectors[0][1]

    def _reduced(self, node: Node) -> Value:
        source = node.args[0]
        if isinstance(source.shape[node.attr], Batch):
            return self.value(source)  # of one sample
        value = self.value(source)
        if value.length == 1:
            return value
        return Value(1, [self._across(value, "add" if node.op == "rsum" else "max")])

    # Parameters

    def _pointer(self, name: str, row: int | str, start: int, slot: int | None = None) -> str:
        code, rows = self.code, self.layout.rows[name]
        offset = self.layout.offsets[name] + start
        base = self.call.params
        if slot is not None:
            base, offset = self.call.slots, offset + slot * self.layout.size
        if isinstance(row, int):
            return code.at(base, offset + row * rows.stride)
        return code.at(code.at(base, code.integer("mul", row, rows.stride)), offset)

    def _memory(self, name: str, row: int | str, piece: int, slot: int | None = None) -> str:
        """Return a pointer to a vector of a row, or its variable."""
        start, lanes = self.units.pieces(self.layout.rows[name].length)[piece]
        if self.units.is_held and isinstance(row, int):
            at = self.layout.offsets[name] + row * self.layout.rows[name].stride + start
            if slot is None:
                return self.units._held["params", at, lanes]
            return self.units._held["slots", slot * self.layout.size + at, lanes]
        return self._pointer(name, row, start, slot)

    def _row(self, name: str, row: int | str, pieces: range | None = None) -> list[str]:
        """Return the vectors of a row, which must not have been changed by this sample."""
        if name in self.stepped:
            raise AssertionError(f"{name} is read after its own step")
        widths = [lanes for _, lanes in self.units.pieces(self.layout.rows[name].length)]
        vectors = []
        for piece in pieces or range(len(widths)):
            with self.code.width(widths[piece]):
                vectors.append(self.code.load(self._memory(name, row, piece)))
        return vectors

    # Products

    def _product(self, node: Node, length: int) -> Value:
        x, other = node.args[:2]
        if isinstance(x.shape[1], Batch):
            raise LoweringError(f"a sum over the batch inside a layer ({node.origin})")
        matrix = other.args[0] if other.op == "T" else other
        if matrix.op != "param":
            raise LoweringError(f"a product with other than a parameter ({node.origin})")
        name = matrix.attr
        if self._is_rolled(name) and other.op == "T" and self.products.get(name) is node:
            self._step_in_loop(name, self.program.sums[name])
            return self.values[node]
        rows = self.layout.rows[name]
        if (other.op == "T") != rows.by_outputs:
            return self._sum_of_rows(x, name, length)
        return self._sums_of_lanes(x, name, length)

    def _sum_of_rows(self, x: Node, name: str, length: int) -> Value:
        """Return Σ_i x_i W_i for the rows W_i."""
        rows, pieces = self.layout.rows[name], self.units.pieces(length)
        if self._is_rolled(name):
            buffer, parts = self._buffer(x), []
            for first in range(0, len(pieces), CHUNK):
                some = range(first, min(first + CHUNK, len(pieces)))
                totals = self._zeros([pieces[piece][1] for piece in some])
                with self.code.loop(rows.count) as i:
                    number = self.code.load(self.code.at(buffer, i), self.code.scalar)
                    self._accumulate(totals, number, self._row(name, i, some), pieces, some)
                parts += self._read(totals, pieces, some)
            return Value(length, parts)
        chains: list[list[str]] = []
        for row in range(rows.count):
            terms = []
            for (_, lanes), weight in zip(pieces, self._row(name, row), strict=True):
                with self.code.width(lanes):
                    terms.append(self.code.op("mul", self._unit(x, row, lanes), weight))
            if len(chains) < (2 if rows.count > 4 else 1):
                chains.append(terms)
            else:
                at = row % len(chains)
                chains[at] = self._added(chains[at], terms, pieces)
        while len(chains) > 1:
            chains = [self._added(chains[0], chains[1], pieces)]
        return Value(length, chains[0])

    def _added(
        self, a: Sequence[str], b: Sequence[str], pieces: Sequence[tuple[int, int]]
    ) -> list[str]:
        added = []
        for (_, lanes), one, other in zip(pieces, a, b, strict=True):
            with self.code.width(lanes):
                added.append(self.code.op("add", one, other))
        return added

    def _zeros(self, widths: Sequence[int]) -> list[str]:
        """Return variables that begin at zero."""
        variables = []
        for lanes in widths:
            with self.code.width(lanes):
                variables.append(self.code.alloca(self.code.vector))
                self.code.store(self.code.const(0.0), variables[-1])
        return variables

    def _accumulate(
        self,
        totals: Sequence[str],
        number: str,
        weights: Sequence[str],
        pieces: Sequence[tuple[int, int]],
        some: range,
    ) -> None:
        for piece, variable, weight in zip(some, totals, weights, strict=True):
            with self.code.width(pieces[piece][1]):
                term = self.code.op("mul", self.code.splat(number), weight)
                self.code.store(self.code.op("add", self.code.load(variable), term), variable)

    def _read(
        self, totals: Sequence[str], pieces: Sequence[tuple[int, int]], some: range
    ) -> list[str]:
        read = []
        for piece, variable in zip(some, totals, strict=True):
            with self.code.width(pieces[piece][1]):
                read.append(self.code.load(variable))
        return read

    def _dot(self, vectors: Sequence[str], weights: Sequence[str], length: int) -> Value:
        """Return the products of two rows, whose sum is their scalar product."""
        products = []
        for (_, lanes), a, b in zip(self.units.pieces(length), vectors, weights, strict=True):
            with self.code.width(lanes):
                products.append(self.code.op("mul", a, b))
        return Value(length, products)

    def _sums_of_lanes(self, x: Node, name: str, length: int) -> Value:
        """Return the scalar product of x with each row."""
        rows = self.layout.rows[name]
        value = self.value(x)
        vectors = self._parts(value, rows.length)
        if self._is_rolled(name):
            out = self.code.alloca(self.code.scalar, -(-rows.count // self.lanes) * self.lanes)
            with self.code.loop(rows.count, self.lanes) as first:
                dots = [
                    self._dot(vectors, self._row(name, self._plus(first, u)), rows.length)
                    for u in range(self.lanes)
                ]
                self.code.store(self._transposed(dots), self.code.at(out, first))
            return self._loaded(out, length)
        if length == 1:
            return Value(
                1, [self._across(self._dot(vectors, self._row(name, 0), rows.length), "add")]
            )
        parts = []
        for start, lanes in self.units.pieces(length):
            some = range(start, min(start + lanes, length))
            numbers = [
                self._across(self._dot(vectors, self._row(name, row), rows.length), "add")
                for row in some
            ]
            with self.code.width(lanes):
                parts.append(self._gathered(numbers))
        return Value(length, parts)

    def _plus(self, index: str, number: int) -> str:
        return index if number == 0 else self.code.integer("add", index, number)

    def _transposed(self, values: Sequence[Value]) -> str:
        """Return the vector of the sums of as many values as there are lanes."""
        code = self.code
        vectors = []
        for value in values:
            parts = self._masked(value, 0.0)
            total: str | None = None
            for (_, lanes), part in zip(self.units.pieces(value.length), parts, strict=True):
                if lanes < self.lanes:
                    with code.width(lanes):
                        zeros = code.const(0.0)
                    if lanes == 1:
                        pair = f"{code.scalar} {part}, i32 0"
                        part = code.inst(f"insertelement {code.vector} zeroinitializer, {pair}")
                    else:
                        places = [min(lane, lanes) for lane in range(self.lanes)]
                        part = code.shuffle(part, zeros, places, lanes)
                total = part if total is None else code.op("add", total, part)
            assert total is not None
            vectors.append(total)
        return lane_sums(code, vectors)

    # Steps

    def _factors(self, name: str, node: Node) -> tuple[Node, Node] | None:
        """Compute what a gradient is the product of; None where it is a sum of values."""
        while node.op in ("index", "reshape") and not node.batched:
            node = node.args[0]
        if node.op == "matmul":
            x, dy = node.args[:2]
            x = x.args[0] if x.op == "T" else x
            rows = self.layout.rows[name]
            across, along = (x, dy) if rows.by_outputs else (dy, x)
            if across.op != "x":
                self.value(across)
            self.value(along)
            return across, along
        if node.op != "rsum":
            raise LoweringError(f"the gradient {node.op} of {name} ({node.origin})")
        self.value(node.args[0])
        return None

    def _step_rows(self, name: str, node: Node) -> None:
        """Emit the step of each row of a parameter."""
        factors = self._factors(name, node)
        label, name = name, name.split("+")[0]
        rows = self.layout.rows[name]
        pieces = self.units.pieces(rows.length)
        if factors is None:
            while node.op in ("index", "reshape"):
                node = node.args[0]
            self._step(name, label, 0, self._parts(self.value(node.args[0]), rows.length))
            self.stepped.add(name)
            return
        across, along = factors
        vectors = self._parts(self.value(along), rows.length)
        for row in range(rows.count):
            gradient = []
            for (_, lanes), vector in zip(pieces, vectors, strict=True):
                with self.code.width(lanes):
                    gradient.append(self.code.op("mul", self._unit(across, row, lanes), vector))
            self._step(name, label, row, gradient)
        self.stepped.add(name)

    def _step_in_loop(self, name: str, node: Node) -> None:
        """Emit one loop over the rows: the row's part of dx, then its step."""
        if name in self.stepped:
            return
        product = self.products.get(name)
        factors = self._factors(name, node)
        if factors is None:
            raise LoweringError(f"the gradient of {name}, which is no product ({node.origin})")
        across, along = factors
        rows, code = self.layout.rows[name], self.code
        pieces = self.units.pieces(rows.length)
        vectors = self._parts(self.value(along), rows.length)
        buffer = self._buffer(across)
        if product is not None and rows.by_outputs:
            out = code.alloca(code.scalar, -(-rows.count // self.lanes) * self.lanes)
            dy = self._parts(self.value(product.args[0]), rows.length)
            whole = rows.count // self.lanes * self.lanes
            for first_row, stop in ((0, whole), (whole, rows.count)):
                if first_row == stop:
                    continue
                with code.loop(stop, self.lanes, first_row) as first:
                    dots = []
                    for u in range(min(self.lanes, stop - first_row)):
                        i = self._plus(first, u)
                        weights = self._row(name, i)
                        dots.append(self._dot(dy, weights, rows.length))
                        self._step_row(name, i, buffer, vectors, pieces, range(len(pieces)))
                    dots += [Value(rows.length, self._nothing(pieces))] * (self.lanes - len(dots))
                    code.store(self._transposed(dots), code.at(out, first))
            self.values[product] = self._loaded(out, rows.count)
        else:
            parts: list[str] = []
            factor = self._buffer(product.args[0]) if product is not None else ""
            for first_piece in range(0, len(pieces), CHUNK):
                some = range(first_piece, min(first_piece + CHUNK, len(pieces)))
                totals = self._zeros([pieces[piece][1] for piece in some]) if product else []
                with code.loop(rows.count) as i:
                    if product is not None:
                        number = code.load(code.at(factor, i), code.scalar)
                        self._accumulate(totals, number, self._row(name, i, some), pieces, some)
                    self._step_row(name, i, buffer, vectors, pieces, some)
                parts += self._read(totals, pieces, some) if product else []
            if product is not None:
                self.values[product] = Value(rows.length, parts)
        self.stepped.add(name)

    def _nothing(self, pieces: Sequence[tuple[int, int]]) -> list[str]:
        zeros = []
        for _, lanes in pieces:
            with self.code.width(lanes):
                zeros.append(self.code.const(0.0))
        return zeros

    def _step_row(
        self,
        name: str,
        row: str,
        buffer: str,
        vectors: Sequence[str],
        pieces: Sequence[tuple[int, int]],
        some: range,
    ) -> None:
        number = self.code.load(self.code.at(buffer, row), self.code.scalar)
        gradient = []
        for piece in some:
            with self.code.width(pieces[piece][1]):
                gradient.append(self.code.op("mul", self.code.splat(number), vectors[piece]))
        self._step(name, name, row, gradient, some)

    def _step(
        self,
        name: str,
        label: str,
        row: int | str,
        gradient: Sequence[str],
        some: range | None = None,
    ) -> None:
        """Emit the update of a row, or add its gradient to the batch's."""
        code, rows = self.code, self.layout.rows[name]
        pieces = self.units.pieces(rows.length)
        for piece, vector in zip(some or range(len(pieces)), gradient, strict=True):
            start, lanes = pieces[piece]
            with code.width(lanes):
                if not self.units.is_single:
                    at = self.layout.offsets[label] + start
                    base = code.at(self.call.grads, at)
                    pointer = (
                        code.at(base, row * rows.stride)
                        if isinstance(row, int)
                        else code.at(base, code.integer("mul", row, rows.stride))
                    )
                    code.store(code.op("add", code.load(pointer), vector), pointer)
                    continue
                if label != name:
                    raise LoweringError(f"a gradient of {name} that is several sums")

                def own(node: Node, vector: str = vector, piece: int = piece) -> str:
                    if node.op == "grad":
                        return vector
                    slot = None
                    if node.op == "slot":
                        slot = self.program.slot_names.index(node.attr[0])
                    return code.load(self._memory(name, row, piece, slot))

                results = self._steps(lanes).emit(results_of(self.program, name), own)
                for slot, value in zip((None, *range(len(results) - 1)), results, strict=True):
                    code.store(value, self._memory(name, row, piece, slot))

    def _steps(self, lanes: int) -> "_Step":
        if lanes not in self.steps:
            self.steps[lanes] = _Step(self.code, self.call)
        return self.steps[lanes]

    def _add_statistic(self, name: str, node: Node) -> None:
        """Add the batch's mean, such as its loss, times its samples to the epoch's sums."""
        code = self.code
        with code.width(1):
            total = self.value(node).parts[0]
            count = code.inst(f"sitofp i64 {self.call.count} to {code.scalar}")
            pointer = code.at(self.call.sums, self.layout.statistics.index(name))
            value = code.op("add", code.load(pointer), code.op("mul", total, count))
            code.store(value, pointer)


class _Step(Step):
    """The expressions of updates, with the numbers of a batch."""

    def __init__(self, code: Code, call: BatchCall) -> None:
        super().__init__(code, members=False)
        self._call = call

    def _scalar(self, node: Node) -> str:
        code = self._code
        match node.op:
            case "rate" | "penalty":
                return str(getattr(self._call, node.op))
            case "step" if node not in self._scalars:
                update = code.inst(f"sitofp i64 {self._call.update} to {code.scalar}")
                self._scalars[node] = update
            case "setting" if node not in self._scalars:
                self._scalars[node] = code.load(code.at(self._call.settings, node.attr))
        return super()._scalar(node)


def length_of(node: Node) -> int:
    """Return how many units a node has for a sample.

    Raises:
        LoweringError: it has units along more than one axis.
    """
    long = [length for length in node.units if length != 1]
    if len(long) > 1:
        raise LoweringError(f"an array of {len(node.shape)} axes ({node.origin})")
    return long[0] if long else 1


def _check(program: Program) -> None:
    """Refuse programs that cannot be computed unit by unit.

    Raises:
        LoweringError: naming the operation.
    """
    if program.update is None:
        raise LoweringError("a program without update")
    if "loss" in program.sums and any(node.op == "penalty" for node in live(program.outputs)):
        raise LoweringError("the penalty's value, whose weights the driver reads from memory")
    products: set[tuple[Node, bool]] = set()
    for node in program.nodes:
        is_sum = node.op == "matmul" and isinstance(node.args[0].shape[1], Batch)
        if node.batched and node.op != "T":
            source = node.args[0] if node.args else node
            is_view = node.op in ("index", "reshape")
            is_part = is_view and length_of(node) not in (length_of(source), 1)
            if is_part and (node.op == "reshape" or len(source.shape) != 2):
                raise LoweringError(f"a {node.op} of units ({node.origin})")
            length_of(node)
        if node.op == "argmax":
            raise LoweringError(f"argmax ({node.origin})")
        if node.op != "matmul" or is_sum:
            continue
        matrix, is_transposed = node.args[1], node.args[1].op == "T"
        matrix = matrix.args[0] if is_transposed else matrix
        if matrix.op != "param" or (matrix, is_transposed) in products:
            raise LoweringError(f"a second product with a parameter ({node.origin})")
        products.add((matrix, is_transposed))
    for name, node in program.sums.items():
        while node.op in ("index", "reshape") and not node.batched:
            node = node.args[0]
        if node.op not in ("matmul", "rsum"):
            raise LoweringError(f"the sum {node.op} of {name} ({node.origin})")
