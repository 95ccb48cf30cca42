"""The lowering of wide layers against the reference engine, on any number of threads."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import rosenblatt as rb
from instances import MORE_LOSSES, MORE_OPTIMIZERS, labels_for, one_of_each
from rosenblatt import cores
from rosenblatt.data import Dataset
from rosenblatt.engines import Job, ReferenceEngine, Samples
from rosenblatt.engines.compiled import dispatch, kernels, team, wide
from rosenblatt.engines.compiled.cache import VARIABLE
from rosenblatt.engines.compiled.dispatch import program_of
from rosenblatt.engines.compiled.engine import CompiledEngine
from rosenblatt.engines.compiled.graph import LoweringError
from rosenblatt.engines.compiled.packing import Arrays
from rosenblatt.engines.compiled.target import NAMED, Target
from rosenblatt.engines.compiled.wide import PaddedLayout, Wide
from rosenblatt.layers import ACTIVATIONS, Dropout, Layer, LeakyReLU, Linear, ReLU, Softmax, Tanh
from rosenblatt.losses import (
    LOSSES,
    CategoricalCrossEntropy,
    HalfSquaredError,
    Hinge,
    PerceptronCriterion,
    SoftmaxCrossEntropy,
)
from rosenblatt.optimizers import OPTIMIZERS, Cosine


@pytest.fixture(autouse=True)
def nothing_is_kept():
    """Some tests change constants of the lowering: kernels are made anew."""
    kernels._kept.clear()
    yield
    kernels._kept.clear()


TOLERANCE = {"float64": 1e-9, "float32": 1e-4}
BETWEEN = (
    [],
    [ReLU()],
    [LeakyReLU(0.3)],
    [Softmax()],
    [Dropout(0.3)],
    [ReLU(), Dropout(0.5)],
    [Dropout(0.2), Tanh(), ReLU()],
)
RULES = (
    rb.SGD(Cosine(0.05, 20)),
    rb.SGD(0.05, momentum=0.9, nesterov=True),
    rb.Adam(Cosine(0.01, 20)),
    rb.AdamW(0.01),
)


def job_of(model, loss, n, batch_size, optimizer=RULES[0], dtype="float64", **how):
    weighted = how.pop("weighted", False)
    rng = np.random.default_rng(how.pop("data_seed", 0))
    n_outputs = model.n_outputs
    weights = rng.uniform(0.5, 2, n) * (rng.uniform(size=n) < 0.9) if weighted else None
    if weighted:
        weights[0] = 1.0
    x = rng.normal(size=(n, model.n_inputs))
    data = Dataset(x, labels_for(loss, rng, n, n_outputs), sample_weight=weights)
    samples = Samples.of(model, loss, data, dtype)
    return Job(model, loss, optimizer, samples, batch_size, True, 5, sum_losses=True, **how)


IS_WIDE = dispatch.is_wide
MADE = []
"""The arrays that were made last."""


@pytest.fixture(scope="module", autouse=True)
def every_network_is_wide():
    """Train all networks in the lowering, in memory that holds NaN until it is written."""
    make = Arrays.__init__

    def with_nan(arrays, lowering, n_rows):
        make(arrays, lowering, n_rows)
        assert isinstance(lowering, Wide)
        arrays.workspace[lowering.numbers :] = 255
        MADE[:] = [arrays]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dispatch, "is_wide", lambda *_: True)
        patch.setattr(dispatch, "is_in_units", lambda *_: False)
        patch.setattr(Arrays, "__init__", with_nan)
        yield


def train(job, epochs=3, n_threads=1, engine=None):
    """Return state and statistics after some epochs in the kernel."""
    engine = engine or CompiledEngine()
    start = ReferenceEngine().start(job, job.model.init(job.seed, job.data.x.dtype))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cores, "share", lambda: n_threads)
        state, stats = engine.run(job, start, range(1, epochs + 1))
    layout = MADE[0].lowering.layout
    gaps = np.delete(MADE[0].params[: layout.size, 0], layout.places)
    np.testing.assert_array_equal(gaps, 0)
    return state, stats


def expected_of(job, epochs=3):
    engine = ReferenceEngine()
    start = engine.start(job, job.model.init(job.seed, job.data.x.dtype))
    return engine.run(job, start, range(1, epochs + 1))


def check(job, epochs=3, n_threads=1):
    """The kernel ends with the parameters, slots and losses of the reference engine."""
    expected, expected_stats = expected_of(job, epochs)
    state, stats = train(job, epochs, n_threads)
    rtol = TOLERANCE[job.data.x.dtype.name]
    np.testing.assert_allclose(stats.losses, expected_stats.losses, rtol=rtol)
    np.testing.assert_allclose(stats.penalties, expected_stats.penalties, rtol=rtol)
    for found, wanted in arrays_of(state, expected):
        np.testing.assert_allclose(found, wanted, rtol=rtol, atol=rtol * 1e-2)


def arrays_of(*states):
    """Yield the same array of each state: all parameters and slots."""
    for name in states[0].params:
        yield [state.params[name] for state in states]
        for slot in states[0].slots:
            yield [state.slots[slot][name] for state in states]


@st.composite
def jobs(draw):
    loss = draw(st.sampled_from(one_of_each(LOSSES.values())))
    n_outputs = 1 if isinstance(loss, PerceptronCriterion | Hinge) else draw(st.integers(2, 5))
    widths = draw(st.lists(st.integers(1, 40), min_size=1, max_size=4))
    layers = list(draw(st.sampled_from(BETWEEN)))
    for n_in, n_out in zip(widths, [*widths[1:], n_outputs], strict=True):
        layers += [Linear(n_in, n_out, bias=draw(st.booleans())), *draw(st.sampled_from(BETWEEN))]
    if isinstance(loss, CategoricalCrossEntropy):
        layers.append(Softmax())
    elif not isinstance(layers[-1], Linear):
        layers.append(Linear(n_outputs, n_outputs))
    n = draw(st.integers(n_outputs + 1, 75))
    return job_of(
        rb.Sequential(layers),
        loss,
        n,
        draw(st.integers(1, n)),
        draw(st.sampled_from(RULES)),
        weighted=draw(st.booleans()),
        data_seed=draw(st.integers(0, 99)),
        penalty=draw(st.sampled_from([0.0, 0.3])),
    )


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(job=jobs(), n_threads=st.integers(1, 3))
def test_networks_of_any_kind(job, n_threads):
    state, stats = expected_of(job)
    # Where weights explode, rounding grows as they do.
    largest = max(np.abs(value).max() for value in state.params.values())
    assume(stats.divergence is None and largest < 100)
    check(job, n_threads=n_threads)


@pytest.mark.cases(3)
@pytest.mark.parametrize("loss", one_of_each(LOSSES.values(), *MORE_LOSSES), ids=repr)
def test_losses(loss):
    n_outputs = 1 if isinstance(loss, PerceptronCriterion | Hinge) else 3
    ends = [Softmax()] if isinstance(loss, CategoricalCrossEntropy) else []
    model = rb.Sequential([Linear(5, 9), Tanh(), Linear(9, n_outputs), *ends])
    job = job_of(model, loss, 50, 12, weighted=True)
    if loss == PerceptronCriterion("mistakes"):
        job = replace(job, sum_losses=False)  # which it does not have
    check(job, n_threads=2)


@pytest.mark.cases(2)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations(activation):
    model = rb.MLP(6, [70, 7], 3, activation=activation, dropout=0.3)
    # Squares diverge at higher rates.
    check(job_of(model, model.default_loss, 50, 12, rb.SGD(1e-3)), n_threads=2)


@pytest.mark.cases(2)
@pytest.mark.parametrize("optimizer", one_of_each(OPTIMIZERS.values(), *MORE_OPTIMIZERS), ids=repr)
def test_optimizers(optimizer):
    optimizer = replace(optimizer, learning_rate=0.01)
    model = rb.MLP(33, [20, 12], 3, activation="tanh")
    check(job_of(model, model.default_loss, 70, 32, optimizer, penalty=0.1))


def test_gradients_of_layers_without_anything_between_them_keep_the_gaps_zero():
    model = rb.Sequential([Linear(3, 5), Linear(5, 4), Linear(4, 3)])
    check(job_of(model, SoftmaxCrossEntropy(), 30, 10, rb.Adam(0.01)))


class Gain(Layer):
    """x times a matrix of parameters, number by number of its diagonal: nothing for vectors."""

    shapes: ClassVar = {"weight": (4, 1)}

    def n_outputs_for(self, n_inputs):
        return n_inputs

    def init(self, rng):
        return {"weight": np.ones((4, 1))}

    def forward(self, params, x):
        return x * params["weight"].T, x

    def backward(self, params, cache, dy):
        return dy * params["weight"].T, {"weight": (dy * cache).sum(axis=0)[:, np.newaxis]}


def test_float32():
    model = rb.MLP(33, [40, 12], 3, activation="tanh", dropout=0.2)
    job = job_of(model, model.default_loss, 70, 32, rb.SGD(0.05), "float32", weighted=True)
    check(job, n_threads=2)


@pytest.mark.parametrize("most", [10, 32])
@pytest.mark.parametrize("batch_size", [31, 64, 100])
def test_batches_in_parts_are_batches(batch_size, most, monkeypatch):
    monkeypatch.setattr(wide, "MOST_SAMPLES", most)
    model = rb.MLP(6, [20], 3, dropout=0.2)
    check(job_of(model, model.default_loss, 100, batch_size, rb.Adam(0.01), weighted=True))


def wide_job(optimizer, dtype="float32", **how):
    model = rb.MLP(200, [150, 40], 10, **how)
    return job_of(model, model.default_loss, 500, 128, optimizer, dtype)


@pytest.mark.parametrize("optimizer", [rb.SGD(0.05), rb.Adam(0.01)], ids=repr)
def test_the_same_bits_on_any_number_of_threads(optimizer):
    job, engine = wide_job(optimizer, dropout=0.1), CompiledEngine()
    first, first_stats = train(job, 2, 1, engine)
    for n_threads in (1, 2, 2, 3, 8):
        state, stats = train(job, 2, n_threads, engine)
        assert stats == first_stats
        for found, wanted in arrays_of(state, first):
            np.testing.assert_array_equal(found, wanted)


def test_float32_after_many_updates():
    """Smooth layers stay with float64; a rectifier may take another side of 0 for one sample."""
    job = wide_job(rb.SGD(0.05), activation="tanh")
    epochs = 52  # 208 updates
    double = replace(
        job,
        data=replace(job.data, x=job.data.x.astype("f8"), targets=job.data.targets.astype("f8")),
    )
    state, _ = expected_of(double, epochs)
    found, _ = train(job, epochs, 2)
    for name, value in state.params.items():
        assert np.abs(found.params[name] - value).max() < 2e-5 * np.abs(value).max()


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_blocks_of_gradients_are_finished_once(dtype):
    """With Adam, two steps with a part of a gradient each are not one step with all of it."""
    rate, epochs = 0.001, 3
    model = rb.MLP(70, [90, 130], 10, activation="tanh")
    job = job_of(model, model.default_loss, 600, 250, rb.Adam(rate), dtype)
    expected, expected_stats = expected_of(job, epochs)
    state, stats = train(job, epochs, 2)
    np.testing.assert_allclose(stats.losses, expected_stats.losses, rtol=TOLERANCE[dtype])
    # Adam divides a gradient by its size. Where its terms nearly cancel, their rounding decides,
    # and a step may differ by up to twice the rate. That is rare; parts of a gradient move all.
    n_updates = epochs * 3
    # Sums of 250 terms in two orders, through two layers.
    rounding = 2 * 250 * np.finfo(dtype).eps
    for found, wanted in arrays_of(state, expected):
        limit = TOLERANCE[dtype] * np.abs(wanted) + rounding * np.abs(wanted).max()
        far = np.abs(found - wanted) > limit
        assert far.mean() <= (0.0 if dtype == "float64" else 1e-3)
    for name, wanted in expected.params.items():
        assert np.abs(state.params[name] - wanted).max() <= 2 * rate * n_updates


@pytest.mark.parametrize("most", [40, 256])
@pytest.mark.parametrize("loss", [SoftmaxCrossEntropy(), HalfSquaredError()], ids=repr)
def test_measurements(loss, most, monkeypatch):
    monkeypatch.setattr(wide, "MOST_SAMPLES", most)
    model = rb.MLP(20, [50], 10, activation="tanh")
    job = job_of(model, loss, 333, 32, weighted=True)
    params = model.init(1)
    expected = ReferenceEngine().evaluate(model, loss, params, job.data)
    found = CompiledEngine().evaluate(model, loss, params, job.data)
    assert found.loss == pytest.approx(expected.loss, rel=1e-12)
    np.testing.assert_equal(found.accuracy, expected.accuracy)


@pytest.mark.parametrize("model", [
    rb.MLP(20, [30, 40], 3, dropout=0.2),
    rb.Sequential([Linear(4, 5), Softmax(), Linear(5, 3, bias=False)]),
], ids=["mlp", "softmax"])  # fmt: skip
def test_nothing_is_read_before_it_is_written_or_after_its_step(model):
    job = job_of(model, SoftmaxCrossEntropy(), 50, 12, rb.Adam(0.01), penalty=0.1)
    lowering = Wide(program_of(job), Target.host(), "f8", 12)
    stages = lowering.stages
    for number, work in lowering.work.items():
        for item in work:
            if isinstance(item, str):
                assert all(last < number for last in stages.readers(item))
    for node in stages.nodes:
        for arg in node.args:
            if arg in stages.stage and node in stages.stage:
                assert stages.stage[arg] <= stages.stage[node]
            if node.op == "matmul" and arg in stages.stage:
                assert stages.stage[arg] < stages.stage[node]


def test_weights_that_are_read_late_take_their_step_later():
    """dx of a layer needs its weights in a stage in which their gradient is ready already."""
    model = rb.MLP(8, [9, 10, 11], 3)
    job = job_of(model, model.default_loss, 30, 10)
    lowering = Wide(program_of(job), Target.host(), "f8", 10)
    step = {item: n for n, work in lowering.work.items() for item in work if isinstance(item, str)}
    for name in ("2.weight", "4.weight", "6.weight"):
        assert step[name] > max(lowering.stages.readers(name))


def test_places():
    model = rb.MLP(3, [5], 2)
    program = program_of(job_of(model, model.default_loss, 9, 3))
    layout = PaddedLayout.of(program, 4)
    assert layout.offsets["0.weight"] == 0
    assert layout.places[:15].tolist() == [0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 16, 17, 18, 19, 20]
    assert len(set(layout.places.tolist())) == len(layout.places) == 3 * 5 + 5 + 5 * 2 + 2
    assert layout.extent("2.weight") == 5 * 4


class Pairs(Layer):
    """The largest of each two units."""

    def n_outputs_for(self, n_inputs):
        return n_inputs // 2

    def forward(self, params, x):
        pairs = x.reshape(len(x), -1, 2)
        return np.maximum(pairs[:, :, 0], pairs[:, :, 1]), pairs

    def backward(self, params, cache, dy):
        wins = (cache[:, :, 0] > cache[:, :, 1])[:, :, np.newaxis]
        sides = np.where(wins, np.array([1.0, 0.0]), np.array([0.0, 1.0]))
        return (dy[:, :, np.newaxis] * sides).reshape(len(dy), -1), {}


def test_layers_with_several_axes_are_refused():
    model = rb.Sequential([Linear(4, 8), Pairs(), Linear(4, 3)])
    program = program_of(job_of(model, SoftmaxCrossEntropy(), 20, 8))
    with pytest.raises(LoweringError, match=r"test_wide\.py:\d+"):
        Wide(program, Target.host(), "f8", 8)


def test_parameters_that_are_no_row_are_refused():
    model = rb.Sequential([Linear(4, 4), Gain(), Linear(4, 3)])
    program = program_of(job_of(model, SoftmaxCrossEntropy(), 20, 8))
    with pytest.raises(LoweringError, match=r"wide array .*test_wide\.py:\d+"):
        Wide(program, Target.host(), "f8", 8)


def test_the_choice():
    target = NAMED["avx2"]

    def chosen(widths, batch_size):
        model = rb.MLP(widths[0], widths[1:-1], widths[-1])
        program = program_of(job_of(model, model.default_loss, 30, 10))
        return IS_WIDE(program, target, "f8", batch_size)

    assert chosen([784, 256, 128, 10], 16)  # a matrix that outgrows the second cache
    assert chosen([64, 100, 10], 200)  # products that threads share
    assert not chosen([64, 100, 10], 40)
    assert not chosen([14, 100, 2], 200)


@pytest.fixture
def only_helpers_work(monkeypatch, tmp_path):
    """The thread that trains opens stages and computes no part of them, in kernels of their own."""
    claims = "call void @claim(ptr %board, i64 %opened, i64 0)"
    assert team._SHARE.count(claims) == 1
    monkeypatch.setattr(team, "_SHARE", team._SHARE.replace(claims, ""))
    # However long the helper takes, the next stage waits for it, too.
    monkeypatch.setattr(team, "LEAST_ALONE", 0)
    monkeypatch.setattr(team, "MOST_ALONE", 0)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(cores, "share", lambda: 2)


def test_denormal_results_are_zero(monkeypatch):
    monkeypatch.setattr(cores, "share", lambda: 1)
    assert_momentum_vanishes()


@pytest.mark.usefixtures("only_helpers_work")
def test_denormal_results_of_helpers_are_zero():
    assert_momentum_vanishes()


def assert_momentum_vanishes():
    # No unit of the first layer ever answers, so that its momentum only shrinks.
    model = rb.MLP(8, [512], 2)
    params = {name: value.astype(np.float32) for name, value in model.init(0).items()}
    params["0.bias"] = np.full_like(params["0.bias"], -100)
    x = np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32)
    data = Samples(x, np.eye(2, dtype=np.float32)[[0, 0, 0, 1] * 16])
    job = Job(model, SoftmaxCrossEntropy(), rb.Adam(0.001), data, 64, shuffle=False, seed=0)
    engine = CompiledEngine()
    state = engine.start(job, params)
    m = {name: np.full_like(value, 1e-30) for name, value in params.items()}
    state, _ = engine.run(job, replace(state, slots=state.slots | {"m": m}), range(1, 400))
    assert not state.slots["m"]["0.weight"].any()
    assert state.params["2.bias"].any()
    assert np.float32(1e-37) / np.float32(1e3) > 0
