"""Our statistics and those of an independent computation, with their distance in standard errors.

Where that computation gives no standard deviation, ours stands for both.
"""

import math
from collections.abc import Iterator
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rosenblatt.experiments.e3_spread import SPREADS
from rosenblatt.experiments.reference_numbers import (
    INDEPENDENT_BATCH,
    INDEPENDENT_DISTANCE,
    INDEPENDENT_SEEDS,
    INDEPENDENT_SPREAD,
    Statistic,
)
from rosenblatt.report.format import number, percent_spread, spread
from rosenblatt.report.parts import Column, ReportTable, Results, Row, or_dash
from rosenblatt.report.rows import columns

FAR = 4.0
"""Distance in standard errors that chance does not explain, even among some seventy numbers."""


def agreement(results: Results) -> pa.Table:
    """Return a row for each statistic: the independent one, ours, and their distance."""
    rows: list[Row] = []
    if "E2" in results:
        rows += _distance_rows(results)
    if "E3" in results:
        rows += _spread_rows(results)
    if "E6" in results:
        rows += _batch_rows(results)
    return pa.Table.from_pylist(rows)


def farthest(results: Results) -> tuple[int, float]:
    """Return how many statistics there are, and the largest distance in standard errors."""
    apart = np.array(agreement(results)["standard_errors"].to_pylist(), dtype=np.float64)
    return len(apart), float(np.nanmax(np.abs(apart), initial=0.0))


def _distance_rows(results: Results) -> Iterator[Row]:
    runs = results["E2"].tables["runs"]
    for weights, by_m in INDEPENDENT_DISTANCE.items():
        for m, expected in by_m.items():
            values = columns(runs, weights=weights, m=m)["test_accuracy"]
            yield _row("E2", f"test accuracy, {weights} weights, m = {m:g}", expected, values)


def _spread_rows(results: Results) -> Iterator[Row]:
    runs = results["E3"].tables["runs"]
    for reading, means in INDEPENDENT_SPREAD.items():
        for s, mean in zip(SPREADS, means, strict=True):
            values = columns(runs, weights="last", reading=reading, s=s)["test_accuracy"]
            what = f"test accuracy, last weights, {reading} {s:g}"
            yield _row("E3", what, (mean, None), values)


def _batch_rows(results: Results) -> Iterator[Row]:
    ends = results["E6"].tables["source_data"]
    for size, by_name in INDEPENDENT_BATCH.items():
        for name, expected in by_name.items():
            values = columns(ends, batch_size=size)[name]
            yield _row("E6", f"{name.replace('_', ' ')}, B = {size}", expected, values)


def _row(
    experiment: str,
    what: str,
    expected: Statistic,
    values: npt.NDArray[np.float64],
) -> Row:
    mean, sd = expected
    n_expected = INDEPENDENT_SEEDS["network" if experiment == "E6" else "perceptron"]
    own_sd = float(values.std(ddof=1)) if len(values) > 1 else math.nan
    error = math.sqrt((own_sd if sd is None else sd) ** 2 / n_expected + own_sd**2 / len(values))
    difference = float(values.mean()) - mean
    return {
        "experiment": experiment,
        "what": what,
        "independent": mean,
        "independent_sd": sd,
        "ours": float(values.mean()),
        "ours_sd": None if math.isnan(own_sd) else own_sd,
        "seeds": len(values),
        "standard_errors": difference / error if error > 0 else None,
    }


def _agreement_cell(row: Row, name: str) -> str:
    if "accuracy" in row["what"]:
        return percent_spread(row[name], row[f"{name}_sd"])
    return spread(row[name], row[f"{name}_sd"], 4 if "loss" in row["what"] else 2)


def _agreement_caption(results: Results) -> str:
    count_of_all, most = farthest(results)
    return (
        f"{count_of_all} statistics that other code computed for the same protocols "
        f"({INDEPENDENT_SEEDS['perceptron']} seeds for the perceptron, "
        f"{INDEPENDENT_SEEDS['network']} for the network) beside ours, mean ± standard deviation, "
        "accuracies in percent. The last column is their difference in standard errors of it; the "
        f"largest is {number(most, 1)}."
    )


TABLE = ReportTable(
    key="table_agreement",
    title="Beside an independent computation",
    experiments=("E2", "E3", "E6"),
    rows=agreement,
    columns=(
        Column("experiment", lambda row: row["experiment"], is_text=True),
        Column("statistic", lambda row: row["what"], is_text=True),
        Column("independent", partial(_agreement_cell, name="independent")),
        Column("ours", partial(_agreement_cell, name="ours")),
        Column("seeds", lambda row: str(row["seeds"])),
        Column(
            "standard errors apart",
            or_dash(lambda value: number(value, 1), "standard_errors"),
        ),
    ),
    caption=_agreement_caption,
    grouped=True,
)
