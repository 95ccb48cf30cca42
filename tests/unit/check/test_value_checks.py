"""Mistakes next to the gradients: kept parameters, masks of dropout, limits of gradients."""

from pathlib import Path

import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.functions.clipping import check_clipping
from rosenblatt.check.functions.recorded_calls import recorded_calls
from rosenblatt.check.record.recording import record
from rosenblatt.check.source.text import Source
from rosenblatt.check.values.dropout_masks import wrong_masks
from rosenblatt.check.values.kept_values import kept_by_reference
from rosenblatt.check.values.truncated_updates import factors_of_0, truncated, truncated_means

BEST = """
import numpy as np
def loss(p):
    return (p["a"] ** 2).sum()
def move(q, rate):
    q["a"] -= rate * q["a"]
p = {"a": np.ones(3)}
low, best = np.inf, None
for k in range(4):
    UPDATE
    now = loss(p)
    if now < low:
        low = now
        best = KEEP
print(best)
"""


def findings(check, text):
    source = Source(text)
    recorder, _, _ = record(source, Path("m.py"), "__main__")
    return check(recorder.events, source)


@pytest.mark.parametrize(
    ("update", "keep", "is_wrong"),
    [
        ('p["a"] -= 0.1 * p["a"]', "{k: v for k, v in p.items()}", True),
        ('p["a"] -= 0.1 * p["a"]', "dict(p)", True),
        ('p["a"] = p["a"] * 0.9', "p", True),
        ("move(p, 0.1)", "p", True),
        ('p["a"] -= 0.1 * p["a"]', "{k: v.copy() for k, v in p.items()}", False),
        ('p["a"] = p["a"] * 0.9', "dict(p)", False),
        ('p = {"a": 0.9 * p["a"]}', "p", False),
    ],
)
def test_best_parameters_have_to_be_copied_where_updates_are_in_place(update, keep, is_wrong):
    text = BEST.replace("UPDATE", update).replace("KEEP", keep)
    assert bool(findings(kept_by_reference, text)) == is_wrong


def test_a_plain_number_is_kept_by_value():
    text = "w, low = 1.0, 9.0\nfor k in range(4):\n    w -= 0.1\n    if w < low:\n        low = w\n"
    assert findings(kept_by_reference, text + "print(low)\n") == []


MASK = """
import numpy as np
rng = np.random.default_rng(1)
keep = 0.8
for k in range(4):
    h = rng.normal(size=(10, 12))
    m = MASK
    h = h * m
"""


@pytest.mark.parametrize(
    ("mask", "is_wrong"),
    [
        ("(rng.random(h.shape) < keep) * keep", True),
        ("(rng.uniform(size=h.shape) < keep) / (1 - keep)", True),
        ("rng.binomial(1, keep, h.shape) * keep", True),
        ("(rng.random(h.shape) < keep) / keep", False),
        ("(rng.random(h.shape) < keep).astype(float)", False),
        ("rng.binomial(1, keep, h.shape) / keep", False),
    ],
)
def test_a_mask_multiplies_by_one_over_what_it_keeps(mask, is_wrong):
    assert bool(findings(wrong_masks, MASK.replace("MASK", mask))) == is_wrong


@pytest.mark.parametrize(
    ("use", "is_wrong"),
    [("def predict(h):\n    return h * keep\n", False), ("def predict(h):\n    return h\n", True)],
)
def test_a_mask_of_zeros_and_ones_needs_the_share_in_use(use, is_wrong):
    text = MASK.replace("MASK", "rng.random(h.shape) < keep  # dropout") + use
    assert bool(findings(wrong_masks, text)) == is_wrong
    # Inputs with noise have no mean to keep.
    assert findings(wrong_masks, text.replace("m =", "noise =").replace("* m", "* noise")) == []
    assert findings(wrong_masks, text.replace("h = h * m", "h = np.where(m, -h, h)")) == []


@pytest.mark.parametrize("held", ['config["{}"]', "config.{}"])
@pytest.mark.parametrize("in_use", [True, False])
def test_a_share_of_many_settings_is_its_own(held, in_use):
    keep, rate = held.format("keep"), held.format("rate")
    text = MASK.replace("keep = 0.8", "from types import SimpleNamespace\nCONFIG")
    text = text.replace("CONFIG", "config = SimpleNamespace(keep=0.8, rate=0.1)")
    if "[" in held:
        text = text.replace("config =", "config = vars(").replace("rate=0.1)", "rate=0.1))")
    text = text.replace("MASK", f"rng.random(h.shape) < {keep}  # dropout")
    text += f"def predict(h):\n    return h{f' * {keep}' if in_use else ''}\nw = {rate} * h\n"
    assert bool(findings(wrong_masks, text)) == (not in_use)


@pytest.mark.parametrize(
    ("share", "is_wrong"), [("/ (1 - self.rate)", False), ("", True), ("/ self.more", False)]
)
def test_the_share_of_another_class_is_none_of_a_mask(share, is_wrong):
    text = f"""
import numpy as np
rng = np.random.default_rng(1)
class Dropout:
    def __init__(self, rate):
        self.rate = rate
        self.more = 1 - self.rate
    def forward(self, h, training):
        if not training:
            return h
        self.mask = (rng.random(h.shape) >= self.rate) {share}
        return h * self.mask
class Descent:
    def __init__(self, rate):
        self.rate = rate
    def step(self, w, g):
        return w - self.rate * g
layer, descent = Dropout(0.3), Descent(0.1)
for k in range(4):
    h = layer.forward(rng.normal(size=(10, 12)), True)
"""
    assert bool(findings(wrong_masks, text)) == is_wrong


def test_a_mask_may_be_returned():
    text = MASK.replace("MASK", "mask(h.shape)").replace(
        "for k", "def mask(shape):\n    return (rng.random(shape) < keep) / 0.2\n\nfor k"
    )
    assert bool(findings(wrong_masks, text))


CLIP = """
import numpy as np
def limit(grads, most):
    norm = np.sqrt(sum((g ** 2).sum() for g in grads))
    if norm SIDE most:
        FACTOR
        return [f * g for g in grads]
    return grads
print(limit([np.ones(3), np.ones((2, 2))], 1.0))
"""


@pytest.mark.parametrize(
    ("side", "factor", "is_wrong"),
    [
        (">", "f = most / norm", False),
        (">", "f = norm / most", True),
        ("<", "f = most / norm", True),
        (">", "f = 1.0", False),
    ],
)
def test_a_limit_makes_no_gradient_larger(side, factor, is_wrong):
    source = Source(CLIP.replace("SIDE", side).replace("FACTOR", factor))
    found = check_clipping(recorded_calls(source), source)
    assert [f["where"] for f in found] == ["limit"] * is_wrong


@pytest.mark.parametrize("given", ["[np.ones(3)]", "[(np.ones(3), 2)]", "(np.ones(3), np.ones(2))"])
def test_arrays_of_other_functions_may_grow(given):
    text = "import numpy as np\ndef grow(ps):\n    return [2 * p for p in ps]\n"
    source = Source(f"{text}grow({given})\n")
    assert check_clipping(recorded_calls(source), source) == []


WHOLE = """
import numpy as np
points = np.array([[0, 1], [1, 0], [1, 1], [2, 1]])
gewicht = np.zeros(2, dtype=START)
zahl = np.zeros(3, dtype=int)
for p, ziel in zip(points, [0, 1, 1, 0]):
    delta = ziel - 1 / (1 + np.exp(-gewicht @ p))
    for j in range(2):
        gewicht[j] += 0.5 * delta * p[j]
    zahl[ziel] = zahl[ziel] + 1
"""


@pytest.mark.parametrize(("start", "is_wrong"), [("float", False), ("int", True)])
def test_fractions_are_not_added_to_whole_numbers(start, is_wrong):
    found = findings(truncated, WHOLE.replace("START", start))
    assert [(f["mistake"], f["line"]) for f in found] == [("integer-weights", 4)] * is_wrong


def test_a_mean_that_is_rounded_down_moves_by_whole_numbers():
    text = """
import random
random.seed(4)
data = [([random.gauss(0, 1), random.gauss(0, 1)], random.gauss(0, 1)) for _ in range(30)]
w, b = [0.1, -0.2], 0.0
for turn in range(20):
    dw, db = [0.0, 0.0], 0.0
    for x, y in data:
        off = w[0] * x[0] + w[1] * x[1] + b - y
        dw = [g + off * v for g, v in zip(dw, x)]
        db += off
    for j in range(2):
        w[j] -= 0.1 * (dw[j] / 30)
    b -= 0.1 * (db / 30)
"""
    right, wrong = check_text(text), check_text(text.replace("(db / 30)", "(db // 30)"))
    assert right["findings"] == []
    assert [finding["mistake"] for finding in wrong["findings"]] == ["integer-weights"]


AVERAGES = """
import numpy as np
X = np.random.default_rng(1).normal(size=(6, 3))
w, classes = np.zeros(3), np.zeros(3, dtype=int)
for epoch in range(5):
    d = X @ w - X[:, 0]
    grad_w = np.zeros(3, dtype=START)
    for j in range(3):
        grad_w[j] = np.mean(d * X[:, j])
        classes[j] = np.mean(X[:, j]) > 0
    w = w - 0.1 * grad_w
"""


@pytest.mark.parametrize(("start", "is_wrong"), [("float", False), ("int", True)])
def test_means_are_not_assigned_to_whole_numbers(start, is_wrong):
    found = findings(truncated_means, AVERAGES.replace("START", start))
    assert [(f["mistake"], f["line"]) for f in found] == [("integer-weights", 7)] * is_wrong


SHARES = """
x, y = [1.0, 2.0, 4.0], [2.0, 3.0, 5.0]
n, w = len(x), 0.0
half = n // 2 * 2 + 1 // 1 * n
for epoch in range(5):
    rest = [w * a - b for a, b in zip(x, y)]
    grad = SHARE * sum(r * a for r, a in zip(rest, x))
    w = w - 0.1 * grad
"""


@pytest.mark.parametrize(
    ("share", "is_wrong"),
    [("(1 / n)", False), ("(n // 2)", False), ("(1 // n)", True), ("1 // len(x)", True)],
)
def test_a_share_of_one_sample_is_not_rounded_down(share, is_wrong):
    found = findings(factors_of_0, SHARES.replace("SHARE", f"({share})"))
    assert [(f["mistake"], f["line"]) for f in found] == [("integer-weights", 7)] * is_wrong
