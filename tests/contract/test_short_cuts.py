"""Residual and Concatenate: short-cuts around layers, in all that handles a network."""

import numpy as np
import pytest

import rosenblatt as rb
from differences import numeric_gradient, relative_error
from rosenblatt import analysis
from rosenblatt.analysis import hessian
from rosenblatt.descriptions import MOST_DEPTH, build_model, describe_model
from rosenblatt.errors import ConfigurationError, DataError
from rosenblatt.layers import (
    Concatenate,
    Dropout,
    LeakyReLU,
    Linear,
    Residual,
    Scale,
    Sigmoid,
    Square,
    Tanh,
)
from rosenblatt.models import loss_and_grads
from rosenblatt.random import Key
from rosenblatt.runs.listed_run import model_in_words
from rosenblatt.studio.saved_runs import of_run

DATA = rb.data.moons(30, noise=0.2, seed=0)
SHORT_CUTS = rb.Sequential(
    [*[Concatenate([Linear(n, 5), Tanh()]) for n in (2, 7, 12)], Linear(17, 2)]
)
MIXED = rb.Sequential(
    [
        Linear(2, 4),
        Residual([Linear(4, 6), Dropout(0.2), Concatenate([Linear(6, 2), Tanh()]), Linear(8, 4)]),
        LeakyReLU(0.1),
        Linear(4, 2),
    ]
)

every_model = pytest.mark.parametrize("model", [SHORT_CUTS, MIXED], ids=["dense", "mixed"])


@pytest.fixture(scope="module")
def run():
    return rb.train(MIXED, DATA, optimizer=rb.SGD(0.05), epochs=3, batch_size=8)


def by_hand(params, x):
    """Return the outputs of SHORT_CUTS, layer by layer from all that came before."""
    before = x
    for i in range(3):
        hidden = np.tanh(before @ params[f"{i}.0.weight"] + params[f"{i}.0.bias"])
        before = np.hstack([before, hidden])
    return before @ params["3.weight"] + params["3.bias"]


def test_a_network_with_all_short_cuts_by_hand():
    params = SHORT_CUTS.init(seed=3)
    np.testing.assert_allclose(
        SHORT_CUTS.forward(params, DATA.X)[0], by_hand(params, DATA.X), rtol=1e-13
    )
    assert (SHORT_CUTS.n_inputs, SHORT_CUTS.n_outputs) == (2, 2)


def test_lang_and_witbrocks_network_has_138_parameters():
    hidden = [Concatenate([Linear(n, 5), Sigmoid()]) for n in (2, 7, 12)]
    shapes = rb.Sequential([*hidden, Linear(17, 1)]).shapes
    assert sum(int(np.prod(shape)) for shape in shapes.values()) == 138
    assert list(shapes)[2:4] == ["1.0.weight", "1.0.bias"]


@every_model
def test_gradients_are_those_of_differences(model):
    params = model.init(seed=1)
    key = Key.of(1, "dropout")
    _, grads = loss_and_grads(model, params, DATA.X, DATA.y, key=key)
    for name, value in params.items():
        numeric = numeric_gradient(
            lambda v, n=name: loss_and_grads(model, params | {n: v}, DATA.X, DATA.y, key=key)[0],
            value,
        )
        assert relative_error(grads[name], numeric) < 1e-6, name


@pytest.mark.parametrize("batch_size", [1, 7])
@every_model
def test_engines_agree(model, batch_size):
    how = {"epochs": 2, "batch_size": batch_size, "optimizer": rb.SGD(0.02, momentum=0.9)}
    expected = rb.train(model, DATA, engine="reference", **how)
    found = rb.train(model, DATA, engine="compiled", **how)
    together = rb.train_many(model, DATA, seeds=range(3), engine="compiled", **how)
    for name, value in expected.params.items():
        np.testing.assert_allclose(found.params[name], value, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(together[0].params[name], value, rtol=1e-9, atol=1e-12)


def test_random_layers_within_draw_masks_of_their_own():
    layer = Residual([Dropout(0.5), Scale(2.0), Dropout(0.5)])
    x, key = np.ones((4, 50)), Key.of(0, "dropout")
    y, _ = layer.forward({}, x, training=True, key=key)
    masks = [Dropout(0.5).forward({}, x, training=True, key=key.fold(i))[0] for i in (0, 2)]
    np.testing.assert_array_equal(y, 1 + 2 * masks[0] * masks[1])
    assert (masks[0] != masks[1]).any()
    assert layer.is_random
    assert MIXED.is_random
    assert not SHORT_CUTS.is_random
    np.testing.assert_array_equal(layer.forward({}, x)[0], 3 * x)


@every_model
def test_files_hold_them(model, tmp_path):
    assert build_model(describe_model(model)) == model
    run = rb.train(model, DATA, epochs=2, batch_size=8, run_dir=tmp_path / "run")
    loaded = rb.load_run(tmp_path / "run")
    assert loaded.model == model
    assert loaded.at(1).params.keys() == run.params.keys()
    run.save(tmp_path / "model.safetensors")
    saved = rb.load_model(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(saved.predict(DATA.X), run.predict(DATA.X))


def test_a_file_with_layers_within_layers_without_end_is_refused():
    description = {"name": "Linear", "n_inputs": 2, "n_outputs": 2}
    for _ in range(MOST_DEPTH + 1):
        description = {"name": "Residual", "layers": [description]}
    whole = {"name": "Sequential", "layers": [description]}
    with pytest.raises(DataError, match="describes nothing"):
        build_model(whole)
    with pytest.raises(ValueError, match="without end"):
        model_in_words(whole)
    for layers in ([], "tanh", 3, [1]):
        with pytest.raises((DataError, ConfigurationError)):
            build_model({"name": "Sequential", "layers": [{"name": "Residual", "layers": layers}]})
    with pytest.raises(ConfigurationError, match="at least one Linear"):
        build_model({"name": "Sequential", "layers": [], "built_as": "MLP"})


def test_a_list_of_runs_names_the_layers_within():
    assert model_in_words(describe_model(SHORT_CUTS)) == "2-5-5-5-2 Concatenate Tanh"


def test_layers_count_as_one_for_layer_rates(run):
    rule = rb.SGD(0.05, layer_rates=[1, 0, 1])
    params = rb.train(MIXED, DATA, optimizer=rule, epochs=1).params
    start = MIXED.init(seed=0)
    for name, value in params.items():
        assert (value == start[name]).all() == name.startswith("1.")


def test_analyses_of_a_run(run):
    explanation = run.at(1).explain(2)
    assert explanation.agrees
    assert "1.2.0.weight" in str(explanation)
    assert analysis.checkup(run) is not None
    params = run.params
    dense = hessian.hessian(MIXED, params, DATA.X, DATA.y)
    extremes = hessian.hessian_extremes(MIXED, params, DATA.X, DATA.y)
    assert extremes.largest == pytest.approx(np.linalg.eigvalsh(dense)[-1], rel=1e-6)
    assert np.isfinite(hessian.gradient_noise_scale(MIXED, params, DATA.X, DATA.y).value)
    kept = analysis.pruned(params, keep=0.5)
    assert np.count_nonzero(kept["1.2.0.weight"]) == 6


def test_the_hessian_is_that_of_differences_of_gradients():
    model = rb.Sequential(
        [Concatenate([Linear(2, 2), Square()]), Residual([Linear(4, 4), Tanh()]), Linear(4, 2)]
    )
    params = model.init(seed=2)
    H, h = hessian.hessian(model, params, DATA.X, DATA.y), 1e-5
    name, index = "1.0.weight", (1, 2)
    flat = []
    for sign in (1, -1):
        moved = {key: value.copy() for key, value in params.items()}
        moved[name][index] += sign * h
        grads = loss_and_grads(model, moved, DATA.X, DATA.y)[1]
        flat.append(np.concatenate([grad.ravel() for grad in grads.values()]))
    row = sum(v.size for v in list(params.values())[: list(params).index(name)]) + 1 * 4 + 2
    np.testing.assert_allclose(H[row], (flat[0] - flat[1]) / (2 * h), atol=1e-8)


def test_a_sweep_changes_layers_within():
    sweep = rb.sweep(
        MIXED,
        DATA,
        over={"activation": ["relu"], "dropout": [0.5], "init": ["glorot"]},
        epochs=1,
        progress=False,
    )
    model = sweep[0].model
    inner = model.layers[1].layers
    assert inner[1] == Dropout(0.5)
    assert inner[2].layers[1] == model.layers[2] == rb.layers.ReLU()
    assert repr(inner[0].weight_init) == "Glorot()"


def test_the_studio_says_that_it_does_not_show_them(run):
    with pytest.raises(ConfigurationError, match="this run has short-cuts"):
        of_run(run)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Residual([Linear(2, 3)]), "x has 2 and f.x. has 3"),
        (lambda: Residual([Linear(2, 3), Linear(4, 2)]), "follows a layer 3 wide"),
        (lambda: rb.Sequential([Linear(2, 3), Residual([Linear(4, 4)])]), "follows a layer 3 wide"),
        (
            lambda: rb.Sequential([Linear(2, 3), Concatenate([Tanh()]), Linear(3, 1)]),
            "follows a layer 6 wide",
        ),
        (lambda: Concatenate(Tanh()), "takes a list of layers"),
        (lambda: Concatenate("tanh"), "takes a list of layers"),
        (lambda: Concatenate([]), "needs at least one layer"),
        (lambda: Residual(["tanh"]), "is built of layers, got 'tanh'"),
        (lambda: rb.Sequential([Residual([Tanh()])]), "at least one Linear layer"),
    ],
)
def test_what_does_not_fit(call, message):
    with pytest.raises(ConfigurationError, match=message):
        call()
