"""The whole of E6: six batch sizes, many seeds, measured all along, on all cores."""

from collections.abc import Callable

from benchmarks.lone import lone_worker
from benchmarks.results import Whole
from benchmarks.works import Work
from rosenblatt import cores

BATCH_SIZES = (1, 10, 100, 200, 400, 800)
SEEDS, EPOCHS, EVAL_EVERY = 100, 1500, 10
ASKED_SECONDS = 40.0


def measure_experiment(
    seeds: int = SEEDS, epochs: int = EPOCHS, on_step: Callable[[str], None] = lambda what: None
) -> Whole:
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
        with lone_worker(work) as worker:
            (seconds[str(size)],) = worker.ask("time", epochs=epochs, repeats=1)["seconds"]
    whole = (seeds, epochs) == (SEEDS, EPOCHS)
    return Whole(seeds, epochs, cores.available(), seconds, ASKED_SECONDS if whole else None)
