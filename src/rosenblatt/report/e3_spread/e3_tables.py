"""Table of E3, the spread of the classes."""

import pyarrow as pa
import pyarrow.csv

from rosenblatt.report.format import (
    plain,
    plural,
)
from rosenblatt.report.parts import Column, ReportTable, Results
from rosenblatt.report.perceptron_accuracy import PERCEPTRON_COLUMNS
from rosenblatt.report.rows import rows


def _spread_rows(results: Results) -> pa.Table:
    return results["E3"].tables["accuracy"]


def _spread_caption(results: Results) -> str:
    seeds = int(rows(_spread_rows(results))[0]["seeds"])
    return (
        "Test accuracy (%) of the perceptron as the spread s of both classes grows, means [10, 10] "
        "and [0, 0], in the two readings of s. Mean ± standard deviation of "
        f"{plural(seeds, 'own seed')}, with three choices of the weights and with linear "
        "discriminant analysis (LDA) of the same points; Bayes: the best possible rule."
    )


TABLES = (
    ReportTable(
        key="table_spread",
        title="The spread grows",
        rows=_spread_rows,
        columns=(
            Column("reading", lambda row: f"s is the {row['reading']}", is_text=True),
            Column("s", lambda row: plain(row["s"])),
            *PERCEPTRON_COLUMNS,
        ),
        caption=_spread_caption,
        grouped=True,
    ),
)
