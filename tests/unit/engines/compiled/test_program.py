"""Programs compute what the layers, losses and optimizers do that they were traced from."""

from dataclasses import fields

import numpy as np
import pytest

import rosenblatt as rb
import user_code
from differences import numeric_gradient, relative_error
from graph_oracle import evaluate
from instances import MORE_OPTIMIZERS, one_of_each
from rosenblatt.engines.compiled.program import evaluation_program, training_program
from rosenblatt.engines.compiled.settings import settings_of
from rosenblatt.engines.compiled.tracer import TracingError
from rosenblatt.layers import ACTIVATIONS, LAYERS, Dropout, LeakyReLU, Linear, RandomLayer, Softmax
from rosenblatt.losses import CategoricalCrossEntropy, HalfSquaredError, Loss, SoftmaxCrossEntropy
from rosenblatt.models import backpropagate
from rosenblatt.optimizers import OPTIMIZERS, SGD, Adam, AdamW, RMSProp
from rosenblatt.random import Key

N = 7
KEY = Key.of(3, "dropout").fold(5)


def samples(model, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(N, model.n_inputs))
    y = np.eye(model.n_outputs)[rng.integers(model.n_outputs, size=N)]
    return x, y


def leaves_of(params, x, y, more=None):
    def value(node):
        match node.op:
            case "param":
                return params[node.attr]
            case "x":
                return x
            case "y":
                return y
            case "share":
                return np.full((N, 1), 1 / N)
            case "valid":
                return np.ones((N, 1))
            case "uniform" | "uniform_ge":
                path, least = node.attr if node.op == "uniform_ge" else (node.attr, None)
                key = KEY
                for number in path:
                    key = key.fold(number)
                drawn = key.uniform((N, *node.shape[1:]))
                return drawn if least is None else drawn * 2.0**53 >= least
            case _:
                return more(node)

    return value


def check(model, loss):
    """Compare the traced sums with those of backpropagation, in NumPy."""
    x, y = samples(model)
    params = model.init(1)
    program = training_program(model, loss, SGD(0.1), np.float64, has_losses=True)
    value, outputs, _, grads = backpropagate(model, loss, params, x, y, None, KEY)
    traced = dict(
        zip(program.sums, evaluate(program.sums.values(), leaves_of(params, x, y), N), strict=True)
    )
    assert list(traced) == [*grads, "loss"]
    np.testing.assert_allclose(traced.pop("loss"), value, rtol=1e-13)
    for name, gradient in traced.items():
        np.testing.assert_allclose(gradient, grads[name], rtol=1e-12, atol=1e-15)
    measured = evaluation_program(model, loss, np.float64)
    outputs, _ = model.forward(params, x)
    found = evaluate(measured.sums.values(), leaves_of(params, x, y), N)
    np.testing.assert_allclose(found[0], loss.per_sample(outputs, y).mean(), rtol=1e-13)
    if loss.task == "classification":
        assert found[1] == loss.n_correct(outputs, y)


@pytest.mark.parametrize("layer", one_of_each(LAYERS.values()), ids=repr)
def test_layers(layer):
    width = layer.n_outputs_for(4)
    check(rb.Sequential([Linear(3, 4), layer, Linear(width, 3)]), SoftmaxCrossEntropy())


@pytest.mark.parametrize("name", user_code.LAYERS)
def test_layers_of_users(name):
    model = rb.Sequential(user_code.LAYERS[name])
    check(model, SoftmaxCrossEntropy())
    x, y = samples(model)
    loss = SoftmaxCrossEntropy()
    params = model.init(1)
    _, _, _, grads = backpropagate(model, loss, params, x, y)
    for name, gradient in grads.items():
        numeric = numeric_gradient(
            lambda value, name=name: backpropagate(model, loss, params | {name: value}, x, y)[0],
            params[name],
        )
        assert relative_error(gradient, numeric) < 1e-7


@pytest.mark.parametrize("loss", user_code.LOSSES.values(), ids=repr)
def test_losses_of_users(loss):
    check(rb.MLP(3, [4], 3), loss)
    z, y = np.random.default_rng(0).normal(size=(N, 3)), np.eye(3)[np.arange(N) % 3]
    numeric = numeric_gradient(lambda z: loss.over_batch(z, y)[0], z)
    assert relative_error(loss.over_batch(z, y)[1], numeric) < 1e-7


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations(activation):
    check(rb.MLP(3, [4, 5], 3, activation=activation, dropout=0.3), SoftmaxCrossEntropy())


def test_softmax_layer():
    model = rb.Sequential([Linear(3, 4), Softmax()])
    check(model, CategoricalCrossEntropy())


@pytest.mark.parametrize("optimizer", one_of_each(OPTIMIZERS.values(), *MORE_OPTIMIZERS), ids=repr)
def test_optimizers(optimizer):
    model = rb.MLP(3, [4], 3)
    program = training_program(model, SoftmaxCrossEntropy(), optimizer, np.float64)
    rng = np.random.default_rng(0)
    params = model.init(1)
    like = {name: rng.normal(size=value.shape) for name, value in params.items()}
    slots = {slot: {n: np.abs(g) for n, g in like.items()} for slot in optimizer.init(params)}
    step = 4

    def scalars(node):
        match node.op:
            case "grad":
                return like[node.attr]
            case "slot":
                return slots[node.attr[0]][node.attr[1]]
            case "rate":
                return np.float64(optimizer.rate(step))
            case "step":
                return np.float64(step)
        raise AssertionError(node)

    new, new_slots = optimizer.update(params, like, slots, step)
    leaves = leaves_of(params, None, None, scalars)
    for name, node in program.update.params.items():
        np.testing.assert_allclose(evaluate([node], leaves, N)[0], new[name], rtol=1e-14)
    assert list(program.update.slots) == list(new_slots)
    for slot, by_name in program.update.slots.items():
        for name, node in by_name.items():
            expected = new_slots[slot][name]
            np.testing.assert_allclose(evaluate([node], leaves, N)[0], expected, rtol=1e-14)


class ByHand(Loss):
    """A loss whose gradient forgets that shares are the engine's."""

    def value_and_gradient(self, z, y):
        return (z - y) ** 2, 2 * (z - y) / len(z)


class Decaying(Linear):
    """A layer with a penalty of its own, which is divided by the batch."""

    def backward(self, params, cache, dy):
        dx, grads = super().backward(params, cache, dy)
        return dx, {name: grads[name] + params[name] / len(dy) for name in grads}


@pytest.mark.parametrize(
    ("model", "loss"),
    [
        (rb.MLP(3, [4], 3), ByHand()),
        (rb.Sequential([Decaying(3, 3)]), HalfSquaredError()),
    ],
)
def test_numbers_that_depend_on_the_batch_are_refused(model, loss):
    with pytest.raises(TracingError, match=r"length of the batch .*test_program\.py:\d+"):
        training_program(model, loss, SGD(0.1), np.float64)


class Centred(RandomLayer):
    """A layer that subtracts the mean of the batch."""

    def forward(self, params, x, **how):
        return x - x.sum(axis=0), None

    def backward(self, params, cache, dy):
        return dy, {}


class Choosing(RandomLayer):
    """A layer that chooses by a value."""

    def forward(self, params, x, **how):
        return (x if x[:, 0].max(axis=0) > 0 else -x), None

    def backward(self, params, cache, dy):
        return dy, {}


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (Centred(), r"a sum over the batch inside a layer .*test_program\.py:\d+"),
        (Choosing(), r"a choice \(if, and, or\) on a value; .*test_program\.py:\d+"),
    ],
)
def test_layers_that_mix_samples_are_refused(layer, message):
    model = rb.Sequential([Linear(3, 4), layer, Linear(4, 2)])
    with pytest.raises(TracingError, match=message):
        training_program(model, HalfSquaredError(), SGD(0.1), np.float64)


def test_equal_jobs_have_equal_keys():
    def key(width, rate=0.1, loss=None, **how):
        model = rb.MLP(3, [width], 3)
        return training_program(
            model, loss or SoftmaxCrossEntropy(), SGD(rate), np.float64, **how
        ).key

    assert key(4) == key(4, rate=0.2)  # the learning rate is no part of the code
    others = [key(5), key(4, is_weighted=True), key(4, has_penalty=True), key(4, has_losses=True)]
    assert len({key(4), *others}) == 5


def test_settings_in_which_members_differ_are_leaves():
    members = [
        (
            rb.Sequential([Linear(3, 4), LeakyReLU(slope), Dropout(rate), Linear(4, 3)]),
            SoftmaxCrossEntropy(),
            SGD(eta, momentum=mu),
        )
        for slope, rate, eta, mu in [(0.1, 0.2, 0.1, 0.9), (0.1, 0.5, 0.2, 0.8)]
    ]
    settings = settings_of(members)
    assert settings.places == ((2, "rate"), ("optimizer", "momentum"))
    assert settings.values.tolist() == [[0.2, 0.5], [0.9, 0.8]]
    program = training_program(*members[0], np.float64, settings=settings)
    for member, (model, loss, _) in enumerate(members):
        x, y = samples(model)
        params = model.init(1)
        _, _, _, grads = backpropagate(model, loss, params, x, y, None, KEY)
        leaves = leaves_of(
            params, x, y, lambda node, i=member: np.float64(settings.values[node.attr, i])
        )
        found = evaluate(program.sums.values(), leaves, N)
        for name, gradient in zip(program.sums, found, strict=True):
            np.testing.assert_allclose(gradient, grads[name], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("optimizer", [Adam, AdamW, RMSProp])
def test_every_number_of_an_optimizer_may_differ(optimizer):
    model, names = (
        rb.MLP(3, [4], 3),
        [f.name for f in fields(optimizer) if f.type in (float, "float")],
    )
    members = [
        (model, SoftmaxCrossEntropy(), optimizer(**dict.fromkeys(names, value)))
        for value in (0.25, 0.5)
    ]
    settings = settings_of(members)
    assert [name for _, name in settings.places] == names
    program = training_program(*members[0], np.float64, settings=settings)
    assert program.n_settings == len(names)


def test_members_that_disagree_on_a_choice_are_refused():
    members = [
        (rb.MLP(3, [4], 3), SoftmaxCrossEntropy(), SGD(0.1, momentum=mu)) for mu in (0.0, 0.5)
    ]
    with pytest.raises(TracingError, match=r"on which members differ .*sgd\.py:\d+"):
        training_program(*members[0], np.float64, settings=settings_of(members))


def test_members_of_different_shapes_are_refused():
    members = [(rb.MLP(3, [width], 3), SoftmaxCrossEntropy(), SGD(0.1)) for width in (4, 5)]
    with pytest.raises(TracingError, match="members that differ in n_outputs of layer 0"):
        settings_of(members)
