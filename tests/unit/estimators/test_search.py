"""Searches whose fits train together, next to scikit-learn's around the same estimators."""

import numpy as np
import pytest
from scipy.stats import loguniform
from sklearn import model_selection
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.datasets import make_classification, make_moons, make_regression
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from rosenblatt.errors import DataError
from rosenblatt.estimators import (
    GridSearchCV,
    MLPClassifier,
    MLPRegressor,
    Perceptron,
    RandomizedSearchCV,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RATES = [0.001, 0.01, 0.1]
MOONS = make_moons(61, noise=0.2, random_state=0)  # three folds of 20 and 21 rows
CLASSES = make_classification(
    75, 6, n_informative=4, n_classes=3, n_clusters_per_class=1, random_state=0
)
VALUES = make_regression(60, 4, n_targets=2, noise=1.0, random_state=0)
VALUES = VALUES[0], VALUES[1] / 100
WEIGHTS = np.random.default_rng(0).uniform(0.1, 1, len(MOONS[1]))


def network(kind=MLPClassifier, **settings):
    defaults = {"hidden_layer_sizes": (5,), "batch_size": 10, "max_iter": 12, "random_state": 0}
    return kind(**{**defaults, "engine": "compiled", **settings})


@pytest.fixture
def fits(monkeypatch):
    """The estimators that ``fit`` has been called of."""
    called = []
    for kind in (MLPClassifier, MLPRegressor):
        plain = kind.fit

        def fit(self, *args, plain=plain, **kwargs):
            called.append(self)
            return plain(self, *args, **kwargs)

        monkeypatch.setattr(kind, "fit", fit)
    return called


def check(ours, theirs, rtol=0.0):
    """The searches have the same results, and the same best candidate."""
    assert list(ours.cv_results_) == list(theirs.cv_results_)
    for name, expected in theirs.cv_results_.items():
        found = ours.cv_results_[name]
        if name == "params":
            assert found == expected
        elif "_time" not in name:
            assert type(found) is type(expected)
            assert found.dtype == expected.dtype
            if expected.dtype == object:
                assert list(found) == list(expected)
            else:
                np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol)
    for name in ("best_index_", "best_params_", "n_splits_", "multimetric_", "n_features_in_"):
        assert getattr(ours, name, None) == getattr(theirs, name, None)
    assert type(ours.scorer_) is type(theirs.scorer_)
    assert hasattr(ours, "best_score_") == hasattr(theirs, "best_score_")
    if hasattr(theirs, "best_score_"):
        assert ours.best_score_ == pytest.approx(theirs.best_score_, rel=rtol, abs=rtol)


def both(estimator, grid, data, rtol=0.0, fit=None, **settings):
    """Return our search, compared with scikit-learn's."""
    settings = {"cv": 3, **settings}
    ours = GridSearchCV(estimator, grid, **settings).fit(*data, **fit or {})
    check(
        ours,
        model_selection.GridSearchCV(estimator, grid, **settings).fit(*data, **fit or {}),
        rtol,
    )
    return ours


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("estimator", "grid", "data", "rtol"),
    [
        (network(), {"learning_rate_init": RATES, "alpha": [0, 0.01]}, MOONS, 0),
        (
            network(solver="sgd", n_iter_no_change=1),
            {
                "learning_rate_init": [0.1, 2.0],
                "learning_rate": ["constant", "invscaling", "adaptive"],
                "momentum": [0, 0.9],
            },
            MOONS,
            0,
        ),
        (
            network(early_stopping=True, n_iter_no_change=2, max_iter=30),
            {"learning_rate_init": RATES, "random_state": [0, 1]},
            MOONS,
            0,
        ),
        (
            network(batch_size="auto", max_iter=20),
            {"beta_1": [0.5, 0.9], "activation": ["relu", "tanh"]},
            CLASSES,
            0,
        ),
        (
            network(MLPRegressor),
            {"learning_rate_init": RATES, "dropout": [0.0, 0.2]},
            VALUES,
            1e-9,
        ),
        (
            network(MLPRegressor, early_stopping=True),
            {"learning_rate_init": RATES, "shuffle": [False, True]},
            (VALUES[0], VALUES[1][:, 0]),
            1e-9,
        ),
    ],
    ids=["adam", "sgd", "early stopping", "shapes", "values", "values, early stopping"],
)
def test_results_are_scikit_learns_and_all_fits_train_together(estimator, grid, data, rtol, fits):
    ours = GridSearchCV(estimator, grid, cv=3, return_train_score=True).fit(*data)
    assert len(fits) == 1  # of the best on all samples
    theirs = model_selection.GridSearchCV(estimator, grid, cv=3, return_train_score=True)
    check(ours, theirs.fit(*data), rtol)
    np.testing.assert_array_equal(ours.predict(data[0]), theirs.predict(data[0]))


class Keeps:
    """A scorer that keeps the fitted estimators, by their settings and test rows."""

    def __init__(self):
        self.fitted = {}

    def __call__(self, estimator, X, y):
        self.fitted[key(estimator, X)] = estimator
        return estimator.score(X, y)


def key(estimator, X):
    return repr(estimator.get_params()), X.tobytes()


@pytest.mark.parametrize(
    ("settings", "is_exact"),
    [
        ({"batch_size": 30, "max_iter": 40, "tol": 0.01}, True),  # a fit has all lanes
        ({"batch_size": 10, "max_iter": 40, "tol": 0.01}, False),  # a fit has a lane
        ({"early_stopping": True, "batch_size": 30, "n_iter_no_change": 2}, True),
        (
            {
                "solver": "sgd",
                "learning_rate": "adaptive",
                "n_iter_no_change": 1,
                "tol": 0.1,
                "max_iter": 40,
            },
            False,
        ),
    ],
)
def test_a_fit_is_that_of_the_estimator_alone(settings, is_exact):
    """Bit by bit where the same kernel trains, else up to rounding."""
    estimator, grid = network(**settings), {"learning_rate_init": RATES, "alpha": [0.001, 0.1]}
    kept, (X, y) = Keeps(), MOONS
    GridSearchCV(estimator, grid, cv=3, scoring=kept, refit=False).fit(X, y)
    alone = {}
    for params in model_selection.ParameterGrid(grid):
        for train, test in model_selection.StratifiedKFold(3).split(X, y):
            fitted = clone(estimator).set_params(**params).fit(X[train], y[train])
            alone[key(fitted, X[test])] = fitted
    assert kept.fitted.keys() == alone.keys()
    assert len({fitted.n_iter_ for fitted in alone.values()}) > 1
    for at, expected in alone.items():
        found = kept.fitted[at]
        assert vars(found).keys() == vars(expected).keys()
        for name in ("n_iter_", "t_", "learning_rate_", "no_improvement_count_"):
            assert getattr(found, name) == getattr(expected, name)
        assert found.validation_scores_ == expected.validation_scores_
        np.testing.assert_allclose(found.loss_curve_, expected.loss_curve_, rtol=1e-9)
        for name in ("coefs_", "intercepts_"):
            for mine, theirs in zip(getattr(found, name), getattr(expected, name), strict=True):
                if is_exact:
                    np.testing.assert_array_equal(mine, theirs)
                else:
                    np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)


def test_a_fit_can_be_continued():
    """Slots of the optimizer are those of a fit alone, too."""
    kept, estimator, (X, y) = Keeps(), network(batch_size=30, max_iter=5), MOONS
    GridSearchCV(estimator, {"alpha": [0.1, 0.2]}, cv=3, scoring=kept, refit=False).fit(X, y)
    train, test = next(model_selection.StratifiedKFold(3).split(X, y))
    alone = clone(estimator).set_params(alpha=0.1).fit(X[train], y[train])
    found = kept.fitted[key(alone, X[test])]
    for fitted in (found, alone):
        fitted.partial_fit(X, y)
    np.testing.assert_array_equal(found.coefs_[0], alone.coefs_[0])


def test_weights_of_samples_and_classes():
    grid = {"class_weight": [None, "balanced", {0: 1, 1: 3}], "learning_rate_init": RATES}
    both(network(), grid, MOONS, fit={"sample_weight": WEIGHTS})


def test_several_metrics_and_a_refit_of_one():
    metrics = {"scoring": ["accuracy", "neg_log_loss"], "refit": "neg_log_loss"}
    ours = both(network(), {"learning_rate_init": RATES}, CLASSES, 1e-9, **metrics)
    assert list(ours.scorer_) == ["accuracy", "neg_log_loss"]


def test_a_callable_refit_and_ties_in_rank():
    ours = both(
        network(),
        {"learning_rate_init": [0.01, 0.01, 1e-9, 1e-9]},
        MOONS,
        refit=lambda results: len(results["params"]) - 1,
    )
    assert ours.best_index_ == 3
    ranks = ours.cv_results_["rank_test_score"]
    assert (ranks[0], ranks[2]) == (ranks[1], ranks[3])


def test_fits_that_fail():
    """A setting out of range, and a loss that diverges, have the error score and lowest rank."""
    grid = [{"alpha": [-1.0, 0.1]}, {"learning_rate_init": [1e200, 0.01]}]
    estimator = network(MLPRegressor, solver="sgd", max_iter=5)
    with pytest.warns(FitFailedWarning, match="6 fits failed out of a total of 12"):
        ours = GridSearchCV(estimator, grid, cv=3, error_score=-7.0).fit(*VALUES)
    with pytest.warns(FitFailedWarning, match="6 fits failed"):
        theirs = model_selection.GridSearchCV(estimator, grid, cv=3, error_score=-7.0).fit(*VALUES)
    check(ours, theirs, 1e-9)
    assert list(ours.cv_results_["mean_test_score"] == -7.0) == [True, False, True, False]
    with pytest.raises(DataError, match="learning rate 1e"):
        GridSearchCV(estimator, grid[1], cv=3, error_score="raise").fit(*VALUES)


@pytest.mark.slow
def test_what_cannot_train_together_is_fitted_alone(fits):
    grid = {"solver": ["lbfgs", "sgd"], "warm_start": [False, True], "alpha": [0.001, 0.1]}
    both(network(max_iter=6), grid, MOONS, refit=False)
    # Ours: three solvers' fits alone out of four, on each fold; scikit-learn's: all.
    assert len(fits) == 3 * 2 * 3 + 8 * 3


@pytest.mark.slow
def test_other_estimators(fits):
    both(LogisticRegression(), {"C": [0.1, 1.0]}, MOONS)
    both(Perceptron(random_state=0), {"alpha": [0.001, 0.1]}, MOONS)
    both(
        Pipeline([("last", network(max_iter=6))]),
        {"last": [network(max_iter=6), LogisticRegression()]},
        MOONS,
        refit=False,
    )
    assert len(fits) == 3 + 1  # scikit-learn's, and of ours the only one of 41 rows


class Counted(TransformerMixin, BaseEstimator):
    """Shifts samples, and counts its fits."""

    fits = 0

    def __init__(self, shift=0.0, random_state=0):
        self.shift, self.random_state = shift, random_state

    def fit(self, X, y=None):
        Counted.fits += 1
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        return X + self.shift


def test_transformers_are_fitted_once_for_a_fold_and_a_setting(monkeypatch):
    grid = {"counted__shift": [0.0, 1.0], "mlpclassifier__learning_rate_init": RATES}
    pipeline = make_pipeline(StandardScaler(), Counted(), network())
    monkeypatch.setattr(Counted, "fits", 0)
    ours = GridSearchCV(pipeline, grid, cv=3, refit=False).fit(*CLASSES)
    assert Counted.fits == 2 * 3
    check(ours, model_selection.GridSearchCV(pipeline, grid, cv=3, refit=False).fit(*CLASSES))


def test_transformers_that_draw_at_random_are_fitted_for_each_candidate(monkeypatch):
    monkeypatch.setattr(Counted, "fits", 0)
    pipeline = make_pipeline(Counted(random_state=None), network())
    GridSearchCV(pipeline, {"mlpclassifier__alpha": RATES}, cv=3, refit=False).fit(*CLASSES)
    assert Counted.fits == 3 * 3


@pytest.mark.slow
def test_a_pipeline_and_its_scorer():
    """A scorer gets the whole pipeline, fitted, and samples that are not transformed."""
    pipeline = make_pipeline(StandardScaler(), PCA(3), network())
    grid = {"pca__n_components": [2, 3], "mlpclassifier__alpha": [0.01, 1.0]}
    both(pipeline, grid, CLASSES, 1e-9, scoring="neg_log_loss")
    fit = {"mlpclassifier__sample_weight": np.linspace(0.1, 1, len(CLASSES[1]))}
    both(pipeline, grid, CLASSES, fit=fit)


def test_settings_drawn_at_random():
    drawn = {"learning_rate_init": loguniform(1e-3, 1e-1), "alpha": [0.001, 0.1]}
    settings = {"n_iter": 5, "cv": 3, "random_state": 4}
    ours = RandomizedSearchCV(network(), drawn, **settings).fit(*MOONS)
    check(ours, model_selection.RandomizedSearchCV(network(), drawn, **settings).fit(*MOONS))


def test_without_a_seed_fits_differ():
    kept = Keeps()
    search = GridSearchCV(
        network(random_state=None), {"alpha": [0.01, 0.1, 0.2]}, cv=2, scoring=kept, refit=False
    )
    search.fit(*MOONS)
    assert len({one.coefs_[0].sum() for one in kept.fitted.values()}) == 6


def test_verbose_says_what_trains_together(capsys):
    grid = {"solver": ["lbfgs", "adam"], "alpha": [0.01, 0.1]}
    GridSearchCV(network(), grid, cv=3, verbose=2, refit=False).fit(*MOONS)
    output = capsys.readouterr().out
    assert "Fitting 3 folds for each of 4 candidates, totalling 12 fits" in output
    assert "6 of them train together, in populations of 2, 4; 6 alone" in output
    assert output.count("[CV") == 12


def test_the_last_epoch_warns(recwarn):
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(12\)"):
        GridSearchCV(network(), {"alpha": RATES}, cv=2, refit=False).fit(*MOONS)


def test_few_short_fits_are_not_compiled(fits):
    """With engine="auto", work of some hundredths of a second is not worth compiling."""
    GridSearchCV(network(engine="auto", max_iter=2), {"alpha": [0.1]}, cv=2).fit(*MOONS)
    assert len(fits) == 3
