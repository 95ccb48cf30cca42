"""The two spirals, on short runs: points, network, counts, verdicts in both directions."""

import numpy as np
import pyarrow as pa
import pytest

import rosenblatt as rb
from rosenblatt.experiments.base import Result
from rosenblatt.reproductions import find
from rosenblatt.reproductions.spirals import experiment

NAME = "spirals"


def test_the_points_are_those_of_the_program():
    """Three points of the first spiral, worked out by hand, and the symmetry of the second."""
    x, is_first = experiment.spirals()
    assert x.shape == (194, 2)
    # i = 0: angle 0; i = 8: a quarter turn, 6.5 · 96/104; i = 96: three turns, 6.5 · 8/104.
    np.testing.assert_allclose(x[is_first][[0, 8, 96]], [[0, 6.5], [6, 0], [0, 0.5]], atol=1e-12)
    np.testing.assert_array_equal(x[~is_first], -x[is_first])


def by_hand(params, x):
    """The network with short-cuts, each layer after the other, as sums over all before it."""
    seen = x
    for i in range(3):
        z = seen @ params[f"{i}.0.weight"] + params[f"{i}.0.bias"]
        seen = np.hstack([seen, 1 / (1 + np.exp(-z))])
    return 1 / (1 + np.exp(-(seen @ params["3.weight"] + params["3.bias"])))


def test_each_layer_sees_all_before_it():
    model = experiment.network("short-cuts", "squared error")
    params = {
        name: np.random.default_rng(0).normal(size=value.shape)
        for name, value in model.init(seed=0).items()
    }
    x, _ = experiment.spirals()
    np.testing.assert_allclose(model.forward(params, x)[0], by_hand(params, x), rtol=1e-12)


def test_a_step_follows_the_sum_of_the_gradients_of_all_points():
    """One update of one weight, against a finite difference of ½ Σ (output − target)²."""
    x, is_first = experiment.spirals()
    targets = np.where(is_first, 0.8, 0.2)[:, np.newaxis]
    model = experiment.network("short-cuts", "squared error")
    run = rb.train(
        model,
        x,
        targets,
        loss="half_squared_error",
        optimizer=rb.optimizers.SGD(experiment.RATE * len(x), momentum=experiment.MOMENTUM),
        epochs=1,
    )
    before = model.init(seed=0)

    def total(value):
        moved = before | {"3.weight": before["3.weight"].copy()}
        moved["3.weight"][1, 0] = value
        return 0.5 * ((by_hand(moved, x) - targets) ** 2).sum()

    start, h = before["3.weight"][1, 0], 1e-5
    slope = (total(start + h) - total(start - h)) / (2 * h)
    step = run.params["3.weight"][1, 0] - start
    assert step == pytest.approx(-experiment.RATE * slope, rel=1e-6)


@pytest.fixture(scope="module")
def tables():
    """The tables of a few epochs, in which no run learns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "EPOCHS", 1000)
        patch.setattr(experiment, "EVERY", 100)
        planned = experiment.tasks(2)
        return experiment.collect({task.key: task.function(**task.arguments) for task in planned})


def results_of(tables):
    arrow = {name: pa.Table.from_pylist(rows) for name, rows in tables.items()}
    return {NAME: Result(NAME, {}, arrow, 0.0)}


@pytest.mark.slow
def test_the_page_of_runs_that_do_not_learn_says_never(tables):
    section = find(NAME).section
    results = results_of(tables)
    (table,) = section.tables
    assert [row["never"] for row in table.rows(results).to_pylist()] == [2] * 5
    (median,) = (column for column in table.columns if column.header == "median")
    assert [median.cell(row) for row in table.rows(results).to_pylist()] == ["never"] * 5
    for figure in section.figures:
        figure.draw(results)
        assert figure.caption(results)
    assert section.facts(results)["plain"] == 0


def test_the_units_of_a_run_that_learns_are_drawn(tables):
    """The grid has what the network computes, and the figure is drawn of it."""
    model = experiment.network("short-cuts", "squared error")
    params = model.init(seed=3)
    grid = experiment._units(model, params, "squared error")
    assert len(grid) == experiment.GRID**2
    x = np.array([[row["x"], row["y"]] for row in grid])
    np.testing.assert_allclose([row["output"] for row in grid], by_hand(params, x)[:, 0])
    first = 1 / (1 + np.exp(-(x @ params["0.0.weight"] + params["0.0.bias"])))
    np.testing.assert_allclose([row["layer_1"] for row in grid], first[:, 0])
    results = results_of(tables | {"units": grid})
    drawn = find(NAME).section.figures[-1].draw(results)
    assert len(drawn.axes) == 4


def test_errors_are_counted_where_a_run_is_looked_at(tables):
    """The counts of one run, against its own classification, computed by hand from its weights."""
    own = [
        row["errors"]
        for row in tables["errors"]
        if (row["loss"], row["network"], row["rate"], row["seed"])
        == ("squared error", "short-cuts", experiment.RATE, 1)
    ]
    x, is_first = experiment.spirals()
    run = rb.train(
        experiment.network("short-cuts", "squared error"),
        x,
        np.where(is_first, 0.8, 0.2)[:, np.newaxis],
        loss="half_squared_error",
        optimizer=rb.optimizers.SGD(experiment.RATE * len(x), momentum=experiment.MOMENTUM),
        epochs=1000,
        seed=1,
    )
    expected = [
        int(((by_hand(run.at(epoch=epoch).params, x)[:, 0] > 0.5) != is_first).sum())
        for epoch in range(0, 1001, 100)
    ]
    assert own == expected
    assert len(set(own)) > 3


class Member:
    """A run in progress, of which only the seed and the weights are looked at."""

    seed = 0

    def __init__(self, params):
        self.params, self.stopped = params, ""

    def stop(self, reason):
        self.stopped = reason


def test_a_run_ends_when_all_outputs_are_far_from_the_middle(monkeypatch):
    """With one point on each spiral and weights by hand: right, then right and far."""
    points = np.array([[0.0, 6.5], [0.0, -6.5]])
    monkeypatch.setattr(experiment, "spirals", lambda: (points, np.array([True, False])))
    model = experiment.network("short-cuts", "squared error")
    watch = experiment.Separation(model, 0.5, 0.1)
    params = {name: np.zeros_like(value) for name, value in model.init(seed=0).items()}
    run = Member(params)
    watch.on_start(run)
    for weight, is_over in ((-0.1, False), (0.01, False), (0.1, True)):
        params["3.weight"][1] = weight
        watch.on_evaluation(run)
        assert bool(run.stopped) == watch.is_separated[0] == is_over
    assert watch.errors == {0: [2, 0, 0]}
    assert watch.mean_weight[0] == pytest.approx(0.01 / 138)


def row(loss, network, seed, *, learned_at, weight=3.4, rate=experiment.RATE):
    return {
        "loss": loss,
        "network": network,
        "rate": rate,
        "seed": seed,
        "learned_at": learned_at,
        "separated_at": None if learned_at is None else learned_at + 1000,
        "trained": 60_000 if learned_at is None else learned_at + 1000,
        "mean_weight": None if learned_at is None else weight,
    }


def verdicts(ends):
    results = results_of({"ends": ends})
    return {claim.id: claim.judge(results).verdict for claim in find(NAME).section.claims}


def test_verdicts_follow_from_the_rows():
    """Forty seeds as the source has them; then without any effect, with other numbers."""
    published = {
        ("squared error", "short-cuts"): 20_000,
        ("cross-entropy", "short-cuts"): 10_000,
        ("squared error", "no short-cuts"): None,
        ("cross-entropy", "no short-cuts"): None,
    }
    factors = np.random.default_rng(0).uniform(0.8, 1.25, size=40)
    as_published = [
        row(*setting, seed, learned_at=at and round(at * factor))
        for setting, at in published.items()
        for seed, factor in enumerate(factors)
    ]
    assert set(verdicts(as_published).values()) == {"holds"}
    otherwise = [
        row(*setting, seed, learned_at=round(50_000 * factor), weight=1.0)
        | {"separated_at": 60_000 + seed}
        for setting in published
        for seed, factor in enumerate(factors / 1.25)
    ]
    assert verdicts(otherwise) == {
        "learns": "holds",
        "takes-squared": "fails",
        "takes-cross": "fails",
        "faster": "fails",
        "facilitates": "fails",
        "separates": "fails",
        "weighs": "fails",
    }
    none = [row(*setting, seed, learned_at=None) for setting in published for seed in range(10)]
    found = verdicts(none)
    assert (found["learns"], found["separates"]) == ("fails", "not testable")
