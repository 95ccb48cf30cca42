import pickle

import numpy as np
import pytest

import rosenblatt as rb
from differences import numeric_gradient, relative_error
from instances import labels_for, n_outputs_for, one_of_each
from rosenblatt.errors import ConfigurationError, DataError, ShapeError
from rosenblatt.layers import (
    ACTIVATIONS,
    Dropout,
    LeakyReLU,
    Linear,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    Zeros,
)
from rosenblatt.losses import (
    LOSSES,
    CategoricalCrossEntropy,
    HalfSquaredError,
    PerceptronCriterion,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
)
from rosenblatt.models import backpropagate
from rosenblatt.random import Key, stream


def network(loss, activation):
    """Return a network with two hidden layers that ends as ``loss`` needs it."""
    model = rb.MLP(3, [5, 4], n_outputs_for(loss), activation=activation, init="glorot")
    return (
        rb.Sequential([*model.layers, Softmax()])
        if isinstance(loss, CategoricalCrossEntropy)
        else model
    )


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "leaky_relu"])
@pytest.mark.parametrize("loss", one_of_each(LOSSES.values()), ids=repr)
def test_backpropagation_is_the_gradient_of_the_loss(loss, activation):
    model = network(loss, activation)
    rng = np.random.default_rng(3)
    params = model.init(1)
    x, weight = rng.normal(size=(6, 3)), rng.uniform(0.5, 2, 6)
    targets = loss.encode(labels_for(loss, rng, 6), model.n_outputs)

    def value(params, x):
        return loss.over_batch(model.forward(params, x)[0], targets, weight)[0]

    L, outputs, dx, grads = backpropagate(model, loss, params, x, targets, weight)
    assert value(params, x) == L
    np.testing.assert_array_equal(outputs, model.forward(params, x)[0])
    assert list(grads) == list(params)
    assert relative_error(dx, numeric_gradient(lambda x: value(params, x), x)) < 1e-7
    for name in params:
        numeric = numeric_gradient(lambda v, n=name: value(params | {n: v}, x), params[name])
        assert relative_error(grads[name], numeric) < 1e-7, name


@pytest.mark.parametrize("width", [20, np.int64(20)])
def test_a_number_is_one_hidden_layer(width):
    assert rb.MLP(2, width, 2) == rb.MLP(2, [20], 2)
    assert repr(rb.MLP(2, width, 2)) == "MLP(2, [20], 2)"


def test_a_sequential_by_hand_is_an_mlp():
    by_hand = rb.Sequential(
        [Linear(2, 5, "glorot"), Tanh(), Linear(5, 4, "glorot"), Tanh(), Linear(4, 3, "glorot")]
    )
    made = rb.MLP(2, [5, 4], 3, activation="tanh", init="glorot")
    assert by_hand == made
    assert hash(by_hand) == hash(made)
    assert isinstance(made, rb.MLP)
    assert isinstance(made, rb.Sequential)
    assert not isinstance(by_hand, rb.MLP)
    again = eval(repr(made), vars(rb) | vars(rb.layers))
    assert type(again) is rb.MLP
    assert again == made == pickle.loads(pickle.dumps(made))
    assert repr(by_hand).startswith("Sequential([Linear(n_inputs=2, n_outputs=5, ")
    data = rb.data.Dataset(np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % 3)
    a, b = (rb.train(model, data, epochs=5, batch_size=7, seed=3) for model in (by_hand, made))
    for name in a.params:
        np.testing.assert_array_equal(a.params[name], b.params[name])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_mlp_has_its_activation_and_dropout_after_each_hidden_layer(name):
    kind = ACTIVATIONS[name]
    model = rb.MLP(2, [5, 4], 3, activation=name, dropout=0.2)
    layers = [Linear(2, 5), kind(), Dropout(0.2), Linear(5, 4), kind(), Dropout(0.2), Linear(4, 3)]
    assert model.layers == tuple(layers)
    assert model.is_random
    assert not rb.MLP(2, [5, 4], 3, activation=name).is_random


def test_an_mlp_may_have_another_activation_in_each_layer():
    model = rb.MLP(2, [5, 4], 3, activation=["tanh", LeakyReLU(0.3)], dropout=0.2)
    layers = [Linear(2, 5), Tanh(), Dropout(0.2), Linear(5, 4), LeakyReLU(0.3), Dropout(0.2)]
    assert model.layers == (*layers, Linear(4, 3))
    assert model.activation == (Tanh(), LeakyReLU(0.3))
    assert eval(repr(model), vars(rb) | vars(rb.layers)) == model
    assert pickle.loads(pickle.dumps(model)) == model
    equal = rb.MLP(2, [5, 4], 3, activation=("tanh", "tanh"))
    assert equal == rb.MLP(2, [5, 4], 3, activation="tanh")
    assert repr(equal) == "MLP(2, [5, 4], 3, activation=Tanh())"


def test_an_mlp_without_hidden_layers_is_one_linear_layer():
    assert rb.MLP(2, [], 3).layers == (Linear(2, 3),)


def test_names_shapes_and_widths():
    model = rb.Sequential([ReLU(), Linear(2, 4, bias=False), LeakyReLU(), Linear(4, 3), Sigmoid()])
    assert model.shapes == {"1.weight": (2, 4), "3.weight": (4, 3), "3.bias": (3,)}
    assert (model.n_inputs, model.n_outputs) == (2, 3)
    assert list(model.init(0)) == list(model.shapes)


def test_each_layer_draws_from_a_stream_of_its_own():
    model = rb.MLP(2, [3, 3], 2)
    params = model.init(5)
    for i in (0, 2, 4):
        expected = model.layers[i].init(stream(5, f"init.{i}"))
        for name, value in expected.items():
            np.testing.assert_array_equal(params[f"{i}.{name}"], value)
    deeper = rb.Sequential([*model.layers, Tanh(), Linear(2, 2)]).init(5)
    for name, value in params.items():
        np.testing.assert_array_equal(deeper[name], value)
    assert {value.dtype for value in model.init(5, np.float32).values()} == {np.dtype(np.float32)}


def test_each_dropout_layer_has_a_mask_of_its_own():
    model = rb.Sequential([Dropout(0.5), Linear(40, 40), Dropout(0.5)])
    _, caches = model.forward(model.init(0), np.ones((5, 40)), training=True, key=Key.of(0, "a"))
    assert 0.3 < np.mean(caches[0] == caches[2]) < 0.7


def test_the_default_loss_is_that_of_the_last_layer():
    assert rb.MLP(2, [3], 2).default_loss == SoftmaxCrossEntropy()
    assert rb.Sequential([Linear(2, 2), Softmax()]).default_loss == CategoricalCrossEntropy()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: rb.MLP(0, [3], 2), "n_inputs must be a whole number of at least 1, got 0"),
        (
            lambda: rb.MLP(2, [0], 2),
            "each width in n_hidden must be a whole number of at least 1, got 0",
        ),
        (lambda: rb.MLP(2, [3], -1), "n_classes must be a whole number of at least 1, got -1"),
        (lambda: rb.MLP(2, [2.5], 2), "each width in n_hidden .* got 2.5"),
        (lambda: rb.MLP(2, ["a"], 2), "each width in n_hidden .* got 'a'"),
        (
            lambda: rb.MLP(2, "20", 2),
            r"n_hidden must be a width or a list of widths, such as \[20\], got '20'",
        ),
        (lambda: rb.MLP(2, 20.5, 2), "a list of widths, .* got 20.5"),
        (lambda: rb.MLP(2, True, 2), "each width in n_hidden .* got True"),
        (lambda: rb.MLP(2, 0, 2), "each width in n_hidden .* got 0"),
        (lambda: rb.MLP(2, [20], n_out=2), "no setting 'n_out'; .*n_hidden, n_classes"),
        (lambda: rb.MLP(2, [3], 2, activation="rellu"), 'did you mean "relu"'),
        (
            lambda: rb.MLP(2, [3], 2, activation="softmax"),
            "unknown activation 'softmax'; known: relu",
        ),
        (
            lambda: rb.MLP(2, [3, 3, 3], 2, activation=["relu", "tanh"]),
            "one for each of the 3 hidden layers, got 2",
        ),
        (lambda: rb.MLP(2, [3], 2, activation=["rellu"]), 'did you mean "relu"'),
        (lambda: rb.MLP(2, [3], 2, activation={"relu"}), "must be of type Activation"),
        (lambda: rb.MLP(2, [3], 2, init="glorott"), 'did you mean "glorot"'),
        (
            lambda: rb.MLP(2, [3], 2, dropout=1.5),
            "dropout must be a finite number of at least 0 and at most 1, got 1.5",
        ),
        (lambda: rb.MLP(2, [], 2, dropout=0.5), "n_hidden is empty"),
        (lambda: rb.Sequential([]), "at least one Linear"),
        (lambda: rb.Sequential([ReLU()]), "at least one Linear"),
        (lambda: rb.Sequential([Linear(2, 3), ReLU]), "built of layers, got <class"),
        (lambda: rb.Sequential([Linear(2, 3), "relu"]), "built of layers, got 'relu'"),
        (
            lambda: rb.Sequential([Linear(2, 3), ReLU(), Linear(4, 2)]),
            r"Linear\(4, 2\) follows a layer 3 wide; make it Linear\(3, 2\)",
        ),
    ],
)
def test_models_that_cannot_work_are_refused(make, message):
    with pytest.raises(ConfigurationError, match=message):
        make()


# The gradient for users


def test_loss_and_grads_is_backpropagation_from_labels():
    model = rb.MLP(2, [4], 3)
    params = model.init(0)
    rng = np.random.default_rng(0)
    X, y, weight = rng.normal(size=(5, 2)), np.array([0, 1, 2, 1, 0]), rng.uniform(1, 2, 5)
    loss = SoftmaxCrossEntropy()
    value, grads = rb.loss_and_grads(model, params, X, y, sample_weight=weight)
    expected, _, _, expected_grads = backpropagate(
        model, loss, params, X, loss.encode(y, 3), weight
    )
    assert value == expected
    for name in params:
        np.testing.assert_array_equal(grads[name], expected_grads[name])


def test_loss_and_grads_takes_lists_and_whole_numbers_without_rounding_the_samples():
    model = rb.MLP(2, [], 2)
    whole = {"0.weight": [[1, 2], [3, 4]], "0.bias": np.array([0, 1])}
    real = {name: np.array(value, dtype=float) for name, value in whole.items()}
    X, y = [[0.5, 0.7], [-0.2, 0.1]], [0, 1]
    value, grads = rb.loss_and_grads(model, whole, X, y)
    expected, expected_grads = rb.loss_and_grads(model, real, X, y)
    assert value == pytest.approx(expected, rel=1e-6)
    for name in real:
        np.testing.assert_allclose(grads[name], expected_grads[name], rtol=1e-6)


def test_loss_and_grads_computes_in_the_dtype_of_the_parameters():
    model = rb.MLP(2, [4], 2)
    _, grads = rb.loss_and_grads(model, model.init(0, np.float32), [[1.0, 2.0]], [0])
    assert {grad.dtype for grad in grads.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"X": [[1.0, 2.0, 3.0]]}, ShapeError, r"X is \(1, 3\); the model takes \(N, 2\)"),
        ({"X": [1.0, 2.0]}, ShapeError, r"X is \(2,\)"),
        ({"X": [["a", "b"]]}, DataError, "X must be an array of numbers"),
        ({"X": [[1.0, 2.0], [3.0]]}, DataError, "X must be an array of numbers"),
        ({"X": [[1.0, np.nan]]}, DataError, r"X is nan in float64 at index \[0, 1\]"),
        ({"y": [0, 1]}, ShapeError, "X has 1 rows and y 2"),
        ({"X": np.empty((0, 2)), "y": np.array([], dtype=int)}, ShapeError, "0 rows"),
        ({"y": [2]}, DataError, "label 2 is not one of the 2 classes"),
        ({"y": [0.5]}, DataError, "whole numbers"),
        ({"sample_weight": [1.0, 1.0]}, ShapeError, r"need \(1,\)"),
        ({"sample_weight": [-1.0]}, DataError, "at least 0"),
        ({"sample_weight": [np.nan]}, DataError, "at least 0"),
        ({"sample_weight": [0.0]}, DataError, "not 0 for every sample"),
        ({"params": {}}, ShapeError, "the model has"),
        ({"params": {"0.weight": np.ones((2, 2))}}, ShapeError, "the model has"),
        (
            {"params": {"0.weight": np.ones((2, 3)), "0.bias": np.ones(2)}},
            ShapeError,
            r"parameter 0.weight is \(2, 3\); the model has \(2, 2\)",
        ),
        (
            {"params": {"0.weight": np.full((2, 2), np.inf), "0.bias": np.ones(2)}},
            DataError,
            "parameter 0.weight is inf",
        ),
    ],
)
def test_arguments_that_do_not_fit_are_refused(change, error, message):
    model = rb.MLP(2, [], 2)
    arguments = {"params": model.init(0), "X": [[1.0, 2.0]], "y": [0]} | change
    with pytest.raises(error, match=message):
        rb.loss_and_grads(model, **arguments)


@pytest.mark.parametrize(
    ("layers", "loss", "message"),
    [
        ([Linear(2, 2), Softmax()], SoftmaxCrossEntropy(), "takes logits, but the model ends in"),
        (
            [Linear(2, 2)],
            CategoricalCrossEntropy(),
            "takes probabilities, but the model does not end in",
        ),
        ([Linear(2, 2), Sigmoid()], CategoricalCrossEntropy(), "takes probabilities"),
        ([Linear(2, 1), Sigmoid()], SigmoidCrossEntropy(), "ends in a Sigmoid layer"),
        ([Linear(2, 1), Softmax()], SigmoidCrossEntropy(), "ends in a Softmax layer"),
    ],
)
def test_losses_that_do_not_fit_the_last_layer_are_refused(layers, loss, message):
    model = rb.Sequential(layers)
    with pytest.raises(ConfigurationError, match=message):
        rb.loss_and_grads(model, model.init(0), [[1.0, 2.0]], [0], loss=loss)
    with pytest.raises(ConfigurationError, match=message):
        rb.train(model, rb.data.moons(10, seed=0), loss=loss)


def test_squared_error_and_the_criterion_take_any_last_layer():
    for loss, ending in ((HalfSquaredError(), Sigmoid()), (PerceptronCriterion(), Tanh())):
        model = rb.Sequential([Linear(2, 1), ending])
        y = [0.5] if loss.task == "regression" else [1]
        assert np.isfinite(rb.loss_and_grads(model, model.init(0), [[1.0, 2.0]], y, loss=loss)[0])


def test_dropout_without_a_key_is_refused():
    model = rb.MLP(2, [3], 2, dropout=0.5)
    with pytest.raises(ConfigurationError, match="pass key"):
        rb.loss_and_grads(model, model.init(0), [[1.0, 2.0]], [0])
    value, _ = rb.loss_and_grads(model, model.init(0), [[1.0, 2.0]], [0], key=Key.of(0, "dropout"))
    assert np.isfinite(value)


@pytest.mark.parametrize("asked", [0, -1, 2.5, True, "8"])
def test_batch_sizes_that_cannot_work_are_refused(asked):
    with pytest.raises(ConfigurationError, match="batch_size must be a whole number of at least 1"):
        rb.MLP(2, [], 2).batch_size(asked, 10)


def test_a_batch_larger_than_the_data_is_refused():
    model = rb.MLP(2, [], 2)
    assert model.batch_size(10, 10) == model.batch_size(None, 10) == 10
    with pytest.raises(ConfigurationError, match="batch_size is 11, but there are only 10"):
        model.batch_size(11, 10)


def test_a_model_of_zeros_answers_zero():
    model = rb.MLP(2, [3], 2, init=Zeros())
    outputs, _ = model.forward(model.init(0), np.ones((4, 2)))
    assert not outputs.any()
