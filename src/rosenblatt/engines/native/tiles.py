"""The lowering for samples or members in the lanes of vectors.

A batch is divided into *tiles*, whose intermediate results fit into the nearest cache. For each
group of a schedule there is a loop over units, in blocks, and inside it a loop over the vectors of
the tile: so the weights of a block are loaded once for all samples of a tile, and the block's sums
over the batch stay in registers.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.native.affine import (
    Index,
    Indices,
    Variable,
    broadcast_indices,
    flat,
    operands_at,
)
from rosenblatt.engines.native.elementary import apply
from rosenblatt.engines.native.graph import Batch, LoweringError, Node
from rosenblatt.engines.native.ir import Code, vector_of
from rosenblatt.engines.native.lowering import BatchCall, Layout, Lowering, layout_of, results_of
from rosenblatt.engines.native.program import Program
from rosenblatt.engines.native.random_numbers import folded, word
from rosenblatt.engines.native.scheduling import (
    REDUCTIONS,
    VIEWS,
    Group,
    Root,
    Schedule,
    can_step,
    reduced_at,
    reduced_length,
    refused,
    schedule,
)
from rosenblatt.engines.native.target import Target
from rosenblatt.engines.native.transposition import columns_of, gathered, lane_sums
from rosenblatt.engines.native.update import Step, update_function

POINTERS = ("params", "tangents", "grads", "rows", "weights", "order", "settings", "workspace")
WHOLE = ("n_rows", "first", "count", "offset")
MOST_UNROLLED = 4
"""Batches of up to this many vectors are one unrolled body, without a loop over vectors."""

BLOCK = 4
"""Columns of samples that are gathered together."""

BUFFER_SHARE = 0.5
"""The part of the nearest cache that a tile's results may fill."""


def lanes_for(
    target: Target, dtype: npt.DTypeLike, batch_size: int, *, members: bool, population: int = 1
) -> int:
    """Return the lanes that fit a batch.

    Short batches have half of a vector where that leaves fewer lanes empty. Of many members that
    train sample by sample, twice a vector's number are done together: each waits for its own
    results most of the time.
    """
    lanes = target.lanes(dtype)
    if members:
        return 2 * lanes if batch_size == 1 and population > lanes else lanes
    if target.vector_bytes == 64 and -(-batch_size * 2 // lanes) == 3:
        return lanes // 2  # three operations of 32 bytes are as fast as two of 64
    while lanes > 2 and batch_size <= lanes // 2:
        lanes //= 2
    return lanes


class Tiles(Lowering):
    """A program's batches with samples, or members, in the lanes.

    Args:
        program: what is computed.
        target: the processor.
        dtype: float64 or float32.
        batch_size: the most samples of a batch.
        members: whether each lane has a member of a population, with its own parameters.
        lanes: numbers in a vector, if not those of :func:`lanes_for`.

    Attributes:
        layout: where parameters and sums lie.
        workspace: bytes of memory that a call needs, aligned to 64.
        lanes: numbers in a vector.
    """

    def __init__(
        self,
        program: Program,
        target: Target,
        dtype: npt.DTypeLike,
        batch_size: int,
        *,
        members: bool,
        lanes: int | None = None,
    ) -> None:
        self.program, self.target, self.members = program, target, members
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self.lanes = lanes or lanes_for(target, dtype, batch_size, members=members)
        self.layout: Layout = layout_of(program, 1 if members else self.lanes)
        self.schedule: Schedule = schedule(program.sums)
        samples_per_vector = 1 if members else self.lanes
        n_vectors = -(-batch_size // samples_per_vector)
        # Sums alone are of any number of samples at once.
        is_short = n_vectors <= MOST_UNROLLED and program.update is not None
        self.unrolled = n_vectors if is_short else 0
        self.capacity = self.unrolled or self._vectors_per_tile(n_vectors)
        self.tile_samples = self.capacity * samples_per_vector
        self.is_single = self.tile_samples >= batch_size and program.update is not None
        can = can_step(self.schedule, program) if members and self.is_single else set()
        self.runs = [run for run in self.layout.runs if not can.issuperset(run.names)]
        waiting = {name for run in self.runs for name in run.names}
        self.stepped = set(program.shapes) - waiting
        batched, alone = self.schedule.size
        vector_bytes = self.lanes * self.dtype.itemsize
        self.workspace = (batched * self.capacity + alone) * vector_bytes
        names = [target.name for root in self.schedule.roots.values() for target in root.targets]
        self.adds = not self.is_single or len(set(names)) < len(names)

    def _vectors_per_tile(self, n_vectors: int) -> int:
        vector_bytes = self.lanes * self.dtype.itemsize
        room = int(self.target.l1_bytes * BUFFER_SHARE)
        most = max(12, room // (max(1, self.schedule.size[0]) * vector_bytes))
        return -(-n_vectors // -(-n_vectors // most))

    def code(self, name: str, pointers: Sequence[str], rest: Sequence[tuple[str, str]]) -> Code:
        """Return an empty function of this lowering."""
        return Code(
            name,
            [*(("ptr", pointer) for pointer in pointers), *rest],
            self.lanes,
            self.dtype,
            has_fma=self.target.has_fma,
        )

    @property
    def _number(self) -> str:
        """The type of a number of a member: a vector where members are in the lanes."""
        scalar = "double" if self.dtype.itemsize == 8 else "float"
        return vector_of(self.lanes, scalar) if self.members else scalar

    def _tile_parameters(self) -> list[tuple[str, str]]:
        keys = vector_of(self.lanes if self.members else 1, "i64")
        return [
            *(("i64", name) for name in WHOLE),
            ("i64", "update"),
            *((self._number, name) for name in ("share", "rate", "penalty")),
            *((keys, f"key{i}") for i in range(len(self.program.random_paths))),
        ]

    def functions(self) -> list[Code]:
        """Return the functions that a batch's code calls."""
        tile = _Tile(self)
        functions = [tile.emit(), *tile.tables.values()]
        if self.program.update is not None and self.runs:
            code = self.code(
                "update",
                ("params", "slots", "grads", "settings"),
                [(self._number, "rate"), (self._number, "penalty"), ("i64", "update")],
            )
            functions.append(
                update_function(
                    self.program,
                    self.layout,
                    self.runs,
                    code,
                    members=self.members,
                    clears=self.adds,
                )
            )
        return functions

    def emit_batch(self, code: Code, call: BatchCall) -> None:
        """Emit the work of a batch into the driver's function: its sums, and the update."""
        keys = self._keys(code, call)
        if self.is_single:
            self._call_tile(code, call, keys, call.first, call.count, "0")
        else:
            with code.loop(call.count, self.tile_samples) as offset:
                first = code.integer("add", call.first, offset)
                count = code.minimum(code.integer("sub", call.count, offset), self.tile_samples)
                self._call_tile(code, call, keys, first, count, offset)
        if self.program.update is None:
            return
        if self.runs:
            code.call(
                "void",
                "update",
                [
                    *(("ptr", p) for p in (call.params, call.slots, call.grads, call.settings)),
                    *((self._number, number) for number in (call.rate, call.penalty)),
                    ("i64", call.update),
                ],
            )
        self._add_statistics(code, call)

    def emit_totals(self, code: Code, grads: str, sums: str) -> None:
        """Emit the results of a program without update: the sums of all batches since zero."""
        width = self.lanes if self.members else 1
        with code.width(width), code.loop(self.layout.n_sums * width, width) as at:
            code.store(code.load(code.at(grads, at)), code.at(sums, at))

    def _keys(self, code: Code, call: BatchCall) -> list[tuple[str, str]]:
        lanes = self.lanes if self.members else 1
        kind, keys = vector_of(lanes, "i64"), []
        for path in self.program.random_paths:
            key = code.load(call.random_keys, kind, align=8)
            numbers: tuple[int | str, ...] = call.update, *path
            for number in numbers:
                key = folded(code, key, number, lanes)
            keys.append((kind, key))
        return keys

    def _call_tile(
        self,
        code: Code,
        call: BatchCall,
        keys: list[tuple[str, str]],
        first: str,
        count: str,
        offset: str,
    ) -> None:
        pointers = [getattr(call, name) for name in POINTERS]
        whole = [call.n_rows, first, count, offset, call.update]
        numbers = [call.share, call.rate, call.penalty]
        arguments = [
            *(("ptr", pointer) for pointer in pointers),
            *(("i64", number) for number in whole),
            *((self._number, number) for number in numbers),
            *keys,
        ]
        code.call("void", "tile", arguments)

    def _add_statistics(self, code: Code, call: BatchCall) -> None:
        """Add the batch's means, such as its loss, times its samples to the epoch's sums."""
        width = self.lanes if self.members else 1
        with code.width(width):
            for number, name in enumerate(self.layout.statistics):
                source = code.at(call.grads, self.layout.offsets[name] * width)
                target = code.at(call.sums, number * width)
                count = code.splat(code.inst(f"sitofp i64 {call.count} to {code.scalar}"))
                total = code.op("mul", code.load(source), count)
                code.store(code.op("add", code.load(target), total), target)
                if self.adds:
                    code.store("zeroinitializer" if width > 1 else "0.0", source)


class _Table(Code):
    """Constant numbers in memory, next to the functions of a module."""

    def __init__(self, name: str, values: npt.NDArray[np.float64], like: Code) -> None:
        super().__init__(name, (), 1, like.dtype)
        self._values = values

    def text(self) -> str:
        """Return the definition."""
        numbers = ", ".join(f"{self.scalar} {self.number(value)}" for value in self._values)
        return f"@{self.name} = internal constant [{len(self._values)} x {self.scalar}] [{numbers}]"


@dataclass
class _Cell:
    """A sum over the batch of one entry, while its block is computed."""

    root: Root
    indices: Indices
    value: str = ""


class _Tile:
    """The function that computes a tile: ``count`` samples from position ``first`` on."""

    def __init__(self, lowering: Tiles) -> None:
        self.lowering, self.members = lowering, lowering.members
        self.schedule, self.layout = lowering.schedule, lowering.layout
        self.lanes, self.capacity = lowering.lanes, lowering.capacity
        self.code = lowering.code("tile", POINTERS, lowering._tile_parameters())
        self.step = Step(self.code, members=self.members)
        self.vectors = lowering.unrolled or 1  # in one pass through a body
        self.t = Index()  # the pass's first vector
        self.done: set[Node] = set()
        self.scopes: list[dict[Any, Any]] = [{}]
        self.outer: set[Variable] = set()
        self.wanted: dict[tuple[Node, Indices], None] | None = None
        self.cells: dict[tuple[Root, Indices], _Cell] = {}
        self.folds: dict[tuple[Root, Indices], list[list[str]]] = {}
        self.tables: dict[str, _Table] = {}
        self.needs_samples = False  # whether the last body read samples, or where they end
        # Whether all lanes of the pass have samples.
        self.is_full = self.members and self.capacity == 1

    def emit(self) -> Code:
        """Return the function."""
        code = self.code
        per_vector = 1 if self.members else self.lanes
        self.n_vectors = code.integer("add", "%count", per_vector - 1)
        self.n_vectors = code.integer("udiv", self.n_vectors, per_vector)
        self.orders = [code.at("%order", "%first", "i32")]
        for lane in range(1, self.lanes if self.members else 1):
            self.orders.append(code.at(self.orders[0], code.integer("mul", "%n_rows", lane), "i32"))
        program = self.lowering.program
        for name in sorted(self.lowering.stepped):
            self.step.prepare(results_of(program, name))
        for group in self.schedule.groups:
            self._group(group)
            self.done.update(root.node for root in group.roots)
            code.fence()
        return code

    # Loops

    @contextmanager
    def _scope(self) -> Generator[None]:
        self.scopes.append({})
        yield
        self.scopes.pop()

    def _recall(self, key: Any) -> Any:
        return next((scope[key] for scope in reversed(self.scopes) if key in scope), None)

    def _keep(self, key: Any, value: Any) -> Any:
        self.scopes[-1][key] = value
        return value

    @contextmanager
    def _variable(self, count: int) -> Generator[Variable]:
        """A loop over 0 … count − 1 outside of the vectors."""
        with self.code.loop(count) as operand, self._scope():
            variable = Variable(operand, count)
            self.outer.add(variable)
            yield variable
            self.outer.remove(variable)

    def _group(self, group: Group) -> None:
        lengths = group.lengths
        steps, vectors = self._block_sizes(group)
        is_whole = all(step >= length for step, length in zip(steps, lengths, strict=True))
        folds = [root for root in group.roots if root.kind == "fold" and not is_whole]
        for root in folds:
            self._start_fold(root)
        for positions in self._blocks(lengths, steps):
            with self._scope():
                self._block(group, positions, is_whole, vectors)
        for (root, indices), chains in self.folds.items():
            self._write(root.node, indices, self._joined(root, chains))
        self.folds = {}

    def _blocks(
        self, lengths: tuple[int, ...], steps: tuple[int, ...]
    ) -> Iterator[list[tuple[Index, ...]]]:
        """Yield the positions of each block of units, inside loops over the blocks."""
        if not lengths:
            yield [()]
            return
        length, step = lengths[0], steps[0]
        whole = length // step
        if whole > 1:
            with self._variable(whole) as variable:
                units = [Index(u, ((variable, step),)) for u in range(step)]
                for inner in self._blocks(lengths[1:], steps[1:]):
                    yield [(unit, *others) for unit in units for others in inner]
        for start, stop in ((0, step if whole == 1 else 0), (whole * step, length)):
            if start < stop:
                units = [Index(u) for u in range(start, stop)]
                for inner in self._blocks(lengths[1:], steps[1:]):
                    yield [(unit, *others) for unit in units for others in inner]

    def _block_sizes(self, group: Group) -> tuple[tuple[int, ...], int]:
        """Return the units of a block along each loop, and the vectors of a pass."""
        wide = self.lowering.target.n_registers >= 32
        vectors = self.lowering.unrolled or 1
        if not group.lengths:
            return (), vectors
        if len(group.lengths) > 1:
            last = (4, 4) if wide else (4, 2)
            if group.roots[0].kind == "each":
                last = (1, 4)
            return (1,) * (len(group.lengths) - 2) + last, vectors
        length = group.lengths[0]
        if any(root.inner for root in group.roots):
            if not self.lowering.unrolled and group.batched:
                vectors = self._vectors_of_products(6 if wide else 3)
            return (min(length, 4),), vectors
        # As many units as have their weights and sums in registers.
        if group.is_costly:
            return (max(1, 4 // vectors),), vectors
        if self.lowering.unrolled:
            return (min(length, max(1, 8 // vectors)),), vectors
        held = self._registers_of(group)
        most = (self.lowering.target.n_registers - 4) // max(1, held)
        step = 4 if wide and most >= 4 else 2 if most >= 2 else 1
        return (length if length <= step else step,), vectors

    def _vectors_of_products(self, most: int) -> int:
        """Return the vectors of a pass through products, which leaves few vectors for the end."""

        def cost(n: int) -> int:
            return self.capacity // n * n + self.capacity % n * 2

        return min(range(min(most, self.capacity), 1, -1), key=cost, default=1)

    def _registers_of(self, group: Group) -> int:
        """Return the registers that weights and sums of one unit take."""
        kept, self.cells = self.cells, {}
        with self._dry_run() as wanted:
            with self._scope():
                position = tuple(Index(0, ((Variable("%dry", n), 1),)) for n in group.lengths)
                self.outer.update(v for index in position for v, _ in index.terms)
                self._body(group, [position], False)
                self.outer -= {v for index in position for v, _ in index.terms}
            held = len(wanted) + len(self.cells)
        self.cells = kept
        return held

    @contextmanager
    def _dry_run(self) -> Generator[dict[tuple[Node, Indices], None]]:
        """Emit into nothing, to learn which values a body wants that no vector changes."""
        code = self.code
        before = code.lines, code.entry, code.block, self.wanted, self.t
        code.lines, code.entry, self.wanted = [], list(code.entry), {}
        self.t = Index(0, ((Variable("%dry.t", self.capacity), 1),))
        with self._scope():
            yield self.wanted
        code.lines, code.entry, code.block, self.wanted, self.t = before

    def _block(
        self, group: Group, positions: list[tuple[Index, ...]], is_whole: bool, vectors: int
    ) -> None:
        """Emit a block of units for all vectors of the tile."""
        self.cells, self.needs_samples = {}, False
        with self._dry_run() as wanted:
            self._body(group, positions, is_whole)
        for node, indices in wanted:
            self._keep((node, indices), self._value(node, indices))
        cells, self.cells = self.cells, {}
        if self.lowering.unrolled or not group.batched:
            kept = self.vectors
            self.vectors = kept if group.batched else 1
            self._body(group, positions, is_whole)
            self.vectors = kept
            totals = [(cell, cell.value) for cell in self.cells.values()]
        else:
            for key, cell in cells.items():
                cell.value = self.code.alloca(self.code.vector)
                self.code.store("zeroinitializer", cell.value)
                self.cells[key] = cell
            self._over_vectors(
                lambda: self._body(group, positions, is_whole), vectors, self.needs_samples
            )
            totals = [(cell, self.code.load(cell.value)) for cell in cells.values()]
        self._flush(totals)

    def _over_vectors(self, body: Callable[[], None], vectors: int, needs_samples: bool) -> None:
        """Emit a body for all vectors of the tile, several at a time, then one at a time.

        A body that reads samples has the vector that may not be full emitted again, by itself.
        """
        code, stop = self.code, self.n_vectors
        if needs_samples and not self.members:
            stop = code.integer("udiv", "%count", self.lanes)
        whole = "0"
        self.is_full = True
        if vectors > 1:
            count = code.integer("udiv", stop, vectors)
            whole = code.integer("mul", count, vectors)
            with code.when(code.inst(f"icmp sgt i64 {count}, 0")):
                self._passes(body, vectors, "0", count)
        if vectors > 1 or stop != self.n_vectors:
            with code.when(code.inst(f"icmp slt i64 {whole}, {stop}")):
                self._passes(body, 1, whole, stop)
        else:
            self._passes(body, 1, whole, stop)
        self.is_full = False
        if stop != self.n_vectors:
            with code.when(code.inst(f"icmp slt i64 {stop}, {self.n_vectors}")):
                self._passes(body, 1, stop, self.n_vectors)

    def _passes(self, body: Callable[[], None], vectors: int, start: str, stop: str) -> None:
        kept = self.vectors, self.t
        with self.code.loop(stop, 1, start) as i, self._scope():
            self.vectors, self.t = vectors, Index(0, ((Variable(i, self.capacity), vectors),))
            body()
        self.vectors, self.t = kept

    # What a pass computes

    def _body(self, group: Group, positions: list[tuple[Index, ...]], is_whole: bool) -> None:
        folds: dict[tuple[Root, Indices, int], list[str]] = {}
        for root in group.roots:
            if root.inner:
                self._products(root, [p for at in positions for p in root.places(at)])
        for number, position in enumerate(positions):
            for root in group.roots:
                for indices in root.places(position):
                    if root.kind == "each":
                        value = self._recall((root.node, indices))
                        if value is None:
                            value = self._keep(
                                (root.node, indices), self._fresh(root.node, indices)
                            )
                        self._write(root.node, indices, value)
                    elif root.kind == "fold":
                        chain = number % len(self.folds.get((root, indices), "1"))
                        total = folds.get((root, indices, chain))
                        if total is None:
                            total = self._fold_start(root, indices, chain, is_whole)
                        folds[root, indices, chain] = self._accumulated(
                            root.node, total, indices, position[0]
                        )
                    else:
                        self._add_to_sum(root, indices)
        for (root, indices, chain), values in folds.items():
            if (root, indices) in self.folds:
                for cell, value in zip(self.folds[root, indices][chain], values, strict=True):
                    self.code.store(value, cell)
            else:
                self._write(root.node, indices, values)

    def _add_to_sum(self, root: Root, indices: Indices) -> None:
        cell = self.cells.get((root, indices))
        if cell is None:
            cell = self.cells[root, indices] = _Cell(root, indices)
        in_memory = not self.lowering.unrolled and cell.value
        total = self.code.load(cell.value) if in_memory else None
        factors = [
            self._all(self._number_of(node, at))
            for node, at in reduced_at(root.node, indices, None)
        ]
        for terms in zip(*factors, strict=True):
            term = terms[0] if len(terms) == 1 else self.code.op("mul", *terms)
            total = term if total is None else self.code.op("add", total, term)
        if in_memory:
            self.code.store(str(total), cell.value)
        elif self.lowering.unrolled:
            cell.value = str(total)

    def _flush(self, totals: list[tuple[_Cell, str]]) -> None:
        """Add a block's sums over the vectors to the batch's, or take the parameters' steps."""
        found: list[tuple[str, Index, str]] = []
        for cell, total in totals:
            for target in cell.root.targets:
                value = total
                if target.factor != 1:
                    value = self.code.op("mul", total, self.code.const(target.factor))
                at = Index(self.layout.offsets[target.name])
                for index, stride in zip(cell.indices, target.strides, strict=True):
                    at += Index() if index is None else index * stride
                found.append((target.name, at, value))
        if self.members:
            for name, at, value in found:
                if name in self.lowering.stepped:
                    self._take_step(name, at, value)
                else:
                    self._add_to_grads(at, value, self.lanes)
            return
        found.sort(key=lambda entry: (entry[1].terms, entry[1].offset))
        for start in range(0, len(found), self.lanes):
            pack = found[start : start + self.lanes]
            sums = lane_sums(self.code, [value for _, _, value in pack])
            # Those side by side in memory are stored together.
            first = 0
            for last in range(1, len(pack) + 1):
                if last == len(pack) or pack[last][1] != pack[last - 1][1] + 1:
                    lanes = range(first, last)
                    with self.code.width(last - first):
                        part = self.code.lanes_of(sums, lanes, self.lanes)
                        self._add_to_grads(pack[first][1], part, 1)
                    first = last

    def _take_step(self, name: str, at: Index, gradient: str) -> None:
        param = self._pointer("%params", at)

        def own(node: Node) -> str:
            return gradient if node.op == "grad" else self.code.load(param, align=self._align)

        results = results_of(self.lowering.program, name)
        self.code.store(self.step.emit(results, own)[0], param, align=self._align)

    def _add_to_grads(self, at: Index, value: str, stride: int) -> None:
        code = self.code
        pointer = code.at("%grads", self._operand(at * stride))
        align = code.bytes * stride
        if self.lowering.adds:
            value = code.op("add", code.load(pointer, align=align), value)
        code.store(value, pointer, align=align)

    # Values

    def _all(self, values: list[str]) -> list[str]:
        """Return a value for each vector of the pass."""
        return values * self.vectors if len(values) == 1 else values

    def _number_of(self, node: Node, indices: Indices) -> list[str]:
        values = self._value(node, indices)
        return [apply(self.code, "cast", [x]) for x in values] if node.is_bool else values

    def _value(self, node: Node, indices: Indices) -> list[str]:
        """Return an entry's vectors: one for each vector of the pass, or one that all share."""
        known = self._recall((node, indices))
        if known is None:
            wanted = self.wanted
            is_constant = node.batched or node.op == "const"
            if wanted is not None and not is_constant and self._is_outside(indices):
                wanted[node, indices] = None
                self.wanted = None
            is_kept = node in self.schedule.places and node in self.done
            known = self._read(node, indices) if is_kept else self._fresh(node, indices)
            self.wanted = wanted
            self._keep((node, indices), known)
        return known

    def _is_outside(self, indices: Indices) -> bool:
        return all(v in self.outer for index in indices if index for v, _ in index.terms)

    def _fresh(self, node: Node, indices: Indices) -> list[str]:
        leaves = {
            "param": self._param, "tangent": self._param, "setting": self._setting,
            "const": self._const, "table": self._table, "x": self._column, "y": self._column,
            "share": self._share, "valid": self._share, "uniform": self._uniform,
            "uniform_ge": self._uniform,
        }  # fmt: skip
        if node.op in leaves:
            return leaves[node.op](node, indices)
        if node.op in REDUCTIONS:
            if isinstance(reduced_length(node), Batch):
                raise refused(node, "a sum over the batch inside a layer")
            total = self._start(node, indices)
            for k in range(reduced_length(node)):
                total = self._accumulated(node, total, indices, Index(k))
            return total or []
        operands = operands_at(node, indices, self._divided)
        if node.op in VIEWS or node.op == "fill":
            return self._value(*operands[0])
        values = [self._value(*operand) for operand in operands]
        truths = [arg.is_bool for arg in node.args]
        try:
            return [
                apply(self.code, node.op, [value[v % len(value)] for value in values], truths)
                for v in range(max(map(len, values)))
            ]
        except LoweringError as error:
            raise refused(node, f"the operation {node.op}") from error

    def _divided(self, index: Index, size: int) -> tuple[Index, Index]:
        affine = index.divided(size)
        if affine is not None:
            return affine
        operand = self._operand(index)
        most = index.offset + sum(k * (v.count - 1) for v, k in index.terms)
        quotient = Variable(self.code.integer("udiv", operand, size), most // size + 1)
        remainder = Variable(self.code.integer("urem", operand, size), size)
        return Index(0, ((quotient, 1),)), Index(0, ((remainder, 1),))

    # Reductions

    def _start(self, node: Node, indices: Indices) -> list[str] | None:
        """Return what a product is added to, None where there is nothing."""
        if len(node.args) < 3:
            return None
        start = node.args[2]
        return self._value(start, broadcast_indices(start.shape, indices))

    def _accumulated(
        self, node: Node, total: list[str] | None, indices: Indices, k: Index
    ) -> list[str]:
        """Return a reduction with its k-th term."""
        code = self.code
        factors = [self._number_of(arg, at) for arg, at in reduced_at(node, indices, k)]
        count = max(len(values) for values in factors + ([total] if total else []))
        new = []
        for v in range(count):
            terms = [values[v % len(values)] for values in factors]
            term = terms[0] if len(terms) == 1 else code.op("mul", *terms)
            if total is not None:
                old = total[v % len(total)]
                is_max = node.op == "rmax"
                term = apply(code, "max", [old, term]) if is_max else code.op("add", old, term)
            new.append(term)
        return new

    def _products(self, root: Root, places: list[Indices]) -> None:
        """Compute entries of a long reduction together, which share what they load."""
        code, node = self.code, root.node
        least = code.const(-np.inf) if node.op == "rmax" else "zeroinitializer"
        cells = [[code.alloca(code.vector) for _ in range(self.vectors)] for _ in places]
        for row, indices in zip(cells, places, strict=True):
            start = self._all(self._start(node, indices) or [least])
            for cell, value in zip(row, start, strict=True):
                code.store(value, cell)
        with code.loop(root.inner) as operand, self._scope():
            k = Index(0, ((Variable(operand, root.inner), 1),))
            for row, indices in zip(cells, places, strict=True):
                old = [code.load(cell) for cell in row]
                new = self._all(self._accumulated(node, old, indices, k))
                for cell, value in zip(row, new, strict=True):
                    code.store(value, cell)
        for row, indices in zip(cells, places, strict=True):
            self._keep((node, indices), [code.load(cell) for cell in row])

    def _fold_start(
        self, root: Root, indices: Indices, chain: int, is_whole: bool
    ) -> list[str] | None:
        if is_whole:
            return self._start(root.node, indices)
        if (root, indices) in self.folds:
            return [self.code.load(cell) for cell in self.folds[root, indices][chain]]
        return self._read(root.node, indices)

    def _start_fold(self, root: Root) -> None:
        """Store what a fold begins with, for all vectors of the tile.

        Without a loop over vectors, folds are in registers, and those of few vectors are divided
        into chains that do not wait for each other.
        """
        code, node = self.code, root.node
        least = code.const(-np.inf) if node.op == "rmax" else "zeroinitializer"
        with self._scope():
            starts = [(at, self._start(node, at) or [least]) for at in root.places(())]
            if self.lowering.unrolled and node.batched:
                for indices, start in starts:
                    chains = []
                    for values in [start] + [[least]] * (2 // self.vectors - 1):
                        chains.append([code.alloca(code.vector) for _ in range(self.vectors)])
                        for cell, value in zip(chains[-1], self._all(values), strict=True):
                            code.store(value, cell)
                    self.folds[root, indices] = chains
                return

            def body() -> None:
                for indices, start in starts:
                    self._write(node, indices, start)

            if node.batched:
                self._over_vectors(body, 1, needs_samples=False)
            else:
                body()

    def _joined(self, root: Root, chains: list[list[str]]) -> list[str]:
        """Return the results of a fold from those of its chains."""
        code = self.code
        loaded = [[code.load(cell) for cell in chain] for chain in chains]
        while len(loaded) > 1:
            half = len(loaded) // 2
            loaded = [
                [
                    apply(code, "max", [a, b]) if root.node.op == "rmax" else code.op("add", a, b)
                    for a, b in zip(one, other, strict=True)
                ]
                for one, other in zip(loaded[:half], loaded[half:], strict=True)
            ]
        return loaded[0]

    # Memory

    @property
    def _align(self) -> int:
        return self.code.bytes * self.lanes

    def _operand(self, index: Index) -> int | str:
        if not index.terms:
            return index.offset
        known = self._recall(index)
        if known is None:
            total: int | str = index.offset
            for variable, factor in index.terms:
                term = variable.operand
                if factor != 1:
                    term = self.code.integer("mul", term, factor)
                total = term if total == 0 else self.code.integer("add", term, total)
            known = self._keep(index, total)
        return known

    def _pointer(self, base: str, at: Index) -> str:
        """Return the pointer of vector ``at``."""
        return self.code.at(base, self._operand(at), self.code.vector)

    def _buffer(self, node: Node, indices: Indices) -> list[str]:
        place = flat(node.shape, indices) + self.schedule.places[node]
        if not node.batched:
            return [self._pointer("%workspace", place + self.schedule.size[0] * self.capacity)]
        at = place * self.capacity + self.t
        return [self._pointer("%workspace", at + v) for v in range(self.vectors)]

    def _read(self, node: Node, indices: Indices) -> list[str]:
        pointers = self._buffer(node, indices)
        values = [self.code.load(pointer, align=self._align) for pointer in pointers]
        if node.is_bool:
            zero = self.code.const(0.0)
            return [self.code.compare("une", value, zero) for value in values]
        return values

    def _write(self, node: Node, indices: Indices, values: list[str]) -> None:
        """Store a result where a later group needs it."""
        if node not in self.schedule.places:
            return
        if node.is_bool:
            values = [apply(self.code, "cast", [value]) for value in values]
        pointers = self._buffer(node, indices)
        for pointer, value in zip(pointers, values * (len(pointers) // len(values)), strict=True):
            self.code.store(value, pointer, align=self._align)

    # Leaves

    def _param(self, node: Node, indices: Indices) -> list[str]:
        base = "%params" if node.op == "param" else "%tangents"
        at = flat(node.shape, indices) + self.layout.offsets[node.attr]
        if self.members:
            return [self.code.load(self._pointer(base, at), align=self._align)]
        scalar = self.code.load(self.code.at(base, self._operand(at)), self.code.scalar)
        return [self.code.splat(scalar)]

    def _setting(self, node: Node, indices: Indices) -> list[str]:
        if self.members:
            return [self.code.load(self._pointer("%settings", Index(node.attr)), align=8)]
        return [
            self.code.splat(self.code.load(self.code.at("%settings", node.attr), self.code.scalar))
        ]

    def _const(self, node: Node, indices: Indices) -> list[str]:
        return [self.code.const(node.attr)]

    def _table(self, node: Node, indices: Indices) -> list[str]:
        at = flat(node.shape, indices)
        if not at.terms:
            return [self.code.const(float(np.frombuffer(node.attr)[at.offset]))]
        name = f"table{node.id}"
        self.tables[name] = _Table(name, np.frombuffer(node.attr), self.code)
        scalar = self.code.load(self.code.at(f"@{name}", self._operand(at)), self.code.scalar)
        return [self.code.splat(scalar)]

    def _row_numbers(self) -> list[list[str]]:
        """Return the row of each lane's sample, for each vector of the pass."""
        self.needs_samples = True
        key = "rows", self.t
        known = self._recall(key)
        if known is not None:
            return known
        code, rows = self.code, []
        for v in range(self.vectors):
            lanes = []
            for lane in range(self.lanes):
                sample = self.t + v if self.members else (self.t + v) * self.lanes + lane
                at: int | str = self._operand(sample)
                if not self.is_full:
                    at = code.minimum(at, code.integer("sub", "%count", 1))
                order = self.orders[lane] if self.members else self.orders[0]
                row = code.load(code.at(order, at, "i32"), "i32", align=4)
                lanes.append(code.inst(f"zext i32 {row} to i64"))
            rows.append(lanes)
        return self._keep(key, rows)

    def _rows(self, base: str, stride: int) -> list[list[str]]:
        """Return the pointer of each lane's sample in an array with a row for each."""
        key = "pointers", base, self.t
        known = self._recall(key)
        if known is None:
            code, numbers = self.code, self._row_numbers()
            known = self._keep(
                key,
                [
                    [code.at(base, code.integer("mul", n, stride)) for n in lanes]
                    for lanes in numbers
                ],
            )
        return known

    def _gathered(self, base: str, stride: int, column: Index) -> list[str]:
        """Return one number of each sample, in its lane."""
        self.needs_samples = True
        first = Index(column.offset // BLOCK * BLOCK, column.terms)
        fits = all(factor % BLOCK == 0 for _, factor in first.terms)
        if fits and first.most + BLOCK <= stride and self.lanes >= BLOCK:
            key = "columns", base, first, self.t
            known = self._recall(key)
            if known is None:
                at = self._operand(first)
                known = [
                    columns_of(self.code, [self.code.at(row, at) for row in rows], BLOCK)
                    for rows in self._rows(base, stride)
                ]
                self._keep(key, known)
            return [columns[column.offset % BLOCK] for columns in known]
        return [
            gathered(self.code, rows, self._operand(column)) for rows in self._rows(base, stride)
        ]

    def _column(self, node: Node, indices: Indices) -> list[str]:
        program = self.lowering.program
        column = flat(node.shape, indices) + (program.n_inputs if node.op == "y" else 0)
        return self._gathered("%rows", program.n_inputs + program.n_outputs, column)

    def _masks(self) -> list[str] | None:
        """Return, for each vector, which lanes have a sample; None where all have."""
        code = self.code
        self.needs_samples = True
        if self.is_full:
            return None
        masks = []
        kind = code.ints
        count = "%count"
        if code.bits == 32:
            count = code.inst(f"trunc i64 {count} to i32")
        limit = code.splat(count, f"i{code.bits}")
        for v in range(self.vectors):
            at = self.t + v
            first = str(self._operand(at if self.members else at * self.lanes))
            if code.bits == 32 and first.startswith("%"):
                first = code.inst(f"trunc i64 {first} to i32")
            samples = code.splat(first, f"i{code.bits}")
            if not self.members and self.lanes > 1:
                lanes = ", ".join(f"i{code.bits} {lane}" for lane in range(self.lanes))
                samples = code.inst(f"add {kind} {samples}, <{lanes}>")
            masks.append(code.inst(f"icmp slt {kind} {samples}, {limit}"))
        return masks

    def _share(self, node: Node, indices: Indices) -> list[str]:
        code = self.code
        share = "%share" if self.members else code.splat("%share")
        values = [share if node.op == "share" else code.const(1.0)]
        if node.op == "share" and self.lowering.program.is_weighted:
            values = [code.op("mul", share, w) for w in self._gathered("%weights", 1, Index())]
        masks = self._masks()
        if masks is None:
            return values
        zero = code.const(0.0)
        return [
            code.select(mask, value, zero)
            for mask, value in zip(masks, self._all(values), strict=True)
        ]

    def _uniform(self, node: Node, indices: Indices) -> list[str]:
        """Return random numbers, or whether they reach a bound: SplitMix64 of sample and unit."""
        code, lanes = self.code, self.lanes
        path, least = node.attr if node.op == "uniform_ge" else (node.attr, None)
        key = f"%key{self.lowering.program.random_paths.index(path)}"
        key = key if self.members else code.splat(key, "i64")
        kind, width = vector_of(lanes, "i64"), int(np.prod(node.units))
        unit = flat(node.shape, indices) + 1
        found = []
        for v in range(self.vectors):
            sample = self.t + v if self.members else (self.t + v) * lanes
            number = code.integer("add", "%offset", self._operand(sample))
            number = code.integer("add", code.integer("mul", number, width), self._operand(unit))
            numbers = code.splat(number, "i64")
            if not self.members and lanes > 1:
                steps = ", ".join(f"i64 {lane * width}" for lane in range(lanes))
                numbers = code.inst(f"add {kind} {numbers}, <{steps}>")
            bits = word(code, key, numbers, lanes)
            if least is None:
                found.append(_as_number(code, bits))
            elif least == 1 << 53:
                found.append(code.repeat("i1 false"))
            else:
                bound = code.whole(_signed(least << 11), 64)
                found.append(code.inst(f"icmp uge {kind} {bits}, {bound}"))
        return found


def _as_number(code: Code, bits: str) -> str:
    """Return the upper 53 bits of words as numbers in [0, 1)."""
    words, doubles = vector_of(code.lanes, "i64"), vector_of(code.lanes, "double")
    upper = code.inst(f"lshr {words} {bits}, {code.whole(11, 64)}")
    number = code.inst(f"uitofp {words} {upper} to {doubles}")
    scale = "double 0x3CA0000000000000"
    scale = code.repeat(scale)
    number = code.inst(f"fmul {doubles} {number}, {scale}")
    if code.bits == 32:
        number = code.inst(f"fptrunc {doubles} {number} to {code.vector}")
    return number


def _signed(word: int) -> int:
    return word - (1 << 64) if word >> 63 else word
