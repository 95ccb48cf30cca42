import math

import numpy as np
import pyarrow as pa
import pytest

from rosenblatt.experiments import Result
from rosenblatt.experiments.reference_numbers import INDEPENDENT_DISTANCE, INDEPENDENT_SEEDS
from rosenblatt.report.agreement import agreement, farthest

N_SEEDS = 50


def distance_results(shift, n_seeds=N_SEEDS):
    """E2 with the independent means, shifted, and deviations of 0.05 from them."""
    rows = []
    for weights, by_m in INDEPENDENT_DISTANCE.items():
        for m, (mean, _) in by_m.items():
            spread = np.where(np.arange(n_seeds) % 2, 0.05, -0.05)
            rows += [
                {"m": m, "seed": seed, "weights": weights, "test_accuracy": mean + shift + d}
                for seed, d in enumerate(spread.tolist())
            ]
    return {"E2": Result("E2", {}, {"runs": pa.Table.from_pylist(rows)}, 0.0)}


def test_the_same_means_are_no_error_apart():
    count, most = farthest(distance_results(0.0))
    assert count == 14
    assert most == pytest.approx(0, abs=1e-9)


def test_a_shift_is_counted_in_standard_errors_of_the_difference():
    table = agreement(distance_results(0.01)).to_pylist()
    own_variance = 0.05**2 * N_SEEDS / (N_SEEDS - 1) / N_SEEDS
    by_name = {row["what"]: row for row in table}
    at_one = by_name["test accuracy, last weights, m = 1"]
    error = math.sqrt(0.095**2 / INDEPENDENT_SEEDS["perceptron"] + own_variance)
    assert at_one["standard_errors"] == pytest.approx(0.01 / error)
    # Without a deviation of theirs, ours stands for both.
    pocket = by_name["test accuracy, pocket weights, m = 1"]
    own = 0.05 * math.sqrt(N_SEEDS / (N_SEEDS - 1))
    error = math.sqrt(own**2 / INDEPENDENT_SEEDS["perceptron"] + own_variance)
    assert pocket["standard_errors"] == pytest.approx(0.01 / error)


def test_one_seed_says_nothing():
    table = agreement(distance_results(0.3, n_seeds=1)).to_pylist()
    assert all(row["standard_errors"] is None and row["ours_sd"] is None for row in table)
    assert farthest(distance_results(0.3, n_seeds=1)) == (14, 0.0)
