import csv
import json
import subprocess
import sys

import pyarrow.parquet
import pytest

import rosenblatt as rb
from rosenblatt.training import load_model


def json_of(answer):
    assert answer.err == ""
    return json.loads(answer.out)


def test_the_command_of_the_readme(run):
    answer = run(
        "train mlp moons --hidden 20 --learning-rate 0.01 --epochs 15 --batch-size 100 --seed 3"
    )
    assert answer.status == 0
    assert answer.err == ""
    lines = answer.out.splitlines()
    assert lines[0].startswith("data        moons(n=1000, noise=0.2, seed=0): 1000 rows × 2 feat")
    assert lines[1] == "rows        800 train, 200 test"
    assert lines[2] == "model       MLP 2-20-2, relu, SoftmaxCrossEntropy; 102 parameters"
    assert lines[3].startswith("trained     15 epochs, 120 updates at batch size 100, ")
    assert [line.split()[0] for line in lines] == [
        *("data", "rows", "model", "trained", "train", "test")
    ]


@pytest.mark.parametrize("flags", ["", "--batch-size 800"])
def test_a_batch_of_all_rows_is_named(run, flags):
    answer = run(f"train mlp moons --epochs 2 --quiet {flags}")
    assert "trained     2 epochs, 2 updates at batch size 800 (all rows), " in answer.out
    assert "(all rows)" not in run("train mlp moons --epochs 2 --batch-size 799 --quiet").out


def test_it_does_what_the_library_does(run, here):
    found = json_of(
        run(
            "train mlp moons --n 200 --noise 0.1 --data-seed 42 --split-seed 42 --hidden 20 "
            "--init normal --epochs 20 --batch-size 16 --seed 7 --eval-every 6 --json"
        )
    )
    train, test = rb.data.moons(200, noise=0.1, seed=42).split(0.2, seed=42)
    twin = rb.train(
        rb.MLP(2, [20], 2, init="normal"),
        train,
        test=test,
        epochs=20,
        batch_size=16,
        seed=7,
        eval_every=6,
    )
    assert found["end"]["test"]["loss"] == twin.history[-1]["test_loss"]
    assert found["end"]["train"]["accuracy"] == twin.history[-1]["train_accuracy"]
    assert found["start"]["train"]["loss"] == twin.history[0]["train_loss"]
    assert found["settings"]["optimizer"] == twin.settings["optimizer"]
    assert (found["epoch"], found["updates"]) == (20, 200)
    assert found["data"]["hash"] == rb.data.moons(200, noise=0.1, seed=42).content_hash


def test_the_reports_e4_from_the_command_line(run):
    found = json_of(
        run(
            "train mlp moons --data-seed 42 --split-seed 42 --init normal --seed 42 --json --quiet "
            "--epochs 1500 --eval-every 1500"
        )
    )
    assert 0.86 < found["end"]["test"]["accuracy"] < 0.95
    assert 0.86 < found["end"]["train"]["accuracy"] < 0.95
    assert 0.18 < found["end"]["train"]["loss"] < 0.30


@pytest.mark.parametrize(
    ("hidden", "widths"),
    [
        ("--hidden=20,10", "MLP 2-20-10-2, relu,"),
        ("--hidden=0", "MLP 2-2,"),
        ("--hidden=", "MLP 2-2,"),
        ("--activation=tanh", "MLP 2-20-2, tanh,"),
    ],
)
def test_the_layers_are_those_asked_for(run, hidden, widths):
    assert widths in run("train mlp moons --epochs 1", hidden).out


@pytest.mark.parametrize(
    ("flags", "optimizer"),
    [
        ("--momentum 0.9 --nesterov", rb.SGD(0.1, momentum=0.9, nesterov=True)),
        ("--weight-decay 0.1", rb.SGD(0.1, weight_decay=0.1)),
        ("--optimizer rmsprop --rho 0.8", rb.RMSProp(0.1, rho=0.8)),
        ("--optimizer adam --beta1 0.8 --beta2 0.9 --epsilon 1e-6", rb.Adam(0.1, 0.8, 0.9, 1e-6)),
        ("--optimizer adamw --weight-decay 0.5", rb.AdamW(0.1, weight_decay=0.5)),
        (
            "--schedule step --decay-every 5 --decay-factor 0.5",
            rb.SGD(rb.optimizers.Step(0.1, every=5, factor=0.5)),
        ),
        ("--schedule exponential", rb.SGD(rb.optimizers.Exponential(0.1))),
        (
            "--schedule inverse_scaling --decay-power 1",
            rb.SGD(rb.optimizers.InverseScaling(0.1, 1.0)),
        ),
        (
            "--schedule cosine --final-learning-rate 0.01",
            rb.SGD(rb.optimizers.Cosine(0.1, updates=20, end=0.01)),
        ),
        (
            "--schedule cosine --warmup 4",
            rb.SGD(rb.optimizers.LinearWarmup(4, rb.optimizers.Cosine(0.1, updates=16))),
        ),
        (
            "--warmup 3",
            rb.SGD(rb.optimizers.LinearWarmup(3, rb.optimizers.Constant(0.1))),
        ),
    ],
)
def test_the_optimizer_is_the_one_asked_for(run, flags, optimizer):
    base = "train mlp moons --n 50 --epochs 2 --batch-size 4 --learning-rate 0.1 --json "
    assert json_of(run(base + flags))["settings"]["optimizer"] == repr(optimizer)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--optimizer adam --momentum 0.9", "--momentum has no meaning for --optimizer adam; it b"),
        ("--optimizer adam --nesterov", "--nesterov has no meaning for --optimizer adam"),
        ("--beta1 0.9", "it belongs to --optimizer adam"),
        ("--nesterov", "needs a momentum"),
        (
            "--decay-every 3",
            "has no meaning for --schedule constant; it belongs to --schedule step",
        ),
        ("--schedule step", "--schedule step needs --decay-every"),
        ("--schedule step --decay-every 0", "at least 1"),
        ("--init-scale 2", "--init-scale has no meaning for --init he"),
        ("--validation-size 0.1", "--validation-size has no meaning without --patience"),
        ("--patience 0", "patience must be a whole number of at least 1"),
        ("--label y", "--label is for files, and moons is a generator"),
        ("--turns 2", "--turns has no meaning for moons, which has --n, --noise"),
        ("--task regression", "moons makes classes, and a regression needs values"),
        ("--optimizer adam --momentum 0", "--momentum has no meaning for --optimizer adam"),
        ("--loss half_squared_error", "HalfSquaredError is for values to predict, and the lab"),
        ("--engine fast", "unknown engine"),
        ("--dtype float16", "--dtype"),
        ("--dropout 2", "--dropout must be at least 0 and below 1, got 2"),
        ("--config none.toml", "cannot read none.toml"),
    ],
)
def test_a_flag_that_does_nothing_or_cannot_be_is_refused(refused, here, flags, message):
    assert message in refused("train mlp moons --epochs 1 " + flags)


@pytest.mark.parametrize("scale", ["normal --init-scale 0.5", "uniform --init-scale 0.5", "zeros"])
def test_weights_are_drawn_as_asked(run, here, scale):
    run(f"train mlp moons --epochs 1 --learning-rate 1e-12 --save m.safetensors --init {scale}")
    weight = load_model("m.safetensors").params["0.weight"]
    assert (abs(weight).max() < 1e-9) == (scale == "zeros")
    assert (
        load_model("m.safetensors").model.layers[0].weight_init
        == (
            {"n": rb.layers.Normal(0.5), "u": rb.layers.Uniform(0.5), "z": rb.layers.Zeros()}[
                scale[0]
            ]
        )
    )


@pytest.mark.parametrize(
    "loss", ["softmax_cross_entropy", "categorical_cross_entropy", "sigmoid_cross_entropy"]
)
def test_every_loss_for_classes_learns(run, loss):
    found = json_of(
        run(f"train mlp moons --epochs 60 --batch-size 8 --learning-rate 0.1 --json --loss {loss}")
    )
    assert found["end"]["test"]["accuracy"] > 0.85


def test_generators_take_their_own_settings(run):
    means = json_of(run("train mlp gaussians --n 90 --epochs 1 --json --means", "0,0;9,9;0,9"))
    assert means["data"]["classes"] == {"0": 30, "1": 30, "2": 30}
    blobs = json_of(run("train mlp blobs --n 40 --n-classes 4 --n-features 5 --epochs 1 --json"))
    assert blobs["data"]["features"] == 5
    assert len(blobs["data"]["classes"]) == 4


def test_no_test_rows_when_none_are_wanted(run):
    answer = run("train mlp moons --epochs 1 --test-size 0")
    assert "rows        1000 train\n" in answer.out
    assert "\ntest" not in answer.out


def test_test_rows_may_be_counted(run):
    counted = json_of(run("train mlp moons --epochs 1 --test-size 123 --json"))
    assert counted["rows"] == {"train": 877, "test": 123}
    shared = json_of(run("train mlp moons --epochs 1 --test-size 0.1 --json"))
    assert shared["rows"] == {"train": 900, "test": 100}


def test_files_are_written_where_they_are_asked_for(run, here):
    answer = run(
        "train mlp moons --epochs 25 --save m.safetensors --history h.csv --plot p.png --quiet"
    )
    assert "wrote       h.csv, m.safetensors, p.png" in answer.out
    rows = list(csv.DictReader((here / "h.csv").read_text().splitlines()))
    assert [row["epoch"] for row in rows] == ["0", "10", "20", "25"]
    assert (here / "p.png").read_bytes().startswith(b"\x89PNG")
    saved = load_model("m.safetensors")
    assert saved.classes == (0, 1)
    assert saved.feature_names == ("x1", "x2")


def test_other_kinds_of_files(run, here):
    run("train mlp moons --epochs 10 --history h.parquet --plot p.svg")
    assert pyarrow.parquet.read_table("h.parquet")["epoch"].to_pylist() == [0, 10]
    assert "<svg" in (here / "p.svg").read_text()


def test_early_stopping_uses_training_rows_and_says_so(run, here):
    answer = run(
        "train mlp moons --noise 0.4 --n 200 --epochs 3000 --learning-rate 0.5 --batch-size 10 "
        "--eval-every 1 --patience 5 --history h.csv --plot p.svg --json"
    )
    found = json_of(answer)
    assert answer.status == 0
    assert found["rows"] == {"train": 128, "validation": 32, "test": 40}
    assert "validation_loss has not improved for 5 evaluations" in found["stopped"]
    assert not found["diverged"]
    assert set(found["end"]) == {"train", "validation", "test"}
    assert set(found["start"]) == {"train", "validation", "test"}
    rows = list(csv.DictReader((here / "h.csv").read_text().splitlines()))
    assert float(rows[0]["test_loss"]) == found["start"]["test"]["loss"]
    best = min(float(row["validation_loss"]) for row in rows)
    assert found["end"]["validation"]["loss"] == best
    kept = next(row for row in rows if int(row["epoch"]) == found["kept_epoch"])
    assert float(kept["validation_loss"]) == best
    assert "validation" in (here / "p.svg").read_text()


def test_a_run_that_is_not_stopped_early_goes_back_to_its_best_too(run):
    flags = "--patience 1000 --validation-size 20 --learning-rate 3 --epochs 60 --eval-every 1"
    found = json_of(run(f"train mlp moons --n 100 --noise 0.5 --batch-size 5 --json {flags}"))
    assert found["stopped"] is None
    assert found["kept_epoch"] < found["epoch"] == 60
    text = run(f"train mlp moons --n 100 --noise 0.5 --batch-size 5 {flags}").out
    assert f"kept        the weights of epoch {found['kept_epoch']}\n" in text


def test_validation_and_test_loss_are_told_apart(run, monkeypatch):
    monkeypatch.setattr("rosenblatt.progress_bar.SECONDS_BETWEEN_LINES", 0.0)
    flags = "--n 100 --noise 0.5 --learning-rate 3 --batch-size 5 --epochs 300 --patience 2"
    answer = run(f"train mlp moons {flags}")
    assert "stopped     validation_loss has not improved for 2 evaluations; best at" in answer.out
    assert "validation loss" in answer.err
    answer = run("train mlp moons --n 100 --epochs 10")
    assert "test loss" in answer.err
    assert "validation" not in answer.err


def test_standardization_is_measured_on_training_rows_only(run, here):
    run("data make blobs --out b.csv --n 60")
    run("train mlp b.csv --standardize --epochs 1 --save m.safetensors --split-seed 5")
    train, _ = rb.data.load("b.csv").split(0.2, seed=5)
    scaler = load_model("m.safetensors").standardizer
    assert scaler.mean.tolist() == train.X.mean(axis=0).tolist()


def test_a_regression_has_a_loss_and_no_accuracy(run, here):
    (here / "line.csv").write_text(
        "x,y\n" + "".join(f"{i / 10},{i / 5 + 0.25}\n" for i in range(50))
    )
    answer = run("train mlp line.csv --hidden 0 --learning-rate 0.1 --epochs 200 --plot p.png")
    assert "values to predict" in answer.out
    assert "accuracy" not in answer.out
    found = json_of(run("train mlp line.csv --hidden 0 --learning-rate 0.1 --epochs 200 --json"))
    assert found["end"]["test"]["loss"] < 1e-3
    assert found["end"]["test"]["accuracy"] is None
    assert found["data"]["classes"] is None
    whole = run("train mlp line.csv --hidden 0 --epochs 1 --task regression --label x --json")
    assert json_of(whole)["model"]["loss"] == "HalfSquaredError"


def test_a_run_that_diverges_keeps_what_it_had(run, here):
    answer = run(
        "train mlp moons --n 100 --learning-rate 1e9 --epochs 500 --eval-every 1 --history h.csv "
        "--save m.safetensors"
    )
    assert answer.status == 2
    assert answer.err.startswith("rosenblatt: error: the loss stopped being finite in epoch ")
    assert "learning rate 1e+09" in answer.err
    assert answer.err.count("\n") == 1
    assert "wrote       h.csv, m.safetensors" in answer.out
    assert len((here / "h.csv").read_text().splitlines()) > 1
    assert "stopped being finite" in load_model("m.safetensors").settings["stopped"]


def test_a_run_that_diverges_is_still_one_json_object(run):
    answer = run("train mlp moons --n 100 --learning-rate 1e9 --epochs 500 --json")
    assert answer.status == 2
    assert json.loads(answer.out)["diverged"] is True


def test_inputs_beyond_all_bounds_leave_an_empty_history(run, here):
    rows = "".join(f"{sign}1.7e308,{sign}1.7e308,{label}\n" for sign, label in (("", 0), ("-", 1)))
    (here / "huge.csv").write_text("a,b,label\n" + rows * 20)
    answer = run("train mlp huge.csv --history h.csv --plot p.png --epochs 3")
    assert answer.status == 2
    assert answer.err.endswith("kept: nothing\n")
    assert (here / "h.csv").exists()


def test_progress_is_plain_lines_on_stderr(run, monkeypatch):
    monkeypatch.setattr("rosenblatt.progress_bar.SECONDS_BETWEEN_LINES", 0.0)
    answer = run("train mlp moons --epochs 20")
    assert answer.err.startswith("epoch 0/20 (1 update each): train loss ")
    assert "\x1b" not in answer.err
    assert run("train mlp moons --epochs 20 --quiet").err == ""


@pytest.mark.slow
def test_a_true_process(tmp_path):
    program = [
        sys.executable,
        "-c",
        "import sys; from rosenblatt.cli import main; sys.exit(main())",
    ]
    words = "train mlp xor --test-size 0 --epochs 10 --json --save m.safetensors --history h.csv"
    done = subprocess.run(
        [*program, *words.split()], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stderr == ""
    assert json.loads(done.stdout)["files"] == {"history": "h.csv", "model": "m.safetensors"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["h.csv", "m.safetensors"]
