"""Chunks of a sweep: networks of one group that are trained, and written to a file, at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from rosenblatt.sweeps.groups import Group
from rosenblatt.sweeps.networks import Networks
from rosenblatt.sweeps.packed_training import Starts, train_packed
from rosenblatt.sweeps.positions import Positions

Measured = tuple[npt.NDArray[np.bool_], dict[str, npt.NDArray[np.float64]]]
"""Whether networks have diverged, and their measures by name, (networks,) each."""


@dataclass(frozen=True, eq=False)
class Chunk:
    """Networks of one group.

    Attributes:
        group: the group, which says how they train.
        networks: their numbers in the sweep.
        epochs: how far they train; None for all the epochs of their cells.
        before: the epochs that they have trained in earlier chunks.
    """

    group: Group
    networks: Sequence[int]
    epochs: int | None = None
    before: int = 0


def chunks_of(
    networks: Networks, wanted: Iterable[int], epochs: int | None = None, before: int = 0
) -> Iterator[Chunk]:
    """Yield some networks of a sweep in chunks, group after group.

    Args:
        networks: all networks.
        wanted: the numbers of some.
        epochs: how far they train; by default all the epochs of their cells.
        before: the epochs that they have trained in earlier chunks.
    """
    missing = set(wanted)
    for group in networks.groups:
        mine = [i for i in networks.of_group(group) if i in missing]
        for at in range(0, len(mine), group.chunk):
            yield Chunk(group, mine[at : at + group.chunk], epochs, before)


class ChunkTrainer:
    """Trains chunks in this process, one after the other.

    Args:
        positions: where networks train on from, and their positions are put; by default each trains
            from its start.
    """

    def __init__(self, positions: Positions | None = None) -> None:
        self._positions = positions
        self._starts = Starts()
        self._last: Group | None = None

    def train(
        self,
        networks: Networks,
        chunk: Chunk,
        progress: Callable[[float], None] = lambda share: None,
    ) -> Measured:
        """Train the networks of a chunk, and return what was measured of them.

        Args:
            networks: all networks that there are.
            chunk: some of them.
            progress: is told the share of the training that is done.
        """
        if self._last is not None and self._last is not chunk.group:
            self._last.free()
        self._last = chunk.group
        positions = self._positions
        if chunk.group.is_packed:
            trained = train_packed(
                chunk.group,
                networks.cells,
                [networks.member(i) for i in chunk.networks],
                self._starts,
                networks.every,
                progress,
                until=chunk.epochs,
                begin=None if positions is None else positions.at(chunk.networks),
                keep=None if positions is None else partial(positions.put, chunk.networks),
            )
        else:
            trained = networks.train_each(chunk.networks, chunk.epochs)
        return trained.diverged, {one.name: one.of(trained) for one in networks.measures}

    def free(self) -> None:
        """Give back memory that only training needs."""
        if self._last is not None:
            self._last.free()
            self._last = None
