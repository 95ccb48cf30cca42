"""Measurements of runs that train without an end, in bounded memory."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ALL_KEPT = 128
"""Rows at the start of a curve that are never dropped: there the curve changes fastest."""


class CurveLog:
    """Measurements of S members at increasing updates, at most ``most`` rows.

    When there are more, every other row after the first ones is dropped. Arrays that were returned
    do not change.

    Attributes:
        thinned: how often rows were dropped.
    """

    def __init__(self, members: int = 1, most: int = 4096) -> None:
        self.thinned = 0
        self._most = most
        self._places = np.empty((64, 3))
        self._values = np.empty((64, members, 4))
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def places(self) -> Floats:
        """Epoch, update and seconds of each row, (R, 3)."""
        return self._places[: self._length]

    @property
    def values(self) -> Floats:
        """Loss and accuracy on the training set, then on the test set, (R, S, 4)."""
        return self._values[: self._length]

    def add(self, epoch: float, update: int, seconds: float, values: Floats) -> None:
        """Add a row, or replace the last one if it is of the same update; ``values`` is (S, 4)."""
        if self._length and self._places[self._length - 1, 1] == update:
            last = self._values[: self._length].copy()
            last[-1] = values
            self._values = last
            return
        if self._length == self._most:
            self._thin()
        if self._length >= min(len(self._places), len(self._values)):
            size = max(64, 2 * self._length)
            self._places = _grown(self._places[: self._length], size)
            self._values = _grown(self._values[: self._length], size)
        self._places[self._length] = epoch, update, seconds
        self._values[self._length] = values
        self._length += 1

    def until(self, update: int) -> "CurveLog":
        """Return a copy of the rows before ``update``."""
        log = CurveLog(self._values.shape[1], self._most)
        rows = int(np.searchsorted(self.places[:, 1], update))
        log._length = rows
        log._places, log._values = (
            _grown(self.places[:rows], max(64, rows)),
            _grown(self.values[:rows], max(64, rows)),
        )
        return log

    def of_member(self, member: int, most: int) -> "CurveLog":
        """Return a copy of the rows of one member."""
        log = CurveLog(1, most)
        log._length = len(self)
        log._places = self.places.copy()
        log._values = self.values[:, member : member + 1].copy()
        return log

    def _thin(self) -> None:
        rows = np.r_[:ALL_KEPT, ALL_KEPT : self._length - 1 : 2, self._length - 1]
        self._places, self._values = self._places[rows], self._values[rows]
        self._length = len(rows)
        self.thinned += 1


def _grown(array: Floats, size: int) -> Floats:
    grown = np.empty((size, *array.shape[1:]))
    grown[: len(array)] = array
    return grown
