"""Products of traced Hessians are those of dual numbers."""

import numpy as np
import pytest

import rosenblatt as rb
from graph_oracle import evaluate
from instances import one_of_each
from rosenblatt.analysis.hessian.objective import Objective
from rosenblatt.analysis.hessian.traced_products import product_program
from rosenblatt.analysis.hessian.vectors import flatten, unflatten
from rosenblatt.layers import ACTIVATIONS, LAYERS, Linear, Softmax
from rosenblatt.losses import (
    CategoricalCrossEntropy,
    HalfSquaredError,
    MeanSquaredError,
    Poisson,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
)

N = 6


def check(model, loss):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(N, model.n_inputs))
    y = np.eye(model.n_outputs)[rng.integers(model.n_outputs, size=N)]
    params = model.init(0)
    v = rng.normal(size=len(flatten(params)))
    direction = unflatten(v, model.shapes)
    program = product_program(model, loss, np.float64, is_weighted=False)

    def leaves(node):
        return {
            "x": x,
            "y": y,
            "share": np.full((N, 1), 1 / N),
            "param": params.get(node.attr) if isinstance(node.attr, str) else None,
            "tangent": direction.get(node.attr) if isinstance(node.attr, str) else None,
        }[node.op]

    expected = Objective(model, loss, params, x, y, None, None).products(v[np.newaxis])[0]
    found = evaluate(program.sums.values(), leaves, N)
    totals = dict.fromkeys(model.shapes, 0.0)
    for label, total in zip(program.sums, found, strict=True):
        totals[label.split("+")[0]] = totals[label.split("+")[0]] + total
    np.testing.assert_allclose(flatten(totals), expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("layer", one_of_each(LAYERS.values()), ids=repr)
def test_layers(layer):
    width = layer.n_outputs_for(4)
    check(rb.Sequential([Linear(3, 4), layer, Linear(width, 3)]), SoftmaxCrossEntropy())


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations(activation):
    check(rb.MLP(3, [5, 4], 2, activation=activation), SoftmaxCrossEntropy())


@pytest.mark.parametrize(
    "loss",
    [
        HalfSquaredError(),
        MeanSquaredError(),
        Poisson(),
        SigmoidCrossEntropy(),
        SoftmaxCrossEntropy(),
    ],
    ids=repr,
)
def test_losses(loss):
    check(rb.MLP(3, [5], 2, activation="tanh"), loss)


def test_probabilities():
    check(rb.Sequential([Linear(3, 4), Softmax()]), CategoricalCrossEntropy())
