import re

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.errors import ConfigurationError, DataError, ShapeError
from rosenblatt.settings import parse_edits, parse_settings, prepare, read_data
from rosenblatt.training.storage.saved_model import load_model

COMMANDS = [
    ({"n": 60, "noise": 0.3, "hidden": [5], "epochs": 3, "batch_size": 7}, ""),
    (
        {"n": 60, "standardize": True, "optimizer": "adam", "schedule": "cosine", "epochs": 4},
        "",
    ),
    ({"n": 90, "patience": 2, "epochs": 30, "seed": 4, "learning_rate": 3.0, "eval_every": 1}, ""),
]


def words(settings):
    for key, value in settings.items():
        flag = f"--{key.replace('_', '-')}"
        if value is True:
            yield flag
        elif isinstance(value, list):
            yield from (flag, ",".join(map(str, value)))
        else:
            yield from (flag, str(value))


@pytest.mark.parametrize("settings", [settings for settings, _ in COMMANDS])
def test_training_has_the_bits_of_the_command(settings, tmp_path, capsys):
    from rosenblatt.cli import main

    path = tmp_path / "m.safetensors"
    assert main(["train", "mlp", "moons", *words(settings), "--quiet", "--save", str(path)]) == 0
    prepared = prepare(parse_settings({"data": "moons", **settings}))
    run = rb.train(prepared.model, prepared.splits.train, **prepared.keywords())
    for name, value in load_model(path).params.items():
        assert value.tobytes() == run.params[name].tobytes()


def test_a_file_is_read_only_where_its_path_is_given(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text("a,b,c\n" + "".join(f"{i},{i % 3},{'xy'[i % 2]}\n" for i in range(20)))
    options = parse_settings({"data": str(path), "label": "c"})
    with pytest.raises(ConfigurationError, match="samples of a file must be given"):
        prepare(options)
    data = read_data(options, path)
    assert prepare(options, data).splits.train.class_names == ("x", "y")
    upload = parse_settings({"data": "upload:d.csv", "label": "c"})
    assert read_data(upload, path).content_hash == data.content_hash


def test_errors_name_keys():
    for settings, message in [
        ({"beta1": 0.5}, "^beta1 has no meaning for optimizer sgd; it belongs to optimizer adam"),
        ({"dropout": 1.0}, "^dropout must be at least 0"),
        ({"label": "x"}, "^label is for files"),
        ({"schedule": "step"}, "schedule step needs decay_every"),
        ({"loss": "mse"}, "say task regression, or leave loss out"),
    ]:
        with pytest.raises(ConfigurationError, match=message):
            prepare(parse_settings({"data": "moons", **settings}))


def test_numbers_say_which_sample_each_row_is():
    options = parse_settings({"data": "moons", "n": 40, "stratify": True, "test_size": 0.3})
    prepared = prepare(options)
    splits, data = prepared.splits, prepared.data
    np.testing.assert_array_equal(splits.train.X, data.X[splits.numbers])
    np.testing.assert_array_equal(splits.test.X, data.X[splits.test_numbers])
    assert sorted([*splits.numbers, *splits.test_numbers]) == list(range(40))


def test_edits_move_add_and_delete_samples_and_leave_the_others_where_they_are():
    options = parse_settings({"data": "moons", "n": 40})
    before = prepare(options)
    train, test = before.splits.numbers.tolist(), before.splits.test_numbers.tolist()
    edits = parse_edits(
        [
            {"move": train[3], "to": [9, 9]},
            {"move": test[2], "to": [8, 8]},
            {"add": [5, 5], "label": 1},
            {"add": [6, 6], "label": "0"},
            {"move": 41, "to": [7, 7]},
            {"delete": 40},
            {"delete": train[0]},
            {"delete": test[0]},
        ]
    )
    after = prepare(options, points=edits).splits
    assert after.numbers.tolist() == [*train[1:], 41]
    assert after.test_numbers.tolist() == test[1:]
    assert after.train.X[2].tolist() == [9, 9]
    assert after.train.X[-1].tolist() == [7, 7]
    assert after.train.y[-1] == 0
    assert after.test.X[1].tolist() == [8, 8]
    np.testing.assert_array_equal(after.train.X[3:-1], before.splits.train.X[4:])
    np.testing.assert_array_equal(after.train.y[:-1], before.splits.train.y[1:])


@pytest.mark.parametrize(
    ("edits", "error"),
    [
        ([{"move": 40, "to": [1, 1]}], ConfigurationError),
        ([{"delete": 3}, {"move": 3, "to": [1, 1]}], ConfigurationError),
        ([{"add": [1, 1], "label": 7}], DataError),
        ([{"add": [1], "label": 1}], ShapeError),
        ([{"delete": i} for i in range(40)], DataError),
    ],
)
def test_edits_that_cannot_be_are_refused(edits, error):
    with pytest.raises(error):
        prepare(parse_settings({"data": "moons", "n": 40}), points=parse_edits(edits))


@pytest.mark.parametrize(
    "edit",
    [
        {},
        {"move": 1},
        {"move": -1, "to": [1, 1]},
        {"move": True, "to": [1, 1]},
        {"move": 1, "to": []},
        {"move": 1, "to": [float("nan"), 1]},
        {"move": 1, "to": [10**400, 1]},
        {"move": 1, "to": "12"},
        {"add": [1, 1]},
        {"add": [1, 1], "label": [1]},
        {"add": [1, 1], "label": float("inf")},
        {"delete": 1, "to": [1, 1]},
        "delete",
        7,
    ],
)
def test_an_edit_has_one_of_three_forms(edit):
    with pytest.raises(ConfigurationError, match=r"points|label"):
        parse_edits([edit])


def test_an_edited_class_keeps_its_type():
    data = rb.data.Dataset([[0.0], [1.0], [2.0], [3.0]], ["no", "yes", "no", "yes"])
    options = parse_settings({"data": "upload:x", "test_size": 0})
    edits = parse_edits([{"add": [4], "label": "yes"}])
    train = prepare(options, data, edits).splits.train
    assert train.labels.tolist() == ["no", "yes", "no", "yes", "yes"]
    values = rb.data.Dataset([[0.0], [1.0], [2.0]], [0.5, 1.5, 2.5])
    train = prepare(options, values, parse_edits([{"add": [4], "label": 2}])).splits.train
    assert train.y.tolist() == [0.5, 1.5, 2.5, 2.0]
    assert re.search("regression", repr(train))
