"""Products in BLAS: the kernel of wide networks against the reference engine, in small."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numba import njit
from rosenblatt.engines.compiled.ways import is_wide, kernel_for
from threadpoolctl import threadpool_info

import rosenblatt as rb
from instances import MORE_LOSSES, labels_for, one_of_each
from rosenblatt import cores
from rosenblatt.data import Dataset
from rosenblatt.engines import Divergence, Job, ReferenceEngine, Samples
from rosenblatt.engines.compiled import blas, engine, matrices, perceptron, room, shards, team, ways
from rosenblatt.engines.compiled.engine import CompiledEngine
from rosenblatt.layers import Dropout, LeakyReLU, Linear, ReLU, Sigmoid, Softmax, Tanh
from rosenblatt.losses import (
    LOSSES,
    CategoricalCrossEntropy,
    PerceptronCriterion,
    SoftmaxCrossEntropy,
)
from rosenblatt.optimizers import Cosine

TOLERANCE = {"float64": 1e-9, "float32": 1e-4}
BETWEEN = (
    [],
    [ReLU()],
    [LeakyReLU(0.3)],
    [Tanh()],
    [Sigmoid()],
    [Softmax()],
    [Dropout(0.3)],
    [ReLU(), Dropout(0.5)],
    [Dropout(0.2), Tanh(), ReLU()],
)
OPTIMIZERS = (
    rb.SGD(0.05),
    rb.SGD(Cosine(0.05, 20)),
    rb.SGD(0.05, weight_decay=0.1),
    rb.SGD(0.05, momentum=0.9),
    rb.SGD(0.05, momentum=0.9, nesterov=True),
    rb.RMSProp(0.01),
    rb.Adam(Cosine(0.01, 20)),
    rb.AdamW(0.01),
)
RULE = {
    name: getattr(ways, name) for name in ("WIDE", "LEAST_WIDTH", "LEAST_ROWS", "MOST_PRODUCTS")
}


@pytest.fixture(scope="module", autouse=True)
def every_network_is_wide():
    with pytest.MonkeyPatch.context() as patch:
        for name in RULE:
            patch.setattr(ways, name, 1)
        patch.setattr(ways, "FEW_PARAMS", 0)
        yield


def samples_for(loss, n, n_inputs, n_outputs, *, weighted=False, seed=0):
    rng = np.random.default_rng(seed)
    weights = rng.uniform(0.5, 2, n) * (rng.uniform(size=n) < 0.9) if weighted else None
    if weighted:
        weights[0] = 1.0
    labels = labels_for(loss, rng, n, n_outputs)
    return Dataset(rng.normal(size=(n, n_inputs)), labels, sample_weight=weights)


def job_of(model, loss, data, optimizer=OPTIMIZERS[0], *, batch_size=7, shuffle=True, **how):
    samples = Samples.of(model, loss, data, how.get("dtype", "float64"))
    return Job(model, loss, optimizer, samples, batch_size, shuffle, how.get("seed", 5))


def train(job, epochs=range(1, 4), compiled=None):
    start = ReferenceEngine().start(job, job.model.init(job.seed, job.data.x.dtype))
    return (compiled or CompiledEngine()).run(job, start, epochs)


def check(job, epochs=range(1, 4), kernel=matrices.train):
    """The kernel ends with the parameters and slots of the reference engine."""
    assert kernel_for(job) is kernel
    expected, expected_sums = train(job, epochs, ReferenceEngine())
    state, sums = train(job, epochs)
    dtype = job.data.x.dtype
    rtol = TOLERANCE[dtype.name]
    assert sums.divergence == expected_sums.divergence
    np.testing.assert_allclose(sums.losses, expected_sums.losses, rtol=rtol)
    np.testing.assert_allclose(sums.penalties, expected_sums.penalties, rtol=rtol)
    assert state.update == expected.update
    for got, wanted in [(state.params, expected.params)] + [
        (state.slots[slot], values) for slot, values in expected.slots.items()
    ]:
        assert list(got) == list(wanted)
        for name, value in wanted.items():
            assert got[name].dtype == dtype
            np.testing.assert_allclose(got[name], value, rtol=rtol, atol=rtol * 1e-2)


@st.composite
def jobs(draw):
    loss = draw(st.sampled_from(one_of_each(LOSSES.values(), *MORE_LOSSES)))
    n_outputs = 1 if isinstance(loss, PerceptronCriterion) else draw(st.integers(2, 5))
    widths = draw(st.lists(st.integers(1, 40), min_size=1, max_size=4))
    layers = list(draw(st.sampled_from(BETWEEN)))
    for n_in, n_out in zip(widths, [*widths[1:], n_outputs], strict=True):
        layers += [Linear(n_in, n_out, bias=draw(st.booleans())), *draw(st.sampled_from(BETWEEN))]
    if isinstance(loss, CategoricalCrossEntropy):
        layers.append(Softmax())
    n = draw(st.integers(n_outputs + 1, 75))
    data = samples_for(
        loss, n, widths[0], n_outputs, weighted=draw(st.booleans()), seed=draw(st.integers(0, 99))
    )
    return job_of(
        rb.Sequential(layers),
        loss,
        data,
        draw(st.sampled_from(OPTIMIZERS)),
        batch_size=draw(st.integers(1, n)),
        shuffle=draw(st.booleans()),
    )


def stays_small(job):
    """Return whether training is stable: where weights explode, rounding grows as they do."""
    state, sums = train(job, compiled=ReferenceEngine())
    return sums.divergence is None and max(np.abs(v).max() for v in state.params.values()) < 100


@settings(max_examples=60, deadline=None)
@given(job=jobs())
def test_networks_of_any_kind(job):
    assume(stays_small(job))
    check(job)


# Samples shared instead of units


@pytest.fixture
def few_weights(monkeypatch):
    monkeypatch.setattr(ways, "FEW_PARAMS", 10**6)
    monkeypatch.setattr(shards, "LEAST_SAMPLES", 4)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(job=jobs(), penalty=st.sampled_from([0.0, 0.5]), dtype=st.sampled_from(list(TOLERANCE)))
def test_shards_of_networks_of_any_kind(few_weights, job, penalty, dtype):
    assume(job.batch_size >= 8 and not isinstance(job.loss, PerceptronCriterion))
    given_weight = job.data.sample_weight
    data = Samples(
        job.data.x.astype(dtype),
        job.data.targets.astype(dtype),
        None if given_weight is None else given_weight.astype(dtype),
    )
    job = replace(job, data=data, penalty=penalty, sum_losses=True)
    # At the edge of what numbers can be, a loss that has grown by exp overflows here or there.
    assume(train(job, compiled=ReferenceEngine())[1].divergence is None)
    check(job, kernel=shards.train)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_optimizers_of_shards(few_weights, optimizer):
    model = rb.MLP(33, [40, 12], 3, activation="tanh", dropout=0.2)
    data = samples_for(model.default_loss, 70, 33, 3, weighted=True)
    check(job_of(model, model.default_loss, data, optimizer, batch_size=32), kernel=shards.train)


def test_shards_end_with_the_same_bits_on_any_number_of_cores(few_weights, monkeypatch):
    job = replace(wide_job(optimizer=rb.Adam(0.01)), penalty=0.1, sum_losses=True)
    ended = []
    for n_cores in (1, 1, 2, 2, 3, 7):
        monkeypatch.setattr(cores, "available", lambda n=n_cores: n)
        assert ways.helpers_for(job) == min(n_cores, 4) - 1
        ended.append(train(job))
    check(job, kernel=shards.train)
    for state, sums in ended[1:]:
        assert sums == ended[0][1]
        for name, value in ended[0][0].params.items():
            np.testing.assert_array_equal(state.params[name], value)


def test_which_networks_share_samples(monkeypatch):
    monkeypatch.setattr(ways, "FEW_PARAMS", 10_000)
    loss, data = SoftmaxCrossEntropy(), samples_for(SoftmaxCrossEntropy(), 300, 64, 10)

    def chosen(width, batch_size):
        job = job_of(rb.MLP(64, [width], 10), loss, data, batch_size=batch_size)
        return kernel_for(job)

    assert chosen(100, 128) is shards.train
    assert chosen(100, 127) is chosen(200, 128) is matrices.train


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_optimizers_in_both_types(optimizer, dtype):
    loss = SoftmaxCrossEntropy()
    model = rb.MLP(33, [40, 12], 3, activation="tanh", dropout=0.2)
    data = samples_for(loss, 70, 33, 3, weighted=True)
    check(job_of(model, loss, data, optimizer, batch_size=32, dtype=dtype))


@pytest.mark.parametrize("layers", BETWEEN, ids=repr)
@pytest.mark.parametrize("loss", one_of_each(LOSSES.values(), *MORE_LOSSES), ids=repr)
def test_losses_after_and_before_layers(loss, layers):
    n_outputs = 1 if isinstance(loss, PerceptronCriterion) else 3
    ends = [Softmax()] if isinstance(loss, CategoricalCrossEntropy) else []
    model = rb.Sequential([Linear(5, 9), *layers, Linear(9, n_outputs), *ends])
    data = samples_for(loss, 50, 5, n_outputs, weighted=True)
    check(job_of(model, loss, data, batch_size=12))


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("batch_size", [1, 31, 32, 33, 64, 99, 100])
@pytest.mark.parametrize("rows_at_once", [10, 32, 1024])
def test_batches_in_parts_are_batches(batch_size, rows_at_once, shuffle, monkeypatch):
    monkeypatch.setattr(room, "ROWS_AT_ONCE", rows_at_once)
    model = rb.MLP(6, [11], 3, dropout=0.2)
    data = samples_for(model.default_loss, 100, 6, 3)
    check(job_of(model, model.default_loss, data, batch_size=batch_size, shuffle=shuffle))


def test_samples_without_weight_leave_the_model_as_it_is():
    model = rb.MLP(3, [4], 2)
    weights = np.repeat([1.0, 0.0], 10)
    data = Dataset(np.ones((20, 3)), np.arange(20) % 2, sample_weight=weights)
    check(job_of(model, model.default_loss, data, batch_size=10, shuffle=False))


def wide_job(seed=0, optimizer=OPTIMIZERS[0]):
    model = rb.MLP(200, [150], 10, dropout=0.1)
    data = samples_for(model.default_loss, 500, 200, 10)
    return job_of(model, model.default_loss, data, optimizer, batch_size=128, seed=seed)


@pytest.mark.parametrize("optimizer", [rb.SGD(0.05), rb.Adam(0.01)], ids=repr)
def test_twice_the_same_is_the_same_to_the_last_bit_on_any_number_of_cores(optimizer, monkeypatch):
    job = wide_job(optimizer=optimizer)
    ended = []
    for n_cores in (1, 1, 2, 2, 3, 7):
        monkeypatch.setattr(cores, "available", lambda n=n_cores: n)
        assert ways.helpers_for(job) == min(n_cores, 4) - 1
        ended.append(train(job)[0])
        check(job)
    for state in ended[1:]:
        for name, value in ended[0].params.items():
            np.testing.assert_array_equal(state.params[name], value)


def test_a_population_is_its_members_alone(monkeypatch):
    monkeypatch.setattr(cores, "available", lambda: 3)
    of_many = [wide_job(seed) for seed in range(9)]
    starts = [ReferenceEngine().start(job, job.model.init(job.seed)) for job in of_many]
    together = CompiledEngine().run_many(of_many, starts, range(1, 4))
    for job, (state, _) in zip(of_many, together, strict=True):
        alone, _ = train(job, compiled=ReferenceEngine())
        for name, value in alone.params.items():
            np.testing.assert_allclose(state.params[name], value, rtol=1e-9, atol=1e-12)


def test_blas_has_no_threads_of_its_own_while_a_wide_network_trains():
    def threads():
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    before = threads()
    with engine._blas_alone(wide_job().model):
        assert threads() == {1}
    assert threads() == before


@pytest.mark.parametrize("weighted", [False, True])
def test_a_wide_network_is_measured_in_blocks_of_rows(weighted, monkeypatch):
    monkeypatch.setattr(engine, "ROWS_AT_ONCE", 4)
    model, rng = rb.MLP(40, [40], 3), np.random.default_rng(5)
    # The weights of a whole block are 0.
    weight = np.repeat([1.0, 0.0, 2.0], [4, 4, 3]) if weighted else None
    data = Dataset(rng.normal(size=(11, 40)), np.arange(11) % 3, sample_weight=weight)
    samples, params = Samples.of(model, model.default_loss, data, "float64"), model.init(0)
    expected = ReferenceEngine().evaluate(model, model.default_loss, params, samples)
    for n_cores in (1, 2):
        monkeypatch.setattr(cores, "available", lambda n=n_cores: n)
        measured = CompiledEngine().evaluate(model, model.default_loss, params, samples)
        assert measured.loss == pytest.approx(expected.loss, rel=1e-12)
        assert measured.accuracy == expected.accuracy


def test_small_products_need_no_help(monkeypatch):
    monkeypatch.setattr(cores, "available", lambda: 2)
    model = rb.MLP(32, [32], 2)
    data = samples_for(model.default_loss, 9, 32, 2)
    assert ways.helpers_for(job_of(model, model.default_loss, data)) == 0


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_a_team_does_every_part_once(n_threads):
    board, done = team.new_board(), np.zeros((300, 7), dtype=np.int64)
    with team.helpers(n_threads - 1, board, lambda: take(board, done)):
        give(board, done)
    assert (done == 1).all()


def test_a_run_that_diverges_says_where():
    job = wide_job(optimizer=rb.SGD(1e200))
    _, expected = train(job, compiled=ReferenceEngine())
    _, sums = train(job)
    assert sums == expected
    assert isinstance(sums.divergence, Divergence)


@njit(nogil=True)
def take(board, done):
    while not team.is_closed(board):
        take_parts(board, done)


@njit(nogil=True)
def take_parts(board, done):
    number = team.claim(board)
    while number >= 0:
        done[board[team.WORK], number] += 1
        team.finish(board)
        number = team.claim(board)


@njit(nogil=True)
def give(board, done):
    for work in range(len(done)):
        board[team.WORK] = work
        team.open_work(board, done.shape[1])
        take_parts(board, done)
        while not team.is_done(board):
            team.stand_back()


# The product alone, and who gets it


@njit
def multiply(gemm, m, n, k, alpha, a, b, beta, c):
    blas.multiply(gemm, m, n, k, alpha, a, b, beta, c)


def as_matrix(values, by_rows, gap):
    """Return ``values`` as they lie in an array from its 3rd number on, and the array."""
    laid = values if by_rows else values.T
    array = np.full((laid.shape[0], laid.shape[1] + gap), 7, dtype=values.dtype)
    array[:, : laid.shape[1]] = laid
    array = np.concatenate([np.full(3, 7, dtype=values.dtype), array.ravel()])
    step = laid.shape[1] + gap
    return blas.Matrix(array, 3, *((step, 1) if by_rows else (1, step)))


@settings(max_examples=200, deadline=None)
@given(
    sizes=st.tuples(*[st.integers(1, 9)] * 3),
    by_rows=st.tuples(*[st.booleans()] * 3),
    gap=st.integers(0, 2),
    beta=st.sampled_from([0.0, 1.0, -0.5]),
    dtype=st.sampled_from(list(TOLERANCE)),
)
def test_products_of_matrices_as_they_lie(sizes, by_rows, gap, beta, dtype):
    m, n, k = sizes
    rng = np.random.default_rng(0)
    a, b, c = (rng.normal(size=size).astype(dtype) for size in ((m, k), (k, n), (m, n)))
    matrix_a, matrix_b, got = (
        as_matrix(values, rows, gap) for values, rows in zip((a, b, c), by_rows, strict=True)
    )
    multiply(blas.gemm_of(dtype), m, n, k, 0.3, matrix_a, matrix_b, beta, got)
    expected = as_matrix(0.3 * a @ b + beta * c, by_rows[2], gap)
    # What lies between and before the columns is left as it was.
    np.testing.assert_allclose(got.array, expected.array, rtol=1e-5, atol=1e-6)
    if dtype == "float64":
        np.testing.assert_allclose(got.array, expected.array, rtol=1e-12, atol=1e-14)


def test_which_networks_are_wide(monkeypatch):
    for name, value in RULE.items():
        monkeypatch.setattr(ways, name, value)
    assert is_wide(rb.MLP(784, [256, 128], 10))
    assert is_wide(rb.MLP(2, [32, 32], 2))
    assert is_wide(rb.MLP(32, [], 8))
    assert not is_wide(rb.MLP(2, [1000], 2))
    assert not is_wide(rb.MLP(31, [31], 31))
    model = rb.MLP(32, [32], 2)
    data = samples_for(model.default_loss, 9, 32, 2)
    kernels = [kernel_for(job_of(model, model.default_loss, data, batch_size=b)) for b in (2, 3, 9)]
    assert [kernel is matrices.train for kernel in kernels] == [False, True, True]


def test_a_perceptron_keeps_its_own_kernel():
    model = rb.Perceptron(40)
    data = Dataset(np.ones((9, 40)), np.arange(9) % 2)
    assert kernel_for(job_of(model, model.default_loss, data)) is perceptron.train_in_order
