import csv
import json

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.training import load_model


@pytest.fixture
def model(run, here):
    """A model trained on the columns a, b and the label colour, saved as m.safetensors."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2)) * [1, 50] + [3, 100]
    labels = np.where(X[:, 0] > 3, "red", "blue")
    rows = [f"{a!r},{b!r},{label}" for (a, b), label in zip(X.tolist(), labels, strict=True)]
    (here / "d.csv").write_text("a,b,colour\n" + "\n".join(rows) + "\n")
    (here / "features.csv").write_text(
        "a,b\n" + "\n".join(row.rpartition(",")[0] for row in rows) + "\n"
    )
    answer = run(
        "train mlp d.csv --standardize --epochs 30 --learning-rate 0.5 --save m.safetensors --json"
    )
    assert answer.status == 0
    return load_model("m.safetensors")


def test_predictions_are_printed_as_a_table(run, model):
    answer = run("predict m.safetensors features.csv")
    rows = list(csv.DictReader(answer.out.splitlines()))
    X = rb.data.load_inputs("features.csv").X
    assert [row["predicted"] for row in rows] == model.predict(X).tolist()
    probabilities = [[float(row["P(blue)"]), float(row["P(red)"])] for row in rows]
    assert probabilities == model.predict_proba(X).tolist()
    assert answer.err == ""


def test_labels_are_found_and_measured(run, model):
    found = json.loads(run("predict m.safetensors d.csv --json").out)
    assert found["predicted"] == model.predict(rb.data.load("d.csv").X).tolist()
    assert found["measured"]["accuracy"] > 0.9
    assert found["measured"]["accuracy"] == model.evaluate(rb.data.load("d.csv")).accuracy
    assert "accuracy" in run("predict m.safetensors d.csv").err


def test_the_label_column_may_be_named(run, model, here):
    text = (here / "d.csv").read_text().replace("colour", "what")
    (here / "other.csv").write_text(text)
    assert "what" in run("predict m.safetensors other.csv").err
    found = json.loads(run("predict m.safetensors other.csv --label what --json").out)
    assert found["measured"]["accuracy"] > 0.9
    by_position = json.loads(run("predict m.safetensors other.csv --label -1 --json").out)
    assert by_position["measured"] == found["measured"]


def test_a_usual_name_is_a_label_too(run, model, here):
    (here / "other.csv").write_text((here / "d.csv").read_text().replace("colour", "Target"))
    assert json.loads(run("predict m.safetensors other.csv --json").out)["measured"]


def test_the_table_goes_to_a_file(run, model, here):
    answer = run("predict m.safetensors features.csv --out p.csv")
    assert answer.out.splitlines()[-1] == "wrote       p.csv"
    assert (here / "p.csv").read_text() == run("predict m.safetensors features.csv").out


@pytest.mark.parametrize("kind", ["npz", "parquet"])
def test_other_kinds_of_files(run, model, here, kind):
    rb.data.save(rb.data.load("d.csv"), f"d.{kind}")
    expected = json.loads(run("predict m.safetensors d.csv --json").out)
    found = json.loads(run(f"predict m.safetensors d.{kind} --json").out)
    assert found["predicted"] == expected["predicted"]
    assert found["measured"] == expected["measured"]


def test_files_without_labels_of_other_kinds(run, model, here):
    import pyarrow.csv
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.csv.read_csv("features.csv"), "f.parquet")
    np.savez("f.npz", X=rb.data.load_inputs("features.csv").X)
    expected = run("predict m.safetensors features.csv").out
    assert run("predict m.safetensors f.parquet").out == expected
    assert run("predict m.safetensors f.npz").out == expected


def test_columns_in_another_order_are_found_by_name(run, model, here):
    X = rb.data.load_inputs("features.csv").X
    lines = "\n".join(f"{b!r},{a!r}" for a, b in X.tolist())
    (here / "turned.csv").write_text(f"b,a\n{lines}\n")
    assert (
        run("predict m.safetensors turned.csv").out == run("predict m.safetensors features.csv").out
    )


def test_files_without_a_header(run, here):
    points = rb.data.xor(40)
    rows = [f"{a!r},{b!r},{c}" for (a, b), c in zip(points.X.tolist(), points.y, strict=True)]
    (here / "bare.csv").write_text("\n".join(rows) + "\n")
    run("train mlp bare.csv --epochs 5 --save m.safetensors")
    assert json.loads(run("predict m.safetensors bare.csv --json").out)["measured"]


def test_a_generator_may_be_predicted(run, here):
    run("train mlp moons --epochs 300 --learning-rate 0.5 --save m.safetensors")
    found = json.loads(run("predict m.safetensors moons --data-seed 9 --n 300 --json").out)
    assert found["rows"] == 300
    assert found["measured"]["accuracy"] > 0.85


def test_one_class_alone_can_be_predicted(run, model, here):
    (here / "one.csv").write_text("a,b,colour\n3.5,100,red\n3.6,100,red\n")
    assert json.loads(run("predict m.safetensors one.csv --json").out)["rows"] == 2


def test_a_perceptron_has_no_probabilities(run, here):
    run("train perceptron gaussians --epochs 5 --save m.safetensors")
    answer = run("predict m.safetensors gaussians")
    assert answer.out.splitlines()[0] == "predicted"
    assert "accuracy 100.00 %" in answer.err


def test_a_regression_predicts_values(run, here):
    (here / "line.csv").write_text(
        "x,y\n" + "".join(f"{i / 10},{i / 5 + 0.25}\n" for i in range(50))
    )
    run("train mlp line.csv --hidden 0 --learning-rate 0.1 --epochs 300 --save m.safetensors")
    found = json.loads(run("predict m.safetensors line.csv --json").out)
    assert found["predicted"][10] == pytest.approx(2.25, abs=0.1)
    assert found["measured"]["accuracy"] is None
    assert "accuracy" not in run("predict m.safetensors line.csv").err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,colour\n1,red\n", 'the model needs the feature "b"'),
        ("a,b,size,colour\n1,2,3,red\n", 'column "size", which the model does not know'),
        ("1,2,2\n", "3 features"),
        ("a,b,colour\n1,2,green\n", 'unknown label "green"'),
        ("a,b\n1,many\n", '"many" is not a number'),
        ("a,b\n1,nan\n", "not finite"),
        ("a,b\n1\n", "line 2 has 1 cell"),
        ("", "the file is empty"),
        ("a,b,colour\n", "no rows"),
    ],
)
def test_data_that_does_not_fit_the_model_is_refused(refused, model, here, text, message):
    (here / "bad.csv").write_text(text)
    assert message in refused("predict m.safetensors bad.csv")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("none.safetensors d.csv", "cannot read none.safetensors"),
        ("d.csv d.csv", "no safetensors file"),
        (". d.csv", "it is a folder"),
        ("m.safetensors none.csv", "cannot read none.csv"),
        ("m.safetensors nothing", "neither a file nor a generator"),
        ("m.safetensors features.csv --label size", 'no column "size"'),
        ("m.safetensors features.csv --n 3", "--n is for generators"),
        ("m.safetensors d.csv --noise 3", "--noise is for generators"),
        ("m.safetensors d.csv --out p.txt", "must end in .csv"),
        ("m.safetensors d.csv --out none/p.csv", "none does not exist; create it"),
        ("m.safetensors blobs", "unknown labels 0"),
    ],
)
def test_a_command_that_cannot_work_is_refused(refused, model, words, message):
    assert message in refused(f"predict {words}")
