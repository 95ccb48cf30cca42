"""The workers of a Dask cluster, which compute items.

Not through joblib's Dask backend (joblib 1.6): where Dask gives a task up, because the worker died
each time that it was tried, that backend waits for it for ever; and it sends tasks in batches, and
counts the cluster's workers only once. A task that was on a worker that died, or whose output was,
is computed again by another worker: the scheduler sees to it, up to its ``allowed-failures``.
"""

import os
import pickle
import socket
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from rosenblatt.errors import ConfigurationError, given
from rosenblatt.executors.environment import Environment
from rosenblatt.executors.flight import Flight
from rosenblatt.executors.shared import Shared

T = TypeVar("T")
R = TypeVar("R")

SECONDS_TO_CONNECT = 5.0
SECONDS_FOR_WORKERS = 10.0
AHEAD = 2
"""Tasks for each thread of a worker that the scheduler has: one to compute, one to begin next."""


@contextmanager
def connected(dask: Any, here: Callable[[], Environment]) -> Generator["Cluster"]:
    """Connect to a cluster.

    Args:
        dask: the address of its scheduler, like ``tcp://host:8786``, or a client of it, which stays
            open.
        here: returns what results depend on; it is called in each worker.

    Raises:
        ConfigurationError: Dask is not installed here, no scheduler answers at the address, it has
            no workers, or one of them has other versions of this package or its libraries.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise ConfigurationError(
            "a Dask cluster needs the package distributed, which is not installed here: "
            "pip install 'rosenblatt[dask]'"
        ) from None
    if isinstance(dask, Client):
        if dask.asynchronous:
            raise ConfigurationError(
                "the Dask client is asynchronous; give one that is not, or the scheduler's address"
            )
        yield Cluster(dask, str(dask.scheduler.address), here)
        return
    try:
        _knock(dask)
        client = Client(dask, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"no Dask scheduler answers at {given(dask)}: {error}; start one with dask "
            "scheduler, which prints its address, such as tcp://127.0.0.1:8786"
        ) from error
    with client:
        yield Cluster(client, dask, here)


class Cluster:
    """The workers that a client of Dask reaches."""

    def __init__(self, client: Any, address: str, here: Callable[[], Environment]) -> None:
        self._client = client
        self._address = address
        self._here = here
        self._environments = self._ask_workers()

    def environments(self) -> list[Environment]:
        """Return where items are computed: workers may have different processors."""
        return self._environments

    def run(
        self,
        function: Callable[[T], R],
        items: Iterable[T],
        *,
        shared: Shared | None = None,
        tick: Callable[[], None] = lambda: None,
    ) -> Generator[tuple[int, R]]:
        """Yield the position of each item and what the function returned, as they end.

        After an exception that was returned, items that have not ended are cancelled.

        Args:
            function: what to compute; it should return exceptions.
            items: the items; the next is taken when it can be begun, so that the scheduler has few.
            shared: a value that each worker gets once, also one that joins later.
            tick: is called now and then while nothing ends.

        Raises:
            ConfigurationError: an item's worker died each time that it was tried, the scheduler
                went away, or a worker with other versions has joined.
        """
        import cloudpickle  # type: ignore[import-untyped, unused-ignore]
        from distributed import CancelledError, KilledWorker

        def submit(item: T) -> Any:
            # As bytes: the scheduler would make the objects, and keep their memory.
            work = cloudpickle.dumps((function, item))
            return self._client.submit(_on_worker, work, self._here, os.getpid(), pure=False)

        flight = Flight(items, submit)
        has_failed = False
        try:
            with self._given_to_all(shared):
                while True:
                    if not has_failed:
                        flight.fill(AHEAD * self._n_threads())
                    if not flight.under_way or (has_failed and not flight.has_ended()):
                        break
                    place, _, future = flight.next(tick)
                    environment, outcome = future.result()
                    self._refuse_others([environment])
                    has_failed = has_failed or isinstance(outcome, Exception)
                    # Without its future, the cluster forgets the output.
                    del future
                    yield place, outcome
        except KilledWorker as error:
            raise ConfigurationError(
                f"a task was given up: {error}; see the workers' logs, perhaps they want memory"
            ) from error
        except (CancelledError, OSError) as error:
            raise ConfigurationError(
                f"the Dask scheduler at {self._address} went away ({error}); run it again: with a "
                "folder or a cache, it continues where it stopped"
            ) from error
        finally:
            self._client.cancel(list(flight.under_way))

    @contextmanager
    def _given_to_all(self, shared: Shared | None) -> Generator[None]:
        """Give a value to each worker, and take it back in the end."""
        if shared is None:
            yield
            return
        from rosenblatt.executors.worker_plugin import Receives

        name = f"rosenblatt-{shared.key}"
        self._client.register_plugin(Receives(shared), name=name)
        try:
            yield
        finally:
            # Not where the scheduler went away.
            with suppress(OSError, ValueError):
                self._client.unregister_worker_plugin(name)

    def _n_threads(self) -> int:
        return max(1, sum(self._client.nthreads().values()))

    def _ask_workers(self) -> list[Environment]:
        try:
            self._client.wait_for_workers(1, timeout=SECONDS_FOR_WORKERS)
        except TimeoutError:
            raise ConfigurationError(
                f"the Dask cluster at {self._address} has no workers after "
                f"{SECONDS_FOR_WORKERS:g} seconds; start some with dask worker {self._address} "
                "--nworkers auto --nthreads 1"
            ) from None
        answers = self._client.run(self._here, on_error="return").values()
        for error in answers:
            if isinstance(error, Exception):
                raise ConfigurationError(
                    f"a worker of the Dask cluster at {self._address} cannot load rosenblatt: "
                    f"{error}; install on it what is installed here"
                ) from error
        self._refuse_others(answers)
        return sorted(set(answers), key=lambda found: found.processor)

    def _refuse_others(self, environments: Iterable[Environment]) -> None:
        for found in environments:
            if not found.runs_the_same(self._here()):
                raise ConfigurationError(
                    f"a worker of the Dask cluster at {self._address} has {found}, here is "
                    f"{self._here()}; install the same versions on both"
                )


def _on_worker(
    work: bytes, here: Callable[[], Environment], client_process: int
) -> tuple[Environment, Any]:
    """Compute an item in a thread of a worker, which by Dask's custom stands for one core.

    Dask sets OMP_NUM_THREADS accordingly, unless it is told not to. Workers with fewer threads than
    cores can be started with the variable set.
    """
    if os.getpid() != client_process:
        os.environ.setdefault("ROSENBLATT_NUM_THREADS", "1")
    function, item = pickle.loads(work)
    return here(), function(item)


def _knock(address: str) -> None:
    """Open and close a connection. Without a scheduler, a client of Dask complains much later."""
    from distributed.comm import get_address_host_port

    with socket.create_connection(get_address_host_port(address), timeout=SECONDS_TO_CONNECT):
        pass
