"""Processes of this machine that compute items."""

import os
import signal
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, TypeVar

from rosenblatt import cores
from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError
from rosenblatt.executors.flight import Flight
from rosenblatt.executors.shared import Shared

T = TypeVar("T")
R = TypeVar("R")

MOST_LOSSES = 4
"""Times that an item's process is killed until it is given up; the last two times it is alone."""
SECONDS_IDLE = 60
"""After this time without work a process ends, for example because the first one was killed."""
THREADS_OF_LIBRARIES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


class Processes:
    """Processes of this machine, at most one per core, which is the meaning of -1.

    Each is told its share of the cores. They are joblib's, so that classes and functions of a
    script or a notebook can be sent to them.
    """

    def __init__(self, jobs: int = -1) -> None:
        if jobs != -1:
            jobs = whole_number(jobs, "jobs, if not -1 for one per core,", at_least=1)
        self._jobs = jobs

    def count(self) -> int:
        """Return the number of processes, if there are as many items."""
        from joblib import cpu_count

        available = int(cpu_count())
        return available if self._jobs == -1 else min(self._jobs, available)

    def run(
        self,
        function: Callable[[T], R],
        items: Iterable[T],
        *,
        shared: Shared | None = None,
        tick: Callable[[], None] = lambda: None,
    ) -> Generator[tuple[int, R]]:
        """Yield the position of each item and what the function returned, as they end.

        After an exception that was returned, no other item is begun; those that were are waited
        for. If a process is killed, what it computed is computed again by another.

        Args:
            function: what to compute; it should return exceptions.
            items: the items; the next is taken when it can be begun.
            shared: a value that each process gets once.
            tick: is called now and then while nothing ends.

        Raises:
            ConfigurationError: processes were killed again and again.
        """
        jobs = self.count()
        pool = _pool(jobs, shared)

        def submit(item: T) -> Any:
            with _without_interruption():
                return pool.submit(function, item)

        flight = Flight(items, submit)
        is_broken = is_complete = False
        try:
            while True:
                try:
                    if not is_broken:
                        flight.fill(jobs + 1)
                except BrokenProcessPool:
                    is_broken = True
                if not flight.under_way:
                    if not is_broken:
                        break
                    pool, is_broken = _pool(jobs, shared), False
                    continue
                with warnings.catch_warnings():
                    # A process that ends because it has used much memory is replaced.
                    warnings.filterwarnings("ignore", message="A worker stopped while some")
                    place, item, future = flight.next(tick)
                try:
                    outcome = future.result()
                except BrokenProcessPool as error:
                    # The others are ended with it; what they computed comes here, too.
                    if flight.repeat(place, item) == MOST_LOSSES:
                        raise ConfigurationError(
                            f"a process was killed, {MOST_LOSSES} times with the same work, "
                            "perhaps for want of memory; run it again with smaller data"
                        ) from error
                    is_broken = True
                    continue
                if isinstance(outcome, Exception):
                    flight.stop()
                yield place, outcome
            is_complete = True
        finally:
            if shared is not None or not is_complete:
                pool.shutdown(wait=True, kill_workers=not is_complete)


def _pool(jobs: int, shared: Shared | None) -> Any:
    """Return processes: those of the last time, unless they get a shared value."""
    from joblib.externals import loky

    share = str(max(1, cores.available() // jobs))
    how: dict[str, Any] = {
        "max_workers": jobs,
        "timeout": SECONDS_IDLE,
        "env": {"ROSENBLATT_NUM_THREADS": share}
        | {name: os.environ.get(name, share) for name in THREADS_OF_LIBRARIES},
    }
    if shared is None:
        return loky.get_reusable_executor(**how)
    return loky.ProcessPoolExecutor(initializer=_begin, initargs=(shared,), **how)


@contextmanager
def _without_interruption() -> Iterator[None]:
    """Hold Ctrl-C back, also from processes that are started here, for ever.

    It reaches all processes of a terminal. The first one ends the others, which would else report
    an interruption each, and do so while they start.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    from joblib.externals.loky.backend import resource_tracker as of_joblib

    # Starting them lifts the block.
    resource_tracker.ensure_running()
    of_joblib.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(shared: Shared) -> None:
    """Receive the shared value; ignore Ctrl-C where a process cannot be started without it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    shared.receive()
