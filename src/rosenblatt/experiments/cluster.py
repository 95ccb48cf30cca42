"""Tasks spread over the workers of a Dask cluster.

Not through joblib's Dask backend (joblib 1.6): where Dask gives a task up, because the worker died
each time that it was tried, that backend waits for it for ever; and it sends tasks in batches, and
counts the cluster's workers only once. A task that was on a worker that died, or whose output was,
is computed again by another worker: the scheduler sees to it, up to its ``allowed-failures``.
"""

import os
import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from rosenblatt.errors import ConfigurationError, given
from rosenblatt.experiments.base import Task
from rosenblatt.experiments.provenance import Environment, here
from rosenblatt.experiments.work import Outcome, attempt

SECONDS_TO_CONNECT = 5.0
SECONDS_FOR_WORKERS = 10.0


@contextmanager
def connected(address: str) -> Generator["Cluster"]:
    """Connect to the cluster whose scheduler is at ``address``, like ``tcp://host:8786``.

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
    try:
        _knock(address)
        client = Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"no Dask scheduler answers at {given(address)}: {error}; start one with dask "
            "scheduler, which prints its address, such as tcp://127.0.0.1:8786"
        ) from error
    with client:
        yield Cluster(client, address)


class Cluster:
    """The workers that a client of Dask reaches."""

    def __init__(self, client: Any, address: str) -> None:
        self._client = client
        self._address = address
        self._environments = self._ask_workers()

    def environments(self) -> list[Environment]:
        """Return where tasks are computed: workers may have different processors."""
        return self._environments

    def run(self, tasks: Sequence[Task]) -> Generator[tuple[int, Outcome]]:
        """Yield the place of each task and what came of it, as they end.

        After one that failed, those that have not ended are cancelled.

        Raises:
            ConfigurationError: a task's worker died each time that it was tried, the scheduler
                went away, or a worker with other versions has joined.
        """
        from distributed import CancelledError, KilledWorker, as_completed

        places = {
            self._client.submit(_attempt_on_worker, task, pure=False): place
            for place, task in enumerate(tasks)
        }
        has_failed = False
        ended = as_completed(list(places), loop=self._client.loop)
        try:
            for future in ended:
                outcome = future.result()
                has_failed = has_failed or isinstance(outcome, Exception)
                if not isinstance(outcome, Exception):
                    self._refuse_others([outcome.environment])
                # Without its future, the cluster forgets the output.
                yield places.pop(future), outcome
                if has_failed and not ended.has_ready():
                    break
        except KilledWorker as error:
            raise ConfigurationError(
                f"a task was given up: {error}; see the workers' logs, perhaps they want memory"
            ) from error
        except CancelledError as error:
            raise ConfigurationError(
                f"the Dask scheduler at {self._address} went away ({error}); run it again: with a "
                "cache, it continues where it stopped"
            ) from error
        finally:
            self._client.cancel(list(places))

    def _ask_workers(self) -> list[Environment]:
        try:
            self._client.wait_for_workers(1, timeout=SECONDS_FOR_WORKERS)
        except TimeoutError:
            raise ConfigurationError(
                f"the Dask cluster at {self._address} has no workers after "
                f"{SECONDS_FOR_WORKERS:g} seconds; start some with dask worker {self._address} "
                "--nworkers auto --nthreads 1"
            ) from None
        answers = self._client.run(here, on_error="return").values()
        for error in answers:
            if isinstance(error, Exception):
                raise ConfigurationError(
                    f"a worker of the Dask cluster at {self._address} cannot load rosenblatt: "
                    f"{error}; install on it what is installed here"
                ) from error
        self._refuse_others(answers)
        return sorted(set(answers), key=lambda found: found.processor)

    def _refuse_others(self, environments: Any) -> None:
        for found in environments:
            if not found.runs_the_same(here()):
                raise ConfigurationError(
                    f"a worker of the Dask cluster at {self._address} has code {found.code[:8]} "
                    f"with {_named(found)}, here is code {here().code[:8]} with {_named(here())}; "
                    "install the same versions on both"
                )


def _attempt_on_worker(task: Task) -> Outcome:
    """Compute a task in a thread of a worker, which by Dask's custom stands for one core.

    Dask sets OMP_NUM_THREADS accordingly, unless it is told not to. Workers with fewer threads than
    cores can be started with the variable set.
    """
    os.environ.setdefault("ROSENBLATT_NUM_THREADS", "1")
    return attempt(task)


def _knock(address: str) -> None:
    """Open and close a connection. Without a scheduler, a client of Dask complains much later."""
    from distributed.comm import get_address_host_port

    with socket.create_connection(get_address_host_port(address), timeout=SECONDS_TO_CONNECT):
        pass


def _named(environment: Environment) -> str:
    return ", ".join(f"{name} {version}" for name, version in environment.versions)
