"""Samples in the code of a tile: their rows, shares and random numbers, in the lanes."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.engines.compiled.affine import Index, Indices, flat
from rosenblatt.engines.compiled.graph import Node
from rosenblatt.engines.compiled.ir import Code, vector_of
from rosenblatt.engines.compiled.program import Program
from rosenblatt.engines.compiled.random_numbers import uniform, word
from rosenblatt.engines.compiled.scopes import Scopes
from rosenblatt.engines.compiled.transposition import columns_of, gathered

BLOCK = 4
"""Columns of samples that are gathered together."""


@dataclass(frozen=True)
class Pass:
    """Vectors of a tile that are computed together.

    Attributes:
        first: the number of the first vector.
        vectors: how many there are.
        is_full: whether all lanes are known to have a sample.
    """

    first: Index
    vectors: int
    is_full: bool


class Samples:
    """Leaves of a graph that belong to samples, as a vector for each vector of a pass.

    Args:
        code: the function of a tile, with its parameters.
        scopes: what the code has at hand.
        program: whose samples they are.
        members: whether each lane has a member, and all lanes a sample of the same position.
    """

    def __init__(self, code: Code, scopes: Scopes, program: Program, *, members: bool) -> None:
        self._code, self._scopes, self._program = code, scopes, program
        self._members = members
        self.are_used = False  # whether samples, or their number, were asked for
        self._orders = [code.at("%order", "%first", "i32")] * code.lanes
        for lane in range(1, code.lanes if members else 1):
            start = code.integer("mul", "%n_rows", lane)
            self._orders[lane] = code.at(self._orders[0], start, "i32")

    def column(self, node: Node, indices: Indices, at: Pass) -> list[str]:
        """Return a column of the inputs or the targets."""
        n_inputs, n_outputs = self._program.n_inputs, self._program.n_outputs
        column = flat(node.shape, indices) + (n_inputs if node.op == "y" else 0)
        return self._gathered("%rows", n_inputs + n_outputs, column, at)

    def share(self, node: Node, indices: Indices, at: Pass) -> list[str]:
        """Return the share of each sample, or 1 for "valid": 0 in lanes without a sample."""
        code = self._code
        values = [code.const(1.0)]
        if node.op == "share":
            values = ["%share" if self._members else code.splat("%share")]
            if self._program.is_weighted:
                weights = self._gathered("%weights", 1, Index(), at)
                values = [code.op("mul", values[0], weight) for weight in weights]
        self.are_used = True
        if at.is_full:
            return values
        zero = code.const(0.0)
        values = values * (at.vectors // len(values))
        return [code.select(self._mask(at, v), value, zero) for v, value in enumerate(values)]

    def uniform(self, node: Node, indices: Indices, at: Pass) -> list[str]:
        """Return random numbers, or whether they reach a bound: SplitMix64 of sample and unit."""
        code, lanes = self._code, self._code.lanes
        path, least = node.attr if node.op == "uniform_ge" else (node.attr, None)
        key = f"%key{self._program.random_paths.index(path)}"
        key = key if self._members else code.splat(key, "i64")
        kind, width = vector_of(lanes, "i64"), int(np.prod(node.units))
        unit = self._scopes.operand(flat(node.shape, indices) + 1)
        found = []
        for v in range(at.vectors):
            number = code.integer("add", "%offset", self._sample(at, v))
            number = code.integer("add", code.integer("mul", number, width), unit)
            numbers = code.splat(number, "i64")
            if not self._members and lanes > 1:
                steps = ", ".join(f"i64 {lane * width}" for lane in range(lanes))
                numbers = code.inst(f"add {kind} {numbers}, <{steps}>")
            if not at.is_full:
                # Others than the last sample's would make NaN where no sample has it.
                last = code.integer("sub", code.integer("add", "%offset", "%count"), 1)
                last = code.integer("add", code.integer("mul", last, width), unit)
                suffix = "i64" if lanes == 1 else f"v{lanes}i64"
                limits = [(kind, numbers), (kind, code.splat(last, "i64"))]
                numbers = code.call(kind, f"llvm.umin.{suffix}", limits)
            found.append(uniform(code, word(code, key, numbers, lanes), least))
        return found

    def _sample(self, at: Pass, v: int, lane: int = 0) -> int | str:
        """Return the number of a sample in the tile."""
        number = at.first + v
        return self._scopes.operand(number if self._members else number * self._code.lanes + lane)

    def _mask(self, at: Pass, v: int) -> str:
        """Return which lanes of a vector have a sample."""
        code, bits = self._code, self._code.bits
        first, count = str(self._sample(at, v)), "%count"
        if bits == 32:
            count = code.inst(f"trunc i64 {count} to i32")
            first = code.inst(f"trunc i64 {first} to i32")
        samples = code.splat(first, f"i{bits}")
        if not self._members and code.lanes > 1:
            lanes = ", ".join(f"i{bits} {lane}" for lane in range(code.lanes))
            samples = code.inst(f"add {code.ints} {samples}, <{lanes}>")
        return code.inst(f"icmp slt {code.ints} {samples}, {code.splat(count, f'i{bits}')}")

    def _gathered(self, base: str, stride: int, column: Index, at: Pass) -> list[str]:
        """Return one number of each sample from an array with ``stride`` numbers for each."""
        self.are_used = True
        code, scopes = self._code, self._scopes
        rows = self._rows(base, stride, at)
        first = Index(column.offset // BLOCK * BLOCK, column.terms)
        is_aligned = all(factor % BLOCK == 0 for _, factor in first.terms)
        if not is_aligned or first.most + BLOCK > stride or code.lanes < BLOCK:
            return [gathered(code, pointers, scopes.operand(column)) for pointers in rows]
        key = "columns", base, first, at
        columns = scopes.recall(key)
        if columns is None:
            start = scopes.operand(first)
            columns = [
                columns_of(code, [code.at(pointer, start) for pointer in pointers], BLOCK)
                for pointers in rows
            ]
            scopes.keep(key, columns)
        return [one[column.offset % BLOCK] for one in columns]

    def _rows(self, base: str, stride: int, at: Pass) -> list[list[str]]:
        """Return the pointer of each lane's sample, for each vector."""
        key = "rows", base, at
        rows = self._scopes.recall(key)
        if rows is None:
            rows = [
                [self._row(base, stride, at, v, lane) for lane in range(self._code.lanes)]
                for v in range(at.vectors)
            ]
            self._scopes.keep(key, rows)
        return rows

    def _row(self, base: str, stride: int, at: Pass, v: int, lane: int) -> str:
        code = self._code
        sample = self._sample(at, v, lane)
        if not at.is_full:  # Lanes that are left over repeat the last sample.
            sample = code.minimum(sample, code.integer("sub", "%count", 1))
        row = code.load(code.at(self._orders[lane], sample, "i32"), "i32", align=4)
        number = code.inst(f"zext i32 {row} to i64")
        return code.at(base, code.integer("mul", number, stride))
