"""The batch sizes at equal epochs, updates, seconds and losses, against values found by hand."""

import dataclasses

import numpy as np
import pyarrow as pa
import pytest

from made_up import SIZES, batch_sizes, result
from rosenblatt.experiments.base import mean_and_sd
from rosenblatt.experiments.e6_batch_size import BATCH_SIZES, EARLY_EPOCHS
from rosenblatt.report.e6_batch_size import cuts
from rosenblatt.report.format import spread
from rosenblatt.report.rows import columns, groups, points, rows, runs

N_TRAIN = 800


def path(size, seed, epochs, **first):
    """A curve whose loss is a known function of the seed and the epoch."""
    return [
        {
            **first,
            "batch_size": size,
            "seed": seed,
            "epoch": epoch,
            "updates": epoch * N_TRAIN // size,
            "train_loss": 100 * seed + epoch**2 / size,
        }
        for epoch in epochs
    ]


def made(seeds=(0, 1, 2), order=None):
    """E6 with these curves: evaluated at epochs 0, 10 and 30, and early after each."""
    own, early, ends, timing = [], [], [], []
    for size in SIZES:
        for seed in seeds:
            own += path(size, seed, (0, 10, 30), rates="fixed")
            # Other rates must not get in between.
            own += [row | {"train_loss": -1.0} for row in path(size, seed, (0, 30), rates="scaled")]
            if size in EARLY_EPOCHS:
                early += path(size, seed, range(EARLY_EPOCHS[size] + 1))
            for rates in ("fixed", "scaled"):
                end = {"rates": rates, "batch_size": size, "seed": seed, "epoch": 30}
                ends.append(end | {"train_loss": seed + size / 1000 + 10 * (rates == "scaled")})
        # An epoch of the full batch takes 1 ms, of a single sample 60 ms; a round went wrong.
        for i, factor in enumerate((1.0, 1.0, 50.0)):
            per_epoch = factor * (60e-3 if size == 1 else 2e-3 if size < 800 else 1e-3)
            where = {"batch_size": size, "moment": 0, "round": i}
            timing.append(where | {"seconds_per_epoch": per_epoch})
    summary = [{"batch_size": size, "updates": 30 * N_TRAIN // size} for size in SIZES]
    tables = {"own_curves": own, "early_curves": early, "ends": ends, "timing": timing}
    if order is not None:
        tables = {
            name: [table[i] for i in order.permutation(len(table))]
            for name, table in tables.items()
        }
    return {"E6": result("E6", tables | {"summary": summary})}


def test_the_sizes_are_those_of_the_experiment():
    assert SIZES == BATCH_SIZES


def test_equal_updates_lie_between_evaluations():
    found = cuts.at_updates(made(), "train_loss")
    assert cuts.fewest_updates(made()) == 30
    seeds = 100 * np.arange(3)
    expected = {
        # 30 updates at B = 1 are 0.0375 epochs, between epochs 0 and 1 of the early curve.
        1: 0.0375 * 1 / 1,
        # At B = 10 they are 0.375 epochs.
        10: 0.375 * 1 / 10,
        # At B = 100 they are 3.75 epochs, between 0 and 10.
        100: 3.75 / 10 * 100 / 100,
        200: 7.5 / 10 * 100 / 200,
        # At B = 400 they are 15, a quarter of the way from 10 to 30.
        400: (100 + 0.25 * (900 - 100)) / 400,
        800: 900 / 800,
    }
    for size, value in expected.items():
        np.testing.assert_allclose(found[size], seeds + value, rtol=1e-12)


def test_equal_seconds_end_with_the_quickest():
    results = made()
    # The median over rounds, so that a round that was disturbed does not count.
    assert cuts.timing(results, "seconds_per_epoch")[1] == 60e-3
    assert cuts.fewest_seconds(results) == pytest.approx(30e-3)
    found = cuts.at_seconds(results, "train_loss")
    seeds = 100 * np.arange(3)
    # 30 ms are half an epoch, 15 and 30; the first two lie on lines between evaluations.
    np.testing.assert_allclose(found[1], seeds + 0.5 / 10 * 100)
    np.testing.assert_allclose(found[10], seeds + (100 + 0.25 * 800) / 10)
    np.testing.assert_allclose(found[800], seeds + 900 / 800)


def test_the_time_of_an_epoch_is_known_no_better_than_it_differs_between_moments():
    rng = np.random.default_rng(0)
    timing = [
        {
            "batch_size": size,
            "moment": moment,
            "round": i,
            "seconds_per_epoch": speed * rng.uniform(0.99, 1.01),
        }
        for size in SIZES
        for moment, speed in ((0, 1e-4), (1, 1.5e-4))
        for i in range(15)
    ]
    low, high = cuts.time_intervals(replaced(made(), timing=timing))[100]
    assert 0.99e-4 <= low <= 1e-4
    assert 1.5e-4 <= high <= 1.515e-4
    alone = [row for row in timing if row["moment"] == 0]
    assert cuts.uncertainty(replaced(made(), timing=alone)) < 0.02
    assert cuts.uncertainty(replaced(made(), timing=timing)) > 0.15


def test_the_quickest_comes_to_its_own_end_but_for_rounding():
    results = made()
    timing = [
        {
            "batch_size": size,
            "moment": 0,
            "round": 0,
            "seconds_per_epoch": 0.1 + 0.1 * (size != 800),
        }
        for size in SIZES
    ]
    for seconds in (0.1, 1 / 3, 0.7e-4, 1.1e-5):
        for row in timing:
            row["seconds_per_epoch"] = seconds * (1 + (row["batch_size"] != 800))
        changed = replaced(results, timing=timing)
        assert np.isfinite(cuts.at_seconds(changed, "train_loss")[800]).all()


def test_a_run_that_ended_before_has_no_value_there():
    results = made()
    own = [
        row
        for row in results["E6"].tables["own_curves"].to_pylist()
        if not (row["batch_size"] == 400 and row["seed"] == 1 and row["epoch"] > 10)
    ]
    found = cuts.at_updates(replaced(results, own_curves=own), "train_loss")
    assert np.isnan(found[400]).tolist() == [False, True, False]
    assert np.isfinite(found[200]).all()


def test_equal_epochs_are_the_ends():
    found = cuts.ends(made(), "train_loss")
    np.testing.assert_allclose(found[100], [0.1, 1.1, 2.1])
    np.testing.assert_allclose(cuts.ends(made(), "train_loss", "scaled")[100], [10.1, 11.1, 12.1])


def test_what_was_never_reached_is_no_number():
    results = batch_sizes(fixed={"epochs_to_95": dict.fromkeys(SIZES)})
    assert all(np.isnan(v).all() for v in cuts.ends(results, "epochs_to_95").values())


@pytest.mark.parametrize("seed", range(3))
def test_seeds_stay_paired_whatever_the_order_of_the_rows(seed):
    ordered, shuffled = made(seeds=(0, 2, 10)), made((0, 2, 10), np.random.default_rng(seed))
    for cut in (cuts.ends, cuts.at_updates, cuts.at_seconds):
        for size, values in cut(ordered, "train_loss").items():
            np.testing.assert_array_equal(cut(shuffled, "train_loss")[size], values)
            assert (np.diff(values) > 0).all()


def test_at_equal_loss_a_seed_that_was_not_there_leaves_a_gap():
    results = batch_sizes(n=3)
    measured = [{"batch_size": 800, "seed": seed, "trace": 7.0 + seed} for seed in (2, 0)]
    found = cuts.sharp_at_equal_loss(replaced(results, equal_loss=measured), "trace")
    np.testing.assert_array_equal(found[800], [7.0, np.nan, 9.0])
    assert np.isnan(found[1]).all()


def test_at_equal_loss_nobody_may_have_been_there():
    found = cuts.sharp_at_equal_loss(replaced(batch_sizes(n=3), equal_loss=[]), "trace")
    assert all(np.isnan(values).tolist() == [True] * 3 for values in found.values())


def test_sharpness_belongs_to_its_learning_rate():
    results = batch_sizes(sharp={10: 3.0}, sharp_scaled={10: 5.0})
    assert cuts.sharp(results, "largest_eigenvalue")[10].mean() == pytest.approx(3.0)
    assert cuts.sharp(results, "largest_eigenvalue", "scaled")[10].mean() == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("values", "median"),
    [([3.0, 1.0, 2.0], 2.0), ([3.0, np.nan, 1.0], 3.0), ([1.0, np.nan, np.nan], np.inf)],
)
def test_a_median_counts_those_that_never_got_there(values, median):
    assert cuts.median_of_all(np.array(values)) == median


def replaced(results, **tables):
    new = {name: pa.Table.from_pylist(table) for name, table in tables.items()}
    return {"E6": dataclasses.replace(results["E6"], tables={**results["E6"].tables, **new})}


# Rows and columns


TABLE = pa.Table.from_pylist(
    [
        {"seed": seed, "epoch": epoch, "kind": kind, "value": 10.0 * seed + epoch}
        for kind in "ab"
        for seed in (3, 1)
        for epoch in (0, 10, 20)
    ]
)


def test_runs_are_curves_by_seed():
    found = runs(TABLE, kind="a")
    assert [run["seed"].tolist() for run in found] == [[1] * 3, [3] * 3]
    assert [run["value"].tolist() for run in found] == [[10, 20, 30], [30, 40, 50]]
    shuffled = TABLE.take(np.random.default_rng(0).permutation(len(TABLE)))
    for run, other in zip(found, runs(shuffled, kind="a"), strict=True):
        for name, values in run.items():
            assert values.tolist() == other[name].tolist()


def test_runs_of_one_evaluation_each_are_kept_apart():
    table = TABLE.filter(TABLE["epoch"].to_numpy() == 0)
    assert [run["seed"].tolist() for run in runs(table, kind="b")] == [[1], [3]]
    assert runs(table, kind="c") == []


def test_columns_and_rows_are_those_with_the_values_given():
    assert columns(TABLE, kind="b", epoch=10)["value"].tolist() == [40, 20]
    assert [row["value"] for row in rows(TABLE, kind="b", epoch=10)] == [40, 20]
    assert [value for value, _ in groups(TABLE, "seed", kind="a")] == [1, 3]


def test_what_is_not_a_number_is_none_in_rows():
    table = pa.Table.from_pylist([{"a": float("nan"), "b": 1.0}])
    assert rows(table) == [{"a": None, "b": 1.0}]


def test_one_value_has_no_deviation():
    mean, sd = mean_and_sd([0.5])
    assert mean == 0.5
    assert np.isnan(sd)
    assert spread(mean, sd) == "0.5000"
    assert mean_and_sd([1.0, 3.0]) == (2.0, pytest.approx(2**0.5))


@pytest.mark.slow
def test_points_are_split_again(results):
    (X, y), (X_test, y_test) = (
        points(results["E4"].tables["points"], s) for s in ("train", "test")
    )
    assert (X.shape, X_test.shape) == ((800, 2), (200, 2))
    assert (len(y), len(y_test)) == (800, 200)


def test_cuts_of_real_results_agree_with_the_ends(results):
    at_end = cuts.ends(results, "train_loss")
    at_updates = cuts.at_updates(results, "train_loss")
    np.testing.assert_allclose(at_updates[800], at_end[800], rtol=1e-12)
    # What small batches have after so few updates is between their start and the first epochs.
    curves = runs(results["E6"].tables["early_curves"], batch_size=1)
    assert len(curves) == 3
    for value, curve in zip(at_updates[1], curves, strict=True):
        low, high = sorted(curve["train_loss"][:2])
        assert low <= value <= high
