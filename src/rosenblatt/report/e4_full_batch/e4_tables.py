"""Table of the replays of E4 and E5 next to an independent computation."""

from functools import partial

import pyarrow as pa
import pyarrow.csv

from rosenblatt.experiments.reference_numbers import FULL_BATCH
from rosenblatt.report.format import (
    NARROW_SPACE,
    difference,
    number,
    plain,
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


def _replay_rows(results: Results) -> pa.Table:
    found = []
    for experiment in ("E4", "E5"):
        if experiment not in results:
            continue
        replay = rows(results[experiment].tables["summary"], protocol="replay")[0]
        expected = FULL_BATCH[replay["seed"]]
        found += [
            {
                "experiment": experiment,
                "seed": replay["seed"],
                "quantity": quantity,
                "independent": expected[quantity],
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
        "The replays of the MLP beside what other code computed by the source's protocol. Of these "
        "the source prints only that the accuracy goes from about 77 % to about 92 %, and that it "
        "starts around 50 % with seed 4. "
        f"Losses are known to six decimals; none differs by more than {difference(worst)[1:] or 0}."
    )


def _replay_value(row: Row, name: str) -> str:
    if row["quantity"].endswith("loss"):
        return number(row[name], 6)
    return f"{plain(100 * row[name])}{NARROW_SPACE}%"


def _replay_difference(row: Row) -> str:
    if row["quantity"].endswith("loss"):
        return difference(row["difference"])
    return difference(round(100 * row["difference"], 9))


TABLES = (
    ReportTable(
        key="table_mlp_replay",
        title="The MLP replayed",
        experiments=("E4", "E5"),
        rows=_replay_rows,
        columns=(
            Column("experiment", lambda row: f"{row['experiment']}, seed {row['seed']}", True),
            Column("quantity", lambda row: _MLP_QUANTITIES[row["quantity"]], is_text=True),
            Column("independent run", partial(_replay_value, name="independent")),
            Column("replayed", partial(_replay_value, name="replayed")),
            Column("difference", _replay_difference),
        ),
        caption=_replay_caption,
        grouped=True,
    ),
)
