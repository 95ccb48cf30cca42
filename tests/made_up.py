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
    replayed: Mapping[float, float] = NONE,
    bayes: float = 0.76,
    pocket: float = 0.0,
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
            other = {"test_accuracy": pocket, "exact_accuracy": pocket}
            runs.append(row | {"weights": "pocket"} | other)
        summary = {"m": m, "reported": number, "percentile": 0.02, "bayes": bayes}
        summary |= {"replayed": replayed.get(m, number)}
        accuracy.append(summary | {"pocket_mean": 0.74, "lda_mean": 0.75})
    path = [{"epoch": 900 + i, "test_accuracy": value} for i, value in enumerate(trajectory)]
    return {"E2": result("E2", {"runs": runs, "accuracy": accuracy, "trajectory": path})}


def gaussians(
    replayed: float = 1.0, own: tuple[float, ...] = (0.95, 0.975, 1.0, 1.0), positive: int = 20
) -> dict[str, Result]:
    """Return E1, with test accuracies and the number of test points of class +1, of 40."""
    summary = [{"protocol": "replay", "seed": 42, "test_accuracy": replayed}]
    summary += [
        {"protocol": "own", "seed": seed, "test_accuracy": value} for seed, value in enumerate(own)
    ]
    labels = [1] * positive + [-1] * (40 - positive)
    points = [{"x1": 0.0, "x2": 1.0, "label": label, "split": "test"} for label in labels]
    return {"E1": result("E1", {"summary": summary, "points": points})}


def spreads(
    variance: Mapping[float, float] = NONE,
    deviation: Mapping[float, float] = NONE,
    *,
    bayes: tuple[float, float, float] = (0.9, 0.8, 0.7),
    spread: float = SPREAD,
) -> dict[str, Result]:
    """Return E3, with mean test accuracies of the last weights by s, in both readings."""
    runs, accuracy = [], []
    for reading, means in (("variance", variance), ("standard deviation", deviation)):
        for shift, s in enumerate((1.0, 50.0, 100.0)):
            for seed, value in enumerate(around(means.get(s, 0.5), spread, shift)):
                row = {"reading": reading, "s": s, "seed": seed, "test_accuracy": value}
                runs += [row | {"weights": "last"}, row | {"weights": "lda", "test_accuracy": 0.9}]
            accuracy.append({"reading": reading, "s": s, "bayes": bayes[shift]})
    return {"E3": result("E3", {"runs": runs, "accuracy": accuracy})}


def full_batch(
    test: float = 0.92,
    train: float = 0.93,
    fresh: float = 0.92,
    smallest: float = 0.01,
    *,
    start: float = 0.5,
    early: float | None = None,
    replayed: Mapping[str, float] = NONE,
    plateau: tuple[int, float, float] = (190, 0.05, 0.05),
    plateaus: tuple[int, ...] = (200, 0),
    rises: bool = True,
    spread: float = SPREAD,
) -> dict[str, Result]:
    """Return E4, with the mean accuracies at the end and the smallest eigenvalue there.

    ``early`` is that eigenvalue at the early plateau, ``plateau`` what its replay has: epochs, rise
    before and rise after; ``plateaus`` are the epochs of those of our own runs, in turns.
    """
    ends = {"test_accuracy": 0.915, "train_accuracy": 0.9125, "fresh_accuracy": 0.1}
    starting = {"start_test_accuracy": 0.77, "start_train_accuracy": 0.8075}
    summary = [{"protocol": "replay", "draw": 0, "seed": 42} | ends | starting | dict(replayed)]
    path, stretches, curves = [], [], []
    for draw in range(2):
        means = (test, train, fresh, start)
        measures = (around(mean, spread, i) for i, mean in enumerate(means))
        for seed, values in enumerate(zip(*measures, strict=True)):
            names = ("test_accuracy", "train_accuracy", "fresh_accuracy", "start_test_accuracy")
            row = {"protocol": "own", "draw": draw, "seed": seed, "start_train_accuracy": 0.5}
            row |= dict(zip(names, values, strict=True))
            # Only the first draw is the source's.
            summary.append(row if draw == 0 else row | {"test_accuracy": 0.0})
    at_plateau = smallest if early is None else early
    for protocol, eigenvalues, others in (
        ("replay", [-0.02], [-0.03]),
        ("own", around(smallest, spread), around(at_plateau, spread)),
    ):
        for seed, (value, other) in enumerate(zip(eigenvalues, others, strict=True)):
            who = {"protocol": protocol, "seed": seed, "gradient_norm": 0.05}
            for epoch, eigenvalue in ((0, -5.0), (EPOCHS, value)):
                path.append(who | {"epoch": epoch, "smallest_eigenvalue": eigenvalue})
            length, before, after = (
                plateau if protocol == "replay" else (plateaus[seed % len(plateaus)], 0.05, 0.05)
            )
            where = {"first_epoch": 260, "last_epoch": 260 + length, "epoch": 350, "accuracy": 0.86}
            rising = {"rise_before": before, "rise_after": after}
            losses = {"loss_at_begin": 0.4, "loss_at_end": 0.37 - 0.001 * seed}
            stretches.append(who | where | rising | losses | {"smallest_eigenvalue": other})
    for seed in range(N):
        for place, epoch in enumerate(range(0, 200, 10)):
            # A flat curve has ups and downs alone.
            value = 0.5 + 0.01 * place if rises else 0.5 + 0.01 * (place % 2)
            value += 0.0001 * seed * (place == 0)
            row = {"draw": 0, "seed": seed, "epoch": epoch, "train_loss": 0.5}
            curves.append(row | {"train_accuracy": value, "test_accuracy": value})
    curve = [{"epoch": e, "train_loss": 1 / (1 + e)} for e in (0, 10, 20)]
    tables = {
        "summary": summary,
        "plateau": path,
        "early_plateau": stretches,
        "own_curves": curves,
        "replay_curve": curve,
        "bayes": [{"accuracy": 0.97}],
        "logistic": [{"draw": 0, "test_accuracy": 0.86, "fresh_accuracy": 0.87}],
    }
    return {"E4": result("E4", tables)}


def starts(values: list[float], replayed: float = 0.53) -> dict[str, Result]:
    """Return E5, with the accuracies before training."""
    rows = [{"seed": i, "test_accuracy": value} for i, value in enumerate(values)]
    run = {"protocol": "replay", "seed": 4, "start_test_accuracy": replayed}
    summary = [run | {"start_train_accuracy": replayed}]
    return {"E5": result("E5", {"starts": rows, "summary": summary})}


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
    wobble: BySize = NONE,
    spread: float = SPREAD,
    n: int = N,
) -> dict[str, Result]:
    """Return E6: for each batch size means of columns; alike where nothing else is said.

    ``wobble`` is how far the test accuracy goes up and down from one evaluation to the next;
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
        for table, columns, epochs in (
            (own, curves, tuple(range(0, EPOCHS + 1, 150))),
            (first, early, (0, 1, 2, 20)),
        ):
            if table is first and size > 10:
                continue
            means = {name: columns.get(name, NONE).get(size, ENDS[name]) for name in list(ENDS)[:3]}
            for seed, row in enumerate(_rows(means, spread, shift, n)):
                for place, epoch in enumerate(epochs):
                    at = {"epoch": epoch, "updates": epoch * 800 // size}
                    where = {"batch_size": size, "seed": seed, **at}
                    if table is first:
                        table.append(where | row)
                        continue
                    up = wobble.get(size, 0.0) * (place % 2) * (1 + 0.001 * seed)
                    shaken = row | {"test_accuracy": row["test_accuracy"] + up}
                    table.append({"rates": "fixed"} | where | shaken)
        for i, value in enumerate(around(seconds.get(size, 1e-4), spread, shift, 5)):
            timing.append(
                {
                    "batch_size": size,
                    "moment": 0,
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
