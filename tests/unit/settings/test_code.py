"""Scripts and commands give the bits of the settings that they are written from."""

import shlex

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.cli import main
from rosenblatt.errors import ConfigurationError
from rosenblatt.settings import (
    as_command,
    as_python,
    as_toml,
    parse_setup,
    plan_forks,
    prepare,
)
from rosenblatt.training.storage.saved_model import load_model

SETTINGS = {
    "plain": {"data": "moons", "hidden": [8], "epochs": 5},
    "every flag": {
        "data": "spirals",
        "n": 90,
        "n_classes": 3,
        "noise": 0.05,
        "data_seed": 3,
        "test_size": 20,
        "split_seed": 2,
        "stratify": True,
        "standardize": True,
        "hidden": [6, 4],
        "activation": "tanh",
        "init": "normal",
        "init_scale": 0.5,
        "dropout": 0.1,
        "loss": "softmax_cross_entropy",
        "clip": 0.01,
        "optimizer": "adamw",
        "beta1": 0.8,
        "weight_decay": 0.02,
        "learning_rate": 0.05,
        "schedule": "cosine",
        "warmup": 3,
        "epochs": 4,
        "batch_size": 7,
        "shuffle": False,
        "seed": 5,
        "dtype": "float32",
        "engine": "reference",
    },
    "early stopping": {"data": "circles", "n": 90, "patience": 2, "epochs": 40, "eval_every": 1},
    "validation": {
        "data": "xor",
        "patience": 1,
        "validation_size": 0.3,
        "standardize": True,
        "test_size": 0.0,
    },
    "probabilities": {"data": "blobs", "n": 60, "loss": "categorical_cross_entropy", "epochs": 3},
    "one output": {"data": "moons", "n": 60, "loss": "sigmoid_cross_entropy", "epochs": 3},
    "linear": {"data": "gaussians", "means": [[1.0, 0.5], [-1.0, 0.0]], "hidden": [], "n": 51},
    "activation by layer": {
        "data": "iris",
        "hidden": [4, 3],
        "activation": ["leaky_relu", "tanh"],
        "slope": 0.3,
        "epochs": 3,
    },
    "regression": {"data": "diabetes", "standardize": True, "epochs": 3},
    "leaky": {"data": "moons", "activation": "leaky_relu", "slope": 0.3, "epochs": 3},
    "compiled": {"data": "moons", "engine": "compiled", "epochs": 3, "batch_size": 10},
}


def run_script(settings, data=None):
    names = {}
    exec(compile(as_python(settings, data), "<script>", "exec"), names)
    return names


def assert_same(params, others):
    assert list(params) == list(others)
    for name, value in params.items():
        assert value.tobytes() == others[name].tobytes(), name


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_script_command_and_file_give_the_same_bits(name, tmp_path, capsys):
    settings = SETTINGS[name]
    script = run_script(settings)["run"]
    words = shlex.split(as_command(settings))
    assert words[:3] == ["rosenblatt", "train", "mlp"]
    command = tmp_path / "command.safetensors"
    assert main([*words[1:], "--quiet", "--save", str(command)]) == 0
    assert_same(load_model(command).params, script.params)
    (tmp_path / "c.toml").write_text(as_toml(settings), encoding="utf-8")
    file = tmp_path / "file.safetensors"
    where = ["--config", str(tmp_path / "c.toml"), "--save", str(file)]
    assert main(["train", "mlp", *where, "--quiet"]) == 0
    assert_same(load_model(file).params, script.params)
    prepared = prepare(parse_setup(settings).options)
    direct = rb.train(prepared.model, prepared.splits.train, **prepared.keywords())
    assert_same(direct.params, script.params)
    assert direct.history[-1]["test_loss"] == script.history[-1]["test_loss"] or "test_size" in (
        settings
    )


LIVE = {"data": "moons", "n": 50, "hidden": [4], "batch_size": 10, "engine": "compiled"}
CHANGES = [
    {"at": 5, "set": {"learning_rate": 0.5}},
    {"at": 8, "weights": {"0.weight": [[0, 1, 0.25], [1, 3, -2]], "2.bias": [[1, 1.5]]}},
    {"at": 12, "set": {"batch_size": 20, "optimizer": "adam", "clip": 0.1}},
    {"at": 15, "set": {"optimizer": None, "momentum": 0.5}},
]


def live(settings):
    """Train as the studio does, from change to change, and return where it arrives."""
    setup = parse_setup(settings)
    prepared = prepare(setup.options, points=setup.points)
    keywords = prepared.keywords()
    for key in ("epochs", "eval_every", "callbacks"):
        keywords.pop(key)
    training = rb.training.LiveTraining(
        prepared.model, prepared.splits.train, seeds=[keywords.pop("seed")], **keywords
    )
    for fork in plan_forks(prepared, setup.changes):
        training.train(updates=fork.at - training.update)
        training = training.fork(**fork.keywords())
    training.train(updates=setup.at - training.update)
    return training


@pytest.mark.parametrize("at", [16, 22, 31])
def test_a_script_has_every_change_while_training(at):
    settings = {**LIVE, "changes": CHANGES, "at": at}
    names = run_script(settings)
    assert_same(live(settings).at(update=at), names["shown"])


def test_a_script_shows_an_update_before_later_changes():
    settings = {**LIVE, "changes": CHANGES[:2], "at": 6}
    names = run_script(settings)
    assert_same(live({**LIVE, "changes": CHANGES[:1], "at": 6}).at(update=6), names["shown"])
    assert names["run"].history[-1]["epoch"] == 2


def test_a_change_of_the_loss_is_a_fork():
    settings = {
        **LIVE,
        "loss": "softmax_cross_entropy",
        "changes": [{"at": 7, "set": {"clip": 0.1, "weight_decay": 0.1}}],
        "at": 13,
    }
    assert_same(live(settings).at(update=13), run_script(settings)["shown"])


def test_a_schedule_ends_with_the_epochs_whatever_the_changes():
    settings = {**LIVE, "epochs": 6, "schedule": "cosine", "learning_rate": 0.1}
    settings["changes"] = [{"at": 8, "set": {"batch_size": 20}}]
    prepared = prepare(parse_setup(settings).options)
    (fork,) = plan_forks(prepared, parse_setup(settings).changes)
    # Two epochs of four updates, and four of two.
    assert fork.optimizer.learning_rate.updates == 16
    assert run_script(settings)["run"].history[-1]["epoch"] == 6


def test_changes_that_cannot_be():
    prepared = prepare(parse_setup(LIVE).options)
    for changes, message in [
        ([{"at": 5, "set": {"batch_size": 20}}], "end of an epoch.*take 4 or 8"),
        ([{"at": 5, "set": {"loss": "sigmoid_cross_entropy"}}], "another last layer"),
        ([{"at": 5, "set": {"beta1": 0.5}}], "^beta1 has no meaning"),
        ([{"at": 4, "set": {"batch_size": 900}}], "batch_size"),
    ]:
        with pytest.raises(ConfigurationError, match=message):
            plan_forks(prepared, parse_setup({**LIVE, "changes": changes}).changes)
    for changes, message in [
        ([{"at": 5, "set": {"hidden": [3]}}], '"hidden" cannot change while training'),
        ([{"at": 5}, {"at": 4}], "order"),
        ([{"at": -1}], "a change is"),
        ([{"at": 5, "set": {"learning_rate": "a"}}], "\"learning_rate\" is 'a'"),
        ([{"at": 5, "weights": {"0.weight": [[0, 1, float("nan")]]}}], "finite"),
        ([{"at": 5, "weights": {"__import__('os')": [[0, 1, 1]]}}], "no name of a parameter"),
    ]:
        with pytest.raises(ConfigurationError, match=message):
            parse_setup({**LIVE, "changes": changes})
    changes = [{"at": 1, "weights": {"9.bias": [[0, 1]]}}]
    (fork,) = plan_forks(prepared, parse_setup({**LIVE, "changes": changes}).changes)
    with pytest.raises(ConfigurationError, match="no parameter"):
        fork.edit(prepared.model.init(0, np.float64))


def test_a_script_has_edited_samples():
    for standardize in (False, True):
        for test_size in (0.0, 0.25):
            settings = {
                **LIVE,
                "test_size": test_size,
                "standardize": standardize,
                "epochs": 3,
                "points": [
                    {"move": 3, "to": [9, 9.5]},
                    {"move": 4, "to": [8, 8]},
                    {"add": [5, 5], "label": 1},
                    {"delete": 7},
                    {"delete": 8},
                    {"delete": 9},
                ],
            }
            setup = parse_setup(settings)
            prepared = prepare(setup.options, points=setup.points)
            names = run_script(settings)
            assert names["train"].content_hash == prepared.splits.train.content_hash
            if test_size:
                assert names["test"].content_hash == prepared.splits.test.content_hash
            run = rb.train(prepared.model, prepared.splits.train, **prepared.keywords())
            assert_same(run.params, names["run"].params)


def test_a_script_reads_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = "a,b,c\n" + "".join(f"{i % 7},{i % 3},{'xy'[i % 2]}\n" for i in range(20))
    (tmp_path / "d 1.csv").write_text(table)
    settings = {"data": "upload:d 1.csv", "label": "c", "header": True, "epochs": 2}
    settings["points"] = [{"add": [1, 1], "label": "y"}]
    data = rb.data.load("d 1.csv", "c")
    script = as_python(settings, data)
    assert 'rb.data.load("d 1.csv", "c", header=True)' in script.replace("'", '"')
    names = run_script(settings, data)
    prepared = prepare(parse_setup(settings).options, data, parse_setup(settings).points)
    run = rb.train(prepared.model, prepared.splits.train, **prepared.keywords())
    assert_same(run.params, names["run"].params)
    with pytest.raises(ConfigurationError, match="samples of a file"):
        as_python(settings)


def test_a_script_trains_many_seeds():
    names = run_script({**LIVE, "seed": 3, "seeds": 4, "epochs": 2})
    assert names["runs"].seeds == [3, 4, 5, 6]
    assert names["run"].seed == 3


def test_a_command_is_quoted_and_says_what_it_cannot_do():
    assert as_command({"data": "upload:my data.csv", "label": "-1"}) == (
        "rosenblatt train mlp 'my data.csv' --label=-1"
    )
    assert as_command({"data": "upload:moons"}).endswith(" ./moons")
    for extra in ({"points": [{"delete": 3}]}, {"changes": [{"at": 1}]}):
        with pytest.raises(ConfigurationError, match="copy as Python"):
            as_command({"data": "moons", **extra})
    assert as_command({"data": "moons", "at": 3, "view": {"log": True}}).endswith(" moons")


def test_a_script_has_no_text_that_ends_a_text():
    settings = {"data": "upload:x'\"); import os #.csv", "label": "\"'\n"}
    data = rb.data.moons(20)
    compile(as_python(settings, data), "<script>", "exec")
    assert "\n'" not in as_python(settings, data)
