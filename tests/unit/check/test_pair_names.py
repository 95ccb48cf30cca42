"""Modules of functions in other languages: passes, states, losses that no English word tells."""

from pathlib import Path

import pytest

from rosenblatt.check.files import check_source
from rosenblatt.check.functions.pair_names import function_pairs

LAYERS = """
import numpy as np

def afin_hin(x, w, b):
    return x @ w + b, (x, w)

def afin_her(dut, minne):
    x, w = minne
    return dut @ w.T, x.T @ dut, dut.sum(axis=0)

def relu_hin(x):
    return np.maximum(x, 0), x

def relu_her(dut, x):
    return dut * (x > 0)

def steg_hin(x, h_vor, Wx, Wh, b):
    h = np.tanh(x @ Wx + h_vor @ Wh + b)
    return h, (x, h_vor, Wx, Wh, h)

def steg_her(dh, minne):
    x, h_vor, Wx, Wh, h = minne
    dz = dh * (1 - h ** 2)
    return dz @ Wx.T, dz @ Wh.T, x.T @ dz, h_vor.T @ dz, dz.sum(axis=0)

def ord_hin(ord, W):
    return W[ord], (ord, W.shape)

def ord_her(dut, minne):
    ord, form = minne
    dW = np.zeros(form)
    np.add.at(dW, ord, dut)
    return dW

def tid_hin(h, w, b):
    return h @ w + b, (h, w)

def tid_her(dut, minne):
    h, w = minne
    n, t, k = h.shape
    flat = dut.reshape(n * t, -1)
    return (flat @ w.T).reshape(n, t, k), h.reshape(n * t, k).T @ flat, flat.sum(axis=0)

def f\xf6rlust(x, y):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    n = np.arange(len(y))
    summe = -np.log(p[n, y]).mean()
    p[n, y] -= 1
    return summe, p / len(y)

def tid_kostnad_loss(x, y, mask):
    e = np.exp(x - x.max(axis=2, keepdims=True))
    p = e / e.sum(axis=2, keepdims=True)
    hot = np.eye(x.shape[2])[y]
    summe = -(mask * np.log((p * hot).sum(axis=2))).sum() / len(x)
    return summe, (p - hot) * mask[:, :, None] / len(x)

def tv\xe5_lag(modell, X, y, reg):
    a, m1 = afin_hin(X, modell["W1"], modell["b1"])
    h, m2 = relu_hin(a)
    s, m3 = afin_hin(h, modell["W2"], modell["b2"])
    summe, ds = f\xf6rlust(s, y)
    summe += 0.5 * reg * ((modell["W1"] ** 2).sum() + (modell["W2"] ** 2).sum())
    dh, dW2, db2 = afin_her(ds, m3)
    _, dW1, db1 = afin_her(relu_her(dh, m2), m1)
    dW1 = dW1 + reg * modell["W1"]
    dW2 = dW2 + reg * modell["W2"]
    return summe, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
"""

ORDER = "dh, db2, dW2 = afin_her(ds, m3)\n    db2, dW2 = db2.T[0], dW2[:, None]\n"
"""A caller that takes two gradients in each other's place, and makes their shapes fit."""


def test_all_parts_are_checked_and_right():
    values = check_source(LAYERS.encode(), Path("m.py"))
    assert values["findings"] == []
    assert values["not_checked"] == []
    assert values["reason"] is None


@pytest.mark.cases(4)
@pytest.mark.parametrize(
    ("old", "new", "mistake", "where"),
    [
        ("x.T @ dut, dut.sum", "x.T @ dut * 2, dut.sum", "constant-factor", "afin_her"),
        ("dh * (1 - h ** 2)", "dh", "activation-derivative-missing", "steg_her"),
        ("dz @ Wh.T", "dz @ Wh", "transposed", "steg_her"),
        ("np.add.at(dW, ord, dut)", "dW[ord] = dut", "unexplained", "ord_her"),
        ("flat.sum(axis=0)", "flat[0]", "bias-gradient-not-summed", "tid_her"),
        ("(p - hot) * mask", "(p + hot) * mask", "sign", "tid_kostnad_loss"),
        ("dh, dW2, db2 = afin_her(ds, m3)\n", ORDER, "gradient-order", "afin_her"),
        ('reg * modell["W2"]', '2 * reg * modell["W2"]', "constant-factor", "tv\xe5_lag"),
    ],
)
def test_the_mistake_of_a_part_is_named(old, new, mistake, where):
    assert old in LAYERS
    values = check_source(LAYERS.replace(old, new).encode(), Path("m.py"))
    assert [(f["mistake"], f["where"]) for f in values["findings"]][:1] == [(mistake, where)]


@pytest.mark.parametrize(
    ("names", "takes"),
    [
        # Functions of two kinds of data share their last words too.
        (["load_batch", "load_rest", "get_batch", "get_rest"], "n"),
        (["spam_train", "spam_test", "ham_train", "ham_test"], "dy"),
    ],
)
def test_names_that_share_their_ends_are_no_passes(names, takes):
    made = eval(f"lambda {takes}: None")
    assert function_pairs(dict.fromkeys(names, made)) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("lag_fremad", "lag_baglaens"),
        ("vrstva_dopredu", "vrstva_zpet"),
        ("couche_avant", "couche_arriere"),
        ("maju", "mundur"),
    ],
)
def test_words_for_the_passes_pair_two_functions(first, second):
    assert function_pairs(dict.fromkeys([first, second])) == [(first, second)]


NETWORK = """
import numpy as np

def tapahtuma_cost(W1, b1, W2, b2, X, t):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    e = y - t
    cost = 0.5 * (e ** 2).sum() / len(X)
    e = e / len(X)
    dh = (e @ W2.T) * (1 - h ** 2)
    return cost, X.T @ dh, dh.sum(axis=0), h.T @ e, e.sum(axis=0)
"""


def test_a_loss_of_numbered_arrays_is_given_those_of_a_network():
    right = check_source(NETWORK.encode(), Path("m.py"))
    assert (right["findings"], right["reason"]) == ([], None)
    wrong = NETWORK.replace("(e @ W2.T) * (1 - h ** 2)", "e @ W2.T")
    found = check_source(wrong.encode(), Path("m.py"))["findings"]
    assert [finding["where"] for finding in found][:1] == ["tapahtuma_cost"]


RULE = """
import numpy as np

class AdaGrad:
    def __init__(self, lr=0.01):
        self.lr, self.h = lr, None

    def perbarui(self, params, grads):
        if self.h is None:
            self.h = {k: np.zeros_like(p) for k, p in params.items()}
        for k in params:
            self.h[k] += grads[k] * grads[k]
            params[k] -= self.lr * grads[k] / (np.sqrt(self.h[k]) + 1e-6)
"""


def test_the_small_number_of_a_rule_is_read_from_its_code():
    values = check_source(RULE.encode(), Path("m.py"))
    assert (values["findings"], values["not_checked"]) == ([], [])
    named = RULE.replace("1e-6", "EPS").replace(
        "import numpy as np", "import numpy as np\nEPS = 1e-5"
    )
    assert check_source(named.encode(), Path("m.py"))["not_checked"] == []


NORM = """
import numpy as np

def norm_forward(x, gamma, beta, eps=1e-5):
    mu, var = x.mean(axis=0), x.var(axis=0)
    istd = 1 / np.sqrt(var + eps)
    xn = (x - mu) * istd
    return gamma * xn + beta, (xn, istd, gamma), mu, var

def norm_backward(dout, mem):
    xn, istd, gamma = mem
    dgamma, dbeta = (dout * xn).sum(axis=0), dout.sum(axis=0)
    d = dout * gamma
    return istd * (d - d.mean(axis=0) - xn * (d * xn).mean(axis=0)), dgamma, dbeta
"""


def test_a_pass_may_return_statistics_next_to_its_cache():
    values = check_source(NORM.encode(), Path("m.py"))
    assert (values["findings"], values["not_checked"]) == ([], [])
    wrong = NORM.replace("(dout * xn).sum", "2 * (dout * xn).sum")
    assert [f["mistake"] for f in check_source(wrong.encode(), Path("m.py"))["findings"]] == [
        "constant-factor"
    ]


VARIANTS = """
import numpy as np

def norm_forward(x, gamma, beta):
    mean, var = x.mean(axis=0), x.var(axis=0)
    hat = (x - mean) / np.sqrt(var + 1e-5)
    return gamma * hat + beta, (hat, gamma, var)

def norm_backward(dout, cache):
    hat, gamma, var = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) - hat * (d * hat).mean(axis=0)) / np.sqrt(var + 1e-5)
    return dx, (dout * hat).sum(axis=0), dout.sum(axis=0)

def norm_backward_alt(dout, cache):
    hat, gamma, var = cache
    n = len(dout)
    dx = gamma / np.sqrt(var + 1e-5) / n * (
        n * dout - dout.sum(axis=0) - hat * (dout * hat).sum(axis=0)
    )
    return dx, (dout * hat).sum(axis=0), dout.sum(axis=0)

def relu_forward_naive(x):
    out = x.copy()
    for index in np.ndindex(x.shape):
        out[index] = max(0, x[index])
    return out, x

def relu_backward_naive(dout, cache):
    dx = np.zeros_like(dout)
    for index in np.ndindex(dout.shape):
        dx[index] = dout[index] if cache[index] > 0 else 0
    return dx
"""


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("gamma / np.sqrt(var + 1e-5) / n", "1 / np.sqrt(var + 1e-5) / n", ["norm_backward_alt"]),
        ("if cache[index] > 0", "if dout[index] > 0", ["relu_backward_naive"]),
    ],
)
def test_variants_of_a_pass_are_paired(old, new, expected):
    text = VARIANTS.replace(old, new) if old else VARIANTS
    result = check_source(text.encode(), Path("passes.py"))
    assert [finding["where"] for finding in result["findings"]] == expected
    assert not {"norm_backward_alt", "relu_backward_naive"} & set(result["not_checked"])


KEPT = """
import numpy as np

def net_forward(x, W, V):
    h = np.tanh(x @ W)
    y = h @ V
    return [h, y, 0.5 * np.sum(y ** 2)]

def net_backward(x, V, o):
    h, y = o[0], o[1]
    dV = np.outer(h, y)
    dW = np.outer(x, y @ V.T * (1 - h ** 2))
    return dW, dV
"""


def test_an_argument_that_is_taken_apart_is_no_gradient_of_the_output():
    result = check_source(KEPT.encode(), Path("passes.py"))
    assert result["findings"] == []
