"""Training of a sweep's chunks by processes of this machine, or by a Dask cluster."""

import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rosenblatt.engines import ENGINES, Engine
from rosenblatt.errors import ConfigurationError, given, nearest
from rosenblatt.executors.cluster import Cluster, connected
from rosenblatt.executors.environment import whole_package
from rosenblatt.executors.outcomes import as_outcome
from rosenblatt.executors.processes import Processes
from rosenblatt.executors.shared import Shared, UsingShared
from rosenblatt.sweeps.chunks import Chunk, ChunkTrainer, Measured
from rosenblatt.sweeps.execution import Executor, Threads
from rosenblatt.sweeps.grid import Grid
from rosenblatt.sweeps.groups import Mode, group_in_mode
from rosenblatt.sweeps.networks import Networks
from rosenblatt.sweeps.trained import Measure
from rosenblatt.sweeps.variants import Base, Settings

NAMES = ("threads", "processes")


@contextmanager
def executor_of(wanted: Any) -> Iterator[Executor]:
    """Return who trains: "threads", "processes", or the workers of a Dask client or address.

    Raises:
        ConfigurationError: none of these, or a cluster that cannot be used.
    """
    if isinstance(wanted, str) and ":" not in wanted:
        if wanted not in NAMES:
            raise ConfigurationError(
                f"unknown executor {given(wanted)}{nearest(wanted, NAMES)}; known: "
                f"{', '.join(NAMES)}, a Dask client or a scheduler's address such as "
                "tcp://127.0.0.1:8786"
            )
        processes = Processes()
        # A single process would train as this one does.
        yield Workers(processes) if wanted == "processes" and processes.count() > 1 else Threads()
    elif isinstance(wanted, str) or type(wanted).__module__.startswith("distributed."):
        with connected(wanted, whole_package) as cluster:
            yield Workers(cluster)
    else:
        raise ConfigurationError(
            'executor must be "threads", "processes", a Dask client or the address of a '
            f"scheduler, got {given(wanted)}"
        )


@dataclass(frozen=True)
class ChunkToSend:
    """A chunk as a worker gets it.

    Attributes:
        cells: the settings of its cells.
        networks: the cell of each network among these, and the position of its seed.
        mode: how they train.
        epochs: how far; None for all the epochs of their cells.
    """

    cells: Sequence[Settings]
    networks: Sequence[tuple[int, int]]
    mode: Mode
    epochs: int | None

    @classmethod
    def of(cls, networks: Networks, chunk: Chunk) -> "ChunkToSend":
        """Return a chunk of networks."""
        members = [divmod(network, len(networks.seeds)) for network in chunk.networks]
        cells = {cell: i for i, cell in enumerate(dict.fromkeys(cell for cell, _ in members))}
        return cls(
            [networks.cells[cell].settings for cell in cells],
            [(cells[cell], seed) for cell, seed in members],
            chunk.group.mode,
            chunk.epochs,
        )


@dataclass(frozen=True, eq=False)
class ChunkWorker:
    """What a worker needs to train any chunk of a sweep; sent once, and used in one thread."""

    base: Base
    seeds: Sequence[int]
    measures: Sequence[Measure]
    eval_every: int
    paired: bool

    @cached_property
    def _trainer(self) -> ChunkTrainer:
        return ChunkTrainer()

    @cached_property
    def _engines(self) -> dict[str, Engine]:
        return {}

    def train(self, chunk: ChunkToSend) -> Measured | Exception:
        """Train a chunk, and return what was measured of its networks, or the error."""
        try:
            return self._train(chunk)
        except Exception as error:
            return as_outcome(error, "in a worker")

    def _train(self, chunk: ChunkToSend) -> Measured:
        name = chunk.mode.engine
        if name not in self._engines:
            self._engines[name] = ENGINES[name]()
        cells = [self.base.cell(settings) for settings in chunk.cells]
        group = group_in_mode(cells, chunk.mode, self._engines[name])
        networks = Networks(
            self.base,
            Grid((), tuple(chunk.cells)),
            cells,
            self.seeds,
            [group],
            self.measures,
            self.eval_every,
            self.paired,
        )
        numbers = [cell * len(self.seeds) + seed for cell, seed in chunk.networks]
        return self._trainer.train(networks, Chunk(group, numbers, chunk.epochs))


@dataclass(frozen=True)
class Workers:
    """Processes of this machine, or the workers of a cluster, which train a chunk each at a time.

    The model, the rows and the measures go to each of them once.
    """

    workers: Processes | Cluster

    def train(
        self, networks: Networks, chunks: Iterable[Chunk], tell: Callable[[float], None]
    ) -> Generator[tuple[Chunk, Measured]]:
        """Yield chunks with what was measured of their networks, as they end, in any order.

        After an error, chunks that have ended are yielded, and then it is raised.
        """
        _warn_of_processors(self.workers)
        worker = ChunkWorker(
            networks.base, networks.seeds, networks.measures, networks.eval_every, networks.paired
        )
        shared = Shared.of(worker)
        sent: dict[int, Chunk] = {}

        def to_send() -> Iterator[ChunkToSend]:
            for place, chunk in enumerate(chunks):
                sent[place] = chunk
                yield ChunkToSend.of(networks, chunk)

        failure: Exception | None = None
        function = UsingShared(ChunkWorker.train, shared.key)
        ended = self.workers.run(function, to_send(), shared=shared, tick=lambda: tell(0))
        with closing(ended):
            for place, outcome in ended:
                chunk = sent.pop(place)
                if isinstance(outcome, Exception):
                    failure = failure or outcome
                else:
                    yield chunk, outcome
        if failure is not None:
            raise failure


def _warn_of_processors(workers: Processes | Cluster) -> None:
    if isinstance(workers, Processes):
        return
    others = {found.processor for found in workers.environments()} - {whole_package().processor}
    if others:
        warnings.warn(
            f"the cluster has other processors than this machine ({', '.join(sorted(others))}): "
            "the last bits may differ from those of threads; start all with the same "
            "ROSENBLATT_TARGET, such as avx2",
            stacklevel=2,
        )
