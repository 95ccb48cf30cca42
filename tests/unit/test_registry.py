"""Registries: names in any spelling, and the words of other libraries."""

import dataclasses
import inspect
import pickle

import pytest

import rosenblatt as rb
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import (
    ACTIVATIONS,
    INITIALIZERS,
    LAYERS,
    Dropout,
    Glorot,
    He,
    LeakyReLU,
    Linear,
    as_activation,
    as_initializer,
    as_layer,
)
from rosenblatt.losses import (
    LOSSES,
    CategoricalCrossEntropy,
    HalfSquaredError,
    MeanSquaredError,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
    as_loss,
)
from rosenblatt.optimizers import OPTIMIZERS, SCHEDULES, Cosine, Step, as_optimizer, as_schedule
from rosenblatt.registry import Registry

REGISTRIES = (LAYERS, ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, SCHEDULES)
every_registry = pytest.mark.parametrize("registry", REGISTRIES, ids=lambda one: one.kind)


@pytest.mark.parametrize(
    ("as_value", "names", "expected"),
    [
        (as_loss, ["mse", "MSE", "mean_squared_error", "MeanSquaredError"], MeanSquaredError()),
        (as_loss, ["squared_error", "l2", "half-squared-error"], HalfSquaredError()),
        (as_loss, ["log_loss", "cross_entropy", "softmax_cross_entropy"], SoftmaxCrossEntropy()),
        (as_loss, ["bce", "binary_crossentropy", "BinaryCrossEntropy"], SigmoidCrossEntropy()),
        (as_loss, ["categorical_crossentropy"], CategoricalCrossEntropy()),
        (as_optimizer, ["adam", "Adam", "ADAM"], rb.Adam()),
        (as_optimizer, ["sgd", "gd"], rb.SGD()),
        (as_optimizer, ["rmsprop", "RMS_prop"], rb.RMSProp()),
        (as_initializer, ["xavier", "glorot", "Xavier_Uniform"], Glorot()),
        (as_initializer, ["he", "kaiming"], He()),
        (as_activation, ["leaky_relu", "LeakyReLU", "leaky relu"], LeakyReLU()),
        (as_layer, ["dropout"], Dropout()),
    ],
)
def test_a_name_in_any_spelling_is_the_value_with_its_defaults(as_value, names, expected):
    assert [as_value(name) for name in names] == [expected] * len(names)
    assert as_value(expected) is expected


@every_registry
def test_no_two_classes_share_a_name(registry):
    for name, kind in registry.items():
        for spelling in (name, kind.__name__, *kind.aliases):
            assert registry.find(spelling) is kind


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: as_loss("mxe"), "unknown loss 'mxe'; known: Softmax.* did you mean \"mse\""),
        (lambda: as_optimizer(rb.SGD), r"an optimizer must be of type Optimizer .*write SGD\(\)"),
        (lambda: as_loss(None), "a loss must be of type Loss or one of the names"),
        (lambda: as_schedule("cosine"), "Cosine has settings without a default"),
        (lambda: as_activation("softmax"), "unknown activation 'softmax'; known: relu, leaky"),
        (lambda: LOSSES.add(rb.SGD), "a registered loss must be a subclass of Loss"),
        (lambda: LOSSES.add(MeanSquaredError), "a loss of the name 'MeanSquaredError' already"),
    ],
)
def test_what_is_not_there_is_refused(call, message):
    with pytest.raises(ConfigurationError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rb.Adam(lr=0.1), "Adam has no setting 'lr'; it is called learning_rate here; "),
        (lambda: rb.Adam(betas=(0.9, 0.99)), "'betas'; it is called beta1 and beta2 here"),
        (lambda: rb.Adam(eps=1e-8), "called epsilon here; its settings are learning_rate, beta1"),
        (lambda: rb.SGD(learning_rat=0.1), 'did you mean "learning_rate"'),
        (lambda: rb.SGD(0.1, wd=0.1), "called weight_decay here"),
        (lambda: rb.RMSProp(decay=0.9), "called rho here"),
        (lambda: rb.RMSProp(alpha=0.9), "called rho here"),
        (lambda: Linear(in_features=2, n_outputs=3), "called n_inputs here"),
        (lambda: Dropout(p=0.5), "called rate here"),
        (lambda: LeakyReLU(negative_slope=0.5), "called slope here"),
        (lambda: Cosine(0.1, T_max=5), "called updates here"),
        (lambda: Step(0.1, 5, gamma=0.5), "called factor here"),
        (lambda: MeanSquaredError(reduction="sum"), "it has no settings"),
        (lambda: rb.MLP(2, hidden_layer_sizes=[3], n_classes=2), "called n_hidden here"),
        (lambda: rb.Perceptron(2, fit_intercept=False), "called bias here"),
    ],
)
def test_keywords_of_other_libraries_are_answered_with_those_here(call, message):
    with pytest.raises(ConfigurationError, match=message):
        call()


def test_a_class_keeps_its_signature_and_can_be_copied():
    parameters = inspect.signature(rb.Adam).parameters
    names = ["learning_rate", "beta1", "beta2", "epsilon", "epsilon_hat"]
    names += ["layer_rates", "keep_zeros"]
    assert list(parameters) == names
    assert parameters["beta1"].default == 0.9
    assert list(inspect.signature(rb.MLP).parameters)[:3] == ["n_inputs", "n_hidden", "n_classes"]
    adam = rb.Adam(0.1)
    assert dataclasses.replace(adam, beta1=0.5) == rb.Adam(0.1, 0.5)
    assert pickle.loads(pickle.dumps(adam)) == adam
    with pytest.raises(TypeError, match="positional"):
        rb.Adam(1, 2, 3, 4, 5, [6], True, 8)


def test_classes_with_an_initializer_of_their_own_are_explained_too():
    class Unit:
        pass

    class Plain(Unit):
        pass

    class Open(Unit):
        def __init__(self, **settings):
            self.settings = settings

    registry = Registry("unit", Unit, Plain, Open)
    with pytest.raises(ConfigurationError, match="Plain has no setting 'x'; it has no settings"):
        Plain(x=1)
    assert Open(x=1).settings == {"x": 1}
    assert list(registry) == ["plain", "open"]
    registry.remove(Plain)
    assert list(registry) == ["open"]


@pytest.mark.parametrize("name", ["re_lu", "ReLu"])
def test_a_name_that_finds_another_class_is_taken(name):
    added = type(name, (LAYERS["ReLU"],), {})
    with pytest.raises(ConfigurationError, match=f"a layer of the name '{name}' already"):
        LAYERS.add(added)


def test_an_alias_that_finds_another_class_is_taken():
    added = type("Ramp", (LAYERS["ReLU"],), {"aliases": ("relu",)})
    with pytest.raises(ConfigurationError, match="a layer of the name 'relu' already"):
        LAYERS.add(added)
