import json

import pytest

from rosenblatt.analysis.gradcheck import GradientCheck, PairCheck
from rosenblatt.layers import LAYERS
from rosenblatt.losses import LOSSES


def test_a_table_of_layers_and_losses(run):
    answer = run("gradcheck")
    assert answer.status == 0
    lines = answer.out.splitlines()
    assert lines[0].split() == ["layer", *LOSSES]
    assert [line.split()[0] for line in lines[1:-2]] == list(LAYERS)
    assert lines[-1] == f"all {len(LAYERS) * len(LOSSES)} are below 1e-07"


def test_the_same_as_json(run):
    found = json.loads(run("gradcheck --json --seed 1").out)
    assert found["passed"] is True
    assert len(found["checks"]) == len(LAYERS) * len(LOSSES)
    assert all(check["worst"] < 1e-7 for check in found["checks"])


@pytest.mark.parametrize("error", [0.5, float("nan")])
def test_a_wrong_gradient_is_marked_and_changes_the_status(run, monkeypatch, error):
    pairs = [
        PairCheck("ReLU", "HalfSquaredError", GradientCheck({"input": error}, 10, 0)),
        PairCheck("Tanh", "HalfSquaredError", GradientCheck({"input": 1e-9}, 10, 0)),
    ]
    monkeypatch.setattr("rosenblatt.analysis.gradcheck.check_all_pairs", lambda seed: pairs)
    answer = run("gradcheck")
    assert answer.status == 1
    assert "!" in answer.out.splitlines()[1]
    assert "!" not in answer.out.splitlines()[2]
    assert answer.out.splitlines()[-1].startswith("1 of 2 fail")
    assert json.loads(run("gradcheck --json").out)["passed"] is False
