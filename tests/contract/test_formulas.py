"""The formulas beside every layer, loss and optimizer give the numbers that its code gives."""

import dataclasses

import numpy as np
import pytest

from instances import (
    MORE_LAYERS,
    MORE_LOSSES,
    MORE_OPTIMIZERS,
    OF_ONE_LAYER,
    labels_for,
    n_outputs_for,
    one_of_each,
    outputs_for,
)
from rosenblatt.analysis.explain_formulas import Equation
from rosenblatt.analysis.explain_run import settings_of
from rosenblatt.layers import LAYERS, LeakyReLU, Linear, Nested, RandomLayer, Tanh
from rosenblatt.losses import LOSSES, HalfSquaredError, SigmoidCrossEntropy, SoftmaxCrossEntropy
from rosenblatt.optimizers import OPTIMIZERS, SGD, Adam, AdamW
from rosenblatt.random import Key

TIGHT = {"rtol": 1e-12, "atol": 1e-14}
ALL_LAYERS = [
    layer
    for layer in one_of_each(LAYERS.values(), *MORE_LAYERS)
    if not isinstance(layer, Nested)  # f has the formulas of its layers
]
ALL_LOSSES = one_of_each(
    LOSSES.values(), *MORE_LOSSES, SoftmaxCrossEntropy(clip=0.3), SigmoidCrossEntropy(clip=0.3)
)
ALL_OPTIMIZERS = one_of_each(
    OPTIMIZERS.values(),
    *MORE_OPTIMIZERS,
    *OF_ONE_LAYER,
    SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.2),
    AdamW(0.1, beta1=0.5, beta2=0.7, epsilon=0.3, weight_decay=0.2),
)


def results_of(sources, numbers, shapes):
    """Return what equations give, one after the other, by the names on their left."""
    numbers, results = dict(numbers), {}
    for equation in map(Equation.parse, sources):
        shape = shapes.get(equation.name, shapes["else"])[: len(equation.indices)]
        results[equation.name] = numbers[equation.name] = equation.array(numbers, shape)
    return results


def of_layer(layer, sources=None):
    """Return for each name the formulas' numbers and the code's."""
    rng = np.random.default_rng(3)
    params = {name: rng.standard_normal(shape) for name, shape in layer.shapes.items()}
    x = rng.uniform(0.1, 2.0, (5, 4)) * rng.choice([-1.0, 1.0], (5, 4))
    x[0, 0] = 0.0
    how = {"training": True, "key": Key.of(1, "x")} if isinstance(layer, RandomLayer) else {}
    y, cache = layer.forward(params, x, **how)
    dy = rng.standard_normal(y.shape)
    dx, grads = layer.backward(params, cache, dy)
    numbers = {**settings_of(layer), **params, **layer.formula_values(cache), "x": x, "dy": dy}
    code = {"y": y, "dx": dx, **{f"d{name}": grad for name, grad in grads.items()}}
    shapes = {name: value.shape for name, value in code.items()} | {"else": y.shape}
    return results_of(sources or layer.formulas, numbers, shapes), code


@pytest.mark.parametrize("layer", ALL_LAYERS, ids=repr)
def test_formulas_of_a_layer_give_its_numbers(layer):
    formulas, code = of_layer(layer)
    assert formulas.keys() == code.keys()
    for name, value in code.items():
        np.testing.assert_allclose(formulas[name], value, **TIGHT, err_msg=name)


@pytest.mark.parametrize(
    ("layer", "wrong"),
    [
        (Linear(4, 3), ("dx[n, i] = sum(j, dy[n, j] * weight[i, j]) + 1",)),
        (Linear(4, 3), ("dweight[i, j] = sum(n, x[n, i] * dy[n, j]) / 5",)),
        (Tanh(), ("y[n, j] = tanh(x[n, j])", "dx[n, j] = dy[n, j] * (1 - y[n, j])")),
        (LeakyReLU(0.3), ("dx[n, j] = dy[n, j] if x[n, j] >= 0 else slope * dy[n, j]",)),
    ],
)
def test_a_wrong_formula_is_caught(layer, wrong):
    formulas, code = of_layer(layer, wrong)
    name = list(formulas)[-1]
    assert not np.allclose(formulas[name], code[name], **TIGHT)


@pytest.mark.parametrize("loss", ALL_LOSSES, ids=repr)
def test_formulas_of_a_loss_give_its_numbers(loss):
    rng = np.random.default_rng(4)
    z = outputs_for(loss, rng, 7)
    y = loss.encode(labels_for(loss, rng, 7), n_outputs_for(loss))
    numbers = {**settings_of(loss), "z": z, "y": y, "K": z.shape[1]}
    formulas = results_of(loss.formulas, numbers, {"else": z.shape})
    np.testing.assert_allclose(formulas["l"], loss.per_sample(z, y), **TIGHT)
    np.testing.assert_allclose(formulas["dl"], loss.value_and_gradient(z, y)[1], **TIGHT)


@pytest.mark.parametrize("loss", ALL_LOSSES, ids=repr)
def test_a_loss_at_a_score_of_zero_has_the_formulas_gradient(loss):
    z = np.full((2, n_outputs_for(loss)), 0.5 if loss.takes == "probabilities" else 0.0)
    y = loss.encode(labels_for(loss, np.random.default_rng(0), 2), z.shape[1])
    numbers = {**settings_of(loss), "z": z, "y": y, "K": z.shape[1]}
    formulas = results_of(loss.formulas, numbers, {"else": z.shape})
    np.testing.assert_allclose(formulas["dl"], loss.value_and_gradient(z, y)[1], **TIGHT)


@pytest.mark.parametrize("optimizer", ALL_OPTIMIZERS, ids=repr)
def test_formulas_of_an_optimizer_give_its_updates(optimizer):
    rng = np.random.default_rng(5)
    params = {"0.weight": rng.standard_normal((2, 2)), "0.bias": rng.standard_normal(2)}
    slots = optimizer.init(params)
    for step in range(3):
        grads = {name: rng.standard_normal(value.shape) for name, value in params.items()}
        new, new_slots = optimizer.update(params, grads, slots, step)
        for name, theta in params.items():
            for index in np.ndindex(theta.shape):
                numbers = {
                    **settings_of(optimizer),
                    "theta": theta[index],
                    "g": grads[name][index],
                    "eta": optimizer.rates(step, params)[name],
                    "t": step + 1,
                    **{slot: values[name][index] for slot, values in slots.items()},
                }
                results = results_of(optimizer.formulas(name), numbers, {"else": ()})
                np.testing.assert_allclose(results["theta"], new[name][index], **TIGHT)
                for slot, values in new_slots.items():
                    np.testing.assert_allclose(results[slot], values[name][index], **TIGHT)
        params, slots = new, new_slots


def test_everything_registered_has_formulas():
    for part in (*ALL_LAYERS, *ALL_LOSSES):
        assert part.formulas, part
    for optimizer in ALL_OPTIMIZERS:
        assert optimizer.formulas("0.weight"), optimizer


def test_formulas_name_every_number_among_an_optimizers_settings():
    # A setting that changes the update changes its formulas' numbers.
    for optimizer in (Adam(0.1), AdamW(0.1)):
        names = " ".join(optimizer.formulas("0.weight"))
        for field in dataclasses.fields(optimizer):
            if isinstance(getattr(optimizer, field.name), float) and field.name != "learning_rate":
                assert field.name in names


def test_a_mean_over_outputs_is_not_a_sum():
    assert Equation.parse(HalfSquaredError().formulas[0]).value(
        {"z": [[1.0, 3.0]], "y": [[0.0, 0.0]]}, (0,)
    ) == pytest.approx(5.0)
