"""Units in the lanes compute what NumPy computes from the same graph."""

from dataclasses import dataclass

import numpy as np
import pytest

import lowering_oracle
import rosenblatt as rb
import user_code
from instances import MORE_OPTIMIZERS, one_of_each
from lowering_oracle import HOST, TARGETS, network
from rosenblatt.engines.compiled import unit_plan
from rosenblatt.engines.compiled.graph import LoweringError
from rosenblatt.engines.compiled.program import evaluation_program, training_program
from rosenblatt.engines.compiled.target import NAMED
from rosenblatt.engines.compiled.unit_code import Sample
from rosenblatt.engines.compiled.units import Units, is_in_units
from rosenblatt.layers import LAYERS, Activation, Concatenate, Linear, Softmax, Tanh
from rosenblatt.layers.base import Layer
from rosenblatt.losses import (
    LOSSES,
    CategoricalCrossEntropy,
    HalfSquaredError,
    PerceptronCriterion,
    SoftmaxCrossEntropy,
)
from rosenblatt.optimizers import OPTIMIZERS, SGD, Adam


class Twice(Activation):
    """A layer that no row of units can be: a product of a matrix with itself."""

    def forward(self, params, x):
        return x @ np.eye(6), None

    def backward(self, params, cache, dy):
        return dy @ np.eye(6), {}


@dataclass(frozen=True)
class Tied(Layer):
    """x W Wᵀ with the same W: its gradient is two products, and each direction is read twice."""

    n_inputs: int
    n_hidden: int

    @property
    def shapes(self):
        return {"weight": (self.n_inputs, self.n_hidden)}

    def init(self, rng):
        return {"weight": 0.5 * rng.normal(size=(self.n_inputs, self.n_hidden))}

    def n_outputs_for(self, n_inputs):
        return self.n_inputs

    def forward(self, params, x):
        h = x @ params["weight"]
        return h @ params["weight"].T, (x, h)

    def backward(self, params, cache, dy):
        x, h = cache
        dh = dy @ params["weight"]
        return dh @ params["weight"].T, {"weight": x.T @ dh + dy.T @ h}


class Doubled(Linear):
    """x W + b, whose gradient by x is the mean of two products with the same W."""

    def backward(self, params, cache, dy):
        dx, grads = super().backward(params, cache, dy)
        return 0.5 * (dx + (2 * dy) @ params["weight"].T * 0.5), grads


class Shifted(Activation):
    """x - max x - 1, and 0.5 where √x of any unit is NaN: all maxima are of negative numbers."""

    def forward(self, params, x):
        y = x - x.max(axis=1, keepdims=True) - 1
        size = np.sqrt(x + 0.5).max(axis=1, keepdims=True)
        return np.where(size >= 0, y - y.max(axis=1, keepdims=True), 0.5 * y), None

    def backward(self, params, cache, dy):
        return dy, {}


class Infinite(Activation):
    """∞ and -∞, or the reverse."""

    def forward(self, params, x):
        return x[:, :1] * np.array([1e308, -1e308]) * 1e308, None

    def backward(self, params, cache, dy):
        return dy, {}


@dataclass(frozen=True)
class Idle(Layer):
    """x, and a parameter that does nothing."""

    shapes = {"idle": (5,)}  # noqa: RUF012

    def init(self, rng):
        return {"idle": rng.normal(size=5)}

    def forward(self, params, x):
        return x, None

    def backward(self, params, cache, dy):
        return dy, {"idle": np.zeros(5)}


BATCHES = 1, 3


def make(program, target, dtype, batch_size, members=False):
    return Units(program, target, dtype, batch_size)


def compared(model, loss, optimizer, batch_size, **options):
    return lowering_oracle.compared(make, model, loss, optimizer, batch_size, False, **options)


@pytest.fixture(params=["held", "in memory"])
def memory(request, monkeypatch):
    """Parameters of all networks as variables, or those of none."""
    monkeypatch.setattr(unit_plan, "MOST_HELD", 10**6 if request.param == "held" else 0)


IN_UNITS = [kind for kind in LAYERS.values() if kind is not Concatenate]
"""Concatenate multiplies by constant matrices, which the tiles can and this lowering cannot."""


@pytest.mark.cases(9)
@pytest.mark.parametrize("layer", one_of_each(IN_UNITS, Linear(4, 7)), ids=repr)
def test_layers(layer, memory):
    for batch_size in BATCHES:
        compared(network(layer), SoftmaxCrossEntropy(), SGD(0.1), batch_size)


@pytest.mark.cases(8)
@pytest.mark.parametrize("name", user_code.LAYERS)
def test_layers_of_users(name, memory):
    model = rb.Sequential(user_code.LAYERS[name])
    for batch_size in BATCHES:
        compared(model, SoftmaxCrossEntropy(), SGD(0.1), batch_size)


@pytest.mark.cases(5)
@pytest.mark.parametrize(
    "loss", [*one_of_each(LOSSES.values()), *user_code.LOSSES.values()], ids=repr
)
def test_losses(loss):
    width = 1 if loss.n_classes(1) == 2 else 3
    layers = [Linear(3, 6), Tanh(), Linear(6, width)]
    if isinstance(loss, CategoricalCrossEntropy):
        layers.append(Softmax())
    for batch_size in BATCHES:
        compared(rb.Sequential(layers), loss, SGD(0.1), batch_size, atol=1e-10)
        compared(rb.Sequential(layers), loss, SGD(0.1), batch_size, weighted=True, has_losses=False)


@pytest.mark.cases(4)
@pytest.mark.parametrize(
    "optimizer",
    [*one_of_each(OPTIMIZERS.values(), *MORE_OPTIMIZERS), *user_code.OPTIMIZERS.values()],
    ids=repr,
)
def test_optimizers(optimizer, memory):
    for batch_size in BATCHES:
        compared(
            rb.MLP(3, 6, 3),
            SoftmaxCrossEntropy(),
            optimizer,
            batch_size,
            epochs=3,
            penalty=0.1,
            has_losses=False,
        )


WIDTHS = {
    "two outputs": (2, [20], 2),
    "deep": (2, [16, 16, 16], 2),
    "wide": (11, [133, 70], 5),
    "one unit": (1, [1], 1),
}


@pytest.mark.cases(1)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_widths_and_targets(width, target, dtype):
    model = rb.MLP(*WIDTHS[width], activation="tanh")
    loss = HalfSquaredError() if width == "one unit" else SoftmaxCrossEntropy()
    for batch_size in (1, 4):
        compared(
            model, loss, Adam(0.01), batch_size,
            dtype=dtype, target=TARGETS[target], n=47, weighted=batch_size == 4,
            atol=None if dtype is np.float64 else 2e-4,
        )  # fmt: skip


def test_refused():
    loss = SoftmaxCrossEntropy()
    program = evaluation_program(rb.MLP(3, 6, 3), loss, np.float64)
    with pytest.raises(LoweringError, match="without update"):
        Units(program, HOST, np.float64, 1)
    program = training_program(
        rb.Sequential([Linear(3, 6), Idle(), Linear(6, 3)]), loss, SGD(0.1), np.float64
    )
    with pytest.raises(LoweringError, match=r"an array of constants in the update of 1\.idle"):
        Units(program, HOST, np.float64, 1)
    model = rb.Sequential([Linear(3, 6), Twice(), Linear(6, 3)])
    program = training_program(model, loss, SGD(0.1), np.float64)
    with pytest.raises(LoweringError, match=r"a product with other than a parameter.*test_units"):
        Units(program, HOST, np.float64, 1)


def test_a_weight_that_is_read_after_its_step_is_an_error(memory, monkeypatch):
    emit = Sample.emit

    def emit_a_step_first(sample):
        sample._take_steps("2.weight")
        emit(sample)

    monkeypatch.setattr(Sample, "emit", emit_a_step_first)
    with pytest.raises(AssertionError, match=r"2\.weight is read after its step"):
        compared(rb.MLP(3, 6, 3), SoftmaxCrossEntropy(), SGD(0.1), 1)


@pytest.mark.parametrize("layer", [Doubled(4, 6), Tied(4, 6)], ids=repr)
@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_product_with_a_matrix_that_is_read_again_takes_no_step(layer, batch_size, memory):
    model = rb.Sequential([Linear(3, 4), layer, Linear(layer.n_outputs_for(4), 3)])
    compared(model, SoftmaxCrossEntropy(), SGD(0.1), batch_size)


@pytest.mark.parametrize("width", [3, 11, 40])
def test_maxima(width):
    model = rb.Sequential([Linear(3, width), Shifted(), Linear(width, 3)])
    compared(model, SoftmaxCrossEntropy(), SGD(0.1), 1)


@pytest.mark.parametrize("batch_size", [1, 3])
def test_softmax_of_two_infinite_numbers_is_nan(batch_size):
    model = rb.Sequential([Linear(3, 2), Infinite()])
    kernel = compared(model, SoftmaxCrossEntropy(), SGD(0.1), batch_size, has_losses=False)
    assert np.isnan(kernel.params[kernel.places("0.bias")]).all()


def test_mistakes_of_a_batch():
    model, loss = rb.Sequential([Linear(3, 1)]), PerceptronCriterion(scale="mistakes")
    compared(model, loss, SGD(0.1), 1, has_losses=False)
    program = training_program(model, loss, SGD(0.1), np.float64)
    with pytest.raises(LoweringError, match="a division by a sum"):
        Units(program, HOST, np.float64, 2)


def test_batches_of_few_samples_are_in_units():
    small, large, wide = (
        training_program(model, SoftmaxCrossEntropy(), SGD(0.1), np.float64)
        for model in (rb.MLP(2, 20, 2), rb.MLP(14, 100, 2), rb.MLP(64, 512, 10))
    )
    for program, dtype, most in (
        (small, np.float64, 3),
        (small, np.float32, 4),
        (large, np.float32, 8),
        (wide, np.float32, 1),
    ):
        sizes = [b for b in range(1, 20) if is_in_units(program, NAMED["avx2"], dtype, b)]
        assert sizes == list(range(1, most + 1))
    assert not is_in_units(small, NAMED["sse2"], np.float64, 3)
