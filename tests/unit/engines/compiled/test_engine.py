"""The compiled engine beyond the contract: populations, what it prepares, and what it refuses."""

import pickle
import time
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rosenblatt as rb
from rosenblatt import cores
from rosenblatt.data import Dataset
from rosenblatt.engines import ENGINES, Job, ReferenceEngine, Samples, choose_engine
from rosenblatt.engines.choice import WORTH_COMPILING, reference_seconds
from rosenblatt.engines.compiled import cache, kernels, perceptrons
from rosenblatt.engines.compiled import engine as engine_module
from rosenblatt.engines.compiled.dispatch import member_lanes
from rosenblatt.engines.compiled.target import Target
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import ACTIVATIONS, Dropout, LeakyReLU, Linear, ReLU, Sigmoid, Softmax, Tanh
from rosenblatt.losses import (
    CategoricalCrossEntropy,
    HalfSquaredError,
    MeanSquaredError,
    PerceptronCriterion,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
)
from rosenblatt.optimizers import Cosine


def compiled():
    return ENGINES["compiled"]()


def jobs_of(model, data, loss, optimizer, batch_size, seeds, dtype="float64", **more):
    samples = Samples.of(model, loss, data, dtype)
    return [
        Job(model, loss, optimizer, samples, batch_size, True, seed, population=len(seeds), **more)
        for seed in seeds
    ]


def starts_of(jobs):
    dtype = jobs[0].data.x.dtype
    return [ReferenceEngine().start(job, job.model.init(job.seed, dtype)) for job in jobs]


def assert_same(states, others):
    for state, other in zip(states, others, strict=True):
        assert state.update == other.update
        for name, value in other.params.items():
            np.testing.assert_array_equal(state.params[name], value)
        for slot, values in other.slots.items():
            for name, value in values.items():
                np.testing.assert_array_equal(state.slots[slot][name], value)


def check_population(jobs, epochs=range(1, 9), rtol=1e-9):
    """A population ends where each of its members ends alone on the reference engine."""
    reference, starts = ReferenceEngine(), starts_of(jobs)
    dtype = jobs[0].data.x.dtype
    together = compiled().run_many(jobs, starts, epochs)
    for job, start, (state, stats) in zip(jobs, starts, together, strict=True):
        expected, expected_stats = reference.run(job, start, epochs)
        assert stats.divergence == expected_stats.divergence
        assert stats.losses == pytest.approx(expected_stats.losses, rel=rtol)
        assert stats.penalties == pytest.approx(expected_stats.penalties, rel=rtol)
        assert state.update == expected.update
        atol = rtol * max(float(np.abs(value).max()) for value in expected.params.values())
        for name, value in expected.params.items():
            assert state.params[name].dtype == dtype
            np.testing.assert_allclose(state.params[name], value, rtol=rtol, atol=atol)
        for slot, values in expected.slots.items():
            for name, value in values.items():
                np.testing.assert_allclose(state.slots[slot][name], value, rtol=rtol, atol=atol)


@pytest.mark.slow
@settings(max_examples=12)
@given(drawn=st.data())
def test_populations_of_any_kind(drawn):
    n = drawn.draw(st.integers(2, 70), "samples")
    rng = np.random.default_rng(drawn.draw(st.integers(0, 99), "data"))
    task = drawn.draw(st.sampled_from(["classes", "yes or no", "values"]), "task")
    weights = rng.uniform(0.5, 2, n) if drawn.draw(st.booleans(), "weights") else None
    X = rng.normal(size=(n, drawn.draw(st.sampled_from([1, 2, 3, 5, 17]), "inputs")))
    outputs, loss = 3, None
    if task == "classes":
        data = Dataset(X, np.arange(n) % 3, classes=range(3), sample_weight=weights)
    elif task == "yes or no":
        outputs, loss = 1, SigmoidCrossEntropy()
        data = Dataset(X, np.arange(n) % 2, sample_weight=weights)
    else:
        loss = drawn.draw(st.sampled_from([HalfSquaredError(), MeanSquaredError()]), "loss")
        data = Dataset(X, rng.normal(size=(n, outputs)), sample_weight=weights)
    hidden = drawn.draw(st.lists(st.integers(1, 20), max_size=3), "hidden")
    model = rb.MLP(
        X.shape[1],
        hidden,
        outputs,
        activation=drawn.draw(st.sampled_from(sorted(ACTIVATIONS)), "activation"),
        dropout=drawn.draw(st.sampled_from([0.0, 0.3]), "dropout") if hidden else 0.0,
    )
    optimizers = [
        rb.SGD(0.05),
        rb.SGD(0.05, weight_decay=0.1),
        rb.SGD(0.05, momentum=0.9),
        rb.SGD(Cosine(0.05, 20), momentum=0.9, nesterov=True),
        rb.RMSProp(0.01),
        rb.Adam(0.01),
        rb.AdamW(0.01),
    ]
    optimizer = drawn.draw(st.sampled_from(optimizers), "optimizer")
    batch_size = drawn.draw(st.one_of(st.just(1), st.integers(1, n)), "batch size")
    members = drawn.draw(st.sampled_from([1, 3, 8, 17, 37]), "members")
    more = {
        "penalty": drawn.draw(st.sampled_from([0.0, 0.2]), "penalty"),
        "sum_losses": drawn.draw(st.booleans(), "sums of losses"),
    }
    loss = loss or model.default_loss
    jobs = jobs_of(model, data, loss, optimizer, batch_size, range(members), **more)
    check_population(jobs, epochs=range(1, 4))


KINDS = {
    "softmax layer": rb.Sequential([Linear(2, 9), Tanh(), Linear(9, 3), Softmax()]),
    "sigmoid and wide outputs": rb.Sequential(
        [Linear(2, 5), Sigmoid(), Linear(5, 18), ReLU(), Linear(18, 3)]
    ),
    "activations in a row": rb.Sequential(
        [ReLU(), Linear(2, 17, bias=False), Tanh(), Sigmoid(), Linear(17, 3)]
    ),
    "dropout everywhere": rb.Sequential(
        [Dropout(0.2), Linear(2, 6), Dropout(0.2), ReLU(), Linear(6, 3), ReLU()]
    ),
    "leaky": rb.MLP(2, [19, 4], 3, activation="leaky_relu"),
}


@pytest.mark.cases(7)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch_size", [1, 3, 24, 129])
def test_every_way_of_filling_the_lanes_and_its_borders(kind, batch_size):
    rng = np.random.default_rng(3)
    data = Dataset(rng.normal(size=(300, 2)), np.arange(300) % 3)
    model = KINDS[kind]
    for members in (9, 1):
        jobs = jobs_of(model, data, model.default_loss, rb.SGD(0.05), batch_size, range(members))
        check_population(jobs, epochs=range(1, 3))


@pytest.mark.parametrize("batch_size", [1, 3, 40])
@pytest.mark.parametrize("scale", ["samples", "sum", "mistakes"])
@pytest.mark.parametrize("members", [1, 9])
def test_the_criterion_of_a_deep_network_counts_over_the_whole_batch(scale, batch_size, members):
    data = rb.data.moons(60, noise=0.2, seed=1)
    model = rb.Sequential([Linear(2, 5), Tanh(), Linear(5, 1)])
    loss = PerceptronCriterion(scale)
    check_population(jobs_of(model, data, loss, rb.SGD(0.05), batch_size, range(members)))


@pytest.mark.parametrize("members", [1, 5, 37])
@pytest.mark.parametrize("batch_size", [1, 7, 60])
def test_populations_with_dropout_in_float32(members, batch_size):
    data = rb.data.moons(60, noise=0.2, seed=1)
    model = rb.MLP(2, [6, 5], 2, activation="tanh", dropout=0.25)
    loss = model.default_loss
    jobs = jobs_of(model, data, loss, rb.SGD(0.05), batch_size, range(members), "float32")
    check_population(jobs, epochs=range(1, 5), rtol=1e-4)


def test_hundreds_of_updates_of_the_report_agree():
    data, _ = rb.data.moons(1000, noise=0.2, seed=42).split(test_size=0.2, seed=42)
    model = rb.MLP(2, [20], 2, init="normal")
    for batch_size, epochs in ((1, 1), (10, 5), (100, 50)):
        jobs = jobs_of(model, data, model.default_loss, rb.SGD(0.01), batch_size, range(9))
        check_population(jobs, epochs=range(1, epochs + 1))


# Members that differ in more than the seed


def varied(batch_size, members, dtype="float64", population=None):
    """Members with rates, settings of optimizer, layers and loss, and rows of their own."""
    rng = np.random.default_rng(5)
    jobs = []
    for i in range(members):
        layers = [Linear(3, 5), LeakyReLU(0.01 * (i + 1)), Dropout(0.1 + 0.05 * i), Linear(5, 3)]
        model = rb.Sequential(layers)
        data = Dataset(rng.normal(size=(31, 3)), rng.integers(0, 3, 31), classes=range(3))
        rate = Cosine(0.02 * (i + 1), 30) if i % 2 else 0.02 * (i + 1)
        optimizer = rb.SGD(rate, momentum=0.5 + 0.04 * i, weight_decay=0.01 * (i + 1))
        loss = model.default_loss
        samples = Samples.of(model, loss, data, dtype)
        job = Job(model, loss, optimizer, samples, batch_size, True, i, penalty=0.1 * (i + 1))
        jobs.append(replace(job, population=population or members, sum_losses=True))
    return jobs


@pytest.mark.parametrize("batch_size", [1, 4, 31])
@pytest.mark.parametrize("members", [3, 11])
def test_members_with_settings_and_rows_of_their_own(batch_size, members):
    check_population(varied(batch_size, members), epochs=range(1, 4))


def test_members_with_rows_of_their_own_are_measured_on_theirs():
    jobs, engine = varied(4, 3), compiled()
    starts = starts_of(jobs)
    engine.run_many(jobs, starts, range(1, 2))
    for job, start in zip(jobs, starts, strict=True):
        measured = engine.evaluate(job.model, job.loss, start.params, job.data)
        expected = ReferenceEngine().evaluate(job.model, job.loss, start.params, job.data)
        assert measured.loss == pytest.approx(expected.loss, rel=1e-12)
        assert measured.accuracy == expected.accuracy


def test_members_with_settings_and_rows_of_their_own_in_float32():
    check_population(varied(4, 11, "float32"), epochs=range(1, 4), rtol=1e-4)


@pytest.mark.parametrize("batch_size", [1, 4])
def test_with_settings_of_its_own_a_member_has_the_same_bits_in_any_company(batch_size):
    jobs = [replace(job, own_settings=True) for job in varied(batch_size, 11)]
    engine, starts = compiled(), starts_of(jobs)
    together = engine.run_many(jobs, starts, range(1, 4))
    for some in ([4], [7, 2], [10, 0, 3]):
        other = compiled().run_many([jobs[i] for i in some], [starts[i] for i in some], range(1, 4))
        for i, (state, _) in zip(some, other, strict=True):
            for name, value in state.params.items():
                assert np.array_equal(value, together[i][0].params[name])


def test_packed_numbers_are_those_of_states():
    jobs, engine = varied(4, 11), compiled()
    starts = starts_of(jobs)
    states = engine.run_many(jobs, starts, range(1, 3))
    numbers = [
        np.array([np.concatenate([a.ravel() for a in group.values()]) for group in groups]).T
        for groups in (
            [state.params for state in starts],
            [state.slots["velocity"] for state in starts],
        )
    ]
    (params, velocity), losses = engine.run_packed(jobs, numbers, 0, (range(1, 3), None))
    for i, (state, _) in enumerate(states):
        for found, expected in ((params, state.params), (velocity, state.slots["velocity"])):
            flat = np.concatenate([value.ravel() for value in expected.values()])
            assert np.array_equal(found[:, i], flat)
    assert losses.T.tolist() == [list(stats.losses) for _, stats in states]
    without = [replace(job, sum_losses=False) for job in jobs]
    same, none = engine.run_packed(without, numbers, 0, (range(1, 3), None))
    assert none.shape == (0, len(jobs))
    np.testing.assert_allclose(same[0], params, rtol=1e-12)
    losses, accuracies = engine.evaluate_packed(jobs[0].model, jobs[0].loss, params.T, jobs[0].data)
    one = engine.evaluate(jobs[0].model, jobs[0].loss, states[3][0].params, jobs[0].data)
    assert (one.loss, one.accuracy) == (losses[3], accuracies[3])


def test_members_that_differ_in_numbers_share_a_kernel():
    jobs, engine = varied(4, 3), compiled()
    engine.load(jobs, starts_of(jobs))
    (kernel,) = trainings(engine)
    assert len(kernel.members) == 3
    # Slopes, dropout, momentum and decay; rates are no settings.
    assert len(kernel.loaded.settings) == 4


def trainings(engine):
    return [kernel for kernels in engine._kernels._trainings.values() for kernel in kernels]


# What is kept from one call to the next


@pytest.fixture
def traces(monkeypatch):
    """The numbers of training programs and of evaluations traced so far, with nothing kept."""
    kernels._kept.clear()
    counts = {"program_of": 0, "evaluation_program": 0}
    for name in counts:
        trace = getattr(kernels, name)

        def counting(*args, name=name, trace=trace, **more):
            counts[name] += 1
            return trace(*args, **more)

        monkeypatch.setattr(kernels, name, counting)
    yield counts
    kernels._kept.clear()


def trained(model, **settings):
    data = rb.data.moons(40, noise=0.2, seed=0)
    run = rb.train(model, data, epochs=2, batch_size=4, engine="compiled", **settings)
    reference = rb.train(model, data, epochs=2, batch_size=4, engine="reference", **settings)
    for name, value in reference.params.items():
        np.testing.assert_allclose(run.params[name], value, rtol=1e-9, atol=1e-12)


def test_a_second_call_traces_nothing(traces):
    for seed, rate in ((0, 0.1), (1, 0.1), (0, 0.2), (0, Cosine(0.1, 5))):
        trained(rb.MLP(2, [5], 2), optimizer=rb.SGD(rate), seed=seed)
    trained(rb.MLP(2, [5], 2, init="glorot"))
    assert traces == {"program_of": 1, "evaluation_program": 1}


@pytest.mark.parametrize("other", [
    {"model": rb.MLP(2, [6], 2)},
    {"model": rb.MLP(2, [5], 2, activation="tanh")},
    {"model": rb.MLP(2, [5], 2, activation=LeakyReLU(0.2))},
    {"model": rb.MLP(2, [5], 2, dropout=0.1)},
    {"model": rb.Sequential([Linear(2, 5, bias=False), ReLU(), Linear(5, 2)])},
    {"optimizer": rb.SGD(0.1, momentum=0.5)},
    {"optimizer": rb.SGD(0.1, momentum=-0.0)},
    {"optimizer": rb.Adam(0.1)},
    {"loss": HalfSquaredError()},
    {"dtype": "float32"},
], ids=str)  # fmt: skip
def test_other_code_is_traced(traces, other):
    data = rb.data.moons(40, noise=0.2, seed=0)
    if "loss" in other:
        data = Dataset(data.X, np.stack([data.y, 1.0 - data.y], axis=1))
    first = {"model": rb.MLP(2, [5], 2), "optimizer": rb.SGD(0.1), "epochs": 2, "batch_size": 4}
    first_data = rb.data.moons(40, noise=0.2, seed=0)
    rb.train(data=first_data, engine="compiled", **first)
    run = rb.train(data=data, engine="compiled", **(first | other))
    assert traces["program_of"] == 2
    reference = rb.train(data=data, engine="reference", **(first | other))
    for name, value in reference.params.items():
        np.testing.assert_allclose(run.params[name], value, rtol=1e-4, atol=1e-6)


def scaled_by(factor):
    """Return a layer class as a cell of a notebook defines it again and again."""

    @dataclass(frozen=True)
    class Scaled(rb.layers.Activation):
        def forward(self, params, x):
            return factor * x, None

        def backward(self, params, cache, dy):
            return factor * dy, {}

    return Scaled


def test_a_class_that_was_defined_again_is_traced_again(traces):
    for factor in (2.0, 3.0):
        trained(rb.Sequential([Linear(2, 5), scaled_by(factor)(), Linear(5, 2)]))
    assert traces == {"program_of": 2, "evaluation_program": 2}


def test_a_method_that_was_replaced_is_traced_again(traces, monkeypatch):
    layer = scaled_by(2.0)
    model = rb.Sequential([Linear(2, 5), layer(), Linear(5, 2)])
    trained(model)
    for name in ("forward", "backward"):
        monkeypatch.setattr(layer, name, getattr(scaled_by(3.0), name))
        monkeypatch.setattr(Tanh, name, getattr(scaled_by(4.0), name))
    trained(model)
    trained(rb.MLP(2, [5], 2, activation=Tanh()))
    monkeypatch.undo()
    trained(rb.MLP(2, [5], 2, activation=Tanh()))


def test_a_layer_that_cannot_be_hashed_is_compiled():
    @dataclass(frozen=True)
    class Shifted(rb.layers.Activation):
        by: np.ndarray

        def forward(self, params, x):
            return x + self.by, None

        def backward(self, params, cache, dy):
            return dy, {}

    for shift in (0.5, 1.5):
        trained(rb.Sequential([Linear(2, 3), Shifted(np.full(3, shift)), Linear(3, 2)]))


def test_few_kernels_are_kept(traces, monkeypatch):
    monkeypatch.setattr(kernels, "MOST_KEPT", 3)
    for width in range(2, 6):
        trained(rb.MLP(2, [width], 2))
    assert len(kernels._kept) == 3


def test_another_rate_is_trained_by_the_same_kernel(monkeypatch):
    jobs, engine = varied(4, 3), compiled()
    starts = starts_of(jobs)
    engine.load(jobs, starts)
    monkeypatch.setattr(kernels, "program_of", None)
    jobs = [replace(job, optimizer=replace(job.optimizer, learning_rate=0.01)) for job in jobs]
    engine.run_many(jobs, starts, range(1, 2))
    engine.run_many(jobs[1:], starts[1:], range(1, 2))
    assert len(trainings(engine)) == 1


def test_members_with_and_without_a_number_have_a_kernel_each():
    data = rb.data.moons(50, noise=0.2, seed=1)
    model = rb.MLP(2, [6], 2)
    jobs = jobs_of(model, data, model.default_loss, rb.SGD(0.05), 5, range(12))
    rules = [rb.SGD(0.05, momentum=0.3 * (i % 3), weight_decay=0.1 * (i // 6)) for i in range(12)]
    jobs = [replace(job, optimizer=rule) for job, rule in zip(jobs, rules, strict=True)]
    engine = compiled()
    engine.load(jobs, starts_of(jobs))
    assert sorted(len(kernel.members) for kernel in trainings(engine)) == [2, 2, 4, 4]
    check_population(jobs, epochs=range(1, 4))


@pytest.mark.parametrize("make", [rb.RMSProp, rb.Adam, rb.AdamW])
def test_members_with_learning_rates_of_their_own(make):
    data = rb.data.moons(50, noise=0.2, seed=1)
    model = rb.MLP(2, [6], 2)
    jobs = jobs_of(model, data, model.default_loss, make(0.01), 5, range(9))
    jobs = [replace(job, optimizer=make(0.002 * (job.seed + 1))) for job in jobs]
    check_population(jobs, epochs=range(1, 4))


def test_members_of_different_structure_are_trained_by_several_kernels():
    data = rb.data.moons(50, noise=0.2, seed=1)
    activations = [rb.MLP(2, [4], 2, activation=name) for name in ("relu", "tanh")]
    jobs = []
    for i, model in enumerate([*activations, rb.MLP(2, [6, 3], 2), activations[0], activations[0]]):
        # The clip of a loss is a number that cannot be traced; two members agree in it.
        loss = SoftmaxCrossEntropy(clip=0.01 * (i % 3 + 1))
        (job,) = jobs_of(model, data, loss, rb.SGD(0.05, momentum=0.1 * (i + 1)), 5, [i])
        jobs.append(replace(job, population=5, sum_losses=True))
    check_population(jobs, epochs=range(1, 4))
    engine, starts = compiled(), starts_of(jobs)
    together = [state for state, _ in engine.run_many(jobs, starts, range(1, 4))]
    prepared = len(trainings(engine))
    for some in ([0, 1, 3], [4], [0, 3]):
        left = engine.run_many([jobs[i] for i in some], [starts[i] for i in some], range(1, 4))
        assert_same([state for state, _ in left], [together[i] for i in some])
    assert len(trainings(engine)) == prepared == 5


@pytest.mark.parametrize("batch_size", [2, 31])
def test_the_bits_of_a_member_do_not_depend_on_who_still_trains(batch_size):
    jobs = varied(batch_size, 11)
    starts, engine = starts_of(jobs), compiled()
    engine.load(jobs, starts)
    together = [state for state, _ in engine.run_many(jobs, starts, range(1, 6))]
    for some in ([3], [10], [0, 5, 9], [*range(10)]):
        left = engine.run_many([jobs[i] for i in some], [starts[i] for i in some], range(1, 6))
        assert_same([state for state, _ in left], [together[i] for i in some])
    assert len(trainings(engine)) == 1


def test_a_member_that_diverges_stops_alone():
    data = rb.data.moons(40, noise=0.2, seed=0)
    model = rb.MLP(2, [4], 2, activation="tanh")
    jobs = jobs_of(model, data, model.default_loss, rb.SGD(0.1), 8, range(9))
    engine, starts = compiled(), starts_of(jobs)
    for value in starts[2].params.values():
        value[...] = 1.7e308
    results = engine.run_many(jobs, starts, range(1, 4))
    assert [stats.divergence is not None for _, stats in results] == [i == 2 for i in range(9)]
    alone, _ = engine.run(jobs[3], starts[3], range(1, 4))
    assert_same([results[3][0]], [alone])


# Cores, segments, and what is computed ahead


@pytest.mark.parametrize("batch_size", [1, 9, 50])
def test_the_bits_are_the_same_on_any_number_of_cores(batch_size, monkeypatch):
    data = rb.data.moons(100, noise=0.2, seed=0)
    model = rb.MLP(2, [7], 2, dropout=0.1)
    loss = model.default_loss
    jobs = jobs_of(model, data, loss, rb.Adam(0.01), batch_size, range(37))
    starts, many = starts_of(jobs), Dataset(np.tile(data.X, (200, 1)), np.tile(data.y, 200))
    samples, ended, measured = Samples.of(model, loss, many, np.float64), [], []
    for n_cores in (1, 1, 2, 5):
        monkeypatch.setattr(cores, "available", lambda n=n_cores: n)
        engine = compiled()
        ended.append([state for state, _ in engine.run_many(jobs, starts, range(1, 5))])
        params = [state.params for state in ended[-1]]
        measured.append(engine.evaluate_many(model, loss, params, jobs[0].data))
        measured[-1] += engine.evaluate_many(model, loss, params[:3], samples)
    for states, metrics in zip(ended[1:], measured[1:], strict=True):
        assert metrics == measured[0]
        assert_same(states, ended[0])


@pytest.mark.parametrize("rule", ["online", "mini-batch", "batch"])
@pytest.mark.parametrize("members", [17, 37])
def test_perceptrons_end_the_same_on_any_number_of_cores(rule, members, monkeypatch):
    data = rb.data.gaussians(45, means=[(1, 1), (-1, -1)], seed=0)
    model = rb.Perceptron(2, rule=rule)
    size = model.batch_size(7 if rule == "mini-batch" else None, len(data))
    jobs = jobs_of(model, data, model.default_loss, rb.SGD(0.01), size, range(members))
    ended = []
    for n_cores in (1, 2, 5):
        monkeypatch.setattr(cores, "available", lambda n=n_cores: n)
        ended.append(compiled().run_many(jobs, starts_of(jobs), range(1, 9)))
    for results in ended[1:]:
        assert [stats for _, stats in results] == [stats for _, stats in ended[0]]
        assert_same([state for state, _ in results], [state for state, _ in ended[0]])


def order_of(epoch):
    return np.random.default_rng(epoch).permutation(60)


@pytest.mark.parametrize(
    ("optimizer", "order"), [(rb.SGD(Cosine(0.1, 60)), None), (rb.Adam(0.01), order_of)]
)
@pytest.mark.parametrize("members", [1, 9])
def test_rates_and_orders_are_computed_ahead_in_parts(optimizer, order, members, monkeypatch):
    data = rb.data.moons(60, noise=0.2, seed=0)
    model = rb.MLP(2, [7], 2)
    more = {"order": order, "sum_losses": True}
    jobs = jobs_of(model, data, model.default_loss, optimizer, 5, range(members), **more)
    engine, starts = compiled(), starts_of(jobs)
    at_once = engine.run_many(jobs, starts, range(1, 8))
    monkeypatch.setattr(engine_module, "NUMBERS_AT_ONCE", 130 * members)
    in_parts = engine.run_many(jobs, starts, range(1, 8))
    assert [stats for _, stats in in_parts] == [stats for _, stats in at_once]
    assert_same([state for state, _ in in_parts], [state for state, _ in at_once])


# Evaluation


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("loss", "outputs"),
    [
        (SoftmaxCrossEntropy(), 3),
        (CategoricalCrossEntropy(), 3),
        (SigmoidCrossEntropy(), 1),
        (SigmoidCrossEntropy(), 3),
        (HalfSquaredError(), 2),
        (MeanSquaredError(), 2),
        (PerceptronCriterion(), 1),
    ],
    ids=repr,
)
def test_metrics_of_many_are_those_of_the_reference(loss, outputs, weighted, dtype):
    rng = np.random.default_rng(1)
    n = 531
    if loss.task == "regression":
        targets = rng.normal(size=(n, outputs))
    elif isinstance(loss, SigmoidCrossEntropy):
        targets = rng.integers(0, 2, (n, outputs))
    else:
        targets = loss.encode(np.arange(n) % max(outputs, 2), outputs)
    weights = rng.uniform(0, 2, n) * (rng.uniform(size=n) < 0.9) if weighted else None
    samples = Samples(
        rng.normal(size=(n, 2)).astype(dtype),
        targets.astype(dtype),
        weights if weights is None else weights.astype(dtype),
    )
    layers = [Linear(2, 4), Tanh(), Linear(4, outputs)]
    if isinstance(loss, CategoricalCrossEntropy):
        layers.append(Softmax())
    model = rb.Sequential(layers)
    # Weights up to hundreds: the losses are exact where a probability is as good as 1, too.
    members = [
        {name: value * 4.0**seed for name, value in model.init(seed, np.dtype(dtype)).items()}
        for seed in range(5)
    ]
    mine = compiled().evaluate_many(model, loss, members, samples)
    reference = ReferenceEngine().evaluate_many(model, loss, members, samples)
    rtol = 1e-12 if dtype == "float64" else 1e-4
    for a, b in zip(mine, reference, strict=True):
        assert a.loss == pytest.approx(b.loss, rel=rtol, nan_ok=False)
        assert a.accuracy == pytest.approx(
            b.accuracy, abs=1 / n if dtype == "float32" else 0, nan_ok=True
        )


@dataclass(frozen=True)
class Lenient(SoftmaxCrossEntropy):
    """A loss that counts right predictions in its own way: the second largest output is right."""

    def n_correct(self, outputs, targets):
        ranks = np.argsort(-outputs, axis=1)[:, :2]
        return int((targets.argmax(axis=1)[:, np.newaxis] == ranks).sum())


def test_a_loss_that_counts_in_its_own_way_is_measured_by_the_reference_engine():
    rng = np.random.default_rng(0)
    data = Dataset(rng.normal(size=(50, 2)), np.arange(50) % 3)
    model, loss = rb.MLP(2, [4], 3), Lenient()
    jobs = jobs_of(model, data, loss, rb.SGD(0.1), 5, range(2))
    params = [state.params for state in starts_of(jobs)]
    engine = compiled()
    assert engine.missing(jobs[0]) == []
    measured = engine.evaluate_many(model, loss, params, jobs[0].data)
    assert measured == ReferenceEngine().evaluate_many(model, loss, params, jobs[0].data)
    check_population(jobs, epochs=range(1, 3))


# What it prepares


@pytest.fixture
def compilations(monkeypatch, tmp_path):
    """An empty cache, and the number of compilations so far; each takes a while."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    perceptrons._kernel.cache_clear()
    compile_text, texts = cache.compile_text, []

    def slowly(text, *rest):
        texts.append(text)
        time.sleep(0.5)
        return compile_text(text, *rest)

    monkeypatch.setattr(cache, "compile_text", slowly)
    return texts


SOME = {
    "units in the lanes": (1, 1),
    "samples in the lanes": (1, 16),
    "members in the lanes": (8, 3),
}


@pytest.mark.parametrize("kind", SOME)
@pytest.mark.parametrize(
    "model", [rb.MLP(2, [5], 2, dropout=0.1), rb.Perceptron(2, rule="mini-batch")], ids=repr
)
def test_load_prepares_all_that_training_needs(kind, model, compilations):
    members, batch_size = SOME[kind]
    data = rb.data.moons(32, noise=0.2, seed=0)
    batch_size = model.batch_size(batch_size, len(data))
    jobs = jobs_of(model, data, model.default_loss, rb.SGD(0.1), batch_size, range(members))
    engine, starts = compiled(), starts_of(jobs)
    engine.load(jobs, starts)
    prepared = len(compilations)
    assert prepared >= 1
    engine.run_many(jobs, starts, range(1, 3))
    engine.run_many(jobs, starts, range(3, 4), range(1, 2) if batch_size < 32 else None)
    engine.run_many(jobs[:1], starts[:1], range(1, 2))
    assert len(compilations) == prepared


@pytest.mark.parametrize("model", [rb.MLP(2, [5], 2), rb.Perceptron(2)], ids=repr)
def test_no_compiling_falls_into_the_seconds_of_a_history(model, compilations):
    data, test = rb.data.moons(100, noise=0.2, seed=0).split(seed=0)
    run = rb.train(model, data, test=test, epochs=3, engine="compiled")
    assert len(compilations) >= 1
    assert run.history["seconds"].sum() < 0.4
    runs = rb.train_many(model, data, seeds=range(9), test=test, epochs=3, engine="compiled")
    assert all(run.history["seconds"].sum() < 0.4 for run in runs)


def test_a_choice_compiles_what_the_run_will_need(compilations):
    data = rb.data.moons(32, noise=0.2, seed=0)
    model = rb.MLP(2, [5], 2)
    (job,) = jobs_of(model, data, model.default_loss, rb.SGD(0.1), 4, [0])
    engine = choose_engine("compiled", job, 1)
    prepared = len(compilations)
    engine.run(job, engine.start(job, model.init(0)), range(1, 3))
    assert len(compilations) == prepared == 1


def test_an_engine_can_be_pickled_after_use():
    data = rb.data.moons(32, noise=0.2, seed=0)
    model = rb.MLP(2, [5], 2)
    jobs = jobs_of(model, data, model.default_loss, rb.SGD(0.1), 4, range(9))
    engine, starts = compiled(), starts_of(jobs)
    engine.run_many(jobs, starts, range(1, 3))
    again = pickle.loads(pickle.dumps(engine))
    results = [one.run_many(jobs, starts, range(1, 3)) for one in (engine, again)]
    assert_same(*([state for state, _ in result] for result in results))


def test_a_rate_needs_no_other_kernel(compilations):
    data = rb.data.moons(32, noise=0.2, seed=0)
    model = rb.MLP(2, [5], 2)
    for rate in (0.1, 0.05, Cosine(0.1, 20)):
        rb.train(model, data, optimizer=rb.SGD(rate), epochs=2, batch_size=4, engine="compiled")
    assert len([text for text in compilations if "@shuffle" in text]) == 1


# What it cannot compile, and what "auto" makes of the work


@dataclass(frozen=True)
class Cube(Tanh):
    """A layer of a user's own, which can be traced."""

    def forward(self, params, x, *, training=False, key=None):
        return x * x * x, x

    def backward(self, params, cache, dout):
        return 3 * cache * cache * dout, {}


@dataclass(frozen=True)
class Sorted(Tanh):
    """A layer of a user's own, which cannot be traced."""

    def forward(self, params, x, *, training=False, key=None):
        places = np.argsort(x, axis=1)
        return np.take_along_axis(x, places, axis=1), places

    def backward(self, params, cache, dout):
        return np.take_along_axis(dout, np.argsort(cache, axis=1), axis=1), {}


OWN = rb.Sequential([Linear(2, 3), Cube(), Linear(3, 2)])
REFUSED = rb.Sequential([Linear(2, 3), Sorted(), Linear(3, 2)])


@pytest.mark.parametrize("members", [1, 9])
@pytest.mark.parametrize("batch_size", [1, 7, 40])
def test_a_layer_of_ones_own_is_compiled(members, batch_size):
    data = rb.data.moons(40, seed=0)
    jobs = jobs_of(OWN, data, OWN.default_loss, rb.Adam(0.01), batch_size, range(members))
    check_population(jobs, epochs=range(1, 4))


def test_what_cannot_be_traced_is_named_with_its_line():
    data = rb.data.moons(20, seed=0)
    with pytest.raises(ConfigurationError, match=r"argsort \(.*test_engine\.py:\d+\); take engine"):
        rb.train(REFUSED, data, engine="compiled")
    assert rb.train(REFUSED, data, epochs=2).stopped is None


def test_auto_takes_the_reference_engine_for_it_and_says_so():
    data = rb.data.moons(20, seed=0)
    (job,) = jobs_of(REFUSED, data, REFUSED.default_loss, rb.SGD(0.1), 1, [0])
    with pytest.warns(UserWarning, match="argsort .*; the reference engine trains"):
        assert isinstance(choose_engine("auto", job, 100_000), ReferenceEngine)


def test_auto_weighs_the_work():
    model = rb.MLP(2, [20], 2)
    data = rb.data.moons(800, seed=0)
    (job,) = jobs_of(model, data, model.default_loss, rb.SGD(0.1), 100, [0])
    assert reference_seconds(job, 1) < WORTH_COMPILING < reference_seconds(job, 1000)
    assert isinstance(choose_engine("auto", job, 1), ReferenceEngine)
    assert not isinstance(choose_engine("auto", job, 1000), ReferenceEngine)
    assert reference_seconds(job, 20) == pytest.approx(2 * reference_seconds(job, 10))


def test_small_batches_and_populations_fill_the_lanes_with_members():
    model, target = rb.MLP(2, [20], 2), Target.host()
    data = rb.data.moons(800, seed=0)

    def are_in_lanes(batch_size, members):
        loss = model.default_loss
        return member_lanes(
            jobs_of(model, data, loss, rb.SGD(0.1), batch_size, range(members))[0], target
        )

    assert are_in_lanes(10, 64)
    assert not are_in_lanes(10, 1)
    assert not are_in_lanes(800, target.lanes(np.float64) + 1)


# train_many on it


@pytest.mark.parametrize(
    "model", [rb.MLP(2, [6], 2, dropout=0.2), rb.Perceptron(2, rule="mini-batch")], ids=repr
)
def test_train_many_is_training_one_by_one(model):
    data, test = rb.data.moons(100, noise=0.2, seed=0).split(seed=0)
    how = {"test": test, "epochs": 7, "eval_every": 3, "batch_size": 9, "engine": "compiled"}
    runs = rb.train_many(model, data, seeds=range(5), **how)
    assert runs.seeds == list(range(5))
    for run in runs:
        alone = rb.train(model, data, seed=run.seed, **how)
        assert run.settings == alone.settings
        for name, value in alone.params.items():
            np.testing.assert_allclose(run.params[name], value, rtol=1e-10)
        for column in set(run.history.columns) - {"seconds"}:
            np.testing.assert_allclose(run.history[column], alone.history[column], rtol=1e-10)


def test_a_diverging_run_of_many_keeps_its_history_and_leaves_the_others():
    data = rb.data.moons(100, noise=0.2, seed=0)
    model = rb.MLP(2, [6], 2)
    how = {"epochs": 40, "batch_size": 10, "optimizer": rb.SGD(1e160)}
    for engine in ENGINES:
        runs = rb.train_many(model, data, seeds=range(5), engine=engine, **how)
        ended = [run.diverged for run in runs]
        assert any(ended)
        for run in runs:
            assert len(run.history) >= 1
            assert all(np.isfinite(value).all() for value in run.params.values())


def test_callbacks_of_many_runs_see_one_run_at_a_time():
    data, test = rb.data.moons(100, noise=0.2, seed=0).split(seed=0)
    how = {"test": test, "epochs": 30, "optimizer": rb.SGD(2.0), "engine": "compiled"}
    stopping = rb.EarlyStopping("test_loss", patience=2)
    many = rb.train_many(rb.MLP(2, [6], 2), data, seeds=range(4), callbacks=[stopping], **how)
    for run in many:
        alone = rb.train(
            rb.MLP(2, [6], 2),
            data,
            seed=run.seed,
            callbacks=[rb.EarlyStopping("test_loss", patience=2)],
            **how,
        )
        assert run.stopped == alone.stopped
        np.testing.assert_array_equal(run.history["epoch"], alone.history["epoch"])
