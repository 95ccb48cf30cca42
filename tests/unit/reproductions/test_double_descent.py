"""Double descent on MNIST-1D: the data, a small run, and both verdicts."""

import numpy as np
import pyarrow as pa
import pytest

from rosenblatt.data import mnist1d
from rosenblatt.experiments.base import Result
from rosenblatt.reproductions import reproduce
from rosenblatt.reproductions.double_descent import experiment
from rosenblatt.reproductions.double_descent.result import RESULT


@pytest.fixture
def small(monkeypatch):
    """The experiment on few rows, and few epochs."""
    for name, value in {"TRAIN": 40, "TEST": 60, "EPOCHS": 2, "BATCH_SIZE": 20}.items():
        monkeypatch.setattr(experiment, name, value)
    experiment.data.cache_clear()
    yield
    experiment.data.cache_clear()


def test_a_share_of_the_training_labels_is_drawn_anew_and_no_other(monkeypatch):
    monkeypatch.setattr(experiment, "TRAIN", 800)
    monkeypatch.setattr(experiment, "TEST", 100)
    experiment.data.cache_clear()
    whole = mnist1d(900, seed=42)
    clean, test = experiment.data(0.0)
    np.testing.assert_array_equal(clean.y, whole.y[:800])
    np.testing.assert_array_equal(test.y, whole.y[800:])
    noisy, same = experiment.data(0.15)
    np.testing.assert_array_equal(noisy.X, whole.X[:800])
    np.testing.assert_array_equal(same.y, test.y)
    # 15 % are drawn anew, a tenth of them as they were: 108 of 800, with a deviation of 9.7.
    assert (noisy.y != clean.y).sum() == pytest.approx(108, abs=40)
    experiment.data.cache_clear()


@pytest.mark.slow
def test_a_small_run_gives_a_page_and_all_seeds_of_a_width_train_as_they_do_alone(small, tmp_path):
    both = experiment.fitted(4, 0.15, 0, 2)["errors"]
    assert [row["seed"] for row in both] == [0, 1]
    assert both[1]["test_loss"] == pytest.approx(
        experiment.fitted(4, 0.15, 1, 2)["errors"][0]["test_loss"], rel=1e-4
    )
    found = reproduce(["double-descent"], tmp_path, seeds=1, jobs=1)
    assert sum(found.verdicts["double-descent"].values()) == len(RESULT.section.claims)
    page = (tmp_path / "double-descent" / "index.html").read_text()
    assert page.count("<svg") == 4
    assert "54.05" in page


PUBLISHED = {
    (0.15, 16): 0.472,
    (0.15, 47): 0.541,
    (0.15, 300): 0.455,
    (0.0, 16): 0.446,
    (0.0, 47): 0.410,
    (0.0, 300): 0.373,
}
FLAT = {key: 0.9 + width / 1e4 for key, (_, width) in zip(PUBLISHED, PUBLISHED, strict=True)}


def verdicts(errors, peak):
    rows = [
        {"noise": noise, "width": width, "seed": seed, "test_error": error + seed / 1e4}
        | {"train_error": 0.0}
        for (noise, width), error in errors.items()
        for seed in range(5)
    ]
    peaks = [{"noise": 0.15, "seed": seed, "width": peak} for seed in range(5)]
    tables = {"errors": pa.Table.from_pylist(rows), "peaks": pa.Table.from_pylist(peaks)}
    result = Result("double-descent", {}, tables, 0.0)
    claims = RESULT.section.claims
    return {claim.id: claim.judge({"double-descent": result}).verdict for claim in claims}


def test_errors_as_published_make_every_claim_hold_and_growing_ones_none():
    assert set(verdicts(PUBLISHED, peak=47).values()) == {"holds"}
    found = verdicts(FLAT, peak=300)
    assert found.pop("rises") == "only weakly"
    assert set(found.values()) == {"fails"}


def test_the_peak_is_that_of_each_seed_from_the_first_minimum_on():
    rows = [
        {"noise": 0.0, "width": width, "seed": 3, "test_error": error}
        for width, error in ((2, 0.9), (12, 0.8), (16, 0.4), (47, 0.6), (300, 0.5))
    ]
    found = experiment.collect({("fitted", 2, 0.0, 0): {"errors": rows}})
    assert found["peaks"] == [{"noise": 0.0, "seed": 3, "width": 47}]
