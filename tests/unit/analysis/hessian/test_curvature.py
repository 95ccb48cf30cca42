"""Second derivatives agree with differences of the gradient, with closed forms and each other."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rosenblatt as rb
from instances import (
    MORE_LAYERS,
    MORE_LOSSES,
    labels_for,
    n_outputs_for,
    one_of_each,
)
from rosenblatt.analysis.hessian import (
    flatten,
    gradient_noise_scale,
    hessian,
    hessian_extremes,
    hessian_trace,
    hessian_vector_product,
    perturbed_loss,
    unflatten,
)
from rosenblatt.analysis.hessian import objective as objectives
from rosenblatt.errors import ConfigurationError, DataError, DerivativeError, ShapeError
from rosenblatt.experiments import replay
from rosenblatt.experiments.two_moons import train_replay
from rosenblatt.layers import LAYERS, Layer, Linear, ReLU, Softmax, Tanh
from rosenblatt.losses import (
    LOSSES,
    CategoricalCrossEntropy,
    HalfSquaredError,
    PerceptronCriterion,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
)
from rosenblatt.models import MLP, Perceptron, Sequential, loss_and_grads
from rosenblatt.random import Key

KEY = Key.of(3, "dropout")
N = 7
EPS = np.finfo(np.float64).eps
every_loss = pytest.mark.parametrize("loss", one_of_each(LOSSES.values(), *MORE_LOSSES), ids=repr)
every_layer = pytest.mark.parametrize("layer", one_of_each(LAYERS.values(), *MORE_LAYERS), ids=repr)


@dataclass(frozen=True)
class Bent(Layer):
    """y = a ⊙ log(1 + eˣ) + √(1 + x²) / (1 + b²) + tanh(x b): a layer of a user's own."""

    width: int = 4

    @property
    def shapes(self):
        return {"a": (self.width,), "b": (1, self.width)}

    def forward(self, params, x):
        a, b = params["a"], params["b"]
        y = np.logaddexp(0, x)
        y *= a
        y += np.sqrt(1 + np.square(x)) / (1 + b**2)
        return y + np.tanh(x * b), x

    def backward(self, params, cache, dy):
        a, b, x = params["a"], params["b"], cache
        root, slope = np.sqrt(1 + x**2), 1 - np.tanh(x * b) ** 2
        # The slope of the first term is a / (1 + e^−x), written where it does not overflow.
        s = np.zeros_like(x)
        s[x >= 0] = 1 / (1 + np.exp(-x[x >= 0]))
        s[x < 0] = 1 - 1 / (1 + np.exp(x[x < 0]))
        dx = dy * (a * s + x / root / (1 + b**2) + b * slope)
        da = np.sum(dy * np.log1p(np.exp(x)), axis=0)
        db = (dy * (x * slope - 2 * b * root / (1 + b**2) ** 2)).sum(axis=0, keepdims=True)
        return dx, {"a": da, "b": db}


def network(layer, loss, seed=0):
    """Return Linear → the layer → Linear under the loss, drawn: (model, params, X, y)."""
    rng = np.random.default_rng(seed)
    ending = [Softmax()] if isinstance(loss, CategoricalCrossEntropy) else []
    width = layer.n_outputs_for(4)
    model = Sequential([Linear(3, 4), layer, Linear(width, n_outputs_for(loss)), *ending])
    params = {name: rng.uniform(-1, 1, shape) for name, shape in model.shapes.items()}
    return model, params, rng.standard_normal((N, 3)), labels_for(loss, rng, N)


def vectors_for(model, count, seed=9):
    rng = np.random.default_rng(seed)
    return [unflatten(v, model.shapes) for v in rng.standard_normal((count, size_of(model)))]


def size_of(model):
    return sum(int(np.prod(shape)) for shape in model.shapes.values())


def differences(model, params, X, y, vector, h=1e-4, **settings):
    """Return d/dε ∇L(θ + ε v), flat, by central differences, extrapolated once."""
    theta, v = flatten(params), flatten(vector)

    def gradient(step):
        moved = unflatten(theta + step * v, model.shapes)
        return flatten(loss_and_grads(model, moved, X, y, **settings)[1])

    def central(step):
        return (gradient(step) - gradient(-step)) / (2 * step)

    return (4 * central(h / 2) - central(h)) / 3


def check_against_differences(model, params, X, y, **settings):
    gradient = flatten(loss_and_grads(model, params, X, y, **settings)[1])
    for vector in vectors_for(model, 2):
        exact = flatten(hessian_vector_product(model, params, X, y, vector, **settings))
        numeric = differences(model, params, X, y, vector, **settings)
        # Beside the gradient, for losses without curvature: differences leave rounding errors.
        scale = max(np.abs(numeric).max(), 1e-3 * np.abs(gradient).max())
        assert np.abs(exact - numeric).max() <= 1e-7 * scale


@every_loss
@every_layer
def test_products_are_derivatives_of_the_gradient(layer, loss):
    weight = np.random.default_rng(2).uniform(0.5, 2.0, N)
    weight[3] = 0
    check_against_differences(*network(layer, loss), loss=loss, sample_weight=weight, key=KEY)


@every_loss
def test_a_layer_of_a_users_own_in_numpy(loss):
    check_against_differences(*network(Bent(), loss), loss=loss)


@every_loss
def test_a_deep_network(loss):
    between, width = one_of_each(LAYERS.values())[1:], 4
    for layer in between:
        width = layer.n_outputs_for(width)
    layers = [Linear(3, 4), *between, Linear(width, 4), Bent(), Linear(4, 4)]
    ended, _, X, y = network(Bent(), loss)
    model = Sequential([*layers, *ended.layers[2:]])
    rng = np.random.default_rng(8)
    params = {name: rng.uniform(-1, 1, shape) for name, shape in model.shapes.items()}
    check_against_differences(model, params, X, y, loss=loss, key=KEY)


@every_loss
@pytest.mark.parametrize("layer", [Tanh(), ReLU(), Bent()], ids=repr)
def test_the_hessian_is_made_of_products_and_is_symmetric(layer, loss, monkeypatch):
    model, params, X, y = network(layer, loss)
    H = hessian(model, params, X, y, loss=loss)
    assert H.shape == (size_of(model),) * 2
    np.testing.assert_array_equal(H, H.T)
    for vector in vectors_for(model, 2):
        product = hessian_vector_product(model, params, X, y, vector, loss=loss)
        assert list(product) == list(model.shapes)
        assert {name: value.shape for name, value in product.items()} == model.shapes
        np.testing.assert_allclose(flatten(product), H @ flatten(vector), rtol=0, atol=1e-13)
    # An entry sums a term per sample and unit, each rounded relative to the largest entry.
    rounding = N * model.n_outputs * EPS * max(1.0, float(np.abs(H).max()))
    # Rows are computed each by itself: symmetry is found, not made, up to rounding.
    objective = objectives.objective_of(model, params, X, y, loss, None, None)
    rows = objective.products(np.eye(size_of(model)))
    np.testing.assert_allclose(rows, rows.T, rtol=0, atol=rounding)
    monkeypatch.setattr(objectives, "BLOCK_BYTES", 1)
    np.testing.assert_allclose(hessian(model, params, X, y, loss=loss), H, rtol=0, atol=rounding)


@given(
    seed=st.integers(0, 1000),
    hidden=st.lists(st.integers(1, 5), max_size=2),
    activation=st.sampled_from(["relu", "leaky_relu", "tanh", "sigmoid"]),
    a=st.floats(-3, 3),
)
def test_products_are_linear_and_symmetric(seed, hidden, activation, a):
    model = MLP(3, hidden, 2, activation=activation)
    params = model.init(seed)
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((N, 3)), rng.integers(0, 2, N)
    u, v = vectors_for(model, 2, seed)

    def product(vector):
        return flatten(hessian_vector_product(model, params, X, y, vector))

    Hu, Hv, u, v = product(u), product(v), flatten(u), flatten(v)
    size = np.abs(Hu).max() + np.abs(Hv).max()
    mixed = product(unflatten(a * u + v, model.shapes))
    np.testing.assert_allclose(mixed, a * Hu + Hv, rtol=0, atol=1e-13 * (1 + size))
    assert u @ Hv == pytest.approx(v @ Hu, rel=0, abs=1e-12 * (1 + size))


# Closed forms


def with_ones(X):
    return np.hstack([X, np.ones((len(X), 1))])


def test_linear_regression():
    rng = np.random.default_rng(0)
    X, y, weight = rng.standard_normal((30, 4)), rng.standard_normal(30), rng.uniform(0, 1, 30)
    model = MLP(4, [], 1)
    A = with_ones(X)
    common = (model, model.init(1), X, y)
    H = hessian(*common, loss=HalfSquaredError())
    np.testing.assert_allclose(H, A.T @ A / 30, rtol=0, atol=1e-15)
    H = hessian(*common, loss=HalfSquaredError(), sample_weight=weight)
    np.testing.assert_allclose(H, A.T @ np.diag(weight) @ A / weight.sum(), rtol=0, atol=1e-15)


@pytest.mark.parametrize("init", ["he", "zeros"])
def test_logistic_regression(init):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((30, 4)), rng.integers(0, 2, 30)
    model = MLP(4, [], 1, init=init)
    params = model.init(1)
    A = with_ones(X)
    # At weights of 0 every logit is exactly 0, where the stable sigmoid changes its formula.
    p = 1 / (1 + np.exp(-A @ flatten(params)))
    H = hessian(model, params, X, y, loss=SigmoidCrossEntropy())
    np.testing.assert_allclose(H, A.T @ np.diag(p * (1 - p)) @ A / 30, rtol=0, atol=1e-15)


def test_softmax_regression():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((30, 2)), rng.integers(0, 3, 30)
    H = hessian(MLP(2, [], 3, init="zeros"), MLP(2, [], 3, init="zeros").init(0), X, y)
    # At weights of 0 every p is 1/3: H is the Kronecker product of XᵀX / N and diag(p) − p pᵀ.
    A = with_ones(X)
    expected = np.kron(A.T @ A / 30, np.eye(3) / 3 - 1 / 9)
    np.testing.assert_allclose(H, expected, rtol=0, atol=1e-15)


def test_the_perceptron_criterion_of_a_perceptron_is_flat():
    X, y = np.array([[1.0, 2.0], [3.0, -1.0]]), [0, 1]
    model = Perceptron(2)
    params = {"0.weight": np.array([[0.3], [0.2]]), "0.bias": np.array([-0.1])}
    assert not hessian(model, params, X, y).any()
    ends = hessian_extremes(model, params, X, y, dense=False)
    assert (ends.smallest, ends.largest) == (0, 0)


def test_relu_at_exactly_zero_is_its_flat_branch():
    model = Sequential([Linear(1, 1), ReLU(), Linear(1, 1)])
    params = {"0.weight": [[1.0]], "0.bias": [0.0], "2.weight": [[2.0]], "2.bias": [0.0]}
    H = hessian(model, params, [[0.0]], [1.0], loss=HalfSquaredError())
    # Only the last bias moves the output: x = 0 and the unit is silent.
    assert H.tolist() == np.diag([0.0, 0, 0, 1]).tolist()


def test_a_probability_that_has_underflowed_is_finite_and_flat():
    model = Sequential([Linear(1, 2), Softmax()])
    params = {"0.weight": np.array([[0.0, 1000.0]]), "0.bias": np.zeros(2)}
    # The gradient is finite there, and the second derivative that of the constant: see
    # CategoricalCrossEntropy.
    assert np.isfinite(hessian(model, params, [[1.0]], [0])).all()


# Settings


def test_dropout_draws_the_masks_of_the_key_and_none_without():
    model = MLP(2, [8], 2, activation="tanh", dropout=0.5)
    params = model.init(0)
    X, y = np.random.default_rng(0).standard_normal((20, 2)), np.arange(20) % 2
    without, with_key, again, other = (
        hessian(model, params, X, y, key=key) for key in (None, KEY, KEY, KEY.fold(1))
    )
    np.testing.assert_array_equal(with_key, again)
    assert not np.allclose(with_key, other)
    assert not np.allclose(with_key, without)
    bare = MLP(2, [8], 2, activation="tanh")
    names = dict(zip(model.shapes, bare.shapes, strict=True))
    same = hessian(bare, {names[name]: value for name, value in params.items()}, X, y)
    np.testing.assert_array_equal(without, same)


def test_float32_parameters_are_taken_in_float64():
    model, params, X, y = network(Tanh(), SoftmaxCrossEntropy())
    halved = {name: value.astype(np.float32) for name, value in params.items()}
    H = hessian(model, halved, X.astype(np.float32), y)
    assert H.dtype == np.float64
    wide = {name: value.astype(np.float64) for name, value in halved.items()}
    np.testing.assert_array_equal(H, hessian(model, wide, X.astype(np.float32), y))
    product = hessian_vector_product(model, halved, X, y, halved)
    assert {value.dtype for value in product.values()} == {np.dtype(np.float64)}


def test_weights_count_samples():
    model, params, X, y = network(Tanh(), SoftmaxCrossEntropy())
    weight = np.array([2.0, 1, 0, 1, 3, 1, 1])
    repeated = np.repeat(np.arange(N), weight.astype(int))
    np.testing.assert_allclose(
        hessian(model, params, X, y, sample_weight=weight),
        hessian(model, params, X[repeated], np.asarray(y)[repeated]),
        rtol=0,
        atol=1e-14,
    )


def test_nothing_given_is_changed():
    model, params, X, y = network(Bent(), HalfSquaredError())
    vector = vectors_for(model, 1)[0]
    for array in (X, y, *params.values(), *vector.values()):
        array.flags.writeable = False
    hessian_vector_product(model, params, X, y, vector, loss=HalfSquaredError())
    hessian(model, params, X, y, loss=HalfSquaredError())


def test_flatten_and_unflatten_are_inverse():
    model = MLP(2, [3], 2)
    vector = np.arange(17.0)
    params = unflatten(vector, model.shapes)
    assert params["0.weight"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert list(params) == list(model.shapes)
    np.testing.assert_array_equal(flatten(params), vector)
    params["0.weight"][0, 0] = 5
    assert vector[0] == 0
    with pytest.raises(ShapeError, match=r"\(16,\); the parameters need \(17,\)"):
        unflatten(np.ones(16), model.shapes)


# What is read off the Hessian


def moons_problem(hidden=(20,)):
    data, _ = replay.moons()
    model = MLP(2, list(hidden), 2)
    return model, model.init(0), data.X[:200], data.y[:200]


def test_lanczos_finds_the_ends_that_the_dense_hessian_has():
    problem = moons_problem()
    dense, lanczos = (hessian_extremes(*problem, dense=dense) for dense in (True, False))
    values = np.linalg.eigvalsh(hessian(*problem))
    assert (dense.smallest, dense.largest) == pytest.approx((values[0], values[-1]), rel=1e-13)
    size = values[-1]
    assert lanczos.smallest == pytest.approx(dense.smallest, abs=1e-7 * size)
    assert lanczos.largest == pytest.approx(dense.largest, abs=1e-7 * size)
    assert hessian_extremes(*problem, dense=False).smallest == lanczos.smallest
    for ends in (dense, lanczos):
        for value, vector in (
            (ends.smallest, ends.smallest_vector),
            (ends.largest, ends.largest_vector),
        ):
            flat = flatten(vector)
            product = flatten(hessian_vector_product(*problem, vector))
            np.testing.assert_allclose(product, value * flat, rtol=0, atol=1e-4 * size)
            assert np.linalg.norm(flat) == pytest.approx(1)
            assert flat[np.abs(flat).argmax()] > 0


def test_the_number_of_parameters_chooses_the_method(monkeypatch):
    problem = moons_problem()
    expected = hessian_extremes(*problem)
    monkeypatch.setattr("rosenblatt.analysis.hessian.curvature.DENSE", 50)
    monkeypatch.setattr(objectives.Objective, "hessian", None)
    assert hessian_extremes(*problem).largest == pytest.approx(expected.largest)


def test_lanczos_where_the_smallest_eigenvalue_is_zero_and_repeated():
    # A shift of all logits changes no probability: H is 0 in 31 directions, and nowhere negative.
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((100, 30)) * np.linspace(0.1, 3, 30), rng.integers(0, 3, 100)
    model = MLP(30, [], 3)
    problem = (model, model.init(0), X, y)
    ends, dense = (hessian_extremes(*problem, dense=dense) for dense in (False, True))
    assert ends.largest == pytest.approx(dense.largest)
    assert ends.smallest == pytest.approx(0, abs=1e-7 * dense.largest)


def test_lanczos_where_the_spectrum_is_symmetric():
    # Two linear layers under the perceptron criterion: H = [[0, B], [Bᵀ, 0]].
    model = Sequential([Linear(3, 8, bias=False), Linear(8, 1, bias=False)])
    rng = np.random.default_rng(0)
    X, params = rng.standard_normal((9, 3)), model.init(0)
    y = 1 - PerceptronCriterion().predict(model.forward(params, X)[0])
    ends = hessian_extremes(model, params, X, y, loss=PerceptronCriterion(), dense=False)
    assert ends.largest > 0.1
    assert ends.smallest == pytest.approx(-ends.largest)


def test_the_trace_is_the_sum_of_the_diagonal():
    problem = moons_problem()
    trace = hessian_trace(*problem)
    assert trace.value == pytest.approx(np.trace(hessian(*problem)), rel=1e-13)
    assert trace.standard_error == 0


def test_hutchinsons_estimate_is_within_its_standard_errors():
    problem = moons_problem()
    exact = hessian_trace(*problem).value
    estimates = [hessian_trace(*problem, n_probes=40, seed=seed) for seed in range(30)]
    z = np.array([(one.value - exact) / one.standard_error for one in estimates])
    assert np.abs(z).max() < 4
    # Were the errors twice too large or too small, the spread of z would be 0.5 or 2.
    assert 0.7 < z.std() < 1.4
    again = hessian_trace(*problem, n_probes=40, seed=0)
    assert again == estimates[0]


def test_the_variance_of_hutchinsons_estimate_is_that_of_its_formula():
    problem = moons_problem()
    H = hessian(*problem)
    # Var zᵀ H z = 2 Σ_{i≠j} H_ij² for entries of ±1.
    variance = 2 * ((H**2).sum() - (np.diag(H) ** 2).sum())
    error = hessian_trace(*problem, n_probes=2000).standard_error
    assert error == pytest.approx(np.sqrt(variance / 2000), rel=0.1)


def test_hutchinsons_estimate_of_a_diagonal_hessian_is_exact():
    # (±1)² = 1 leaves nothing to chance on the diagonal; normal probes would.
    model = Sequential([Linear(4, 1, bias=False)])
    X = np.diag([1.0, 2.0, 3.0, 4.0])
    settings = {"loss": HalfSquaredError(), "n_probes": 5}
    trace = hessian_trace(model, model.init(0), X, np.zeros(4), **settings)
    assert (trace.value, trace.standard_error) == (30 / 4, 0)


def test_small_perturbations_raise_the_loss_by_half_the_trace():
    model, params, X, y = network(Tanh(), SoftmaxCrossEntropy())
    found = perturbed_loss(model, params, X, y, scale=1e-3, n_draws=4000)
    value, grads = loss_and_grads(model, params, X, y)
    assert found.loss == pytest.approx(value)
    norm = np.linalg.norm(flatten(grads))
    assert found.std == pytest.approx(1e-3 * norm, rel=0.1)
    # The slope's part has mean 0, and is taken out for the curvature to be seen.
    rng = rb.random.stream(0, "perturbed_loss")
    u = 1e-3 * rng.standard_normal((4000, size_of(model)))
    curved = found.increases - u @ flatten(grads)
    error = curved.std() / np.sqrt(4000)
    expected = 0.5e-6 * hessian_trace(model, params, X, y).value
    assert abs(curved.mean() - expected) < 4 * error
    assert error < 0.05 * expected


def test_perturbations_of_one_seed_are_the_same_and_scale():
    problem = network(Tanh(), SoftmaxCrossEntropy())
    first, again, other = (
        perturbed_loss(*problem, scale=0.1, n_draws=5, seed=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.increases, again.increases)
    assert not (first.increases == other.increases).any()
    assert first.increases.shape == (5,)
    assert (first.mean, first.std) == (first.increases.mean(), first.increases.std(ddof=1))
    assert perturbed_loss(*problem, scale=0.1, n_draws=1).std == 0


def test_a_perturbed_loss_has_the_weights_and_the_masks_asked_for():
    model = MLP(2, [8], 2, dropout=0.5)
    X, y, weight = np.eye(2), [0, 1], np.array([1.0, 3.0])
    found = perturbed_loss(
        model, model.init(0), X, y, scale=0.1, n_draws=2, sample_weight=weight, key=KEY
    )
    value, _ = loss_and_grads(model, model.init(0), X, y, sample_weight=weight, key=KEY)
    assert found.loss == value


@pytest.mark.parametrize("loss", one_of_each(LOSSES.values()), ids=repr)
@pytest.mark.parametrize("layer", [Tanh(), Linear(4, 3, bias=False), Bent()], ids=repr)
def test_the_noise_scale_is_that_of_a_naive_loop(layer, loss):
    model, params, X, y = network(layer, loss)
    gradients = np.array(
        [
            flatten(loss_and_grads(model, params, X[i : i + 1], y[i : i + 1], loss=loss)[1])
            for i in range(N)
        ]
    )
    noise = gradient_noise_scale(model, params, X, y, loss=loss)
    assert noise.trace_covariance == pytest.approx(gradients.var(axis=0, ddof=1).sum(), rel=1e-12)
    G = flatten(loss_and_grads(model, params, X, y, loss=loss)[1])
    assert noise.squared_norm == pytest.approx(G @ G, rel=1e-12)
    assert noise.value == noise.trace_covariance / noise.squared_norm


@pytest.mark.parametrize("scale", ["sum", "mistakes"])
def test_the_noise_scale_does_not_depend_on_the_scale_of_the_loss(scale):
    problem = network(Tanh(), PerceptronCriterion())
    expected = gradient_noise_scale(*problem, loss=PerceptronCriterion()).value
    assert gradient_noise_scale(*problem, loss=PerceptronCriterion(scale)).value == pytest.approx(
        expected
    )


def test_equal_samples_have_no_noise_and_no_gradient_has_infinite_noise():
    model = MLP(1, [], 1, init="zeros")
    params, squares = model.init(0), HalfSquaredError()
    same = gradient_noise_scale(model, params, np.full((9, 1), 0.1), np.full(9, 0.3), loss=squares)
    assert same.trace_covariance == pytest.approx(0, abs=1e-15)
    assert same.trace_covariance >= 0
    balanced = gradient_noise_scale(model, params, [[0.0], [0.0]], [1.0, -1.0], loss=squares)
    assert (balanced.trace_covariance, balanced.value) == (2, np.inf)


# The replay


def test_full_batch_training_of_the_source_ends_at_no_minimum():
    run = train_replay(seed=42, network_number=1)
    data, _ = replay.moons()
    problem = (run.model, run.params, data.X, data.y)
    G = flatten(loss_and_grads(*problem)[1])
    assert np.linalg.norm(G) == pytest.approx(0.0559, abs=5e-5)
    ends = hessian_extremes(*problem)
    assert ends.smallest == pytest.approx(-0.0297, abs=5e-5)
    assert ends.largest == pytest.approx(1.149, abs=5e-4)
    # Downhill along that direction, or against it, the gradient falls faster and faster.
    direction = ends.smallest_vector
    curved = differences(*problem, direction, h=1e-6) @ flatten(direction)
    assert curved == pytest.approx(ends.smallest, rel=1e-5)


# What cannot be done


def test_a_layer_that_cannot_be_differentiated_is_named():
    class Opaque(Tanh):
        def forward(self, params, x):
            return super().forward(params, np.asarray(x))

    class Unknown(Tanh):
        def backward(self, params, cache, dy):
            return dy * np.arcsinh(cache), {}

    class Measured(Tanh):
        def forward(self, params, x):
            return super().forward(params, x / float(x.max()))

    class WritesInPlace(Tanh):
        def backward(self, params, cache, dy):
            dx = np.ones(cache.shape)
            dx *= dy
            return dx, {}

    for layer, message in (
        (WritesInPlace(), "np.multiply writes a result with tangents into a plain array"),
        (Opaque(), "cannot become a plain array"),
        (Unknown(), "np.arcsinh"),
        (Measured(), "only a loss"),
    ):
        with pytest.raises(DerivativeError, match=message):
            hessian(*network(layer, SoftmaxCrossEntropy()))


def test_a_loss_that_makes_more_than_its_value_a_float_is_refused():
    class ScaledSquaredError(HalfSquaredError):
        def value_and_gradient(self, z, y):
            return super().value_and_gradient(z / float((z**2).sum()), y)

    model, params, X, y = network(Tanh(), HalfSquaredError())
    with pytest.raises(DerivativeError, match="only a loss may do so, once"):
        hessian(model, params, X, y, loss=ScaledSquaredError())


def test_a_large_hessian_is_refused_with_advice():
    model = MLP(60, [60], 10)
    problem = (model, model.init(0), np.zeros((1, 60)), [0])
    with pytest.raises(ConfigurationError, match=r"4270 parameters would take 0\.1 GB; at most"):
        hessian(*problem)
    assert hessian_trace(*problem).standard_error > 0
    assert hessian_extremes(*problem).largest > 0


def test_bad_input_is_refused():
    model, params, X, y = network(Tanh(), SoftmaxCrossEntropy())
    vector = vectors_for(model, 1)[0]
    with pytest.raises(ShapeError, match="7 rows and y 6"):
        hessian(model, params, X, y[:6])
    with pytest.raises(ShapeError, match="parameters are"):
        hessian_vector_product(model, params, X, y, {"0.weight": np.ones((3, 4))})
    with pytest.raises(ShapeError, match="parameters are"):
        hessian(model, vector | {"more": np.ones(1)}, X, y)
    with pytest.raises(DataError, match="sample_weight"):
        hessian_trace(model, params, X, y, sample_weight=np.zeros(N))
    with pytest.raises(ShapeError, match="sample_weight"):
        hessian_trace(model, params, X, y, sample_weight=np.ones(N - 1))
    with pytest.raises(ConfigurationError, match="takes probabilities"):
        hessian(model, params, X, y, loss=CategoricalCrossEntropy())
    with pytest.raises(ConfigurationError, match="n_probes"):
        hessian_trace(model, params, X, y, n_probes=1)
    with pytest.raises(ConfigurationError, match="scale"):
        perturbed_loss(model, params, X, y, scale=0)
    with pytest.raises(ConfigurationError, match="tolerance"):
        hessian_extremes(model, params, X, y, tolerance=0)
    with pytest.raises(ShapeError, match="at least 2 samples"):
        gradient_noise_scale(model, params, X[:1], y[:1])


def test_what_is_not_finite_is_refused():
    model = MLP(1, [1], 1)
    params = unflatten([1e150, 0.0, 1e150, 0.0], model.shapes)
    with np.errstate(over="ignore", invalid="ignore"), pytest.raises(DataError, match="not finite"):
        hessian(model, params, [[1e10]], [0.0], loss=HalfSquaredError())
