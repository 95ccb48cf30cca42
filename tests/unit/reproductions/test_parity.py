"""The learning of a parity, on few bits: measurements, verdicts, the page."""

from dataclasses import asdict

import numpy as np
import pyarrow as pa
import pytest

import rosenblatt as rb
from rosenblatt.experiments.base import Result
from rosenblatt.reproductions import find
from rosenblatt.reproductions.build import write_result
from rosenblatt.reproductions.parity import experiment
from rosenblatt.reproductions.parity.experiment import (
    BATCHES,
    FRESH,
    PERMUTED,
    SINGLE,
    Setting,
    drawn,
    end_of,
)
from rosenblatt.reproductions.parity.figures import decay_alone

FEW = Setting("few", 60, 8, 40, 8)


@pytest.fixture
def small(monkeypatch):
    """Networks of four hidden units, measured on few samples."""
    for name, value in {"HIDDEN": 4, "N_TEST": 30, "N_TEST_OF_SOURCE": 10}.items():
        monkeypatch.setattr(experiment, name, value)


def test_a_label_is_the_product_of_its_bits_and_of_no_others():
    bits, train, test = drawn(BATCHES, seed=3)
    for data in (train, test):
        assert np.array_equal(data.labels, data.X[:, bits].prod(axis=1))
        share = (data.labels[:, np.newaxis] == data.X).mean(axis=0)
        assert np.all(abs(share - 0.5) < 0.08)  # 5 standard deviations of 1000 tosses
    assert len(set(bits.tolist())) == 3


def test_permuted_labels_belong_to_the_same_samples():
    bits, train, _ = drawn(BATCHES, seed=3)
    same_bits, permuted, _ = drawn(PERMUTED, seed=3)
    assert np.array_equal(bits, same_bits)
    assert np.array_equal(train.X, permuted.X)
    assert sorted(train.labels) == sorted(permuted.labels)
    assert 0.4 < np.mean(train.labels == permuted.labels) < 0.6


def test_measurements_are_those_of_a_run_of_the_same_settings(small):
    """The weights of LiveTraining after each epoch, against the history of rb.train."""
    rows = experiment.trained(5, 6, **asdict(FEW))["curves"]
    bits, train, test = drawn(FEW, 5)
    run = rb.train(
        rb.MLP(20, [4], 1, init="he"),
        train,
        test=test,
        loss="hinge",
        optimizer=rb.SGD(0.1, weight_decay=0.01),
        epochs=5,
        batch_size=8,
        seed=5,
        engine="reference",
    )
    assert [row["epoch"] for row in rows] == [0, 1, 2, 3, 4, 5]
    accuracies = [row["test_accuracy"] for row in rows]
    assert accuracies == pytest.approx(run.history["test_accuracy"])
    assert rows[-1]["test_loss"] == pytest.approx(run.history["test_loss"][-1])
    start = run.at(epoch=0).params
    moved = sum(np.abs(run.params[name] - start[name]).sum() for name in start)
    assert rows[-1]["distance"] == pytest.approx(moved)
    sizes = np.abs(run.params["0.weight"]).mean(axis=1)
    others = [i for i in range(20) if i not in bits]
    assert rows[-1]["relative_size"] == pytest.approx(sizes[bits].mean() / sizes[others].mean())


def test_weight_decay_alone_moves_weights_as_far_as_a_training_without_gradients():
    """Against the optimizer, with gradients of 0."""
    sgd, start = rb.SGD(0.1, weight_decay=0.01), rb.MLP(20, [200], 1, init="he").init(0)
    params = start
    zeros = {name: np.zeros_like(values) for name, values in start.items()}
    for step in range(100):
        params, _ = sgd.update(params, zeros, {}, step)
    moved = experiment.distance(params, start)
    assert decay_alone(np.array([100.0])) == pytest.approx([moved], rel=0.03)  # of 4200 draws


def measurement(updates, accuracy, *, setting=BATCHES, seed=0, distance=0.0, size=1.0):
    return {
        "setting": setting.name,
        "seed": seed,
        "updates": updates,
        "epoch": updates / setting.updates_per_epoch,
        "test_accuracy": accuracy,
        "test_loss": 1 - accuracy,
        "is_right": accuracy == 1,
        "distance": distance,
        "relative_size": size,
    }


def test_the_end_of_chance_is_the_measurement_before_sixty_percent():
    accuracies = [0.5, 0.55, 0.62, 0.95, 1.0]
    end = end_of(
        [
            measurement(32 * i, a, distance=float(i), size=1 + i / 10)
            for i, a in enumerate(accuracies)
        ]
    )
    assert (end["leaves"], end["rises"], end["right"], end["epochs"]) == (64, 96, 128, 4.0)
    assert (end["distance_before"], end["distance_right"], end["grew"]) == (1.0, 4.0, True)
    assert (end["size_before"], end["size_start"]) == (1.1, 1.0)
    never = end_of([measurement(0, 0.5), measurement(32, 0.55)])
    assert [never[name] for name in ("leaves", "right", "distance_before")] == [None] * 3


def tables(*, epochs=40, single=7, rise=4, before=0.75, permuted=0.5, size=1.2):
    """Measurements of four seeds that are as the claims say, but for what is given."""
    rows = []
    for seed in range(4):
        jitter = 1 + 0.001 * seed
        rows += [
            measurement(0, 0.5, setting=SINGLE, seed=seed),
            measurement(1000, 0.8, setting=SINGLE, seed=seed),
            measurement(1000 * (single + seed % 2), 1.0, setting=SINGLE, seed=seed),
        ]
        for setting in (BATCHES, FRESH):
            per = setting.every
            last, right = epochs - rise - 1, epochs + seed % 2
            rows += [
                measurement(0, 0.5, setting=setting, seed=seed),
                measurement(per * last, 0.5, setting=setting, seed=seed,
                            distance=before * jitter, size=size * jitter),
                measurement(per * (last + 1), 0.7, setting=setting, seed=seed, distance=0.8),
                measurement(per * right, 1.0, setting=setting, seed=seed, distance=1.0),
            ]  # fmt: skip
        rows.append(
            measurement(32 * (epochs - rise - 1), 0.5, setting=PERMUTED, seed=seed,
                        distance=permuted)
        )  # fmt: skip
    found = experiment.collect(
        {
            (setting.name, 0): {"curves": [row for row in rows if row["setting"] == setting.name]}
            for setting in experiment.FORMS
        }
    )
    arrow = {name: pa.Table.from_pylist(list(table)) for name, table in found.items()}
    return {"parity": Result("parity", {}, arrow, 0.0)}


def verdicts(results):
    return {claim.id: claim.judge(results).verdict for claim in find("parity").section.claims}


def test_claims_hold_on_rows_that_are_as_they_say():
    assert set(verdicts(tables()).values()) == {"holds"}


@pytest.mark.parametrize(
    ("changes", "claim", "verdict"),
    [
        ({"single": 2}, "single", "fails"),
        ({"epochs": 90}, "batch", "fails"),
        ({"rise": 25}, "abrupt", "fails"),
        ({"before": 0.3}, "moves", "fails"),
        ({"permuted": 0.74}, "tells", "only weakly"),
        ({"permuted": 0.8}, "tells", "fails"),
        ({"size": 1.0}, "amplifies", "fails"),
    ],
)
def test_claims_fail_on_rows_without_the_effect(changes, claim, verdict):
    found = verdicts(tables(**changes))
    assert found[claim] == verdict


def test_networks_that_never_learn_are_counted():
    """Of single samples only: the claim holds only for the other settings."""
    results = tables(single=7)
    ends = results["parity"].tables["ends"].to_pylist()
    changed = [
        row | {"right": None, "epochs": None} if row["setting"] == SINGLE.name else row
        for row in ends
    ]
    arrow = dict(results["parity"].tables) | {"ends": pa.Table.from_pylist(changed)}
    results = {"parity": Result("parity", {}, arrow, 0.0)}
    claims = {claim.id: claim.judge(results) for claim in find("parity").section.claims}
    assert claims["learned"].verdict == "holds only if"
    assert claims["learned"].condition == "batches of 32 or fresh samples"
    assert claims["single"].verdict == "not testable"


@pytest.mark.slow
def test_its_page_has_all_numbers(tmp_path):
    write_result(find("parity"), tables(), tmp_path, seeds=4)
    page = (tmp_path / "parity" / "index.html").read_text()
    assert "SutroYaro" in page
    assert page.count("<svg") == 9
    assert "nan" not in page.replace("nance", "")
