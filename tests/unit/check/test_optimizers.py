"""Optimizers whose numbers are those of no known rule are judged by small changes of their code."""

import textwrap

import pytest

from check_corpus.corpus import check_text

ADAM = """
    class Optimizer:
        def __init__(self, lr=0.01, beta1=0.9, beta2=0.99, eps=1e-8):
            self.lr, self.beta1, self.beta2, self.eps, self.t = lr, beta1, beta2, eps, 0
            self.m, self.v = {}, {}

        def update(self, params, grads):
            self.t += 1
            for k in params:
                if k not in self.m:
                    self.m[k] = np.zeros_like(params[k])
                    self.v[k] = np.zeros_like(params[k])
                self.m[k] = self.beta1 * self.m[k] + (1 - self.beta1) * grads[k]
                self.v[k] = self.beta2 * self.v[k] + (1 - self.beta2) * grads[k] ** 2
                m_hat = self.m[k] / (1 - self.beta1 ** self.t)
                v_hat = self.v[k] / (1 - self.beta2 ** self.t)
                params[k] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
"""

MOMENTUM = """
    class Momentum:
        def __init__(self, lr=0.1, momentum=0.9):
            self.lr, self.momentum, self.v = lr, momentum, None

        def step(self, params, grads):
            if self.v is None:
                self.v = [np.zeros_like(p) for p in params]
            for i in range(len(params)):
                self.v[i] = self.momentum * self.v[i] - self.lr * grads[i]
                params[i] += self.v[i]
"""

ADAMAX = """
    def adamax(params, grads, state, t):
        rate, b1, b2 = 0.002, 0.9, 0.999
        new = []
        for i, (p, g) in enumerate(zip(params, grads)):
            state["m"][i] = b1 * state["m"][i] + (1 - b1) * g
            state["u"][i] = np.maximum(b2 * state["u"][i], np.abs(g))
            new.append(p - rate / (1 - b1 ** t) * state["m"][i] / state["u"][i])
        return new, state
"""

ADADELTA = """
    class Adadelta:
        def __init__(self, rho=0.95, eps=1e-6):
            self.rho, self.eps, self.s, self.d = rho, eps, {}, {}

        def update(self, params, grads):
            for k in params:
                g = grads[k]
                self.s[k] = self.rho * self.s.get(k, 0.0) + (1 - self.rho) * g ** 2
                step = np.sqrt(self.d.get(k, 0.0) + self.eps) / np.sqrt(self.s[k] + self.eps) * g
                params[k] -= step
                self.d[k] = self.rho * self.d.get(k, 0.0) + (1 - self.rho) * step ** 2
"""

RMSPROP = """
    def rmsprop(w, dw, config):
        config.setdefault("learning_rate", 1e-2)
        config.setdefault("decay_rate", 0.99)
        config.setdefault("cache", np.zeros_like(w))
        decay = config["decay_rate"]
        config["cache"] = decay * config["cache"] + (1 - decay) * dw ** 2
        next_w = w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + 1e-8)
        return next_w, config
"""

OF_EACH_PARAMETER = """
    def adam(params, grads, state, t, lr=0.01, b1=0.9, b2=0.999, eps=1e-8):
        for k in params:
            s = state[k]
            s["m"] = b1 * s["m"] + (1 - b1) * grads[k]
            s["v"] = b2 * s["v"] + (1 - b2) * grads[k] ** 2
            params[k] -= lr * s["m"] / (1 - b1 ** t) / (np.sqrt(s["v"] / (1 - b2 ** t)) + eps)
"""

BY_NAME = """
    class Adam:
        def __init__(self, lr=0.001):
            self.lr, self.m, self.v, self.t = lr, {}, {}, {}

        def update(self, name, w, dw):
            self.t[name] = self.t.get(name, 0) + 1
            t = self.t[name]
            self.m[name] = 0.9 * self.m.get(name, 0) + 0.1 * dw
            self.v[name] = 0.999 * self.v.get(name, 0) + 0.001 * dw ** 2
            m_hat = self.m[name] / (1 - 0.9 ** t)
            return w - self.lr * m_hat / (np.sqrt(self.v[name] / (1 - 0.999 ** t)) + 1e-8)
"""

AMSGRAD = (
    "m_hat = self.m[k] / (1 - self.beta1 ** self.t)\n"
    "            top = self.top = np.maximum(getattr(self, 'top', 0.0), self.v[k])\n"
)


def checked(text, *edits):
    """Return the result for a text, and the number of the line that the first edit changes."""
    text = "import numpy as np\n" + textwrap.dedent(text)
    changed = text
    for old, new in zip(edits[::2], edits[1::2], strict=True):
        assert old in changed, old
        changed = changed.replace(old, new)
    pairs = zip(text.splitlines(), changed.splitlines(), strict=False)
    line = next((i for i, (one, other) in enumerate(pairs, 1) if one != other), None)
    return check_text(changed), line


@pytest.mark.parametrize(
    "text", [ADAM, MOMENTUM, ADAMAX, ADADELTA, RMSPROP, OF_EACH_PARAMETER, BY_NAME]
)
def test_right_rules_are_right_however_they_keep_their_state(text):
    result, _ = checked(text)
    assert result["findings"] == []
    assert result["reason"] is None


@pytest.mark.cases(6)
@pytest.mark.parametrize(
    ("text", "old", "new", "mistake"),
    [
        (ADAM, "self.beta2 * self.v[k]", "self.beta1 * self.v[k]", "unexplained"),
        (ADAM, "self.beta2 * self.v[k]", "self.beta2 * self.m[k]", "unexplained"),
        (ADAM, "- self.beta2) * grads[k] ** 2", "- self.beta2) * grads[k]", "unexplained"),
        (ADAM, "np.sqrt(v_hat)", "np.sqrt(self.v[k])", "adam-bias-correction"),
        (ADAM, "1 - self.beta2 ** self.t", "1 - self.beta1 ** self.t", "adam-bias-correction"),
        (ADAM, "1 - self.beta2 ** self.t", "1 - self.beta2 * self.t", "adam-bias-correction"),
        (ADAMAX, "np.abs(g)", "g", "unexplained"),
        (ADAMAX, "1 - b1 ** t", "1 - b1 * t", "adam-bias-correction"),
        (ADADELTA, "* step ** 2", "* step", "unexplained"),
        (ADADELTA, "+ (1 - self.rho) * step", "- (1 - self.rho) * step", "sign"),
        (ADADELTA, "np.sqrt(self.s[k] + self.eps)", "(self.s[k] + self.eps)", "unexplained"),
        (RMSPROP, "* dw ** 2", "* dw", "unexplained"),
        (RMSPROP, '(np.sqrt(config["cache"])', '(config["cache"]', "unexplained"),
        (RMSPROP, "(1 - decay)", "decay", "constant-factor"),
        (OF_EACH_PARAMETER, "1 - b2 ** t", "1 - b1 ** t", "adam-bias-correction"),
    ],
)
def test_the_change_that_gives_a_known_rule_names_the_mistake_and_its_line(text, old, new, mistake):
    result, line = checked(text, old, new)
    assert [(f["mistake"], f["line"]) for f in result["findings"]] == [(mistake, line)]


def test_a_velocity_that_is_used_before_its_update_is_found():
    lines = textwrap.dedent(MOMENTUM).splitlines(keepends=True)
    result, _ = checked("".join([*lines[:-2], lines[-1], lines[-2]]))
    assert [f["mistake"] for f in result["findings"]] == ["update-before-use"]


@pytest.mark.slow
def test_one_count_for_the_calls_of_all_parameters_is_found():
    result, _ = checked(
        BY_NAME,
        "self.t[name] = self.t.get(name, 0) + 1\n        t = self.t[name]",
        "self.t += 1\n        t = self.t",
        "{}, {}, {}",
        "{}, {}, 0",
    )
    assert [f["mistake"] for f in result["findings"]] == ["adam-bias-correction"]


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        # Rules of their own: the sign alone, less of the second moment, a bound of the rate.
        (MOMENTUM, ["params[i] += self.v[i]", "params[i] += np.sign(self.v[i])"]),
        (ADAM, ["np.sqrt(v_hat)", "v_hat ** 0.25"]),
        (ADAM, ["* grads[k] ** 2", "* (grads[k] - self.m[k]) ** 2"]),
        (
            ADAM,
            [
                "params[k] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)",
                "params[k] -= np.minimum(self.lr / np.sqrt(v_hat), 0.01) * m_hat",
            ],
        ),
        # A gradient mixed with its average, and a rate that falls.
        (MOMENTUM, ["params[i] += self.v[i]", "params[i] += 0.6 * self.v[i] - 0.04 * grads[i]"]),
        (MOMENTUM, ["params[i] += self.v[i]", "params[i] += self.v[i]\n        self.lr *= 0.9"]),
        # The maximum of the second moment without its correction.
        (ADAM, ["m_hat = self.m[k] / (1 - self.beta1 ** self.t)\n", AMSGRAD, "v_hat)", "top)"]),
    ],
)
def test_rules_of_their_own_are_not_accused(text, edits):
    result, _ = checked(text, *edits)
    assert not result.get("findings")


def test_a_changing_sign_is_no_known_rule():
    result, _ = checked("def update(w, dw, lr=0.01):\n    return w - lr * np.sign(dw)\n")
    assert not result.get("findings")


def test_the_first_gradient_may_start_the_running_average():
    result, _ = checked(
        MOMENTUM,
        "self.v = [np.zeros_like(p) for p in params]",
        "self.v = list(grads)",
        "- self.lr * grads[i]",
        "+ (1 - self.momentum) * grads[i]",
        "params[i] += self.v[i]",
        "params[i] -= self.lr * self.v[i]",
    )
    assert result["findings"] == []
    assert result["checked"] == ["Momentum"]


ADAM_STEPS = """
    class Adam:
        def __init__(self, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
            self.lr, self.beta1, self.beta2, self.eps, self.t = lr, beta1, beta2, eps, 0
            self.mw = self.vw = self.mb = self.vb = 0

        def update(self, dw, db):
            self.t += 1
            self.mw = self.beta1 * self.mw + (1 - self.beta1) * dw
            self.mb = self.beta1 * self.mb + (1 - self.beta1) * db
            self.vw = self.beta2 * self.vw + (1 - self.beta2) * dw ** 2
            self.vb = self.beta2 * self.vb + (1 - self.beta2) * db ** 2
            first, second = 1 - self.beta1 ** self.t, 1 - self.beta2 ** self.t
            step_w = self.lr * self.mw / first / (np.sqrt(self.vw / second) + self.eps)
            step_b = self.lr * self.mb / first / (np.sqrt(self.vb / second) + self.eps)
            return SIGN step_w, SIGN step_b
"""


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_step_that_is_returned_may_be_added_or_subtracted(sign):
    text = ADAM_STEPS.replace("SIGN ", sign)
    assert checked(text)[0]["findings"] == []
    result, _ = checked(text, "self.beta2) * db ** 2", "self.beta2) * db")
    assert [f["mistake"] for f in result["findings"]] == ["unexplained"]


def test_a_weight_and_a_bias_may_be_arguments_of_their_own():
    text = ADAM_STEPS.replace("self, dw, db", "self, w, b, dw, db")
    text = text.replace("return SIGN step_w, SIGN step_b", "return w - step_w, b - step_b")
    assert checked(text)[0]["findings"] == []
    assert checked(text, "b - step_b", "b + step_b")[0]["findings"]


IN_PLACE = """
def update(w1, b1, w2, b2, dw1, db1, dw2, db2, rate):
    w1 -= rate * dw1
    b1 -= rate * db1
    w2 -= rate * dw2
    b2 -= rate * db2
    return w1, b1, w2, b2
"""


@pytest.mark.parametrize(("old", "new", "mistakes"), [("", "", []), ("w1 -=", "w1 +=", ["sign"])])
def test_a_function_that_updates_several_arrays_in_place(old, new, mistakes):
    found = check_text(IN_PLACE.replace(old, new))
    assert found["checked"] == ["update"]
    assert [finding["mistake"] for finding in found["findings"]] == mistakes
