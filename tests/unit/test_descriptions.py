"""Descriptions of models, losses and optimizers: there and back, and those of earlier versions."""

import numpy as np
import pytest

import rosenblatt as rb
from instances import MORE_LAYERS, MORE_LOSSES, MORE_OPTIMIZERS, example, one_of_each
from rosenblatt.descriptions import (
    build_loss,
    build_model,
    build_optimizer,
    describe_loss,
    describe_model,
    describe_optimizer,
)
from rosenblatt.errors import DataError
from rosenblatt.layers import LAYERS, Linear, Normal, Tanh
from rosenblatt.losses import (
    LOSSES,
    CategoricalCrossEntropy,
    HalfSquaredError,
    SigmoidCrossEntropy,
)
from rosenblatt.optimizers import OPTIMIZERS, SCHEDULES, Constant, LinearWarmup


@pytest.mark.parametrize("loss", one_of_each(LOSSES.values(), *MORE_LOSSES), ids=repr)
def test_losses_there_and_back(loss):
    assert build_loss(describe_loss(loss)) == loss


@pytest.mark.parametrize(
    "optimizer",
    one_of_each(
        OPTIMIZERS.values(),
        *MORE_OPTIMIZERS,
        *(rb.SGD(example(kind)) for kind in SCHEDULES.values()),
        rb.Adam(LinearWarmup(3, LinearWarmup(4, Constant(0.1)))),
    ),
    ids=repr,
)
def test_optimizers_there_and_back(optimizer):
    assert build_optimizer(describe_optimizer(optimizer)) == optimizer


@pytest.mark.parametrize("layer", one_of_each(LAYERS.values(), *MORE_LAYERS), ids=repr)
def test_layers_there_and_back(layer):
    model = rb.Sequential([Linear(3, 4), layer])
    assert build_model(describe_model(model)) == model
    assert type(build_model(describe_model(model))) is rb.Sequential


@pytest.mark.parametrize(
    "model",
    [
        rb.MLP(2, [], 3),
        rb.MLP(2, 5, 3, activation="tanh", init=Normal(0.1)),
        rb.MLP(2, [5, 4], 3, activation="leaky_relu", dropout=0.5),
        rb.MLP(2, [5, 4], 3, activation=["tanh", rb.layers.LeakyReLU(0.3)], dropout=0.5),
        rb.MLP(2, [5], 3, activation=rb.layers.LeakyReLU(0.3), dropout=1),
    ],
    ids=repr,
)
def test_an_mlp_comes_back_as_one(model):
    description = describe_model(model)
    again = build_model(description)
    assert isinstance(again, rb.MLP)
    assert again == model
    assert repr(again) == repr(model)
    # Earlier versions read the layers alone.
    assert description["name"] == "Sequential"
    assert rb.Sequential(again.layers) == build_model(
        {"name": "Sequential", "layers": description["layers"]}
    )


def test_a_file_that_claims_an_mlp_of_other_layers_is_a_sequential():
    layers = describe_model(rb.Sequential([Linear(2, 3), Tanh(), Tanh(), Linear(3, 2, "zeros")]))
    model = build_model(layers | {"built_as": "MLP"})
    assert type(model) is rb.Sequential
    assert len(model.layers) == 4


@pytest.mark.parametrize(
    ("old", "loss"),
    [
        ({"name": "CrossEntropy"}, CategoricalCrossEntropy()),
        ({"name": "BinaryCrossEntropy", "clip": 0.1}, SigmoidCrossEntropy(clip=0.1)),
        ({"name": "SquaredError"}, HalfSquaredError()),
    ],
)
def test_losses_of_earlier_versions_are_read(old, loss):
    assert build_loss(old) == loss


def test_settings_of_earlier_versions_are_read():
    old = {"name": "rmsprop", "learning_rate": 0.1, "decay": 0.8, "epsilon": 1e-6}
    assert build_optimizer(old) == rb.RMSProp(0.1, rho=0.8, epsilon=1e-6)


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"name": "adam", "lr": 0.1}, "adam has no setting 'lr'"),
        ({"name": "mse"}, "is not one of sgd, .*"),
        ({"name": ["adam"]}, "is not one of"),
        ("adam", "describes nothing"),
        ({"name": "step"}, "is not one of sgd"),
        ({"name": "sgd", "learning_rate": {"name": "step"}}, "step has no such settings"),
    ],
)
def test_a_description_that_cannot_be_is_refused(description, message):
    with pytest.raises(DataError, match=message):
        build_optimizer(description)


# Default losses


def test_values_are_trained_with_half_the_squared_error_where_no_loss_is_named():
    x = np.linspace(-1, 1, 20)[:, None]
    for y in (x[:, 0] ** 2, np.hstack([x, x**2])):
        data = rb.data.Dataset(x, y)
        model = rb.MLP(1, 5, 1 if y.ndim == 1 else 2)
        run = rb.train(model, data, epochs=2)
        assert run.loss == HalfSquaredError()
        named = rb.train(model, data, epochs=2, loss="half_squared_error")
        assert run.history["train_loss"].tolist() == named.history["train_loss"].tolist()


def test_distributions_over_classes_are_classes():
    x = np.linspace(-1, 1, 20)[:, None]
    data = rb.data.Dataset(x, np.hstack([(1 + x) / 2, (1 - x) / 2]))
    assert rb.train(rb.MLP(1, 5, 2), data, epochs=1).loss == rb.losses.SoftmaxCrossEntropy()


def test_a_perceptron_has_its_criterion_on_classes_alone():
    data = rb.data.moons(20, seed=0)
    assert rb.train(rb.Perceptron(2), data, epochs=1).loss == rb.losses.PerceptronCriterion()
    with pytest.raises(rb.RosenblattError, match="needs class labels, but y holds real values"):
        rb.train(rb.Perceptron(2), rb.data.Dataset(data.X, data.X[:, 0]), epochs=1)
