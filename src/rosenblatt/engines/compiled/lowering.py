"""What lowerings and the driver agree on: the operands of a batch, and the layout of arrays."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.compiled.graph import LoweringError, Node, live
from rosenblatt.engines.compiled.ir import Code
from rosenblatt.engines.compiled.program import Program
from rosenblatt.engines.compiled.target import Target

OWN = frozenset({"param", "grad", "slot"})
"""Leaves of an update that each parameter has its own of."""


@dataclass(frozen=True)
class BatchCall:
    """Operands of the driver's function that the code of one batch uses.

    Numbers of a member (share, rate, penalty) are vectors where members are in the lanes, else
    scalars of the dtype. The others are i64 or pointers, as in :data:`~.ir.FRAME`.

    Attributes:
        first: position of the batch's first sample in the order.
        count: samples in the batch, at least 1.
        update: updates done before.
        share: 1 / N, or 1 / Σw of the batch; 1 for a program whose share is "sum".
        rate: learning rate of the update.
        penalty: α / Σw of the batch.
        n_rows: rows that there are: numbers from one member's order to the next one's.
        order: of this epoch: int32 positions to rows, counted from the beginning of ``rows``.
        sums: statistics of this epoch (training), or the results of all sums (else).
    """

    first: str
    count: str
    update: str
    share: str
    rate: str
    penalty: str
    n_rows: str
    params: str
    slots: str
    grads: str
    tangents: str
    rows: str
    weights: str
    order: str
    random_keys: str
    settings: str
    sums: str
    workspace: str


@dataclass(frozen=True)
class Run:
    """Parameters side by side that have the same update.

    Attributes:
        names: of the parameters.
        start: where they begin.
        stop: where they end, filled up to whole vectors.
        sums: for each sum over the batch that a gradient is made of, where those of ``start`` lie.
    """

    names: tuple[str, ...]
    start: int
    stop: int
    sums: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """Where a program's parameters and sums lie in the arrays of a kernel, in numbers of a member.

    Attributes:
        offsets: where each parameter, and each sum by its name, begins.
        size: length of the array of parameters, and of each slot.
        n_sums: length of the array of sums.
        runs: the parameters by update.
        statistics: the sums that are no parameter's, such as ``loss``, in order.
        shapes: of the parameters.
    """

    offsets: Mapping[str, int]
    size: int
    n_sums: int
    runs: tuple[Run, ...]
    statistics: tuple[str, ...]
    shapes: Mapping[str, tuple[int, ...]]

    @cached_property
    def places(self) -> npt.NDArray[np.int64]:
        """Where the i-th number of all parameters in their own order lies."""
        ranges = [
            np.arange(self.offsets[name], self.offsets[name] + int(np.prod(shape)))
            for name, shape in self.shapes.items()
        ]
        return np.concatenate(ranges) if ranges else np.zeros(0, np.int64)

    @cached_property
    def spans(self) -> tuple[tuple[slice | npt.NDArray[np.int64], slice], ...]:
        """Where the numbers of each parameter lie, and where they are among all in their order.

        A slice is copied faster than places one by one.
        """
        spans: list[tuple[slice | npt.NDArray[np.int64], slice]] = []
        start = 0
        for shape in self.shapes.values():
            mine = slice(start, start + math.prod(shape))
            places = self.places[mine]
            is_slice = len(places) > 0 and bool((np.diff(places) == 1).all())
            at = slice(int(places[0]), int(places[-1]) + 1) if is_slice else places
            spans.append((at, mine))
            start = mine.stop
        return tuple(spans)

    has_views: ClassVar[bool] = False
    """Whether the parameters of the only member are large, and views of a kernel's array."""

    def views(self, array: npt.NDArray[Any]) -> dict[str, npt.NDArray[Any]]:
        """Return the parameters as views of a kernel's array, if they are such; none else."""
        return {}

    def extent(self, name: str) -> int:
        """Return how many numbers a parameter takes, with zeros that fill up its rows."""
        return int(np.prod(self.shapes[name]))


def layout_of(program: Program, unit: int, sizes: Mapping[str, int] | None = None) -> Layout:
    """Return the layout whose runs are filled up to multiples of ``unit`` numbers.

    ``sizes`` are the numbers that each parameter takes, where they are not as many as it has.
    """
    sizes = sizes or {name: int(np.prod(shape)) for name, shape in program.shapes.items()}
    alike: dict[Any, list[str]] = {}
    for name in program.shapes:
        alike.setdefault(_expression(program, name), []).append(name)
    offsets: dict[str, int] = {}
    spans = []
    at = 0
    for names in alike.values():
        start = at
        for name in names:
            offsets[name] = at
            at += sizes[name]
        at = -(-at // unit) * unit
        spans.append((names, start, at))
    size, runs = at, []
    for names, start, stop in spans:
        sums = [start]
        for extra in range(1, len(labels_of(program, names[0]))):
            sums.append(at)
            for name in names:
                label = labels_of(program, name)[extra]
                offsets[label] = at + offsets[name] - start
            at += stop - start
        runs.append(Run(tuple(names), start, stop, tuple(sums)))
    statistics = tuple(name for name in program.sums if name not in offsets)
    for name in statistics:
        if program.sums[name].shape != ():
            raise LoweringError(f"the sum {name}, which is neither a parameter's nor a number")
        offsets[name] = at
        at += 1
    n_sums = -(-at // unit) * unit
    return Layout(offsets, size, n_sums, tuple(runs), statistics, program.shapes)


def labels_of(program: Program, name: str) -> list[str]:
    """Return the names of the sums that a parameter's gradient is made of."""
    return [name, *(label for label in program.sums if label.startswith(f"{name}+"))]


def results_of(program: Program, name: str) -> list[Node]:
    """Return a parameter's new value, and those of its slots."""
    if program.update is None:
        return []
    slots = (by[name] for by in program.update.slots.values())
    return [program.update.params[name], *slots]


def _expression(program: Program, name: str) -> Any:
    """Return what determines a parameter's update: equal for those with the same expression."""
    labels = labels_of(program, name)
    places: dict[Node, int] = {}
    parts = []
    for node in live(results_of(program, name)):
        places[node] = len(places)
        attr = node.attr
        if node.op in OWN:
            *slot, owner = attr if isinstance(attr, tuple) else (attr,)
            if owner not in labels:
                raise LoweringError(f"an update of {name} that depends on {owner}")
            attr = *slot, labels.index(owner)
        parts.append((node.op, tuple(places[arg] for arg in node.args), attr))
    return tuple(parts), len(labels)


class Lowering(ABC):
    """A way of computing the batches of a program.

    Attributes:
        program: what is computed.
        target: the processor.
        dtype: float64 or float32.
        layout: where parameters and sums lie.
        lanes: numbers in a vector.
        members: whether each lane has a member of a population, with its own parameters.
        workspace: bytes of memory that a call needs, aligned to 64.
        exports: functions of its kernel that are called from Python: ``train(frame)``, and
            ``help(frame)`` if other threads can take part.
    """

    exports: ClassVar[tuple[str, ...]] = ("train",)
    program: Program
    target: Target
    dtype: np.dtype[Any]
    layout: Layout
    lanes: int
    members: bool
    workspace: int

    @property
    def width(self) -> int:
        """How many members a kernel trains in one call."""
        return self.lanes if self.members else 1

    @abstractmethod
    def functions(self) -> list[Code]:
        """Return the functions that a batch's code calls."""

    def emit_before(self, code: Code, call: BatchCall) -> None:  # noqa: B027 - nothing by default
        """Emit what is done once, before all batches."""

    @abstractmethod
    def emit_batch(self, code: Code, call: BatchCall) -> None:
        """Emit the work of a batch into the driver's function: its sums, and the update."""

    def emit_after(self, code: Code, call: BatchCall) -> None:  # noqa: B027 - nothing by default
        """Emit what is done once, after all batches."""

    def emit_totals(self, code: Code, grads: str, sums: str) -> None:
        """Emit the results of a program without update: the sums of all batches since zero."""
        raise LoweringError("a program without update")
