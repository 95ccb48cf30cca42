"""ONNX models answer as the estimators do, in onnxruntime."""

import sys

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from rosenblatt.estimators import MLPClassifier, MLPRegressor, Perceptron
from rosenblatt.estimators.layout import ACTIVATION_NAMES
from rosenblatt.estimators.onnx import save_onnx, to_onnx

pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
every_type = pytest.mark.parametrize("dtype", [np.float32, np.float64])
N = 40


def run(content, X, dtype):
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"X": X.astype(dtype)}), strict=True))


def answers(estimator, X, dtype):
    return run(to_onnx(estimator, dtype=dtype).SerializeToString(), X, dtype)


def problem(labels):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, 3))
    return X, np.array(labels)[np.digitize(X[:, 0], np.linspace(-0.7, 0.7, len(labels) - 1))]


def close(dtype):
    return {"rtol": 1e-4, "atol": 1e-6} if dtype == np.float32 else {"rtol": 1e-11, "atol": 1e-13}


@every_type
@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
@pytest.mark.parametrize("labels", [[0, 1], ["b", "a"], [3, -1, 7], ["x", "é", "z"], [False, True]])
def test_classifiers(dtype, activation, labels):
    X, y = problem(labels)
    fitted = MLPClassifier((5, 4), activation, random_state=0, max_iter=60).fit(X, y)
    found = answers(fitted, X, dtype)
    np.testing.assert_allclose(found["probabilities"], fitted.predict_proba(X), **close(dtype))
    assert found["probabilities"].dtype == dtype
    assert [type(y.flat[0].item())(label) for label in found["label"]] == fitted.predict(X).tolist()


@every_type
def test_several_labels_per_sample(dtype):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, 3))
    fitted = MLPClassifier((5,), random_state=0, max_iter=60).fit(X, (X > 0).astype(int))
    found = answers(fitted, X, dtype)
    np.testing.assert_allclose(found["probabilities"], fitted.predict_proba(X), **close(dtype))
    np.testing.assert_array_equal(found["label"], fitted.predict(X))


@every_type
@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
@pytest.mark.parametrize("n_values", [1, 2])
def test_regressors(dtype, activation, loss, n_values):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(N, 3)), rng.poisson(2.0, (N, n_values)).astype(float)
    fitted = MLPRegressor(loss, (5,), activation, random_state=0, max_iter=60)
    fitted.fit(X, y if n_values > 1 else y[:, 0])
    found = answers(fitted, X, dtype)["value"]
    assert found.shape == (N, n_values)
    np.testing.assert_allclose(np.squeeze(found), fitted.predict(X), **close(dtype))


@every_type
@pytest.mark.parametrize("labels", [["down", "up"], [0, 1, 2]])
def test_perceptrons(dtype, labels):
    X, y = problem(labels)
    fitted = Perceptron().fit(X, y)
    found = answers(fitted, X, dtype)
    scores = found["scores"] if len(labels) > 2 else found["scores"][:, 0]
    np.testing.assert_allclose(scores, fitted.decision_function(X), **close(dtype))
    assert found["label"].tolist() == fitted.predict(X).tolist()


@every_type
@pytest.mark.parametrize("select", ["mean", "best"])
def test_several_runs_and_no_hidden_layer(dtype, select):
    X, y = problem([0, 1, 2])
    fitted = MLPClassifier((), random_state=0, max_iter=9, n_runs=3, select=select).fit(X, y)
    found = answers(fitted, X, dtype)
    np.testing.assert_allclose(found["probabilities"], fitted.predict_proba(X), **close(dtype))


def test_files(tmp_path):
    X, y = problem([0, 1])
    fitted = MLPClassifier((5,), random_state=0, max_iter=9).fit(X, y)
    save_onnx(fitted, tmp_path / "model.onnx")
    found = run(str(tmp_path / "model.onnx"), X, np.float32)
    assert found["label"].tolist() == fitted.predict(X).tolist()


def test_what_cannot_be_exported(monkeypatch):
    X, y = problem([0, 1])
    with pytest.raises(NotFittedError):
        to_onnx(MLPClassifier())
    with pytest.raises(ValueError, match="takes an estimator of rosenblatt"):
        to_onnx("a model")
    fitted = Perceptron().fit(X, y)
    with pytest.raises(ValueError, match="dtype must be float32 or float64"):
        to_onnx(fitted, dtype=np.int32)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ValueError, match=r"pip install 'rosenblatt\[onnx\]'"):
        to_onnx(fitted)
