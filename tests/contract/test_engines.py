"""Every engine in the registry trains as one would on paper: the loop of this file is the paper."""

from dataclasses import replace

import numpy as np
import pytest

import rosenblatt as rb
from instances import MORE_OPTIMIZERS, example, labels_for, n_outputs_for, one_of_each
from rosenblatt.data import Dataset
from rosenblatt.engines import ENGINES, Divergence, Engine, Job, Samples, choose_engine
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import (
    ACTIVATIONS,
    LAYERS,
    Linear,
    ReLU,
    Scale,
    Sigmoid,
    Softmax,
    Square,
    Tanh,
)
from rosenblatt.losses import (
    LOSSES,
    CategoricalCrossEntropy,
    HalfSquaredError,
    Hinge,
    MeanSquaredError,
    PerceptronCriterion,
    Poisson,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
)
from rosenblatt.models import backpropagate, loss_and_grads
from rosenblatt.optimizers import OPTIMIZERS, SGD, Adam, Cosine
from rosenblatt.random import Key, epoch_order

every_engine = pytest.mark.parametrize("engine", ENGINES)
N = 23


def classes(n_classes=3, weighted=False):
    rng = np.random.default_rng(0)
    weights = rng.uniform(0.5, 2, N) if weighted else None
    return Dataset(rng.normal(size=(N, 3)), np.arange(N) % n_classes, sample_weight=weights)


def on_paper(model, loss, optimizer, data, *, epochs, batch_size, shuffle=True, seed=0):
    """Train by the definition: for each batch in the epoch's order, gradient and update."""
    params = model.init(seed)
    slots = optimizer.init(params)
    step = 0
    for epoch in range(1, epochs + 1):
        order = epoch_order(seed, epoch, N) if shuffle else np.arange(N)
        for first in range(0, N, batch_size):
            rows = order[first : first + batch_size]
            weights = None if data.sample_weight is None else data.sample_weight[rows]
            _, grads = loss_and_grads(
                model,
                params,
                data.X[rows],
                data.y[rows],
                loss=loss,
                sample_weight=weights,
                key=Key.of(seed, "dropout").fold(step),
            )
            params, slots = optimizer.update(params, grads, slots, step)
            step += 1
    return params


def assert_same(params, expected, rtol=1e-9):
    assert list(params) == list(expected)
    for name in expected:
        np.testing.assert_allclose(params[name], expected[name], rtol=rtol, atol=1e-12)


def skip_what_is_missing(engine, model, loss, optimizer, data):
    """Skip a test on what an engine cannot train; COMPILED says what the compiled engine can."""
    samples = Samples.of(model, loss, data, np.float64)
    absent = ENGINES[engine]().missing(Job(model, loss, optimizer, samples, 1, True, 0))
    if absent:
        pytest.skip(f"the {engine} engine cannot train {', '.join(absent)}")


def check_against_paper(engine, model, data, *, optimizer=None, loss=None, **how):
    optimizer = optimizer or SGD(0.1)
    loss = model.default_loss if loss is None else loss
    how = {"epochs": 4, "batch_size": 5} | how
    skip_what_is_missing(engine, model, loss, optimizer, data)
    run = rb.train(model, data, loss=loss, optimizer=optimizer, engine=engine, **how)
    assert run.stopped is None
    assert_same(run.params, on_paper(model, loss, optimizer, data, **how))


@every_engine
@pytest.mark.parametrize("batch_size", [1, 2, 5, N - 1, N])
@pytest.mark.parametrize("shuffle", [True, False])
def test_batches(engine, batch_size, shuffle):
    model = rb.MLP(3, [4], 3)
    check_against_paper(engine, model, classes(), batch_size=batch_size, shuffle=shuffle)


@pytest.mark.cases(8)
@every_engine
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden", [[], [4], [5, 4]])
def test_activations_and_depths(engine, activation, hidden):
    # Squares of squares grow fast: at a rate of 0.1 this network diverges.
    model, optimizer = rb.MLP(3, hidden, 3, activation=activation), SGD(0.02)
    check_against_paper(engine, model, classes(), optimizer=optimizer)


@pytest.mark.cases(12)
@every_engine
@pytest.mark.parametrize(
    "optimizer",
    one_of_each(OPTIMIZERS.values(), *MORE_OPTIMIZERS, Adam(Cosine(0.1, 10))),
    ids=repr,
)
def test_optimizers(engine, optimizer):
    check_against_paper(engine, rb.MLP(3, [4], 3), classes(), optimizer=optimizer)


@pytest.mark.cases(8)
@every_engine
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("loss", "layers", "n_classes"),
    [
        (SoftmaxCrossEntropy(), [Linear(3, 4), ReLU(), Linear(4, 3)], 3),
        (CategoricalCrossEntropy(), [Linear(3, 4), Tanh(), Linear(4, 3), Softmax()], 3),
        (SigmoidCrossEntropy(), [Linear(3, 4), Sigmoid(), Linear(4, 1)], 2),
        (SigmoidCrossEntropy(clip=0.2), [Linear(3, 4), Sigmoid(), Linear(4, 1)], 2),
        (PerceptronCriterion("sum"), [Linear(3, 4), Tanh(), Linear(4, 1)], 2),
        (PerceptronCriterion("mistakes"), [Linear(3, 1, bias=False)], 2),
        (Hinge(), [Linear(3, 4), Square(), Linear(4, 1), Scale(0.25)], 2),
    ],
    ids=repr,
)
def test_losses(engine, loss, layers, n_classes, weighted):
    model = rb.Sequential(layers)
    check_against_paper(engine, model, classes(n_classes, weighted), loss=loss)


@every_engine
@pytest.mark.parametrize("n_values", [1, 2, 3])
@pytest.mark.parametrize("loss", [HalfSquaredError(), MeanSquaredError()], ids=repr)
def test_regression(engine, n_values, loss):
    data = classes()
    values = np.sin(data.X[:, :n_values])
    data = Dataset(data.X, values)
    check_against_paper(engine, rb.MLP(3, [4], n_values), data, loss=loss)


@every_engine
@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_of_the_registry(engine, name):
    loss, rng = example(LOSSES[name]), np.random.default_rng(5)
    data = Dataset(classes().X, labels_for(loss, rng, N))
    ending = [Softmax()] if loss.takes == "probabilities" else []
    model = rb.Sequential([Linear(3, 4), Tanh(), Linear(4, n_outputs_for(loss)), *ending])
    check_against_paper(engine, model, data, loss=loss)


@pytest.mark.cases(10)
@every_engine
@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_of_the_registry(engine, name):
    layer = example(LAYERS[name])
    width = layer.n_outputs_for(4)
    check_against_paper(engine, rb.Sequential([Linear(3, 4), layer, Linear(width, 3)]), classes())


COMPILED = {
    "layers": {
        "Linear",
        "ReLU",
        "LeakyReLU",
        "Tanh",
        "Sigmoid",
        "Square",
        "Softmax",
        "Scale",
        "Dropout",
        "Residual",
        "Concatenate",
    },
    "losses": {
        "SoftmaxCrossEntropy",
        "CategoricalCrossEntropy",
        "SigmoidCrossEntropy",
        "HalfSquaredError",
        "MeanSquaredError",
        "Poisson",
        "PerceptronCriterion",
        "Hinge",
    },
    "optimizers": {"sgd", "rmsprop", "adam", "adamw"},
}
"""What the compiled engine must have code for."""


@pytest.mark.slow
def test_what_the_compiled_engine_must_have():
    work, missing = job(rb.MLP(3, [4], 3)), ENGINES["compiled"]().missing
    assert COMPILED["layers"] <= {
        name
        for name, kind in LAYERS.items()
        if not missing(replace(work, model=rb.Sequential([Linear(4, 4), example(kind)])))
    }
    assert COMPILED["losses"] <= {
        name for name, kind in LOSSES.items() if not missing(replace(work, loss=example(kind)))
    }
    assert COMPILED["optimizers"] <= {
        name
        for name, kind in OPTIMIZERS.items()
        if not missing(replace(work, optimizer=example(kind)))
    }


@every_engine
def test_dropout(engine):
    check_against_paper(engine, rb.MLP(3, [8, 8], 3, dropout=0.5), classes())


@every_engine
def test_a_network_that_ends_in_an_activation_and_has_layers_side_by_side(engine):
    layers = [
        ReLU(),
        Linear(3, 4),
        Linear(4, 4, bias=False),
        Tanh(),
        Sigmoid(),
        Linear(4, 3),
        Tanh(),
    ]
    check_against_paper(engine, rb.Sequential(layers), classes())


@every_engine
def test_the_full_batch_is_the_mini_batch_of_all_bit_for_bit(engine):
    model = rb.MLP(3, [4], 3)
    full = rb.train(model, classes(), epochs=5, engine=engine)
    all_in_one = rb.train(model, classes(), epochs=5, engine=engine, batch_size=N)
    for name in full.params:
        np.testing.assert_array_equal(full.params[name], all_in_one.params[name])


# The seam itself


def job(model=None, data=None, **changes):
    model = model or rb.MLP(3, [4], 3, dropout=0.3)
    loss = model.default_loss
    data = Samples.of(model, loss, data or classes(), np.float64)
    settings = {"batch_size": 5, "shuffle": True, "seed": 2, "optimizer": Adam(0.05)} | changes
    return Job(model=model, loss=loss, data=data, **settings)


@every_engine
@pytest.mark.parametrize(
    "model", [rb.MLP(3, [4], 3, dropout=0.3), rb.Perceptron(3)], ids=["MLP", "perceptron"]
)
def test_to_go_on_is_to_have_gone_on(engine, model):
    engine = ENGINES[engine]()
    work = job(model, classes(2 if model.n_outputs == 1 else 3))
    params = model.init(2)
    at_once, sums = engine.run(work, engine.start(work, params), range(1, 7))
    state, mistakes = engine.start(work, params), 0
    for epochs in (range(1, 2), range(2, 5), range(5, 7)):
        state, part = engine.run(work, state, epochs)
        mistakes += part.mistakes
    assert state.update == at_once.update == 6 * 5
    assert mistakes == sums.mistakes
    assert sums.divergence is None
    for name in params:
        np.testing.assert_array_equal(state.params[name], at_once.params[name])
    for rule in model.selections:
        for name in params:
            chosen, expected = (rule.chosen(s.selection_state[rule.name]) for s in (state, at_once))
            np.testing.assert_array_equal(chosen[name], expected[name])


def shuffled(epoch):
    return np.random.default_rng(epoch).permutation(N)


LOSS_ENDS = {
    "softmax": (SoftmaxCrossEntropy(), [Linear(4, 3)], 3),
    "softmax, clipped": (SoftmaxCrossEntropy(clip=0.2), [Linear(4, 3)], 3),
    "cross-entropy": (CategoricalCrossEntropy(), [Linear(4, 3), Softmax()], 3),
    "logistic": (SigmoidCrossEntropy(), [Linear(4, 1)], 2),
    "logistic, clipped": (SigmoidCrossEntropy(clip=0.2), [Linear(4, 1)], 2),
    "squared error": (HalfSquaredError(), [Linear(4, 2)], None),
    "mean squared error": (MeanSquaredError(), [Linear(4, 2)], None),
    "poisson": (Poisson(), [Linear(4, 2)], None),
    "criterion": (PerceptronCriterion("sum"), [Linear(4, 1)], 2),
    "hinge": (Hinge(), [Linear(4, 1)], 2),
}


def seam_job(end, batch_size, optimizer, weighted, penalty, widen=()):
    loss, last, n_classes = LOSS_ENDS[end]
    data = classes(n_classes or 3, weighted)
    if n_classes is None:
        values = np.abs(np.round(data.X[:, :2]))
        data = Dataset(data.X, values, sample_weight=data.sample_weight)
    model = rb.Sequential([Linear(3, 4), Tanh(), *widen, *last])
    return Job(
        model=model,
        loss=loss,
        optimizer=optimizer,
        data=Samples.of(model, loss, data, np.float64),
        batch_size=batch_size,
        shuffle=False,
        seed=3,
        order=shuffled,
        penalty=penalty,
        sum_losses=True,
    )


def seam_on_paper(work, epochs):
    """Return parameters, and for each epoch the mean loss and the mean penalty."""
    params, losses, penalties, step = work.model.init(3), [], [], 0
    slots = work.optimizer.init(params)
    for epoch in epochs:
        lost = added = 0.0
        for first in range(0, N, work.batch_size):
            rows = work.order(epoch)[first : first + work.batch_size]
            weight = None if work.data.sample_weight is None else work.data.sample_weight[rows]
            value, _, _, grads = backpropagate(
                work.model, work.loss, params, work.data.x[rows], work.data.targets[rows], weight
            )
            total = len(rows) if weight is None else weight.sum()
            for name, W in params.items():
                if name.endswith("weight"):
                    added += 0.5 * work.penalty * (W**2).sum() / total * len(rows) / N
                    grads[name] = grads[name] + work.penalty * W / total
            lost += value * len(rows) / N
            params, slots = work.optimizer.update(params, grads, slots, step)
            step += 1
        losses.append(lost)
        penalties.append(added)
    return params, losses, penalties


def check_seam(engine, work):
    engine = ENGINES[engine]()
    start = engine.start(work, work.model.init(3))
    state, sums = engine.run(work, start, range(1, 3))
    state, more = engine.run(work, state, range(3, 4))
    params, losses, penalties = seam_on_paper(work, range(1, 4))
    assert_same(state.params, params)
    assert sums.losses + more.losses == pytest.approx(losses, rel=1e-9)
    assert sums.penalties + more.penalties == pytest.approx(penalties, rel=1e-9)


@pytest.mark.cases(13)
@every_engine
@pytest.mark.parametrize("end", LOSS_ENDS)
@pytest.mark.parametrize("batch_size", [1, 5])
@pytest.mark.parametrize("weighted", [False, True])
def test_given_orders_penalties_and_sums_of_losses(engine, end, batch_size, weighted):
    check_seam(engine, seam_job(end, batch_size, Adam(0.05, epsilon_hat=True), weighted, 0.3))


@pytest.mark.cases(13)
@every_engine
@pytest.mark.parametrize("batch_size", [1, 2, 5, N])
@pytest.mark.parametrize("penalty", [0.0, 0.3])
@pytest.mark.parametrize(
    "optimizer", [SGD(0.1), SGD(0.1, momentum=0.9, nesterov=True), SGD(0.1, weight_decay=0.1)]
)
def test_sums_of_losses_of_steps_taken_at_once(engine, batch_size, penalty, optimizer):
    check_seam(engine, seam_job("softmax", batch_size, optimizer, True, penalty))


@pytest.mark.cases(7)
@every_engine
@pytest.mark.parametrize("end", LOSS_ENDS)
def test_given_orders_penalties_and_sums_of_losses_of_a_wide_network(engine, end):
    widen = [Linear(4, 33), ReLU(), Linear(33, 40), Tanh(), Linear(40, 4)]
    check_seam(engine, seam_job(end, 5, SGD(0.02), True, 0.3, widen))


@every_engine
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("optimizer", [SGD(0.1), Adam(0.05, epsilon_hat=True)], ids=repr)
def test_members_have_orders_and_sums_of_their_own(engine, weighted, optimizer):
    work = seam_job("softmax", 5, optimizer, weighted, 0.3)
    jobs = [replace(work, order=lambda epoch, k=k: np.roll(shuffled(epoch), k)) for k in range(11)]
    engine = ENGINES[engine]()
    starts = [engine.start(one, one.model.init(3)) for one in jobs]
    for one, (state, sums) in zip(jobs, engine.run_many(jobs, starts, range(1, 4)), strict=True):
        params, losses, penalties = seam_on_paper(one, range(1, 4))
        assert_same(state.params, params)
        assert sums.losses == pytest.approx(losses, rel=1e-9)
        assert sums.penalties == pytest.approx(penalties, rel=1e-9)


@every_engine
@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("members", [1, 9])
def test_a_batch_without_weight_has_no_penalty(engine, batch_size, members):
    work = seam_job("softmax", batch_size, SGD(0.1), True, 0.3)
    work.data.sample_weight[:8] = 0
    jobs = [replace(work, order=lambda epoch: np.arange(N))] * members
    engine, reference = ENGINES[engine](), ENGINES["reference"]()
    starts = [engine.start(one, one.model.init(3)) for one in jobs]
    expected, sums = reference.run(jobs[0], starts[0], range(1, 3))
    for state, found in engine.run_many(jobs, starts, range(1, 3)):
        assert_same(state.params, expected.params)
        assert found.penalties == pytest.approx(sums.penalties, rel=1e-9)


@every_engine
def test_nobody_asks_for_sums(engine):
    engine = ENGINES[engine]()
    work = job()
    _, sums = engine.run(work, engine.start(work, work.model.init(2)), range(1, 3))
    assert sums.losses == sums.penalties == ()


def test_what_the_kernels_cannot_sum_is_named():
    data = classes(2)
    model = rb.Sequential([Linear(3, 1)])
    loss = PerceptronCriterion("mistakes")
    samples = Samples.of(model, loss, data, np.float64)
    work = Job(model, loss, SGD(0.1), samples, 5, False, 0, sum_losses=True)
    with pytest.raises(ConfigurationError, match="cannot compile sums of losses under Perceptron"):
        choose_engine("compiled", work, 1)
    for changes in ({"order": shuffled}, {"penalty": 1.0}, {"sum_losses": True}):
        work = job(rb.Perceptron(3), data, optimizer=SGD(0.1), **changes)
        with pytest.raises(ConfigurationError, match="cannot compile Perceptron with orders"):
            choose_engine("compiled", work, 1)


@every_engine
def test_an_engine_leaves_job_and_state_as_they_were(engine):
    engine = ENGINES[engine]()
    work = job()
    state = engine.start(work, work.model.init(2))
    arrays = [work.data.x, work.data.targets, *state.params.values()]
    arrays += [value for slot in state.slots.values() for value in slot.values()]
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    engine.run(work, state, range(1, 4))
    assert state.update == 0
    for array, same in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, same)


@every_engine
def test_an_epoch_can_be_visited_again(engine):
    engine = ENGINES[engine]()
    work = job()
    state, _ = engine.run(work, engine.start(work, work.model.init(2)), range(1, 4))
    first, _ = engine.run(work, state, range(4, 6))
    again, _ = engine.run(work, state, range(4, 6))
    for name in first.params:
        np.testing.assert_array_equal(first.params[name], again.params[name])


@every_engine
@pytest.mark.parametrize("weighted", [False, True])
def test_evaluation_is_the_mean_over_all_samples(engine, weighted):
    engine = ENGINES[engine]()
    data = classes(weighted=weighted)
    work = job(rb.MLP(3, [4], 3), data)
    params = work.model.init(0)
    metrics = engine.evaluate(work.model, work.loss, params, work.data)
    outputs, _ = work.model.forward(params, data.X)
    losses = work.loss.per_sample(outputs, work.data.targets)
    assert metrics.loss == pytest.approx(np.average(losses, weights=data.sample_weight), rel=1e-13)
    assert metrics.accuracy == np.mean(outputs.argmax(axis=1) == data.y)


@every_engine
@pytest.mark.parametrize("weighted", [False, True])
def test_evaluation_in_parts_is_evaluation_at_once(engine, weighted):
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(20_001, 2)), rng.integers(0, 2, 20_001)
    data = Dataset(X, y, sample_weight=rng.uniform(0, 1, len(y)) if weighted else None)
    model = rb.MLP(2, [3], 2)
    params = model.init(0)
    metrics = ENGINES[engine]().evaluate(
        model, model.default_loss, params, Samples.of(model, model.default_loss, data, np.float64)
    )
    outputs, _ = model.forward(params, X)
    losses = model.default_loss.per_sample(outputs, model.default_loss.encode(y, 2))
    assert metrics.loss == pytest.approx(np.average(losses, weights=data.sample_weight), rel=1e-12)
    assert metrics.accuracy == np.mean(outputs.argmax(axis=1) == y)


@every_engine
def test_dropout_is_off_in_evaluation(engine):
    engine = ENGINES[engine]()
    work = job(rb.MLP(3, [4], 3, dropout=1.0))
    plain = job(rb.MLP(3, [4], 3))
    params = plain.model.init(0)
    renamed = dict(zip(work.model.shapes, params.values(), strict=True))
    assert engine.evaluate(work.model, work.loss, renamed, work.data) == engine.evaluate(
        plain.model, plain.loss, params, plain.data
    )


@every_engine
def test_divergence_is_found_at_its_update(engine):
    engine = ENGINES[engine]()
    work = job(rb.MLP(3, [4], 3), optimizer=SGD(lambda step: 1e200 if step == 7 else 0.1))
    _, sums = engine.run(work, engine.start(work, work.model.init(2)), range(1, 10))
    found = sums.divergence
    # Update 7, the eighth, ruins the weights, in epoch 2 of 5 updates each; the next batch sees it.
    assert found == Divergence(epoch=2, update=8, learning_rate=1e200)
    text = str(found)
    assert "epoch 2" in text
    assert "update 8" in text
    assert "learning rate 1e+200" in text


def test_names_of_engines():
    work = job()
    for name, make in ENGINES.items():
        assert type(choose_engine(name, work, 1)) is type(make())
    assert isinstance(choose_engine("auto", work, 1), Engine)
    with pytest.raises(ConfigurationError, match=r'unknown engine .*; did you mean "reference"'):
        choose_engine("refrence", work, 1)
    with pytest.raises(ConfigurationError, match="unknown engine None"):
        choose_engine(None, work, 1)
