"""Times of E6 on all cores: six batch sizes, many seeds, in memory and in folders."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.material import Material, write_samples
from benchmarks.results import ExperimentTimes, StorageCost
from benchmarks.single_worker import single_worker
from benchmarks.works import Work
from rosenblatt import cores
from rosenblatt.data import Dataset
from rosenblatt.training import train_many

BATCH_SIZES = (1, 10, 100, 200, 400, 800)
SEEDS, EPOCHS, EVAL_EVERY = 100, 1500, 10
ASKED_SECONDS = 40.0

CHECKPOINT_EVERY = 1.0
ROUNDS = 3
ASKED_SHARE = 0.03


def measure_experiment(
    seeds: int = SEEDS, epochs: int = EPOCHS, on_step: Callable[[str], None] = lambda what: None
) -> ExperimentTimes:
    """Return the seconds of ``train_many`` for each batch size, compiled before.

    The test set is measured too, every tenth epoch. Only the full experiment has an asked time.
    """
    seconds = {}
    for size in BATCH_SIZES:
        on_step(f"E6: batch size {size}")
        work = Work(
            id=f"e6-b{size}",
            title=f"E6, B = {size}",
            batch_size=size,
            members=seeds,
            eval_every=EVAL_EVERY,
            threads=0,
        )
        with single_worker(work) as worker:
            (seconds[str(size)],) = worker.ask("time", epochs=epochs, repeats=1)["seconds"]
    whole = (seeds, epochs) == (SEEDS, EPOCHS)
    return ExperimentTimes(
        seeds, epochs, cores.available(), seconds, ASKED_SECONDS if whole else None
    )


def measure_storage(
    seeds: int = SEEDS,
    epochs: int = EPOCHS,
    rounds: int = ROUNDS,
    on_step: Callable[[str], None] = lambda what: None,
) -> StorageCost:
    """Return the seconds of E6's runs in each round, in memory and in folders.

    Both take turns in one process, so that what slows the machine for a while slows both; which of
    them is first changes from round to round.
    """
    plain, kept = [0.0] * rounds, [0.0] * rounds
    for size in BATCH_SIZES:
        on_step(f"E6 in folders: batch size {size}")
        work = Work(id="keeping", title="E6", batch_size=size, members=seeds)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_samples(work, folder / "samples.npz")
            material = Material.load(work, str(folder / "samples.npz"))
            # Compiling is no part of it, nor is loading what writes files.
            _seconds(material, 2, folder / "first")
            for i in range(rounds):
                for is_kept in (False, True) if i % 2 else (True, False):
                    where = folder / str(i) if is_kept else None
                    (kept if is_kept else plain)[i] += _seconds(material, epochs, where)
    return StorageCost(seeds, epochs, plain, kept, ASKED_SHARE)


def _seconds(material: Material, epochs: int, run_dir: Path | None) -> float:
    """Return how long one population takes."""
    train = Dataset(material.x, material.y, classes=(0, 1))
    test = Dataset(material.x_test, material.y_test, classes=(0, 1))
    started = time.perf_counter()
    train_many(
        material.model,
        train,
        test=test,
        seeds=range(material.work.members),
        optimizer=material.optimizer,
        epochs=epochs,
        batch_size=material.work.batch_size,
        eval_every=EVAL_EVERY,
        engine="compiled",
        run_dir=run_dir,
        checkpoint_every=CHECKPOINT_EVERY,
    )
    return time.perf_counter() - started
