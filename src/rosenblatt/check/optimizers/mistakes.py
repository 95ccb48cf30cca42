"""Rules of optimizers with one known mistake."""

from collections.abc import Iterator

from rosenblatt.check.optimizers.rules import Rule, right_rules
from rosenblatt.check.optimizers.steps import (
    Correction,
    Hyper,
    Step,
    adamax_rule,
    adaptive_rule,
    squares_rule,
    velocity_rule,
)


def wrong_rules(h: Hyper) -> Iterator[Rule]:
    """Yield rules with one known mistake, the likeliest first."""
    for rule in right_rules(h):
        mistake = "momentum-sign" if rule.name in ("momentum", "Nesterov") else "sign"
        yield Rule(rule.name, _opposite(rule.step), mistake)
    yield from _momentum_signs(h)
    yield from _corrections(h)
    yield from _adam_factors(h)
    yield from _square_factors(h)
    yield from _momentum_factors(h)


def _opposite(step: Step) -> Step:
    return lambda g, state, t: -step(g, state, t)


def _momentum_signs(h: Hyper) -> Iterator[Rule]:
    lr, mu = h.lr, h.momentum
    for decay, gain, apply in (
        (-mu, 1, lambda v, b, g: -lr * v),
        (-mu, 1 - mu, lambda v, b, g: -lr * v),
        (mu, 1, lambda v, b, g: -lr * (g - mu * v)),
        (-mu, 1, lambda v, b, g: -lr * (g + mu * v)),
        (-mu, 1, lambda v, b, g: -lr * (g - mu * v)),
        (mu, 1, lambda v, b, g: -lr * (mu * b + (1 + mu) * v)),
        (-mu, 1, lambda v, b, g: -lr * (-mu * b + (1 + mu) * v)),
        (mu, 1, lambda v, b, g: -lr * (-mu * b + (1 - mu) * v)),
        (mu, 1, lambda v, b, g: -lr * (mu * b - g)),
        (mu, 1, lambda v, b, g: -lr * (mu * v - g)),
        (mu, -1, lambda v, b, g: -lr * (g + mu * v)),
    ):
        yield Rule("momentum", velocity_rule(decay, gain, apply), "momentum-sign")


def _one(_: int) -> float:
    return 1.0


def _corrected(beta: float, begin: int = 0) -> Correction:
    return lambda t: 1 - beta ** (t + begin) if t + begin else 1.0


def _frozen(beta: float, at: int) -> Correction:
    return lambda t: 1 - beta ** min(t, at)


def _corrections(h: Hyper) -> Iterator[Rule]:
    b1, b2 = h.beta1, h.beta2
    good1, good2 = _corrected(b1), _corrected(b2)
    pairs = [
        (_one, _one),
        (good1, _one),
        (_one, good2),
        *((_corrected(b1, k), _corrected(b2, k)) for k in (1, -1)),
        *((_frozen(b1, k), _frozen(b2, k)) for k in (1, 2)),
        (good1, lambda t: 1 - b2 * t),
        (lambda t: 1 - b1 * t, good2),
        (lambda t: 1 - b1 * t, lambda t: 1 - b2 * t),
        (good1, _corrected(b1)),
        (_corrected(b2), good2),
        (_corrected(b2), _corrected(b1)),
        (lambda t: 1 + b1**t, lambda t: 1 + b2**t),
        (good1, lambda t: (1 - b2**t) ** 2),
        (good1, lambda t: 1 / (1 - b2**t)),
        (lambda t: 1 / (1 - b1**t), lambda t: 1 / (1 - b2**t)),
        (good1, lambda t: 1 / (1 - b2**t) if t > 1 else 1 / (1 - b2)),
        (lambda t: b1**t, lambda t: b2**t),
        (_corrected(b1, 1), good2),
        (good1, _corrected(b2, 1)),
        (_frozen(b1, 1), good2),
        (good1, _frozen(b2, 1)),
        # One counter for all parameters, counted once for each of two.
        (lambda t: 1 - b1 ** (2 * t), lambda t: 1 - b2 ** (2 * t)),
        (lambda t: 1 - b1 ** (2 * t - 1), lambda t: 1 - b2 ** (2 * t - 1)),
    ]
    for inside in (False, True):
        for pair in pairs:
            step = adaptive_rule(h, corrections=pair, inside=inside)
            yield Rule("Adam", step, "adam-bias-correction")
    yield Rule("Adam", adaptive_rule(h, stored=True), "adam-bias-correction")
    for correct in dict.fromkeys(first for first, _ in pairs):
        if correct is not good1:
            yield Rule("AdaMax", adamax_rule(h, correct), "adam-bias-correction")


def _adam_factors(h: Hyper) -> Iterator[Rule]:
    b1, b2 = h.beta1, h.beta2
    for gains in ((1 - b1, b2), (b1, 1 - b2), (b1, b2), (1.0, 1 - b2), (1 - b1, 1.0), (1.0, 1.0)):
        for pair in ((_corrected(b1), _corrected(b2)), (_one, _one)):
            step = adaptive_rule(h, gains=gains, corrections=pair)
            yield Rule("Adam", step, "constant-factor")
    for gain in (1 - b1, 1 - b2):
        yield Rule("Adam", adaptive_rule(h, gains=(gain, gain)), "constant-factor")
    yield Rule("Adam", adaptive_rule(h, first=b2, second=b1), "constant-factor")
    yield Rule("Adam", adaptive_rule(h, root=False), "unexplained")
    yield Rule("Adam", adaptive_rule(h, power=1), "unexplained")
    yield Rule("AdaMax", adamax_rule(h, bound=lambda g: g), "unexplained")


def _square_factors(h: Hyper) -> Iterator[Rule]:
    for decay, gain in (
        (h.rho, h.rho),
        (h.rho, 1.0),
        (1 - h.rho, h.rho),
        (1 - h.rho, 1 - h.rho),
        (1.0, 1 - h.rho),
    ):
        yield Rule("RMSProp", squares_rule(h, decay, gain), "constant-factor")
    yield Rule("RMSProp", squares_rule(h, h.rho, 1 - h.rho, root=False), "unexplained")
    yield Rule("AdaGrad", squares_rule(h, 1, 1, root=False), "unexplained")


def _momentum_factors(h: Hyper) -> Iterator[Rule]:
    lr, mu = h.lr, h.momentum
    for factor in (2.0, 0.5):
        for decay in (0.0, mu):
            step = velocity_rule(decay, factor, lambda v, b, g: -lr * v)
            yield Rule("momentum" if decay else "gradient descent", step, "constant-factor")
    yield Rule("momentum", velocity_rule(mu, lr, lambda v, b, g: -lr * v), "constant-factor")
