"""The edge of stability, on one short run: rows, oracles, verdicts in both directions."""

import numpy as np
import pyarrow as pa
import pytest

from rosenblatt.experiments.base import Result
from rosenblatt.reproductions import find
from rosenblatt.reproductions.edge_of_stability import experiment

NAME = "edge-of-stability"


@pytest.fixture(scope="module")
def tables():
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (
            ("DEGREES", (3,)),
            ("RATES", (0.2,)),
            ("TIME", 1500.0),
            ("MOMENTS", 16),
            ("N_HIDDEN", 30),
        ):
            patch.setattr(experiment, name, value)
        (task,) = experiment.tasks(2)
        return experiment.collect({task.key: task.function(**task.arguments)})


def verdicts(tables):
    arrow = {name: pa.Table.from_pylist(rows) for name, rows in tables.items()}
    results = {NAME: Result(NAME, {}, arrow, 0.0)}
    return {claim.id: claim.judge(results).verdict for claim in find(NAME).section.claims}


def test_the_points_lie_on_chebyshev_polynomials():
    for degree in (3, 4, 5):
        x, y = experiment.chebyshev(degree)
        assert x.shape == y.shape == (20, 1)
        np.testing.assert_allclose(y, np.polynomial.Chebyshev.basis(degree)(x), atol=1e-12)


def test_the_eigenvalue_rises_to_the_line_of_a_quadratic(tables):
    for run in tables["runs"]:
        assert run["updates"] == 7500
        assert run["start"] < 0.5
        assert run["most"] > 0.95
        assert run["reached_at"] is not None


def test_runs_at_the_line_support_the_claims_and_others_contradict_them(tables):
    """Twenty runs as the source describes them, and twenty that stay far below the line."""
    at_line = {"start": 0.2, "most": 1.05, "reached_at": 700.0, "loss_there": 0.1}
    at_line |= {"late": 1.01, "rises": 0.5, "loss": 0.01}
    below = {"start": 0.2, "most": 0.3, "late": 0.2, "rises": 0.0, "loss": 0.2}
    for change, expected in ((at_line, "holds"), (below, "fails")):
        runs = [tables["runs"][0] | at_line | change | {"seed": seed} for seed in range(20)]
        found = verdicts(tables | {"runs": runs})
        assert {id: verdict for id, verdict in found.items() if id != "sharpens"} == {
            "reaches": expected,
            "stays": expected,
            "just-above": expected,
            "rises": expected,
            "falls": expected,
        }
        assert found["sharpens"] == ("holds" if expected == "holds" else "only weakly")
