"""Tables of E6, the batch size."""

from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from rosenblatt.analysis.statistics import compare_all, runs_needed
from rosenblatt.experiments.base import mean_and_sd
from rosenblatt.experiments.e6_batch_size import BATCH_SIZES, RATE_PER_SAMPLE, RATES
from rosenblatt.experiments.two_moons import PERTURBATION
from rosenblatt.report.e6_batch_size import cuts
from rosenblatt.report.e6_batch_size.cuts import BySize
from rosenblatt.report.format import (
    count,
    counted,
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
from rosenblatt.report.parts import Column, ReportTable, Results, Row, or_dash
from rosenblatt.report.rows import rows

CUTS = {
    "equal_epochs": "equal epochs",
    "equal_updates": "equal updates",
    "equal_seconds": "equal seconds",
    "equal_loss": "equal training loss",
    "scaled_rate": "scaled rate",
}
"""Comparisons of batch sizes, by the columns of the file."""


_CUT_MEASURES = {
    "train_loss": "training loss",
    "test_loss": "test loss",
    "fresh_accuracy": "accuracy on fresh points (%)",
    "largest_eigenvalue": "largest eigenvalue of the Hessian",
    "trace": "trace of the Hessian",
    "perturbed_loss": "rise of the training loss at random changes",
}


_DIGITS = {
    "train_loss": 3,
    "test_loss": 3,
    "largest_eigenvalue": 2,
    "trace": 2,
    "perturbed_loss": 4,
}


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
        f"{used}, all batch sizes of a seed from the same initial weights, and the "
        "replay, whose networks differ from one batch size to the next."
    )


def _cut_rows(results: Results) -> pa.Table:
    """Return, for each measure and batch size, means over seeds in every comparison."""
    found = []
    for measure, comparisons in _cuts(results).items():
        for size in BATCH_SIZES:
            row: Row = {"measure": measure, "batch_size": size}
            for name in CUTS:
                values = comparisons[name][size] if name in comparisons else np.empty(0)
                values = values[np.isfinite(values)]
                mean, sd = mean_and_sd(values) if len(values) else (None, None)
                row |= {name: mean, f"{name}_sd": sd, f"{name}_seeds": len(values)}
            found.append(row)
    return pa.Table.from_pylist(found)


def _cuts(results: Results) -> dict[str, dict[str, BySize]]:
    """Return every measure in those comparisons in which it was taken."""
    found = {}
    for name in ("train_loss", "test_loss"):
        found[name] = {
            "equal_epochs": cuts.ends(results, name),
            "equal_updates": cuts.at_updates(results, name),
            "equal_seconds": cuts.at_seconds(results, name),
            "scaled_rate": cuts.ends(results, name, "scaled"),
        }
    found["fresh_accuracy"] = {
        "equal_epochs": cuts.ends(results, "fresh_accuracy"),
        "scaled_rate": cuts.ends(results, "fresh_accuracy", "scaled"),
    }
    for name in ("largest_eigenvalue", "trace", "perturbed_loss"):
        found[name] = {
            "equal_epochs": cuts.sharp(results, name),
            "equal_loss": cuts.sharp_at_equal_loss(results, name),
            "scaled_rate": cuts.sharp(results, name, "scaled"),
        }
    return found


def _cut_caption(results: Results) -> str:
    settings = results["E6"].settings
    n, n_scaled = (len(cuts.ends(results, "epoch", rates)[1]) for rates in RATES)
    return (
        "The batch sizes in five comparisons, mean ± standard deviation over seeds: after equal "
        "epochs, which are equal samples seen; after "
        f"{count(int(cuts.fewest_updates(results)))} updates; after "
        f"{number(1e3 * cuts.fewest_seconds(results), 0)} ms of one run on this machine (known to "
        f"within {percent(cuts.uncertainty(results), 0)}); where the "
        f"training loss first is at most {settings['equal training loss']:g}; and after equal "
        f"epochs with a learning rate of {plain(RATE_PER_SAMPLE)} times the batch size. Over "
        f"{plural(n, 'seed')}, {n_scaled} with the scaled rate, and "
        f"{len(cuts.sharp(results, 'trace')[1])} where a Hessian is taken. Accuracy is that on "
        f"{count(int(settings['fresh points']))} fresh points; random changes of the weights have "
        f"a standard deviation of {PERTURBATION:g}."
    )


def _cut_cell(row: Row, cut: str) -> str:
    if row[cut] is None:
        return "–"
    scale, digits = (100, 2) if row["measure"] == "fresh_accuracy" else (1, _DIGITS[row["measure"]])
    sd = row[f"{cut}_sd"]
    return spread(scale * row[cut], None if sd is None else scale * sd, digits)


def _cost_rows(results: Results) -> pa.Table:
    epochs, updates = (cuts.ends(results, f"{unit}_to_95") for unit in ("epochs", "updates"))
    noise = cuts.ends(results, "noise")
    scale = cuts.sharp(results, "noise_scale")
    measured = {
        name: cuts.timing(results, name)
        for name in ("seconds_per_epoch", "seconds_per_update", "bytes_of_an_update")
    }
    between = cuts.spread_of(results, "seconds_per_epoch")
    found = []
    for size in BATCH_SIZES:
        reached = np.isfinite(epochs[size])
        most = 2 * reached.sum() > len(reached)
        found.append(
            {
                "batch_size": size,
                **{name: by_size[size] for name, by_size in measured.items()},
                "seconds_per_epoch_5th": between[size][0],
                "seconds_per_epoch_95th": between[size][1],
                "reached_95": float(reached.mean()),
                "seeds": len(reached),
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
        "What a batch size costs, for one run on this machine: the time of an epoch (median over "
        "rounds of measurement, and in brackets what nine tenths of the rounds lie between; the "
        f"medians are known to within {percent(cuts.uncertainty(results), 0)}, measured before "
        "and after all other work) and of an update, "
        "and the most memory that a forward and a backward pass hold. Then the share of "
        "seeds that come to 95 % of the test points within 1500 epochs (measured every 10), and "
        "the median of the epochs and updates that it takes them, where most of them come there; "
        "the noise of the test loss; and the gradient's noise scale at the end, tr Σ / ‖G‖² "
        f"(medians over seeds, {len(cuts.sharp(results, 'trace')[1])} for the noise scale)."
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
        "points: the mean difference, its 95 % interval (Student's), Cohen's d (the mean over the "
        "standard deviation of the differences), the p-value of the paired t test after Holm's "
        "correction for five comparisons, the number of seeds, and how many would show a "
        "difference of half a point with a chance of 80 %."
    )


def _pair_interval(row: Row) -> str:
    return interval(100 * row["low"], 100 * row["high"], 2)


def _p_value(row: Row) -> str:
    return "< 0.001" if row["holm_p"] < 0.001 else number(row["holm_p"], 3)


def _samples(value: float) -> str:
    return count(round(value)) if np.isfinite(value) else "∞"


def _reached(row: Row) -> str:
    return counted(row["reached_95"], row["seeds"])


def _time_of_an_epoch(row: Row) -> str:
    low, high = (1e6 * row[f"seconds_per_epoch_{end}"] for end in ("5th", "95th"))
    return f"{number(1e6 * row['seconds_per_epoch'], 0)} {interval(low, high, 0)}"


TABLES = (
    ReportTable(
        key="table_batch_sizes",
        title="The six batch sizes",
        rows=_batch_rows,
        columns=(
            Column("B", lambda row: str(row["batch_size"])),
            Column("updates", lambda row: count(int(row["updates"]))),
            Column(
                "training loss",
                lambda row: spread(row["train_loss_mean"], row["train_loss_sd"]),
            ),
            Column("test loss", lambda row: spread(row["test_loss_mean"], row["test_loss_sd"])),
            Column(
                "test accuracy (%)",
                lambda row: percent_spread(row["test_accuracy_mean"], row["test_accuracy_sd"]),
            ),
            Column("replay, test loss", lambda row: number(row["replay_test_loss"], 4)),
            Column(
                "replay, test accuracy (%)",
                lambda row: percent_number(row["replay_test_accuracy"]),
            ),
        ),
        caption=_batch_caption,
    ),
    ReportTable(
        key="table_cuts",
        title="The batch sizes, compared in several ways",
        rows=_cut_rows,
        columns=(
            Column("measure", lambda row: _CUT_MEASURES[row["measure"]], is_text=True),
            Column("B", lambda row: str(row["batch_size"])),
            *(Column(header, partial(_cut_cell, cut=cut)) for cut, header in CUTS.items()),
        ),
        caption=_cut_caption,
        grouped=True,
    ),
    ReportTable(
        key="table_pairs",
        title="Each batch size beside the full batch",
        rows=_pair_rows,
        columns=(
            Column("learning rate", lambda row: f"learning rate {row['rates']}", is_text=True),
            Column("B", lambda row: str(row["batch_size"])),
            Column("difference (points)", lambda row: number(100 * row["difference"], 2)),
            Column("95 % interval", _pair_interval),
            Column("d", or_dash(lambda value: number(value, 2), "d_z")),
            Column("p (Holm)", _p_value),
            Column("seeds", lambda row: str(row["seeds"])),
            Column("seeds needed", or_dash(lambda value: count(int(value)), "seeds_needed")),
        ),
        caption=_pair_caption,
        grouped=True,
    ),
    ReportTable(
        key="table_costs",
        title="What a batch size costs",
        rows=_cost_rows,
        columns=(
            Column("B", lambda row: str(row["batch_size"])),
            Column("time of an epoch (µs)", _time_of_an_epoch),
            Column("of an update (µs)", lambda row: number(1e6 * row["seconds_per_update"], 2)),
            Column("memory (KiB)", lambda row: number(row["bytes_of_an_update"] / 1024, 0)),
            Column("seeds at 95 %", _reached),
            Column(
                "epochs to 95 %",
                or_dash(lambda value: count(int(value)), "median_epochs_to_95"),
            ),
            Column(
                "updates to 95 %",
                or_dash(lambda value: count(int(value)), "median_updates_to_95"),
            ),
            Column("noise", lambda row: scientific(row["noise"])),
            Column(
                "noise scale (samples)",
                or_dash(_samples, "noise_scale"),
            ),
        ),
        caption=_cost_caption,
    ),
)
