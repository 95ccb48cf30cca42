"""The perceptron against its textbook loops, written here once more and without the package."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import Perceptron as SklearnPerceptron

import rosenblatt as rb
from rosenblatt.data import Dataset
from rosenblatt.errors import ConfigurationError, DataError
from rosenblatt.models.selection import Averaged, Pocket, Visit
from rosenblatt.random import epoch_order

ETA = 0.07


def overlapping(n=60, seed=0):
    """Return data that no line separates, with labels -1 and +1."""
    rng = np.random.default_rng(seed)
    y = np.where(np.arange(n) % 2, 1, -1)
    return Dataset(rng.normal(size=(n, 2)) + 0.6 * y[:, np.newaxis], y)


def signs(data):
    return 2 * data.y - 1


def textbook(data, *, epochs, batch_size, scale, bias, shuffle=True, seed=0):
    """Return w, b, mistakes and all iterates of the perceptron, sample by sample."""
    X, y = data.X, signs(data)
    w, b = np.zeros(X.shape[1]), 0.0
    iterates, mistakes = [], 0
    for epoch in range(1, epochs + 1):
        order = (
            epoch_order(seed, epoch, len(X)) if shuffle and batch_size < len(X) else range(len(X))
        )
        order = list(order)
        for first in range(0, len(X), batch_size):
            batch = order[first : first + batch_size]
            wrong = [i for i in batch if (1 if w @ X[i] + b >= 0 else -1) != y[i]]
            mistakes += len(wrong)
            if wrong:
                s = {"sum": 1.0, "samples": 1 / len(batch), "mistakes": 1 / len(wrong)}[scale]
                w = w + ETA * s * sum(y[i] * X[i] for i in wrong)
                b = b + ETA * s * sum(y[i] for i in wrong) if bias else 0.0
            iterates.append(np.append(w, b))
    return w, b, mistakes, np.array(iterates)


def flat(params, bias=True):
    return np.append(params["0.weight"][:, 0], params["0.bias"] if bias else 0.0)


def train(model, data, epochs=12, **settings):
    return rb.train(model, data, optimizer=rb.SGD(ETA), epochs=epochs, **settings)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("rule", "scale", "batch_size"),
    [
        ("online", "samples", 1),
        ("online", "sum", 1),
        ("online", "mistakes", 1),
        ("batch", "samples", 60),
        ("batch", "sum", 60),
        ("batch", "mistakes", 60),
        ("mini-batch", "samples", 7),
        ("mini-batch", "sum", 7),
        ("mini-batch", "mistakes", 7),
    ],
)
def test_training_equals_the_textbook_loop(rule, scale, batch_size, bias):
    data = overlapping()
    model = rb.Perceptron(2, rule=rule, scale=scale, bias=bias)
    run = train(model, data, batch_size=7 if rule == "mini-batch" else None)
    w, b, mistakes, iterates = textbook(
        data, epochs=12, batch_size=batch_size, scale=scale, bias=bias
    )
    np.testing.assert_allclose(flat(run.params, bias), [*w, b], rtol=0, atol=1e-12)
    assert run.history[-1]["mistakes"] == mistakes
    assert run.history[-1]["updates"] == len(iterates)
    averaged = flat(run.weights["averaged"], bias)
    np.testing.assert_allclose(averaged, iterates.mean(axis=0), rtol=0, atol=1e-12)
    assert ("0.bias" in run.params) == bias


def test_in_the_online_rule_all_scales_are_the_same_bit_for_bit():
    runs = [train(rb.Perceptron(2, scale=s), overlapping()) for s in ("samples", "sum", "mistakes")]
    for run in runs[1:]:
        np.testing.assert_array_equal(run.params["0.weight"], runs[0].params["0.weight"])


def test_in_the_batch_rule_the_scales_1_and_1_over_n_predict_the_same():
    # From w = 0, scaling every update scales w: signs do not change (SPEC: equal predictions).
    data = overlapping()
    by_sum, by_samples = (train(rb.Perceptron(2, "batch", s), data) for s in ("sum", "samples"))
    np.testing.assert_allclose(
        by_sum.params["0.weight"], 60 * by_samples.params["0.weight"], rtol=1e-11
    )
    np.testing.assert_array_equal(by_sum.predict(data.X), by_samples.predict(data.X))


@pytest.mark.parametrize("shift", [0.0, 3.0])
def test_the_online_rule_equals_scikit_learns(shift):
    # scikit-learn updates at w·x + b = 0 for both labels, sign(0) = +1 does not: so start from
    # weights at which no score is exactly 0.
    data = overlapping(seed=3)
    data = Dataset(data.X + shift, data.labels)
    begin = {"0.weight": np.array([[0.3], [-0.2]]), "0.bias": np.array([0.1])}
    for epochs in (1, 2, 9):
        run = train(rb.Perceptron(2), data, epochs=epochs, shuffle=False, init_params=begin)
        theirs = SklearnPerceptron(eta0=ETA, shuffle=False, max_iter=epochs, tol=None)
        theirs.fit(data.X, data.labels, coef_init=[[0.3, -0.2]], intercept_init=[0.1])
        expected = [*theirs.coef_[0], *theirs.intercept_]
        np.testing.assert_allclose(flat(run.params), expected, rtol=1e-10)
        np.testing.assert_array_equal(run.predict(data.X), theirs.predict(data.X))


@pytest.mark.slow
@given(
    direction=arrays(float, 3, elements=st.floats(-1, 1)),
    points=arrays(float, (25, 2), elements=st.floats(-10, 10)),
    seed=st.integers(0, 1000),
    eta=st.sampled_from([0.01, 1.0, 3.0]),
)
def test_the_online_rule_never_exceeds_novikoffs_bound(direction, points, seed, eta):
    # Novikoff (1962): at most (R / gamma)² mistakes, R and gamma of the samples (x, 1).
    assume(np.linalg.norm(direction) > 0.1)
    augmented = np.hstack([points, np.ones((25, 1))])
    margins = augmented @ direction / np.linalg.norm(direction)
    far = np.abs(margins) > 0.3
    labels = np.where(margins > 0, 1, -1)[far]
    assume(len(set(labels.tolist())) == 2)
    bound = (np.linalg.norm(augmented[far], axis=1).max() / np.abs(margins[far]).min()) ** 2
    data = Dataset(points[far], labels)
    run = rb.train(
        rb.Perceptron(2), data, optimizer=rb.SGD(eta), epochs=60, seed=seed, eval_every=60
    )
    assert run.history[-1]["mistakes"] <= bound + 1e-9


def test_on_separable_data_mistakes_come_to_an_end():
    data = rb.data.gaussians(40, means=[(4, 4), (-4, -4)], seed=0)
    run = rb.train(rb.Perceptron(2), data, optimizer=rb.SGD(1.0), epochs=30)
    assert run.history[-1]["train_accuracy"] == 1
    assert run.history["mistakes"][-1] == run.history["mistakes"][-5]


# Which weights to answer with


@pytest.mark.parametrize("rule", ["online", "batch", "mini-batch"])
@pytest.mark.parametrize("seed", range(4))
def test_the_pocket_is_never_worse_on_the_training_set_than_any_epoch(rule, seed):
    data = overlapping(seed=seed)
    model = rb.Perceptron(2, rule, weights="pocket")
    settings = {"batch_size": 7 if rule == "mini-batch" else None, "seed": seed}
    pocket = train(model, data, epochs=30, **settings)
    last = train(rb.Perceptron(2, rule), data, epochs=30, **settings)
    assert (np.diff(pocket.history["train_accuracy"]) >= 0).all()
    best_so_far = np.maximum.accumulate(last.history["train_accuracy"])
    assert (pocket.history["train_accuracy"] >= best_so_far).all()
    for name in last.params:
        np.testing.assert_array_equal(last.params[name], pocket.weights["last"][name])
        np.testing.assert_array_equal(last.weights["pocket"][name], pocket.params[name])


def test_the_pocket_of_the_online_rule_is_gallants_ratchet():
    """Gallant's algorithm as he prints it: try weights that answer longer runs rightly."""
    data = overlapping(seed=5)
    X, y = np.hstack([data.X, np.ones((60, 1))]), signs(data)

    def errors(w):
        return int(np.sum(np.where(X @ w >= 0, 1, -1) != y))

    w, run, longest = np.zeros(3), 0, 0
    pocket, fewest = w, errors(w)
    for epoch in range(1, 21):
        for i in epoch_order(0, epoch, 60):
            if (1 if X[i] @ w >= 0 else -1) == y[i]:
                run += 1
                if run > longest:
                    longest = run
                    if errors(w) < fewest:
                        pocket, fewest = w, errors(w)
            else:
                w, run = w + ETA * y[i] * X[i], 0
        if errors(w) < fewest:
            pocket, fewest = w, errors(w)
    trained = train(rb.Perceptron(2, weights="pocket"), data, epochs=20)
    np.testing.assert_allclose(flat(trained.params), pocket, rtol=0, atol=1e-12)
    assert trained.history[-1]["train_accuracy"] == 1 - fewest / 60


def test_the_pocket_tries_the_same_weights_on_the_whole_training_set_only_once():
    calls = []

    def count_errors(params):
        calls.append(params)
        return 5

    pocket, params = Pocket(), {"w": np.zeros(1)}
    memory = pocket.start(params, 5)
    for _ in range(10):
        memory = pocket.after_update(memory, Visit(params, params, 0, 1), count_errors)
    assert len(calls) == 1
    memory = pocket.after_update(memory, Visit(params, params, 1, 1), count_errors)
    for _ in range(11):
        memory = pocket.after_update(memory, Visit(params, params, 0, 1), count_errors)
    assert len(calls) == 2


def test_the_pocket_takes_weights_with_strictly_fewer_mistakes_only():
    def errors(params):
        return int(params["w"].item())

    three, other_three, two = ({"w": np.array([value])} for value in (3.0, 3.5, 2.0))
    pocket = Pocket()
    memory = pocket.after_epoch(pocket.start(three, 3), other_three, errors)
    assert pocket.chosen(memory) is three
    memory = pocket.after_epoch(memory, two, errors)
    assert pocket.chosen(memory) is two


def test_the_pocket_tries_the_weights_that_gave_the_answers_after_a_longer_run_only():
    tried = []

    def errors(params):
        tried.append(params["w"].item())
        return 9

    def see(memory, w, mistakes):
        before, after = {"w": np.array([w])}, {"w": np.array([w + 0.5])}
        return pocket.after_update(memory, Visit(before, after, mistakes, 1), errors)

    pocket = Pocket()
    memory = pocket.start({"w": np.array([0.0])}, 9)
    for w, mistakes in ((1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 0), (3, 1)):
        memory = see(memory, float(w), mistakes)
    # 2 answered one sample rightly, as 1 had before it: no longer run, no trial.
    assert tried == [1, 3]


def test_the_average_counts_every_update_once():
    averaged, memory = Averaged(), Averaged().start({"w": np.array([9.0])}, 0)
    assert averaged.chosen(memory)["w"].item() == 9
    for value in (1.0, 2.0, 6.0):
        visit = Visit({"w": np.array([0.0])}, {"w": np.array([value])}, 0, 1)
        memory = averaged.after_update(memory, visit, lambda params: 0)
    assert averaged.chosen(memory)["w"].item() == pytest.approx(3.0)


@pytest.mark.parametrize("weights", ["last", "pocket", "averaged"])
def test_the_history_measures_the_weights_that_were_asked_for(weights):
    data, test = overlapping(), overlapping(seed=9)
    run = train(rb.Perceptron(2, weights=weights), data, test=test, epochs=5)
    assert list(run.weights) == ["last", "averaged", "pocket"]
    for name in run.params:
        np.testing.assert_array_equal(run.params[name], run.weights[weights][name])
    for part, measured in (("train", data), ("test", test)):
        metrics = run.evaluate(measured)
        assert run.history[-1][f"{part}_loss"] == metrics.loss
        assert run.history[-1][f"{part}_accuracy"] == metrics.accuracy
    other = run.with_weights("averaged")
    np.testing.assert_array_equal(other.params["0.weight"], run.weights["averaged"]["0.weight"])


def test_weights_that_were_not_kept_are_refused_with_the_nearest():
    run = train(rb.Perceptron(2), overlapping(), epochs=1)
    with pytest.raises(ConfigurationError, match='did you mean "averaged"'):
        run.with_weights("average")


# Conventions and settings


def test_the_perceptron_starts_at_zero_and_the_sign_of_zero_is_plus_one():
    data = Dataset([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [1, 1, -1])
    run = train(rb.Perceptron(2), data, epochs=1)
    assert run.history[0]["train_accuracy"] == pytest.approx(2 / 3)
    begin = rb.Perceptron(2).init(seed=8)
    assert not begin["0.weight"].any()
    assert not begin["0.bias"].any()
    assert rb.Perceptron(2).layers[0].n_outputs == 1
    assert run.predict([[0.0, 0.0]]).dtype == np.int64


def test_one_feature_is_enough():
    data = Dataset([[-2.0], [-1.0], [1.0], [2.0]], [-1, -1, 1, 1])
    run = rb.train(rb.Perceptron(1), data, optimizer=rb.SGD(1.0), epochs=10)
    assert run.predict([[-3.0], [3.0]]).tolist() == [-1, 1]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: rb.Perceptron(0),
            "n_inputs of Perceptron must be a whole number of at least 1, got 0",
        ),
        (lambda: rb.Perceptron(2, rule="on-line"), 'did you mean "online"'),
        (lambda: rb.Perceptron(2, scale="sample"), 'did you mean "samples"'),
        (lambda: rb.Perceptron(2, weights="average"), 'did you mean "averaged"'),
        (lambda: train(rb.Perceptron(2), overlapping(), batch_size=5), "updates after 1 sample,"),
        (lambda: train(rb.Perceptron(2), overlapping(), batch_size="1"), "whole number .* got '1'"),
        (
            lambda: train(rb.Perceptron(2, "batch"), overlapping(), batch_size=5),
            "updates after 60 samples, not after batch_size=5",
        ),
        (lambda: train(rb.Perceptron(2, "mini-batch"), overlapping()), "needs a batch_size"),
        (
            lambda: train(rb.Perceptron(2, "mini-batch"), overlapping(), batch_size=61),
            "there are only 60 training samples",
        ),
        (
            lambda: train(rb.Perceptron(2), overlapping()).predict_proba([[0.0, 0.0]]),
            "gives no probabilities",
        ),
    ],
)
def test_settings_that_cannot_work_are_refused(make, message):
    with pytest.raises(ConfigurationError, match=message):
        make()


def test_three_classes_are_refused():
    data = Dataset(np.eye(3), [0, 1, 2])
    with pytest.raises(DataError, match="the data has 3 classes"):
        train(rb.Perceptron(3), data)
