"""Units in the lanes compute what NumPy computes from the same graph."""

import numpy as np
import pytest

import lowering_oracle
import rosenblatt as rb
import user_code
from instances import MORE_OPTIMIZERS, one_of_each
from lowering_oracle import HOST, TARGETS, network
from rosenblatt.engines.compiled import units
from rosenblatt.engines.compiled.graph import LoweringError
from rosenblatt.engines.compiled.program import evaluation_program, training_program
from rosenblatt.engines.compiled.units import Units
from rosenblatt.layers import LAYERS, Linear, Softmax, Tanh
from rosenblatt.losses import (
    LOSSES,
    CategoricalCrossEntropy,
    HalfSquaredError,
    SoftmaxCrossEntropy,
)
from rosenblatt.optimizers import OPTIMIZERS, SGD, Adam

BATCHES = 1, 3


def make(program, target, dtype, batch_size, members=False):
    return Units(program, target, dtype, batch_size)


def compared(model, loss, optimizer, batch_size, **options):
    return lowering_oracle.compared(make, model, loss, optimizer, batch_size, False, **options)


@pytest.fixture(params=["held", "in memory"])
def memory(request, monkeypatch):
    """Parameters of all networks as variables, or those of none."""
    monkeypatch.setattr(units, "MOST_HELD", 10**6 if request.param == "held" else 0)


@pytest.mark.parametrize("layer", one_of_each(LAYERS.values(), Linear(4, 7)), ids=repr)
def test_layers(layer, memory):
    for batch_size in BATCHES:
        compared(network(layer), SoftmaxCrossEntropy(), SGD(0.1), batch_size)


@pytest.mark.parametrize("name", user_code.LAYERS)
def test_layers_of_users(name, memory):
    model = rb.Sequential(user_code.LAYERS[name])
    for batch_size in BATCHES:
        compared(model, SoftmaxCrossEntropy(), SGD(0.1), batch_size)


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


class Twice(rb.layers.Activation):
    """A layer that no row of units can be: a product of a matrix with itself."""

    def forward(self, params, x):
        return x @ np.eye(6), None

    def backward(self, params, cache, dy):
        return dy @ np.eye(6), {}


def test_refused():
    loss = SoftmaxCrossEntropy()
    program = evaluation_program(rb.MLP(3, 6, 3), loss, np.float64)
    with pytest.raises(LoweringError, match="without update"):
        Units(program, HOST, np.float64, 1)
    model = rb.Sequential([Linear(3, 6), Twice(), Linear(6, 3)])
    program = training_program(model, loss, SGD(0.1), np.float64)
    with pytest.raises(LoweringError, match=r"a product with other than a parameter.*test_units"):
        Units(program, HOST, np.float64, 1)


def test_a_weight_that_is_read_after_its_step_is_an_error(monkeypatch):
    monkeypatch.setattr(units, "MOST_HELD", 0)
    right = Units._fused
    # The step of each matrix is taken with the first product that reads it.
    monkeypatch.setattr(
        Units, "_fused", lambda self: {min(self.products, key=lambda node: node.id): "1.weight"}
    )
    assert right is not Units._fused
    with pytest.raises((AssertionError, KeyError, RecursionError)):
        compared(rb.MLP(3, 6, 3), SoftmaxCrossEntropy(), SGD(0.1), 1)
