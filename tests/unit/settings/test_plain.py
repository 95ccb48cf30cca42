import json

import pytest

from rosenblatt.cli.app import app
from rosenblatt.errors import ConfigurationError
from rosenblatt.settings import parse_settings, plain_settings
from rosenblatt.settings.plain import keys
from rosenblatt.settings.train_options import TrainMLPOptions

EVERY_GROUP = {
    "data": "gaussians",
    "means": [[1.0, 0.0], [0.0, 1.0]],
    "n": 50,
    "standardize": True,
    "hidden": [8, 8],
    "activation": "tanh",
    "dropout": 0.5,
    "loss": "sigmoid_cross_entropy",
    "optimizer": "adam",
    "beta1": 0.8,
    "learning_rate": 0.1,
    "schedule": "cosine",
    "batch_size": 10,
    "shuffle": False,
    "patience": 3,
}


def test_the_keys_are_the_flags_of_the_command_but_for_its_output():
    arguments = app["train"]["mlp"].assemble_argument_collection()
    flags = {
        argument.name.removeprefix("--").replace("-", "_")
        for argument in arguments
        if not argument.children
    }
    output = {"config", "run", "checkpoint_every", "save", "history", "plot", "json", "quiet"}
    assert set(keys()) == flags - output


def test_a_mapping_becomes_options_and_comes_back():
    options = parse_settings(json.loads(json.dumps(EVERY_GROUP)))
    assert isinstance(options, TrainMLPOptions)
    assert plain_settings(options) == EVERY_GROUP


def test_dashes_are_underscores_and_none_is_absent():
    options = parse_settings({"data": "moons", "batch-size": 5, "epochs": None})
    assert plain_settings(options) == {"data": "moons", "batch_size": 5}


def test_defaults_are_left_out():
    assert plain_settings(parse_settings({"data": "moons", "hidden": [20], "noise": None})) == {
        "data": "moons"
    }


def test_names_may_be_aliases_in_any_spelling():
    options = parse_settings({"data": "moons", "init": "xavier", "activation": "LeakyReLU"})
    assert (options.network.init, options.network.activation) == ("glorot", "leaky_relu")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, '"data" is missing'),
        ({"data": "moons", "epoch": 3}, '"epoch" is no setting; did you mean "epochs"'),
        ({"data": "moons", "run": "x"}, '"run" is no setting'),
        ({"data": "moons", 3: 3}, "3 is no setting"),
        ({"data": "moons", "epochs": "3"}, "\"epochs\" is '3'; .*integer"),
        ({"data": "moons", "epochs": 2.5}, '"epochs" is 2.5; .*integer'),
        ({"data": "moons", "epochs": True}, '"epochs" is True; .*integer'),
        ({"data": "moons", "hidden": 8}, '"hidden" is 8; .*'),
        ({"data": "moons", "batch-size": 8, "batch_size": 9}, "twice"),
        ({"data": "moons", "dtype": "int8"}, '"dtype" is .*float64'),
        ({"data": "moons", "loss": "cross"}, '"loss" is .*softmax_cross_entropy'),
        ({"data": "moons", "epochs": 10**5000}, '"epochs" is .*too long'),
        ([], "must be a mapping"),
    ],
)
def test_what_is_wrong_is_named(settings, message):
    with pytest.raises(ConfigurationError, match=message):
        parse_settings(settings)
