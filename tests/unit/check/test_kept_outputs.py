"""Layers whose forward pass keeps its output and returns nothing, with losses of each sample."""

from pathlib import Path

import pytest

from rosenblatt.check.files import check_source

LAYERS = """
import numpy as np

class Dense:
    def __init__(self, n_in, n_out):
        self.weights = 0.1 * np.random.randn(n_in, n_out)
        self.biases = np.zeros((1, n_out))
    def forward(self, inputs):
        self.inputs = inputs
        self.output = inputs @ self.weights + self.biases
    def backward(self, dvalues):
        self.dweights = self.inputs.T @ dvalues
        self.dbiases = dvalues.sum(axis=0, keepdims=True)
        self.dinputs = dvalues @ self.weights.T

class Relu:
    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.maximum(inputs, 0)
    def backward(self, dvalues):
        self.dinputs = dvalues.copy()
        self.dinputs[self.inputs <= 0] = 0

class Softmax:
    def forward(self, inputs):
        e = np.exp(inputs - inputs.max(axis=1, keepdims=True))
        self.output = e / e.sum(axis=1, keepdims=True)
    def backward(self, dvalues):
        inner = (dvalues * self.output).sum(axis=1, keepdims=True)
        self.dinputs = self.output * (dvalues - inner)

class Loss:
    def calculate(self, output, y):
        return np.mean(self.forward(output, y))

class CrossEntropy(Loss):
    def forward(self, y_pred, y_true):
        self.clipped = np.clip(y_pred, 1e-7, 1 - 1e-7)
        return -np.log(self.clipped[range(len(y_pred)), y_true])
    def backward(self, dvalues, y_true):
        hot = np.eye(dvalues.shape[1])[y_true]
        self.dinputs = -hot / dvalues / len(dvalues)

class SoftmaxCrossEntropy:
    def __init__(self):
        self.activation, self.loss = Softmax(), CrossEntropy()
    def forward(self, inputs, y_true):
        self.activation.forward(inputs)
        self.output = self.activation.output
        return self.loss.calculate(self.output, y_true)
    def backward(self, dvalues, y_true):
        self.dinputs = dvalues.copy()
        self.dinputs[range(len(dvalues)), y_true] -= 1
        self.dinputs = self.dinputs / len(dvalues)

class Squared(Loss):
    def forward(self, y_pred, y_true):
        return np.mean((y_true - y_pred) ** 2, axis=-1)
    def backward(self, dvalues, y_true):
        self.dinputs = -2 * (y_true - dvalues) / dvalues.shape[1] / len(dvalues)

class Adam:
    def __init__(self, learning_rate=0.01, epsilon=1e-7, beta_1=0.9, beta_2=0.99):
        self.learning_rate, self.epsilon = learning_rate, epsilon
        self.beta_1, self.beta_2, self.iterations = beta_1, beta_2, 0
        self.current = learning_rate
    def pre_update_params(self):
        self.current = self.learning_rate
    def update_params(self, layer):
        if not hasattr(layer, "m"):
            layer.m = [np.zeros_like(layer.weights), np.zeros_like(layer.biases)]
            layer.v = [np.zeros_like(layer.weights), np.zeros_like(layer.biases)]
        t = self.iterations + 1
        own = [(layer.weights, layer.dweights), (layer.biases, layer.dbiases)]
        for k, (p, g) in enumerate(own):
            layer.m[k] = self.beta_1 * layer.m[k] + (1 - self.beta_1) * g
            layer.v[k] = self.beta_2 * layer.v[k] + (1 - self.beta_2) * g ** 2
            m_hat = layer.m[k] / (1 - self.beta_1 ** t)
            v_hat = layer.v[k] / (1 - self.beta_2 ** t)
            p += -self.current * m_hat / (np.sqrt(v_hat) + self.epsilon)
    def post_update_params(self):
        self.iterations += 1
"""


def _found(text):
    values = check_source(text.encode(), Path("m.py"))
    return [(f["mistake"], f["where"].split(".")[0]) for f in values["findings"]], values


def test_layers_losses_and_the_optimizer_are_right():
    found, values = _found(LAYERS)
    assert found == []
    names = {"Dense", "Relu", "Softmax", "CrossEntropy", "SoftmaxCrossEntropy", "Squared", "Adam"}
    assert names <= set(values["checked"])


@pytest.mark.parametrize(
    ("old", "new", "mistake", "where"),
    [
        ("self.inputs <= 0", "self.inputs >= 0", "relu-wrong-side", "Relu"),
        ("dvalues.sum(axis=0, keepdims=True)", "dvalues[:1]", "bias-gradient-not-summed", "Dense"),
        ("(dvalues - inner)", "dvalues * (1 - self.output)", "softmax-diagonal-only", "Softmax"),
        ("-hot / dvalues / len(dvalues)", "hot / dvalues / len(dvalues)", "sign", "CrossEntropy"),
        ("] -= 1", "] += 1", "sign", "SoftmaxCrossEntropy"),
        ("-2 * (y_true", "-4 * (y_true", "constant-factor", "Squared"),
        ("(1 - self.beta_2 ** t)", "1.0", "adam-bias-correction", "Adam"),
    ],
)
def test_the_mistake_of_a_class_is_named(old, new, mistake, where):
    assert old in LAYERS
    found, _ = _found(LAYERS.replace(old, new))
    assert found[:1] == [(mistake, where)]
