"""The driver: what it gives to a lowering for each batch, and the orders that it shuffles."""

from dataclasses import replace

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.engines.base import Job, Samples, State
from rosenblatt.engines.compiled.build import compile_text, load
from rosenblatt.engines.compiled.driver import kernel_text, shuffle_function
from rosenblatt.engines.compiled.engine import CompiledEngine
from rosenblatt.engines.compiled.ir import Code, module_text
from rosenblatt.engines.compiled.lowering import Lowering, layout_of
from rosenblatt.engines.compiled.packing import Arrays, Table, aligned
from rosenblatt.engines.compiled.program import training_program
from rosenblatt.engines.compiled.target import Target
from rosenblatt.losses import SoftmaxCrossEntropy
from rosenblatt.optimizers import SGD
from rosenblatt.random import Key, epoch_order

LOGGED = ("first", "count", "update", "row", "share", "rate", "penalty")
N = 23


class Log(Lowering):
    """A lowering that writes down its operands, for each update a row of the workspace."""

    def __init__(self, program, dtype, members):
        self.program, self.target, self.dtype = program, Target.host(), np.dtype(dtype)
        self.lanes, self.members = self.target.lanes(dtype), members
        self.layout = layout_of(program, self.lanes)
        self.workspace = 1 << 16

    def functions(self):
        return []

    def emit_batch(self, code, call):
        lanes = self.lanes if self.members else 1
        at = code.integer("mul", call.update, len(LOGGED) * lanes)
        with code.width(1):
            for lane in range(lanes):
                position = code.integer("add", call.first, code.integer("mul", call.n_rows, lane))
                row = code.load(code.at(call.order, position, "i32"), "i32", align=4)
                row = code.inst(f"zext i32 {row} to i64")
                whole = [call.first, call.count, call.update, row]
                for place, value in enumerate(whole):
                    number = code.inst(f"sitofp i64 {value} to {code.scalar}")
                    pointer = code.at(call.workspace, code.integer("add", at, place * lanes + lane))
                    code.store(number, pointer)
        with code.width(lanes):
            for place, value in enumerate([call.share, call.rate, call.penalty], len(whole)):
                pointer = code.at(call.workspace, code.integer("add", at, place * lanes))
                code.store(value, pointer)


def logged(weighted=False, members=False, dtype=np.float64, **fields):
    """Run a kernel of 3 epochs in batches of 5, and return its log, (updates, operands, lanes)."""
    model, rng = rb.MLP(2, [], 1), np.random.default_rng(0)
    loss = rb.losses.HalfSquaredError()
    flags = {"is_weighted": weighted, "has_penalty": True, "has_losses": True}
    lowering = Log(training_program(model, loss, SGD(0.1), dtype, **flags), dtype, members)
    train = load(compile_text(kernel_text(lowering), lowering.target)).function()
    weights = rng.uniform(0, 2, N).astype(dtype) if weighted else None
    sets = [
        Samples(rng.normal(size=(N, 2)).astype(dtype), np.zeros((N, 1), dtype), weights)
        for _ in range(2 if members else 1)
    ]
    table, arrays = Table.of(sets), Arrays(lowering, N)
    starts = [table.starts[id(one)] for one in sets]
    arrays.put_states([State(model.init(0), {})] * len(sets))
    arrays.shuffle(starts) if fields.pop("shuffles", True) else arrays.take_in_order(starts)
    n_lanes = arrays.n_members
    sums = np.zeros((3, 2, n_lanes), dtype)
    how = {
        "rows": table.rows,
        "order_keys": arrays.per_member([Key.of(7, "order").value, Key.of(8, "order").value], "u8")
        if members
        else np.array([Key.of(7, "order").value], "u8"),
        "random_keys": np.zeros(n_lanes, "u8"),
        "penalty": arrays.per_member([0.5, 0.25] if members else [0.5], dtype),
        "rates": arrays.per_member([0.1, 0.2] if members else [0.1], dtype),
        "rate_stride": 0,
        "settings": np.zeros((0, n_lanes), dtype),
        "sums": sums,
        "batch_size": 5,
        "first_row": 0,
        "stop_row": N,
        "first_epoch": 4,
        "n_epochs": 3,
        "update": 0,
    }
    if weighted:
        how["weights"] = table.weights
    arrays.give(**(how | fields))
    train(arrays.frame)
    log = arrays.workspace.view(dtype)[: 60 * len(LOGGED) * n_lanes]
    norms = [float((value**2).sum()) for name, value in model.init(0).items() if "weight" in name]
    return log.reshape(60, len(LOGGED), n_lanes), weights, sums, sum(norms)


def expected(seed, weights, *, alpha, rate, start=0, batches=range(5), dtype=np.float64):
    """Return what a member should have logged."""
    rows, update = [], 0
    for epoch in (4, 5, 6):
        order = epoch_order(seed, epoch, N)
        for batch in batches:
            first = 5 * batch
            some = order[first : first + 5]
            total = len(some) if weights is None else weights[some].sum()
            numbers = [first, len(some), update, start + order[first]]
            rows.append([*numbers, 1 / total, rate, alpha / total])
            update += 1
    return np.array(rows)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("members", [False, True])
def test_operands_of_batches(weighted, members, dtype):
    log, weights, _, _ = logged(weighted, members, dtype)
    rtol = 1e-14 if dtype == np.float64 else 1e-6
    found = log[:15]
    own = expected(7, weights, alpha=0.5, rate=0.1)
    np.testing.assert_allclose(found[:, :, 0], own, rtol=rtol)
    assert not log[15:].any()
    if members:
        # Each member has its own rows, rate and penalty; lanes that are left over repeat the first.
        other = expected(8, weights, alpha=0.25, rate=0.2, start=N)
        np.testing.assert_allclose(found[:, :, 1], other, rtol=rtol)
        np.testing.assert_array_equal(found[:, :, 2:], found[:, :, :1].repeat(log.shape[2] - 2, 2))


def test_a_part_of_an_epoch_has_its_batches_alone():
    log, _, _, _ = logged(first_row=10, stop_row=20)
    own = expected(7, None, alpha=0.5, rate=0.1, batches=range(2, 4))
    np.testing.assert_allclose(log[:6, :, 0], own, rtol=1e-14)
    assert not log[6:].any()


def test_updates_are_counted_on_and_have_their_rates():
    rates = np.arange(1.0, 16.0)
    log, _, _, _ = logged(update=12, rates=rates, rate_stride=1)
    assert not log[:12].any()
    np.testing.assert_array_equal(log[12:27, LOGGED.index("update"), 0], np.arange(12, 27))
    np.testing.assert_array_equal(log[12:27, LOGGED.index("rate"), 0], rates)


def test_rows_are_taken_in_order_or_as_they_are_given():
    log, _, _, _ = logged(shuffles=False)
    row = log[:15, LOGGED.index("row"), 0].reshape(3, 5)
    np.testing.assert_array_equal(row, [[0, 5, 10, 15, 20]] * 3)
    orders = np.random.default_rng(1).permuted(np.tile(np.arange(N), (3, 1)), axis=1)
    orders = orders.astype(np.int32)
    log, _, _, _ = logged(shuffles=False, orders=orders, order_stride=N)
    row = log[:15, LOGGED.index("row"), 0].reshape(3, 5)
    np.testing.assert_array_equal(row, orders[:, ::5])


@pytest.mark.parametrize("members", [False, True])
def test_penalties_are_summed_for_each_epoch(members):
    _, _, sums, norm = logged(members=members)
    # Σ over batches of ½ (α / n) ‖W‖² n.
    np.testing.assert_allclose(sums[:, 1, 0], [0.5 * 0.5 * norm * 5] * 3, rtol=1e-14)
    if members:
        np.testing.assert_allclose(sums[:, 1, 1], [0.5 * 0.25 * norm * 5] * 3, rtol=1e-14)
    assert not sums[:, 0].any()


def test_a_batch_without_weight_has_no_penalty_and_shares_of_one():
    log, _, sums, _ = logged(weighted=True, weights=np.zeros(N))
    np.testing.assert_array_equal(log[:15, LOGGED.index("share"), 0], 1)
    np.testing.assert_array_equal(log[:15, LOGGED.index("penalty"), 0], 0)
    assert not sums.any()


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 9, 64, 1000])
def test_shuffles_are_those_of_random(n):
    functions = [shuffle_function(), outer := Code("train", [("ptr", "numbers")], 1, "f8")]
    outer.internal = False
    values = [outer.load(outer.at("%numbers", i, "i64"), "i64", align=8) for i in range(5)]
    pointers = [outer.inst(f"inttoptr i64 {value} to ptr") for value in values[:2]]
    arguments = [*(("ptr", one) for one in pointers), *(("i64", one) for one in values[2:])]
    outer.call("void", "shuffle", arguments)
    target = Target.host()
    shuffle = load(compile_text(module_text(functions, target.attributes), target)).function()
    order, room = (aligned((n + 64,), np.int32) for _ in range(2))
    for epoch in (1, 2, 99):
        key = Key.of(7, "order").fold(epoch).value
        addresses = order.ctypes.data, room.ctypes.data
        numbers = np.array([*addresses, key, 100, n], np.uint64)
        shuffle(numbers.ctypes.data)
        np.testing.assert_array_equal(order[:n], epoch_order(7, epoch, n) + 100)


@pytest.mark.parametrize("shape", [(1,), (7, 3), (1000,)])
def test_arrays_begin_with_a_line_of_the_cache(shape):
    array = aligned(shape, np.float32)
    assert array.shape == shape
    assert array.dtype == np.float32
    assert array.ctypes.data % 64 == 0
    assert not array.any()


@pytest.mark.parametrize("batch_size", [1, 40])
def test_denormal_results_are_zero_in_training_alone(batch_size):
    # All units are silent, so that momentum only shrinks.
    model = rb.MLP(2, [8], 2)
    params = model.init(0) | {"0.bias": np.full(8, -100.0)}
    x = np.random.default_rng(0).normal(size=(40, 2))
    data, loss = Samples(x, np.eye(2)[[0, 1] * 20]), SoftmaxCrossEntropy()
    job = Job(model, loss, rb.Adam(0.001), data, batch_size, shuffle=True, seed=0)
    engine = CompiledEngine()
    state = engine.start(job, params)
    slots = state.slots | {"m": {name: np.full_like(p, 1e-300) for name, p in params.items()}}
    state, _ = engine.run(job, replace(state, slots=slots), range(1, 400))
    assert not state.slots["m"]["0.weight"].any()
    assert state.params["2.bias"].any()
    assert np.float64(1e-300) / 1e10 > 0
