"""Table of E2, the distance between the means."""

import pyarrow as pa
import pyarrow.csv

from rosenblatt.report.format import (
    number,
    percent_number,
    plain,
    plural,
)
from rosenblatt.report.parts import Column, ReportTable, Results
from rosenblatt.report.perceptron_accuracy import PERCEPTRON_COLUMNS
from rosenblatt.report.rows import rows


def _distance_rows(results: Results) -> pa.Table:
    return results["E2"].tables["accuracy"]


def _distance_caption(results: Results) -> str:
    seeds = int(rows(_distance_rows(results))[0]["seeds"])
    return (
        "Test accuracy (%) of the perceptron, means [m, m] and [0, 0]: as printed in the source, "
        "replayed by its protocol, with its percentile among our own runs; and their mean ± "
        "standard deviation "
        f"({plural(seeds, 'seed')}, equal shares of the classes) with three choices of the "
        "weights, and of linear discriminant analysis (LDA) of the same points. Bayes: the "
        "accuracy of the best possible rule on fresh data."
    )


TABLES = (
    ReportTable(
        key="table_distance",
        title="The means come together",
        rows=_distance_rows,
        columns=(
            Column("m", lambda row: plain(row["m"])),
            Column("printed", lambda row: percent_number(row["reported"])),
            Column("replayed", lambda row: percent_number(row["replayed"])),
            Column("percentile", lambda row: number(100 * row["percentile"], 0)),
            *PERCEPTRON_COLUMNS,
        ),
        caption=_distance_caption,
    ),
)
