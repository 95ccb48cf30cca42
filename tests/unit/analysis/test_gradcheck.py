"""The gradient check accepts right gradients and refuses wrong ones, also next to kinks."""

import numpy as np
import pytest

from rosenblatt.analysis.gradcheck import check_all_pairs, gradcheck
from rosenblatt.errors import DataError, ShapeError
from rosenblatt.layers import LAYERS, Linear, ReLU
from rosenblatt.losses import LOSSES
from rosenblatt.models import MLP, Sequential

X = np.array([[0.5, -1.0], [2.0, 0.3], [-0.7, 0.9]])
Y = np.array([0, 1, 1])


@pytest.mark.slow
def test_every_layer_passes_under_every_loss() -> None:
    pairs = check_all_pairs()
    assert {(pair.layer, pair.loss) for pair in pairs} == {(a, b) for a in LAYERS for b in LOSSES}
    for pair in pairs:
        assert pair.check.passed, pair
        assert pair.check.worst < 1e-7
        assert pair.check.n_kinks == 0, pair


@pytest.mark.cases(1)
@pytest.mark.parametrize("name", LAYERS)
def test_a_slightly_wrong_layer_is_caught_under_every_loss(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = LAYERS[name]
    right = layer.backward

    def wrong(self, params, cache, dy):
        dx, grads = right(self, params, cache, dy)
        return dx * (1 + 1e-6), grads

    monkeypatch.setattr(layer, "backward", wrong)
    assert not any(pair.check.passed for pair in check_all_pairs() if pair.layer == name)


@pytest.mark.cases(1)
@pytest.mark.parametrize("name", LOSSES)
def test_a_slightly_wrong_loss_is_caught_under_every_layer(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loss = LOSSES[name]
    right = loss.value_and_gradient

    def wrong(self, z, y):
        value, gradient = right(self, z, y)
        return value, gradient * (1 + 1e-6)

    monkeypatch.setattr(loss, "value_and_gradient", wrong)
    assert not any(pair.check.passed for pair in check_all_pairs() if pair.loss == name)


def test_a_wrong_parameter_gradient_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Linear.backward

    def without_bias(self, params, cache, dy):
        dx, grads = right(self, params, cache, dy)
        return dx, {**grads, "bias": np.zeros_like(grads["bias"])}

    monkeypatch.setattr(Linear, "backward", without_bias)
    check = gradcheck(MLP(2, [4], 2, activation="tanh"), X, Y)
    assert not check.passed
    assert {name for name, error in check.errors.items() if error > 1e-7} == {"0.bias", "2.bias"}


@pytest.mark.parametrize("offset", [0.0, 3e-5, -7e-5])
def test_entries_at_a_kink_are_left_out_and_counted(offset: float) -> None:
    model = Sequential([Linear(1, 1), ReLU(), Linear(1, 2)])
    params = {
        "0.weight": np.array([[1.0]]),
        "0.bias": np.array([offset]),
        "2.weight": np.array([[1.0, -1.0]]),
        "2.bias": np.zeros(2),
    }
    check = gradcheck(model, np.array([[0.0], [1.0]]), [0, 1], params=params)
    assert check.n_kinks >= 1
    assert check.worst < 1e-7


def test_dead_units_are_no_kinks() -> None:
    model = MLP(2, [4], 2)
    params = model.init(seed=0)
    params["0.bias"] = np.full(4, -100.0)
    check = gradcheck(model, X, Y, params=params)
    assert check.passed
    assert check.n_kinks == 0


def test_bad_input_is_refused() -> None:
    with pytest.raises(ShapeError, match="3 rows and y 2"):
        gradcheck(MLP(2, [4], 2), X, [0, 1])
    with pytest.raises(DataError, match="label 5"):
        gradcheck(MLP(2, [4], 2), X, [0, 1, 5])
