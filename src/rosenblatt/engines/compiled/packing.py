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
        self.n_members = width = lowering.lanes if lowering.members else 1
        # A vector more, for what is read or written behind the last number.
        self.params = aligned((layout.size + lowering.lanes, width), dtype)
        self.slots = aligned((len(program.slot_names) * layout.size + 1, width), dtype)
        self._grads = aligned((layout.n_sums + lowering.lanes, width), dtype)
        self.workspace = aligned((lowering.workspace + ALIGNMENT,), np.uint8)
        self._orders = aligned((width * n_rows + n_rows + 4 * DRAW_LANES,), np.int32)
        self._frame = np.zeros(len(FRAME), np.int64)
        self._starts: list[int] | None = None  # of the rows that ``orders`` has as they are
        self._kept: dict[str, npt.NDArray[Any]] = {}
        self._point_to(
            params=self.params,
            slots=self.slots,
            grads=self._grads,
            workspace=self.workspace,
            orders=self._orders,
        )
        self._put(n_rows=n_rows)

    def give(self, **fields: Any) -> None:
        """Set fields of the frame: arrays, which must be contiguous, or whole numbers."""
        arrays = {name: value for name, value in fields.items() if isinstance(value, np.ndarray)}
        self._point_to(**arrays)
        self._put(**{name: value for name, value in fields.items() if name not in arrays})

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
        self.put_params([state.params for state in states])
        size = self.lowering.layout.size
        for number, name in enumerate(self.lowering.program.slot_names):
            slot = self.slots[number * size : (number + 1) * size]
            self._put_members(slot, [state.slots[name] for state in states])

    def put_params(self, members: Sequence[Params]) -> None:
        """Lay out the parameters of members."""
        self._put_members(self.params, members)

    def per_member(self, values: Sequence[Any], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """Return an array with a value for each lane."""
        return np.array(self.repeated(values), dtype=dtype)

    def settings_in_lanes(self, numbers: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
        """Return the settings (settings, members) with a value for each lane, as whole vectors."""
        settings = aligned((len(numbers), self.n_members), self.lowering.dtype)
        for lanes, values in zip(settings, numbers.tolist(), strict=True):
            lanes[:] = self.repeated(values)
        return settings

    def states(self, count: int, update: int) -> list[State]:
        """Return the states of the first ``count`` members after ``update`` updates."""
        size = self.lowering.layout.size
        names = self.lowering.program.slot_names
        params = self._members(self.params, count)
        slots = [
            self._members(self.slots[number * size : (number + 1) * size], count)
            for number in range(len(names))
        ]
        return [
            State(
                params=params[member],
                slots={name: slot[member] for name, slot in zip(names, slots, strict=True)},
                update=update,
            )
            for member in range(count)
        ]

    def are_finite(self, count: int) -> bool:
        """Return whether all parameters of the first ``count`` members are finite."""
        if views := self.lowering.layout.views(self.params):
            return all(bool(np.isfinite(view).all()) for view in views.values())
        return bool(np.isfinite(self.params[self.lowering.layout.places, :count]).all())

    def clear_sums(self) -> None:
        """Set the sums over a batch to 0, as they are between batches."""
        self._grads[:] = 0

    def repeated(self, values: Sequence[Any]) -> list[Any]:
        """Return the members' values, with the first again for lanes that are left over."""
        return [*values, *[values[0]] * (self.n_members - len(values))]

    def _put_members(self, array: npt.NDArray[Any], members: Sequence[Params]) -> None:
        places, views = self.lowering.layout.places, self.lowering.layout.views(array)
        for name, view in views.items():
            view[:] = members[0][name].reshape(view.shape)
        if views:
            return
        columns = flat(members, self.lowering.program.shapes)
        array[places, : len(members)] = columns
        array[places, len(members) :] = columns[:, :1]

    def _members(self, array: npt.NDArray[Any], count: int) -> list[Params]:
        shapes, views = self.lowering.program.shapes, self.lowering.layout.views(array)
        if views:
            return [{name: view.copy().reshape(shapes[name]) for name, view in views.items()}]
        columns = np.ascontiguousarray(array[self.lowering.layout.places, :count].T)
        return [named(row, self.lowering.program.shapes) for row in columns]

    def _point_to(self, **arrays: npt.NDArray[Any]) -> None:
        self._kept.update(arrays)  # they live as long as the frame points to them
        self._put(**{name: _address(array) for name, array in arrays.items()})

    def _put(self, **numbers: int) -> None:
        for name, number in numbers.items():
            self._frame[_PLACES[name]] = number


_PLACES = {name: place for place, name in enumerate(FRAME)}


def _address(array: npt.NDArray[Any]) -> int:
    # Four times as fast as array.ctypes.data.
    address: int = array.__array_interface__["data"][0]
    return address


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


def named(row: npt.NDArray[Any], shapes: Mapping[str, tuple[int, ...]]) -> Params:
    """Return parameters by name, from all of them one after the other."""
    params, start = {}, 0
    for name, shape in shapes.items():
        stop = start + math.prod(shape)
        params[name] = row[start:stop].reshape(shape)
        start = stop
    return params
