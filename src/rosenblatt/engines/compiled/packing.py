"""The arrays of a kernel's call: states of members in the kernel's layout, and back."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.base import Samples, State
from rosenblatt.engines.compiled.build import Kernel
from rosenblatt.engines.compiled.driver import DRAW_LANES
from rosenblatt.engines.compiled.ir import FRAME
from rosenblatt.engines.compiled.lowering import Lowering
from rosenblatt.layers import Params

ALIGNMENT = 64
"""Bytes: the width of the largest vectors, and of a line of the cache."""


def aligned(shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return zeros that begin at a multiple of :data:`ALIGNMENT`."""
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.zeros(n_bytes + ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    return memory[start : start + n_bytes].view(dtype).reshape(shape)


@dataclass(frozen=True)
class Table:
    """The samples of members, one set after the other, as kernels read them.

    Attributes:
        rows: inputs and targets side by side, (rows, D + K).
        weights: of the rows, or None.
        starts: the first row of each set, by the id of its samples.
        samples: the sets, which are kept so that no others get their ids.
    """

    rows: npt.NDArray[Any]
    weights: npt.NDArray[Any] | None
    starts: Mapping[int, int]
    samples: tuple[Samples, ...]

    @classmethod
    def of(cls, samples: Sequence[Samples]) -> "Table":
        """Return the table of distinct sets, which all have weights or all have none."""
        rows = [np.concatenate([one.x, one.targets], axis=1, dtype=one.x.dtype) for one in samples]
        weights = [one.sample_weight for one in samples if one.sample_weight is not None]
        ends = accumulate((len(one) for one in samples), initial=0)
        return cls(
            rows=rows[0] if len(rows) == 1 else np.concatenate(rows),
            weights=np.concatenate(weights) if weights else None,
            starts=dict(zip(map(id, samples), ends, strict=False)),
            samples=tuple(samples),
        )


class Arrays:
    """The memory of one group of members: what a kernel reads and writes.

    Args:
        lowering: of the kernel.
        n_rows: samples of a member.

    Attributes:
        n_members: members that the kernel trains together: its lanes, or 1.
    """

    def __init__(self, lowering: Lowering, n_rows: int) -> None:
        program, layout, dtype = lowering.program, lowering.layout, lowering.dtype
        self.lowering, self.n_rows = lowering, n_rows
        self.n_members = width = lowering.width
        # A vector more, for what is read or written behind the last number.
        self.params = aligned((layout.size + lowering.lanes, width), dtype)
        self.slots = aligned((len(program.slot_names) * layout.size + 1, width), dtype)
        self._grads = aligned((layout.n_sums + lowering.lanes, width), dtype)
        self.workspace = aligned((lowering.workspace + ALIGNMENT,), np.uint8)
        self._orders = aligned((width * n_rows + n_rows + 4 * DRAW_LANES,), np.int32)
        self._frame = np.zeros(len(FRAME), np.int64)
        self._starts: list[int] | None = None  # of the rows that ``orders`` has as they are
        self._kept: dict[str, npt.NDArray[Any]] = {}
        self.give(
            params=self.params,
            slots=self.slots,
            grads=self._grads,
            workspace=self.workspace,
            orders=self._orders,
            n_rows=n_rows,
        )

    def give(self, **fields: Any) -> None:
        """Set fields of the frame: arrays, which must be contiguous, or whole numbers."""
        for name, value in fields.items():
            if isinstance(value, np.ndarray):
                self._kept[name] = value  # it lives as long as the frame points to it
                value = _address(value)
            self._frame[_PLACES[name]] = value

    def give_orders(self, orders: npt.NDArray[np.int32]) -> None:
        """Set the orders, (epochs, members, rows)."""
        self.give(orders=orders, order_stride=self.n_members * self.n_rows)

    def shuffle(self, starts: Sequence[int]) -> None:
        """Let the kernel shuffle each member's rows, which begin at ``starts``."""
        self._starts = None
        first_rows = self.per_member(starts, np.int64)
        self.give(orders=self._orders, order_stride=0, shuffles=1, first_rows=first_rows)

    def take_in_order(self, starts: Sequence[int]) -> None:
        """Let the kernel take each member's rows as they are, from ``starts`` on."""
        starts = self.repeated(starts)
        if self._starts != starts:
            self._starts = starts
            rows = np.arange(self.n_rows, dtype=np.int32)
            orders = self._orders[: self.n_members * self.n_rows]
            orders.reshape(self.n_members, -1)[:] = np.array(starts, np.int32)[:, np.newaxis] + rows
        self.give(orders=self._orders, order_stride=0, shuffles=0)

    @property
    def frame(self) -> int:
        """The address of the frame, for the kernel."""
        return _address(self._frame)

    def put_states(self, states: Sequence[State]) -> None:
        """Lay out the states of members; lanes that are left over repeat the first."""
        if not self.lowering.layout.has_views:
            self.put_numbers(numbers_of(states, self.lowering))
            return
        state = states[0]
        slots = (state.slots[name] for name in self.lowering.program.slot_names)
        for array, values in zip(self._all(), (state.params, *slots), strict=True):
            for name, view in self.lowering.layout.views(array).items():
                view[:] = values[name].reshape(view.shape)

    def per_member(self, values: Sequence[Any], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """Return an array with a value for each lane."""
        return in_lanes(values, dtype, self.lowering)

    def state(self, update: int) -> State:
        """Return the state of the only member after ``update`` updates, if there are views."""
        params, *slots = (
            {
                name: view.copy().reshape(self.lowering.program.shapes[name])
                for name, view in self.lowering.layout.views(array).items()
            }
            for array in self._all()
        )
        return State(
            params, dict(zip(self.lowering.program.slot_names, slots, strict=True)), update
        )

    def put_numbers(self, numbers: Sequence[npt.NDArray[Any]]) -> None:
        """Lay out the numbers of members, (P, members): parameters, then each slot."""
        spans, count = self.lowering.layout.spans, numbers[0].shape[1]
        for array, values in zip(self._all(), numbers, strict=True):
            for place, mine in spans:
                array[place, :count] = values[mine]
                if count < self.n_members:
                    array[place, count:] = values[mine, :1]

    def take_numbers(self, numbers: Sequence[npt.NDArray[Any]]) -> None:
        """Read the numbers of members, as :meth:`put_numbers` takes them."""
        spans, count = self.lowering.layout.spans, numbers[0].shape[1]
        for array, values in zip(self._all(), numbers, strict=True):
            for place, mine in spans:
                values[mine] = array[place, :count]

    def _all(self) -> list[npt.NDArray[Any]]:
        """Return the memory of the parameters, and of each slot."""
        size = self.lowering.layout.size
        starts = range(0, len(self.lowering.program.slot_names) * size, size)
        return [self.params, *(self.slots[start : start + size] for start in starts)]

    def clear_sums(self) -> None:
        """Set the sums over a batch to 0, as they are between batches."""
        self._grads[:] = 0

    def repeated(self, values: Sequence[Any]) -> list[Any]:
        """Return the members' values, with the first again for lanes that are left over."""
        return _repeated(values, self.n_members)


_PLACES = {name: place for place, name in enumerate(FRAME)}


def _address(array: npt.NDArray[Any]) -> int:
    # Four times as fast as array.ctypes.data.
    address: int = array.__array_interface__["data"][0]
    return address


def in_lanes(values: Sequence[Any], dtype: npt.DTypeLike, lowering: Lowering) -> npt.NDArray[Any]:
    """Return an array with a value for each lane of a kernel that trains these members."""
    return np.array(_repeated(values, lowering.width), dtype=dtype)


def settings_in_lanes(numbers: npt.NDArray[np.float64], lowering: Lowering) -> npt.NDArray[Any]:
    """Return the settings (settings, members) with a value for each lane, as whole vectors."""
    settings = aligned((len(numbers), lowering.width), lowering.dtype)
    for lanes, values in zip(settings, numbers.tolist(), strict=True):
        lanes[:] = _repeated(values, lowering.width)
    return settings


def _repeated(values: Sequence[Any], width: int) -> list[Any]:
    return [*values, *[values[0]] * (width - len(values))]


def sums_of(
    arrays: Arrays,
    kernel: Kernel,
    members: npt.NDArray[Any],
    table: Table,
    first_row: int,
    tangents: npt.NDArray[Any] | None,
) -> npt.NDArray[Any]:
    """Return the sums of a program without update over the rows of a call, (members, sums).

    ``members`` and ``tangents`` are (members, P), all parameters in their own order.
    """
    layout, dtype = arrays.lowering.layout, arrays.lowering.dtype
    for name, values in (("params", members), ("tangents", tangents)):
        if values is not None:
            packed = aligned((len(values), layout.size), dtype)
            packed[:, layout.places] = values
            arrays.give(**{name: packed})
    sums = np.zeros((len(members), layout.n_sums), dtype)
    arrays.take_in_order([first_row])
    arrays.give(rows=table.rows, sums=sums, n_epochs=len(members), stop_row=arrays.n_rows)
    if table.weights is not None:
        arrays.give(weights=table.weights)
    kernel(arrays.frame)
    return sums


def flat(members: Sequence[Params], names: Iterable[str]) -> npt.NDArray[Any]:
    """Return the parameters of each member one after the other, (n, members)."""
    count = len(members)
    return np.concatenate(
        [np.array([one[name] for one in members]).reshape(count, -1).T for name in names]
    )


def numbers_of(states: Sequence[State], lowering: Lowering) -> list[npt.NDArray[Any]]:
    """Return the parameters of members and each of their slots, (P, members) each."""
    names, shapes = lowering.program.slot_names, lowering.program.shapes
    slots = ([state.slots[name] for state in states] for name in names)
    return [flat(members, shapes) for members in ([state.params for state in states], *slots)]


def states_of(numbers: Sequence[npt.NDArray[Any]], lowering: Lowering, update: int) -> list[State]:
    """Return the states that have these numbers, as :func:`numbers_of` returns them."""
    params, *slots = (by_name(values, lowering.program.shapes) for values in numbers)
    names = lowering.program.slot_names
    return [
        State(member, dict(zip(names, mine, strict=True)), update)
        for member, *mine in zip(params, *slots, strict=True)
    ]


def by_name(numbers: npt.NDArray[Any], shapes: Mapping[str, tuple[int, ...]]) -> list[Params]:
    """Return the parameters of each member by name, from (P, members)."""
    rows, parts, start = np.ascontiguousarray(numbers.T), [], 0
    for shape in shapes.values():
        stop = start + math.prod(shape)
        parts.append([*rows[:, start:stop].reshape(-1, *shape)])
        start = stop
    return [dict(zip(shapes, values, strict=True)) for values in zip(*parts, strict=True)]
