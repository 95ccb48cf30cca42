"""The tasks of 1986: data, networks, one short condition, and judges in both directions."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from rosenblatt.experiments.base import Result
from rosenblatt.reproductions import find
from rosenblatt.reproductions.xor import experiment
from rosenblatt.reproductions.xor.claims import SHORT_CUTS, doubling
from rosenblatt.reproductions.xor.experiment import PROBLEMS, REACHES, UPDATES, WIDTHS, learned


def test_networks_have_the_weights_of_the_source():
    """With short-cuts, one hidden unit makes exclusive or: 2-1-1 has 3 + 4 weights and biases."""
    sizes = {
        name: sum(value.size for value in problem.network(0.3).init(0).values())
        for name, problem in PROBLEMS.items()
    }
    assert sizes[SHORT_CUTS] == 7
    assert sizes["exclusive or, 2 hidden units"] == 9
    assert sizes["parity of 4 bits"] == 25
    assert sizes["symmetry of 6 bits"] == 17
    assert sizes["8-3-8 encoder"] == 27 + 32


def test_a_sweep_adds_up_the_errors_of_all_patterns():
    """One update by hand: w − η Σ ∂E/∂w over the four patterns, E half the squared error."""
    import rosenblatt as rb

    x, y = experiment.parity(2)
    problem = PROBLEMS["exclusive or, 2 hidden units"]
    model = problem.network(0.3)
    run = rb.train(
        model,
        x,
        y,
        loss="half_squared_error",
        optimizer=rb.SGD(problem.rate * len(x), momentum=experiment.MOMENTUM),
        epochs=1,
        seed=3,
    )
    w = model.init(3)
    h = 1 / (1 + np.exp(-(x @ w["0.weight"] + w["0.bias"])))
    out = 1 / (1 + np.exp(-(h @ w["2.weight"] + w["2.bias"])))
    delta = (out - y) * out * (1 - out)
    expected = w["2.weight"] - 0.25 * h.T @ delta
    np.testing.assert_allclose(run.params["2.weight"], expected, rtol=1e-12)


def test_networks_learn_and_the_note_is_of_the_first_sweep_that_is_right():
    rows = learned(SHORT_CUTS, 1.0, "pattern", 0, 3)["runs"]
    assert all(row["is_learned"] and 0 < row["sweeps"] < 2000 for row in rows)
    codes = learned("8-3-8 encoder", 1.0, "pattern", 0, 1)["units"]
    assert len(codes) == 24
    assert all(0 < row["value"] < 1 for row in codes)


def rows_of(sweeps_of, weights, values):
    """Twenty runs of each condition, by what a function says of a task and a seed."""
    runs, symmetry, codes = [], [], []
    for problem in PROBLEMS:
        for reach in REACHES:
            for update in UPDATES:
                how = {"problem": problem, "reach": reach, "update": update}
                for seed in range(20):
                    runs.append({**how, "seed": seed, "sweeps": sweeps_of(problem, seed)})
                    cells = {
                        "symmetry of 6 bits": (symmetry, weights),
                        "8-3-8 encoder": (codes, values),
                    }
                    if problem in cells:
                        table, made = cells[problem]
                        table += [
                            {**how, "seed": seed, "unit": unit, "place": place, "value": value}
                            for (place, unit), value in np.ndenumerate(made)
                        ]
    return {"runs": runs, "symmetry": symmetry, "codes": codes}


def results_of(tables):
    arrow = {name: pa.Table.from_pylist(rows) for name, rows in tables.items()}
    return {"xor": Result("xor", {}, arrow, 0.0)}


def verdicts(tables):
    results = results_of(tables)
    return {claim.id: claim.judge(results).verdict for claim in find("xor").section.claims}


def as_published(problem, seed):
    """Sweeps that spread around the published numbers, and lie on the published line."""
    published = {SHORT_CUTS: 558, "parity of 4 bits": 2825, "symmetry of 6 bits": 1425}
    widths = {f"exclusive or, {width} hidden units": width for width in WIDTHS}
    if problem in published:
        return int(published[problem] * (0.8 if seed % 2 else 1.2))
    return int(280 - 33 * np.log2(widths[problem])) if problem in widths else 100


def test_judges_follow_the_rows():
    weights = np.array([1.0, -2.0, 4.0, -4.0, 2.0, -1.0])
    code = np.array([[place >> unit & 1 for unit in range(3)] for place in range(8)], dtype=float)
    code[0, 0] = 0.4
    published = rows_of(as_published, np.column_stack([weights, -weights]), code)
    assert set(verdicts(published).values()) == {"holds"}
    slow = rows_of(lambda _, seed: None if seed % 2 else 9000, np.ones((6, 2)), code * 0)
    assert set(verdicts(slow).values()) == {"fails"}


def test_our_numbers_stand_on_a_line_for_each_condition():
    results = results_of(rows_of(as_published, np.ones((6, 2)), np.zeros((8, 3))))
    lines = find("xor").published[0].ours(results).split("\n")
    assert lines[0] == "median with"
    assert lines[1] == "r = 0.3, each sweep: 446"
    assert len(lines) == 1 + len(REACHES) * len(UPDATES)


def test_curves_rise_from_no_run_and_marks_of_the_axis_do_not_overlap():
    results = results_of(rows_of(as_published, np.ones((6, 2)), np.zeros((8, 3))))
    (figure,) = (figure for figure in find("xor").section.figures if figure.key == "sweeps")
    for drawn in figure.draw_panels(results):
        (ax,) = drawn.axes
        # The last line is the published number.
        for line in ax.lines[:-1]:
            assert (line.get_ydata()[0], line.get_ydata()[-1]) == (0, 100)
        drawn.canvas.draw()
        texts = [*ax.get_xticklabels(), *ax.get_xticklabels(minor=True)]
        low, high = ax.get_xlim()
        boxes = [
            text.get_window_extent()
            for text in texts
            if text.get_text() and low <= text.get_position()[0] <= high
        ]
        assert len(boxes) >= 2
        boxes.sort(key=lambda box: box.x0)
        assert all(one.x1 < other.x0 for one, other in pairwise(boxes))


def test_the_two_units_of_a_network_are_one_value():
    rng = np.random.default_rng(0)
    rows = []
    for seed in range(12):
        sides = np.array([1.0, -2.0, rng.choice([2.1, 4.3])])
        weights = np.concatenate([sides, -sides[::-1]])
        how = {"problem": "symmetry of 6 bits", "reach": 0.3, "update": "sweep", "seed": seed}
        rows += [
            {**how, "unit": unit, "place": place, "value": value}
            for unit in range(2)
            for place, value in enumerate(weights)
        ]
    finding = doubling({"xor": Result("xor", {}, {"symmetry": pa.Table.from_pylist(rows)}, 0.0)})
    assert finding.verdict == "not enough runs"
    assert "(12 here)" in finding.needed


@pytest.mark.parametrize("reach", REACHES)
def test_initial_weights_reach_as_far_as_they_should(reach):
    weights = PROBLEMS["8-3-8 encoder"].network(reach).init(0)["2.weight"]
    assert 0.8 * reach < np.abs(weights).max() <= reach
