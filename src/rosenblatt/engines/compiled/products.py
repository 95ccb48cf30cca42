"""Matrix products in LLVM IR: C = A B in blocks of registers and panels in the nearest cache.

A block is R rows of C and V vectors of its columns. For each k, the V vectors of row k of B are
loaded once, and each of the R numbers of column k of A is multiplied with all of them. Every number
of C is one chain of multiplications and additions over k, in order: neither the sizes of blocks nor
how columns are shared by threads changes a bit of it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy.typing as npt

from rosenblatt.engines.compiled.ir import Code
from rosenblatt.engines.compiled.target import Target

PANEL_SHARE = 0.5
"""The part of the nearest cache that a panel of B may fill."""
MOST_VECTORS = 4
"""Wider panels would have too few rows in the nearest cache."""
FMAS_PER_CYCLE, FMAS_IN_FLIGHT, LOADS_PER_CYCLE = 2, 8, 1.5
"""Of the processors that blocks are chosen for; some loads are from the second cache."""
CYCLES_PER_STEP = 1.0
"""What a step of k takes beside its products."""

PRICE_OF_TWO = 1.05
"""Panels of two widths have to save more than this."""

Finish = Callable[[Code], Callable[["Tile"], None]]
"""Called at the beginning of the function; returns what emits the rest of each block."""


@dataclass(frozen=True)
class Tile:
    """A finished block of C, in the nearest cache: row i begins ``i * stride`` after ``pointer``.

    Its first number is C[row, column]; it has ``n_rows`` rows and ``vectors`` vectors of columns.
    """

    pointer: str
    stride: int
    row: str
    column: str
    n_rows: str
    vectors: int


@dataclass(frozen=True)
class Product:
    """The function that computes some panels of C = A B, C being (m, n), A (m, k), B (k, n).

    A number of A stands ``a[0]`` numbers after that of the row before, and ``a[1]`` after that of
    the column before; so of B and ``b``, where one of the two is 1. The rows of B and C are whole
    vectors long. Up to R - 1 rows after the last of A are read, and of C are written.

    Attributes:
        name: of the function.
        target: the processor.
        dtype: of all numbers.
        m: rows of C, or how many there are at most.
        n: columns of C.
        k: columns of A, or how many there are at most.
        a: strides of A.
        b: strides of B.
        c: from a row of C to the next, in numbers.
        finish: what is done with each block instead of storing it in C.
    """

    name: str
    target: Target
    dtype: npt.DTypeLike
    m: int
    n: int
    k: int
    a: tuple[int, int]
    b: tuple[int, int]
    c: int = 0
    finish: Finish | None = None

    @cached_property
    def block(self) -> tuple[int, int]:
        """R and V."""
        return block_for(self.m, self.n_vectors, self.target.n_registers)

    @property
    def lanes(self) -> int:
        """Numbers in a vector."""
        return self.target.lanes(self.dtype)

    @property
    def n_vectors(self) -> int:
        """Vectors in a row of C."""
        return -(-self.n // self.lanes)

    @property
    def n_panels(self) -> int:
        """Panels of V vectors, and behind them some of V - 1."""
        return -(-self.n_vectors // self.block[1])

    @property
    def _n_wide(self) -> int:
        return self.n_vectors - self.n_panels * (self.block[1] - 1)

    def first_vector(self, code: Code, panel: str) -> str:
        """Return the first vector of a panel; of ``n_panels``, the one after all columns."""
        start = code.integer("mul", panel, self.block[1] - 1)
        return code.integer("add", start, code.minimum(panel, self._n_wide))

    @property
    def workspace(self) -> int:
        """Numbers of memory of its own that a call needs: a panel, and a block."""
        rows, vectors = self.block
        return (self._k_at_once + self.lanes + rows) * vectors * self.lanes

    @property
    def _k_at_once(self) -> int:
        row_bytes = self.block[1] * self.target.vector_bytes
        most = int(self.target.l1_bytes * PANEL_SHARE) // row_bytes
        # What is done with finished blocks is done once.
        n_parts = 1 if self.finish else -(-self.k // most)
        return -(-self.k // (n_parts * self.lanes)) * self.lanes

    @property
    def _packs(self) -> bool:
        """Whether panels of B are copied: where each is read again, or lies by columns."""
        return self.b[1] != 1 or self.m > 2 * self.block[0]

    def call(
        self,
        code: Code,
        a: str,
        b: str,
        c: str,
        workspace: str,
        *whole: str,
        more: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Emit a call; ``whole`` are m, k, the first panel and that after the last."""
        pointers = [("ptr", one) for one in (a, b, c, workspace)]
        code.call("void", self.name, [*pointers, *(("i64", one) for one in whole), *more])

    def function(self, more: Sequence[tuple[str, str]] = ()) -> Code:
        """Return the function; ``more`` are further (type, name) pairs of parameters."""
        vectors = self.block[1]
        pointers = [("ptr", name) for name in ("a", "b", "c", "workspace")]
        whole = [("i64", name) for name in ("m", "k", "first", "stop")]
        code = Code(
            self.name,
            [*pointers, *whole, *more],
            self.lanes,
            self.dtype,
            has_fma=self.target.has_fma,
        )
        finish = self.finish(code) if self.finish else None
        with code.loop("%stop", start="%first") as panel:
            if self._n_wide == self.n_panels:
                self._panel(code, panel, vectors, finish)
            else:
                with code.when(code.inst(f"icmp slt i64 {panel}, {self._n_wide}")):
                    self._panel(code, panel, vectors, finish)
                with code.when(code.inst(f"icmp sge i64 {panel}, {self._n_wide}")):
                    self._panel(code, panel, vectors - 1, finish)
        return code

    def _panel(
        self, code: Code, panel: str, vectors: int, finish: Callable[["Tile"], None] | None
    ) -> None:
        """Emit one panel: for each part of k, for each R rows, a block."""
        column = code.integer("mul", self.first_vector(code, panel), self.lanes)
        with code.loop("%k", self._k_at_once) as k_first:
            count = code.minimum(code.integer("sub", "%k", k_first), self._k_at_once)
            source, step = self._rows_of_b(code, k_first, count, column, vectors)
            adds = None
            if self.k > self._k_at_once:
                adds = code.inst(f"icmp sgt i64 {k_first}, 0")
            with code.loop("%m", self.block[0]) as row:
                tile = self._block(
                    code, row, column, (k_first, count), (source, step), adds, vectors
                )
                if finish is not None:
                    finish(tile)

    def _rows_of_b(
        self, code: Code, k_first: str, count: str, column: str, vectors: int
    ) -> tuple[str, int]:
        """Return where the rows of a panel are, and the numbers from one to the next."""
        start = code.integer("mul", k_first, self.b[0])
        first = code.at("%b", code.integer("add", start, code.integer("mul", column, self.b[1])))
        if not self._packs:
            return first, self.b[0]
        step = vectors * self.lanes
        if self.b[1] == 1:
            with code.loop(count) as k:
                source = code.at(first, code.integer("mul", k, self.b[0]))
                target = code.at("%workspace", code.integer("mul", k, step))
                for v in range(vectors):
                    value = code.load(code.at(source, v * self.lanes))
                    code.store(value, code.at(target, v * self.lanes))
            return "%workspace", step
        # Columns of B lie one after the other.
        most = code.integer("sub", self.n - 1, column)
        whole = [("i64", str(one)) for one in (self.b[1], step, count, most)]
        code.call("void", "turn", [("ptr", first), ("ptr", "%workspace"), *whole])
        return "%workspace", step

    def _block(
        self,
        code: Code,
        row: str,
        column: str,
        part: tuple[str, str],
        panel: tuple[str, int],
        adds: str | None,
        vectors: int,
    ) -> "Tile":
        """Emit R rows of C and ``vectors`` vectors of columns, over a part of k."""
        (k_first, count), (source, step), rows = part, panel, self.block[0]
        start = code.integer("mul", row, self.a[0])
        a = code.at("%a", code.integer("add", start, code.integer("mul", k_first, self.a[1])))
        c = code.at("%c", code.integer("add", code.integer("mul", row, self.c), column))
        places = [(r, v) for r in range(rows) for v in range(vectors)]
        sums = {place: code.alloca(code.vector) for place in places}
        for (r, v), total in sums.items():
            value = code.const(0.0)
            if adds is not None:
                before = code.load(code.at(c, r * self.c + v * self.lanes))
                value = code.inst(
                    f"select i1 {adds}, {code.vector} {before}, {code.vector} {value}"
                )
            code.store(value, total)
        with code.loop(count) as k:
            b = code.at(source, code.integer("mul", k, step))
            values = [code.load(code.at(b, v * self.lanes)) for v in range(vectors)]
            a_k = code.at(a, code.integer("mul", k, self.a[1]))
            for r in range(rows):
                factor = code.splat(code.load(code.at(a_k, r * self.a[0]), code.scalar))
                for v, value in enumerate(values):
                    total = sums[r, v]
                    code.store(code.fma(factor, value, code.load(total)), total)
        pointer, stride = c, self.c
        if self.finish is not None:
            size = (self._k_at_once + self.lanes) * self.block[1] * self.lanes
            pointer, stride = code.at("%workspace", size), vectors * self.lanes
        for (r, v), total in sums.items():
            code.store(code.load(total), code.at(pointer, r * stride + v * self.lanes))
        n_rows = code.minimum(code.integer("sub", "%m", row), rows)
        return Tile(pointer, stride, row, column, n_rows, vectors)


def block_for(m: int, n_vectors: int, registers: int) -> tuple[int, int]:
    """Return how many rows and vectors of columns of C are computed at once: R and V.

    The registers hold the sums, V vectors of B and a number of A.
    """

    def cycles(block: tuple[int, int]) -> float:
        rows, vectors = block
        n_panels = -(-n_vectors // vectors)
        n_wide = n_vectors - n_panels * (vectors - 1)
        steps = n_wide * _cycles(rows, vectors)
        if n_wide < n_panels:
            # Two kinds of blocks take twice as long to compile.
            steps += (n_panels - n_wide) * _cycles(rows, vectors - 1)
            steps *= PRICE_OF_TWO
        return -(-m // rows) * steps

    blocks = [
        (rows, vectors)
        for rows in range(1, registers)
        for vectors in _widths(n_vectors)
        if rows * vectors + vectors + 1 < registers
    ]
    # Of equals, the one that reads the fewest numbers of A and B.
    return min(blocks, key=lambda block: (cycles(block), 1 / block[0] + 1 / block[1]))


def _widths(n_vectors: int) -> set[int]:
    """Return in which widths panels can be equally wide, but for one vector."""
    return {-(-n_vectors // -(-n_vectors // most)) for most in range(1, MOST_VECTORS + 1)}


def _cycles(rows: int, vectors: int) -> float:
    """Return how long a step of k takes: its products, or loading what is multiplied."""
    products = max(rows * vectors, FMAS_IN_FLIGHT) / FMAS_PER_CYCLE
    return max(products, (rows + vectors) / LOADS_PER_CYCLE) + CYCLES_PER_STEP


def turn_function(target: Target, dtype: npt.DTypeLike) -> Code:
    """Return ``turn(source, target, stride, step, count, most)``, which products may call.

    It writes ``count`` rows of ``step`` numbers each, whole vectors. Number j of row k is that of
    ``source[j * stride + k]``, and 0 if j is larger than ``most``.
    """
    parameters = [("ptr", name) for name in ("source", "target")]
    parameters += [("i64", name) for name in ("stride", "step", "count", "most")]
    code = Code("turn", parameters, target.lanes(dtype), dtype)
    with code.loop("%count", code.lanes) as k, code.loop("%step", code.lanes) as first:
        square = []
        for lane in range(code.lanes):
            j = code.integer("add", first, lane)
            inside = code.minimum(j, "%most")
            place = code.integer("add", code.integer("mul", inside, "%stride"), k)
            value = code.load(code.at("%source", place))
            is_inside = code.inst(f"icmp sle i64 {j}, %most")
            kinds = f"{code.vector} {value}, {code.vector} {code.const(0.0)}"
            square.append(code.inst(f"select i1 {is_inside}, {kinds}"))
        for i, value in enumerate(transposed(code, square)):
            row = code.integer("mul", code.integer("add", k, i), "%step")
            code.store(value, code.at("%target", code.integer("add", row, first)))
    return code


def transposed(code: Code, rows: list[str]) -> list[str]:
    """Return the columns of a square of numbers, of which each vector is a row."""
    n = len(rows)
    low = [place for i in range(n // 2) for place in (i, n + i)]
    high = [place for i in range(n // 2, n) for place in (i, n + i)]
    for _ in range(int(math.log2(n))):
        pairs = zip(rows[: n // 2], rows[n // 2 :], strict=True)
        rows = [code.shuffle(a, b, half) for a, b in pairs for half in (low, high)]
    return rows
