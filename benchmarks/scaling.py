"""Growth of time with samples, epochs and members, and of memory with epochs."""

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.measure import calibrate
from benchmarks.results import GrowthCurve
from benchmarks.single_worker import single_worker
from benchmarks.works import Work

ROWS = (100, 1_000, 10_000, 100_000, 1_000_000)
EPOCHS = (10, 100, 1_000, 10_000, 100_000)
MEMBERS = (1, 10, 100, 1_000, 10_000)
QUICK = (10, 20)
SECONDS = 0.3
FEWEST_EPOCHS = 10
"""Number of epochs from which on the fixed cost of a call is small."""
EPOCHS_OF_MEMBERS = 10
REPEATS = 3

OnStep = Callable[[str], None]


def measure_scaling(quick: bool = False, on_step: OnStep = lambda what: None) -> list[GrowthCurve]:
    """Return the five curves, measured on one core."""
    rows, epochs, members = (QUICK, QUICK, QUICK) if quick else (ROWS, EPOCHS, MEMBERS)
    return [
        against_rows(rows, 1, on_step),
        against_rows(rows, min(100, *rows), on_step),
        against_epochs(epochs, on_step),
        against_members(members, on_step),
        memory_against_epochs(epochs, on_step),
    ]


def against_rows(sizes: Sequence[int], batch_size: int, on_step: OnStep) -> GrowthCurve:
    """Return the seconds of an epoch, of as many as it takes to be measurable."""
    seconds = []
    for size in sizes:
        on_step(f"scaling: {size} rows, B = {batch_size}")
        with single_worker(_work(rows=size, batch_size=batch_size)) as worker:
            epochs, _ = calibrate(worker, FEWEST_EPOCHS, SECONDS)
            times = worker.ask("time", epochs=epochs, repeats=REPEATS)["seconds"]
            seconds.append(float(np.median(times)) / epochs)
    return _series(f"rows-b{batch_size}", f"B = {batch_size}", "rows", sizes, seconds)


def against_epochs(sizes: Sequence[int], on_step: OnStep) -> GrowthCurve:
    """Return the seconds of one call of ``train``."""
    on_step("scaling: epochs")
    with single_worker(_work(batch_size=100)) as worker:
        seconds = [
            float(np.median(worker.ask("time", epochs=size, repeats=REPEATS)["seconds"]))
            for size in sizes
        ]
    return _series("epochs", "800 rows, B = 100", "epochs", sizes, seconds)


def against_members(sizes: Sequence[int], on_step: OnStep) -> GrowthCurve:
    """Return the seconds of one call of ``train_many``, 10 epochs."""
    seconds = []
    for size in sizes:
        on_step(f"scaling: {size} members")
        with single_worker(_work(batch_size=100, members=size)) as worker:
            times = worker.ask("time", epochs=EPOCHS_OF_MEMBERS, repeats=REPEATS)["seconds"]
            seconds.append(float(np.median(times)))
    label = f"800 rows, B = 100, {EPOCHS_OF_MEMBERS} epochs"
    return _series("members", label, "members", sizes, seconds)


def memory_against_epochs(sizes: Sequence[int], on_step: OnStep) -> GrowthCurve:
    """Return the peak memory, in bytes, of processes that call ``train`` once.

    B = 1: whatever is kept for each update would show most.
    """
    peaks = []
    for size in sizes:
        on_step(f"scaling: memory of {size} epochs")
        with single_worker(_work(batch_size=1)) as worker:
            worker.ask("time", epochs=size, repeats=1)
            peaks.append(float(worker.ask("memory")["peak_bytes"] or np.nan))
    return _series("memory", "800 rows, B = 1", "memory", sizes, peaks)


def _work(batch_size: int, rows: int = 800, members: int = 1) -> Work:
    return Work(id="scaling", title="", rows=rows, batch_size=batch_size, members=members)


def _series(
    id_: str, label: str, panel: str, sizes: Sequence[int], values: Sequence[float]
) -> GrowthCurve:
    x, y = np.asarray(sizes, dtype=np.float64), np.asarray(values)
    # What a call costs at all hides growth at small sizes: the last two decades tell.
    large = x >= x[-1] / 100
    slope = float(np.polyfit(np.log(x[large]), np.log(y[large]), 1)[0])
    return GrowthCurve(id_, label, panel, x.tolist(), y.tolist(), slope)
