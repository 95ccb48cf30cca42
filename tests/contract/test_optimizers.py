"""Every optimizer and schedule in the registries keeps its contract and finds minima."""

import dataclasses
import math

import numpy as np
import pytest

from graph_oracle import evaluate
from instances import MORE_OPTIMIZERS, OF_ONE_LAYER, example, one_of_each
from rosenblatt.engines.compiled.graph import Graph
from rosenblatt.engines.compiled.tracer import Traced
from rosenblatt.errors import ConfigurationError
from rosenblatt.optimizers import (
    OPTIMIZERS,
    SCHEDULES,
    SGD,
    Adam,
    AdamW,
    Constant,
    Cosine,
    Exponential,
    InverseScaling,
    LinearWarmup,
    RMSProp,
    Schedule,
    Step,
)
from rosenblatt.optimizers.schedules import rates_of

every_optimizer = pytest.mark.parametrize(
    "optimizer", one_of_each(OPTIMIZERS.values(), *MORE_OPTIMIZERS, *OF_ONE_LAYER), ids=repr
)
every_schedule = pytest.mark.parametrize("kind", SCHEDULES.values(), ids=SCHEDULES.keys())


def start(dtype=np.float64):
    return {
        "0.weight": np.array([[1.0, -2.0], [0.5, 3.0]], dtype),
        "0.bias": np.array([0.25, -0.75], dtype),
    }


def slope(params):
    """Return the gradient of Σ (0.05 W² - cos W) + Σ (b⁴ / 4 - b² / 2)."""
    weight, bias = params["0.weight"], params["0.bias"]
    return {"0.weight": np.sin(weight) + weight / 10, "0.bias": bias**3 - bias}


def descend(optimizer, params, slope, updates):
    slots = optimizer.init(params)
    for step in range(updates):
        params, slots = optimizer.update(params, slope(params), slots, step)
    return params


# The contract


@every_optimizer
def test_an_update_leaves_its_arguments_as_they_were(optimizer):
    params, slots = start(), optimizer.init(start())
    for step in range(3):
        grads = slope(params)
        before = [{name: value.copy() for name, value in d.items()} for d in (params, grads)]
        slots_before = {k: {n: v.copy() for n, v in d.items()} for k, d in slots.items()}
        for d in (params, grads, *slots.values()):
            for array in d.values():
                array.flags.writeable = False
        new_params, new_slots = optimizer.update(params, grads, slots, step)
        for kept, now in zip(before, (params, grads), strict=True):
            assert list(kept) == list(now)
            for name in kept:
                np.testing.assert_array_equal(kept[name], now[name])
        assert slots_before.keys() == slots.keys()
        params, slots = new_params, new_slots


@every_optimizer
def test_an_update_is_a_function_of_its_arguments(optimizer):
    slots = optimizer.init(start())
    first, _ = optimizer.update(start(), slope(start()), slots, 4)
    optimizer.update(start(), slope(start()), slots, 9)
    again, _ = optimizer.update(start(), slope(start()), slots, 4)
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])


@every_optimizer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_names_shapes_order_and_dtype_are_kept(optimizer, dtype):
    params = start(dtype)
    slots = optimizer.init(params)
    for step in range(2):
        params, slots = optimizer.update(params, slope(params), slots, step)
        for d in (params, *slots.values()):
            assert list(d) == list(start())
            assert [value.shape for value in d.values()] == [(2, 2), (2,)]
            assert {value.dtype for value in d.values()} == {np.dtype(dtype)}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_settings_from_numpy_leave_float32_as_it_is(name):
    kind = OPTIMIZERS[name]
    numbers = {
        field.name: np.float64(getattr(kind(), field.name) or 0.5)
        for field in dataclasses.fields(kind)
        if isinstance(getattr(kind(), field.name), float)
    }
    for optimizer in (
        kind(**numbers),
        kind(**numbers | {"learning_rate": lambda step: np.float64(1)}),
    ):
        params = start(np.float32)
        new, _ = optimizer.update(params, slope(params), optimizer.init(params), 0)
        assert {value.dtype for value in new.values()} == {np.dtype(np.float32)}


@every_optimizer
def test_optimizers_are_frozen_values(optimizer):
    assert dataclasses.replace(optimizer) == optimizer
    assert hash(dataclasses.replace(optimizer)) == hash(optimizer)
    with pytest.raises(dataclasses.FrozenInstanceError):
        optimizer.learning_rate = 1.0


@every_optimizer
def test_the_schedule_is_asked_at_the_step_of_the_update(optimizer):
    asked = []

    def schedule(step):
        asked.append(step)
        return 0.1

    scheduled = dataclasses.replace(optimizer, learning_rate=schedule)
    constant = dataclasses.replace(optimizer, learning_rate=0.1)
    a = descend(scheduled, start(), slope, 4)
    b = descend(constant, start(), slope, 4)
    assert sorted(set(asked)) == [0, 1, 2, 3]
    assert optimizer.rate(7) == optimizer.learning_rate
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])


@every_optimizer
def test_biases_are_not_decayed(optimizer):
    if "weight_decay" not in {field.name for field in dataclasses.fields(optimizer)}:
        optimizer = SGD(0.1, weight_decay=0.5)
    decayed = dataclasses.replace(optimizer, weight_decay=0.5)
    plain = dataclasses.replace(optimizer, weight_decay=0.0)
    a = descend(decayed, start(), slope, 1)
    b = descend(plain, start(), slope, 1)
    np.testing.assert_array_equal(a["0.bias"], b["0.bias"])
    assert not np.allclose(a["0.weight"], b["0.weight"])


# One table of problems


def parabola(params):
    return {"0.bias": np.array([1.0, 10.0]) * (params["0.bias"] - np.array([2.0, -1.0]))}


def rosenbrock(params):
    """Return the gradient of (1 - x)² + 100 (y - x²)², whose minimum is at (1, 1)."""
    x, y = params["0.bias"]
    return {"0.bias": np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])}


PROBLEMS = {
    "parabola": (parabola, [0.0, 0.0], [2.0, -1.0], 600, 0.1, 1e-4),
    "Rosenbrock's valley": (rosenbrock, [-1.0, 1.0], [1.0, 1.0], 20_000, 0.1, 1e-2),
}
RATES = {"SGD": {"Rosenbrock's valley": 0.0015}}
"""Where a problem's usual learning rate does not suit an optimizer, the one that does."""


@pytest.mark.cases(8)
@pytest.mark.parametrize("problem", PROBLEMS)
@every_optimizer
def test_minima_are_reached(optimizer, problem):
    gradient, begin, minimum, updates, rate, tolerance = PROBLEMS[problem]
    rate = RATES.get(type(optimizer).__name__, {}).get(problem, rate)
    if getattr(optimizer, "momentum", 0):
        rate /= 5
    annealed = dataclasses.replace(optimizer, learning_rate=Cosine(rate, updates))
    reached = descend(annealed, {"0.bias": np.array(begin)}, gradient, updates)
    np.testing.assert_allclose(reached["0.bias"], minimum, atol=tolerance)


def test_sgd_on_a_parabola_shrinks_by_1_minus_eta_per_update():
    minimum = np.array([2.0, -1.0])
    curvature = np.array([1.0, 10.0])
    for t in (1, 2, 17):
        reached = descend(SGD(0.03), {"0.bias": np.zeros(2)}, parabola, t)["0.bias"]
        np.testing.assert_allclose(reached, minimum * (1 - (1 - 0.03 * curvature) ** t), rtol=1e-13)


def test_momentum_on_a_parabola_follows_the_closed_form():
    # Deviations obey d_{t+1} = (1 + mu - eta) d_t - mu d_{t-1}: sums of powers of its roots.
    eta, mu, t = 0.1, 0.5, 30
    roots = np.roots([1, -(1 + mu - eta), mu]).astype(complex)
    # d_0 = 1 and d_1 = 1 - eta fix the two coefficients.
    a = np.linalg.solve(np.vstack([roots**0, roots]), [1, 1 - eta])
    reached = descend(
        SGD(eta, momentum=mu), {"0.bias": np.ones(1)}, lambda p: {"0.bias": p["0.bias"]}, t
    )
    assert reached["0.bias"][0] == pytest.approx((a @ roots**t).real, rel=1e-10)


@pytest.mark.parametrize("kind", [Adam, AdamW])
def test_the_first_step_of_adam_is_the_learning_rate_whatever_the_gradient(kind):
    for gradient in (1e-3, 1.0, 1e3):
        optimizer = kind(0.01, epsilon=1e-15)
        params = {"0.bias": np.array([5.0])}
        new, _ = optimizer.update(
            params, {"0.bias": np.array([gradient])}, optimizer.init(params), 0
        )
        assert new["0.bias"][0] == pytest.approx(5 - 0.01, rel=1e-10)


def test_weight_decay_alone_shrinks_by_1_minus_eta_lambda():
    for optimizer in (SGD(0.1, weight_decay=0.2), AdamW(0.1, weight_decay=0.2)):
        zero = lambda params: {name: 0 * value for name, value in params.items()}  # noqa: E731
        reached = descend(optimizer, start(), zero, 3)
        np.testing.assert_allclose(reached["0.weight"], start()["0.weight"] * 0.98**3, rtol=1e-14)


# Independent recursions


def test_momentum_and_nesterov_equal_their_recursions():
    # Sutskever et al. (2013), equations 1 to 4, with the gradient of Nesterov's form at the point
    # looked ahead to; theirs is our sequence shifted by mu v.
    eta, mu = 0.1, 0.9
    f = lambda x: math.sin(x) + x / 10  # noqa: E731
    x, v = 3.0, 0.0
    for _ in range(12):
        v = mu * v - eta * f(x)
        x += v
    y, u = 3.0, 0.0
    for _ in range(12):
        u = mu * u - eta * f(y + mu * u)
        y += u
    begin = {"0.weight": np.array([[3.0]])}
    gradient = lambda p: {"0.weight": np.array([[f(p["0.weight"].item())]])}  # noqa: E731
    classical = descend(SGD(eta, momentum=mu), begin, gradient, 12)
    nesterov = descend(SGD(eta, momentum=mu, nesterov=True), begin, gradient, 12)
    assert classical["0.weight"].item() == pytest.approx(x, rel=1e-12)
    assert nesterov["0.weight"].item() == pytest.approx(y + mu * u, rel=1e-12)


# Made once with PyTorch 2.13.0 (CPU, float64): five steps of torch.optim from `start()` along
# `slope`; biases in a parameter group of their own without weight decay. W row by row, then b.
# fmt: off
PYTORCH = [
    (SGD(0.1),
     [0.5942403461487771, -1.4279342003268862, 0.2835684143446344, 2.7372665791289803,
      0.3861069159994081, -0.8870662212614029]),
    (SGD(0.1, weight_decay=0.01),
     [0.5908212308301041, -1.4191090619835647, 0.2819685921960794, 2.7200249038145876,
      0.3861069159994081, -0.8870662212614029]),
    (SGD(0.1, momentum=0.9),
     [-0.01650491774557195, -0.5344973899580147, -0.041073679421544856, 2.2943565210067676,
      0.6107952676471858, -1.080304565007833]),
    (SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
     [-0.1121603132105572, -0.1969687886357716, -0.0775302587111951, 1.9073879969453116,
      0.7503677876598686, -1.0784347683935473]),
    (RMSProp(0.1, rho=0.9, epsilon=1e-8),
     [0.17695947073809354, -0.9505087718119591, 0.0016358328852295557, 1.7656444159718072,
      1.0000036984804608, -1.0321894383589063]),
    (Adam(0.1),
     [0.5057846279898037, -1.4994330120223611, 0.02661442390513301, 2.498187528361928,
      0.7510108768220909, -1.1167543864095637]),
    (Adam(0.05, beta1=0.8, beta2=0.9, epsilon=1e-3),
     [0.7513967451313508, -1.7499828309177914, 0.25453607044647397, 2.749237463883432,
      0.5004150826080731, -0.9888216705173501]),
    (AdamW(0.1, weight_decay=0.02),
     [0.4979881084810263, -1.4815115909058438, 0.024044293052509227, 2.4704271326562255,
      0.7510108768220909, -1.1167543864095637]),
]
# fmt: on


@pytest.mark.parametrize(
    ("optimizer", "expected"), PYTORCH, ids=[repr(case[0]) for case in PYTORCH]
)
def test_five_steps_equal_those_of_pytorch(optimizer, expected):
    reached = descend(optimizer, start(), slope, 5)
    got = [*reached["0.weight"].ravel(), *reached["0.bias"]]
    np.testing.assert_allclose(got, expected, rtol=1e-12)


# Settings that cannot work


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("rate", [0, -0.1, math.nan, math.inf, "0.1", None, True])
def test_learning_rates_that_cannot_work_are_refused(name, rate):
    with pytest.raises(
        ConfigurationError, match=r"learning_rate of \w+ must be a finite number above 0, got"
    ):
        OPTIMIZERS[name](rate)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: SGD(0.1, momentum=1.5),
            "momentum of SGD must be a finite number of at least 0 and at most 1, got 1.5",
        ),
        (lambda: SGD(0.1, momentum=-0.1), "momentum"),
        (lambda: SGD(0.1, nesterov=True), "nesterov=True needs a momentum above 0"),
        (lambda: SGD(0.1, weight_decay=-1), "must be a finite number of at least 0, got -1"),
        (lambda: RMSProp(0.1, rho=1.0), "rho"),
        (lambda: RMSProp(0.1, epsilon=0), "epsilon of RMSProp must be a finite number above 0"),
        (lambda: Adam(0.1, beta1=1.0), "beta1"),
        (lambda: Adam(0.1, beta2=-1.0), "beta2"),
        (lambda: AdamW(0.1, beta1=1.0), "beta1 of AdamW"),
        (lambda: AdamW(0.1, beta2=1.0), "beta2 of AdamW"),
        (lambda: AdamW(0.1, epsilon=0), "epsilon of AdamW"),
        (lambda: AdamW(0.1, weight_decay=math.nan), "weight_decay"),
        (lambda: Constant(0), "start"),
        (lambda: Step(1.0, every=0), "every of Step must be a whole number of at least 1"),
        (lambda: Step(1.0, every=2.5), "every"),
        (lambda: Step(1.0, every=2, factor=0), "factor"),
        (lambda: Exponential(1.0, factor=-1), "factor"),
        (lambda: InverseScaling(1.0, power=-1), "power"),
        (lambda: Cosine(1.0, updates=0), "updates"),
        (lambda: Cosine(1.0, updates=5, end=-1), "end"),
        (lambda: LinearWarmup(0, Constant(1.0)), "updates"),
        (lambda: LinearWarmup(5, 0.1), r"Constant\(0.1\) keeps the rate"),
    ],
)
def test_settings_that_cannot_work_are_refused(make, message):
    with pytest.raises(ConfigurationError, match=message):
        make()


# Schedules


@every_schedule
def test_schedules_are_positive_floats_at_every_update_and_trainable(kind):
    schedule = example(kind)
    rates = [schedule(step) for step in range(30)]
    assert all(type(rate) is float and rate >= 0 for rate in rates)
    assert isinstance(schedule, Schedule)
    assert dataclasses.replace(schedule) == schedule
    assert SGD(schedule).rate(3) == rates[3]


MORE_SCHEDULES = [
    Step(0.5, every=3, factor=2.0),
    Exponential(0.5, factor=1.5),
    InverseScaling(0.5, power=0.3),
    Cosine(0.5, updates=70, end=0.1),
    LinearWarmup(5, Cosine(0.5, updates=20)),
    LinearWarmup(7, LinearWarmup(5, InverseScaling(0.2))),
]


@pytest.mark.parametrize("schedule", [*one_of_each(SCHEDULES.values()), *MORE_SCHEDULES], ids=repr)
def test_schedules_give_the_rates_of_arrays_and_of_traced_steps(schedule):
    rates = [schedule(step) for step in range(100)]
    np.testing.assert_allclose(np.full(100, schedule(np.arange(100))), rates, rtol=5e-16)
    np.testing.assert_allclose(rates_of(schedule, 17, 40), rates[17:57], rtol=5e-16)
    graph = Graph()
    node = graph.node("step")
    traced = schedule(Traced(graph, node, np.float64))
    if not isinstance(traced, Traced):
        assert {*rates} == {traced}
        return
    for step, rate in enumerate(rates):
        (found,) = evaluate([traced.node], lambda leaf, step=step: np.float64(step), 1)
        np.testing.assert_allclose(found, rate, rtol=5e-16)


def test_rates_of_many_updates_are_those_of_each():
    @dataclasses.dataclass(frozen=True)
    class Pieces(Schedule):
        def __call__(self, step):
            return 0.5 if step < 4 else 0.25

    for schedule in (Pieces(), lambda step: 0.5 if step < 4 else 0.25):
        assert rates_of(schedule, 2, 5).tolist() == [0.5, 0.5, 0.25, 0.25, 0.25]
    assert rates_of(0.5, 2, 3).tolist() == [0.5, 0.5, 0.5]
    assert rates_of(Exponential(1.0, 2.0), 1022, 3).tolist() == [2.0**1022, 2.0**1023, math.inf]
    assert rates_of(Cosine(0.5, 3), 7, 0).tolist() == []

    class Negative(Schedule):
        def __call__(self, step):
            return 0.2 - 0.1 * step

    with pytest.raises(ConfigurationError, match="learning rate of update 3, counted from 0"):
        rates_of(Negative(), 0, 6)


@pytest.mark.parametrize("value", [None, math.nan, -0.1, -math.inf, "0.1", True, [0.1]])
def test_a_schedule_that_gives_no_rate_is_refused_at_its_update(value):
    def broken(step):
        return value if step == 7 else 0.1

    for optimizer in (SGD(broken), Adam(broken), SGD(LinearWarmup(3, broken))):
        step = 7 if optimizer.learning_rate is broken else 10
        assert optimizer.rate(step - 1) == 0.1
        message = rf"^the learning rate of update {step}, counted from 0, must be a finite number"
        with pytest.raises(ConfigurationError, match=message) as caught:
            optimizer.rate(step)
        assert str(caught.value).endswith(f"got {value!r}")
    with pytest.raises(ConfigurationError, match="learning rate of update 0"):
        LinearWarmup(3, lambda step: value)(1)


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        (Constant(0.3), {0: 0.3, 10**6: 0.3}),
        (Step(1.0, every=3, factor=0.5), {0: 1, 2: 1, 3: 0.5, 5: 0.5, 6: 0.25}),
        (Step(1.0, every=1), {0: 1, 1: 0.1, 2: 0.01}),
        (Exponential(2.0, factor=0.5), {0: 2, 1: 1, 3: 0.25}),
        (Exponential(2.0, factor=1.0), {0: 2, 10**6: 2}),
        (Exponential(1.0, factor=2.0), {10: 1024, 10**6: math.inf}),
        (Step(1.0, every=2, factor=2.0), {5: 4, 10**6: math.inf}),
        (Exponential(1.0, factor=0.5), {10**6: 0}),
        (InverseScaling(1.0), {0: 1, 3: 0.5, 99: 0.1}),
        (InverseScaling(1.0, power=1.0), {0: 1, 1: 0.5, 9: 0.1}),
        (InverseScaling(1.0, power=0.0), {0: 1, 1000: 1}),
        (Cosine(1.0, updates=10, end=0.2), {0: 1, 5: 0.6, 10: 0.2, 11: 0.2, 10**6: 0.2}),
        (Cosine(1.0, updates=3), {0: 1, 1: 0.75, 2: 0.25, 3: 0}),
        (Cosine(1.0, updates=1), {0: 1, 1: 0}),
        (LinearWarmup(4, Constant(0.8)), {0: 0.2, 3: 0.8, 4: 0.8}),
        (LinearWarmup(1, Constant(0.8)), {0: 0.8, 1: 0.8}),
        (LinearWarmup(2, Exponential(1.0, 0.5)), {0: 0.5, 1: 1, 2: 1, 3: 0.5}),
        (LinearWarmup(2, Cosine(1.0, updates=2)), {1: 1, 2: 1, 3: 0.5, 4: 0}),
    ],
    ids=repr,
)
def test_schedules_by_value_at_their_edges(schedule, rates):
    assert {step: schedule(step) for step in rates} == pytest.approx(rates, abs=1e-15)
