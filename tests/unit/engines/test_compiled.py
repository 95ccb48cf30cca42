"""The compiled engine beyond the contract: its arithmetic, populations, and what it refuses."""

import time
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

import rosenblatt as rb
from rosenblatt import cores
from rosenblatt.data import Dataset
from rosenblatt.engines import ENGINES, Job, ReferenceEngine, Samples, choose_engine
from rosenblatt.engines.choice import WORTH_CALLING, reference_seconds
from rosenblatt.engines.compiled import (
    cache,
    elementary,
    loading,
    memory,
    order,
    room,
    vector,
)
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import ACTIVATIONS, Dropout, ReLU, Sigmoid, Softmax, Tanh
from rosenblatt.losses import (
    CategoricalCrossEntropy,
    HalfSquaredError,
    MeanSquaredError,
    PerceptronCriterion,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
)
from rosenblatt.optimizers import Cosine
from rosenblatt.random import Key, epoch_order

LOWEST = {np.float64: -708.0, np.float32: -87.0}


@njit
def apply(function, x, y, lowest):
    for i in range(0, len(x), vector.lanes_of(x)):
        vector.store(y, i, function(vector.load(x, i), lowest))


@njit
def log_of_positive(x, lowest):
    return elementary.log(vector.maximum(x, vector.like(x, 0.0) - x) + 1e-5)


@njit
def log1p_exp_of_negative(x, lowest):
    return elementary.log1p_exp(vector.minimum(x, vector.like(x, 0.0) - x), lowest)


@pytest.mark.parametrize(
    ("function", "exact", "from_one"),
    [
        (elementary.exp, np.exp, 0),
        (elementary.tanh, np.tanh, 1),
        (elementary.sigmoid, lambda x: 1 / (1 + np.exp(-x)), 0),
        (log_of_positive, lambda x: np.log(np.abs(x) + 1e-5), 1),
        (log1p_exp_of_negative, lambda x: np.log1p(np.exp(-np.abs(x))), 0),
    ],
    ids=["exp", "tanh", "sigmoid", "log", "log1p exp"],
)
@pytest.mark.parametrize("dtype", LOWEST)
def test_functions_of_vectors(function, exact, from_one, dtype):
    x = np.linspace(-30, 30, 1 << 14).astype(dtype)
    y = np.empty_like(x)
    apply(function, x, y, LOWEST[dtype])
    # Four units in the last place, of the value or, where it is smaller, of 1.
    scale = np.maximum(np.abs(exact(x.astype(np.float64))), from_one)
    assert np.max(np.abs(y - exact(x.astype(np.float64))) / scale) < 4 * np.finfo(dtype).eps


def test_exp_at_its_ends_and_of_nan():
    x = np.zeros(16)
    x[:6] = [-1e9, -708.0, 0.0, 708.0, np.nan, -np.inf]
    y = np.empty_like(x)
    apply(elementary.exp, x, y, -708.0)
    np.testing.assert_allclose(y[1:4], np.exp(x[1:4]), rtol=1e-14)
    assert np.isnan(y[4])
    assert (y[[0, 5]] < 1e-300).all()


@pytest.mark.parametrize("n", [1, 2, 3, 1000])
def test_orders_and_uniforms_are_those_of_random(n):
    mine = np.empty(n, dtype=np.int64)
    for epoch in (1, 2, 99):
        order.shuffle(mine, np.uint64(Key.of(7, "order").value), epoch)
        np.testing.assert_array_equal(mine, epoch_order(7, epoch, n))
    key = Key.of(7, "dropout").fold(3)
    drawn = [order.uniform(np.uint64(key.value), i) for i in range(n)]
    assert drawn == key.uniform((n,)).tolist()


def jobs_of(model, data, loss, optimizer, batch_size, seeds, dtype="float64"):
    samples = Samples.of(model, loss, data, dtype)
    return [Job(model, loss, optimizer, samples, batch_size, True, seed) for seed in seeds]


def check_population(jobs, epochs=range(1, 9), rtol=1e-9):
    """A population ends where each of its members ends alone on the reference engine."""
    reference = ReferenceEngine()
    dtype = jobs[0].data.x.dtype
    starts = [reference.start(job, job.model.init(job.seed, dtype)) for job in jobs]
    together = ENGINES["compiled"]().run_many(jobs, starts, epochs)
    for job, start, (state, sums) in zip(jobs, starts, together, strict=True):
        expected, expected_sums = reference.run(job, start, epochs)
        assert sums == expected_sums
        assert state.update == expected.update
        for name, value in expected.params.items():
            assert state.params[name].dtype == dtype
            np.testing.assert_allclose(state.params[name], value, rtol=rtol, atol=rtol * 1e-3)
        for slot, values in expected.slots.items():
            for name, value in values.items():
                np.testing.assert_allclose(
                    state.slots[slot][name], value, rtol=rtol, atol=rtol * 1e-3
                )


@settings(max_examples=40)
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
    optimizer = drawn.draw(
        st.sampled_from(
            [
                rb.SGD(0.05),
                rb.SGD(0.05, weight_decay=0.1),
                rb.SGD(0.05, momentum=0.9),
                rb.SGD(Cosine(0.05, 20), momentum=0.9, nesterov=True),
                rb.RMSProp(0.01),
                rb.Adam(0.01),
                rb.AdamW(0.01),
            ]
        ),
        "optimizer",
    )
    batch_size = drawn.draw(st.one_of(st.just(1), st.integers(1, n)), "batch size")
    members = drawn.draw(st.sampled_from([1, 3, 8, 17, 37]), "members")
    jobs = jobs_of(model, data, loss or model.default_loss, optimizer, batch_size, range(members))
    check_population(jobs, epochs=range(1, 4))


KINDS = {
    "softmax layer": rb.Sequential(
        [rb.layers.Linear(2, 9), Tanh(), rb.layers.Linear(9, 3), Softmax()]
    ),
    "sigmoid and wide outputs": rb.Sequential(
        [
            rb.layers.Linear(2, 5),
            Sigmoid(),
            rb.layers.Linear(5, 18),
            ReLU(),
            rb.layers.Linear(18, 3),
        ]
    ),
    "activations in a row": rb.Sequential(
        [ReLU(), rb.layers.Linear(2, 17, bias=False), Tanh(), Sigmoid(), rb.layers.Linear(17, 3)]
    ),
    "dropout everywhere": rb.Sequential(
        [Dropout(0.2), rb.layers.Linear(2, 6), Dropout(0.2), ReLU(), rb.layers.Linear(6, 3), ReLU()]
    ),
    "leaky": rb.MLP(2, [19, 4], 3, activation="leaky_relu"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch_size", [1, 2, 3, 4, 23, 24, 127, 129, 300])
def test_every_way_of_filling_the_lanes_and_its_borders(kind, batch_size):
    rng = np.random.default_rng(3)
    data = Dataset(rng.normal(size=(300, 2)), np.arange(300) % 3)
    model = KINDS[kind]
    jobs = jobs_of(model, data, model.default_loss, rb.SGD(0.05), batch_size, range(9))
    check_population(jobs, epochs=range(1, 3))
    check_population(jobs[:1], epochs=range(1, 3))


@pytest.mark.parametrize("batch_size", [3, 40])
@pytest.mark.parametrize("scale", ["samples", "sum", "mistakes"])
def test_the_criterion_of_a_deep_network_counts_over_the_whole_batch(scale, batch_size):
    data = rb.data.moons(60, noise=0.2, seed=1)
    model = rb.Sequential([rb.layers.Linear(2, 5), Tanh(), rb.layers.Linear(5, 1)])
    jobs = jobs_of(model, data, PerceptronCriterion(scale), rb.SGD(0.05), batch_size, range(9))
    check_population(jobs)


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


def test_a_member_that_diverges_stops_alone():
    data = rb.data.moons(40, noise=0.2, seed=0)
    model = rb.MLP(2, [4], 2, activation="tanh")
    loss = model.default_loss
    jobs = jobs_of(model, data, loss, rb.SGD(0.1), 8, range(9))
    engine = ENGINES["compiled"]()
    starts = [engine.start(job, model.init(job.seed)) for job in jobs]
    for value in starts[2].params.values():
        value[...] = 1.7e308
    results = engine.run_many(jobs, starts, range(1, 4))
    assert [sums.divergence is not None for _, sums in results] == [i == 2 for i in range(9)]
    alone, _ = engine.run(jobs[3], starts[3], range(1, 4))
    for name, value in alone.params.items():
        np.testing.assert_allclose(results[3][0].params[name], value, rtol=1e-12)


@pytest.mark.parametrize("batch_size", [1, 9, 50])
def test_twice_the_same_is_the_same_to_the_last_bit_on_any_number_of_cores(batch_size, monkeypatch):
    data = rb.data.moons(100, noise=0.2, seed=0)
    model = rb.MLP(2, [7], 2, dropout=0.1)
    loss = model.default_loss
    jobs = jobs_of(model, data, loss, rb.Adam(0.01), batch_size, range(37))
    ended, measured = [], []
    for n_cores in (1, 1, 2, 5):
        monkeypatch.setattr(cores, "available", lambda n=n_cores: n)
        engine = ENGINES["compiled"]()
        starts = [engine.start(job, model.init(job.seed)) for job in jobs]
        ended.append([state for state, _ in engine.run_many(jobs, starts, range(1, 5))])
        params = [state.params for state in ended[-1]]
        measured.append(engine.evaluate_many(model, loss, params, jobs[0].data))
    for states, metrics in zip(ended[1:], measured[1:], strict=True):
        assert metrics == measured[0]
        for state, first in zip(states, ended[0], strict=True):
            for name in first.params:
                np.testing.assert_array_equal(state.params[name], first.params[name])


@pytest.mark.parametrize("rule", ["online", "mini-batch", "batch"])
@pytest.mark.parametrize("members", [17, 37])
def test_perceptrons_end_the_same_on_any_number_of_cores(rule, members, monkeypatch):
    data = rb.data.gaussians(45, means=[(1, 1), (-1, -1)], seed=0)
    model = rb.Perceptron(2, rule=rule)
    size = model.batch_size(7 if rule == "mini-batch" else None, len(data))
    loss = model.default_loss
    jobs = jobs_of(model, data, loss, rb.SGD(0.01), size, range(members))
    ended = []
    for n_cores in (1, 2, 5):
        monkeypatch.setattr(cores, "available", lambda n=n_cores: n)
        engine = ENGINES["compiled"]()
        starts = [engine.start(job, model.init(job.seed)) for job in jobs]
        ended.append(engine.run_many(jobs, starts, range(1, 9)))
    for results in ended[1:]:
        for (state, sums), (first, first_sums) in zip(results, ended[0], strict=True):
            assert sums == first_sums
            for name in first.params:
                np.testing.assert_array_equal(state.params[name], first.params[name])


@pytest.mark.parametrize("batch_size", [1, 9, 50])
@pytest.mark.parametrize("optimizer", [rb.SGD(0.05), rb.Adam(0.01)], ids=repr)
def test_a_run_in_a_population_is_the_same_run_alone(batch_size, optimizer):
    data = rb.data.moons(100, noise=0.2, seed=0)
    model = rb.MLP(2, [7], 2, dropout=0.1)
    jobs = jobs_of(model, data, model.default_loss, optimizer, batch_size, range(19))
    engine = ENGINES["compiled"]()
    starts = [engine.start(job, model.init(job.seed)) for job in jobs]
    together = engine.run_many(jobs, starts, range(1, 11))
    for job, start, (state, _) in zip(jobs, starts, together, strict=True):
        alone, _ = engine.run(job, start, range(1, 11))
        for name, value in alone.params.items():
            np.testing.assert_allclose(state.params[name], value, rtol=1e-9, atol=1e-12)


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
    layers = [rb.layers.Linear(2, 4), Tanh(), rb.layers.Linear(4, outputs)]
    if isinstance(loss, CategoricalCrossEntropy):
        layers.append(Softmax())
    model = rb.Sequential(layers)
    # Weights up to hundreds: the losses are exact where a probability is as good as 1, too.
    members = [
        {name: value * 4.0**seed for name, value in model.init(seed, np.dtype(dtype)).items()}
        for seed in range(5)
    ]
    mine = ENGINES["compiled"]().evaluate_many(model, loss, members, samples)
    reference = ReferenceEngine().evaluate_many(model, loss, members, samples)
    rtol = 1e-12 if dtype == "float64" else 1e-4
    for a, b in zip(mine, reference, strict=True):
        assert a.loss == pytest.approx(b.loss, rel=rtol, nan_ok=False)
        assert a.accuracy == pytest.approx(
            b.accuracy, abs=1 / n if dtype == "float32" else 0, nan_ok=True
        )


def test_learning_rates_are_worked_out_in_parts(monkeypatch):
    data = rb.data.moons(60, noise=0.2, seed=0)
    model = rb.MLP(2, [7], 2)
    (job,) = jobs_of(model, data, model.default_loss, rb.SGD(Cosine(0.1, 60)), 5, [0])
    engine = ENGINES["compiled"]()
    start = engine.start(job, model.init(0))
    at_once, _ = engine.run(job, start, range(1, 8))
    monkeypatch.setattr(room, "RATES_AT_ONCE", 30)
    assert [len(part) for part in room.parts_of(job, range(1, 8))] == [2, 2, 2, 1]
    in_parts, _ = engine.run(job, start, range(1, 8))
    assert in_parts.update == at_once.update == 7 * 12
    for name in at_once.params:
        np.testing.assert_array_equal(in_parts.params[name], at_once.params[name])


def test_what_takes_long_to_load_says_what_it_waits_for(monkeypatch, capsys):
    class Slow:
        def compile(self, types):
            time.sleep(0.2)

    monkeypatch.setattr(loading, "SECONDS_TO_LOAD", 0.01)
    monkeypatch.setattr(cache, "has_folder", lambda kernel: True)
    kernel = Slow()
    loading.load_kernel(kernel, ("kind",), 1.0)
    assert "compiling for this machine, once" in capsys.readouterr().err
    loading.load_kernel(kernel, ("kind",), 1.0)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("shape", [(1,), (7, 3), (1000,)])
def test_arrays_begin_with_a_cache_line(shape):
    array = memory.aligned(shape, np.float32)
    assert array.shape == shape
    assert array.dtype == np.float32
    assert array.ctypes.data % 64 == 0
    assert not array.any()


# What it has no code for, and what "auto" makes of the work


@dataclass(frozen=True)
class Cube(Tanh):
    """A layer of a user's own."""


OWN = rb.Sequential([rb.layers.Linear(2, 3), Cube(), rb.layers.Linear(3, 2)])


def test_a_layer_of_ones_own_is_named():
    data = rb.data.moons(20, seed=0)
    with pytest.raises(ConfigurationError, match=r"no code for Cube; take engine=\"reference\""):
        rb.train(OWN, data, engine="compiled")
    assert rb.train(OWN, data, epochs=2).stopped is None


def test_auto_takes_the_reference_engine_for_a_layer_of_ones_own_and_says_so():
    (job,) = jobs_of(OWN, rb.data.moons(20, seed=0), OWN.default_loss, rb.SGD(0.1), 1, [0])
    with pytest.warns(UserWarning, match="no code for Cube; the reference engine trains"):
        assert isinstance(choose_engine("auto", job, 100_000), ReferenceEngine)


def test_auto_weighs_the_work(monkeypatch):
    monkeypatch.setattr(loading, "_loaded", set())
    model = rb.MLP(2, [20], 2)
    (job,) = jobs_of(model, rb.data.moons(800, seed=0), model.default_loss, rb.SGD(0.1), 1, [0])
    assert isinstance(choose_engine("auto", job, 5), ReferenceEngine)
    assert not isinstance(choose_engine("auto", job, 10_000), ReferenceEngine)
    assert reference_seconds(job, 20) == pytest.approx(2 * reference_seconds(job, 10))
    wide = rb.MLP(20, [200], 2)
    data = Dataset(np.ones((800, 20)), np.arange(800) % 2)
    (job,) = jobs_of(wide, data, wide.default_loss, rb.SGD(0.1), 100, [0])
    assert isinstance(choose_engine("auto", job, 10), ReferenceEngine)
    assert not isinstance(choose_engine("auto", job, 100_000), ReferenceEngine)


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


def test_for_one_job_of_many_auto_looks_at_the_job_alone(monkeypatch):
    def look(kernel):
        raise AssertionError("the choice hangs on what lies on the disk")

    monkeypatch.setattr(cache, "is_kept", look)
    monkeypatch.setattr(loading, "_loaded", set())
    model = rb.MLP(2, [20], 2)
    (job,) = jobs_of(model, rb.data.moons(800, seed=0), model.default_loss, rb.SGD(0.1), 10, [0])

    def chosen(epochs):
        return type(choose_engine("auto", job, epochs, one_of_many=True)).__name__

    assert reference_seconds(job, 1) < WORTH_CALLING < reference_seconds(job, 10)
    assert [chosen(1), chosen(10)] == ["ReferenceEngine", "CompiledEngine"]
    assert isinstance(choose_engine("auto", job, 10), ReferenceEngine)
    with pytest.raises(AssertionError, match="the disk"):
        choose_engine("auto", job, 2000)
