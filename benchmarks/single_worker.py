"""A worker of this package's compiled engine, ready to be timed."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.contenders import OURS
from benchmarks.material import write_samples
from benchmarks.process import Worker
from benchmarks.works import Work
from rosenblatt import cores


@contextmanager
def single_worker(work: Work) -> Iterator[Worker]:
    """Start a worker with this package's compiled engine and load ``work`` into it.

    Raises:
        WorkerError: it failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        samples = Path(folder) / "samples.npz"
        write_samples(work, samples)
        with Worker(work.threads or cores.available()) as worker:
            worker.ask("ways", contender=OURS, work=work.as_json(), samples=str(samples))
            worker.ask("load", way="")
            yield worker
