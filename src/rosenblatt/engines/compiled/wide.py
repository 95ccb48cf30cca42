"""The lowering for wide layers: matrix products over whole batches, and loops between them.

Samples are rows, units are in the lanes. The work of a batch is divided into stages, each of which
all threads do together (:mod:`.stages`, :mod:`.team`); :mod:`.rows` has the code of a stage. The
gradient of a weight matrix is a product of the last stages, and each block of it takes the
optimizer's step as soon as it is finished.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.compiled.graph import Node, Shape, live
from rosenblatt.engines.compiled.ir import Code
from rosenblatt.engines.compiled.lowering import BatchCall, Layout, Lowering, labels_of, layout_of
from rosenblatt.engines.compiled.products import Product, Tile, turn_function
from rosenblatt.engines.compiled.program import Program
from rosenblatt.engines.compiled.rewriting import rewritten
from rosenblatt.engines.compiled.rows import CONTEXT, Stage, kind_of
from rosenblatt.engines.compiled.stages import Stages, is_sum, seen
from rosenblatt.engines.compiled.target import Target
from rosenblatt.engines.compiled.team import BOARD_SIZE, MOST_THREADS, team_functions

MOST_SAMPLES = 256
"""So many samples are worked on at once, that what layers put out stays in the second cache."""
MOST_ROWS_OF_BLOCK = 32
"""Products read and write at most this number of rows after the last sample."""


@dataclass(frozen=True)
class PaddedLayout(Layout):
    """A layout in which the rows of a matrix are whole vectors long; zeros fill them up."""

    lanes: int = 1

    @classmethod
    def of(cls, program: Program, lanes: int) -> "PaddedLayout":
        """Return the layout of a program's parameters and sums."""
        plain = layout_of(program, lanes)  # which also refuses what it cannot hold
        offsets: dict[str, int] = {}
        at = size = 0
        for name in dict.fromkeys([*program.shapes, *plain.offsets]):
            shape = program.shapes.get(name.split("+")[0], ())
            offsets[name] = at
            at += math.prod(shape[:-1]) * padded(shape, lanes)
            size = at if name in program.shapes else size
        return cls(offsets, size, at, (), plain.statistics, program.shapes, lanes)

    @cached_property
    def places(self) -> npt.NDArray[np.int64]:
        """Where the i-th number of all parameters in their own order lies."""
        places = [np.zeros(0, np.int64)]
        for name, shape in self.shapes.items():
            rows = np.arange(math.prod(shape[:-1])) * padded(shape, self.lanes)
            columns = np.arange(shape[-1] if shape else 1)
            places.append((self.offsets[name] + rows[:, np.newaxis] + columns).ravel())
        return np.concatenate(places)

    has_views = True

    def views(self, array: npt.NDArray[Any]) -> dict[str, npt.NDArray[Any]]:
        """Return each parameter as a view, of a row for each row of a matrix."""
        views = {}
        for name, shape in self.shapes.items():
            start, stride = self.offsets[name], padded(shape, self.lanes)
            rows = array[start : start + self.extent(name), 0].reshape(-1, stride)
            views[name] = rows[:, : shape[-1] if shape else 1]
        return views

    def extent(self, name: str) -> int:
        """Return how many numbers a parameter takes, with zeros that fill up its rows."""
        shape = self.shapes[name]
        return math.prod(shape[:-1]) * padded(shape, self.lanes)


def padded(shape: tuple[int, ...], lanes: int) -> int:
    """Return the length of a row, filled up to whole vectors."""
    return -(-(shape[-1] if shape else 1) // lanes) * lanes


class Wide(Lowering):
    """A program's batches with units in the lanes, samples one after the other.

    Args:
        program: what is computed.
        target: the processor.
        dtype: float64 or float32.
        batch_size: the most samples of a batch.

    Attributes:
        layout: where parameters and sums lie.
        workspace: bytes of memory that a call needs, aligned to 64.
        lanes: numbers in a vector.

    Raises:
        LoweringError: the program has other products than of samples and matrices, or arrays of
            several axes.
    """

    exports = "train", "help"
    members = False

    def __init__(
        self, program: Program, target: Target, dtype: npt.DTypeLike, batch_size: int
    ) -> None:
        self.program, self.target = program, target
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self.lanes = target.lanes(dtype)
        self.layout = PaddedLayout.of(program, self.lanes)
        n_parts = -(-batch_size // MOST_SAMPLES)
        self.samples = -(-batch_size // n_parts)
        # Of a program without update, a batch may have any number of samples.
        self.is_whole = n_parts == 1 and program.update is not None
        self.sums = rewritten(program.sums)
        self.stages = Stages(self.sums, self.lanes, self.samples + MOST_ROWS_OF_BLOCK)
        self.stepping = self._stepping()
        self.update_stage: int | None = None
        self.work = self._work()
        matrices = [node for node in self.stages.nodes if node.op == "matmul"]
        self.products = {node: self._product(node) for node in matrices}
        most = max((product.workspace for product in self.products.values()), default=0)
        self.scratch = -(-most // 64) * 64
        self.numbers = -(-8 * (BOARD_SIZE + len(CONTEXT)) // 64) * 64
        """Where numbers begin in the workspace, in bytes."""
        count = self.stages.size + MOST_THREADS * self.scratch
        self.workspace = self.numbers + count * self.dtype.itemsize

    def _stepping(self) -> set[str]:
        """Return the parameters that take their step where their gradient, one sum, is computed."""
        update = self.program.update
        if not self.is_whole or update is None:
            return set()
        if any(node.op == "total" for node in live(update.params.values())):
            return set()  # The step needs another sum of the whole batch.
        return {name for name in self.program.shapes if labels_of(self.program, name) == [name]}

    def _work(self) -> dict[int, list[Any]]:
        """Return what is done in each stage: results, sums by label, and updates."""
        stages, program = self.stages, self.program
        work: dict[int, list[Any]] = {0: []}
        for node in stages.nodes:
            if node.batched and stages.stage[node] > 0:
                work.setdefault(stages.stage[node], []).append(node)
        for label, node in self.sums.items():
            stage = stages.stage[seen(node)]
            if label in self.stepping:
                # Nobody may read a parameter after its step.
                stage = max([stage, *(last + 2 - last % 2 for last in stages.readers(label))])
            work.setdefault(stage, []).append(label)
        late = [name for name in program.shapes if name not in self.stepping]
        if program.update is not None and late:
            self.update_stage = max(work) + 2 - max(work) % 2
            work[self.update_stage] = [("update", name) for name in late]
        return dict(sorted(work.items()))

    def _product(self, node: Node) -> Product:
        a, b = (seen(arg) for arg in node.args[:2])
        places, common = self.stages.places, (f"product{node.id}", self.target, self.dtype)
        if not is_sum(node):
            step = padded((seen(b.args[0]) if b.op == "T" else b).shape, self.lanes)
            sizes = self.samples, node.shape[1], b.shape[0]
            strides = (places[a].stride, 1), (1, step) if b.op == "T" else (step, 1)
            return Product(*common, *sizes, *strides, places[node].stride)
        label = next(name for name, total in self.sums.items() if seen(total) is node)
        strides = (1, places[seen(a.args[0])].stride), (places[b].stride, 1)
        sizes = node.shape[0], node.shape[1], self.samples
        return Product(*common, *sizes, *strides, finish=self._finish(label, node.shape))

    def _finish(self, label: str, shape: Shape) -> Callable[[Code], Callable[[Tile], None]]:
        """Return what is done with a block of a gradient: a step, or adding it to the sums."""
        stride = padded(shape, self.lanes)

        def begin(code: Code) -> Callable[[Tile], None]:
            stage = Stage(self, code)
            stage.prepare_step(label)

            def finish(tile: Tile) -> None:
                with code.loop(tile.n_rows) as i:
                    row = code.integer("mul", code.integer("add", tile.row, i), stride)
                    at = code.integer("add", row, tile.column)
                    values = code.at(tile.pointer, code.integer("mul", i, tile.stride))
                    for v in range(0, tile.vectors * self.lanes, self.lanes):
                        stage.take(label, code.integer("add", at, v), code.load(code.at(values, v)))

            return finish

        return begin

    def functions(self) -> list[Code]:
        """Return the functions that a batch's code calls."""
        board, whole = ("ptr", "board"), [("i64", name) for name in ("stage", "part", "parts")]
        part = Code("part", [board, *whole], 1, self.dtype)
        stages = []
        for number in self.work:
            code = Code(
                f"stage{number}",
                [board, *whole[1:]],
                self.lanes,
                self.dtype,
                has_fma=self.target.has_fma,
            )
            stages.append(Stage(self, code).emit(number))
            with part.when(part.inst(f"icmp eq i64 %stage, {number}")):
                arguments = [("ptr", "%board"), ("i64", "%part"), ("i64", "%parts")]
                part.call("void", code.name, arguments)
        products = [
            product.function([board] if product.finish else [])
            for product in self.products.values()
        ]
        turns = any(product.b[1] != 1 for product in self.products.values())
        turning = [turn_function(self.target, self.dtype)] if turns else []
        trains = self.program.update is not None
        team = team_functions(self.dtype, self.target.architecture, trains=trains)
        return [*turning, *products, *stages, part, *team]

    def emit_batch(self, code: Code, call: BatchCall) -> None:
        """Emit the work of a batch into the driver's function: its sums, and the update."""
        if self.is_whole:
            self._emit_samples(code, call, "0", call.count)
        else:
            with code.loop(call.count, self.samples) as offset:
                count = code.minimum(code.integer("sub", call.count, offset), self.samples)
                self._emit_samples(code, call, offset, count)
            if self.update_stage is not None:
                self._share(code, call, self.update_stage)
        statistics = self.layout.statistics if self.program.update else ()
        with code.width(1):
            for number, name in enumerate(statistics):
                total = code.load(code.at(call.grads, self.layout.offsets[name]))
                count = code.inst(f"sitofp i64 {call.count} to {code.scalar}")
                target = code.at(call.sums, number)
                code.store(code.op("add", code.load(target), code.op("mul", total, count)), target)

    def emit_totals(self, code: Code, grads: str, sums: str) -> None:
        """Emit the results of a program without update: the sums of all batches since zero."""
        with code.loop(self.layout.n_sums, self.lanes) as at:
            code.store(code.load(code.at(grads, at)), code.at(sums, at))

    def _emit_samples(self, code: Code, call: BatchCall, offset: str, count: str) -> None:
        """Emit the stages of some samples of a batch."""
        values = {
            "first": code.integer("add", call.first, offset),
            "count": count,
            "offset": offset,
        }
        for number, name in enumerate(CONTEXT):
            place = code.at(call.workspace, BOARD_SIZE + number, "i64")
            value = values.get(name) or getattr(call, name)
            code.store(value, place, kind_of(name, code), align=8)
        for stage in self.work:
            if self.is_whole or stage != self.update_stage:
                self._share(code, call, stage)

    def _share(self, code: Code, call: BatchCall, stage: int) -> None:
        code.call("void", "share", [("ptr", call.workspace), ("i64", str(stage))])
