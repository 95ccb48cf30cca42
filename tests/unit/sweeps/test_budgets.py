"""Budgets of time and of epochs: what is left out, and that the same call goes on."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.errors import ConfigurationError
from rosenblatt.sweeps import budgets, chunks, groups, read_sweep, resume_sweep

DATA = rb.data.moons(40, noise=0.2, seed=3)
MODEL = rb.MLP(2, [4], 2)
HOW = {"over": {"learning_rate": [0.1, 0.5, 2.0]}, "seeds": range(6), "progress": False}


@pytest.fixture(autouse=True)
def _short_chunks(monkeypatch):
    monkeypatch.setattr(groups, "MOST_PER_CHUNK", 8)


def swept(folder=None, **how):
    settings = {"epochs": 5, "batch_size": 10, "folder": folder, **HOW}
    return rb.sweep(MODEL, DATA, **settings | how)


def test_epochs_end_a_sweep_and_the_same_call_goes_on(tmp_path):
    whole = swept()
    part = swept(tmp_path / "a", max_epochs=11 * 5 + 4)
    assert part.n_missing == 18 - 11
    assert part.table["status"].to_pylist() == ["finished"] * 11 + ["not computed"] * 7
    assert np.array_equal(part.column("train_loss")[:11], whole.column("train_loss")[:11])
    assert np.isnan(part.column("train_loss")[11:]).all()
    assert part.mean_over_seeds()["networks"].to_pylist() == [6, 5, 0]
    assert math.isnan(part.mean_over_seeds()["train_loss"].to_pylist()[2])
    assert "7 not computed" in repr(part)
    assert part[17].history[-1]["train_loss"] == whole.row(17)["train_loss"]
    swept(tmp_path / "a", max_epochs=5)
    assert read_sweep(tmp_path / "a").n_missing == 6
    resume_sweep(tmp_path / "a", max_epochs=5, progress=False)
    assert read_sweep(tmp_path / "a").n_missing == 5
    assert swept(tmp_path / "a").table.equals(whole.table)


def test_each_call_trains_a_chunk_even_if_its_time_is_over(tmp_path):
    whole = swept(tmp_path / "whole")
    parts = [swept(tmp_path / "a", max_seconds=1e-9) for _ in range(3)]
    assert [part.n_missing for part in parts] == [10, 2, 0]
    assert parts[-1].table.equals(whole.table)
    names = {path.name for path in (tmp_path / "whole" / "parts").iterdir()}
    assert {path.name for path in (tmp_path / "a" / "parts").iterdir()} == names


def test_a_chunk_that_has_not_ended_in_time_is_dropped(tmp_path, monkeypatch):
    clock = SimpleNamespace(monotonic=lambda: now[0])
    now, train, began = [0.0], chunks.train_packed, []
    monkeypatch.setattr(budgets, "time", clock)

    def slow(group, cells, members, *more, **how):
        began.append(len(members))
        if len(began) == 2:
            now[0] = 100.0
        return train(group, cells, members, *more, **how)

    monkeypatch.setattr(chunks, "train_packed", slow)
    part = swept(tmp_path / "a", max_seconds=99)
    assert began == [8, 8]
    assert part.n_missing == read_sweep(tmp_path / "a").n_missing == 10


def test_a_budget_that_cannot_be_is_refused():
    for budget, message in [
        ({"max_seconds": 0}, "max_seconds must be"),
        ({"max_seconds": "1"}, "max_seconds must be"),
        ({"max_epochs": 0}, "max_epochs must be"),
        ({"max_epochs": 4}, "max_epochs=4 is less than the 5 epochs of a network"),
    ]:
        with pytest.raises(ConfigurationError, match=message):
            swept(**budget)


def test_epochs_are_counted_over_groups_of_different_length():
    over = {"epochs": [2, 3], "learning_rate": [0.1]}
    counted = [swept(over=over, max_epochs=n).n_missing for n in (2, 11, 12, 14, 15, 30)]
    assert counted == [11, 7, 6, 6, 5, 0]
