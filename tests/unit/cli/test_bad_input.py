"""Every kind of bad input: one clear line, exit status 2, and no file left behind."""

import os
import stat

import pytest

ROWS = "".join(f"{i},{i * i % 7},{'yes' if i % 2 else 'no'}\n" for i in range(20))

FILES = {
    "empty": ("", "the file is empty"),
    "header only": ("a,b,label\n", "no rows"),
    "one column": ("label\nyes\nno\n", "at least one feature"),
    "one class": ("a,b,label\n1,2,yes\n3,4,yes\n", 'found 1: "yes"'),
    "not a number": (f"a,b,label\n{ROWS}1,nan,yes\n", 'line 22, column "b": nan is not finite'),
    "infinity": (f"a,b,label\n{ROWS}inf,1,yes\n", 'line 22, column "a"'),
    "empty cell": (f"a,b,label\n{ROWS},1,yes\n", 'line 22, column "a": the cell is empty'),
    "text among numbers": (f"a,b,label\n{ROWS}1,two,yes\n", '"two" is not a number'),
    "short row": (f"a,b,label\n{ROWS}1,yes\n", "line 22 has 2 cells, but the first line has 3"),
    "long row": (f"a,b,label\n{ROWS}1,2,3,yes\n", "line 22 has 4 cells"),
    "no text": ("\0\1\2", "csv"),
    "two names": (f"a,a,label\n{ROWS}", 'both called "a"'),
}


@pytest.mark.parametrize("model", ["mlp", "perceptron"])
@pytest.mark.parametrize(("text", "message"), FILES.values(), ids=FILES)
def test_a_file_that_cannot_be_used(refused, here, model, text, message):
    (here / "bad.csv").write_text(text)
    line = refused(f"train {model} bad.csv --save m.safetensors --history h.csv")
    assert "bad.csv" in line
    assert message in line
    assert [path.name for path in here.iterdir()] == ["bad.csv"]


@pytest.mark.parametrize("suffix", ["npz", "parquet"])
def test_a_binary_file_that_is_damaged(refused, here, suffix):
    (here / f"bad.{suffix}").write_bytes(b"PK\x03\x04 this is not what the name says")
    assert f"bad.{suffix}" in refused(f"train mlp bad.{suffix}")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("good.csv --label colour", 'there is no column "colour"; the columns are "a", "b", "labe'),
        ("good.csv --label lable", 'did you mean "label"?'),
        ("good.csv --label 7", "there is no column 7"),
        ("good.csv --label a --task regression", "is not a number"),
        ("none.csv", "cannot read none.csv: No such file"),
        ("good.txt", 'unknown kind of file ".txt"'),
        (".", "is a folder"),
        ("folder.csv", "it is a folder"),
        ("good.csv --epochs 2.7", '--epochs: "2.7" is not a whole number'),
        ("good.csv --batch-size 2.7", '--batch-size: "2.7" is not a whole number'),
        ("good.csv --hidden 2.5", "--hidden"),
        ("good.csv --epochs 0", "epochs must be a whole number of at least 1, got 0"),
        ("good.csv --epochs -3", "got -3"),
        ("good.csv --batch-size 0", "batch_size must be a whole number of at least 1, got 0"),
        ("good.csv --batch-size -1", "got -1"),
        ("good.csv --batch-size 17", "batch_size is 17, but there are only 16 training samples"),
        ("good.csv --eval-every 0", "eval_every must be a whole number of at least 1"),
        ("good.csv --hidden -4", "at least 1, got -4"),
        ("good.csv --hidden 4,0", "at least 1, got 0"),
        (
            "good.csv --learning-rate 0",
            "learning_rate of SGD must be a finite number above 0, got 0",
        ),
        ("good.csv --learning-rate -1", "above 0, got -1"),
        ("good.csv --learning-rate nan", "above 0, got nan"),
        ("good.csv --test-size 1.5", "test_size must be a fraction"),
        ("good.csv --test-size -0.1", "test_size must be a fraction"),
        ("good.csv --test-size 20", "test_size must be"),
        ("good.csv --seed -1", "seed must be a whole number from 0"),
        ("good.csv --split-seed -1", "seed must be"),
        ("moons --n 0", "n must be a whole number of at least 2, got 0"),
        ("moons --n -10", "got -10"),
    ],
)
def test_settings_that_cannot_be(refused, here, words, message):
    (here / "good.csv").write_text(f"a,b,label\n{ROWS}")
    (here / "good.txt").write_text(f"a,b,label\n{ROWS}")
    (here / "folder.csv").mkdir()
    assert message in refused(f"train mlp {words}")


def test_one_class_left_for_training(refused, here):
    (here / "two.csv").write_text("a,label\n" + "1,x\n" * 4 + "2,y\n")
    lines = [
        refused(f"train mlp two.csv --test-size 1 --split-seed {seed}")
        for seed in range(20)
        if _only_one_class_trains(seed)
    ]
    assert lines
    assert all("at least 2 classes are needed" in line for line in lines)


def _only_one_class_trains(seed):
    import rosenblatt as rb

    train, _ = rb.data.load("two.csv").split(1, seed)
    return len(set(train.y.tolist())) == 1


OUTPUTS = [
    ("train mlp moons --epochs 1 --save", "m.safetensors"),
    ("train mlp moons --epochs 1 --history", "h.csv"),
    ("train mlp moons --epochs 1 --history", "h.parquet"),
    ("train mlp moons --epochs 1 --plot", "p.png"),
    ("train perceptron gaussians --epochs 1 --save", "m.safetensors"),
    ("data make moons --out", "d.csv"),
    ("data show moons --out", "d.png"),
    ("report --seeds 1 --only E1 --quiet --out", "r"),
]


@pytest.mark.parametrize(("command", "name"), OUTPUTS)
def test_a_path_that_leads_through_a_file(refused, here, command, name):
    (here / "file").touch()
    assert "file" in refused(command, here / "file" / name)


@pytest.mark.parametrize(("command", "name"), OUTPUTS[:-1])
def test_a_folder_that_does_not_exist(refused, here, command, name):
    assert "none does not exist; create it" in refused(command, here / "none" / name)


@pytest.mark.parametrize(("command", "name"), OUTPUTS[:-1])
def test_a_folder_that_is_read_only(refused, here, monkeypatch, command, name):
    folder = here / "locked"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    if os.access(folder, os.W_OK):
        # To the superuser no folder is read-only; ask as anyone else would.
        monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "locked is read-only" in refused(command, folder / name)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("command", "name"), OUTPUTS[:-1])
def test_a_folder_in_place_of_a_file(refused, here, command, name):
    (here / name).mkdir()
    assert "this is a folder" in refused(command, here / name)


@pytest.mark.parametrize(
    ("flag", "name"), [("--save", "m.pkl"), ("--history", "h.txt"), ("--plot", "p.bmp")]
)
def test_a_kind_of_file_that_is_not_written(refused, here, flag, name):
    assert "must end in" in refused(f"train mlp moons --epochs 1 {flag} {name}")


def test_a_learning_rate_that_diverges_ends_the_run_and_keeps_its_history(run, here):
    answer = run(
        "train mlp moons --n 100 --epochs 400 --learning-rate 1e6 --eval-every 1 --history h.csv"
    )
    assert answer.status == 2
    assert answer.err.count("\n") == 1
    assert "the loss stopped being finite" in answer.err
    assert "kept: the weights of epoch " in answer.err
    assert "trained " in answer.out
    assert len((here / "h.csv").read_text().splitlines()) > 1


def test_bad_input_in_a_true_process(tmp_path):
    import subprocess
    import sys

    (tmp_path / "bad.csv").write_text(FILES["short row"][0])
    code = "import sys; from rosenblatt.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "train", "mlp", "bad.csv"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("rosenblatt: error: bad.csv: line 22 has 2 cells")
    assert done.stderr.count("\n") == 1
