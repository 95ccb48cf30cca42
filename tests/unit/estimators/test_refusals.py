"""What the estimators refuse in words, and the edges that they take as scikit-learn does."""

import datetime

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.neural_network as theirs

from rosenblatt.estimators import MLPClassifier, MLPRegressor, Perceptron, to_onnx

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X = np.random.RandomState(0).randn(60, 3)
Y = (X[:, 0] > 0).astype(int)
QUICK = {"hidden_layer_sizes": (3,), "max_iter": 3, "random_state": 0, "engine": "reference"}
DAYS = [datetime.date(2020, 1, 1) + datetime.timedelta(i) for i in range(60)]


@pytest.mark.parametrize("weight", [-1, np.inf, np.nan, "much", None])
@pytest.mark.parametrize("model", [MLPClassifier(**QUICK), Perceptron()])
def test_weights_of_classes(model, weight):
    with pytest.raises(ValueError, match="class_weight must have finite numbers"):
        model.set_params(class_weight={0: weight, 1: 1}).fit(X, Y)
    with pytest.raises(ValueError, match="0 for every class"):
        model.set_params(class_weight={0: 0, 1: 0}).fit(X, Y)


@pytest.mark.parametrize("weight", [-1.0, np.inf, np.nan, 0.0])
@pytest.mark.parametrize("early", [False, True])
def test_weights_of_a_validation_set(weight, early):
    model = MLPClassifier(**QUICK, early_stopping=early)
    with pytest.raises(ValueError, match=r"(?i)negative|infinity|nan|non-zero"):
        model.fit(X, Y, validation_data=(X, Y, np.full(60, weight)))


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_rows_held_out_that_weigh_nothing(kind):
    weights = np.zeros(60)
    weights[7] = 1  # Wherever this row goes, the other part has none.
    with pytest.raises(ValueError, match=r"weights for (validation|training) set are all zero"):
        kind(**QUICK, early_stopping=True).fit(X, Y, weights)


def test_one_row_has_no_score():
    model = MLPRegressor(**QUICK, early_stopping=True)
    with pytest.raises(ValueError, match="at least 2 rows"):
        model.fit(X, X[:, 0], validation_data=(X[:1], X[:1, 0]))
    model.set_params(early_stopping=False).fit(X, X[:, 0], validation_data=(X[:1], X[:1, 0]))
    assert len(model.validation_loss_curve_) == 3


@pytest.mark.parametrize(
    "y",
    [
        np.array(DAYS, "M8[D]"),
        np.arange(60).astype("m8[s]"),
        pd.Series(pd.to_datetime(DAYS)),
        pd.DataFrame({"a": DAYS, "b": DAYS}).astype("M8[s]"),
        np.array(["1"] * 60),
    ],
)
def test_targets_that_are_no_numbers(y):
    with pytest.raises(ValueError, match="y must have numbers"):
        MLPRegressor(**QUICK).fit(X, y)
    with pytest.raises(ValueError, match="y must have numbers"):
        MLPRegressor(**QUICK).fit(X, X[:, 0], validation_data=(X, y))


def test_lazy_frames():
    polars = pytest.importorskip("polars")
    lazy = polars.DataFrame(X, schema=["a", "b", "c"]).lazy()
    for model in (MLPClassifier(**QUICK), MLPRegressor(**QUICK), Perceptron()):
        fitted = model.fit(X, Y)
        for call in (fitted.predict, lambda table, m=model: m.fit(table, Y)):
            with pytest.raises(ValueError, match=r"\.collect\(\)"):
                call(lazy)
        with pytest.raises(ValueError, match=r"y is a LazyFrame"):
            model.fit(X, lazy)


def test_a_batch_without_a_class_that_has_a_weight():
    labels = np.array(["common"] * 60)
    labels[40] = "rare"
    named = MLPClassifier(**QUICK, class_weight={"rare": 5})
    full = MLPClassifier(**QUICK, class_weight={"rare": 5, "common": 1})
    for model in (named, full):
        for rows in (slice(0, 20), slice(20, 60)):
            model.partial_fit(X[rows], labels[rows], classes=["common", "rare"])
    np.testing.assert_array_equal(named.coefs_[0], full.coefs_[0])


@pytest.mark.parametrize("label", [0, 1, "a"])
def test_one_class_with_early_stopping(label):
    y = np.full(60, label)
    how = {"early_stopping": True, "max_iter": 20, "random_state": 0}
    found = MLPClassifier((3,), **how, engine="reference").fit(X, y)
    expected = theirs.MLPClassifier((3,), **how).fit(X, y)
    assert found.validation_scores_ == expected.validation_scores_
    assert found.n_iter_ == expected.n_iter_
    np.testing.assert_allclose(found.coefs_[0], expected.coefs_[0], rtol=1e-7)


@pytest.mark.parametrize("kind", [MLPClassifier, Perceptron])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f8", "i1", "i8", "u1", "u8", "?", "U"])
def test_labels_in_onnx(kind, dtype):
    onnxruntime = pytest.importorskip("onnxruntime")
    y = Y.astype(dtype)
    model = kind().set_params(max_iter=5, random_state=0, engine="reference").fit(X, y)
    session = onnxruntime.InferenceSession(to_onnx(model).SerializeToString())
    labels = session.run(["label"], {"X": X.astype(np.float32)})[0]
    np.testing.assert_array_equal(labels, model.predict(X.astype(np.float32)))
    assert (labels.dtype.kind == "O") == (dtype == "U")


def test_sparse_weights_and_one_class_in_onnx():
    onnxruntime = pytest.importorskip("onnxruntime")
    sparse = Perceptron(engine="reference").fit(X, Y).sparsify()
    assert scipy.sparse.issparse(sparse.coef_)
    for model in (sparse, MLPClassifier(**QUICK).fit(X, np.full(60, 7))):
        session = onnxruntime.InferenceSession(to_onnx(model).SerializeToString())
        labels = session.run(["label"], {"X": X.astype(np.float32)})[0]
        np.testing.assert_array_equal(labels, model.predict(X))
