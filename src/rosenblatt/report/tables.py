"""All tables of the report: rows for the CSV files and cells for the page."""

import io
from functools import partial

import pyarrow as pa
import pyarrow.csv

from rosenblatt.experiments.published import FULL_BATCH
from rosenblatt.report.format import (
    count,
    difference,
    number,
    percent_number,
    percent_spread,
    plain,
    plural,
    spread,
)
from rosenblatt.report.parts import Column, ReportTable, Results, Row
from rosenblatt.report.rows import rows

_MLP_QUANTITIES = {
    "start_test_accuracy": "test accuracy before training",
    "test_accuracy": "test accuracy at the end",
    "start_train_accuracy": "training accuracy before training",
    "train_accuracy": "training accuracy at the end",
    "train_loss": "training loss at the end",
    "test_loss": "test loss at the end",
}


def _distance_rows(results: Results) -> pa.Table:
    return results["E2"].tables["accuracy"]


def _distance_caption(results: Results) -> str:
    seeds = int(rows(_distance_rows(results))[0]["seeds"])
    return (
        "Test accuracy (%) of the perceptron, means [m, m] and [0, 0]: as printed in the source, "
        "replayed by its protocol, and mean ± standard deviation of our own runs "
        f"({plural(seeds, 'seed')}, exact class shares) with three choices of the weights. Bayes: "
        "the accuracy of the best possible rule on fresh data."
    )


def _spread_rows(results: Results) -> pa.Table:
    return results["E3"].tables["accuracy"]


def _spread_caption(results: Results) -> str:
    seeds = int(rows(_spread_rows(results))[0]["seeds"])
    return (
        "Test accuracy (%) of the perceptron as the spread s of both classes grows, means [10, 10] "
        "and [0, 0], in the two readings of s. Mean ± standard deviation of "
        f"{plural(seeds, 'own seed')}."
    )


def _replay_rows(results: Results) -> pa.Table:
    found = []
    for experiment in ("E4", "E5"):
        if experiment not in results:
            continue
        replay = rows(results[experiment].tables["summary"], protocol="as published")[0]
        expected = FULL_BATCH[replay["seed"]]
        found += [
            {
                "experiment": experiment,
                "seed": replay["seed"],
                "quantity": quantity,
                "published": expected[quantity],
                "replayed": replay[quantity],
                "difference": replay[quantity] - expected[quantity],
            }
            for quantity in _MLP_QUANTITIES
        ]
    return pa.Table.from_pylist(found)


def _replay_caption(results: Results) -> str:
    losses = [row for row in rows(_replay_rows(results)) if row["quantity"].endswith("loss")]
    worst = max(abs(row["difference"]) for row in losses)
    return (
        "The as-published replays of the MLP beside the numbers that the source's protocol gives. "
        f"Losses are known to six decimals; none differs by more than {difference(worst)[1:] or 0}."
    )


def _replay_value(row: Row, name: str) -> str:
    if row["quantity"].endswith("loss"):
        return number(row[name], 6)
    return f"{plain(100 * row[name])} %"


def _replay_difference(row: Row) -> str:
    if row["quantity"].endswith("loss"):
        return difference(row["difference"])
    return difference(round(100 * row["difference"], 9))


def _batch_rows(results: Results) -> pa.Table:
    return results["E6"].tables["summary"]


def _batch_caption(results: Results) -> str:
    table = rows(_batch_rows(results))
    seeds = sorted({int(row["seeds"]) for row in table})
    used = (
        plural(seeds[0], "own seed") if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]} own seeds"
    )
    return (
        "The six batch sizes after the same number of epochs: mean ± standard deviation of "
        f"{used}, all batch sizes of a seed from the same initial weights, and the as-published "
        "replay, whose networks differ from one batch size to the next."
    )


def _spread_cell(row: Row, weights: str) -> str:
    return percent_spread(row[f"{weights}_mean"], row[f"{weights}_sd"])


_PERCEPTRON_COLUMNS = (
    Column("last weights", partial(_spread_cell, weights="last")),
    Column("pocket", partial(_spread_cell, weights="pocket")),
    Column("averaged", partial(_spread_cell, weights="averaged")),
    Column("Bayes", lambda row: percent_number(row["bayes"])),
)

TABLES: dict[str, ReportTable] = {
    table.number: table
    for table in (
        ReportTable(
            number="1",
            name="table_1_distance",
            title="The means come together",
            experiments=("E2",),
            rows=_distance_rows,
            columns=(
                Column("m", lambda row: plain(row["m"])),
                Column("printed", lambda row: percent_number(row["reported"])),
                Column("replayed", lambda row: percent_number(row["replayed"])),
                *_PERCEPTRON_COLUMNS,
            ),
            caption=_distance_caption,
        ),
        ReportTable(
            number="2",
            name="table_2_spread",
            title="The spread grows",
            experiments=("E3",),
            rows=_spread_rows,
            columns=(
                Column("reading", lambda row: f"s is the {row['reading']}", is_text=True),
                Column("s", lambda row: plain(row["s"])),
                *_PERCEPTRON_COLUMNS,
            ),
            caption=_spread_caption,
            grouped=True,
        ),
        ReportTable(
            number="3",
            name="table_3_mlp_replay",
            title="The MLP replayed",
            experiments=("E4", "E5"),
            rows=_replay_rows,
            columns=(
                Column("experiment", lambda row: f"{row['experiment']}, seed {row['seed']}", True),
                Column("quantity", lambda row: _MLP_QUANTITIES[row["quantity"]], is_text=True),
                Column("published", partial(_replay_value, name="published")),
                Column("replayed", partial(_replay_value, name="replayed")),
                Column("difference", _replay_difference),
            ),
            caption=_replay_caption,
            grouped=True,
        ),
        ReportTable(
            number="4",
            name="table_4_batch_sizes",
            title="The six batch sizes",
            experiments=("E6",),
            rows=_batch_rows,
            columns=(
                Column("B", lambda row: str(row["batch_size"])),
                Column("updates", lambda row: count(int(row["updates"]))),
                Column(
                    "train loss", lambda row: spread(row["train_loss_mean"], row["train_loss_sd"])
                ),
                Column("test loss", lambda row: spread(row["test_loss_mean"], row["test_loss_sd"])),
                Column(
                    "test acc. (%)",
                    lambda row: percent_spread(row["test_accuracy_mean"], row["test_accuracy_sd"]),
                ),
                Column("replay, test loss", lambda row: number(row["replay_test_loss"], 4)),
                Column(
                    "replay, test acc. (%)", lambda row: percent_number(row["replay_test_accuracy"])
                ),
                Column("seconds per run", lambda row: f"{row['seconds_mean']:.2g}"),
            ),
            caption=_batch_caption,
        ),
    )
}
"""Every table by its number."""


def csv_bytes(table: ReportTable, results: Results) -> bytes:
    """Return the rows of a table as CSV, numbers in full precision, accuracies as fractions."""
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(table.rows(results), buffer)
    return buffer.getvalue()
