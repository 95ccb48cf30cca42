"""Labels and names on the command line: exact in what programs read, readable for people."""

import csv
import io
import json
import sys

import numpy as np
import pytest

from rosenblatt.cli import main
from rosenblatt.data import Dataset
from rosenblatt.losses import HalfSquaredError, Poisson
from rosenblatt.settings.optimizer_options import default_rate

LABELS = ("Łódź", "東京")
ROWS = "".join(f"{i},{-i},{LABELS[i % 2]}\n" for i in range(20))


@pytest.fixture
def model(run, here):
    (here / "a.csv").write_text(f"u,v,label\n{ROWS}", encoding="utf-8")
    words = "train mlp a.csv --epochs 2 --engine reference --quiet --save m.safetensors"
    assert run(words).status == 0


@pytest.fixture
def in_encoding(monkeypatch):
    """Run a command whose stdout and stderr have an encoding; return status and both as text."""

    def call(encoding, text):
        streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2)]
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", streams[0])
            patch.setattr(sys, "stderr", streams[1])
            status = main(text.split())
        for stream in streams:
            stream.flush()
        out, err = (stream.buffer.getvalue().decode(encoding) for stream in streams)
        return status, out, err

    return call


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437", "shift_jis"])
def test_labels_that_stdout_cannot_hold_are_an_error_and_no_other_labels(
    model, in_encoding, encoding
):
    status, out, err = in_encoding(encoding, "predict m.safetensors a.csv")
    assert (status, out) == (2, "")
    assert f"stdout is in {encoding}" in err
    assert "--out" in err
    assert "latin" in err
    assert err.count("\n") == 1


def test_labels_that_stdout_can_hold_are_written(model, in_encoding):
    status, out, _ = in_encoding("utf-16", "predict m.safetensors a.csv")
    assert status == 0
    assert {row["predicted"] for row in csv.DictReader(io.StringIO(out))} <= set(LABELS)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_json_and_files_hold_every_label(model, in_encoding, here, encoding):
    status, out, _ = in_encoding(encoding, "predict m.safetensors a.csv --out p.csv --json")
    assert status == 0
    assert json.loads(out)["classes"] == list(LABELS)
    with (here / "p.csv").open(encoding="utf-8") as file:
        assert {row["predicted"] for row in csv.DictReader(file)} <= set(LABELS)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_what_people_read_has_no_question_marks(model, in_encoding, encoding):
    status, out, err = in_encoding(encoding, "train mlp a.csv --epochs 2 --engine reference")
    assert status == 0
    assert "?" not in out + err
    assert "->" in out
    status, out, _ = in_encoding(encoding, "data show a.csv")
    assert status == 0
    assert r"\u0141" in out
    assert r"\u6771" in out
    status, out, _ = in_encoding(encoding, "train mlp --help")
    assert status == 0
    assert "?" not in out


def test_a_diverged_run_is_advised_what_was_not_done(run, here):
    rows = "".join(f"{i % 7},{i % 5},{1000 * i % 977}\n" for i in range(50))
    (here / "large.csv").write_text(f"a,b,price\n{rows}")
    words = "train mlp large.csv --task regression --hidden 0 --quiet --engine reference"
    advice = run(f"{words} --learning-rate 1e9").err
    assert "--standardize" in advice
    assert "targets, now up to 9" in advice
    advice = run(f"{words} --learning-rate 1e9 --standardize").err
    assert "standardize" not in advice
    assert "targets, now up to 9" in advice
    assert run(f"{words} --standardize --learning-rate 0.0001").status == 0
    advice = run("train mlp moons --learning-rate 1e200 --quiet --engine reference").err
    assert "--standardize" in advice
    assert "targets" not in advice


@pytest.mark.parametrize(
    ("rule", "hidden", "factor", "expected"),
    [
        ("sgd", (20,), 1.0, 0.01),
        ("sgd", (20,), 100.0, 0.001),
        ("sgd", (20,), 1e200, 1e-201),
        ("sgd", (20,), 0.0, 0.01),
        ("sgd", (), 100.0, 0.01),
        ("adam", (20,), 100.0, 0.01),
    ],
)
def test_the_default_learning_rate_is_smaller_for_large_targets(rule, hidden, factor, expected):
    data = Dataset([[0.0], [1.0]], np.array([1.0, -1.0]) * factor)
    assert default_rate(rule, HalfSquaredError(), hidden, data) == pytest.approx(
        expected, rel=1e-14
    )
    assert default_rate(rule, Poisson(), hidden, data) == 0.01


@pytest.mark.parametrize(
    "words",
    [
        ["train", "mlp", "moons", "--run", ""],
        ["train", "mlp", "moons", "--run", "  "],
        ["train", "mlp", "moons", "--save="],
        ["train", "mlp", "moons", "--config", ""],
        ["train", "perceptron", "gaussians", "--plot", ""],
        ["predict", "", "moons"],
        ["data", "show", "moons", "--out", ""],
        ["data", "make", "moons", "--out", ""],
        ["runs", "list", ""],
        ["runs", "list", "--runs", ""],
        ["report", "--out", ""],
    ],
)
def test_an_empty_name_is_no_file(refused, here, words):
    line = refused("", *words)
    assert "needs the name of a file" in line or "unknown option" in line or "must" in line
    assert list(here.iterdir()) == []


def test_an_empty_name_in_a_file_of_settings_is_no_file(refused, here):
    (here / "c.toml").write_text('data = "moons"\nrun = ""\n')
    assert '"run" needs the name of a file' in refused("train mlp --config c.toml")


def test_settings_may_begin_with_a_byte_order_mark(run, here):
    (here / "c.toml").write_bytes(b'\xef\xbb\xbfepochs = 2\nengine = "reference"\nquiet = true\n')
    answer = run("train mlp moons --config c.toml --json")
    assert json.loads(answer.out)["settings"]["epochs"] == 2


@pytest.mark.parametrize("flags", ["--features x1,x1", "--features x1 --features x1"])
def test_a_feature_named_twice_is_refused(refused, here, flags):
    assert '"x1" is named twice' in refused(f"data show moons --out d.svg {flags}")


def test_features_may_be_named_one_by_one(run, here):
    answer = run("data show blobs --n-features 3 --out d.svg --features x1 --features x3")
    assert answer.status == 0
    assert "x3" in (here / "d.svg").read_text()
    assert "x2" not in (here / "d.svg").read_text()


def test_whole_numbers_that_may_be_values_are_asked_about(refused, run, here):
    rows = "".join(f"{i},{50 + i * 7 % 11}\n" for i in range(20))
    (here / "pulse.csv").write_text(f"weight,pulse\n{rows}")
    for command in ("data show", "train mlp"):
        assert "say --task regression" in refused(f"{command} pulse.csv")
    assert "values to predict" in run("data show pulse.csv --task regression").out
    assert "classes 50: 2" in run("data show pulse.csv --task classification").out


def test_few_whole_numbers_are_asked_about_where_hardly_one_occurs_twice(refused, run, here):
    (here / "d.csv").write_text("u,y\n" + "".join(f"{i},{i * i}\n" for i in range(8)))
    assert "8 different whole numbers in 8 rows" in refused("data show d.csv")
    (here / "d.csv").write_text("u,y\n" + "".join(f"{i},{i % 5}\n" for i in range(10)))
    assert "classes 0: 2" in run("data show d.csv").out


def test_data_without_a_name_is_refused(refused, here):
    assert "DATA needs the name of a generator or a file" in refused("train mlp", "")


def test_settings_in_another_encoding_are_named(refused, here):
    (here / "s.toml").write_text("epochs = 3", encoding="utf-16")
    assert "s.toml is not a TOML file, but in UTF-16; save it as UTF-8" in refused(
        "train mlp moons --config s.toml"
    )


@pytest.mark.parametrize("rate", ["1", "1.5"])
def test_dropout_of_everything_is_refused(refused, here, rate):
    line = refused(f"train mlp moons --dropout {rate}")
    assert "--dropout must be at least 0 and below 1" in line


@pytest.mark.filterwarnings("default")
def test_a_header_of_numbers_is_said_by_a_flag(run, refused, here):
    rows = "".join(f"{i}.5,{-i},{i % 2}\n" for i in range(20))
    (here / "n.csv").write_text(f"0,1,2\n{rows}")
    asked = run("data show n.csv")
    assert "21 rows" in asked.out
    assert "--header" in asked.err
    told = run("data show n.csv --header")
    assert "20 rows" in told.out
    assert told.err == ""
    assert run("data show n.csv --no-header").err == ""
    flags = "--header --epochs 2 --engine reference --quiet --save m.safetensors"
    assert run(f"train mlp n.csv {flags}").status == 0
    answer = run("predict m.safetensors n.csv --header")
    assert len(answer.out.splitlines()) == 21
    assert "accuracy" in answer.err
    assert "--header is for files" in refused("data show moons --header")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("u,v,label\n1,2,\n3,4,\n", "the cell is empty"),
        ("u,v,label\n1,2,Bonn\n3,4,Łódź\n", 'unknown label "Bonn"'),
    ],
)
def test_labels_that_are_no_use_may_be_left_out(model, refused, run, here, content, told):
    (here / "p.csv").write_text(content, encoding="utf-8")
    line = refused("predict m.safetensors p.csv")
    assert told in line
    assert 'leave the column "label" out of the file' in line
    without = "\n".join(row.rpartition(",")[0] for row in content.splitlines())
    (here / "p.csv").write_text(without)
    assert len(run("predict m.safetensors p.csv").out.splitlines()) == 3


def test_a_feature_that_is_no_use_is_not_blamed_on_the_labels(model, refused, here):
    (here / "p.csv").write_text("u,v,label\n1,,Łódź\n", encoding="utf-8")
    assert "leave the column" not in refused("predict m.safetensors p.csv")
