"""The estimators give scikit-learn's numbers: scikit-learn itself is the reference here."""

import warnings

import numpy as np
import pytest
import scipy.sparse
import sklearn.neural_network as theirs
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning

from rosenblatt import estimators as ours
from rosenblatt.engines import ENGINES

every_engine = pytest.mark.parametrize("engine", ENGINES)
N, D = 37, 4
LISTS = ("loss_curve_", "validation_scores_")
NUMBERS = ("loss_", "best_loss_", "best_validation_score_")
EXACT = ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_")


def problem(task, rng):
    """Return samples, and labels or values that depend on them."""
    X = rng.normal(size=(N, D))
    score = X[:, 0] + np.abs(X[:, 1]) - 0.7
    values = {
        "binary": np.array(["no", "yes"])[(score > 0).astype(int)],
        "multiclass": (score > -0.4).astype(int) + (score > 0.4),
        "multilabel": (np.c_[score, X[:, 2], -score] > 0).astype(int),
        "regression": score,
        "two values": np.c_[score, X[:, 2] ** 2],
        "counts": rng.poisson(np.exp(score)).astype(float),
    }
    return X, values[task]


def fit_both(task, how, engine, weights=None, X=None, y=None):
    if X is None:
        X, y = problem(task, np.random.default_rng(7))
    is_classifier = task in ("binary", "multiclass", "multilabel")
    kind = "MLPClassifier" if is_classifier else "MLPRegressor"
    if task == "counts":
        how = how | {"loss": "poisson"}
    expected = getattr(theirs, kind)(**how)
    found = getattr(ours, kind)(engine=engine, **how)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "Got `batch_size`")
        try:
            expected.fit(X, y, sample_weight=weights)
        except FloatingPointError:
            # scikit-learn's own loss has overflowed: there is nothing to compare with.
            reject()
        found.fit(X, y, sample_weight=weights)
    return expected, found, X


def assert_same(expected, found, X, rtol=1e-7):
    for name in EXACT:
        assert getattr(found, name) == getattr(expected, name), name
    for name in ("coefs_", "intercepts_"):
        for a, b in zip(getattr(expected, name), getattr(found, name), strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(b, a, rtol=rtol, atol=rtol * np.abs(a).max())
    for name in (*LISTS, *NUMBERS):
        if getattr(expected, name, None) is None:
            assert getattr(found, name, None) is None
        else:
            np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=rtol)
    np.testing.assert_array_equal(found.predict(X).shape, expected.predict(X).shape)
    if hasattr(expected, "predict_proba"):
        np.testing.assert_allclose(
            found.predict_proba(X), expected.predict_proba(X), rtol=1e-6, atol=1e-12
        )
        np.testing.assert_array_equal(found.predict(X), expected.predict(X))


@st.composite
def settings_of_both(draw):
    solver = draw(st.sampled_from(["sgd", "adam"]))
    how = {
        "solver": solver,
        "hidden_layer_sizes": draw(st.sampled_from([(), (3,), (5, 4), 6, (33, 9)])),
        "activation": draw(st.sampled_from(["identity", "logistic", "tanh", "relu"])),
        "alpha": draw(st.sampled_from([0.0, 1e-4, 0.5])),
        "batch_size": draw(st.sampled_from(["auto", 1, 2, 5, 16, 36])),
        "learning_rate_init": draw(st.sampled_from([0.001, 0.02])),
        "max_iter": draw(st.integers(1, 30)),
        "shuffle": draw(st.booleans()),
        "random_state": draw(st.integers(0, 5)),
        "tol": draw(st.sampled_from([0.0, 1e-3, 0.1])),
        "n_iter_no_change": draw(st.sampled_from([1, 3, np.inf])),
        "early_stopping": draw(st.booleans()),
        "validation_fraction": draw(st.sampled_from([0.1, 0.3])),
    }
    if solver == "adam":
        return how | {
            "beta_1": draw(st.sampled_from([0.0, 0.9])),
            "beta_2": draw(st.sampled_from([0.5, 0.999])),
            "epsilon": draw(st.sampled_from([1e-8, 0.1])),
        }
    return how | {
        "momentum": draw(st.sampled_from([0.0, 0.5, 0.9])),
        "nesterovs_momentum": draw(st.booleans()),
        "learning_rate": draw(st.sampled_from(["constant", "invscaling", "adaptive"])),
        "power_t": draw(st.sampled_from([0.0, 0.5])),
    }


TASKS = ["binary", "multiclass", "multilabel", "regression", "two values", "counts"]


@pytest.mark.slow
@every_engine
@settings(max_examples=60, deadline=None)
@given(how=settings_of_both(), task=st.sampled_from(TASKS), weighted=st.booleans())
def test_drawn_settings(engine, how, task, weighted):
    weights = np.random.default_rng(1).uniform(0.3, 2, N) if weighted else None
    assert_same(*fit_both(task, how, engine, weights))


SLOW = {"solver": "sgd", "learning_rate_init": 0.1, "max_iter": 300, "random_state": 1}


@every_engine
@pytest.mark.parametrize("task", TASKS)
def test_until_it_converges(engine, task):
    how = {"hidden_layer_sizes": (5,), "max_iter": 400, "random_state": 1, "tol": 1e-3}
    expected, found, X = fit_both(task, how | {"learning_rate_init": 0.01}, engine)
    assert_same(expected, found, X)


@every_engine
def test_an_adaptive_rate_comes_down_to_its_end(engine):
    how = SLOW | {"learning_rate": "adaptive", "tol": 0.5, "n_iter_no_change": 2}
    expected, found, X = fit_both("multiclass", how, engine)
    assert 20 < expected.n_iter_ < 300
    assert_same(expected, found, X)


@every_engine
def test_single_precision_is_kept(engine):
    X, y = problem("multiclass", np.random.default_rng(0))
    how = {"hidden_layer_sizes": (5,), "max_iter": 10, "random_state": 0}
    expected, found, _ = fit_both("multiclass", how, engine, X=X.astype(np.float32), y=y)
    assert all(array.dtype == np.float32 for array in found.coefs_ + found.intercepts_)
    for a, b in zip(expected.coefs_, found.coefs_, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-4, atol=1e-5)


@every_engine
@pytest.mark.parametrize("kind", [scipy.sparse.csr_array, scipy.sparse.csc_matrix])
def test_sparse_samples(engine, kind):
    X, y = problem("binary", np.random.default_rng(0))
    X = kind(np.where(np.abs(X) > 1, X, 0))
    how = {"hidden_layer_sizes": (5,), "max_iter": 10, "random_state": 0}
    assert_same(*fit_both("binary", how, engine, X=X, y=y))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("weighted", [False, True])
def test_lbfgs_finds_the_same_minimum(task, weighted):
    weights = np.random.default_rng(1).uniform(0.3, 2, N) if weighted else None
    alpha, close = 20.0, 1e-7
    how = {"solver": "lbfgs", "hidden_layer_sizes": (), "alpha": alpha, "random_state": 0}
    expected, found, _ = fit_both(task, how | {"max_iter": 1000, "tol": 1e-7}, "auto", weights)
    assert found.loss_ == pytest.approx(expected.loss_, rel=close)
    # SciPy's L-BFGS stops where a step gains less than 2.2e-9 of the loss, and rounding decides
    # after which step. The loss is convex, and with its penalty curved by at least α / Σ w along
    # the weights: where it is within δ of the minimum, they are within sqrt(2 δ / curvature) of it.
    curvature = alpha / (N if weights is None else weights.sum())
    bound = 2 * np.sqrt(2 * close * expected.loss_ / curvature)
    for a, b in zip(expected.coefs_, found.coefs_, strict=True):
        assert np.linalg.norm(b - a) <= bound < 0.1 * np.linalg.norm(a)


@pytest.mark.parametrize("task", TASKS)
def test_lbfgs_goes_the_same_way(task):
    how = {"solver": "lbfgs", "hidden_layer_sizes": (5,), "max_iter": 10, "random_state": 0}
    expected, found, _ = fit_both(task, how, "auto")
    assert found.n_iter_ == expected.n_iter_
    assert found.loss_ == pytest.approx(expected.loss_, rel=1e-7)
    for a, b in zip(expected.coefs_, found.coefs_, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-7)


@every_engine
@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("learning_rate", ["constant", "invscaling", "adaptive"])
@pytest.mark.parametrize("generator", [False, True])
def test_partial_fit(engine, solver, learning_rate, generator):
    X, y = problem("multiclass", np.random.default_rng(0))
    models = []
    for module, more in ((theirs, {}), (ours, {"engine": engine})):
        state = np.random.RandomState(3) if generator else 3
        model = module.MLPClassifier(
            (5,),
            solver=solver,
            learning_rate=learning_rate,
            learning_rate_init=0.05,
            tol=0.1,
            n_iter_no_change=1,
            random_state=state,
            **more,
        )
        for k in range(12):
            rows = slice(0, 20) if k % 2 else slice(15, N)
            model.partial_fit(X[rows], y[rows], classes=[0, 1, 2] if k == 0 else None)
        models.append(model)
    assert_same(*models, X)


@every_engine
def test_warm_start(engine):
    X, y = problem("binary", np.random.default_rng(0))
    models = []
    for module, more in ((theirs, {}), (ours, {"engine": engine})):
        model = module.MLPClassifier(
            (5,), max_iter=7, warm_start=True, random_state=0, learning_rate_init=0.05, **more
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            for _ in range(4):
                model.fit(X, y)
        models.append(model)
    assert_same(*models, X)


@pytest.mark.parametrize("learning_rate", ["constant", "adaptive"])
def test_what_is_printed(learning_rate, capsys):
    how = SLOW | {"verbose": True, "learning_rate": learning_rate, "tol": 0.5, "max_iter": 60}
    X, y = problem("binary", np.random.default_rng(0))
    printed = []
    for kind in (theirs.MLPClassifier, ours.MLPClassifier):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            kind(hidden_layer_sizes=(3,), **how).fit(X, y)
        printed.append(capsys.readouterr().out)
    assert "did not improve" in printed[0]
    assert printed[0] == printed[1]
