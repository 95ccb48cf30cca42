"""Lottery tickets on MNIST-1D: what is pruned, what stays 0, a small run, and both verdicts."""

import numpy as np
import pyarrow as pa
import pytest

from rosenblatt.experiments.base import Result
from rosenblatt.reproductions.lottery import experiment
from rosenblatt.reproductions.lottery.experiment import neighbours
from rosenblatt.reproductions.lottery.result import RESULT


@pytest.fixture
def small(monkeypatch):
    """The experiment with few rows, units and epochs."""
    small = {"TRAIN": 40, "TEST": 60, "EPOCHS": 2, "BATCH_SIZE": 20, "UNITS": 12}
    for name, value in small.items():
        monkeypatch.setattr(experiment, name, value)
    experiment.data.cache_clear()
    yield
    experiment.data.cache_clear()


def test_tickets_are_set_back_to_their_start_and_keep_their_zeros(small, monkeypatch):
    """As with a loop by hand: every start is the first one where the trained weights are large."""
    starts, ends = [], []
    trained = experiment._trained

    def noting(model, start, seed):
        accuracy, end = trained(model, start, seed)
        starts.append(start)
        ends.append(end)
        return accuracy, end

    monkeypatch.setattr(experiment, "_trained", noting)
    rows = experiment.tickets(3, [1.0, 0.25, 0.08])["accuracies"]
    assert [(row["kind"], row["kept"]) for row in rows] == [
        ("ticket", 1.0),
        ("ticket", 0.25),
        ("random", 0.25),
        ("ticket", 0.08),
        ("random", 0.08),
        ("other", 0.08),
        ("no biases", 0.08),
    ]
    dense, quarter, random, few, _, other, bare = starts
    assert set(bare) == {"0.weight", "2.0.weight", "3.weight"}
    for name in bare:
        size = dense[name].size
        assert np.count_nonzero(quarter[name]) == round(0.25 * size)
        assert np.count_nonzero(few[name]) == round(0.08 * size)
        assert np.count_nonzero(random[name]) == round(0.25 * size)
        chosen = quarter[name] != 0
        np.testing.assert_array_equal(quarter[name][chosen], dense[name][chosen])
        sizes = np.abs(ends[0][name])
        assert sizes[chosen].min() >= sizes[~chosen].max()
        assert not (few[name][~chosen]).any()
        assert not ends[1][name][~chosen].any()
        np.testing.assert_array_equal(other[name] != 0, few[name] != 0)
        assert (other[name] != few[name]).any()
        assert (random[name] != quarter[name]).any()


def test_neighbours_of_random_zeros_are_those_of_chance():
    mask = np.random.default_rng(0).random((40, 3000)) < 0.08
    assert neighbours(mask) == pytest.approx(1, abs=0.08)
    pairs = np.repeat(np.random.default_rng(0).random((20, 3000)) < 0.08, 2, axis=0)
    # Of an input that is kept, the next one is of its pair in 20 of 39 places.
    assert neighbours(pairs) == pytest.approx(20 / 39 / 0.08 + 19 / 39, rel=0.05)
    assert np.isnan(neighbours(np.zeros((40, 5), dtype=bool)))


PUBLISHED = {
    ("ticket", 1.0): 0.633,
    ("ticket", 0.08): 0.75,
    ("ticket", 0.04): 0.704,
    ("random", 0.08): 0.612,
    ("other", 0.08): 0.64,
    ("no biases", 0.08): 0.6,
}
NO_TICKETS = {
    ("ticket", 1.0): 0.8,
    ("ticket", 0.08): 0.6,
    ("ticket", 0.04): 0.7,
    ("random", 0.08): 0.7,
    ("other", 0.08): 0.7,
    ("no biases", 0.08): 0.6,
}


def results_of(accuracies, together):
    rows = [
        {"seed": seed, "kept": kept, "kind": kind, "test_accuracy": accuracy + seed / 1e4}
        | {"neighbours": together if kind == "ticket" else 1.0}
        for (kind, kept), accuracy in accuracies.items()
        for seed in range(5)
    ]
    connections = [{"unit": 0, "input": 3}, {"unit": 1, "input": 4}]
    tables = {
        "accuracies": pa.Table.from_pylist(rows),
        "connections": pa.Table.from_pylist(connections),
    }
    return {"lottery": Result("lottery", dict(RESULT.experiment.settings), tables, 0.0)}


def verdicts(accuracies, together):
    results = results_of(accuracies, together)
    return {claim.id: claim.judge(results).verdict for claim in RESULT.section.claims}


def test_accuracies_as_published_make_every_claim_hold_and_others_none():
    assert set(verdicts(PUBLISHED, together=2.0).values()) == {"holds"}
    assert set(verdicts(NO_TICKETS, together=1.0).values()) == {"fails"}
    assert verdicts(PUBLISHED, together=1.2)["local"] == "only weakly"


@pytest.mark.slow
def test_a_page_is_written_from_rows(tmp_path):
    from rosenblatt.reproductions.build import write_result

    record = write_result(RESULT, results_of(PUBLISHED, 2.0), tmp_path, seeds=5)
    assert record["verdicts"] == {"holds": 7}
    page = (tmp_path / "lottery" / "index.html").read_text()
    assert page.count("<svg") == 2
    assert "75.6" in page


def test_the_full_run_has_99_shares_and_those_that_are_compared():
    assert len(experiment.FULL_KEPT) == 99
    assert experiment._nearest(experiment.COMPARED, experiment.FULL_KEPT) == pytest.approx(
        [0.25, 0.08, 0.04], abs=0.005
    )
