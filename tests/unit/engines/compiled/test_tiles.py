"""Tiles of samples and of members compute what NumPy computes from the same graph."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest

import lowering_oracle
import rosenblatt as rb
import user_code
from batches import Batches
from instances import MORE_OPTIMIZERS, one_of_each
from lowering_oracle import HOST, TARGETS, N, Oracle, data_of, network
from rosenblatt.engines.compiled import tiles
from rosenblatt.engines.compiled.graph import LoweringError
from rosenblatt.engines.compiled.program import (
    evaluation_program,
    gradient_program,
    training_program,
)
from rosenblatt.engines.compiled.target import NAMED
from rosenblatt.engines.compiled.tiles import Tiles
from rosenblatt.engines.compiled.tracer import TracingError
from rosenblatt.layers import (
    LAYERS,
    Activation,
    Dropout,
    Layer,
    Linear,
    Softmax,
    Tanh,
)
from rosenblatt.losses import (
    LOSSES,
    CategoricalCrossEntropy,
    HalfSquaredError,
    SoftmaxCrossEntropy,
)
from rosenblatt.models import backpropagate
from rosenblatt.optimizers import OPTIMIZERS, SGD, Adam
from tile_check import check

compared = partial(lowering_oracle.compared, Tiles)

PLAIN = SoftmaxCrossEntropy(), SGD(0.1)
BATCHES = [(1, True), (5, False), (9, True), (N, False)]


@pytest.mark.cases(3)
@pytest.mark.parametrize("layer", one_of_each(LAYERS.values(), Linear(4, 7)), ids=repr)
def test_layers(layer):
    for batch_size, members in BATCHES:
        compared(network(layer), SoftmaxCrossEntropy(), SGD(0.1), batch_size, members)


@pytest.mark.cases(2)
@pytest.mark.parametrize("name", user_code.LAYERS)
def test_layers_of_users(name):
    model = rb.Sequential(user_code.LAYERS[name])
    for batch_size, members in BATCHES:
        compared(model, SoftmaxCrossEntropy(), SGD(0.1), batch_size, members)


@pytest.mark.cases(4)
@pytest.mark.parametrize(
    "loss", [*one_of_each(LOSSES.values()), *user_code.LOSSES.values()], ids=repr
)
def test_losses(loss):
    width = 1 if loss.n_classes(1) == 2 else 3
    layers = [Linear(3, 6), Tanh(), Linear(6, width)]
    if isinstance(loss, CategoricalCrossEntropy):
        layers.append(Softmax())
    for batch_size, members in BATCHES:
        compared(rb.Sequential(layers), loss, SGD(0.1), batch_size, members, atol=1e-10)


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    "optimizer",
    [*one_of_each(OPTIMIZERS.values(), *MORE_OPTIMIZERS), *user_code.OPTIMIZERS.values()],
    ids=repr,
)
def test_optimizers(optimizer):
    model = rb.MLP(3, 6, 3)
    for batch_size, members in BATCHES:
        compared(
            model, SoftmaxCrossEntropy(), optimizer, batch_size, members, epochs=3, penalty=0.1
        )


WIDTHS = {
    "two outputs": (2, [20], 2),
    "deep": (2, [16, 16, 16], 2),
    "wide": (11, [21, 6], 5),
    "one unit": (1, [1], 1),
}


@pytest.mark.cases(3)
@pytest.mark.parametrize("members", [False, True], ids=["samples", "members"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_widths_and_targets(width, target, dtype, members):
    model = rb.MLP(*WIDTHS[width], activation="tanh")
    loss = HalfSquaredError() if width == "one unit" else SoftmaxCrossEntropy()
    for batch_size in (7, 90):
        compared(
            model, loss, Adam(0.01), batch_size, members,
            dtype=dtype, target=TARGETS[target], n=97, weighted=batch_size == 7,
            atol=None if dtype is np.float64 else 2e-4,
        )  # fmt: skip


@dataclass(frozen=True)
class Mirrored(Layer):
    """x ⊙ (w + w reversed), whose gradient leaves out the second w."""

    width: int

    @property
    def shapes(self):
        return {"gain": (self.width,)}

    def init(self, rng):
        return {"gain": rng.normal(size=self.width)}

    def forward(self, params, x):
        return x * (params["gain"] + params["gain"][::-1]), x

    def backward(self, params, cache, dy):
        dx = dy * (params["gain"] + params["gain"][::-1])
        return dx, {"gain": (dy * cache).sum(axis=0)}


class Turned(Mirrored):
    """The same with a gradient that is reversed: no plain sum."""

    def backward(self, params, cache, dy):
        dx, grads = super().backward(params, cache, dy)
        return dx, {"gain": grads["gain"][::-1]}


@dataclass(frozen=True)
class Threshold(Activation):
    """A rectifier whose gradient begins at -½."""

    def forward(self, params, x):
        return np.maximum(x, 0), x > -0.5

    def backward(self, params, cache, dy):
        return dy * cache, {}


@dataclass(frozen=True)
class Grouped(Layer):
    """The sum of the products of units three apart, by reshaping."""

    def n_outputs_for(self, n_inputs):
        return None if n_inputs is None else n_inputs // 3

    def forward(self, params, x):
        three = x.reshape(x.shape[0], 3, -1)
        return (three * three).sum(axis=1), three

    def backward(self, params, cache, dy):
        dx = 2 * cache * dy[:, np.newaxis, :]
        return dx.reshape(dy.shape[0], -1), {}


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("layer", "width"),
    [(Mirrored(7), 7), (Threshold(), 7), (Grouped(), 21), (user_code.MaxOut(), 14)],
    ids=repr,
)
def test_other_ways_to_index(layer, width):
    below = layer.n_outputs_for(width)
    model = rb.Sequential([Linear(3, width), layer, Linear(below, 3)])
    for target in (HOST, *TARGETS.values()):
        for batch_size, members in ((1, True), (5, False), (9, True)):
            compared(model, SoftmaxCrossEntropy(), SGD(0.1), batch_size, members, target=target)


@pytest.mark.parametrize("members", [False, True], ids=["samples", "members"])
def test_random_numbers_of_batches_of_several_tiles(members):
    model = rb.Sequential([Linear(3, 6), Dropout(0.4), Linear(6, 3)])
    compared(model, SoftmaxCrossEntropy(), SGD(0.1), 400, members, n=410)


def test_of_equal_outputs_the_first_is_the_class():
    model, loss = rb.MLP(2, 4, 3), SoftmaxCrossEntropy()
    program = evaluation_program(model, loss, np.float64)
    kernel = Batches(Tiles(program, HOST, np.float64, 10, members=False), HOST, np.float64, False)
    y = np.eye(3)[[0, 0, 0, 1, 1, 2]]
    kernel.run(np.ones((6, 2)), y, np.arange(6)[np.newaxis], 6, np.ones((1, 3, 1)))
    assert kernel.get(kernel.sums, {"correct": ()})["correct"] == 3


def programs():
    yield "mirrored", rb.Sequential([Linear(3, 7), Mirrored(7), Linear(7, 3)]), *PLAIN
    for name, layers in user_code.LAYERS.items():
        yield name, rb.Sequential(layers), SoftmaxCrossEntropy(), SGD(0.1)
    for layer in one_of_each(LAYERS.values()):
        yield repr(layer), network(layer), SoftmaxCrossEntropy(), SGD(0.1)
    for width in WIDTHS.values():
        yield str(width), rb.MLP(*width), HalfSquaredError(), Adam(0.1)
    yield "plain", rb.MLP(2, 20, 2), SoftmaxCrossEntropy(), SGD(0.1, weight_decay=0.1)


@pytest.mark.cases(1)
@pytest.mark.parametrize("members", [False, True], ids=["samples", "members"])
def test_results_are_written_before_they_are_read(members):
    n_stepped = 0
    for name, model, loss, optimizer in programs():
        program = training_program(model, loss, optimizer, np.float64)
        for batch_size, target in ((1, HOST), (5, NAMED["avx2"]), (90, HOST)):
            lowering = Tiles(program, target, np.float64, batch_size, members=members)
            n_stepped += len(lowering.stepped)
            try:
                check(lowering)
            except AssertionError as error:
                raise AssertionError(f"{name}, batches of {batch_size}") from error
    assert (n_stepped > 0) == members


def test_a_read_after_the_step_is_found(monkeypatch):
    program = training_program(rb.MLP(3, [6, 6], 3), SoftmaxCrossEntropy(), SGD(0.1), np.float64)
    monkeypatch.setattr(tiles, "can_step", lambda schedule, program: set(program.shapes))
    lowering = Tiles(program, HOST, np.float64, 1, members=True)
    groups = lowering.schedule.groups
    names = [{one.name for root in g.roots for one in root.wanted} for g in groups]
    step = next(i for i, found in enumerate(names) if "2.weight" in found)
    groups.insert(0, groups.pop(step))
    with pytest.raises(AssertionError, match="weight is read after its step"):
        check(lowering)


def test_memory_that_is_used_too_early_is_found():
    program = training_program(rb.MLP(3, 6, 3), SoftmaxCrossEntropy(), SGD(0.1), np.float64)
    lowering = Tiles(program, HOST, np.float64, 90, members=False)
    places = lowering.schedule.places
    places.update(dict.fromkeys(places, 0))
    with pytest.raises(AssertionError, match="but is not there"):
        check(lowering)


@pytest.mark.parametrize("members", [False, True], ids=["samples", "members"])
@pytest.mark.parametrize("loss", [*one_of_each(LOSSES.values())], ids=repr)
def test_sums_without_an_update(loss, members):
    width = 1 if loss.n_classes(1) == 2 else 3
    layers = [Linear(3, 6), Tanh(), Linear(6, width)]
    if isinstance(loss, CategoricalCrossEntropy):
        layers.append(Softmax())
    model, rng = rb.Sequential(layers), np.random.default_rng(3)
    program = evaluation_program(model, loss, np.float64, is_weighted=True)
    kernel = Batches(
        Tiles(program, HOST, np.float64, 10, members=members), HOST, np.float64, members
    )
    x, y = data_of(model, loss, rng, 101)
    weights = rng.uniform(0, 2, 101)
    for member in range(kernel.width):
        kernel.set(kernel.params, model.init(member), member)
    orders = np.tile(np.arange(101), (kernel.width, 1))
    kernel.run(x, y, orders, 101, np.ones((1, 3, kernel.width)), weights=weights)
    for member in {0, kernel.width - 1}:
        expected = Oracle(program, model.init(member)).sums(x, y, weights, None)
        found = kernel.get(kernel.sums, dict.fromkeys(expected, ()), member)
        for name, value in expected.items():
            np.testing.assert_allclose(found[name], value, rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("members", [False, True], ids=["samples", "members"])
def test_gradients_without_an_update(members):
    model, loss = rb.MLP(3, [6, 5], 3, activation="tanh"), SoftmaxCrossEntropy()
    rng = np.random.default_rng(3)
    program = gradient_program(model, loss, np.float64)
    kernel = Batches(
        Tiles(program, HOST, np.float64, 10, members=members), HOST, np.float64, members
    )
    x, y = data_of(model, loss, rng, 101)
    for member in range(kernel.width):
        kernel.set(kernel.params, model.init(member), member)
    orders = np.tile(np.arange(101), (kernel.width, 1))
    kernel.run(x, y, orders, 101, np.full((1, 3, kernel.width), 1 / 101))
    for member in {0, kernel.width - 1}:
        _, _, _, grads = backpropagate(model, loss, model.init(member), x, y)
        found = kernel.get(kernel.sums, model.shapes, member)
        for name, value in grads.items():
            np.testing.assert_allclose(found[name], value, rtol=1e-11, atol=1e-15, err_msg=name)


@dataclass(frozen=True)
class Centred(Activation):
    """Subtracts a mean over the batch, which needs all samples at once."""

    def forward(self, params, x):
        return x - x.sum(axis=0), None

    def backward(self, params, cache, dy):
        return dy, {}


@dataclass(frozen=True)
class Unshared(Linear):
    """A layer whose gradient does not depend on the samples' shares."""

    def backward(self, params, cache, dy):
        dx, grads = super().backward(params, cache, dy)
        return dx, {**grads, "bias": (0 * cache[:, :1] + np.ones(self.n_outputs)).sum(axis=0)}


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (Unshared(6, 6), r"without their shares, of 1.bias .*test_tiles.py:\d+"),
        (Centred(), "a sum over the batch inside a layer"),
        (Turned(6), "index of a sum over the batch"),
    ],
)
def test_what_cannot_be_lowered_is_named(layer, message):
    model = rb.Sequential([Linear(3, 6), layer, Linear(6, 3)])

    def lower():
        program = training_program(model, SoftmaxCrossEntropy(), SGD(0.1), np.float64)
        return Tiles(program, HOST, np.float64, 10, members=False)

    with pytest.raises((LoweringError, TracingError), match=message):
        lower()
