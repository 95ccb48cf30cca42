"""The lowering for one member and small batches: the units of a layer fill the lanes of vectors.

Samples are computed one at a time. A weight matrix lies in memory by rows, those of its inputs or
those of its outputs: a product with it is a sum of its rows in the one direction, and a sum of
lanes for each row in the other. Parameters of small networks are variables, which LLVM keeps in
registers from one sample to the next; of larger ones, loops run over the rows, and the same loop
computes a row's part of dx and takes the row's step.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.compiled.graph import LoweringError, live
from rosenblatt.engines.compiled.ir import Code
from rosenblatt.engines.compiled.lowering import BatchCall, Lowering
from rosenblatt.engines.compiled.program import Program
from rosenblatt.engines.compiled.target import Target
from rosenblatt.engines.compiled.unit_code import Memory, Sample
from rosenblatt.engines.compiled.unit_plan import UnitPlan
from rosenblatt.engines.compiled.update import update_function

MOST_SAMPLES = {8: 3, 4: 4}
"""Samples of a batch up to which units are faster than tiles, by the bytes of a number."""

MANY_PARAMETERS = 1024
"""Parameters from which on it is twice as many in float32: tiles have more sums over lanes then."""

CACHE_SHARE = 1.25
"""The size of parameters, in sizes of the nearest cache, from which on only single samples are:
each sample of a batch reads all of them."""


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

    Raises:
        LoweringError: an operation has no units that fill lanes.
    """

    members = False
    workspace = 0

    def __init__(
        self, program: Program, target: Target, dtype: npt.DTypeLike, batch_size: int
    ) -> None:
        if program.update is None:
            raise LoweringError("a program without update, sample by sample")
        leaves = {node.op for node in live(program.outputs)}
        if "total" in leaves and batch_size > 1:
            raise LoweringError("a division by a sum, sample by sample")
        if "loss" in program.sums and "penalty" in leaves:
            raise LoweringError("sums of losses with a penalty, sample by sample")
        self.program, self.target, self.is_single = program, target, batch_size == 1
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self.lanes = target.lanes(dtype)
        self.plan = UnitPlan(program, target, self.lanes, is_single=self.is_single)
        self.layout = self.plan.layout
        self._variables: dict[Any, str] = {}

    def functions(self) -> list[Code]:
        """Return the functions that a batch's code calls."""
        if self.is_single or self.plan.is_held:
            return []
        scalar = "double" if self.dtype.itemsize == 8 else "float"
        parameters = [("ptr", name) for name in ("params", "slots", "grads", "settings")]
        parameters += [(scalar, "rate"), (scalar, "penalty"), ("i64", "update")]
        code = Code("update", parameters, self.lanes, self.dtype, has_fma=self.target.has_fma)
        runs = self.layout.runs
        return [update_function(self.program, self.layout, runs, code, members=False, clears=True)]

    def emit_before(self, code: Code, call: BatchCall) -> None:
        """Emit, before all batches, the loads of parameters into variables."""
        self._variables = {}
        self._memory(code, call).load_all()

    def emit_after(self, code: Code, call: BatchCall) -> None:
        """Emit, after all batches, the stores of the variables."""
        self._memory(code, call).store_all()

    def emit_batch(self, code: Code, call: BatchCall) -> None:
        """Emit the work of a batch: the gradients of each sample, and the update."""
        memory = self._memory(code, call)
        if self.is_single:
            Sample(memory, call.first, "0").emit()
            return
        memory.clear_sums()
        with code.loop(call.count) as i:
            Sample(memory, code.integer("add", call.first, i), i).emit()
        if self.plan.is_held:
            Sample(memory).emit_update()
            return
        numbers = [(code.scalar, call.rate), (code.scalar, call.penalty), ("i64", call.update)]
        pointers = (call.params, call.slots, call.grads, call.settings)
        code.call("void", "update", [*(("ptr", p) for p in pointers), *numbers])

    def _memory(self, code: Code, call: BatchCall) -> Memory:
        return Memory(self.plan, code, call, self._variables)


def is_in_units(program: Program, target: Target, dtype: npt.DTypeLike, batch_size: int) -> bool:
    """Return whether one member's batches of this size are computed faster in units than in tiles.

    :class:`Units` may still refuse the program.
    """
    n_params = sum(math.prod(shape) for shape in program.shapes.values())
    n_bytes = np.dtype(dtype).itemsize
    most = MOST_SAMPLES[n_bytes]
    if n_params * n_bytes > target.l1_bytes * CACHE_SHARE:
        most = 1
    elif n_params >= MANY_PARAMETERS and n_bytes == 4:
        most *= 2
    return program.update is not None and batch_size <= min(most, target.lanes(dtype))
