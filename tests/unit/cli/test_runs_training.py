import json
import signal

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.errors import FileError
from rosenblatt.tensors import read_tensors, write_tensors
from rosenblatt.training import Progress
from rosenblatt.training.storage.folder import RunFolder
from sealing import seal_config

MLP = (
    "train mlp moons --n 120 --noise 0.3 --hidden 5 --eval-every 3 --batch-size 16 "
    "--engine reference"
)
STANDARD = f"{MLP} --standardize --optimizer adam"
COMMANDS = {
    "mlp": f"{STANDARD} --epochs 40",
    "patience": f"{MLP} --learning-rate 2 --patience 2 --epochs 300",
    "no test": f"{MLP} --test-size 0 --dtype float32 --epochs 40",
    "perceptron": "train perceptron gaussians --means 1,1;0,0 --epochs 30 --eval-every 3 "
    "--weights pocket --engine reference",
}


def without_times(out):
    found = json.loads(out)
    del found["seconds"]
    return found


@pytest.fixture
def interrupt_at(monkeypatch):
    """Press Ctrl-C when a run that shows its progress is measured at an epoch."""

    def call(epoch):
        with_it = Progress.on_evaluation

        def on_evaluation(self, training):
            with_it(self, training)
            if training.epoch == epoch:
                signal.raise_signal(signal.SIGINT)

        monkeypatch.setattr(Progress, "on_evaluation", on_evaluation)

    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield call
    signal.signal(signal.SIGINT, previous)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_run_that_is_kept_is_the_same_run(run, here, command):
    expected = without_times(run(f"{COMMANDS[command]} --json").out)
    answer = run(f"{COMMANDS[command]} --json --run runs/a")
    assert (answer.status, answer.err) == (0, "")
    found = without_times(answer.out)
    assert found.pop("files") == {"run": "runs/a"}
    assert expected.pop("files") == {}
    assert found == expected
    loaded = rb.load_run("runs/a")
    assert loaded.history[-1]["epoch"] == found["epoch"]
    again = run("runs resume a --json")
    assert without_times(again.out)["end"] == found["end"]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("quiet", ["", " --quiet"])
def test_ctrl_c_says_how_to_go_on_and_the_end_is_the_same(
    run, here, interrupt_at, monkeypatch, command, quiet
):
    expected = without_times(run(f"{COMMANDS[command]} --json").out)
    interrupt_at(6)
    answer = run(f"{COMMANDS[command]} --run", "runs/my run")
    assert answer.status == 130
    assert answer.out == ""
    line = "rosenblatt: interrupted; go on with: rosenblatt runs resume 'runs/my run'\n"
    assert answer.err == line
    monkeypatch.undo()
    monkeypatch.chdir(here)
    listed = json.loads(run("runs list --json").out)["runs"]
    assert [(one["id"], one["state"], one["epoch"]) for one in listed] == [
        ("my run", "interrupted", 6)
    ]
    resumed = run(f"runs resume --json{quiet}", "my run")
    assert resumed.status == 0
    found = without_times(resumed.out)
    assert found.pop("files") == {"run": "runs/my run"}
    del expected["files"]
    assert found == expected


def test_a_run_may_be_made_longer(run, here):
    run(f"{STANDARD} --epochs 20 --run runs/a")
    longer = without_times(run("runs resume a --epochs 40 --json").out)
    expected = without_times(run(f"{COMMANDS['mlp']} --json").out)
    assert longer["end"] == expected["end"]
    assert longer["settings"] == expected["settings"]
    assert "trained     40 epochs" in run("runs resume runs/a").out


@pytest.mark.slow
def test_a_fork_without_a_change_is_the_run_again(run, here):
    for command in ("patience", "perceptron"):
        run(f"{COMMANDS[command]} --run runs/{command}")
    expected = without_times(run("runs resume perceptron --json").out)
    for flags in ("--at 7", "--at-update 1000"):
        name = flags.split()[-1]
        found = without_times(run(f"runs fork perceptron {flags} --run runs/{name} --json").out)
        assert found["end"] == expected["end"]
        assert found["weights"] == expected["weights"]
    branch = without_times(run("runs fork patience --at 3 --epochs 9 --run runs/b --json").out)
    assert branch["rows"] == {"train": 76, "validation": 20, "test": 24}
    assert set(branch["end"]) == {"train", "validation", "test"}
    assert without_times(run("runs resume b --json").out) == branch


def test_a_fork_may_change_the_learning_rate_and_the_batch_size(run, here):
    run(f"{MLP} --epochs 40 --run runs/a --quiet")
    base = "runs fork a --at 9 --quiet --json --run"
    one = json.loads(run(f"{base} runs/b --learning-rate 0.5 --batch-size 32").out)
    origin = rb.load_run("runs/a")
    expected = origin.fork(9, learning_rate=0.5, batch_size=32)
    assert one["end"]["test"]["loss"] == expected.history[-1]["test_loss"]
    assert one["updates"] == expected.history[-1]["updates"]
    shown = run("runs show b").out
    assert "fork of     runs/a, after epoch 9" in shown
    assert json.loads(run("runs list --filter fork=runs/a --json").out)["count"] == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("runs/a", "say where the branch begins"),
        ("a --at 3 --at-update 4", "say where the branch begins"),
        ("a --at 99", "the run has epochs 0 to 6, and epoch 99"),
        ("a --at 3 --epochs 2", "epochs=2 is fewer"),
        ("a --at-update 1 --batch-size 3", "another batch size needs the end of an epoch"),
        ("a --at 3 --seed 1", "the run has the seed 0, not 1"),
        ("many --at 3", "a population with the seeds 3, 4: say --seed"),
        ("many --at 3 --seed 5", "no run of the population has the seed 5, but 3, 4"),
        ("b --at 3", "there is no run 'b' in runs"),
    ],
)
def test_forks_that_cannot_be(refused, kept, words, message):
    assert message in refused(f"runs fork {words} --run runs/new")
    assert message in refused(f"runs fork {words} --run runs/new")


@pytest.fixture
def kept(here):
    """Keep a run, and a population of two, that were trained in Python."""
    train, test = rb.data.moons(60, noise=0.2, seed=3).split(20, seed=0)
    settings = {"test": test, "epochs": 6, "batch_size": 10, "engine": "reference"}
    model = rb.MLP(2, [3], 2)
    run = rb.train(model, train, **settings, run_dir="runs/a")
    runs = rb.train_many(model, train, seeds=[3, 4], **settings, run_dir="runs/many")
    return run, runs


def test_a_member_of_a_population_is_forked_by_its_seed(run, kept):
    found = json.loads(run("runs fork many --at 2 --seed 4 --run runs/b --json").out)
    assert found["end"]["test"]["loss"] == kept[1][1].history[-1]["test_loss"]


def test_runs_that_were_begun_in_python_are_resumed(run, kept):
    found = json.loads(run("runs resume a --epochs 9 --json").out)
    assert found["rows"] == {"train": 40, "test": 20}
    assert found["data"]["source"].startswith("moons(")
    assert found["model"]["description"] == "2-3-2 ReLU, SoftmaxCrossEntropy"
    assert found["epoch"] == 9
    answer = run("runs resume many --epochs 8 --json")
    found = json.loads(answer.out)
    final = rb.load_run("runs/many").final("test_loss")
    assert found["end"]["test_loss"]["mean"] == pytest.approx(final.mean(), rel=1e-14)
    assert found["epoch"] == 8
    assert "2 seeds" in run("runs resume many").out


def test_callbacks_that_cannot_be_made_again_are_named(refused, here):
    class Mine(rb.Callback):
        pass

    rb.train(
        rb.MLP(2, [], 2),
        rb.data.xor(20),
        epochs=2,
        engine="reference",
        callbacks=[Mine()],
        run_dir="runs/a",
    )
    message = refused("runs resume a")
    assert "the run had the callback Mine" in message
    assert "done in Python, by rosenblatt.resume" in message


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--run runs/a", "there is a run in runs/a"),
        ("--checkpoint-every 3", "--checkpoint-every has no meaning without --run"),
        ("--checkpoint-every -1 --run runs/b", "checkpoint_every must be a finite number of at"),
        ("--run file/b", "cannot write file/b"),
        ("--run link/b", "is a link"),
    ],
)
def test_runs_that_cannot_be_kept(refused, kept, here, words, message):
    (here / "file").touch()
    (here / "link" / "b").mkdir(parents=True)
    (here / "link" / "b" / "status.json").symlink_to(here / "file")
    assert message in refused(f"{COMMANDS['mlp']} {words}")
    assert (here / "file").read_bytes() == b""


def test_a_run_that_is_refused_leaves_no_run(refused, run, here):
    refused(f"{COMMANDS['mlp']} --run runs/a --beta1 2")
    refused("train mlp moons --run runs/a --engine fast")
    assert run("runs list").out == "no runs in runs\n"
    assert run(f"{COMMANDS['mlp']} --run runs/a").status == 0


def test_the_folder_may_stand_in_a_file_of_settings(run, here):
    (here / "c.toml").write_text('data = "xor"\nepochs = 3\nrun = "r/a"\ncheckpoint-every = 0\n')
    answer = run("train mlp --config c.toml --engine reference --eval-every 1")
    assert answer.out.splitlines()[-1] == "wrote       r/a"
    assert RunFolder(here / "r" / "a").checkpoints()[0].update == 3


@pytest.mark.filterwarnings("default")
def test_an_end_that_is_not_kept_is_said_after_the_results(run, here, monkeypatch):
    def fail(self, *rest):
        raise FileError("cannot write model.safetensors: No space left on device")

    expected = run(COMMANDS["mlp"]).out
    monkeypatch.setattr(RunFolder, "write_model", fail)
    answer = run(f"{COMMANDS['mlp']} --run runs/a")
    assert answer.status == 2
    assert answer.out.splitlines()[-1] == expected.splitlines()[-1]
    assert answer.err.splitlines() == [
        "rosenblatt: warning: the end of the run was not written: cannot write model.safetensors: "
        "No space left on device; the folder holds the run up to its newest checkpoint",
        "rosenblatt: error: the end of the run was not kept in runs/a; when it can be, go on with: "
        "rosenblatt runs resume runs/a",
    ]
    assert run("runs resume a").status == 2
    monkeypatch.undo()
    monkeypatch.chdir(here)
    assert run("runs resume a").status == 0
    assert (here / "runs" / "a" / "model.safetensors").exists()


@pytest.mark.filterwarnings("default")
def test_warnings_are_plain_lines(run, here):
    run(f"{COMMANDS['mlp']} --run runs/a")
    path = here / "runs" / "a" / "config.toml"
    path.write_bytes(seal_config(path.read_bytes().replace(b'numpy = "', b'numpy = "0.')))
    newest = RunFolder(path.parent).checkpoints()[0].path
    newest.write_bytes(newest.read_bytes()[:-3])
    answer = run("runs resume a")
    assert answer.status == 0
    lines = answer.err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("rosenblatt: warning: since the run began, numpy was 0.")
    assert lines[1].startswith("rosenblatt: warning: ")
    assert lines[1].endswith("an older checkpoint is used")
    assert ".py" not in answer.err


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (None, "command.safetensors"),
        ({"train": "sha256:0"}, "command.safetensors is about another run than"),
        ({"test": {"classes": [0, 1]}}, "of an earlier version: its test set is the validation"),
    ],
)
def test_a_command_that_is_lost_or_of_an_earlier_version_is_said(run, here, changes, told):
    expected = json.loads(run(f"{COMMANDS['patience']} --run runs/a --json").out)
    path = here / "runs" / "a" / "command.safetensors"
    if changes is None:
        path.write_bytes(b"\0" * 100)
    else:
        tensors, document = read_tensors(path)
        write_tensors(path, tensors, document | changes)
    answer = run("runs resume a --json")
    assert told in answer.err
    assert answer.err.startswith("rosenblatt: warning: ")
    assert json.loads(answer.out)["end"] == expected["end"]


def test_a_run_that_diverges_is_kept_and_told_of(run, here):
    values = "\n".join(f"{x},{x * 100}.5" for x in range(50))
    (here / "d.csv").write_text(f"x,y\n{values}\n")
    command = "train mlp d.csv --hidden 3 --learning-rate 5 --epochs 600 --engine reference"
    with np.errstate(all="ignore"):
        answer = run(f"{command} --run runs/a")
        assert answer.status == 2
        assert "rosenblatt: error: " in answer.err
        again = run("runs resume a")
    assert (again.status, again.err) == (answer.status, answer.err)
    assert json.loads(run("runs list --json").out)["runs"][0]["state"] == "diverged"


def test_a_population_is_predicted_with_by_its_seed(run, refused, kept):
    model = "predict runs/many/model.safetensors moons --data-seed 5"
    found = json.loads(run(f"{model} --seed 4 --json").out)
    points = rb.data.moons(seed=5)
    assert found["predicted"] == kept[1][1].predict(points.X).tolist()
    assert "holds runs with the seeds 3, 4; say which by --seed" in refused(model)
    assert "no run with the seed 5" in refused(f"{model} --seed 5")
    assert "leave --seed 5 out" in refused("predict runs/a/model.safetensors moons --seed 5")
