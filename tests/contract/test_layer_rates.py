"""A learning rate for each layer, for every registered optimizer and every engine."""

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt import settings
from rosenblatt.descriptions import build_optimizer, describe_optimizer
from rosenblatt.errors import ConfigurationError
from rosenblatt.optimizers import OPTIMIZERS, Cosine

DATA = rb.data.moons(24, noise=0.2, seed=0)
MODEL = rb.MLP(2, [4], 2, activation="tanh")
FACTORS = (0.5, 3.0)
EPOCHS = 3

every_optimizer = pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=OPTIMIZERS)


def train(optimizer, engine="reference", **how):
    return rb.train(
        MODEL, DATA, optimizer=optimizer, epochs=EPOCHS, batch_size=8, engine=engine, **how
    )


@every_optimizer
def test_each_layer_is_updated_as_if_alone_with_its_own_rate(kind):
    rng = np.random.default_rng(0)
    shapes = MODEL.shapes
    params = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    whole, apart = kind(Cosine(0.1, 4), layer_rates=FACTORS), {}
    for layer, factor in zip("02", FACTORS, strict=True):
        own = {name: value for name, value in params.items() if name.startswith(layer)}
        rule = kind(Cosine(0.1 * factor, 4))
        apart[layer] = rule, own, rule.init(own)
    slots = whole.init(params)
    for step in range(4):
        grads = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
        params, slots = whole.update(params, grads, slots, step)
        for layer, (rule, own, of_layer) in apart.items():
            own, of_layer = rule.update(own, {n: grads[n] for n in own}, of_layer, step)
            apart[layer] = rule, own, of_layer
            for name, value in own.items():
                np.testing.assert_allclose(params[name], value, rtol=1e-12)


def test_gradient_descent_by_hand():
    x, y = DATA.X, np.eye(2)[DATA.y]
    start = MODEL.init(seed=0)
    w, b, v, c = (start[name].copy() for name in MODEL.shapes)
    for _ in range(EPOCHS):
        h = np.tanh(x @ w + b)
        z = np.exp(h @ v + c)
        dz = (z / z.sum(axis=1, keepdims=True) - y) / len(x)
        dh = (dz @ v.T) * (1 - h**2)
        w, b = w - 0.2 * 0.5 * (x.T @ dh), b - 0.2 * 0.5 * dh.sum(axis=0)
        v, c = v - 0.2 * 3 * (h.T @ dz), c - 0.2 * 3 * dz.sum(axis=0)
    run = rb.train(MODEL, DATA, optimizer=rb.SGD(0.2, layer_rates=FACTORS), epochs=EPOCHS)
    for found, expected in zip(run.params.values(), (w, b, v, c), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10)


@every_optimizer
def test_engines_agree(kind):
    optimizer = kind(0.05, layer_rates=FACTORS)
    reference, compiled = train(optimizer), train(optimizer, "compiled")
    for name, value in reference.params.items():
        np.testing.assert_allclose(compiled.params[name], value, rtol=1e-9, atol=1e-12)


@every_optimizer
def test_a_layer_with_rate_0_stays_as_it_was(kind):
    for engine in ("reference", "compiled"):
        run = train(kind(0.05, layer_rates=(0, 1)), engine)
        start = run.at(0).params
        assert (run.params["0.weight"] == start["0.weight"]).all()
        assert (run.params["2.weight"] != start["2.weight"]).any()


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_each_network_of_a_sweep_has_its_own(engine):
    over = {"layer_rates.0": [0.5, 2.0], "optimizer.layer_rates.1": [0.0, 3.0]}
    sweep = rb.sweep(
        MODEL,
        DATA,
        over=over,
        optimizer=rb.SGD(0.1, momentum=0.5),
        epochs=EPOCHS,
        batch_size=8,
        engine=engine,
        progress=False,
    )
    assert sweep.table.column_names[1:3] == ["layer_rates.0", "layer_rates.1"]
    for i, row in enumerate(sweep.table.to_pylist()):
        factors = row["layer_rates.0"], row["layer_rates.1"]
        run = train(rb.SGD(0.1, momentum=0.5, layer_rates=factors))
        assert row["train_loss"] == pytest.approx(run.history[-1]["train_loss"], rel=1e-9)
        assert f"layer_rates={factors}" in sweep[i].settings["optimizer"]


def test_a_sweep_changes_single_numbers_of_the_base():
    base = rb.SGD(0.1, layer_rates=FACTORS)
    sweep = rb.sweep(
        MODEL, DATA, over={"layer_rates.1": [7.0]}, optimizer=base, epochs=1, progress=False
    )
    assert sweep[0].settings["optimizer"] == repr(rb.SGD(0.1, layer_rates=(0.5, 7.0)))


def test_files_flags_links_and_code_hold_them():
    optimizer = rb.Adam(0.1, layer_rates=FACTORS)
    assert build_optimizer(describe_optimizer(optimizer)) == optimizer
    plain = {"data": "moons", "hidden": [4], "layer_rates": [0.5, 3.0]}
    options = settings.parse_settings(plain)
    assert settings.prepare(options).optimizer().layer_rates == FACTORS
    assert settings.from_link(settings.as_link(plain)) == plain
    assert "--layer-rates 0.5,3" in settings.as_command(plain)
    assert "layer_rates = [0.5, 3.0]" in settings.as_toml(plain)
    assert "layer_rates=(0.5, 3.0)" in settings.as_python(plain)
    none = {"data": "moons", "layer_rates": []}
    assert settings.from_link(settings.as_link(none)) == none


def test_the_numbers_of_an_update_have_the_layers_rate():
    run = train(rb.SGD(0.1, layer_rates=FACTORS))
    for name, update in zip(MODEL.shapes, run.at(1).explain(0).updates, strict=True):
        factor = FACTORS[name.startswith("2")]
        np.testing.assert_allclose(update.change, -0.1 * factor * update.gradient, rtol=1e-9)
        index = (0,) * update.change.ndim
        assert f"{0.1 * factor:g}" in " ".join(map(str, update.worked(index)))


@pytest.mark.parametrize(
    ("factors", "message"),
    [
        (1.0, "list of numbers"),
        ("1,2", "list of numbers"),
        ({"0": 1.0}, "list of numbers"),
        ([1.0, -1.0], r"layer_rates\[1\]"),
        ([float("nan"), 1.0], r"layer_rates\[0\]"),
        ([True, "a"], r"layer_rates\[0\]"),
    ],
)
def test_what_is_no_list_of_rates(factors, message):
    with pytest.raises(ConfigurationError, match=message):
        rb.SGD(0.1, layer_rates=factors)


def test_a_model_with_another_number_of_layers():
    with pytest.raises(ConfigurationError, match="has 3 numbers, and 2 layers have parameters"):
        train(rb.SGD(0.1, layer_rates=[1, 1, 1]))
    for over, message in (
        ({"layer_rates.2": [1.0]}, r"layer_rates\.2 has no layer: 2 layers"),
        ({"layer_rates.0": [-1.0]}, r"layer_rates\.0=-1\.0.*at least 0"),
        ({"layer_rates": [[1.0]]}, "1 number, and 2 layers"),
        ({"layer_rates.0": ["a"]}, r"layer_rates\.0"),
        ({"layer_rates.x": [1.0]}, "layer_rates"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            rb.sweep(MODEL, DATA, over=over, epochs=1, progress=False)
