"""The lowering for samples or members in the lanes of vectors.

A batch is divided into *tiles*, whose intermediate results fit into the nearest cache. For each
group of a schedule there is a loop over units, in blocks, and inside it a loop over the vectors of
the tile: so the weights of a block are loaded once for all samples of a tile, and the block's sums
over the batch stay in registers.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.compiled.ir import POINTERS, Code, vector_of
from rosenblatt.engines.compiled.lowering import BatchCall, Lowering, layout_of
from rosenblatt.engines.compiled.program import Program
from rosenblatt.engines.compiled.random_numbers import folded
from rosenblatt.engines.compiled.scheduling import can_step, schedule
from rosenblatt.engines.compiled.target import Target
from rosenblatt.engines.compiled.tile_code import TileCode
from rosenblatt.engines.compiled.update import update_function

TILE = (
    "params", "tangents", "grads", "rows", "weights", "order", "settings", "workspace",
    "n_rows", "first", "count", "offset", "update", "share", "rate", "penalty",
)  # fmt: skip
"""Parameters of a tile's function: as in a :class:`BatchCall`, but of the tile's own samples, the
first of which is ``offset`` samples behind the batch's."""

UPDATE = "params", "slots", "grads", "settings", "rate", "penalty", "update"
"""Parameters of the update's function."""

NUMBERS = frozenset({"share", "rate", "penalty"})

MOST_UNROLLED = 4
"""Batches of up to this many vectors are one unrolled body, without a loop over vectors."""

MANY = 8
"""Vectors of members of which two are trained together; fewer are left to several cores."""

BUFFER_SHARE = 0.5
"""The part of the nearest cache that a tile's results may fill."""


def lanes_for(
    target: Target, dtype: npt.DTypeLike, batch_size: int, *, members: bool, population: int = 1
) -> int:
    """Return the lanes that fit a batch.

    Short batches have a part of a vector where that leaves fewer lanes empty. Of many members that
    train sample by sample, twice a vector's number are done together: each one waits for its own
    results most of the time.
    """
    lanes = target.lanes(dtype)
    if members:
        return 2 * lanes if batch_size == 1 and population >= MANY * lanes else lanes
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
        width: numbers of which each member has its own, in a vector: the lanes, or 1.
        registers: how many the lanes fill.
        unrolled: the vectors of a batch, if they have no loop, else 0.
        capacity: the most vectors of a tile.
        is_single: whether a batch is one tile.
        stepped: the parameters whose step is taken as soon as their gradient is known.
        runs: the other ones.
        adds: whether sums are added to those of the tiles before.
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
        self.registers = max(1, self.lanes * self.dtype.itemsize // target.vector_bytes)
        self.layout = layout_of(program, 1 if members else self.lanes)
        self.schedule = schedule(program.sums)
        samples_per_vector = 1 if members else self.lanes
        n_vectors = -(-batch_size // samples_per_vector)
        # Sums alone are of any number of samples at once.
        is_short = n_vectors <= MOST_UNROLLED and program.update is not None
        self.unrolled = n_vectors if is_short else 0
        self.capacity = self.unrolled or self._vectors_per_tile(n_vectors)
        self.tile_samples = self.capacity * samples_per_vector
        self.is_single = self.tile_samples >= batch_size and program.update is not None
        can = can_step(self.schedule, program) if members and self.is_single else set()
        runs = self.layout.runs if program.update is not None else ()
        self.runs = [run for run in runs if not can.issuperset(run.names)]
        waiting = {name for run in self.runs for name in run.names}
        self.stepped = can - waiting
        batched, alone = self.schedule.size
        vector_bytes = self.lanes * self.dtype.itemsize
        self.workspace = (batched * self.capacity + alone) * vector_bytes
        self.adds = not self.is_single

    def _vectors_per_tile(self, n_vectors: int) -> int:
        vector_bytes = self.lanes * self.dtype.itemsize
        room = int(self.target.l1_bytes * BUFFER_SHARE)
        most = max(12, room // (max(1, self.schedule.size[0]) * vector_bytes))
        return -(-n_vectors // -(-n_vectors // most))

    def functions(self) -> list[Code]:
        """Return the functions that a batch's code calls."""
        code = self._function("tile", TILE)
        tile = TileCode(self, code)
        tile.emit()
        functions = [code, *tile.tables.values()]
        if self.runs:
            code = self._function("update", UPDATE)
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

    def _function(self, name: str, parameters: tuple[str, ...]) -> Code:
        """Return an empty function, which also gets the keys of random numbers if it is a tile."""
        kinds = [(self._kind(parameter), parameter) for parameter in parameters]
        if name == "tile":
            kinds += [(self._keys, f"key{i}") for i in range(len(self.program.random_paths))]
        return Code(name, kinds, self.lanes, self.dtype, has_fma=self.target.has_fma)

    def _kind(self, name: str) -> str:
        """Return the type of a parameter. A number of each member is a vector."""
        if name in NUMBERS:
            scalar = "double" if self.dtype.itemsize == 8 else "float"
            return vector_of(self.width, scalar)
        return "ptr" if name in POINTERS or name == "order" else "i64"

    @property
    def _keys(self) -> str:
        return vector_of(self.width, "i64")

    def emit_batch(self, code: Code, call: BatchCall) -> None:
        """Emit the work of a batch into the driver's function: its sums, and the update."""
        given = {**vars(call), "offset": "0"}
        keys = [(self._keys, key) for key in self._random_keys(code, call)]

        def call_tile() -> None:
            operands = [(self._kind(name), given[name]) for name in TILE]
            code.call("void", "tile", [*operands, *keys])

        if self.is_single:
            call_tile()
        else:
            with code.loop(call.count, self.tile_samples) as offset:
                left = code.integer("sub", call.count, offset)
                given["first"] = code.integer("add", call.first, offset)
                given["count"] = code.minimum(left, self.tile_samples)
                given["offset"] = offset
                call_tile()
        if self.runs:
            code.call("void", "update", [(self._kind(name), given[name]) for name in UPDATE])
        if self.program.update is not None:
            self._add_statistics(code, call)

    def emit_totals(self, code: Code, grads: str, sums: str) -> None:
        """Emit the results of a program without update: the sums of all batches since zero."""
        width = self.width
        with code.width(width), code.loop(self.layout.n_sums * width, width) as at:
            code.store(code.load(code.at(grads, at)), code.at(sums, at))

    def _random_keys(self, code: Code, call: BatchCall) -> list[str]:
        """Return the keys of the update's random numbers, of each member."""
        keys = []
        for path in self.program.random_paths:
            key = code.load(call.random_keys, self._keys, align=8)
            numbers: tuple[int | str, ...] = call.update, *path
            for number in numbers:
                key = folded(code, key, number, self.width)
            keys.append(key)
        return keys

    def _add_statistics(self, code: Code, call: BatchCall) -> None:
        """Add the batch's means, such as its loss, times its samples to the epoch's sums."""
        width = self.width
        with code.width(width):
            for number, name in enumerate(self.layout.statistics):
                source = code.at(call.grads, self.layout.offsets[name] * width)
                target = code.at(call.sums, number * width)
                count = code.splat(code.inst(f"sitofp i64 {call.count} to {code.scalar}"))
                total = code.op("mul", code.load(source), count)
                code.store(code.op("add", code.load(target), total), target)
                if self.adds:
                    code.store("zeroinitializer" if width > 1 else "0.0", source)
