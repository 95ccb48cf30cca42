"""The update rules on flat arrays of parameters, gradients and slots."""

import math

from rosenblatt.engines.compiled.vector import fill, lanes_of, load, part, square_root, store

SGD, MOMENTUM, NESTEROV, RMSPROP, ADAM, ADAMW = range(6)


@part
def update(rule, state, eta, step):
    """Take one step in place, on flat arrays that are whole vectors long; clear the gradients."""
    update_range(rule, state, eta, step, 0, len(state.flat_params))


@part
def update_range(rule, state, eta, step, first, stop):
    """Take one step as :func:`update`, of the numbers from ``first`` to before ``stop``.

    Args:
        rule: the kind, one of the numbers above, with a (μ, ρ or β₁), b (β₂) and ε.
        state: parameters, gradients, slots (``first``: velocity, mean square or first moment;
            ``second``: second moment), and ``decay``, λ for weights and 0 for biases.
        eta: the learning rate.
        step: updates done before this one.
        first: where a vector begins.
        stop: where one ends.
    """
    params, grads, slot, second = state.flat_params, state.flat_grads, state.first, state.second
    kind, a, b, epsilon, decay = rule.kind, rule.a, rule.b, rule.epsilon, state.decay
    lanes = lanes_of(params)
    none = fill(params, 0.0)
    if rule.epsilon_hat:
        epsilon /= math.sqrt(1.0 - b ** (step + 1))
    # Adam's corrections of the bias towards 0.
    by_first = eta / (1.0 - a ** (step + 1))
    by_second = 1.0 / (1.0 - b ** (step + 1))
    for i in range(first, stop, lanes):
        theta = load(params, i)
        g = load(grads, i)
        store(grads, i, none)
        if kind <= NESTEROV:
            g = g + load(decay, i) * theta
        if kind == SGD:
            theta = theta - g * eta
        elif kind <= NESTEROV:
            v = load(slot, i) * a - g * eta
            store(slot, i, v)
            theta = theta + (v * a - g * eta if kind == NESTEROV else v)
        elif kind == RMSPROP:
            s = load(slot, i) * a + g * g * (1.0 - a)
            store(slot, i, s)
            theta = theta - g * eta / (square_root(s) + epsilon)
        else:
            m = load(slot, i) * a + g * (1.0 - a)
            v = load(second, i) * b + g * g * (1.0 - b)
            store(slot, i, m)
            store(second, i, v)
            root = square_root(v * by_second) + epsilon
            step_back = m * by_first / root
            if kind == ADAMW:
                step_back = step_back + load(decay, i) * theta * eta
            theta = theta - step_back
        store(params, i, theta)


@part
def penalize(state, shrink):
    """Add the gradients of a penalty, α W times ``shrink``, a vector: 1 / Σ w of each lane's batch.

    Return ½ Σ α W² times ``shrink`` of what lies in each lane.
    """
    return penalize_range(state, shrink, 0, len(state.flat_params))


@part
def penalize_range(state, shrink, first, stop):
    """Add the gradients as :func:`penalize`, of the numbers from ``first`` to before ``stop``."""
    params, grads, penalty = state.flat_params, state.flat_grads, state.penalty
    squares = fill(params, 0.0)
    for i in range(first, stop, lanes_of(params)):
        theta = load(params, i)
        shrunk = load(penalty, i) * theta
        store(grads, i, load(grads, i) + shrunk * shrink)
        squares = squares + shrunk * theta
    return squares * shrink * 0.5
