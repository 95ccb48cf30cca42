import numpy as np

"""
Update rules. Each one has the interface

    next_w, config = rule(w, dw, config)

config carries the hyperparameters and the state between calls.
"""


def sgd(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault('learning_rate', 1e-2)
    config.setdefault('weight_decay', 0.0)
    g = dw + config['weight_decay'] * w
    w = w - config['learning_rate'] * g
    return w, config


def momentum(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault('learning_rate', 1e-2)
    config.setdefault('momentum', 0.9)
    v = config.get('velocity', np.zeros_like(w))

    v = config['momentum'] * v - config['learning_rate'] * dw
    next_w = w + v

    config['velocity'] = v
    return next_w, config


def nesterov(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault('learning_rate', 1e-2)
    config.setdefault('momentum', 0.9)
    mu = config['momentum']
    v_prev = config.get('velocity', np.zeros_like(w))

    v = mu * v_prev - config['learning_rate'] * dw
    next_w = w - mu * v_prev + (1 + mu) * v

    config['velocity'] = v
    return next_w, config


def adagrad(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault('learning_rate', 1e-2)
    config.setdefault('eps', 1e-8)
    h = config.get('hist', np.zeros_like(w))

    h = h + dw * dw
    next_w = w - config['learning_rate'] * dw / (np.sqrt(h) + config['eps'])

    config['hist'] = h
    return next_w, config


def rmsprop(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault('learning_rate', 1e-2)
    config.setdefault('decay', 0.99)
    config.setdefault('eps', 1e-8)
    c = config.get('cache', np.zeros_like(w))

    c = config['decay'] * c + (1 - config['decay']) * dw ** 2
    next_w = w - config['learning_rate'] * dw / (np.sqrt(c) + config['eps'])

    config['cache'] = c
    return next_w, config


def adam(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault('learning_rate', 1e-3)
    config.setdefault('beta1', 0.9)
    config.setdefault('beta2', 0.999)
    config.setdefault('eps', 1e-8)
    config.setdefault('m', np.zeros_like(w))
    config.setdefault('v', np.zeros_like(w))
    config.setdefault('t', 0)
    b1, b2 = config['beta1'], config['beta2']

    config['t'] += 1
    config['m'] = b1 * config['m'] + (1 - b1) * dw
    config['v'] = b2 * config['v'] + (1 - b2) * (dw ** 2)
    mt = config['m'] / (1 - b1)
    vt = config['v'] / (1 - b2)
    next_w = w - config['learning_rate'] * mt / (np.sqrt(vt) + config['eps'])

    return next_w, config


def clip_by_norm(grads, max_norm):
    """scale a dict of gradients so that the global norm is <= max_norm"""
    total = np.sqrt(sum(np.sum(g ** 2) for g in grads.values()))
    if total > max_norm:
        return {k: g * (max_norm / total) for k, g in grads.items()}
    return grads


def step_all(params, grads, rule, configs):
    """one step for every parameter of a dict, configs[name] keeps the state"""
    for name in params:
        params[name], configs[name] = rule(params[name], grads[name],
                                           configs.get(name))
    return params
