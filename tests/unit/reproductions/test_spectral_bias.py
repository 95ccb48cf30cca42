"""The spectral bias, of few units: spectra against closed forms, verdicts, the page."""

import numpy as np
import pyarrow as pa
import pytest

import rosenblatt as rb
from rosenblatt.experiments.base import Result
from rosenblatt.reproductions import find
from rosenblatt.reproductions.build import write_result
from rosenblatt.reproductions.spectral_bias import experiment
from rosenblatt.reproductions.spectral_bias.claims import (
    order_of,
    share_at_tenfold,
    upper_when_lowest,
)
from rosenblatt.reproductions.spectral_bias.experiment import (
    AMPLITUDES,
    EQUAL,
    EVERY,
    FREQUENCIES,
    GROWING,
    network,
    points,
    shares,
    start,
    target,
)


def test_a_sum_of_sines_has_the_share_that_each_of_them_was_given():
    """Of A sin(2π (k t + φ)), an amplitude of share · A is found, whatever the phase."""
    given = np.linspace(0.1, 1.9, len(FREQUENCIES))
    outputs = sum(
        share * amplitude * np.sin(2 * np.pi * (k * points() + 0.3 * k))
        for share, amplitude, k in zip(given, AMPLITUDES[GROWING], FREQUENCIES, strict=True)
    )
    assert shares(outputs + 7.0, GROWING) == pytest.approx(given)


def test_the_target_is_the_sum_of_its_sines_in_mean_square():
    """Sines of different whole frequencies are orthogonal: the mean square is Σ A²/2."""
    for amplitudes, sizes in AMPLITUDES.items():
        mean_square = np.mean(target(amplitudes, seed=3) ** 2)
        assert mean_square == pytest.approx(np.sum(np.square(sizes)) / 2)
    assert not np.allclose(target(EQUAL, 3), target(EQUAL, 4))


def test_initial_weights_and_biases_are_uniform_with_the_limit_of_their_layer():
    model = network(64)
    params = start(model, seed=0)
    assert list(params) == list(model.shapes)
    for name, values in params.items():
        limit = 1.0 if name.startswith("0.") else 1 / 8
        assert np.abs(values).max() <= limit
        if values.size > 50:
            assert np.abs(values).max() > 0.9 * limit
            assert values.std() == pytest.approx(limit / np.sqrt(3), rel=0.2)


def test_a_network_is_measured_as_it_trains():
    """Its last spectrum and loss are those of rb.train with the same settings."""
    found = experiment.trained(EQUAL, 0, 3, 2 * EVERY)
    model, y = network(3), target(EQUAL, 0)
    run = rb.train(
        model,
        rb.data.Dataset(points()[:, np.newaxis], y),
        loss="mse",
        optimizer=rb.Adam(3e-4),
        epochs=2 * EVERY,
        eval_every=2 * EVERY,
        init_params=start(model, 0),
    )
    outputs = run.outputs(points()[:, np.newaxis])[:, 0]
    last = [row["share"] for row in found["spectrum"] if row["updates"] == 2 * EVERY]
    assert last == pytest.approx(shares(outputs, EQUAL), abs=1e-4)  # single and double precision
    (end,) = found["ends"]
    assert end["train_loss"] == pytest.approx(np.mean((outputs - y) ** 2), rel=1e-4)
    assert {row["updates"] for row in found["functions"]} == {0, 2 * EVERY}


def test_the_order_is_minus_one_where_lower_frequencies_are_always_ahead():
    rising = np.linspace(0, 2, 50)[:, np.newaxis] * np.linspace(1, 0.1, 10)
    assert order_of(np.stack([rising, rising[:, ::-1]])) == pytest.approx([-1, 1])


def test_what_is_missing_when_the_lowest_is_there():
    curves = np.zeros((4, 10))
    curves[:, 0] = [0.0, 0.5, 0.95, 1.0]
    curves[2, 5:] = 0.2
    assert upper_when_lowest(curves) == pytest.approx(0.2)
    assert np.isnan(upper_when_lowest(curves[:2]))
    curves[3, -1] = 0.4
    assert share_at_tenfold(np.array([0, 10, 20, 200]), curves) == pytest.approx(0.4)
    assert np.isnan(share_at_tenfold(np.array([0, 10, 20, 199]), curves))


def results(*, growing_first=False, upper=0.0, tenfold=0.2):
    """Spectra of three networks in which frequencies are learned in order, but for what is given.

    Args:
        growing_first: whether high frequencies come first where amplitudes grow.
        upper: the share of the upper half at first.
        tenfold: the share of the highest frequency at last.
    """
    rows, functions, ends = [], [], []
    for amplitudes in AMPLITUDES:
        for seed in range(3):
            for updates in (0, 200, 2000):
                values = np.linspace(0.5, 0.05, 10) * updates / 2000
                values[5:] += upper * (updates > 0)
                values[0] = 0.95 + 0.01 * seed if updates else 0.1
                if updates == 2000:
                    values[-1] = tenfold + 0.01 * seed
                if growing_first and amplitudes == GROWING:
                    values[:] = values[::-1]
                rows += [
                    {"amplitudes": amplitudes, "seed": seed, "updates": updates, "frequency": k,
                     "share": share}
                    for k, share in zip(FREQUENCIES, values.tolist(), strict=True)
                ]  # fmt: skip
            ends.append({"amplitudes": amplitudes, "seed": seed, "unexplained": 0.5})
        functions += [
            {"amplitudes": amplitudes, "seed": 0, "updates": updates, "t": t, "target": t,
             "output": 0.0}
            for updates in (0, 200)
            for t in (0.0, 0.5)
        ]  # fmt: skip
    tables = {"spectrum": rows, "functions": functions, "ends": ends}
    arrow = {name: pa.Table.from_pylist(table) for name, table in tables.items()}
    return {"spectral-bias": Result("spectral-bias", {}, arrow, 0.0)}


def verdicts(found):
    return {c.id: c.judge(found).verdict for c in find("spectral-bias").section.claims}


def test_claims_hold_on_spectra_in_order():
    assert set(verdicts(results()).values()) == {"holds"}


@pytest.mark.parametrize(
    ("changes", "claim"),
    [
        ({"growing_first": True}, "growing"),
        ({"upper": 0.9}, "equal"),
        ({"upper": 0.95}, "later"),
        ({"tenfold": 0.95}, "slower"),
    ],
)
def test_claims_fail_on_spectra_without_the_effect(changes, claim):
    assert verdicts(results(**changes))[claim] == "fails"


@pytest.mark.slow
def test_its_page_has_all_figures(tmp_path):
    write_result(find("spectral-bias"), results(), tmp_path, seeds=3)
    page = (tmp_path / "spectral-bias" / "index.html").read_text()
    assert page.count("<svg") == 8
    assert "Rahaman et al. 2019" in page
