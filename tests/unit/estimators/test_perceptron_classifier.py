"""The perceptron gives scikit-learn's numbers: scikit-learn itself is the reference here."""

import warnings

import numpy as np
import pytest
import scipy.sparse
import sklearn.linear_model as theirs
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning

from rosenblatt import estimators as ours
from rosenblatt.engines import ENGINES
from rosenblatt.engines.online import choose_online, run_online, shuffle_of
from rosenblatt.engines.online_rule import OnlineData, OnlineRule, OnlineState, fixed_shuffle

every_engine = pytest.mark.parametrize("engine", ENGINES)
N, D = 41, 3


def problem(n_classes):
    rng = np.random.default_rng(5)
    X = rng.normal(size=(N, D))
    score = X[:, 0] - 0.5 * X[:, 1] + 0.3 * rng.normal(size=N)
    return X, np.digitize(score, [0.0] if n_classes == 2 else [-0.5, 0.5])


def fit_both(engine, how, n_classes, weighted, kind=np.asarray, calls=1):
    X, y = problem(n_classes)
    weights = np.random.default_rng(1).uniform(0.3, 2, N) if weighted else None
    models = theirs.Perceptron(**how), ours.Perceptron(engine=engine, **how)
    for model in models:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            for _ in range(calls):
                model.fit(kind(X), y, sample_weight=weights)
    return *models, X


def assert_same(expected, found, X):
    assert found.n_iter_ == expected.n_iter_
    assert found.t_ == expected.t_
    np.testing.assert_allclose(found.coef_, expected.coef_, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(found.intercept_, expected.intercept_, rtol=1e-7, atol=1e-10)
    np.testing.assert_array_equal(found.predict(X), expected.predict(X))
    np.testing.assert_allclose(
        found.decision_function(X), expected.decision_function(X), rtol=1e-7, atol=1e-9
    )


@st.composite
def settings_of_both(draw):
    return {
        "penalty": draw(st.sampled_from([None, "l2", "l1", "elasticnet"])),
        "alpha": draw(st.sampled_from([0.0, 1e-4, 0.03])),
        "l1_ratio": draw(st.sampled_from([0.0, 0.15, 1.0])),
        "fit_intercept": draw(st.booleans()),
        "max_iter": draw(st.sampled_from([1, 7, 60])),
        "tol": draw(st.sampled_from([None, 0.0, 1e-3, 0.1])),
        "shuffle": draw(st.booleans()),
        "eta0": draw(st.sampled_from([1.0, 0.1])),
        "random_state": draw(st.integers(0, 5)),
        "early_stopping": draw(st.booleans()),
        "validation_fraction": draw(st.sampled_from([0.1, 0.4])),
        "n_iter_no_change": draw(st.sampled_from([1, 5])),
        "class_weight": draw(st.sampled_from([None, "balanced", {0: 2.0, 1: 0.5}])),
    }


@pytest.mark.slow
@every_engine
@settings(max_examples=80, deadline=None)
@given(how=settings_of_both(), n_classes=st.sampled_from([2, 3]), weighted=st.booleans())
def test_drawn_settings(engine, how, n_classes, weighted):
    assert_same(*fit_both(engine, how, n_classes, weighted))


@every_engine
@pytest.mark.parametrize("penalty", [None, "l1"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_sparse_samples(engine, penalty, n_classes):
    how = {"penalty": penalty, "alpha": 0.01, "tol": None, "max_iter": 6}

    def kind(X):
        return scipy.sparse.csr_array(np.where(np.abs(X) > 0.7, X, 0))

    assert_same(*fit_both(engine, how, n_classes, False, kind))


@pytest.mark.cases(14)
@every_engine
@pytest.mark.parametrize("penalty", ["l1", "l2", "elasticnet"])
@pytest.mark.parametrize("alpha", [1e-3, 0.03, 0.1])
@pytest.mark.parametrize("density", [1.0, 0.5])
def test_a_fit_stops_by_the_penalty_that_scikit_learn_counts(engine, penalty, alpha, density):
    rng = np.random.default_rng(3)
    for seed in range(10):
        X = rng.normal(size=(60, 4)) * (rng.uniform(size=(60, 4)) < density)
        y = X[:, 0] + 0.1 * rng.normal(size=60) > 0
        how = {"penalty": penalty, "alpha": alpha, "random_state": seed}
        samples = X if density == 1.0 else scipy.sparse.csr_array(X)
        expected = theirs.Perceptron(**how).fit(samples, y)
        assert_same(expected, ours.Perceptron(engine=engine, **how).fit(samples, y), samples)


@pytest.mark.cases(2)
@every_engine
@pytest.mark.parametrize("alpha", [1e-4, 0.03, 0.5, 1.0])
def test_early_stopping_scores_the_weights_that_scikit_learn_scores(engine, alpha):
    rng = np.random.default_rng(4)
    for penalty in ("l2", "l1", "elasticnet"):
        how = {"penalty": penalty, "alpha": alpha, "early_stopping": True}
        how |= {"validation_fraction": 0.3}
        for _ in range(15):
            X = rng.normal(size=(60, 3))
            y = (X[:, 0] + 0.5 * rng.normal(size=60) > 0).astype(int)
            expected = theirs.Perceptron(**how).fit(X, y)
            assert_same(expected, ours.Perceptron(engine=engine, **how).fit(X, y), X)


@every_engine
def test_warm_start_goes_on(engine):
    how = {"warm_start": True, "max_iter": 2, "tol": None}
    assert_same(*fit_both(engine, how, 3, True, calls=3))


@every_engine
def test_a_generator_is_drawn_from_in_the_same_order(engine):
    X, y = problem(2)
    states = [np.random.RandomState(4), np.random.RandomState(4)]
    how = {"early_stopping": True, "validation_fraction": 0.3}
    expected = theirs.Perceptron(random_state=states[0], **how).fit(X, y)
    found = ours.Perceptron(random_state=states[1], engine=engine, **how).fit(X, y)
    assert_same(expected, found, X)
    assert states[0].randint(10**6) == states[1].randint(10**6)


@every_engine
@pytest.mark.parametrize("n_classes", [2, 3])
def test_partial_fit(engine, n_classes):
    X, y = problem(n_classes)
    models = theirs.Perceptron(penalty="l2"), ours.Perceptron(penalty="l2", engine=engine)
    for model in models:
        for k in range(6):
            rows = slice(0, 20) if k % 2 else slice(15, N)
            model.partial_fit(X[rows], y[rows], classes=np.unique(y) if k == 0 else None)
    assert_same(*models, X)


@every_engine
def test_initial_weights(engine):
    X, y = problem(2)
    start = {"coef_init": [[1.0, -2.0, 0.5]], "intercept_init": [0.25]}
    models = [
        kind(max_iter=1, tol=None).fit(X, y, **start)
        for kind in (theirs.Perceptron, lambda **how: ours.Perceptron(engine=engine, **how))
    ]
    assert_same(*models, X)
    with pytest.raises(ValueError, match="coef_init does not match"):
        ours.Perceptron(engine=engine).fit(X, y, coef_init=[[1.0, 2.0]])


def test_classes_train_at_the_same_time():
    X, y = problem(3)
    one, two = (ours.Perceptron(n_jobs=n, engine="compiled").fit(X, y) for n in (1, 2))
    np.testing.assert_array_equal(one.coef_, two.coef_)


def test_what_cannot_work_is_refused():
    X, y = problem(2)
    with pytest.raises(ValueError, match="greater than one; got 1 class"):
        ours.Perceptron().fit(X, np.zeros(N))
    with pytest.raises(ValueError, match="early_stopping should be False"):
        ours.Perceptron(early_stopping=True).partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="'balanced' is not supported for partial_fit"):
        ours.Perceptron(class_weight="balanced").partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="under-/overflow"):
        ours.Perceptron(eta0=1e308).fit(1e5 * X, y)
    with pytest.warns(ConvergenceWarning, match="Maximum number of iteration"):
        ours.Perceptron(max_iter=1).fit(X, y)


@pytest.mark.parametrize("penalized", [False, True])
def test_both_engines_train_online_alike(penalized):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(N, D)), rng.choice([-1.0, 1.0], N)
    rule = OnlineRule(0.5, 0.6, 0.001, True, 0.1, 0.1, 0.2) if penalized else OnlineRule(0.5)
    orders = np.array([rng.permutation(N) for _ in range(3)])
    ends = []
    for engine in ENGINES:
        state = OnlineState.start(np.zeros(D), np.zeros(1))
        data = OnlineData(np.where(np.abs(x) > 0.3, x, 0), y, rng.uniform(1, 1, N))
        sums = run_online(engine, data, rule, state, orders)
        ends.append((state.w, state.b, state.due, state.paid, state.scale, sums))
    for one, other in zip(*ends, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("n", [2, 3, 100])
@pytest.mark.parametrize("seed", [0, 1, 2**31 - 2])
def test_both_engines_shuffle_alike(n, seed):
    order = shuffle_of("compiled", seed, n)
    np.testing.assert_array_equal(order, fixed_shuffle(seed, n))
    assert sorted(order.tolist()) == list(range(n))


def test_the_choice_of_an_engine():
    assert choose_online("reference", 10**12) == "reference"
    assert choose_online("compiled", 1) == "compiled"
    assert choose_online("auto", 10**5) == "compiled"
    assert choose_online("auto", 100) == "reference"
