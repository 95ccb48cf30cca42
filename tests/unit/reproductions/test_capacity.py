"""The capacity of a linear classifier, on few draws: numbers, verdicts, pages, cache."""

import json

import numpy as np
import pytest
from scipy.optimize import linprog

from rosenblatt.errors import ConfigurationError
from rosenblatt.experiments.base import Result
from rosenblatt.reproductions import find, reproduce
from rosenblatt.reproductions.capacity import experiment
from rosenblatt.reproductions.capacity.experiment import drawn, largest_margin, share_of_separable


def is_separable(x, y):
    """By linear programming: is there a w with y w·x ≥ 1?"""
    n, d = x.shape
    answer = linprog(
        np.zeros(d), A_ub=-x * y[:, np.newaxis], b_ub=-np.ones(n), bounds=[(None, None)] * d
    )
    return answer.status == 0


@pytest.mark.parametrize(("n", "d"), [(8, 5), (20, 10), (24, 10)])
def test_a_margin_is_found_exactly_where_linear_programming_finds_a_line(n, d):
    found = [largest_margin(*drawn(seed, n, d)) > 0 for seed in range(30)]
    assert found == [is_separable(*drawn(seed, n, d)) for seed in range(30)]
    assert n == 8 or (True in found and False in found)


def test_the_largest_margin_is_that_of_support_vectors():
    from sklearn.svm import SVC

    x, y = drawn(1, 10, 10)
    both = np.vstack([x, -x]), np.concatenate([y, -y])  # so that its line passes through 0
    machine = SVC(kernel="linear", C=1e9, tol=1e-9).fit(*both)
    assert largest_margin(x, y) == pytest.approx(1 / np.linalg.norm(machine.coef_), rel=1e-5)


def test_the_theorem_counts_all_labellings_of_few_points():
    """Of the 2⁴ labellings of four points of the plane, the lines through 0 make eight."""
    x, _ = drawn(0, 4, 2)
    labels = [np.array([1 if i >> k & 1 else -1 for k in range(4)]) for i in range(16)]
    share = np.mean([is_separable(x, y) for y in labels])
    assert share_of_separable(4, 2) == share == 0.5


@pytest.fixture
def few(monkeypatch):
    """The experiment in few dimensions."""
    monkeypatch.setattr(experiment, "DIMENSIONS", (5, 10))
    monkeypatch.setattr(experiment, "PERCEPTRON_DIMENSIONS", (10,))


def record_of(out):
    return json.loads((out / "capacity" / "results.json").read_text())


@pytest.mark.slow
def test_its_page_stands_in_the_index_and_a_second_call_computes_nothing(few, tmp_path):
    done = []
    first = reproduce(["Capacity"], tmp_path, seeds=3, jobs=1)
    second = reproduce(
        ["capacity"], tmp_path, seeds=3, jobs=1, progress=lambda *how: done.append(how)
    )
    assert done == [("capacity", 1.0)]
    assert first.verdicts == second.verdicts == {"capacity": record_of(tmp_path)["verdicts"]}
    page = (tmp_path / "capacity" / "index.html").read_text()
    assert "Cover 1965" in page
    assert page.count("<svg") == 2
    for file in ("figures/figure_01_separable.png", "rows/capacity_points.parquet"):
        assert (tmp_path / "capacity" / file).stat().st_size
    index = (tmp_path / "index.html").read_text()
    assert 'href="capacity/index.html"' in index
    assert "3 seeds" in index


@pytest.mark.slow
def test_verdicts_follow_from_the_rows(few, monkeypatch):
    """Points that are always separable contradict the theorem, and a wild perceptron its bound."""
    planned = experiment.tasks(20)
    tables = experiment.collect({task.key: task.function(**task.arguments) for task in planned})
    assert verdicts(tables) | {"theorem": "", "half": ""} == {
        "theorem": "",
        "half": "",
        "sharper": "not enough runs",
        "settles": "holds",
        "bound": "holds",
    }
    wild = [row | {"mistakes": row["bound"] * 2} for row in tables["perceptrons"]]
    easy = [row | {"separable": True} for row in tables["points"]]
    found = verdicts(tables | {"perceptrons": wild, "points": easy})
    assert [found[id] for id in ("theorem", "half", "bound")] == ["fails"] * 3


def verdicts(tables):
    import pyarrow as pa

    arrow = {name: pa.Table.from_pylist(rows) for name, rows in tables.items()}
    results = {"capacity": Result("capacity", {}, arrow, 0.0)}
    return {claim.id: claim.judge(results).verdict for claim in find("capacity").section.claims}


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(ConfigurationError, match=r"unknown result 'capacty'.*capacity"):
        reproduce(["capacty"])
