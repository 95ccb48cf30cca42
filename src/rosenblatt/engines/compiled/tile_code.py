"""The code of a tile: loops over blocks of units, and inside them over the vectors of samples."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.compiled.affine import (
    Index,
    Indices,
    broadcast_indices,
    flat,
    operands_at,
)
from rosenblatt.engines.compiled.elementary import apply
from rosenblatt.engines.compiled.graph import Batch, LoweringError, Node
from rosenblatt.engines.compiled.ir import Code
from rosenblatt.engines.compiled.lowering import results_of
from rosenblatt.engines.compiled.samples import Pass, Samples
from rosenblatt.engines.compiled.scheduling import (
    VIEWS,
    Group,
    Root,
    reduced_at,
    reduced_length,
    refused,
)
from rosenblatt.engines.compiled.scopes import Scopes
from rosenblatt.engines.compiled.transposition import lane_sums
from rosenblatt.engines.compiled.update import Step

if TYPE_CHECKING:
    from rosenblatt.engines.compiled.tiles import Tiles

Entry = tuple[Root, Indices]
"""One of the results of a root."""

ZERO = "zeroinitializer"


class TileCode:
    """Emits the function ``tile``: the sums over ``count`` samples from position ``first`` on.

    A value is a list of vectors: one for each vector of the pass through the inner loop, or a
    single one that they share.

    Args:
        lowering: with the schedule, the layout and the sizes of the tile.
        code: the empty function, with its parameters.
    """

    def __init__(self, lowering: "Tiles", code: Code) -> None:
        self.code, self.lowering, self.members = code, lowering, lowering.members
        self.schedule, self.offsets = lowering.schedule, lowering.layout.offsets
        self.unrolled, self.capacity = lowering.unrolled, lowering.capacity
        self.scopes = Scopes(code)
        self.samples = Samples(code, self.scopes, lowering.program, members=self.members)
        self.step = Step(code, members=self.members)
        self.tables: dict[str, Table] = {}
        is_full = self.members and self.capacity == 1
        self.at = Pass(Index(), self.unrolled or 1, is_full)
        self.align = code.bytes * code.lanes
        per_vector = 1 if self.members else code.lanes
        more = code.integer("add", "%count", per_vector - 1)
        self.n_vectors = code.integer("udiv", more, per_vector)
        self._done: set[Node] = set()  # roots of the groups before
        self._outer: set[str] = set()  # variables of loops around the vectors
        self._wanted: dict[tuple[Node, Indices], None] | None = None  # in a dry run
        self._sums: dict[Entry, str] = {}  # of the block: registers, or values without a loop
        self._folds: dict[Entry, list[list[str]]] = {}  # of the group: registers of each chain

    def emit(self) -> None:
        """Emit the body of the function."""
        for name in sorted(self.lowering.stepped):
            self.step.prepare(results_of(self.lowering.program, name))
        for group in self.schedule.groups:
            self._group(group)
            self._done.update(root.node for root in group.roots)
            self.code.fence()

    # Loops over units

    def _group(self, group: Group) -> None:
        steps, vectors = self._block_sizes(group)
        is_whole = all(step >= n for step, n in zip(steps, group.lengths, strict=True))
        if not is_whole:
            for root in group.roots:
                if root.kind == "fold":
                    self._start_fold(root)
        for positions in self._blocks(group.lengths, steps):
            with self.scopes.inner():
                self._block(group, positions, vectors, is_whole=is_whole)
        for (root, indices), chains in self._folds.items():
            values = [[self.code.load(cell) for cell in chain] for chain in chains]
            self._write(root.node, indices, self._combined(root, values))
        self._folds = {}

    def _block_sizes(self, group: Group) -> tuple[tuple[int, ...], int]:
        """Return the units of a block along each loop, and the vectors of a pass."""
        n_registers = self.lowering.target.n_registers
        is_large = n_registers >= 32
        vectors = self.unrolled or 1
        if len(group.lengths) != 1:
            last = (1, 4) if group.roots[0].kind == "each" else (4, 4 if is_large else 2)
            return ((1,) * (len(group.lengths) - 2) + last)[: len(group.lengths)], vectors
        if any(root.inner for root in group.roots):
            if not self.unrolled and group.batched:
                vectors = self._vectors_of_products(6 if is_large else 3)
            step = 4
        elif group.is_costly:
            step = 4 // vectors
        elif self.unrolled:
            step = 8 // (vectors * self.lowering.registers)
        else:  # as many units as have their weights and sums in registers
            most = (n_registers - 4) // max(1, self._registers_of(group))
            step = 4 if is_large and most >= 4 else 2 if most >= 2 else 1
        return (min(group.lengths[0], max(1, step)),), vectors

    def _vectors_of_products(self, most: int) -> int:
        """Return the vectors of a pass through products, which leaves few vectors for the end."""

        def cost(n: int) -> int:
            return self.capacity // n * n + self.capacity % n * 2

        return min(range(min(most, self.capacity), 1, -1), key=cost, default=1)

    def _registers_of(self, group: Group) -> int:
        """Return the registers that the weights and sums of one unit take."""
        position = tuple(Index.of("%dry", n) for n in group.lengths)
        self._outer.add("%dry")
        with self._dry_run() as wanted:
            self._body(group, [position], is_whole=False)
        self._outer.remove("%dry")
        return len(wanted) + len(self._sums)

    def _blocks(
        self, lengths: tuple[int, ...], steps: tuple[int, ...]
    ) -> Iterator[list[tuple[Index, ...]]]:
        """Yield the positions of each block of units, inside loops over the blocks."""
        if not lengths:
            yield [()]
            return
        whole, step = lengths[0] // steps[0], steps[0]
        chunks = [(whole * step, lengths[0])]
        if whole > 1:
            with self._over_blocks(whole) as variable:
                units = [Index.of(variable, whole, step, u) for u in range(step)]
                for inner in self._blocks(lengths[1:], steps[1:]):
                    yield [(unit, *others) for unit in units for others in inner]
        else:
            chunks.append((0, whole * step))
        for start, stop in chunks:
            units = [Index(u) for u in range(start, stop)]
            for inner in self._blocks(lengths[1:], steps[1:]) if units else ():
                yield [(unit, *others) for unit in units for others in inner]

    @contextmanager
    def _over_blocks(self, count: int) -> Generator[str]:
        with self.code.loop(count) as variable, self.scopes.inner():
            self._outer.add(variable)
            yield variable
            self._outer.remove(variable)

    def _block(
        self, group: Group, positions: list[tuple[Index, ...]], vectors: int, *, is_whole: bool
    ) -> None:
        """Emit a block of units for all vectors of the tile."""
        code = self.code
        self.samples.are_used = False
        with self._dry_run() as wanted:
            self._body(group, positions, is_whole=is_whole)
        for node, indices in wanted:
            self._value(node, indices)

        def body() -> None:
            self._body(group, positions, is_whole=is_whole)

        if self.unrolled or not group.batched:
            self._sums = {}
            before, self.at = self.at, self.at if group.batched else Pass(Index(), 1, True)
            body()
            self.at = before
        else:
            self._sums = {entry: code.alloca(code.vector) for entry in self._sums}
            for cell in self._sums.values():
                code.store(ZERO, cell)
            self._over_vectors(body, vectors, needs_samples=self.samples.are_used)
            self._sums = {entry: code.load(cell) for entry, cell in self._sums.items()}
        self._flush()

    @contextmanager
    def _dry_run(self) -> Generator[dict[tuple[Node, Indices], None]]:
        """Emit into nothing, to learn which values a body wants that no vector changes."""
        code = self.code
        before = code.lines, code.entry, code.block, self.at
        code.lines, code.entry, self._wanted, self._sums = [], list(code.entry), {}, {}
        self.at = Pass(Index.of("%dry.t", self.capacity), self.at.vectors, self.at.is_full)
        with self.scopes.inner():
            yield self._wanted
        code.lines, code.entry, code.block, self.at = before
        self._wanted = None

    # Loops over vectors

    def _over_vectors(self, body: Callable[[], None], vectors: int, *, needs_samples: bool) -> None:
        """Emit a body for all vectors of the tile, several at a time, then one at a time.

        A body that needs samples is emitted once more, for a last vector that is not full.
        """
        code, stop, whole = self.code, self.n_vectors, "0"
        if needs_samples and not self.members:
            stop = code.integer("udiv", "%count", code.lanes)
        if vectors > 1:
            count = code.integer("udiv", stop, vectors)
            whole = code.integer("mul", count, vectors)
            with code.when(code.inst(f"icmp sgt i64 {count}, 0")):
                self._passes(body, vectors, "0", count, is_full=True)
        if whole == "0" and stop == self.n_vectors:
            self._passes(body, 1, whole, stop, is_full=True)
            return
        with code.when(code.inst(f"icmp slt i64 {whole}, {stop}")):
            self._passes(body, 1, whole, stop, is_full=True)
        if stop != self.n_vectors:
            with code.when(code.inst(f"icmp slt i64 {stop}, {self.n_vectors}")):
                self._passes(body, 1, stop, self.n_vectors, is_full=False)

    def _passes(
        self, body: Callable[[], None], vectors: int, start: str, stop: str, *, is_full: bool
    ) -> None:
        before = self.at
        with self.code.loop(stop, 1, start) as i, self.scopes.inner():
            self.at = Pass(Index.of(i, self.capacity, vectors), vectors, is_full)
            body()
        self.at = before

    # What a pass computes

    def _body(self, group: Group, positions: list[tuple[Index, ...]], *, is_whole: bool) -> None:
        folds: dict[tuple[Entry, int], list[str]] = {}
        for root in group.roots:
            if root.inner:
                self._products(root, [at for position in positions for at in root.places(position)])
        for number, position in enumerate(positions):
            for root in group.roots:
                for indices in root.places(position):
                    if root.kind == "each":
                        self._write(root.node, indices, self._value(root.node, indices))
                    elif root.kind == "sum":
                        self._add_to_sum((root, indices))
                    else:
                        entry = root, indices
                        chain = number % len(self._folds.get(entry, (0,)))
                        total = folds.get((entry, chain))
                        if total is None:
                            total = self._begun_fold(entry, chain, is_whole=is_whole)
                        total = self._accumulated(root.node, total, indices, position[0])
                        folds[entry, chain] = total
        for (entry, chain), values in folds.items():
            if entry in self._folds:
                self._store_all(values, self._folds[entry][chain])
            else:
                self._write(entry[0].node, entry[1], values)

    def _add_to_sum(self, entry: Entry) -> None:
        """Add the pass's vectors to a sum over the batch."""
        code, cell = self.code, self._sums.get(entry)
        total = code.load(cell) if cell else None
        factors = [self._number(*factor) for factor in reduced_at(entry[0].node, entry[1], None)]
        for terms in zip(*map(self._all, factors), strict=True):
            term = terms[0] if len(terms) == 1 else code.op("mul", *terms)
            total = term if total is None else code.op("add", total, term)
        if cell:
            code.store(str(total), cell)
        else:
            self._sums[entry] = str(total)

    def _flush(self) -> None:
        """Add a block's sums over the vectors to the batch's, or take the parameters' steps."""
        found: list[tuple[str, Index, str]] = []
        for (root, indices), total in self._sums.items():
            for name, strides in root.wanted:
                place = Index(self.offsets[name])
                for index, stride in zip(indices, strides, strict=True):
                    place += Index() if index is None else index * stride
                found.append((name, place, total))
        self._sums = {}
        if not self.members:
            self._flush_lanes([(place, value) for _, place, value in found])
            return
        for name, place, value in found:
            if name in self.lowering.stepped:
                self._take_step(name, place, value)
            else:
                self._add_to_grads(place, value, self.code.lanes)

    def _flush_lanes(self, found: list[tuple[Index, str]]) -> None:
        """Sum vectors over their lanes, and store together what is side by side."""
        code, lanes = self.code, self.code.lanes
        found.sort(key=lambda pair: (pair[0].terms, pair[0].offset))
        for start in range(0, len(found), lanes):
            places = [place for place, _ in found[start : start + lanes]]
            sums = lane_sums(code, [value for _, value in found[start : start + lanes]])
            first = 0
            for last in range(1, len(places) + 1):
                if last == len(places) or places[last] != places[last - 1] + 1:
                    with code.width(last - first):
                        part = code.lanes_of(sums, range(first, last), lanes)
                        self._add_to_grads(places[first], part, 1)
                    first = last

    def _take_step(self, name: str, place: Index, gradient: str) -> None:
        param = self._pointer("%params", place)

        def own(node: Node) -> str:
            return gradient if node.op == "grad" else self.code.load(param, align=self.align)

        results = results_of(self.lowering.program, name)
        self.code.store(self.step.emit(results, own)[0], param, align=self.align)

    def _add_to_grads(self, place: Index, value: str, stride: int) -> None:
        code = self.code
        pointer = code.at("%grads", self.scopes.operand(place * stride))
        align = code.bytes * stride
        if self.lowering.adds:
            value = code.op("add", code.load(pointer, align=align), value)
        code.store(value, pointer, align=align)

    # Values

    def _all(self, values: list[str]) -> list[str]:
        """Return a vector for each one of the pass."""
        return values * (self.at.vectors // len(values))

    def _number(self, node: Node, indices: Indices) -> list[str]:
        values = self._value(node, indices)
        return [apply(self.code, "cast", [x]) for x in values] if node.is_bool else values

    def _value(self, node: Node, indices: Indices) -> list[str]:
        """Return an entry of a node."""
        known = self.scopes.recall((node, indices))
        if known is None:
            wanted = self._wanted
            if wanted is not None and self._is_outside(node, indices):
                wanted[node, indices] = None
                self._wanted = None  # for what it takes
            is_kept = node in self.schedule.places and node in self._done
            known = self._read(node, indices) if is_kept else self._fresh(node, indices)
            self._wanted = wanted
            self.scopes.keep((node, indices), known)
        return known

    def _is_outside(self, node: Node, indices: Indices) -> bool:
        """Return whether a value can be computed before the loop over vectors."""
        variables = (v.operand for index in indices if index for v, _ in index.terms)
        return not node.batched and node.op != "const" and self._outer.issuperset(variables)

    def _fresh(self, node: Node, indices: Indices) -> list[str]:
        match node.op:
            case "param" | "tangent":
                return self._param(node, indices)
            case "const":
                return [self.code.const(node.attr)]
            case "setting":
                return [self._shared("%settings", Index(node.attr))]
            case "table":
                return [self._table(node, flat(node.shape, indices))]
            case "x" | "y":
                return self.samples.column(node, indices, self.at)
            case "share" | "valid":
                return self.samples.share(node, indices, self.at)
            case "uniform" | "uniform_ge":
                return self.samples.uniform(node, indices, self.at)
            case "matmul" | "rsum" | "rmax":
                return self._reduced(node, indices)
        operands = operands_at(node, indices, self.scopes.divided)
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

    def _param(self, node: Node, indices: Indices) -> list[str]:
        base = "%params" if node.op == "param" else "%tangents"
        return [self._shared(base, flat(node.shape, indices) + self.offsets[node.attr])]

    def _shared(self, base: str, place: Index) -> str:
        """Return a number of each member, or the one of all lanes."""
        if self.members:
            return self.code.load(self._pointer(base, place), align=self.align)
        pointer = self.code.at(base, self.scopes.operand(place))
        return self.code.splat(self.code.load(pointer, self.code.scalar))

    def _table(self, node: Node, place: Index) -> str:
        numbers = np.frombuffer(node.attr)
        if not place.terms:
            return self.code.const(float(numbers[place.offset]))
        name = f"table{node.id}"
        self.tables[name] = Table(name, numbers, self.code)
        pointer = self.code.at(f"@{name}", self.scopes.operand(place))
        return self.code.splat(self.code.load(pointer, self.code.scalar))

    # Reductions

    def _reduced(self, node: Node, indices: Indices) -> list[str]:
        """Return a reduction whose terms are written one after the other."""
        length = reduced_length(node)
        if isinstance(length, Batch):
            raise refused(node, "a sum over the batch inside a layer")
        total = self._start(node, indices)
        for k in range(length):
            total = self._accumulated(node, total, indices, Index(k))
        return total or []

    def _start(self, node: Node, indices: Indices) -> list[str] | None:
        """Return what a product is added to, None where there is nothing."""
        if len(node.args) < 3:
            return None
        start = node.args[2]
        return self._value(start, broadcast_indices(start.shape, indices))

    def _neutral(self, node: Node) -> str:
        return self.code.const(-np.inf) if node.op == "rmax" else ZERO

    def _accumulated(
        self, node: Node, total: list[str] | None, indices: Indices, k: Index
    ) -> list[str]:
        """Return a reduction with its k-th term."""
        factors = [self._number(arg, at) for arg, at in reduced_at(node, indices, k)]
        terms = factors[0]
        if len(factors) == 2:
            pairs = zip(*map(self._all, factors), strict=True)
            terms = [self.code.op("mul", a, b) for a, b in pairs]
        if total is None:
            return terms
        count = max(len(total), len(terms))
        return [
            self._joined(node, total[v % len(total)], terms[v % len(terms)]) for v in range(count)
        ]

    def _joined(self, node: Node, a: str, b: str) -> str:
        if node.op == "rmax":
            return apply(self.code, "max", [a, b])
        return self.code.op("add", a, b)

    def _combined(self, root: Root, chains: list[list[str]]) -> list[str]:
        """Return the results of a fold from those of its chains."""
        while len(chains) > 1:
            pairs = zip(chains[::2], chains[1::2], strict=True)
            chains = [
                [self._joined(root.node, a, b) for a, b in zip(one, other, strict=True)]
                for one, other in pairs
            ]
        return chains[0]

    def _products(self, root: Root, places: Sequence[Indices]) -> None:
        """Compute entries of a long reduction together, which share what they load."""
        code, node = self.code, root.node
        cells = [self._registers() for _ in places]
        for row, indices in zip(cells, places, strict=True):
            self._store_all(self._start(node, indices) or [self._neutral(node)], row)
        with code.loop(root.inner) as variable, self.scopes.inner():
            k = Index.of(variable, root.inner)
            for row, indices in zip(cells, places, strict=True):
                total = [code.load(cell) for cell in row]
                self._store_all(self._accumulated(node, total, indices, k), row)
        for row, indices in zip(cells, places, strict=True):
            self.scopes.keep((node, indices), [code.load(cell) for cell in row])

    def _start_fold(self, root: Root) -> None:
        """Store what a fold begins with, for all vectors of the tile.

        Without a loop over vectors, folds are in registers, and those of few vectors are divided
        into chains that do not wait for each other.
        """
        node, neutral = root.node, [self._neutral(root.node)]
        with self.scopes.inner():
            starts = [(at, self._start(node, at) or neutral) for at in root.places(())]
            if self.unrolled and node.batched:
                for indices, start in starts:
                    values = [start] + [neutral] * (
                        2 // (self.at.vectors * self.lowering.registers) - 1
                    )
                    chains = [self._registers() for _ in values]
                    self._folds[root, indices] = chains
                    for value, chain in zip(values, chains, strict=True):
                        self._store_all(value, chain)
                return

            def body() -> None:
                for indices, start in starts:
                    self._write(node, indices, start)

            if node.batched:
                self._over_vectors(body, 1, needs_samples=False)
            else:
                body()

    def _begun_fold(self, entry: Entry, chain: int, *, is_whole: bool) -> list[str] | None:
        """Return what the block's terms of a fold are added to."""
        if is_whole:
            return self._start(entry[0].node, entry[1])
        if entry in self._folds:
            return [self.code.load(cell) for cell in self._folds[entry][chain]]
        return self._read(entry[0].node, entry[1])

    # Memory

    def _registers(self) -> list[str]:
        """Return memory for the vectors of the pass, which LLVM puts into registers."""
        return [self.code.alloca(self.code.vector) for _ in range(self.at.vectors)]

    def _store_all(self, values: list[str], cells: list[str]) -> None:
        for value, cell in zip(values * (len(cells) // len(values)), cells, strict=True):
            self.code.store(value, cell)

    def _pointer(self, base: str, place: Index) -> str:
        """Return the pointer of a vector."""
        return self.code.at(base, self.scopes.operand(place), self.code.vector)

    def _buffer(self, node: Node, indices: Indices) -> list[str]:
        place = flat(node.shape, indices) + self.schedule.places[node]
        if not node.batched:
            return [self._pointer("%workspace", place + self.schedule.size[0] * self.capacity)]
        first = place * self.capacity + self.at.first
        return [self._pointer("%workspace", first + v) for v in range(self.at.vectors)]

    def _read(self, node: Node, indices: Indices) -> list[str]:
        code = self.code
        values = [code.load(pointer, align=self.align) for pointer in self._buffer(node, indices)]
        if node.is_bool:
            values = [code.compare("une", value, code.const(0.0)) for value in values]
        return values

    def _write(self, node: Node, indices: Indices, values: list[str]) -> None:
        """Store a result where a later group needs it."""
        if node not in self.schedule.places:
            return
        if node.is_bool:
            values = [apply(self.code, "cast", [value]) for value in values]
        pointers = self._buffer(node, indices)
        for value, pointer in zip(values * (len(pointers) // len(values)), pointers, strict=True):
            self.code.store(value, pointer, align=self.align)


class Table(Code):
    """Constant numbers in memory, next to the functions of a module."""

    def __init__(self, name: str, numbers: npt.NDArray[np.float64], like: Code) -> None:
        super().__init__(name, (), 1, like.dtype)
        self._numbers = numbers

    def text(self) -> str:
        """Return the definition."""
        numbers = ", ".join(f"{self.scalar} {self.number(number)}" for number in self._numbers)
        return (
            f"@{self.name} = internal constant [{len(self._numbers)} x {self.scalar}] [{numbers}]"
        )
