"""
activations_losses.py - activation functions and losses for the exercises.

Convention: every derivative d_xxx(z) takes the PRE-activation z.
Losses return (value, gradient with respect to the prediction); both average
over the batch (first axis).
"""
import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def d_sigmoid(z):
    s = sigmoid(z)
    return s * (1.0 - s)


def tanh(z):
    return np.tanh(z)


def d_tanh(z):
    return 1.0 - np.tanh(z) ** 2


def relu(z):
    return np.maximum(z, 0.0)


def d_relu(z):
    return (z > 0).astype(float)


def softplus(z):
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def d_softplus(z):
    return sigmoid(z)


def swish(z):
    return z * sigmoid(z)


def d_swish(z):
    s = sigmoid(z)
    return z * s * (1.0 - s)


def gaussian(z):
    return np.exp(-z ** 2)


def d_gaussian(z):
    return -2.0 * z * np.exp(-z ** 2)


ACTIVATIONS = {
    "sigmoid": (sigmoid, d_sigmoid),
    "tanh": (tanh, d_tanh),
    "relu": (relu, d_relu),
    "softplus": (softplus, d_softplus),
    "swish": (swish, d_swish),
    "gaussian": (gaussian, d_gaussian),
}


def mse_loss(pred, target):
    n = pred.shape[0]
    diff = pred - target
    return np.sum(diff ** 2) / n, 2.0 * diff / n


def bce_loss(prob, target, eps=1e-12):
    n = prob.shape[0]
    p = np.clip(prob, eps, 1 - eps)
    value = -np.sum(target * np.log(p) + (1 - target) * np.log(1 - p)) / n
    grad = (p - target) / (p * (1 - p)) / n
    return value, grad


def log_cosh_loss(pred, target):
    n = pred.shape[0]
    diff = pred - target
    value = np.sum(np.logaddexp(diff, -diff) - np.log(2.0)) / n
    return value, np.tanh(diff) / n


def softmax_cross_entropy(logits, labels):
    """labels are integers"""
    n = logits.shape[0]
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    grad = np.exp(log_p)
    grad[np.arange(n), labels] -= 1.0
    return -np.mean(log_p[np.arange(n), labels]), grad / n


LOSSES = {"mse": mse_loss, "bce": bce_loss, "log_cosh": log_cosh_loss}
