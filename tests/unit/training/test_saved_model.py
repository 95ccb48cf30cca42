import functools
import json
import math
import os
import struct
import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest

import rosenblatt as rb
from instances import example
from rosenblatt import limits
from rosenblatt.data import Dataset, Standardizer
from rosenblatt.errors import ConfigurationError, DataError, FileError, ShapeError
from rosenblatt.layers import INITIALIZERS, LAYERS, Linear, Normal, ReLU, Softmax
from rosenblatt.losses import LOSSES, CategoricalCrossEntropy
from rosenblatt.training import History, Run, load_model, save_model
from rosenblatt.training.storage.saved_model import FORMAT_VERSION
from sealing import seal_tensors

X = np.random.default_rng(0).normal(size=(40, 3))
WORDS = np.where(X[:, 0] + X[:, 1] > 0, "yes", "no")


def run_of(model, loss=None, classes=("no", "yes"), dtype=np.float64):
    loss = model.default_loss if loss is None else loss
    return Run(model, loss, model.init(3, dtype), history=History([]), seed=3, classes=classes)


def round_trip(tmp_path, run, **extra):
    save_model(tmp_path / "m.safetensors", run, **extra)
    return load_model(tmp_path / "m.safetensors")


def edited(tmp_path, run, edit):
    """A model file whose JSON document was changed by ``edit``."""
    from safetensors.numpy import save

    save_model(tmp_path / "m.safetensors", run)
    raw = (tmp_path / "m.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    document = json.loads(json.loads(raw[8 : 8 + length])["__metadata__"]["rosenblatt"])
    document = edit(document) or document
    content = save(run.params, metadata={"rosenblatt": json.dumps(document)})
    (tmp_path / "m.safetensors").write_bytes(seal_tensors(content))
    return tmp_path / "m.safetensors"


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_every_layer_comes_back_equal(tmp_path, layer):
    inner = example(layer)
    run = run_of(rb.Sequential([Linear(3, 4), inner, Linear(inner.n_outputs_for(4), 2)]))
    saved = round_trip(tmp_path, run)
    assert saved.model == run.model
    np.testing.assert_array_equal(saved.predict_proba(X), run.predict_proba(X))


@pytest.mark.parametrize("init", INITIALIZERS.values(), ids=INITIALIZERS)
def test_every_initialiser_comes_back_equal(tmp_path, init):
    model = rb.MLP(3, [4], 2, init=init())
    assert round_trip(tmp_path, run_of(model)).model == model


def test_settings_other_than_the_defaults_come_back(tmp_path):
    model = rb.Sequential([Linear(3, 2, Normal(0.25), bias=False), LAYERS["LeakyReLU"](slope=0.2)])
    assert round_trip(tmp_path, run_of(model)).model == model


def test_numpy_integers_in_settings_are_saved_as_numbers(tmp_path):
    model = rb.MLP(np.int64(3), [np.int64(4)], np.int64(2))
    assert round_trip(tmp_path, run_of(model)).model.shapes == model.shapes


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_every_loss_comes_back_equal(tmp_path, loss):
    one_output = loss().n_classes(1) == 2
    classes = None if loss.task == "regression" else ("no", "yes")
    ending = [Softmax()] if loss is CategoricalCrossEntropy else []
    model = rb.Sequential([Linear(3, 1 if one_output else 2), *ending])
    saved = round_trip(tmp_path, run_of(model, loss(), classes))
    assert saved.loss == loss()
    assert saved.task == loss.task


def test_a_perceptron_comes_back_with_its_settings(tmp_path):
    model = rb.Perceptron(3, "mini-batch", "mistakes", "pocket", bias=False)
    assert round_trip(tmp_path, run_of(model)).model == model


@pytest.mark.parametrize("classes", [("no", "yes"), (-1, 1), (False, True), (0, 2**62)])
def test_classes_keep_their_values_and_types(tmp_path, classes):
    saved = round_trip(tmp_path, run_of(rb.MLP(3, [], 2), classes=classes))
    assert saved.classes == classes
    assert [type(label) for label in saved.classes] == [type(label) for label in classes]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_keep_every_bit_and_their_type(tmp_path, dtype):
    run = run_of(rb.MLP(3, [4], 2), dtype=dtype)
    saved = round_trip(tmp_path, run)
    assert list(saved.params) == list(run.params)
    for name, value in run.params.items():
        assert saved.params[name].dtype == dtype
        np.testing.assert_array_equal(saved.params[name], value)


def test_a_trained_model_predicts_raw_inputs_as_in_training(tmp_path):
    data = Dataset(X * [1, 1000, 0.01] + 5, WORDS, feature_names=["a", "b", "c"])
    scaler = Standardizer.fit(data)
    train = scaler.apply(data)
    run = rb.train(rb.MLP(3, [5], 2), train, epochs=20, optimizer=rb.SGD(0.5))
    saved = round_trip(
        tmp_path, run, feature_names=data.feature_names, standardizer=scaler, label="word"
    )
    assert saved.predict(data.X).tolist() == run.predict(train.X).tolist()
    np.testing.assert_array_equal(saved.predict_proba(data.X), run.predict_proba(train.X))
    assert saved.evaluate(data) == run.evaluate(train)
    assert saved.label == "word"
    assert saved.settings["train"] == train.content_hash
    assert saved.settings["epochs"] == 20


def test_columns_are_found_by_name_whatever_their_order(tmp_path):
    saved = round_trip(tmp_path, run_of(rb.MLP(3, [], 2)), feature_names=("a", "b", "c"))
    np.testing.assert_array_equal(saved.select(X[:, ::-1], ("c", "b", "a")), X)


def test_columns_without_names_of_their_own_go_by_position(tmp_path):
    named = round_trip(tmp_path, run_of(rb.MLP(3, [], 2)), feature_names=("a", "b", "c"))
    assert named.select(X, ("x1", "x2", "x3")) is X
    unnamed = round_trip(tmp_path, run_of(rb.MLP(3, [], 2)))
    assert unnamed.select(X, ("a", "b", "c")) is X


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("a", "b"), 'needs the feature "c"'),
        (("a", "b", "cc"), 'did you mean "cc"'),
        (("a", "b", "c", "id"), 'column "id", which the model does not know'),
    ],
)
def test_other_features_are_refused_by_name(tmp_path, names, message):
    saved = round_trip(tmp_path, run_of(rb.MLP(3, [], 2)), feature_names=("a", "b", "c"))
    with pytest.raises(DataError, match=message):
        saved.select(np.zeros((1, len(names))), names)
    with pytest.raises(ShapeError, match=r"2 features .* takes 3"):
        saved.select(np.zeros((1, 2)), ("x1", "x2"))


def test_a_label_unseen_in_training_is_refused(tmp_path):
    saved = round_trip(tmp_path, run_of(rb.MLP(3, [], 2)))
    with pytest.raises(DataError, match="maybe"):
        saved.evaluate(Dataset(X[:2], ["yes", "maybe"]))


def test_a_layer_of_the_users_own_cannot_be_saved(tmp_path):
    @dataclass(frozen=True)
    class Mine(ReLU):
        pass

    with pytest.raises(ConfigurationError, match="Mine"):
        save_model(tmp_path / "m", run_of(rb.Sequential([Linear(3, 2), Mine()])))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(FileError, match=r"cannot read .*none.safetensors: there is no such file"):
        load_model(tmp_path / "none.safetensors")
    with pytest.raises(FileError, match="it is a folder"):
        load_model(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 something else", b"a,b,c\n1,2,3\n" * 9])
def test_a_foreign_file_is_refused(tmp_path, content):
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(FileError, match="no safetensors file, or it is damaged"):
        load_model(tmp_path / "f")


def test_a_file_cut_anywhere_is_refused(tmp_path):
    save_model(tmp_path / "m", run_of(rb.MLP(3, [4], 2)))
    whole = (tmp_path / "m").read_bytes()
    for length in (4, 100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut").write_bytes(whole[:length])
        with pytest.raises(FileError, match="cut"):
            load_model(tmp_path / "cut")


def test_weights_of_another_program_are_refused(tmp_path):
    from safetensors.numpy import save

    (tmp_path / "m").write_bytes(save({"w": np.zeros(2)}))
    with pytest.raises(FileError, match="saved by another program"):
        load_model(tmp_path / "m")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": FORMAT_VERSION + 1}, "install a newer rosenblatt"),
        ({"loss": {"name": "Nonsense"}}, "'Nonsense' is not one of"),
        ({"model": {"name": "Sequential", "layers": [{"name": "ReLu"}]}}, 'did you mean "ReLU"'),
        (
            {"model": {"name": "Sequential", "layers": [{"name": "ReLU", "x": 1}]}},
            "ReLU has no setting 'x'",
        ),
        ({"model": {"name": "Sequential", "layers": []}}, "at least one Linear"),
        ({"model": {"name": "Perceptron", "n_inputs": 3, "rule": "dance"}}, "unknown rule"),
        ({"classes": ["a", "b", "c"]}, "3 classes do not fit 2 outputs"),
        ({"feature_names": ["a"]}, "not of one width"),
        ({"standardizer": {"mean": [0.0], "scale": [1.0]}}, "not of one width"),
        ({"standardizer": {"mean": "high", "scale": [1.0]}}, "damaged"),
        ({"settings": 3}, "damaged"),
    ],
)
def test_a_description_that_cannot_be_is_refused(tmp_path, change, message):
    path = edited(tmp_path, run_of(rb.MLP(3, [], 2)), lambda document: document | change)
    with pytest.raises(FileError, match=message) as caught:
        load_model(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("key", ["format_version", "model", "loss", "classes", "standardizer"])
def test_a_description_with_a_hole_is_refused(tmp_path, key):
    path = edited(tmp_path, run_of(rb.MLP(3, [], 2)), lambda document: document.pop(key) and None)
    with pytest.raises(FileError):
        load_model(path)


def test_a_description_that_is_no_object_is_refused(tmp_path):
    path = edited(tmp_path, run_of(rb.MLP(3, [], 2)), lambda document: [document])
    with pytest.raises(FileError, match="damaged"):
        load_model(path)


def test_weights_must_have_the_shapes_of_the_architecture(tmp_path):
    def widen(document):
        document["model"]["layers"][0]["n_outputs"] = 3
        document["classes"] = ["a", "b", "c"]

    with pytest.raises(FileError, match=r"0.weight is \(3, 2\); the model has \(3, 3\)"):
        load_model(edited(tmp_path, run_of(rb.MLP(3, [], 2)), widen))


def test_weights_must_be_floats_of_one_type(tmp_path):
    run = run_of(rb.MLP(3, [], 2))
    run.params["0.bias"] = np.zeros(2, dtype=np.int64)
    with pytest.raises(FileError, match="float64, int64"):
        round_trip(tmp_path, run)


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FileError):
        save_model(tmp_path / "file" / "m", run_of(rb.MLP(3, [], 2)))


def test_weights_of_a_population_are_kept_by_seed(tmp_path):
    data = rb.data.moons(40, seed=0)
    runs = rb.train_many(rb.MLP(2, [3], 2), data, seeds=[4, 7, 2], epochs=3)
    save_model(tmp_path / "all.safetensors", runs)
    for run in runs:
        saved = load_model(tmp_path / "all.safetensors", seed=run.seed)
        for name, value in run.params.items():
            np.testing.assert_array_equal(saved.params[name], value)
        np.testing.assert_array_equal(saved.predict(data.X), run.predict(data.X))
    with pytest.raises(ConfigurationError, match="seeds 4, 7, 2; say which"):
        load_model(tmp_path / "all.safetensors")
    with pytest.raises(ConfigurationError, match="no run with the seed 5"):
        load_model(tmp_path / "all.safetensors", seed=5)
    save_model(tmp_path / "one.safetensors", runs[0])
    with pytest.raises(ConfigurationError, match="one run only"):
        load_model(tmp_path / "one.safetensors", seed=4)


HOSTILE_DESCRIPTIONS = {
    "nested": ({"settings": functools.reduce(lambda x, _: [x], range(200), 0)}, "nested too deep"),
    "classes in lists": ({"classes": [["a"], ["b"]]}, "classes must be all"),
    "classes of two types": ({"classes": ["a", 1]}, "classes must be all"),
    "the same class twice": ({"classes": ["a", "a"]}, "distinct"),
    "a class of many digits": ({"classes": [10**400, 1]}, "64 bits"),
    "a class that is a book": ({"classes": ["a", "b" * 20_000]}, "20000 characters"),
    "classes for values": ({"loss": {"name": "HalfSquaredError"}}, "is for values to predict"),
    "names that are numbers": ({"feature_names": [1, 2, 3]}, "names must be a list of texts"),
    "names in one text": ({"feature_names": "abc"}, "names must be a list of texts"),
    "the same name twice": ({"feature_names": ["a", "b", "a"]}, "two features are called 'a'"),
    "half a character": ({"feature_names": ["a", "b", "\ud800"]}, "not JSON: surrogates"),
    "a label that is a list": ({"label": ["y"]}, "names must be a list of texts"),
    "a mean of text": ({"standardizer": {"mean": ["1"] * 3, "scale": [1.0] * 3}}, "finite number"),
    "no finite mean": ({"standardizer": {"mean": [math.nan] * 3, "scale": [1.0] * 3}}, "finite"),
    "a scale of 0": ({"standardizer": {"mean": [0.0] * 3, "scale": [1.0, 0, 1]}}, "not above 0"),
    "a scale below 0": ({"standardizer": {"mean": [0.0] * 3, "scale": [1.0, -1, 1]}}, "not above"),
}


@pytest.mark.parametrize(
    ("change", "message"), HOSTILE_DESCRIPTIONS.values(), ids=HOSTILE_DESCRIPTIONS
)
def test_a_description_by_a_stranger_is_refused(tmp_path, change, message):
    path = edited(tmp_path, run_of(rb.MLP(3, [], 2)), lambda document: document | change)
    with pytest.raises(FileError, match=message) as caught:
        load_model(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("width", [10**6, 2**63 - 1, 10**30])
def test_a_model_that_is_said_to_be_huge_is_not_made(tmp_path, width):
    def widen(document):
        document["model"]["layers"] = [
            {"name": "Linear", "n_inputs": width, "n_outputs": width, "weight_init": "he"}
        ]

    path = edited(tmp_path, run_of(rb.MLP(3, [], 2)), widen)
    tracemalloc.start()
    try:
        with pytest.raises(FileError):
            load_model(path)
        assert tracemalloc.get_traced_memory()[1] < 10**6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("header", "length"),
    [
        (b"{}", 2**63),
        (b"{}", 10**8),
        (b"[" * 100_000, 100_000),
        (b'{"a": {"dtype": "F64", "shape": [1000000, 1000000], "data_offsets": [0, 8]}}', None),
        (b'{"a": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8000000000000]}}', None),
        (
            b'{"a": {"dtype": "F64", "shape": [4294967296, 4294967296], "data_offsets": [0, 0]}}',
            None,
        ),
        (
            b'{"a": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]},'
            b'"b": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}}',
            None,
        ),
    ],
)
def test_a_header_that_is_not_true_is_refused(tmp_path, header, length):
    size = struct.pack("<Q", len(header) if length is None else length)
    (tmp_path / "m").write_bytes(size + header + bytes(8))
    with pytest.raises(FileError, match="no safetensors file, or it is damaged"):
        load_model(tmp_path / "m")


def test_a_model_that_is_a_pipe_or_a_device_is_not_begun(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("pipe", "zero"):
        with pytest.raises(FileError, match="not an ordinary file"):
            load_model(tmp_path / name)


def test_a_model_larger_than_the_free_memory_is_refused(tmp_path, monkeypatch):
    save_model(tmp_path / "m", run_of(rb.MLP(3000, [1000], 2)))
    monkeypatch.setattr(limits, "free_memory", lambda: 70_000_000)
    with pytest.raises(FileError, match=r"reading .*m needs 72\.\d MB"):
        load_model(tmp_path / "m")
