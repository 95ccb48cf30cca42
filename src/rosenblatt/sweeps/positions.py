"""Positions of networks between two parts of their training, in memory and in a folder."""

import hashlib
import re
import shutil
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import FileError, RosenblattError
from rosenblatt.tensors import read_tensors, write_tensors

_EPOCH = re.compile(r"[0-9]{1,15}")
Numbers = npt.NDArray[Any]
Row = tuple[int, Mapping[str, npt.NDArray[np.float64]]]
"""The epoch of a measurement, and its columns, (networks,) each."""


@dataclass(frozen=True, eq=False)
class PackedPosition:
    """Where the training of some networks is, in packed arrays.

    Attributes:
        epoch: the number of epochs done.
        numbers: the weights, then each slot of the optimizer, (P, networks) each.
        measured_at: the epochs at which networks were measured on the way, (E,).
        columns: what was measured, by name, (E, networks).
    """

    epoch: int
    numbers: tuple[Numbers, ...]
    measured_at: tuple[int, ...]
    columns: Mapping[str, Numbers]

    @classmethod
    def of(cls, epoch: int, numbers: Sequence[Numbers], rows: Sequence[Row]) -> "PackedPosition":
        """Return the position with copies of these arrays."""
        names = [*rows[0][1]] if rows else []
        columns = {name: np.stack([columns[name] for _, columns in rows]) for name in names}
        return cls(
            epoch, tuple(one.copy() for one in numbers), tuple(at for at, _ in rows), columns
        )

    @property
    def rows(self) -> list[Row]:
        """What was measured on the way, row by row."""
        return [
            (at, {name: column[k] for name, column in self.columns.items()})
            for k, at in enumerate(self.measured_at)
        ]

    def take(self, networks: Sequence[int]) -> "PackedPosition":
        """Return the position of some of the networks, by their places."""
        return replace(
            self,
            numbers=tuple(one[:, networks] for one in self.numbers),
            columns={name: column[:, networks] for name, column in self.columns.items()},
        )

    def is_like(self, other: "PackedPosition") -> bool:
        """Return whether both are at one epoch, with arrays that can be joined."""
        mine, others = [
            (
                one.epoch,
                one.measured_at,
                sorted(one.columns),
                [(numbers.shape[0], numbers.dtype) for numbers in one.numbers],
            )
            for one in (self, other)
        ]
        return mine == others

    @classmethod
    def join(cls, parts: "Sequence[PackedPosition]") -> "PackedPosition":
        """Return the position of the networks of several, which are alike."""
        first = parts[0]
        return replace(
            first,
            numbers=tuple(map(_side_by_side, zip(*(one.numbers for one in parts), strict=True))),
            columns={
                name: _side_by_side([one.columns[name] for one in parts]) for name in first.columns
            },
        )

    def fits(self, numbers: Sequence[npt.NDArray[Any]]) -> bool:
        """Return whether the arrays are like those with which training begins."""
        like = [(one.shape, one.dtype) for one in numbers]
        return [(one.shape, one.dtype) for one in self.numbers] == like


class Positions:
    """Positions of a sweep's networks, by their numbers.

    A network without a position trains from its start, to the same bits: what is lost, or cannot
    be written, costs time alone.

    Args:
        keys: what determines each network, as a digest.
        last: the epoch at which training ends, of which no position is needed.
        folder: where positions are written too; None for memory alone.
    """

    def __init__(self, keys: Sequence[bytes], last: int, folder: Path | None = None) -> None:
        self._keys, self._last, self._folder = keys, last, folder
        self._of: dict[int, tuple[PackedPosition, int]] = {}
        self._warned = False
        for of_epoch in self._folders():
            for path in sorted(of_epoch.glob("*.safetensors")):
                self._read(path)

    def at(self, networks: Sequence[int]) -> PackedPosition | None:
        """Return the position of networks, or None where they are not all at one."""
        if not all(i in self._of for i in networks):
            return None
        places = [self._of[i] for i in networks]
        first = places[0][0]
        if not all(position is first or position.is_like(first) for position, _ in places):
            return None
        blocks = [list(block) for _, block in groupby(places, key=lambda place: id(place[0]))]
        return PackedPosition.join(
            [block[0][0].take([column for _, column in block]) for block in blocks]
        )

    def put(self, networks: Sequence[int], position: PackedPosition) -> None:
        """Remember the position of networks, and write it to the folder."""
        if position.epoch >= self._last:
            return
        self._of |= {i: (position, column) for column, i in enumerate(networks)}
        if self._folder is None:
            return
        keys = b"".join(self._keys[i] for i in networks)
        name = hashlib.blake2b(keys, digest_size=16).hexdigest()
        tensors: dict[str, Numbers] = {
            "keys": np.frombuffer(keys, np.uint8).reshape(len(networks), -1),
            "measured_at": np.array(position.measured_at, dtype=np.int64),
        }
        tensors |= {f"numbers.{k}": one for k, one in enumerate(position.numbers)}
        tensors |= {f"column.{name}": column for name, column in position.columns.items()}
        document = {"epoch": position.epoch}
        try:
            folder = self._folder / str(position.epoch)
            folder.mkdir(parents=True, exist_ok=True)
            write_tensors(folder / f"{name}.safetensors", tensors, document)
        except (FileError, OSError) as error:
            if not self._warned:
                self._warned = True
                warnings.warn(
                    f"positions were not written: {error}; after an interruption, these networks "
                    "train from their start",
                    stacklevel=4,
                )

    def keep_only(self, networks: Sequence[int], epoch: int) -> None:
        """Forget the positions of other networks, and files from before an epoch."""
        wanted = set(networks)
        blocks: dict[int, tuple[PackedPosition, dict[int, int]]] = {}
        for i, (position, column) in self._of.items():
            if i in wanted:
                blocks.setdefault(id(position), (position, {}))[1][i] = column
        self._of = {}
        for position, columns in blocks.values():
            part = position.take([*columns.values()])
            self._of |= {i: (part, column) for column, i in enumerate(columns)}
        for folder in self._folders():
            if int(folder.name) < epoch:
                shutil.rmtree(folder, ignore_errors=True)

    def _folders(self) -> list[Path]:
        """Return the folders of epochs, the earliest first."""
        if self._folder is None or not self._folder.is_dir():
            return []
        found = [
            one for one in self._folder.iterdir() if one.is_dir() and _EPOCH.fullmatch(one.name)
        ]
        return sorted(found, key=lambda folder: int(folder.name))

    def _read(self, path: Path) -> None:
        """Take the positions in a file; those in a damaged one count as missing."""
        places = {key: i for i, key in enumerate(self._keys)}
        try:
            keys, position = _position_of(path)
        except (RosenblattError, KeyError, TypeError, ValueError) as error:
            warnings.warn(
                f"{path} is damaged ({error}): its networks train from their start", stacklevel=4
            )
            return
        for column, key in enumerate(keys):
            if key in places:
                self._of[places[key]] = position, column

    def end(self) -> None:
        """Forget all positions, and remove the folder."""
        self._of = {}
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _position_of(path: Path) -> tuple[list[bytes], PackedPosition]:
    """Return the networks in a file by their keys, and their position."""
    tensors, document = read_tensors(path)
    keys, at = tensors["keys"], tensors["measured_at"]
    numbers = [tensors[name] for name in sorted(tensors) if name.startswith("numbers.")]
    columns = {
        name.removeprefix("column."): column
        for name, column in tensors.items()
        if name.startswith("column.")
    }
    if keys.ndim != 2 or keys.dtype != np.uint8 or at.dtype != np.int64 or not numbers:
        raise ValueError("it has no networks")
    n = len(keys)
    if any(one.shape != (len(at), n) or one.dtype != np.float64 for one in columns.values()):
        raise ValueError("its measurements do not fit its networks")
    if any(one.ndim != 2 or one.shape[1] != n for one in numbers):
        raise ValueError("its numbers do not fit its networks")
    found = PackedPosition(int(document["epoch"]), tuple(numbers), tuple(at.tolist()), columns)
    return [row.tobytes() for row in keys], found


def _side_by_side(arrays: Sequence[Numbers]) -> Numbers:
    return np.concatenate(arrays, axis=1)
