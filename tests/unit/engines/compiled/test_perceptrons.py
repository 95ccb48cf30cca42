"""The perceptron's kernels end where the reference engine does, with the same counts on the way."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rosenblatt as rb
from rosenblatt.data import Dataset
from rosenblatt.engines import ENGINES, Job, ReferenceEngine, Samples
from rosenblatt.engines.compiled.perceptrons import count_mistakes, train_perceptrons
from rosenblatt.losses.perceptron_criterion import SCALES
from rosenblatt.models.selection import Averaged

EPOCHS = range(1, 9)


def jobs_of(model, data, optimizer, batch_size, members, shuffle=True, dtype="float64"):
    samples = Samples.of(model, model.default_loss, data, dtype)
    size = model.batch_size(batch_size, len(data))
    return [
        Job(model, model.default_loss, optimizer, samples, size, shuffle, seed, population=members)
        for seed in range(members)
    ]


def starts_of(jobs, zeros=False):
    """A state for each job; from initial weights that differ, unless they are to be zeros."""
    states = []
    for job in jobs:
        params = job.model.init(job.seed, job.data.x.dtype)
        if not zeros:
            rng = np.random.default_rng(job.seed)
            params = {n: rng.normal(size=v.shape).astype(v.dtype) for n, v in params.items()}
        states.append(ReferenceEngine().start(job, params))
    return states


def train(jobs, states, epochs, batches=None):
    return train_perceptrons(jobs, states, (epochs, batches))


def train_reference(jobs, states, epochs, batches=None):
    return ReferenceEngine().run_many(jobs, states, epochs, batches)


def run_in_parts(run, jobs, states, stops):
    """Train every job through ``EPOCHS``, in one call for each part."""
    mistakes = np.zeros(len(jobs), dtype=int)
    for first, last in pairwise([EPOCHS.start, *sorted(stops), EPOCHS.stop]):
        results = run(jobs, states, range(first, last))
        states = [state for state, _ in results]
        mistakes += [sums.mistakes for _, sums in results]
    return states, mistakes.tolist()


def check_params(params, expected, rtol=1e-9):
    assert list(params) == list(expected)
    for name, value in expected.items():
        assert params[name].shape == value.shape
        assert params[name].dtype == value.dtype
        np.testing.assert_allclose(params[name], value, rtol=rtol, atol=rtol * 1e-3)


def check(jobs, states, stops=(), rtol=1e-9):
    trained, mistakes = run_in_parts(train, jobs, states, stops)
    expected, expected_mistakes = run_in_parts(train_reference, jobs, states, ())
    assert mistakes == expected_mistakes
    for state, right in zip(trained, expected, strict=True):
        assert state.update == right.update
        check_params(state.params, right.params, rtol)
        average, pocket = state.selection_state["averaged"], state.selection_state["pocket"]
        right_average, right_pocket = (
            right.selection_state["averaged"],
            right.selection_state["pocket"],
        )
        assert average.count == right_average.count
        check_params(average.mean, right_average.mean, rtol)
        check_params(pocket.params, right_pocket.params, rtol)
        for count in ("errors", "longest_run", "run", "tried"):
            assert getattr(pocket, count) == getattr(right_pocket, count), count


def draw_data(drawn, n):
    rng = np.random.default_rng(drawn.draw(st.integers(0, 999), "data"))
    X = rng.normal(size=(n, drawn.draw(st.integers(1, 5), "inputs")))
    y = rng.integers(0, 2, n)
    X += drawn.draw(st.sampled_from([0.0, 1.0, 4.0]), "distance") * y[:, np.newaxis]
    weights = rng.uniform(0.1, 3, n) if drawn.draw(st.booleans(), "weighted") else None
    return Dataset(X, y, classes=[0, 1], sample_weight=weights)


@pytest.mark.slow
@settings(max_examples=60)
@given(drawn=st.data())
def test_any_rule_is_that_of_the_reference(drawn):
    n = drawn.draw(st.integers(1, 70), "samples")
    rule = drawn.draw(st.sampled_from(["online", "batch", "mini-batch"]), "rule")
    data = draw_data(drawn, n)
    model = rb.Perceptron(
        data.n_features,
        rule=rule,
        scale=drawn.draw(st.sampled_from(SCALES), "scale"),
        bias=drawn.draw(st.booleans(), "bias"),
    )
    jobs = jobs_of(
        model,
        data,
        rb.SGD(drawn.draw(st.sampled_from([0.1, lambda step: 1 / (2 + step)]), "rate")),
        drawn.draw(st.integers(1, n), "batch size") if rule == "mini-batch" else None,
        drawn.draw(st.sampled_from([1, 2, 4, 9, 17]), "members"),
        shuffle=drawn.draw(st.booleans(), "shuffle"),
    )
    stops = drawn.draw(st.sets(st.sampled_from(EPOCHS[1:])), "ends of calls")
    check(jobs, starts_of(jobs, drawn.draw(st.booleans(), "zeros")), stops)


@pytest.mark.cases(11)
@pytest.mark.parametrize("members", [1, 17])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("inputs", [1, 7, 8, 9, 16, 21])
@pytest.mark.parametrize(
    ("rule", "batch_size"), [("online", None), ("batch", None), ("mini-batch", 7)]
)
def test_any_number_of_inputs(rule, batch_size, inputs, weighted, members):
    rng = np.random.default_rng(0)
    data = Dataset(
        rng.normal(size=(53, inputs)),
        rng.integers(0, 2, 53),
        sample_weight=rng.uniform(0.1, 3, 53) if weighted else None,
    )
    model = rb.Perceptron(inputs, rule=rule, scale="mistakes")
    jobs = jobs_of(model, data, rb.SGD(0.3), batch_size, members)
    check(jobs, starts_of(jobs), {3})


@pytest.mark.parametrize("members", [3, 21])
@pytest.mark.parametrize(
    ("rule", "batch_size"), [("online", None), ("batch", None), ("mini-batch", 7)]
)
def test_members_with_learning_rates_of_their_own(rule, batch_size, members):
    rng = np.random.default_rng(0)
    data = Dataset(rng.normal(size=(30, 2)), rng.integers(0, 2, 30))
    jobs = [
        replace(job, optimizer=rb.SGD(rate))
        for job, rate in zip(
            jobs_of(rb.Perceptron(2, rule=rule), data, rb.SGD(1.0), batch_size, members),
            [lambda step: 1 / (1 + step), *np.linspace(0.1, 1, members - 1)],
            strict=True,
        )
    ]
    check(jobs, starts_of(jobs), {3})


@pytest.mark.parametrize("batch_size", [1, 7])
def test_parts_of_an_epoch_end_with_the_bits_of_the_whole(batch_size):
    rng = np.random.default_rng(1)
    data = Dataset(rng.normal(size=(30, 2)), rng.integers(0, 2, 30))
    rule = "online" if batch_size == 1 else "mini-batch"
    jobs = jobs_of(rb.Perceptron(2, rule=rule), data, rb.SGD(0.1), batch_size, 2)
    states, mistakes = starts_of(jobs), 0
    whole = train(jobs, states, range(1, 2))
    ends = sorted({0, 1, 2, jobs[0].updates_per_epoch - 1, jobs[0].updates_per_epoch})
    for start, stop in pairwise(ends):
        results = train(jobs, states, range(1, 2), range(start, stop))
        expected = train_reference(jobs, states, range(1, 2), range(start, stop))
        states = [state for state, _ in results]
        mistakes += results[0][1].mistakes
        for state, (other, _) in zip(states, expected, strict=True):
            memory, right = (one.selection_state["averaged"] for one in (state, other))
            check_params(Averaged().chosen(memory), Averaged().chosen(right))
    assert mistakes == whole[0][1].mistakes
    for state, (expected, _) in zip(states, whole, strict=True):
        assert state.update == expected.update
        for memory, other in zip(
            *(s.selection_state.values() for s in (state, expected)), strict=True
        ):
            assert vars(memory).keys() == vars(other).keys()
        check_params(state.params, expected.params, rtol=0)
        check_params(_params(state, "mean"), _params(expected, "mean"), rtol=0)
        check_params(_params(state, "pocket"), _params(expected, "pocket"), rtol=0)


@pytest.mark.parametrize("rule", ["online", "batch"])
def test_the_engine_starts_loads_and_trains_members_with_samples_of_their_own(rule):
    rng = np.random.default_rng(3)
    model = rb.Perceptron(2, rule=rule)
    jobs = []
    for _ in range(2):
        data = Dataset(rng.normal(size=(61, 2)), rng.integers(0, 2, 61))
        jobs += jobs_of(model, data, rb.SGD(0.1), None, 19)
    jobs = [replace(job, population=len(jobs)) for job in jobs]
    expected = starts_of(jobs)
    engine = ENGINES["compiled"]()
    states = engine.start_many(jobs, [state.params for state in expected])
    errors = [state.selection_state["pocket"].errors for state in states]
    assert errors == [state.selection_state["pocket"].errors for state in expected]
    engine.load(jobs, states)
    results = engine.run_many(jobs, states, range(1, 3))
    for (state, sums), (other, others) in zip(
        results, train_reference(jobs, states, range(1, 3)), strict=True
    ):
        assert sums == others
        check_params(state.params, other.params)


def test_no_epochs_change_nothing():
    data = rb.data.moons(20, seed=0)
    for rule in ("online", "batch"):
        jobs = jobs_of(rb.Perceptron(2, rule=rule), data, rb.SGD(0.1), None, 3)
        states = starts_of(jobs)
        for (state, sums), before in zip(train(jobs, states, range(1, 1)), states, strict=True):
            assert sums.mistakes == 0
            check_params(state.params, before.params, rtol=0)


@pytest.mark.cases(2)
@pytest.mark.parametrize("members", [1, 5])
@pytest.mark.parametrize(
    ("rule", "batch_size"), [("online", None), ("batch", None), ("mini-batch", 7)]
)
@settings(max_examples=20)
@given(seed=st.integers(0, 999))
def test_samples_on_the_line(rule, batch_size, members, seed):
    # Inputs and steps on a grid put many samples exactly on the line, or off it by a rounding of
    # the weights: an engine that rounds otherwise takes another way.
    rng = np.random.default_rng(seed)
    data = Dataset(rng.integers(-1, 2, size=(23, 2)), rng.integers(0, 2, 23), classes=[0, 1])
    model = rb.Perceptron(2, rule=rule, scale="sum")
    jobs = jobs_of(model, data, rb.SGD(0.1), batch_size, members)
    check(jobs, starts_of(jobs, zeros=True), rtol=1e-12)


@pytest.mark.parametrize("rule", ["online", "batch"])
@pytest.mark.parametrize("members", [1, 37])
def test_mistakes_are_counted_as_the_reference_counts_them(rule, members):
    rng = np.random.default_rng(3)
    data = Dataset(rng.normal(size=(61, 2)), rng.integers(0, 2, 61))
    jobs = jobs_of(rb.Perceptron(2, rule=rule), data, rb.SGD(0.1), None, members)
    states = starts_of(jobs)
    expected = [state.selection_state["pocket"].errors for state in states]
    assert count_mistakes(jobs[0], [state.params for state in states]) == expected
    assert members == 1 or len(set(expected)) > 5


@pytest.mark.parametrize("members", [1, 5])
def test_zeros_say_plus(members):
    data = Dataset([[1.0, 2.0], [3.0, -1.0], [0.0, 1.0]], [0, 1, 0])
    jobs = jobs_of(rb.Perceptron(2, rule="batch"), data, rb.SGD(0.1), None, members)
    states, mistakes = run_in_parts(train, jobs, starts_of(jobs, zeros=True), ())
    sums = [sums for _, sums in train(jobs, starts_of(jobs, zeros=True), range(1, 2))]
    assert [one.mistakes for one in sums] == [2] * members
    assert len(states) == len(mistakes) == members


@pytest.mark.parametrize("members", [1, 20])
@pytest.mark.parametrize(
    ("rule", "batch_size"), [("online", None), ("batch", None), ("mini-batch", 7)]
)
def test_float32_goes_on_as_if_it_had_not_stopped(rule, batch_size, members):
    data = rb.data.moons(50, noise=0.2, seed=1)
    jobs = jobs_of(
        rb.Perceptron(2, rule=rule), data, rb.SGD(0.1), batch_size, members, dtype="float32"
    )
    states = starts_of(jobs)
    at_once, mistakes = run_in_parts(train, jobs, states, ())
    in_parts, same = run_in_parts(train, jobs, states, {2, 5})
    assert mistakes == same
    for a, b in zip(at_once, in_parts, strict=True):
        for name, value in a.params.items():
            assert value.dtype == np.float32
            np.testing.assert_array_equal(value, b.params[name])
    check(jobs, states, rtol=1e-4)


@pytest.mark.parametrize("members", [1, 6])
@pytest.mark.parametrize(
    ("rule", "batch_size"), [("online", None), ("batch", None), ("mini-batch", 7)]
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("what", ["a weight", "the rate"])
def test_a_member_that_overflows_stops_where_the_reference_does(
    what, dtype, rule, batch_size, members
):
    moons = rb.data.moons(40, noise=0.3, seed=0)
    data = Dataset(100 * moons.X, moons.y)
    # At this rate the weights are finite when the loss is not.
    largest = float(np.finfo(dtype).max)
    rate = 0.1 if what == "a weight" else lambda step: largest / 200 if step >= 3 else 0.1
    model = rb.Perceptron(2, rule=rule)
    jobs = jobs_of(model, data, rb.SGD(rate), batch_size, members, dtype=dtype)
    states = starts_of(jobs)
    if what == "a weight":
        states[-1].params["0.weight"][:] = largest * 0.9
    results = train(jobs, states, EPOCHS)
    expected = [ReferenceEngine().run(*one, EPOCHS) for one in zip(jobs, states, strict=True)]
    assert [sums for _, sums in results] == [sums for _, sums in expected]
    assert expected[-1][1].divergence is not None
    assert what == "the rate" or all(sums.divergence is None for _, sums in expected[:-1])


def test_the_states_before_are_left_alone():
    jobs = jobs_of(rb.Perceptron(2, rule="batch"), rb.data.moons(40, seed=0), rb.SGD(0.1), None, 5)
    states = starts_of(jobs)
    before = [{name: value.copy() for name, value in state.params.items()} for state in states]
    trained, _ = run_in_parts(train, jobs, states, ())
    for state, params in zip(states, before, strict=True):
        check_params(state.params, params, rtol=0)
    for kind in ("last", "mean", "pocket"):
        arrays = [_params(state, kind)["0.weight"] for state in trained]
        assert not any(np.shares_memory(a, b) for a, b in pairwise(arrays))


def _params(state, kind):
    if kind == "last":
        return state.params
    kept = state.selection_state["averaged" if kind == "mean" else "pocket"]
    return kept.mean if kind == "mean" else kept.params
