"""All tables of the report: rows for the CSV files and cells for the page."""

import io
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from rosenblatt.analysis import compare_all, runs_needed
from rosenblatt.experiments.base import mean_and_sd
from rosenblatt.experiments.e6_batch_size import BATCH_SIZES, RATES
from rosenblatt.experiments.published import FULL_BATCH
from rosenblatt.report import cuts
from rosenblatt.report.format import (
    count,
    difference,
    interval,
    number,
    percent,
    percent_number,
    percent_spread,
    plain,
    plural,
    scientific,
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


def _cut_rows(results: Results) -> pa.Table:
    """Return, for each batch size, means over seeds in every cut."""
    measured = {
        "updates": cuts.ends(results, "updates"),
        "train_loss": cuts.ends(results, "train_loss"),
        "train_loss_equal_updates": cuts.at_updates(results, "train_loss"),
        "train_loss_equal_seconds": cuts.at_seconds(results, "train_loss"),
        "train_loss_scaled": cuts.ends(results, "train_loss", "scaled"),
        "fresh_accuracy": cuts.ends(results, "fresh_accuracy"),
        "fresh_accuracy_scaled": cuts.ends(results, "fresh_accuracy", "scaled"),
        "largest_eigenvalue": cuts.sharp(results, "largest_eigenvalue"),
        "largest_eigenvalue_equal_loss": cuts.sharp_at_equal_loss(results, "largest_eigenvalue"),
        "largest_eigenvalue_scaled": cuts.sharp(results, "largest_eigenvalue", "scaled"),
        "trace": cuts.sharp(results, "trace"),
        "perturbed_loss": cuts.sharp(results, "perturbed_loss"),
    }
    found = []
    for size in BATCH_SIZES:
        row: Row = {"batch_size": size}
        for name, by_size in measured.items():
            values = by_size[size][np.isfinite(by_size[size])]
            row[name], row[f"{name}_sd"] = mean_and_sd(values) if len(values) else (None, None)
            row[f"{name}_seeds"] = len(values)
        found.append(row)
    return pa.Table.from_pylist(found)


def _cut_caption(results: Results) -> str:
    settings = results["E6"].settings
    return (
        "Training loss, accuracy on 100 000 fresh points and the largest eigenvalue of the Hessian "
        "(λ), mean ± standard deviation over seeds: after equal epochs, which are equal samples "
        f"seen; after {count(int(cuts.fewest_updates(results)))} updates; after "
        f"{number(1e3 * cuts.fewest_seconds(results), 0)} ms of one run; where the training loss "
        f"first is {settings['equal training loss']:g}; and after equal epochs with a learning "
        "rate of 0.001 times the batch size (scaled)."
    )


def _cost_rows(results: Results) -> pa.Table:
    epochs, updates = (cuts.ends(results, f"{unit}_to_95") for unit in ("epochs", "updates"))
    noise = cuts.ends(results, "noise")
    scale = cuts.sharp(results, "noise_scale")
    measured = {
        name: cuts.timing(results, name)
        for name in ("seconds_per_epoch", "seconds_per_update", "bytes_of_an_update")
    }
    found = []
    for size in BATCH_SIZES:
        reached = np.isfinite(epochs[size])
        most = 2 * reached.sum() > len(reached)
        found.append(
            {
                "batch_size": size,
                **{name: by_size[size] for name, by_size in measured.items()},
                "reached_95": float(reached.mean()),
                # Runs that never got there count as later than all others.
                "median_epochs_to_95": cuts.median_of_all(epochs[size]) if most else None,
                "median_updates_to_95": cuts.median_of_all(updates[size]) if most else None,
                "noise": float(np.median(noise[size])),
                "noise_scale": float(np.median(scale[size])) if len(scale[size]) else None,
            }
        )
    return pa.Table.from_pylist(found)


def _cost_caption(results: Results) -> str:
    return (
        "What a batch size costs, for one run on this machine: the time of an epoch and of an "
        "update, and the most memory that a forward and a backward pass hold. Then the share of "
        "seeds that come to 95 % of the test points within 1500 epochs, with the median of their "
        "epochs and updates; the noise of the test loss; and the gradient's noise scale at the end "
        "(tr Σ / |G|², in samples; medians over seeds)."
    )


def _pair_rows(results: Results) -> pa.Table:
    found = []
    for rates in RATES:
        accuracy = cuts.ends(results, "fresh_accuracy", rates)
        pairs = {str(size): (accuracy[size], accuracy[800]) for size in BATCH_SIZES[:-1]}
        for size, one in compare_all(pairs).items():
            found.append(
                {
                    "rates": rates,
                    "batch_size": int(size),
                    "seeds": one.n,
                    "difference": one.difference,
                    "low": one.interval.low,
                    "high": one.interval.high,
                    "d_z": one.d_z,
                    "holm_p": one.adjusted_p,
                    "seeds_needed": _seeds_needed(*pairs[size]),
                }
            )
    return pa.Table.from_pylist(found)


def _seeds_needed(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> int | None:
    """Return how many seeds show a difference of half a point with a chance of 80 %."""
    return runs_needed(a - b, effect=0.005).total if len(a) > 1 else None


def _pair_caption(results: Results) -> str:
    return (
        "Accuracy on fresh points of each batch size less that of the full batch, seed by seed, in "
        "points: the mean difference, its 95 % interval, Cohen's d (the mean over the standard "
        "deviation of the differences), the p-value of the paired t test after Holm's correction "
        "for five comparisons, and how many seeds would show half a point with a chance of 80 %."
    )


def _pair_interval(row: Row) -> str:
    return interval(100 * row["low"], 100 * row["high"], 2)


def _p_value(row: Row) -> str:
    return "< 0.001" if row["holm_p"] < 0.001 else number(row["holm_p"], 3)


def _or_dash(write: Callable[[float], str], name: str) -> Callable[[Row], str]:
    """Return what writes a cell, with a dash where there is no value."""
    return lambda row: "–" if row[name] is None else write(row[name])


def _with_spread(name: str, digits: int) -> Callable[[Row], str]:
    return lambda row: "–" if row[name] is None else spread(row[name], row[f"{name}_sd"], digits)


def _spread_cell(row: Row, weights: str) -> str:
    return percent_spread(row[f"{weights}_mean"], row[f"{weights}_sd"])


_LDA = Column("LDA", partial(_spread_cell, weights="lda"))
_PERCEPTRON_COLUMNS = (
    Column("last weights", partial(_spread_cell, weights="last")),
    Column("pocket", partial(_spread_cell, weights="pocket")),
    Column("averaged", partial(_spread_cell, weights="averaged")),
    _LDA,
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
            ),
            caption=_batch_caption,
        ),
        ReportTable(
            number="5",
            name="table_5_cuts",
            title="The batch sizes, cut in several ways",
            experiments=("E6",),
            rows=_cut_rows,
            columns=(
                Column("B", lambda row: str(row["batch_size"])),
                Column("loss, equal epochs", _with_spread("train_loss", 3)),
                Column("equal updates", _with_spread("train_loss_equal_updates", 3)),
                Column("equal seconds", _with_spread("train_loss_equal_seconds", 3)),
                Column("scaled", _with_spread("train_loss_scaled", 3)),
                Column(
                    "fresh %, equal epochs",
                    lambda row: percent_spread(row["fresh_accuracy"], row["fresh_accuracy_sd"]),
                ),
                Column(
                    "scaled",
                    lambda row: percent_spread(
                        row["fresh_accuracy_scaled"], row["fresh_accuracy_scaled_sd"]
                    ),
                ),
                Column("λ, equal epochs", _with_spread("largest_eigenvalue", 2)),
                Column("equal loss", _with_spread("largest_eigenvalue_equal_loss", 2)),
                Column("scaled", _with_spread("largest_eigenvalue_scaled", 2)),
            ),
            caption=_cut_caption,
        ),
        ReportTable(
            number="6",
            name="table_6_costs",
            title="What a batch size costs",
            experiments=("E6",),
            rows=_cost_rows,
            columns=(
                Column("B", lambda row: str(row["batch_size"])),
                Column("epoch, µs", lambda row: number(1e6 * row["seconds_per_epoch"], 0)),
                Column("update, µs", lambda row: number(1e6 * row["seconds_per_update"], 2)),
                Column("KiB", lambda row: number(row["bytes_of_an_update"] / 1024, 0)),
                Column("at 95 %", lambda row: percent(row["reached_95"], 0)),
                Column("epochs", _or_dash(lambda value: count(int(value)), "median_epochs_to_95")),
                Column(
                    "updates", _or_dash(lambda value: count(int(value)), "median_updates_to_95")
                ),
                Column("noise", lambda row: scientific(row["noise"])),
                Column("noise scale", _or_dash(lambda value: number(value, 0), "noise_scale")),
            ),
            caption=_cost_caption,
        ),
        ReportTable(
            number="7",
            name="table_7_pairs",
            title="Each batch size beside the full batch",
            experiments=("E6",),
            rows=_pair_rows,
            columns=(
                Column("learning rate", lambda row: f"learning rate {row['rates']}", is_text=True),
                Column("B", lambda row: str(row["batch_size"])),
                Column("points", lambda row: number(100 * row["difference"], 2)),
                Column("95 % interval", _pair_interval),
                Column("d", _or_dash(lambda value: number(value, 2), "d_z")),
                Column("p (Holm)", _p_value),
                Column("seeds", lambda row: str(row["seeds"])),
                Column("needed", _or_dash(lambda value: count(int(value)), "seeds_needed")),
            ),
            caption=_pair_caption,
            grouped=True,
        ),
    )
}
"""Every table by its number."""


def csv_bytes(table: ReportTable, results: Results) -> bytes:
    """Return the rows of a table as CSV, numbers in full precision, accuracies as fractions."""
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(table.rows(results), buffer)
    return buffer.getvalue()
