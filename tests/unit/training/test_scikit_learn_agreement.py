"""The same network, trained by scikit-learn from the same weights, ends with the same weights."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

import rosenblatt as rb
from rosenblatt.data import Dataset
from rosenblatt.losses import HalfSquaredError, SigmoidCrossEntropy

EPOCHS = 50
SKLEARN_NAMES = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic"}
HIDDEN = [7, 5]


def their_weights(kind, X, y, begin, batch_size, activation, **settings):
    """Train scikit-learn's network from ``begin``, in the order of the rows.

    One epoch with ``warm_start`` makes the network; its public attributes ``coefs_`` and
    ``intercepts_`` are then replaced by ours, from which the next ``fit`` goes on.
    """
    theirs = kind(
        hidden_layer_sizes=HIDDEN,
        activation=SKLEARN_NAMES[activation],
        solver="sgd",
        alpha=0,
        batch_size=batch_size,
        learning_rate="constant",
        shuffle=False,
        tol=0,
        n_iter_no_change=10**9,
        warm_start=True,
        max_iter=1,
        **settings,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        theirs.fit(X, y)
        theirs.coefs_ = [v.copy() for name, v in begin.items() if name.endswith("weight")]
        theirs.intercepts_ = [v.copy() for name, v in begin.items() if name.endswith("bias")]
        theirs.max_iter = EPOCHS
        theirs.fit(X, y)
    assert len(theirs.loss_curve_) == 1 + EPOCHS
    return [*theirs.coefs_, *theirs.intercepts_]


def compare(kind, data, n_outputs, activation, batch_size, loss=None, optimizer=None, **settings):
    model = rb.MLP(data.n_features, HIDDEN, n_outputs, activation=activation, init="glorot")
    begin = model.init(seed=5)
    run = rb.train(
        model,
        data,
        loss=loss,
        optimizer=optimizer or rb.SGD(0.1),
        epochs=EPOCHS,
        batch_size=batch_size,
        shuffle=False,
        init_params=begin,
        eval_every=EPOCHS,
    )
    settings = {
        "learning_rate_init": 0.1,
        "momentum": 0,
        "nesterovs_momentum": False,
    } | settings
    expected = their_weights(kind, data.X, data.y, begin, batch_size, activation, **settings)
    ours = [value for name, value in run.params.items() if name.endswith("weight")]
    ours += [value for name, value in run.params.items() if name.endswith("bias")]
    for mine, theirs in zip(ours, expected, strict=True):
        assert np.abs(mine - theirs).max() < 1e-10
    # Not a comparison of two networks that stood still.
    assert np.abs(ours[0] - begin["0.weight"]).max() > 0.01


def multiclass():
    rng = np.random.default_rng(0)
    y = np.arange(90) % 3
    return Dataset(rng.normal(size=(90, 2)) + np.array([[0, 2], [2, -1], [-2, -1]])[y], y)


@pytest.mark.parametrize("batch_size", [1, 16, 90])
@pytest.mark.parametrize("activation", SKLEARN_NAMES)
def test_three_classes_under_softmax(activation, batch_size):
    compare(MLPClassifier, multiclass(), 3, activation, batch_size)


@pytest.mark.parametrize("batch_size", [16, 80])
@pytest.mark.parametrize("activation", SKLEARN_NAMES)
def test_two_classes_under_one_sigmoid(activation, batch_size):
    data = rb.data.moons(80, noise=0.2, seed=0)
    compare(MLPClassifier, data, 1, activation, batch_size, loss=SigmoidCrossEntropy())


def test_regression():
    X = rb.data.moons(80, noise=0.2, seed=0).X
    data = Dataset(X, np.sin(X[:, 0]) * X[:, 1])
    compare(MLPRegressor, data, 1, "tanh", 16, loss=HalfSquaredError())


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum(nesterov):
    compare(
        MLPClassifier,
        multiclass(),
        3,
        "tanh",
        16,
        optimizer=rb.SGD(0.05, momentum=0.9, nesterov=nesterov),
        learning_rate_init=0.05,
        momentum=0.9,
        nesterovs_momentum=nesterov,
    )
