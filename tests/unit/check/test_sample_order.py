"""Samples with the labels of others, found by the recorded values alone."""

import textwrap

import numpy as np
import pytest

from check_corpus.corpus import FOLDER, check_text
from rosenblatt.check.record.recording import record
from rosenblatt.check.source.text import Source
from rosenblatt.check.values.sample_order import misaligned

HEAD = """
import numpy as np
rng = np.random.default_rng(1)
X = rng.normal(size=(12, 3))
y = (X[:, 0] > 0) * 1
"""

PASS = """
for part in range(4):
    p = rng.permutation(12)[:6]
    {}
    for k in range(20):
        z = xb * k
    {}
"""
"""Batches, with a pass of 20 values between the rows and the labels."""

NEAR = """
def near(x, w=(1, 0, 0)):
    return 1 if sum(a * b for a, b in zip(x, w)) > 0 else 0


"""

INDICES = """
for k, i in zip([*range(12)] * 2, [*rng.permutation(12), *rng.permutation(12)]):
    z = near({sample})
    if z != {label}:
        n = 1
"""
"""Labels that an index takes, each next to the pass of its sample."""

INLINE = """
for part in range(2):
    p = rng.permutation(12)
    for a in range(0, 12, 6):
        rows = p[a:a + 6]
        e = X[rows] @ np.ones(3) - {}
        y_hat = e * 2
"""
"""Batches without a name, taken by an index."""

RENAMED = """
krank, y = y, None
p = rng.permutation(12)
{}
Xtr, ytr = X[:8], krank[:8].astype(float)
"""
"""Labels that are called so only where they are divided."""

NAMESAKE = """
def outputs(X):
    return X @ np.ones((3, 1))


def loss(X, y):
    return ((outputs(X) - y) ** 2).mean()


def train(X, y):
    for part in range(4):
        p = rng.permutation(12)
        for a in range(0, 12, 6):
            rows = p[a:a + 6]
            e = loss(X[rows], y[rows])
        e = loss(Xv, yv)


y = y.reshape(-1, 1)
Xv, yv = rng.normal(size=(12, 3)), rng.integers(0, 2, (12, 1))
train(X, y)
"""
"""Other samples that another function calls by the same names."""

TWO_SETS = """
X = rng.normal(size=(16, 3))
y = (X[:, 0] > 0) * 1
Xa, ya, Xv, yv = X[:10], y[:10], X[10:], y[10:]
for part in range(8):
    for A, a in ((Xa, ya), (Xv, yv)):
        p = rng.permutation(len(A))[:5]
        xb = A[p]
        for k in range(20):
            z = xb * k
        yb = a[p]
"""
"""Batches of two sets in turn, each with its labels after a pass."""

ENCODED = """
p = rng.permutation(12)
Xa, ya, X_test, y_test = X[p[:4]], y[p[:4]], X[p[4:]], y[p[4:]]


def encoded(y):
    return np.eye(2)[y]


A, B = encoded(np.roll(y_test, 3)), encoded(ya)
"""
"""Labels for tests, and then those of other samples."""

RETURNED = """
def shuffled(X, y):
    p = rng.permutation(12)
    return X[p], y[p]


y = X[:, :1] * 2.0
X, y = shuffled(X, y)
X, y = shuffled(X, y)
"""

CLASSES = """
T = np.eye(7)[rng.integers(0, 7, 12)]
for part in range(4):
    p = rng.permutation(12)[:4]
    xb, yb = X[p], T[p]
    h = np.ones((4, 3)) @ rng.normal(size=(3, 7))
    for k in range(3):
        yb = T[p]
        h = h[:, ::-1]
"""
"""Batches of fewer samples than there are classes."""

IMAGES = """
B = rng.normal(size=(12, 4, 4))
p = rng.permutation(12)
B{}
for bild, t in zip(B, y):
    for k in range(1500):
        z = bild * k
"""
"""Images, each with a long pass."""

RIGHT = {
    "a pass between": PASS.format("xb = X[p]", "yb = y[p]"),
    "labels first": PASS.format("yb = y[p]\n    xb = X[p]", "yv = y[:6]"),
    "both are shuffled": "p = rng.permutation(12)\nXs, ys = X[p], y[p]\n",
    "columns": "p = rng.permutation(12)\nXs = X.T[:, p]\nys = y.reshape(1, -1)[:, p]\n",
    "scaled": "X = (X - X.mean(0)) / X.std(0)\np = rng.permutation(12)\nXs, ys = X[p], y[p]\n",
    "parts": "Xa, Xb = X[:6], X[6:]\nya, yb = y[:6], y[6:]\n",
    "outputs": "p = rng.permutation(12)\nXs = X[p]\ny_hat = y.copy()\nys = y[p]\n",
    "batches": "for i in range(0, 12, 6):\n    xb, yb = X[i:i + 6], y[i:i + 6]\n",
    "one by one": "for x, t in zip(X, y):\n    z = x @ x\n",
    "another t": "for k in range(2):\n    t = np.linspace(0, 1, 6)\n    part = X[6 * k :][:6]\n",
    "by index": NEAR + INDICES.format(sample="X[i]", label="y[i]"),
    "labels by index first": NEAR
    + INDICES.replace("z =", "e = 1 - {label}\n    z =").format(sample="X[i]", label="y[i]"),
    "inline": INLINE.format("y[rows]"),
    "namesake": NAMESAKE,
    "another name": RENAMED.format("X = X[p]\nkrank = krank[p]"),
    "all pairs": f"{NEAR}for i in range(12):\n    for j in range(12):\n"
    "        if near(X[i], X[j]) != y[j]:\n            n = 1\n",
    "single inputs": "x = X[:, :1]\np = rng.permutation(12)\nx = x[p]\ny = y[p]\n",
    "returned": RETURNED,
    "more classes": CLASSES,
    "two sets": TWO_SETS,
    "encoded": ENCODED,
    "images": IMAGES.format(", y = B[p], y[p]"),
    "another question": "Xs, ys = X[:9], 5 - 2 * y[:9]\n",
}

WRONG = {
    "images": IMAGES.format(" = B[p]"),
    "a pass between": PASS.format("xb = X[p]", "yb = y[3 * part % 7:][:6]"),
    "samples alone": "p = rng.permutation(12)\nXs, ys = X[p], y\n",
    "two orders": "Xs, ys = X[rng.permutation(12)], y[rng.permutation(12)]\n",
    "columns": "p = rng.permutation(12)\nXs = X.T[:, p]\nys = y.reshape(1, -1)\n",
    "parts": "Xa, Xb = X[::-1][:7], X[::-1][7:]\nya, yb = y[:7], y[7:]\n",
    "batches": "for i in range(0, 12, 6):\n    xb, yb = X[::-1][i:i + 6], y[i:i + 6]\n",
    "one by one": "for x, t in zip(X[::-1], y):\n    z = x @ x\n",
    "by index": NEAR + INDICES.format(sample="X[i]", label="y[k]"),
    "inline": INLINE.format("y[a:a + 6]"),
    "another name": RENAMED.format("X = X[p]"),
    "single inputs": "x = X[:, :1]\np = rng.permutation(12)\nx = x[p]\n",
    "numbers": "y = X[:, 0] * 1.0\np = rng.permutation(12)\nXs, ys = X[p], y[::-1]\n",
}


def _found(text):
    source = Source(textwrap.dedent(HEAD + text))
    recorder, _, ended = record(source, FOLDER / "script.py", "__main__")
    assert ended is None
    return [finding["mistake"] for finding in misaligned(recorder.events, source)]


def test_the_labels_of_the_cases_would_show_another_order():
    rng = np.random.default_rng(1)
    y = (rng.normal(size=(12, 3))[:, 0] > 0) * 1
    assert not np.array_equal(y, y[::-1])


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_labels_in_the_order_of_their_samples_are_right(text):
    assert _found(text) == []


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_labels_in_another_order_are_found(text):
    assert _found(text) == ["labels-misaligned"]


FILLED = """
import numpy as np

def pictures(n, rng):
    y = rng.integers(0, 3, size=n)
    X = rng.uniform(0, 1, size=(n, 6))
    for i in range(n):
        X[i, 2 * y[i]:2 * y[i] + 2] += 1.0
    return X, y

rng = np.random.default_rng(1)
X, y = pictures(60, rng)
W = np.zeros((6, 3))
for epoch in range(20):
    order = rng.permutation(60)
    SHUFFLE
    for k in range(0, 60, 12):
        xb, yb = X[k:k + 12], y[k:k + 12]
        s = xb @ W
        e = np.exp(s - s.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        p[np.arange(12), yb] -= 1
        W -= 0.1 * xb.T @ p / 12
"""


def test_samples_that_are_filled_in_place_belong_to_the_same_labels():
    right = FILLED.replace("SHUFFLE", "X, y = X[order], y[order]")
    wrong = FILLED.replace("SHUFFLE", "X = X[order]")
    assert check_text(right)["findings"] == []
    assert [f["mistake"] for f in check_text(wrong)["findings"]] == ["labels-misaligned"]


def test_one_label_for_a_batch_of_all_classes_is_not_theirs():
    text = """
        import numpy as np
        rng = np.random.default_rng(3)
        y = np.repeat([0, 1, 2], 20)
        X = rng.normal(size=(60, 4)) + y[:, None]
        perm = rng.permutation(60)
        Xe, ye = X[perm], y[perm]
        for i in range(0, 60, 20):
            xb, yb = Xe[i:i + 20], LABELS[i:i + 20]
            total = xb.sum() + yb.sum()
    """
    for labels, is_wrong in (("ye", False), ("y", True)):
        source = Source(textwrap.dedent(text).replace("LABELS", labels))
        recorder, _, _ = record(source, FOLDER / "student.py", "__main__")
        assert bool(misaligned(recorder.events, source)) == is_wrong


def test_outputs_of_a_batch_have_the_labels_of_the_batch():
    text = """
        import numpy as np
        rng = np.random.default_rng(3)
        y = np.repeat([0, 1, 2], 20)
        X = rng.normal(size=(60, 3)) + y[:, None]
        W = rng.normal(size=(3, 3))
        S = X @ W
        for epoch in range(3):
            order = rng.permutation(60)
            X, y = X[order], y[order]
            for i in range(0, 60, 20):
                xb, yb = X[i:i + 20], y[i:i + 20]
                S = np.array([row @ W for row in xb])
    """
    source = Source(textwrap.dedent(text))
    recorder, _, _ = record(source, FOLDER / "student.py", "__main__")
    assert misaligned(recorder.events, source) == []


def test_samples_that_a_function_fills_and_shuffles_are_right():
    text = """
        import numpy as np
        rng = np.random.default_rng(3)

        def rings(n):
            X, y = np.zeros((3 * n, 2)), np.zeros(3 * n, dtype=int)
            for c in range(3):
                ix = range(n * c, n * (c + 1))
                X[ix] = rng.normal(size=(n, 2)) + c
                y[ix] = c
            perm = rng.permutation(3 * n)
            return X[perm], y[perm]

        X, y = rings(20)
        for i in range(0, 60, 20):
            xb, yb = X[i:i + 20], y[i:i + 20]
            total = xb.sum() + yb.sum()
    """
    source = Source(textwrap.dedent(text))
    recorder, _, _ = record(source, FOLDER / "student.py", "__main__")
    assert misaligned(recorder.events, source) == []


JOINED = """
    import numpy as np
    rng = np.random.default_rng(3)
    features, target = rng.normal(size=(60, 4)), np.arange(60) % 3
    table = np.column_stack([target, features])
    SHUFFLE
    X, y = SAMPLES, LABELS
    for epoch in range(2):
        perm = rng.permutation(60)
        Xs, ys = X[perm], y[perm]
        for i in range(0, 60, 20):
            xb, yb = Xs[i:i + 20], ys[i:i + 20]
            total = xb.sum() + yb.sum()
"""


@pytest.mark.parametrize("shuffle", ["rng.shuffle(table)", "table = table[rng.permutation(60)]"])
@pytest.mark.parametrize(
    ("samples", "labels", "is_wrong"),
    [
        ("table[:, 1:]", "table[:, 0]", False),
        ("table[:, 1:] / 16", "table[:, 0]", False),
        ("table[:, 1:]", "target", True),
    ],
)
def test_samples_that_are_shuffled_with_their_labels_in_one_array(
    shuffle, samples, labels, is_wrong
):
    text = textwrap.dedent(JOINED).replace("SHUFFLE", shuffle)
    source = Source(text.replace("SAMPLES", samples).replace("LABELS", labels))
    recorder, _, _ = record(source, FOLDER / "student.py", "__main__")
    assert bool(misaligned(recorder.events, source)) == is_wrong


DIVIDED = """import numpy as np

rng = np.random.default_rng(2)
data = rng.normal(size=(60, 8))
y = (data[:, 0] + data[:, 3] > 0).astype(int)
scores = []
for column in range(8):
    scores.append(abs(np.corrcoef(data[:, column], y)[0, 1]))
spreads = []
for row in data:
    spreads.append(row.std())
X = data[:, np.argsort(scores)[-2:]]
X = (X - X.mean(axis=0)) / X.std(axis=0)
order = rng.permutation(60)
first, last = order[:40], order[40:]
X_train, y_train = X[first], y[first]
X_test, y_test = X[last], y[last]
w, b = np.zeros(2), 0.0
for epoch in range(30):
    p = 1 / (1 + np.exp(-(X_train @ w + b)))
    loss = -np.mean(y_train * np.log(p) + (1 - y_train) * np.log(1 - p))
    w -= 0.1 * X_train.T @ (p - y_train) / 40
    b -= 0.1 * np.mean(p - y_train)
"""

TAKEN = "X_train, y_train = X[first], y[first]"


@pytest.mark.parametrize(
    "taken",
    [
        TAKEN,
        "X_train, y_train = X[:40], y[:40]",
        "mixed = y[order]\nX_train, y_train = X[first], mixed[:40]",
        "X, y = X[order], y[order]\nX_train = X[:40]\ny_train = y[:40]",
    ],
)
def test_rows_and_labels_of_one_order_are_right(taken):
    assert check_text(DIVIDED.replace(TAKEN, taken))["findings"] == []


@pytest.mark.parametrize(
    "taken",
    [
        "X_train = X[first]\ny_train = y[:40]",
        "X_train, y_train = X[order[:40]], y[:40]",
        "y_train = y[first]\nX_train = X[:40]",
    ],
)
def test_an_index_next_to_a_slice_gives_labels_of_others(taken):
    found = check_text(DIVIDED.replace(TAKEN, taken))["findings"]
    assert [finding["mistake"] for finding in found] == ["labels-misaligned"]
