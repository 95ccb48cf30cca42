"""Grokking of modular addition: the solution in closed form, a small run, and both verdicts."""

import numpy as np
import pyarrow as pa
import pytest

from rosenblatt.experiments.base import Result
from rosenblatt.reproductions import reproduce
from rosenblatt.reproductions.grokking import experiment
from rosenblatt.reproductions.grokking.experiment import (
    by_unit,
    network,
    pairs,
    participation,
    phases_agree,
)
from rosenblatt.reproductions.grokking.result import RESULT


def closed_form(p, units, rng, shift=0.0):
    """Weights U = cos(ω i + φ), V = cos(ω j + ψ), W = cos(ω q + φ + ψ + shift)."""
    omega = 2 * np.pi * rng.integers(1, (p + 1) // 2, size=units) / p
    phi, psi = rng.uniform(0, 2 * np.pi, (2, units))
    angles = np.outer(np.arange(p), omega)
    return {
        "0.weight": np.vstack([np.cos(angles + phi), np.cos(angles + psi)]),
        "2.weight": np.cos(angles + phi + psi + shift).T,
    }


def test_the_solution_in_closed_form_adds_and_both_measures_are_1():
    p, units = 11, 2000
    x, sums = pairs(p)
    params = closed_form(p, units, np.random.default_rng(0))
    outputs, _ = network(p, units).forward(params, x)
    assert (outputs.argmax(axis=1) == sums).all()
    assert phases_agree(params, p) == pytest.approx(1)
    assert [participation(rows).mean() for rows in by_unit(params, p)] == pytest.approx([1, 1, 1])


def test_other_phases_neither_add_nor_agree():
    p, units = 11, 2000
    x, sums = pairs(p)
    params = closed_form(p, units, np.random.default_rng(0), shift=np.pi / 2)
    outputs, _ = network(p, units).forward(params, x)
    assert (outputs.argmax(axis=1) == sums).mean() < 0.5
    assert phases_agree(params, p) == pytest.approx(0, abs=1e-9)


def test_noise_has_the_participation_ratio_of_exponential_powers():
    """Powers of Gaussian noise: (F − 1 complex and 1 real) of F frequencies, Σ E P² / (Σ E P)²."""
    ratio = participation(np.random.default_rng(1).standard_normal((4000, 97))).mean()
    powers = np.full(49, 1.0)
    second = np.full(49, 2.0)
    second[0] = 3.0
    assert ratio == pytest.approx(second.sum() / powers.sum() ** 2, rel=0.05)


@pytest.fixture
def small(monkeypatch):
    """The experiment modulo 11 with few units."""
    for name, value in {"MODULUS": 11, "UNITS": 60, "UPDATES": 12, "SHOWN_UNITS": 8}.items():
        monkeypatch.setattr(experiment, name, value)


@pytest.mark.slow
def test_a_small_run_gives_a_page(small, tmp_path):
    found = reproduce(["grokking"], tmp_path, seeds=2, jobs=1)
    assert sum(found.verdicts["grokking"].values()) == len(RESULT.section.claims)
    page = (tmp_path / "grokking" / "index.html").read_text()
    assert page.count("<svg") == 5
    assert "10.6" in page


def test_the_pairs_are_halved_by_the_seed_and_the_accuracy_is_that_of_the_outputs(small):
    rows = [experiment.grok(seed)["curves"] for seed in (0, 1)]
    assert [row["epoch"] for row in rows[0]] == [0, 2, 4, 6, 8, 10, 12]
    assert rows[0] != rows[1]
    # 60 pairs in one half and 61 in the other: accuracies are multiples of these shares.
    for row in rows[0]:
        assert row["train_accuracy"] * 60 == pytest.approx(round(row["train_accuracy"] * 60))
        assert row["test_accuracy"] * 61 == pytest.approx(round(row["test_accuracy"] * 61))


PUBLISHED = {
    "most": 20.0,
    "others_then": 0.003,
    "all": 28.0,
    "others_at_all": 0.106,
    "others": 44.0,
    "lowest": 0.0,
    "rise": 0.051,
    "ratio_before": 0.04,
    "ratio_after": 0.8,
    "phases_before": 0.0,
    "phases_after": 0.99,
}
NO_GROKKING = {
    "others_then": 0.9,
    "all": 50.0,
    "others_at_all": 0.9,
    "others": 90.0,
    "lowest": 0.01,
    "rise": -0.1,
    "ratio_after": 0.05,
    "phases_after": 0.1,
}


def verdicts(mark):
    marks = [mark | {"seed": seed} for seed in range(4)]
    result = Result("grokking", {}, {"marks": pa.Table.from_pylist(marks)}, 0.0)
    claims = RESULT.section.claims
    return {claim.id: claim.judge({"grokking": result}).verdict for claim in claims}


def test_rows_as_published_make_every_claim_hold_and_others_none():
    assert set(verdicts(PUBLISHED).values()) == {"holds"}
    found = verdicts(PUBLISHED | NO_GROKKING)
    assert found.pop("everyone") == "holds"
    assert found.pop("memory-first") in {"fails", "only weakly"}
    assert found.pop("below-chance") in {"fails", "only weakly"}
    assert found.pop("one-frequency") in {"fails", "only weakly"}
    assert found.pop("phases") in {"fails", "only weakly"}
    assert set(found.values()) == {"fails"}
    never = verdicts(PUBLISHED | {"others": float("nan")})
    assert never["everyone"] == "fails"
    assert never["groks"] == "not testable"
