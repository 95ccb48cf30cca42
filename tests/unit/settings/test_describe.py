import dataclasses
import inspect
import re

import pytest

import rosenblatt as rb
from rosenblatt.settings import describe_settings, parse_settings, plain_settings, prepare
from rosenblatt.settings.describe import WITHOUT
from rosenblatt.settings.plain import keys

SCHEMA = {setting["key"]: setting for setting in describe_settings()}


def context(setting, value):
    settings = {"data": "moons", setting["key"]: value}
    for key, entries in (setting["only"] or {}).items():
        settings[key] = entries[0]
    if settings.get("schedule") == "step":
        settings.setdefault("decay_every", 10)
    return settings


def test_every_setting_is_there_but_for_those_that_are_no_controls():
    assert list(SCHEMA) == [key for key in keys() if key not in WITHOUT]
    assert {setting["group"] for setting in SCHEMA.values()} == {
        "Data",
        "Model",
        "Training",
        "Optimizer",
    }


@pytest.mark.parametrize("key", SCHEMA)
def test_the_default_is_a_value_that_works(key):
    setting = SCHEMA[key]
    if setting["default"] is not None:
        prepare(parse_settings(context(setting, setting["default"])))
    default = next(field.default for field in fields_of(key) if field.name == key)
    if default not in (None, dataclasses.MISSING):
        assert key not in plain_settings(parse_settings(context(setting, setting["default"])))


def fields_of(key):
    return dataclasses.fields(keys()[key].owner)


@pytest.mark.parametrize("key", [key for key in SCHEMA if SCHEMA[key]["choices"]])
def test_every_choice_is_a_value(key):
    for choice in SCHEMA[key]["choices"]:
        parse_settings({"data": "moons", key: choice})


@pytest.mark.parametrize("key", SCHEMA)
def test_every_setting_is_explained_in_a_sentence_with_its_name_in_python(key):
    setting = SCHEMA[key]
    assert re.match(r"^\S.* .*\.$", setting["help"])
    assert "default:" not in setting["help"]
    assert setting["label"]
    for python in setting.get("pythons", {"": setting["python"]}).values():
        call, parameter = re.fullmatch(r"(\S+)\((\w+)=…\)", python).groups()
        function = eval(call, {"rb": rb, "data": rb.data.moons(10)})
        assert parameter in inspect.signature(function).parameters or call == "rb.data.make"


@pytest.mark.parametrize(
    ("key", "low", "high", "is_open"),
    [
        ("momentum", 0, 1, []),
        ("learning_rate", 0, None, ["min"]),
        ("beta1", 0, 1, ["max"]),
        ("dropout", 0, 1, ["max"]),
        ("clip", 0, 0.5, []),
        ("epochs", 1, None, []),
        ("batch_size", 1, None, []),
        ("seed", 0, None, []),
        ("n", 2, None, []),
        ("test_size", 0, None, []),
        ("decay_every", 1, None, []),
        ("hidden", 1, None, []),
    ],
)
def test_limits_are_those_of_the_checks(key, low, high, is_open):
    setting = SCHEMA[key]
    assert (setting["min"], setting["max"], setting["open"]) == (low, high, is_open)


def test_activations_are_one_or_one_for_each_layer():
    activation = SCHEMA["activation"]
    assert (activation["type"], activation["default"]) == ("names", "relu")
    options = parse_settings({"data": "moons", "hidden": [3, 3], "activation": ["Tanh", "relu"]})
    assert plain_settings(options)["activation"] == ["tanh", "relu"]
    assert activation["choices"][0] == "relu"


def test_letters_of_formulas_are_in_the_labels():
    labels = {key: SCHEMA[key]["label"] for key in ("learning_rate", "momentum", "beta1", "n")}
    assert labels == {
        "learning_rate": "learning rate η",
        "momentum": "momentum μ",
        "beta1": "beta1 β₁",
        "n": "samples",
    }


def test_what_may_change_while_training():
    forks = {key for key in SCHEMA if SCHEMA[key]["applies"] == "fork"}
    assert {"learning_rate", "optimizer", "momentum", "loss", "batch_size", "schedule"} <= forks
    assert not {"hidden", "seed", "data", "noise", "init", "dropout", "shuffle"} & forks
