"""Training of a sweep's networks, chunk by chunk, with progress."""

import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rosenblatt.progress_bar import Bar
from rosenblatt.sweeps.budgets import Budget, OutOfTimeError
from rosenblatt.sweeps.chunks import Chunk, ChunkTrainer, Measured, chunks_of
from rosenblatt.sweeps.measures import is_better_high
from rosenblatt.sweeps.networks import Networks
from rosenblatt.sweeps.positions import Positions


class Executor(Protocol):
    """Trains chunks: the threads of this process, other processes, or a cluster."""

    def train(
        self, networks: Networks, chunks: Iterable[Chunk], tell: Callable[[float], None]
    ) -> Generator[tuple[Chunk, Measured]]:
        """Yield chunks with what was measured of their networks, as they end, in any order.

        Args:
            networks: all networks of the sweep.
            chunks: what to train; the next is taken when it can be begun.
            tell: is told now and then how many networks are done of the chunks that have not ended;
                what it raises ends the training.
        """


class Threads:
    """Trains one chunk after the other, each with all cores of this process.

    Args:
        positions: where networks train on from; by default each trains from its start.
    """

    def __init__(self, positions: Positions | None = None) -> None:
        self._positions = positions

    def train(
        self, networks: Networks, chunks: Iterable[Chunk], tell: Callable[[float], None]
    ) -> Generator[tuple[Chunk, Measured]]:
        """Yield chunks with what was measured of their networks, in order."""
        trainer = ChunkTrainer(self._positions)
        try:
            for chunk in chunks:
                size = len(chunk.networks)

                def tell_share(share: float, size: int = size) -> None:
                    tell(share * size)

                yield chunk, trainer.train(networks, chunk, tell_share)
        finally:
            trainer.free()


@dataclass(frozen=True)
class Rung:
    """A part of the training of a sweep that halves its cells.

    Attributes:
        before: the epochs that networks have trained.
        epochs: those after which it ends.
        n_networks: how many networks reach it.
    """

    before: int
    epochs: int
    n_networks: int


def train_networks(
    networks: Networks,
    wanted: Iterable[int],
    keep: Callable[[Sequence[int], Measured], None] = lambda some, measured: None,
    *,
    known: Measured | None = None,
    show: bool = True,
    executor: Executor | None = None,
    budget: Budget | None = None,
    rung: Rung | None = None,
) -> tuple[Measured, npt.NDArray[np.bool_]]:
    """Train networks chunk by chunk.

    Args:
        networks: all networks of the sweep.
        wanted: the numbers of those to train.
        keep: is given each chunk, the numbers of its networks and what was measured of them.
        known: what is known of the others.
        show: whether to show how far it is.
        executor: trains them; by default the threads of this process.
        budget: ends the training before all are trained.
        rung: of a sweep that halves its cells, the part that is trained.

    Returns:
        What was measured of all networks, and which of those that were wanted are not trained,
        (networks,).
    """
    diverged, measured = known or (
        np.zeros(len(networks), bool),
        {measure.name: np.full(len(networks), np.nan) for measure in networks.measures},
    )
    executor, budget = executor or Threads(), budget or Budget()
    missing = np.zeros(len(networks), bool)
    missing[list(wanted)] = True
    if not missing.any():
        return (diverged, measured), missing
    total = len(networks) if rung is None else rung.n_networks
    what = "networks" if rung is None else f"networks, to epoch {rung.epochs}"
    done = total - int(missing.sum())
    with Progress(networks, done, measured, total=total, what=what, show=show) as progress:

        def tell(begun: float) -> None:
            budget.check()
            progress.tell(begun)

        how_far = () if rung is None else (rung.epochs, rung.before)
        all_chunks = chunks_of(networks, np.flatnonzero(missing).tolist(), *how_far)
        chunks = budget.chunks(networks, all_chunks)
        with closing(executor.train(networks, chunks, tell)) as trained, suppress(OutOfTimeError):
            for chunk, (of_chunk, columns) in trained:
                some = chunk.networks
                diverged[some], missing[some] = of_chunk, False
                for name, column in columns.items():
                    measured[name][some] = column
                keep(some, (of_chunk, columns))
                budget.end()
                progress.end(len(some))
    return (diverged, measured), missing


class Progress:
    """How many networks are done, how fast, and the best so far, on standard error.

    Args:
        networks: all networks of the sweep.
        done: the number of those that need no training.
        measured: the measures of all networks, which are filled in as they come.
        total: the number of networks that are counted.
        what: what is counted.
        show: whether to show anything.
    """

    def __init__(
        self,
        networks: Networks,
        done: int,
        measured: Mapping[str, npt.NDArray[np.float64]],
        *,
        total: int,
        what: str,
        show: bool,
    ) -> None:
        names = [measure.name for measure in networks.measures]
        losses = [name for name in names[: 2 * 3] if name.endswith("_loss")]
        self._shown = losses[-1] if losses else names[0]
        self._measured = measured
        self._best = ""
        self._known = self._done = done
        self._bar = Bar(total, lambda n: f"{n:.0f}/{total} {what}", quiet=not show)
        self._started = time.monotonic()

    def __enter__(self) -> "Progress":
        self._bar.__enter__()
        if self._known:
            self._bar.resume(self._known, "from the folder")
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.__exit__(None, None, None)

    def tell(self, begun: float) -> None:
        """Show the progress, with the networks that are done of chunks that have not ended."""
        done = self._done + begun
        rate = (done - self._known) / max(time.monotonic() - self._started, 1e-9)
        self._bar.show(done, f"{rate:.3g} networks/s{self._best}")

    def end(self, n: int) -> None:
        """Show that a chunk of ``n`` networks has ended."""
        self._done += n
        values = self._measured[self._shown]
        values = values[np.isfinite(values)]
        if len(values):
            best = (max if is_better_high(self._shown) else min)(values)
            self._best = f", best {self._shown} {best:.4g}"
        self.tell(0)
