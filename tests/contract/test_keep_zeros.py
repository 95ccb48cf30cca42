"""Zeros that stay, for every registered optimizer and every engine; pruning."""

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt import settings
from rosenblatt.analysis import pruned
from rosenblatt.descriptions import build_optimizer, describe_optimizer
from rosenblatt.engines import ENGINES
from rosenblatt.errors import ConfigurationError, ShapeError
from rosenblatt.optimizers import OPTIMIZERS, SGD

DATA = rb.data.moons(24, noise=0.2, seed=0)
MODEL = rb.MLP(2, [6], 2, activation="tanh")
START = pruned(MODEL.init(seed=1), keep=0.5)

every_optimizer = pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=OPTIMIZERS)


def train(optimizer, engine="reference", epochs=3, **how):
    how = {"init_params": START, "batch_size": 10} | how
    return rb.train(MODEL, DATA, optimizer=optimizer, epochs=epochs, engine=engine, **how)


@every_optimizer
@pytest.mark.parametrize("engine", ENGINES)
def test_zeros_stay_and_nothing_else_does(kind, engine):
    run = train(kind(0.05, keep_zeros=True), engine)
    for name, start in START.items():
        if name.endswith("weight"):
            np.testing.assert_array_equal(run.params[name] == 0, start == 0)
            assert (run.params[name] != start)[start != 0].all()
        else:
            assert (run.params[name] != 0).any()


@every_optimizer
def test_a_pruned_network_is_updated_as_one_without_the_missing_weights(kind):
    # The rule for the remaining weights alone, as a list of numbers, is the oracle.
    rng = np.random.default_rng(0)
    params, rule = START, kind(0.05, keep_zeros=True)
    remaining = {name: params[name] != 0 for name in ("0.weight", "2.weight")}
    apart = {name: params[name][mask] for name, mask in remaining.items()}
    slots, plain = rule.init(params), kind(0.05)
    slots_apart = plain.init(apart)
    for step in range(4):
        grads = {name: rng.standard_normal(value.shape) for name, value in params.items()}
        params, slots = rule.update(params, grads, slots, step)
        of_remaining = {name: grads[name][mask] for name, mask in remaining.items()}
        apart, slots_apart = plain.update(apart, of_remaining, slots_apart, step)
    for name, mask in remaining.items():
        np.testing.assert_array_equal(params[name][mask], apart[name])
        assert not params[name][~mask].any()
        for values in slots.values():
            assert not values[name][~mask].any()


@every_optimizer
def test_engines_agree(kind):
    optimizer = kind(0.05, keep_zeros=True)
    for dtype, tolerance in (("float64", 1e-9), ("float32", 1e-4)):
        reference, compiled = (train(optimizer, engine, dtype=dtype) for engine in ENGINES)
        for name, value in reference.params.items():
            assert value.dtype == compiled.params[name].dtype == dtype
            np.testing.assert_allclose(
                compiled.params[name], value, rtol=tolerance, atol=1e-6 * (dtype == "float32")
            )


def test_without_it_zeros_train():
    trained = train(SGD(0.05)).params["0.weight"]
    assert np.count_nonzero(trained) > np.count_nonzero(START["0.weight"])


@pytest.mark.parametrize("kind", [rb.Adam, lambda rate, **how: SGD(rate, momentum=0.9, **how)])
def test_a_branch_that_prunes_keeps_its_zeros_whatever_the_slots_were(kind):
    run = train(kind(0.05), init_params=None)
    branch = run.fork(
        2,
        optimizer=kind(0.05, keep_zeros=True),
        edit=lambda params: pruned(params, keep=0.25),
        epochs=5,
    )
    assert [np.count_nonzero(branch.params[f"{i}.weight"]) for i in (0, 2)] == [3, 3]


def test_files_flags_and_links_hold_it():
    optimizer = rb.Adam(0.1, keep_zeros=True)
    assert build_optimizer(describe_optimizer(optimizer)) == optimizer
    plain = {"data": "moons", "hidden": [4], "keep_zeros": True}
    assert settings.prepare(settings.parse_settings(plain)).optimizer().keep_zeros
    assert settings.from_link(settings.as_link(plain)) == plain
    assert "--keep-zeros" in settings.as_command(plain)


def test_what_is_no_truth_value_is_refused():
    with pytest.raises(ConfigurationError, match="keep_zeros must be True or False, got 'yes'"):
        SGD(0.1, keep_zeros="yes")


# Pruning


def test_the_largest_of_each_layer_or_of_all_stay():
    params = MODEL.init(seed=3)
    params["2.weight"] = 100 * params["2.weight"]
    sizes = {name: np.sort(np.abs(params[name]).ravel()) for name in ("0.weight", "2.weight")}
    each = pruned(params, keep=0.25)
    for name, size in sizes.items():
        np.testing.assert_array_equal(np.sort(np.abs(each[name][each[name] != 0])), size[-3:])
    together = pruned(params, keep=0.5, per_layer=False)
    assert not together["0.weight"].any()
    np.testing.assert_array_equal(together["2.weight"], params["2.weight"])
    np.testing.assert_array_equal(each["0.bias"], params["0.bias"])
    for share, count in ((0, 0), (1, 12)):
        assert np.count_nonzero(pruned(params, keep=share)["0.weight"]) == count


def test_random_ones_are_a_function_of_the_seed_and_leave_zeros_at_0():
    params = pruned(MODEL.init(seed=3), keep=0.75)
    first, again, other = (pruned(params, keep=0.5, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first["0.weight"], again["0.weight"])
    assert (first["0.weight"] != other["0.weight"]).any()
    assert np.count_nonzero(first["0.weight"]) == np.count_nonzero(other["2.weight"]) == 6
    assert set(first["0.weight"].ravel()) - {0} <= set(params["0.weight"].ravel())
    largest = pruned(params, keep=0.5)
    assert (largest["0.weight"] != first["0.weight"]).any()


def test_initial_weights_are_pruned_by_the_trained_ones():
    run = train(SGD(0.5), init_params=None)
    start = run.at(0).params
    ticket = pruned(start, keep=0.5, by=run.params)
    mask = pruned(run.params, keep=0.5)["0.weight"] != 0
    np.testing.assert_array_equal(ticket["0.weight"], start["0.weight"] * mask)


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (ConfigurationError, "keep must be", lambda: pruned(START, keep=1.5)),
        (ConfigurationError, "no weights", lambda: pruned({"0.bias": np.ones(2)}, keep=0.5)),
        (ShapeError, "same names and shapes", lambda: pruned(START, keep=0.5, by={})),
    ],
)
def test_what_cannot_be_pruned(error, message, call):
    with pytest.raises(error, match=message):
        call()
