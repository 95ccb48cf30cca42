"""Pairs of functions, X_forward and X_backward: gradients, dropout, arguments of the file's run."""

from pathlib import Path

import numpy as np
import pytest

from rosenblatt.check.files import check_source
from rosenblatt.check.pairs.arguments import guessed_arguments, prepared
from rosenblatt.check.pairs.calls import Pair
from rosenblatt.check.pairs.gradients import matched
from rosenblatt.check.source.text import Source

LAYERNORM = """
import numpy as np

def layernorm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=1, keepdims=True)
    std = np.sqrt(x.var(axis=1, keepdims=True) + eps)
    xhat = (x - mu) / std
    return gamma * xhat + beta, (xhat, gamma, std)

def layernorm_backward(dout, cache):
    xhat, gamma, std = cache
    dgamma = (dout * xhat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dxhat = dout * gamma
    inner = (dxhat * xhat).mean(axis=1, keepdims=True)
    dx = (dxhat - dxhat.mean(axis=1, keepdims=True) - xhat * inner) / std
    return dx, dgamma, dbeta
"""

DROPOUT = """
import numpy as np

def dropout_forward(x, p, mode):
    mask = None
    if mode == "train":
        mask = (np.random.rand(*x.shape) < p) / p
        out = x * mask
    else:
        out = x
    return out, (p, mode, mask)

def dropout_backward(dout, cache):
    p, mode, mask = cache
    if mode == "train":
        return dout * mask
    return dout
"""

CONV = """
import numpy as np

def conv_forward(x, w, b, stride=1, pad=0):
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    rows, columns = (H + 2 * pad - HH) // stride + 1, (W + 2 * pad - WW) // stride + 1
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, rows, columns))
    for i in range(rows):
        for j in range(columns):
            part = xp[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
            out[:, :, i, j] = np.einsum("nchw,fchw->nf", part, w) + b
    return out, (xp, w, stride, pad, x.shape)

def conv_backward(dout, cache):
    xp, w, stride, pad, shape = cache
    HH, WW = w.shape[2:]
    dxp, dw, db = np.zeros_like(xp), np.zeros_like(w), np.zeros(len(w))
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            g = dout[:, :, i, j]
            top, left = i * stride, j * stride
            dw += np.einsum("nf,nchw->fchw", g, xp[:, :, top : top + HH, left : left + WW])
            dxp[:, :, top : top + HH, left : left + WW] += np.einsum("nf,fchw->nchw", g, w)
            db += g.sum(axis=0)
    dx = dxp[:, :, pad : pad + shape[2], pad : pad + shape[3]]
    return dx, dw, db

if __name__ == "__main__":
    rng = np.random.default_rng(0)
    x = rng.normal(size=(12, 1, 6, 6))
    out, cache = conv_forward(x, rng.normal(size=(2, 1, 3, 3)), np.zeros(2), stride=2, pad=1)
    dx, dw, db = conv_backward(np.ones_like(out), cache)
"""

LINEAR = """
import numpy as np

def linear_forward(A, W, b):
    return W @ A + b, (A, W)

def linear_backward(dZ, cache):
    A, W = cache
    m = A.shape[1]
    dW = dZ @ A.T / m
    db = dZ.sum(axis=1, keepdims=True) / m
    return W.T @ dZ, dW, db

def layer_forward(A, W, b, activation):
    Z, linear = linear_forward(A, W, b)
    A = np.maximum(Z, 0) if activation == "relu" else 1 / (1 + np.exp(-Z))
    return A, (linear, Z)

def layer_backward(dA, cache, activation):
    linear, Z = cache
    s = 1 / (1 + np.exp(-Z))
    dZ = dA * (Z > 0) if activation == "relu" else dA * s * (1 - s)
    return linear_backward(dZ, linear)

def predict(A, W, b):
    return layer_forward(A, W, b, "sigmoid")[0]

rng = np.random.default_rng(0)
A, cache = layer_forward(rng.normal(size=(3, 9)), rng.normal(size=(4, 3)), np.zeros((4, 1)), "relu")
"""

RIGHT = {
    "multiply": """
def mul(a, b):
    return a * b
def mul_grad(dout, a, b):
    return {"b": dout * a, "a": dout * b}
""",
    "embedding": """
import numpy as np
def embedding_forward(x, W):
    return W[x], (x, W)
def embedding_backward(dout, cache):
    x, W = cache
    dW = np.zeros_like(W)
    np.add.at(dW, x, dout)
    return None, dW
""",
    "recurrent step": """
import numpy as np
def forward_step(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)
def backward_step(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    dz = dnext_h * (1 - next_h**2)
    return dz @ Wx.T, dz @ Wh.T, x.T @ dz, prev_h.T @ dz, dz.sum(axis=0)
""",
    "lists": """
import math
def neuron_fwd(x, w, b):
    z = sum(xi * wi for xi, wi in zip(x, w)) + b
    return math.tanh(z), (x, w, math.tanh(z))
def neuron_bwd(dout, cache):
    x, w, a = cache
    dz = dout * (1 - a**2)
    return [dz * wi for wi in w], [dz * xi for xi in x], dz
out, cache = neuron_fwd([1.0, 2.0, 0.0], [0.3, 0.5, 0.1], 0.0)
""",
    "several outputs": """
def split_forward(x, w):
    return [x * w, x + w], (x, w)
def split_backward(douts, cache):
    x, w = cache
    first, second = douts
    return first * w + second, (first * x + second)
""",
    "global generator and cache": """
import numpy as np
rng = np.random.default_rng(3)
kept = {}
def noisy_forward(x, w):
    kept["mask"] = rng.random(x.shape) + 0.5
    kept["x"] = x
    return (x * kept["mask"]) @ w
def noisy_backward(dout, w):
    return (dout @ w.T) * kept["mask"], (kept["x"] * kept["mask"]).T @ dout
""",
    "gradient before the softmax": """
import numpy as np
def net_forward(x, W1, W2):
    h = np.tanh(x @ W1)
    e = np.exp(h @ W2)
    return e / e.sum(axis=1, keepdims=True), (x, h, W2)
def net_backward(delta, cache):
    x, h, W2 = cache
    return x.T @ (delta @ W2.T * (1 - h**2)), h.T @ delta
rng = np.random.default_rng(0)
p, cache = net_forward(rng.normal(size=(7, 2)), rng.normal(size=(2, 4)), rng.normal(size=(4, 3)))
""",
    "step with a gradient by convention": """
import numpy as np
def sign_forward(x):
    return np.sign(x), x
def sign_backward(dout, x):
    return dout * (np.abs(x) <= 1)
""",
    "slope that is a number": """
import numpy as np
def prelu_forward(x, a):
    return np.where(x > 0, x, a * x), (x, a)
def prelu_backward(dout, cache):
    x, a = cache
    return np.where(x > 0, dout, a * dout), np.sum(dout * np.minimum(x, 0))
""",
    "two states": """
import numpy as np
def cell_forward(x, prev_h, prev_c, W):
    c = np.tanh(x @ W) + prev_c
    return np.tanh(c) + prev_h, c, (x, W, c)
def cell_backward(dh, dc, cache):
    x, W, c = cache
    dc = dc + dh * (1 - np.tanh(c) ** 2)
    dz = dc * (1 - np.tanh(x @ W) ** 2)
    return dz @ W.T, dh, dc, x.T @ dz
""",
    "mask scaled in use": """
import numpy as np
def dropout_forward(x, p, train=True):
    if not train:
        return x * p, None
    mask = np.random.rand(*x.shape) < p
    return x * mask, mask
def dropout_backward(dout, mask):
    return dout * mask
""",
}


def result_of(text):
    return check_source(text.encode(), Path("functions.py"))


@pytest.mark.parametrize("text", [LAYERNORM, DROPOUT, CONV, LINEAR, *RIGHT.values()])
def test_right_pairs_are_right_and_count_as_checked(text):
    result = result_of(text)
    assert result["findings"] == []
    assert result["checked"]
    assert result["reason"] is None


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("text", "right", "wrong", "mistake", "where", "parameter"),
    [
        (LAYERNORM, "xhat).sum(axis=0)", "xhat).mean(axis=0)", "batch-factor", "b", "gamma"),
        (LAYERNORM, " - xhat * inner", "", "unexplained", "b", "x"),
        (LAYERNORM, "- xhat * inner", "+ xhat * inner", "sign", "b", "x"),
        (LAYERNORM, "dx, dgamma, dbeta", "dx, dgamma", "gradient-missing", "b", "beta"),
        (LAYERNORM, "beta, (xhat,", "beta, (x,", "wrong-input-cached", "b", "x"),
        (DROPOUT, "< p) / p", "< p)", "dropout-scale", "f", None),
        (DROPOUT, "< p) / p", "< p) / (1 - p)", "dropout-scale", "f", None),
        (DROPOUT, "out = x\n", "out = x * p\n", "dropout-scale", "f", None),
        (DROPOUT, "return dout * mask", "return dout * (mask > 0)", "dropout-scale", "b", None),
        (CONV, "db += g.sum(axis=0)", "db = g.sum(axis=0)", "bias-gradient-not-summed", "b", "b"),
        (CONV, "g, w)", "g, w.swapaxes(2, 3))", "transposed", "b", "x"),
        (CONV, "dw += np", "dw -= np", "sign", "b", "w"),
        (CONV, "top, left = i * stride, j", "top, left = i, j", "unexplained", "b", "x"),
    ],
)
def test_wrong_pairs_are_named(text, right, wrong, mistake, where, parameter):
    assert right in text
    finding = result_of(text.replace(right, wrong))["findings"][0]
    function = {"f": "_forward", "b": "_backward"}[where]
    assert finding["mistake"] == mistake
    assert finding["where"].endswith(function)
    assert finding.get("parameter") == parameter


def test_a_gradient_that_is_right_for_the_arguments_of_the_file_is_not_named():
    """Where the path through the variance is missing, the gradient of beta is still right."""
    text = """
import numpy as np

def norm_forward(x, gamma, beta):
    std = np.sqrt(x.var(0) + 1e-5)
    xhat = (x - x.mean(0)) / std
    return gamma * xhat + beta, (xhat, std, gamma)

def norm_backward(dout, cache):
    xhat, std, gamma = cache
    d = dout * gamma
    dx = (d - d.mean(0) - xhat * (d * xhat).mean(0)) / std
    return dx, (dout * xhat).sum(0), dout.sum(0)

x = np.random.default_rng(1).normal(size=(5, 4))
out, cache = norm_forward(x, np.ones(4), np.zeros(4))
print(norm_backward(out, cache))
"""
    assert check_source(text.encode(), Path("norm.py"))["findings"] == []
    wrong = text.replace(" - xhat * (d * xhat).mean(0)", "")
    findings = check_source(wrong.encode(), Path("norm.py"))["findings"]
    assert [(f["mistake"], f["parameter"]) for f in findings] == [("unexplained", "x")]


def test_a_swap_within_backward_is_named():
    swapped = LAYERNORM.replace("dgamma =", "d =").replace("dbeta =", "dgamma =")
    finding = result_of(swapped.replace(" d = ", " dbeta = "))["findings"][0]
    assert finding["mistake"] == "gradient-order"


def test_a_call_that_takes_gradients_in_another_order_is_named():
    call = "\ndef use(dout, cache):\n    dx, dbeta, dgamma = layernorm_backward(dout, cache)\n"
    finding = result_of(LAYERNORM + call)["findings"][0]
    assert finding["mistake"] == "gradient-order"
    assert result_of(LAYERNORM + call.replace("dbeta, dgamma", "dgamma, dbeta"))["findings"] == []


def test_the_line_is_that_of_the_function_that_computes():
    wrong = LINEAR.replace("db = dZ.sum(axis=1, keepdims=True) / m", "db = dZ / m")
    finding = result_of(wrong)["findings"][0]
    assert finding["mistake"] == "bias-gradient-not-summed"
    assert "db = dZ / m" in wrong.splitlines()[finding["line"] - 1]


def test_texts_that_the_run_does_not_reach_are_tried():
    # The run calls the layer with relu alone.
    wrong = LINEAR.replace("dA * s * (1 - s)", "dA * s")
    finding = result_of(wrong)["findings"][0]
    assert finding["where"] == "layer_backward"
    assert finding["parameter"] == "A"


def test_a_pair_that_calls_a_wrong_one_is_not_accused_as_well():
    wrong = LINEAR.replace("dW = dZ @ A.T / m", "dW = -dZ @ A.T / m")
    assert {f["where"] for f in result_of(wrong)["findings"]} <= {"linear_backward", "training"}


def test_gradients_find_their_arguments_by_name_number_and_order():
    x, w = np.ones((2, 3)), np.ones((3, 4))
    inputs = {0: ("['x']", x), 1: ("['w']", w)}
    numeric = {0: 2 * x, 1: 3 * w}
    by_name = matched({"[0]": 5 * w, "[1]": x}, {"[0]": "dw", "[1]": "dx"}, inputs, numeric)
    assert by_name == {1: "[0]", 0: "[1]"}
    unnamed = {"[0]": "", "[1]": ""}
    assert matched({"[0]": 3 * w, "[1]": 2 * x}, unnamed, inputs, numeric) == by_name
    assert matched({"[0]": 7 * w, "[1]": 7 * x}, unnamed, inputs, numeric) == by_name


def test_recorded_arguments_are_few_and_without_zeros():
    def forward(x, b, keep):
        return x + b, keep

    recorded = {"x": np.zeros((9, 2)), "b": np.zeros(2), "keep": 0.5}
    first = next(prepared(recorded, forward))
    assert first["x"].shape == (5, 2)
    assert first["x"].all()
    assert first["b"].all()
    assert first["keep"] == 0.5
    assert not recorded["b"].any()


def test_a_dict_of_settings_has_the_keys_that_are_read():
    text = "def pool(x, pool_param):\n    return x[::pool_param['stride']] * pool_param['size']\n"
    names = {}
    exec(compile(text, "pool.py", "exec"), names)
    arguments = next(guessed_arguments(names["pool"], Source(text)))
    assert set(arguments["pool_param"]) == {"stride", "size"}


def test_the_same_random_numbers_come_at_each_call():
    text = (
        "import numpy as np\nrng = np.random.default_rng(1)\n"
        "def f(x):\n    return x * rng.random()\ndef f_grad(dout, x):\n    return dout\n"
    )
    names = {}
    exec(compile(text, "f.py", "exec"), names)
    pair = Pair.of(names["f"], names["f_grad"], Source(text))
    assert pair.run({"x": np.ones(2)}).tolist() == pair.run({"x": np.ones(2)}).tolist()


ROLLED = """
import numpy as np

def roll_forward(x, h0, W, U):
    h, kept, hs = h0, [], np.zeros((len(x), x.shape[1], h0.shape[1]))
    for t in range(x.shape[1]):
        before, h = h, np.tanh(x[:, t] @ W + h @ U)
        hs[:, t] = h
        kept.append((x[:, t], before, h, W, U))
    return hs, kept

def roll_backward(dh, kept):
    W, U = kept[0][3:]
    dW, dU = np.zeros_like(W), np.zeros_like(U)
    dx = np.zeros((len(dh), len(kept), len(W)))
    later = np.zeros_like(dh[:, 0])
    for t in reversed(range(len(kept))):
        x, before, h, _, _ = kept[t]
        above = dh[:, t] + later
        d = above * (1 - h ** 2)
        dx[:, t] = d @ W.T
        dW += x.T @ d
        dU += before.T @ d
        later = d @ U.T
    return dx, later, dW, dU
"""


def test_what_comes_from_the_next_step_is_missing():
    right = check_source(ROLLED.encode(), Path("m.py"))
    assert (right["findings"], right["reason"]) == ([], None)
    wrong = check_source(ROLLED.replace("dh[:, t] + later", "dh[:, t]").encode(), Path("m.py"))
    assert [finding["mistake"] for finding in wrong["findings"]] == ["upstream-gradient-missing"]
