"""The data that everyone has, through files: train, save, predict back."""

import json

import numpy as np
import pytest
from sklearn import datasets

SETS = {
    "iris": (datasets.load_iris, 0.93),
    "wine": (datasets.load_wine, 0.94),
    "breast cancer": (datasets.load_breast_cancer, 0.92),
    "digits": (datasets.load_digits, 0.93),
}


def write_csv(path, data):
    names = [str(name) for name in data.target_names]
    lines = [",".join([*(name.replace(",", "") for name in data.feature_names), "target"])]
    for row, label in zip(data.data.tolist(), data.target, strict=True):
        lines.append(",".join([*map(repr, row), names[label]]))
    path.write_text("\n".join(lines) + "\n")


@pytest.mark.slow
def test_whole_numbers_that_may_be_values_are_not_taken_for_classes(run, refused, here):
    data = datasets.load_diabetes()
    rows = np.column_stack([data.data, data.target]).tolist()
    lines = [",".join([*data.feature_names, "target"]), *(",".join(map(repr, row)) for row in rows)]
    (here / "diabetes.csv").write_text("\n".join(lines))
    assert "214 different whole numbers in 442 rows" in refused("train mlp diabetes.csv")
    flags = "--standardize --learning-rate 0.001 --epochs 100 --batch-size 16 --json"
    found = json.loads(run(f"train mlp diabetes.csv --task regression {flags}").out)
    # The variance of the target is 5930, and the loss is half the mean square.
    assert found["end"]["test"]["loss"] < 0.7 * 5930 / 2
    # By default, too, with targets of any size.
    for flags in ("", "--batch-size 1 --epochs 20", "--hidden 0 --epochs 1000"):
        words = f"train mlp diabetes.csv --task regression --standardize --json {flags}"
        found = json.loads(run(f"{words} --engine reference").out)
        assert found["end"]["test"]["loss"] < 0.7 * 5930 / 2
    classes = json.loads(run("train mlp diabetes.csv --task classification --epochs 1 --json").out)
    assert len(classes["data"]["classes"]) == 214


@pytest.mark.slow
@pytest.mark.parametrize(("load", "least"), SETS.values(), ids=SETS)
def test_a_file_trains_is_saved_and_predicts_the_same_again(run, here, load, least):
    data = load()
    write_csv(here / "data.csv", data)
    answer = run(
        "train mlp data.csv --standardize --stratify --epochs 40 --batch-size 16 "
        "--learning-rate 0.05 --save m.safetensors --json"
    )
    assert answer.status == 0
    found = json.loads(answer.out)
    assert found["data"]["rows"] == len(data.target)
    assert set(found["data"]["classes"]) == {str(name) for name in data.target_names}
    assert found["end"]["test"]["accuracy"] >= least

    back = json.loads(run("predict m.safetensors data.csv --json").out)
    end, rows = found["end"], found["rows"]
    right = sum(end[name]["accuracy"] * rows[name] for name in rows)
    assert back["measured"]["accuracy"] * len(data.target) == pytest.approx(right)

    lines = (here / "data.csv").read_text().splitlines()
    (here / "features.csv").write_text("".join(f"{line.rpartition(',')[0]}\n" for line in lines))
    alone = json.loads(run("predict m.safetensors features.csv --json").out)
    assert alone["predicted"] == back["predicted"]
    np.testing.assert_array_equal(alone["probabilities"], back["probabilities"])
    assert alone["measured"] is None
