"""Weights that a caller set or another solver fitted, and fits that are refused or diverge."""

import numpy as np
import pyarrow as pa
import pytest

from rosenblatt.engines import ENGINES
from rosenblatt.estimators import MLPClassifier, MLPRegressor, Perceptron, to_onnx
from rosenblatt.estimators.layout import ACTIVATION_NAMES
from rosenblatt.layers import LAYERS, Activation

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X = np.random.RandomState(0).randn(60, 3)
Y = (X[:, 0] > 0).astype(int)
QUICK = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0, "engine": "reference"}


def assert_equal_weights(one, other):
    for a, b in zip(one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("as_given", [np.array, np.asfortranarray, np.ndarray.tolist])
def test_partial_fit_continues_from_weights_that_were_set(as_given):
    drawn = MLPClassifier(**QUICK).initialize(X, Y)
    given = MLPClassifier(**QUICK)
    given.coefs_ = [as_given(array) for array in drawn.coefs_]
    given.intercepts_ = [as_given(array) for array in drawn.intercepts_]
    for model in (drawn, given):
        # One generator for both: the weights of ``given`` were not drawn.
        model.set_params(shuffle=False).partial_fit(X, Y, classes=[0, 1])
    assert_equal_weights(drawn, given)
    assert given.t_ == 60
    np.testing.assert_array_equal(given.predict(X), drawn.predict(X))


def test_weights_of_other_widths_are_refused():
    model = MLPRegressor(**QUICK)
    model.coefs_, model.intercepts_ = [np.ones((3, 5)), np.ones((5, 1))], [np.ones(5), np.ones(1)]
    with pytest.raises(ValueError, match=r"of widths \(3, 5, 1\); .* ask for \(3, 4, 1\)"):
        model.partial_fit(X, X[:, 0])
    model.set_params(hidden_layer_sizes=(5,)).intercepts_[0] = np.ones(4)
    with pytest.raises(ValueError, match="continue from the present coefs_ and intercepts_"):
        model.partial_fit(X, X[:, 0])


def test_adam_continues_from_the_weights_of_lbfgs():
    model = MLPClassifier(**QUICK, solver="lbfgs").fit(X, Y)
    before = model.coefs_[0].copy()
    model.set_params(solver="adam").partial_fit(X, Y)
    assert 0 < np.abs(model.coefs_[0] - before).max() < 0.01
    assert len(model.loss_curve_) == 1


@pytest.mark.parametrize(
    ("settings", "labels"),
    [({"n_runs": 2}, Y), ({"hidden_layer_sizes": (0,)}, Y), ({}, np.full(60, np.nan))],
)
def test_a_refused_initialize_changes_nothing(settings, labels):
    model = MLPClassifier(**QUICK).fit(X, Y)
    expected, attributes = model.predict_proba(X), set(vars(model))
    before = model.get_params()
    with pytest.raises(ValueError, match=r"n_runs|hidden_layer_sizes|NaN"):
        model.set_params(**settings).initialize(X, labels)
    model.set_params(**before)
    assert set(vars(model)) == attributes
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    model.partial_fit(X, Y)


def test_sigmoid_is_logistic():
    named = [MLPClassifier(**QUICK, activation=name).fit(X, Y) for name in ("sigmoid", "logistic")]
    assert_equal_weights(*named)


def test_a_registered_activation():
    class Cubed(Activation):
        def forward(self, params, x):
            return x**3, x

        def backward(self, params, cache, dy):
            return dy * 3 * cache**2, {}

    LAYERS.add(Cubed)
    try:
        assert "cubed" in ACTIVATION_NAMES
        model = MLPClassifier(**QUICK, activation="cubed").fit(X, Y)
        hidden = (X @ model.coefs_[0] + model.intercepts_[0]) ** 3
        z = hidden @ model.coefs_[1] + model.intercepts_[1]
        np.testing.assert_allclose(
            model.predict_proba(X)[:, 1], 1 / (1 + np.exp(-z[:, 0])), rtol=1e-12
        )
        with pytest.raises(ValueError, match="no operator for the activation 'cubed'"):
            to_onnx(model)
    finally:
        LAYERS.remove(Cubed)
    with pytest.raises(ValueError, match="The 'activation' parameter"):
        MLPClassifier(**QUICK, activation="cubed").fit(X, Y)


@pytest.mark.parametrize("model", [MLPClassifier(**QUICK), MLPRegressor(**QUICK), Perceptron()])
def test_names_of_columns_of_polars_and_arrow(model):
    polars = pytest.importorskip("polars")
    columns = {name: X[:, i] for i, name in enumerate(["width", "height", "depth"])}
    for table in (polars.DataFrame(columns), pa.table(columns)):
        model.fit(table, Y)
        assert model.feature_names_in_.tolist() == ["width", "height", "depth"]
        with pytest.raises(ValueError, match=r"(?i)feature names"):
            model.predict(table.select(["height", "width", "depth"]))


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "i8", "u1", "u8", "?"])
def test_several_labels_in_onnx_are_int64(dtype):
    onnxruntime = pytest.importorskip("onnxruntime")
    several = np.column_stack([Y, 1 - Y, X[:, 1] > 0]).astype(dtype)
    model = MLPClassifier(**QUICK).fit(X, several)
    session = onnxruntime.InferenceSession(to_onnx(model).SerializeToString())
    labels = session.run(["label"], {"X": X.astype(np.float32)})[0]
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(labels, model.predict(X.astype(np.float32)))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_the_last_score_of_a_fit_that_diverges_is_nan(kind, engine):
    rate, y = (1e200, Y) if kind is MLPClassifier else (1e6, 1000 * X[:, 0])
    model = kind(**QUICK | {"engine": engine, "max_iter": 20}, solver="sgd", early_stopping=True)
    # The best weights are kept, and are finite.
    model.set_params(learning_rate_init=rate).fit(X, y)
    assert np.isfinite(model.coefs_[0]).all()
    scores = model.validation_scores_
    assert np.isnan(scores[-1])
    assert not np.isnan(scores[0])
    assert len(scores) == len(model.loss_curve_) < 20
    assert model.best_validation_score_ == np.nanmax(scores)
