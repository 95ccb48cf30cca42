"""
Update rules for the neural network assignments.

Each function has the form

    next_w, config = rule(w, dw, config)

w and dw are arrays of the same shape, config is a dict with the hyperparameters
and the running averages; pass it in again at the next call.
"""
import numpy as np


def sgd(w, dw, config=None):
    """Plain stochastic gradient descent."""
    config = {} if config is None else config
    config.setdefault('learning_rate', 1e-2)
    next_w = w - config['learning_rate'] * dw
    return next_w, config


def rmsprop(w, dw, config=None):
    """
    RMSProp divides the gradient by a running average of its magnitude.
    - decay_rate: how much of the old average is kept
    - epsilon: avoids division by zero
    """
    config = {} if config is None else config
    config.setdefault('learning_rate', 1e-2)
    config.setdefault('decay_rate', 0.99)
    config.setdefault('epsilon', 1e-8)
    config.setdefault('cache', np.zeros_like(w))

    decay = config['decay_rate']
    cache = decay * config['cache'] + (1 - decay) * dw * dw
    next_w = w - config['learning_rate'] * dw / (np.sqrt(cache) + config['epsilon'])
    config['cache'] = cache
    return next_w, config


def adamax(w, dw, config=None):
    """
    Adamax, the variant of Adam with the infinity norm.
    Only the first moment needs a bias correction here.
    """
    config = {} if config is None else config
    config.setdefault('learning_rate', 2e-3)
    config.setdefault('beta1', 0.9)
    config.setdefault('beta2', 0.999)
    config.setdefault('epsilon', 1e-8)
    config.setdefault('m', np.zeros_like(w))
    config.setdefault('u', np.zeros_like(w))
    config.setdefault('t', 0)

    beta1, beta2 = config['beta1'], config['beta2']
    t = config['t'] + 1
    m = beta1 * config['m'] + (1 - beta1) * dw
    u = np.maximum(beta2 * config['u'], np.abs(dw))
    step_size = config['learning_rate'] / (1 - beta1 * t)
    next_w = w - step_size * m / (u + config['epsilon'])

    config['m'], config['u'], config['t'] = m, u, t
    return next_w, config
