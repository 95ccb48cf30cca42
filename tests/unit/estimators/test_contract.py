"""scikit-learn's contract for estimators, by its own checks and by what people do with them."""

import pickle
import sys
import warnings

import numpy as np
import pytest
import sklearn
from joblib import parallel_config
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.inspection import DecisionBoundaryDisplay, permutation_importance
from sklearn.model_selection import GridSearchCV, LearningCurveDisplay, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from rosenblatt.estimators import MLPClassifier, MLPRegressor, Perceptron

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore::sklearn.exceptions.SkipTestWarning",
)
# scikit-learn's own Perceptron fails these too, and its list of expected failures says so.
EXPECTED = {
    Perceptron: {
        "check_sample_weight_equivalence_on_dense_data": "samples are visited one by one",
        "check_sample_weight_equivalence_on_sparse_data": "samples are visited one by one",
    }
}
QUICK = {"hidden_layer_sizes": (6,), "max_iter": 30, "learning_rate_init": 0.02, "random_state": 0}


@pytest.mark.cases(30)
@pytest.mark.filterwarnings("default")
@parametrize_with_checks(
    [MLPClassifier(max_iter=100), MLPRegressor(max_iter=100), Perceptron()],
    expected_failed_checks=lambda estimator: EXPECTED.get(type(estimator), {}),
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


@pytest.fixture
def classifier():
    return MLPClassifier(**QUICK)


def test_clones_and_settings(classifier, moons):
    classifier.set_params(activation=["tanh"], class_weight={0: 2.0})
    copy = clone(classifier.fit(*moons))
    assert copy.get_params() == classifier.get_params()
    assert not hasattr(copy, "coefs_")


def test_pipelines_searches_and_ensembles(classifier, moons):
    X, y = moons
    pipe = make_pipeline(StandardScaler(), classifier)
    with parallel_config("threading", n_jobs=2):
        search = GridSearchCV(pipe, {"mlpclassifier__alpha": [1e-4, 1.0]}, cv=2).fit(X, y)
    assert search.best_params_ == {"mlpclassifier__alpha": 1e-4}
    assert CalibratedClassifierCV(classifier, cv=2).fit(X, y).predict_proba(X).shape == (120, 2)
    voters = [("mlp", classifier), ("perceptron", CalibratedClassifierCV(Perceptron(), cv=2))]
    assert VotingClassifier(voters, voting="soft").fit(X, y).score(X, y) > 0.7
    scaled = TransformedTargetRegressor(MLPRegressor(**QUICK), transformer=StandardScaler())
    assert np.isfinite(scaled.fit(X, X[:, 0]).score(X, X[:, 0]))


@pytest.mark.slow
def test_other_processes(classifier, moons):
    scores = cross_validate(classifier, *moons, cv=2, n_jobs=2)["test_score"]
    np.testing.assert_array_equal(scores, cross_validate(classifier, *moons, cv=2)["test_score"])


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_data_frames(library, classifier, moons):
    module = pytest.importorskip(library)
    X, y = moons
    frame = module.DataFrame({"left": X[:, 0], "right": X[:, 1]})
    for kind in (classifier, MLPRegressor(**QUICK), Perceptron()):
        fitted = clone(kind).fit(frame, module.Series("y", y) if library == "polars" else y)
        assert fitted.feature_names_in_.tolist() == ["left", "right"]
        np.testing.assert_array_equal(fitted.predict(frame), clone(kind).fit(X, y).predict(X))
        with pytest.raises(ValueError, match="feature names"):
            fitted.predict(frame[["right", "left"]])
        with pytest.warns(UserWarning, match="does not have valid feature names"):
            fitted.predict(X)
    pipe = make_pipeline(StandardScaler(), classifier).set_output(transform=library)
    names = pipe.fit(frame, y)[-1].feature_names_in_
    assert names.tolist() == ["left", "right"]


def test_metadata_routing(moons):
    X, y = moons
    weights = np.random.default_rng(0).uniform(0.1, 2, len(y))
    with sklearn.config_context(enable_metadata_routing=True):
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        asks = MLPClassifier(**QUICK).set_fit_request(sample_weight=True, validation_data=True)
        pipe = make_pipeline(scaler, asks)
        pipe.fit(X, y, sample_weight=weights, validation_data=(X, y))
    assert len(pipe[-1].validation_loss_curve_) == 30
    plain = MLPClassifier(**QUICK).fit(StandardScaler().fit_transform(X), y, weights)
    np.testing.assert_array_equal(pipe[-1].coefs_[0], plain.coefs_[0])


def test_html(classifier, moons):
    assert "MLPClassifier" in classifier.fit(*moons)._repr_html_()
    assert repr(MLPClassifier((5,))) == "MLPClassifier(hidden_layer_sizes=(5,))"


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_pickles_predict_and_go_on(kind, engine, moons):
    X, y = moons
    first = kind(**QUICK, engine=engine).partial_fit(
        X, y, **({"classes": [0, 1]} if kind is MLPClassifier else {})
    )
    again = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(first.predict(X), again.predict(X))
    first.partial_fit(X, y)
    again.partial_fit(X, y)
    np.testing.assert_array_equal(first.coefs_[0], again.coefs_[0])


def test_displays_and_importances(classifier, moons):
    X, y = moons
    classifier.fit(X, y)
    assert DecisionBoundaryDisplay.from_estimator(classifier, X).surface_ is not None
    LearningCurveDisplay.from_estimator(classifier, X, y, cv=2, train_sizes=[0.5, 1.0])
    assert permutation_importance(classifier, X, y, n_repeats=2).importances_mean.max() > 0


def test_before_fitting(classifier):
    for call in (classifier.predict, classifier.predict_proba, MLPRegressor().predict):
        with pytest.raises(NotFittedError):
            call([[0.0, 1.0]])
    assert not hasattr(MLPClassifier(solver="lbfgs"), "partial_fit")
    assert not hasattr(MLPRegressor(solver="lbfgs"), "partial_fit")


def test_warnings_and_errors_are_scikit_learns(moons):
    X, y = moons
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(2\) reached"):
        MLPClassifier(max_iter=2).fit(X, y)
    with pytest.warns(ConvergenceWarning, match="lbfgs failed to converge after 1 iteration"):
        MLPClassifier(solver="lbfgs", max_iter=1).fit(X, y)
    with pytest.warns(UserWarning, match="Got `batch_size` 500, .* clipped to 120"):
        MLPClassifier(batch_size=500, max_iter=1).fit(X, y)
    for settings, message in (
        ({"hidden_layer_sizes": (5, 0)}, "hidden_layer_sizes must be > 0"),
        ({"activation": "rellu"}, "The 'activation' parameter"),
        ({"activation": ["relu", "tanh"]}, "names 2 activations for 1 hidden layer"),
        ({"activation": ["rellu"]}, 'did you mean "relu"'),
        ({"solver": "sdg"}, "The 'solver' parameter"),
        ({"solver": "lbfgs", "dropout": 0.5}, "need a stochastic solver"),
        ({"solver": "sgd", "learning_rate_init": 1e300, "activation": "identity"}, "non-finite"),
    ):
        with pytest.raises(ValueError, match=message):
            MLPClassifier(**settings).fit(X, y)
    with pytest.raises(ValueError, match=r"validation set is too small: .* of 120 samples is 1"):
        MLPRegressor(early_stopping=True, validation_fraction=0.001).fit(X, y)
    fitted = MLPClassifier(**QUICK, warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="same classes as in the previous"):
        fitted.fit(X, np.arange(120) % 3)
    fitted = MLPClassifier(**QUICK).partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="`y` has classes not in"):
        fitted.partial_fit(X, y + 1)
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping"):
        MLPClassifier(early_stopping=True).partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="classes must be passed"):
        MLPClassifier().partial_fit(X, y)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_an_interrupted_fit_keeps_what_it_has(engine, moons, monkeypatch):
    from rosenblatt.estimators.stochastic import Member

    taken = Member.take_in

    def interrupt(self, *arguments, **more):
        taken(self, *arguments, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(Member, "take_in", interrupt)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        fitted = MLPClassifier((5,), engine=engine).fit(*moons)
    assert 0 < fitted.n_iter_ == len(fitted.loss_curve_) < 200
    assert fitted.predict(moons[0]).shape == (120,)


@pytest.mark.slow
def test_estimators_load_when_they_are_asked_for():
    import subprocess

    code = (
        "import sys, rosenblatt; assert 'sklearn' not in sys.modules; rosenblatt.estimators; "
        "assert 'sklearn' in sys.modules and 'llvmlite' not in sys.modules"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        subprocess.run([sys.executable, "-c", code], check=True)
