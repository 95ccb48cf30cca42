"""Every layer in the registry keeps the contract of ``rosenblatt.layers.base``."""

import dataclasses
import inspect

import numpy as np
import pytest

from differences import numeric_gradient, relative_error
from instances import MORE_LAYERS, example, one_of_each
from rosenblatt.analysis.gradcheck import gradcheck
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
    Nested,
    Normal,
    RandomLayer,
    ReLU,
    Scale,
    Sigmoid,
    Softmax,
    Square,
    Tanh,
    Uniform,
    Zeros,
    as_initializer,
)
from rosenblatt.models import Sequential
from rosenblatt.random import Key, stream

TOLERANCE = 1e-7
N = 6
KEY = Key.of(3, "dropout")


def training_pass(layer, params, x):
    """Return what the layer's forward pass gives while training."""
    how = {"training": True, "key": KEY} if isinstance(layer, RandomLayer) else {}
    return layer.forward(params, x, **how)


every_layer = pytest.mark.parametrize("layer", one_of_each(LAYERS.values(), *MORE_LAYERS), ids=repr)


def drawn(layer, n=N, dtype=np.float64):
    """Return parameters, x and dy; x keeps away from 0, where layers have their kinks."""
    rng = np.random.default_rng(1)
    params = {name: rng.standard_normal(shape) for name, shape in layer.shapes.items()}
    x = rng.uniform(0.1, 2.0, (n, 4)) * rng.choice([-1.0, 1.0], (n, 4))
    dy = rng.standard_normal((n, layer.n_outputs_for(4)))
    return {name: value.astype(dtype) for name, value in params.items()}, *map(dtype, (x, dy))


def gradient_errors(layer):
    """Return the relative error of dx and of each gradient of L = Σ dy ⊙ y."""
    params, x, dy = drawn(layer)

    def loss(params, x):
        y, _ = training_pass(layer, params, x)
        return float((dy * y).sum())

    _, cache = training_pass(layer, params, x)
    dx, grads = layer.backward(params, cache, dy)
    errors = {"x": relative_error(dx, numeric_gradient(lambda x: loss(params, x), x))}
    for name in params:
        numeric = numeric_gradient(lambda value, n=name: loss(params | {n: value}, x), params[name])
        errors[name] = relative_error(grads[name], numeric)
    return errors


def broken(layer, break_it):
    """Return a copy of ``layer`` whose backward is followed by ``break_it(dx, grads, dy)``."""

    class Broken(type(layer)):
        def backward(self, params, cache, dy):
            dx, grads = super().backward(params, cache, dy)
            return break_it(dx, grads, dy)

    fields = {f.name: getattr(layer, f.name) for f in dataclasses.fields(layer)}
    return Broken(**fields)


def on_each_gradient(change):
    return lambda dx, grads, dy: (dx, {name: change(grad) for name, grad in grads.items()})


BROKEN_DX = {
    "1 % too large": lambda dx, grads, dy: (1.01 * dx, grads),
    "a millionth too large": lambda dx, grads, dy: ((1 + 1e-6) * dx, grads),
    "sign flipped": lambda dx, grads, dy: (-dx, grads),
    "columns swapped": lambda dx, grads, dy: (dx[:, ::-1], grads),
    "rows shifted": lambda dx, grads, dy: (np.roll(dx, 1, axis=0), grads),
    "the derivative left out": lambda dx, grads, dy: (np.resize(dy, dx.shape), grads),
    "divided by N": lambda dx, grads, dy: (dx / N, grads),
    "last sample forgotten": lambda dx, grads, dy: (dx * (np.arange(N) < N - 1)[:, None], grads),
}
BROKEN_GRADS = {
    "1 % too large": on_each_gradient(lambda grad: 1.01 * grad),
    "sign flipped": on_each_gradient(np.negative),
    "transposed": on_each_gradient(lambda grad: grad.reshape(grad.shape[::-1]).T),
    "reversed": on_each_gradient(lambda grad: grad[..., ::-1]),
    "divided by N": on_each_gradient(lambda grad: grad / N),
    "forgotten": on_each_gradient(np.zeros_like),
}


@every_layer
def test_backward_is_the_gradient_of_forward(layer):
    errors = gradient_errors(layer)
    assert max(errors.values()) < TOLERANCE, errors


@pytest.mark.parametrize("how", BROKEN_DX)
@pytest.mark.parametrize("name", LAYERS)
def test_a_broken_dx_is_caught(name, how):
    layer = broken(example(LAYERS[name]), BROKEN_DX[how])
    assert gradient_errors(layer)["x"] > TOLERANCE


@pytest.mark.parametrize("how", BROKEN_GRADS)
@pytest.mark.parametrize("name", [name for name, kind in LAYERS.items() if example(kind).shapes])
def test_each_broken_parameter_gradient_is_caught(name, how):
    layer = broken(example(LAYERS[name]), BROKEN_GRADS[how])
    errors = gradient_errors(layer)
    for parameter in layer.shapes:
        if how == "transposed" and parameter.endswith("bias"):
            continue  # which transposing does not change
        assert errors[parameter] > TOLERANCE, parameter


@pytest.mark.parametrize("how", [*BROKEN_DX, "not a number"])
@pytest.mark.parametrize("name", LAYERS)
def test_the_packages_own_gradient_check_catches_each_too(name, how):
    breaks = BROKEN_DX | {"not a number": lambda dx, grads, dy: (np.full_like(dx, np.nan), grads)}
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(N, 4)), np.arange(N) % 2

    def check(layer):
        ending = Linear(layer.n_outputs_for(4), 2)
        return gradcheck(Sequential([Linear(4, 4), layer, ending]), X, y)

    assert check(example(LAYERS[name])).passed
    assert not check(broken(example(LAYERS[name]), breaks[how])).passed


@every_layer
def test_shapes_names_and_registry(layer):
    params, x, dy = drawn(layer)
    y, cache = training_pass(layer, params, x)
    dx, grads = layer.backward(params, cache, dy)
    assert y.shape == (N, layer.n_outputs_for(4))
    assert dx.shape == x.shape
    assert {name: grad.shape for name, grad in grads.items()} == layer.shapes
    assert list(grads) == list(layer.shapes) == list(layer.init(stream(0, "init.0")))
    assert LAYERS[type(layer).__name__] is type(layer)


@every_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept(layer, dtype):
    params, x, dy = drawn(layer, dtype=dtype)
    y, cache = training_pass(layer, params, x)
    dx, grads = layer.backward(params, cache, dy)
    assert {array.dtype for array in (y, dx, *grads.values())} == {np.dtype(dtype)}


@every_layer
def test_one_sample_is_as_good_as_its_row_in_a_batch(layer):
    params, x, _ = drawn(layer)
    together, _ = layer.forward(params, x)
    alone, cache = layer.forward(params, x[:1])
    dx, _ = layer.backward(params, cache, np.ones_like(alone))
    if params:
        # A sum of n products is within n ε Σ |terms| of the exact one, in whatever order it is
        # taken (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1).
        size, _ = layer.forward({name: np.abs(value) for name, value in params.items()}, np.abs(x))
        n_terms = x.shape[1] + 1
        bound = 2 * n_terms * np.finfo(np.float64).eps * size[:1]
    else:
        bound = 1e-14 * np.abs(together[:1])
    assert (np.abs(alone - together[:1]) <= bound).all()
    assert np.isfinite(dx).all()


@every_layer
def test_nothing_given_is_changed(layer):
    params, x, dy = drawn(layer)
    for array in (x, dy, *params.values()):
        array.flags.writeable = False
    _, cache = training_pass(layer, params, x)
    layer.backward(params, cache, dy)


@every_layer
def test_layers_are_frozen_values_that_can_be_compared_hashed_and_printed(layer):
    fields = [field.name for field in dataclasses.fields(layer)]
    twin = dataclasses.replace(layer)
    assert twin == layer
    assert hash(twin) == hash(layer)
    assert type(layer).__name__ in repr(layer)
    for field in fields:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(layer, field, None)


@every_layer
def test_initial_parameters_depend_on_the_stream_alone(layer):
    first, again = (layer.init(stream(5, "init.0")) for _ in range(2))
    for name, shape in layer.shapes.items():
        assert first[name].shape == shape
        assert first[name].dtype == np.float64
        np.testing.assert_array_equal(first[name], again[name])


@every_layer
@pytest.mark.parametrize("scale", [0.0, 1e-300, 1000.0])
def test_extreme_inputs_give_finite_outputs_and_gradients(layer, scale):
    params, x, dy = drawn(layer)
    y, cache = training_pass(layer, params, scale * np.sign(x))
    dx, grads = layer.backward(params, cache, dy)
    assert all(np.isfinite(array).all() for array in (y, dx, *grads.values()))


@every_layer
def test_only_random_layers_take_a_key(layer):
    params, x, _ = drawn(layer)
    if layer.is_random:
        with pytest.raises(ConfigurationError, match="key"):
            layer.forward(params, x, training=True)
    elif not isinstance(layer, Nested):
        assert list(inspect.signature(layer.forward).parameters) == ["params", "x"]


# Values


def test_relu_at_exactly_zero_has_gradient_zero():
    y, cache = ReLU().forward({}, np.array([[-0.0, 0.0, 5e-324]]))
    dx, _ = ReLU().backward({}, cache, np.full((1, 3), 7.0))
    assert y.tolist() == [[0, 0, 5e-324]]
    assert dx.tolist() == [[0, 0, 7]]


def test_square_and_scale_by_hand():
    x, dy = np.array([[-3.0, 0.0, 0.5]]), np.array([[2.0, 5.0, -1.0]])
    y, cache = Square().forward({}, x)
    np.testing.assert_array_equal(y, [[9, 0, 0.25]])
    np.testing.assert_array_equal(Square().backward({}, cache, dy)[0], [[-12, 0, -1]])
    y, cache = Scale(-4).forward({}, x)
    np.testing.assert_array_equal(y, [[12, 0, -2]])
    np.testing.assert_array_equal(Scale(-4).backward({}, cache, dy)[0], [[-8, -20, 4]])


def test_leaky_relu_at_exactly_zero_has_the_slope_of_its_negative_side():
    _, cache = LeakyReLU(0.25).forward({}, np.zeros((1, 1)))
    assert LeakyReLU(0.25).backward({}, cache, np.full((1, 1), 8.0))[0].item() == 2.0


def test_leaky_relu_of_slope_0_is_relu_and_of_slope_1_the_identity():
    x = np.linspace(-2, 2, 9).reshape(3, 3)
    np.testing.assert_array_equal(LeakyReLU(0).forward({}, x)[0], ReLU().forward({}, x)[0])
    np.testing.assert_array_equal(LeakyReLU(1).forward({}, x)[0], x)


def test_a_numpy_slope_leaves_float32_as_it_is():
    y, cache = LeakyReLU(np.float64(0.1)).forward({}, np.ones((2, 2), np.float32))
    assert y.dtype == np.float32
    assert LeakyReLU(np.float64(0.1)).backward({}, cache, y)[0].dtype == np.float32


def test_softmax_at_logits_of_1000():
    p, cache = Softmax().forward(
        {}, np.array([[1000.0, -1000.0, 0.0], [-1000.0, -1000.0, -1000.0]])
    )
    np.testing.assert_allclose(p, [[1, 0, 0], [1 / 3, 1 / 3, 1 / 3]], rtol=1e-15)
    dx, _ = Softmax().backward({}, cache, np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]))
    np.testing.assert_allclose(dx, [[0, 0, 0], [-1 / 3, 0, 1 / 3]], atol=1e-16)


def test_softmax_rows_sum_to_1_and_ignore_a_shift():
    x = np.random.default_rng(0).normal(size=(20, 5)) * 30
    p, _ = Softmax().forward({}, x)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(Softmax().forward({}, x + 700)[0], p, rtol=1e-12)


def test_sigmoid_keeps_all_digits_of_small_results():
    y, _ = Sigmoid().forward({}, np.array([[-1000.0, -700.0, -40.0, 0.0, 40.0, 1000.0]]))
    expected = [[0, np.exp(-700), np.exp(-40), 0.5, 1, 1]]
    np.testing.assert_allclose(y, expected, rtol=1e-14)


def test_sigmoid_is_a_tanh_in_disguise():
    x = np.linspace(-5, 5, 21)[:, None]
    np.testing.assert_allclose(
        Sigmoid().forward({}, x)[0], (1 + Tanh().forward({}, x / 2)[0]) / 2, rtol=1e-14
    )


def test_linear_by_hand():
    layer = Linear(3, 2)
    params = {
        "weight": np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
        "bias": np.array([7.0, 8.0]),
    }
    x = np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]])
    dy = np.array([[1.0, 0.0], [2.0, -1.0]])
    y, cache = layer.forward(params, x)
    dx, grads = layer.backward(params, cache, dy)
    assert y.tolist() == [[1 - 5 + 7, 2 - 6 + 8], [2 + 3 + 7, 4 + 4 + 8]]
    assert grads["weight"].tolist() == [[1 + 4, -2], [2, -1], [-1, 0]]
    assert grads["bias"].tolist() == [3, -1]
    assert dx.tolist() == [[1, 3, 5], [0, 2, 4]]


def test_linear_without_bias_is_linear_with_a_bias_of_zero():
    params, x, dy = drawn(Linear(4, 3))
    params["bias"][:] = 0
    y, cache = Linear(4, 3).forward(params, x)
    bare, bare_cache = Linear(4, 3, bias=False).forward({"weight": params["weight"]}, x)
    np.testing.assert_array_equal(y, bare)
    assert list(Linear(4, 3, bias=False).backward(params, bare_cache, dy)[1]) == ["weight"]
    np.testing.assert_array_equal(
        Linear(4, 3).backward(params, cache, dy)[1]["weight"],
        Linear(4, 3, bias=False).backward(params, bare_cache, dy)[1]["weight"],
    )


# Dropout


def test_dropout_of_rate_0_changes_nothing():
    x = np.arange(12.0).reshape(3, 4)
    y, cache = Dropout(0).forward({}, x, training=True, key=KEY)
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(Dropout(0).backward({}, cache, x)[0], x)


def test_dropout_of_rate_1_silences_everything():
    x = np.arange(1.0, 13.0).reshape(3, 4)
    y, cache = Dropout(1).forward({}, x, training=True, key=KEY)
    assert not y.any()
    assert not Dropout(1).backward({}, cache, x)[0].any()


@pytest.mark.parametrize("rate", [0.0, 0.5, 1.0])
def test_dropout_after_training_is_the_identity(rate):
    x = np.arange(12.0).reshape(3, 4)
    y, cache = Dropout(rate).forward({}, x)
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(Dropout(rate).backward({}, cache, x)[0], x)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_dropout_silences_its_share_and_keeps_the_mean(rate):
    x = np.ones((400, 250))
    y, cache = Dropout(rate).forward({}, x, training=True, key=KEY)
    assert set(np.unique(y)) == {0.0, 1 / (1 - rate)}
    share = np.mean(y == 0)
    assert abs(share - rate) < 4 * np.sqrt(rate * (1 - rate) / x.size)
    np.testing.assert_array_equal(Dropout(rate).backward({}, cache, x)[0], y)


def test_a_dropout_mask_belongs_to_its_key():
    x = np.ones((20, 20))
    masks = [Dropout().forward({}, x, training=True, key=KEY.fold(i))[0] for i in (0, 0, 1)]
    np.testing.assert_array_equal(masks[0], masks[1])
    assert 0.35 < np.mean(masks[0] == masks[2]) < 0.65


# Initialisers


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initialisers_draw_float64_of_the_shape_from_the_stream_alone(name):
    rule = INITIALIZERS[name]()
    first, again = (rule(stream(2, "init.0"), 7, 5) for _ in range(2))
    assert first.shape == (7, 5)
    assert first.dtype == np.float64
    np.testing.assert_array_equal(first, again)
    assert as_initializer(name) == as_initializer(rule) == rule


@pytest.mark.parametrize(
    ("rule", "variance"),
    [
        (Normal(), 1),
        (Normal(0.3), 0.09),
        (Uniform(0.6), 0.6**2 / 3),
        (He(), 2 / 300),
        (Glorot(), 2 / (300 + 200)),
    ],
    ids=repr,
)
def test_initialisers_have_mean_0_and_the_variance_of_their_formula(rule, variance):
    weights = rule(stream(0, "init.0"), 300, 200)
    error_of_mean = np.sqrt(variance / weights.size)
    assert abs(weights.mean()) < 4 * error_of_mean
    assert abs(weights.var() / variance - 1) < 4 * np.sqrt(2 / weights.size)


def test_bounded_initialisers_reach_their_bound_and_no_further():
    rng = stream(0, "init.0")
    assert 0.59 < np.abs(Uniform(0.6)(rng, 300, 200)).max() <= 0.6
    bound = np.sqrt(6 / 500)
    assert 0.99 * bound < np.abs(Glorot()(rng, 300, 200)).max() <= bound
    assert not Zeros()(rng, 3, 2).any()


# Settings that cannot work


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Linear(0, 3), "n_inputs of Linear must be a whole number of at least 1, got 0"),
        (lambda: Linear(3, -1), "n_outputs of Linear must be a whole number of at least 1, got -1"),
        (
            lambda: Linear(2.0, 3),
            "n_inputs of Linear must be a whole number of at least 1, got 2.0",
        ),
        (
            lambda: Linear(True, 3),
            "n_inputs of Linear must be a whole number of at least 1, got True",
        ),
        (lambda: Linear(2, 3, "hee"), 'did you mean "he"'),
        (
            lambda: Dropout(-0.1),
            "rate of Dropout must be a finite number of at least 0 and at most 1, got -0.1",
        ),
        (
            lambda: Dropout(1.1),
            "rate of Dropout must be a finite number of at least 0 and at most 1, got 1.1",
        ),
        (
            lambda: Dropout(float("nan")),
            "rate of Dropout must be a finite number of at least 0 and at most 1, got nan",
        ),
        (
            lambda: LeakyReLU(-0.1),
            "slope of LeakyReLU must be a finite number of at least 0 and at most 1, got -0.1",
        ),
        (
            lambda: LeakyReLU(float("inf")),
            "slope of LeakyReLU must be a finite number of at least 0 and at most 1, got inf",
        ),
        (lambda: Dropout("0.5"), "rate of Dropout .* got '0.5'"),
        (lambda: Scale(float("nan")), "factor of Scale must be a finite number, got nan"),
        (lambda: LeakyReLU("x"), "slope of LeakyReLU .* got 'x'"),
        (lambda: Normal("x"), "std of Normal .* got 'x'"),
        (lambda: Normal(0), "std of Normal must be a finite number above 0, got 0"),
        (
            lambda: Uniform(float("nan")),
            "limit of Uniform must be a finite number above 0, got nan",
        ),
    ],
)
def test_settings_that_cannot_work_are_refused(make, message):
    with pytest.raises(ConfigurationError, match=message):
        make()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_layers_without_parameters_that_keep_the_width(name):
    layer = ACTIVATIONS[name]()
    assert layer.shapes == {}
    assert layer.n_outputs_for(7) == 7
    assert type(layer) in LAYERS.values()
