"""Made-up tables of experiments, with the numbers that a test chooses, over a few made-up seeds.

They hold what judges and cuts read. That real tables have these columns, `tiny` shows.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa

from rosenblatt.experiments import EXPERIMENTS, Result

SIZES = (1, 10, 100, 200, 400, 800)
N = 8
NONE: Mapping[Any, Any] = MappingProxyType({})
EPOCHS = 1500
SPREAD = 0.001
"""The standard deviation between seeds, relative to the mean: so small that verdicts are sure."""
WIDE = 2.0
"""So large that they are not."""


def result(name: str, tables: Mapping[str, list[dict[str, Any]]], **settings: Any) -> Result:
    return Result(
        experiment=name,
        settings={**EXPERIMENTS[name].settings, **settings},
        tables={table: pa.Table.from_pylist(rows) for table, rows in tables.items()},
        seconds=1.0,
    )


def around(mean: float, spread: float = SPREAD, shift: int = 0, n: int = N) -> list[float]:
    """Return n values whose mean is ``mean``; another ``shift`` gives other seeds the high ones."""
    if mean is None:
        return [None] * n
    steps = np.roll(np.linspace(-1, 1, n), 3 * shift)
    steps = steps / steps.std(ddof=1) if n > 1 else steps * 0
    return (mean + spread * abs(mean) * steps).tolist()


def distance(
    test: Mapping[float, float] = NONE,
    exact: Mapping[float, float] = NONE,
    *,
    reported: Mapping[float, float] = NONE,
    trajectory: tuple[float, ...] = (0.4, 0.7),
    spread: float = SPREAD,
) -> dict[str, Result]:
    """Return E2, with mean accuracies of the last weights by m."""
    printed = {10.0: 1.0, 5.0: 1.0, 3.0: 1.0, 2.0: 0.85, 1.0: 0.475, 0.5: 0.5, 0.0: 0.575}
    runs, accuracy = [], []
    for m, number in (printed | dict(reported)).items():
        measured, sure = test.get(m, 0.5), exact.get(m, 0.5)
        pairs = zip(around(measured, spread), around(sure, spread), strict=True)
        for seed, (on_test, on_all) in enumerate(pairs):
            row = {"m": m, "seed": seed, "test_accuracy": on_test, "exact_accuracy": on_all}
            runs.append(row | {"weights": "last"})
            # What another rule does must not matter.
            runs.append(row | {"weights": "pocket", "test_accuracy": 0.0, "exact_accuracy": 0.0})
        summary = {"m": m, "reported": number, "percentile": 0.02, "bayes": 0.76}
        accuracy.append(summary | {"pocket_mean": 0.74, "lda_mean": 0.75})
    path = [{"epoch": 900 + i, "test_accuracy": value} for i, value in enumerate(trajectory)]
    return {"E2": result("E2", {"runs": runs, "accuracy": accuracy, "trajectory": path})}


def spreads(
    variance: Mapping[float, float] = NONE,
    deviation: Mapping[float, float] = NONE,
    *,
    spread: float = SPREAD,
) -> dict[str, Result]:
    """Return E3, with mean test accuracies of the last weights by s, in both readings."""
    runs, accuracy = [], []
    for reading, means in (("variance", variance), ("standard deviation", deviation)):
        for shift, s in enumerate((1.0, 50.0, 100.0)):
            for seed, value in enumerate(around(means.get(s, 0.5), spread, shift)):
                row = {"reading": reading, "s": s, "seed": seed, "test_accuracy": value}
                runs += [row | {"weights": "last"}, row | {"weights": "lda", "test_accuracy": 0.9}]
            accuracy.append({"reading": reading, "s": s, "bayes": 0.8})
    return {"E3": result("E3", {"runs": runs, "accuracy": accuracy})}


def full_batch(
    test: float = 0.92,
    train: float = 0.93,
    fresh: float = 0.92,
    smallest: float = 0.01,
    *,
    spread: float = SPREAD,
) -> dict[str, Result]:
    """Return E4, with the mean accuracies at the end and the smallest eigenvalue there."""
    summary = [{"protocol": "replay", "draw": 0, "seed": 42, "test_accuracy": 0.915}]
    summary[0] |= {"train_accuracy": 0.5, "fresh_accuracy": 0.1}
    plateau = []
    for draw in range(2):
        measures = (around(mean, spread, i) for i, mean in enumerate((test, train, fresh)))
        for seed, (on_test, on_train, on_fresh) in enumerate(zip(*measures, strict=True)):
            row = {"protocol": "own", "draw": draw, "seed": seed, "test_accuracy": on_test}
            row |= {"train_accuracy": on_train, "fresh_accuracy": on_fresh}
            # Only the first draw is the source's.
            summary.append(row if draw == 0 else row | {"test_accuracy": 0.0})
    for protocol, values in (("replay", [-0.02]), ("own", around(smallest, spread))):
        for seed, value in enumerate(values):
            for epoch, eigenvalue in ((0, -5.0), (EPOCHS, value)):
                row = {"protocol": protocol, "seed": seed, "epoch": epoch, "gradient_norm": 0.05}
                plateau.append(row | {"smallest_eigenvalue": eigenvalue})
    curve = [{"epoch": e, "train_loss": 1 / (1 + e)} for e in (0, 10, 20)]
    tables = {"summary": summary, "plateau": plateau, "replay_curve": curve}
    return {"E4": result("E4", tables)}


def starts(values: list[float]) -> dict[str, Result]:
    """Return E5, with the accuracies before training."""
    rows = [{"seed": i, "test_accuracy": value} for i, value in enumerate(values)]
    return {"E5": result("E5", {"starts": rows})}


BySize = Mapping[int, float | None]

ENDS = {
    "train_loss": 0.2,
    "test_loss": 0.2,
    "test_accuracy": 0.95,
    "fresh_accuracy": 0.95,
    "noise": 1e-3,
    "epochs_to_95": 500.0,
    "updates_to_95": 5000.0,
}
SHARP = {"largest_eigenvalue": 2.0, "trace": 5.0, "perturbed_loss": 0.1, "noise_scale": 50.0}


def batch_sizes(
    *,
    fixed: Mapping[str, BySize] = NONE,
    scaled: Mapping[str, BySize] = NONE,
    sharp: BySize = NONE,
    sharp_scaled: BySize = NONE,
    equal_loss: BySize = NONE,
    curves: Mapping[str, BySize] = NONE,
    early: Mapping[str, BySize] = NONE,
    seconds: BySize = NONE,
    held: BySize = NONE,
    spread: float = SPREAD,
    n: int = N,
) -> dict[str, Result]:
    """Return E6: for each batch size means of columns; alike where nothing else is said.

    ``fixed`` and ``scaled`` are columns at the ends; the three of sharpness, the largest
    eigenvalue (None: nobody came to that loss); ``curves`` and ``early`` are whole curves, which
    stay where they are.
    """
    ends, sharpness, at_loss, own, first, timing, summary = ([] for _ in range(7))
    for shift, size in enumerate(SIZES):
        for rates, columns, eigenvalue in (
            ("fixed", fixed, sharp.get(size, 2.0)),
            ("scaled", scaled, sharp_scaled.get(size, 2.0)),
        ):
            means = {name: columns.get(name, NONE).get(size, mean) for name, mean in ENDS.items()}
            for seed, row in enumerate(_rows(means, spread, shift, n)):
                where = {"rates": rates, "batch_size": size, "seed": seed, "epoch": EPOCHS}
                ends.append(where | {"updates": EPOCHS * 800 // size} | row)
            measures = SHARP | {"largest_eigenvalue": eigenvalue}
            for seed, row in enumerate(_rows(measures, spread, shift, n)):
                sharpness.append({"rates": rates, "batch_size": size, "seed": seed} | row)
        if equal_loss.get(size, 2.0) is not None:
            measures = SHARP | {"largest_eigenvalue": equal_loss.get(size, 2.0)}
            for seed, row in enumerate(_rows(measures, spread, shift, n)):
                at_loss.append({"batch_size": size, "seed": seed} | row)
        for table, columns, epochs in ((own, curves, (0, EPOCHS)), (first, early, (0, 1, 2, 20))):
            if table is first and size > 10:
                continue
            means = {name: columns.get(name, NONE).get(size, ENDS[name]) for name in list(ENDS)[:3]}
            for seed, row in enumerate(_rows(means, spread, shift, n)):
                for epoch in epochs:
                    at = {"epoch": epoch, "updates": epoch * 800 // size}
                    where = {"batch_size": size, "seed": seed, **at}
                    table.append(({"rates": "fixed"} if table is own else {}) | where | row)
        for i, value in enumerate(around(seconds.get(size, 1e-4), spread, shift, 5)):
            timing.append(
                {
                    "batch_size": size,
                    "round": i,
                    "seconds_per_epoch": value,
                    "seconds_per_update": value * size / 800,
                    "bytes_of_an_update": held.get(size, 4096),
                }
            )
        summary.append({"batch_size": size, "updates": EPOCHS * 800 // size})
    tables = {
        "ends": ends,
        "sharpness": sharpness,
        "equal_loss": at_loss,
        "own_curves": own,
        "early_curves": first,
        "timing": timing,
        "summary": summary,
    }
    return {"E6": result("E6", tables)}


def _rows(means: Mapping[str, Any], spread: float, shift: int, n: int) -> list[dict[str, Any]]:
    values = {name: around(mean, spread, shift, n) for name, mean in means.items()}
    return [{name: column[i] for name, column in values.items()} for i in range(n)]
