"""Runs that are repeated with changed parameters, and what is understood of their updates."""

import textwrap

import numpy as np
import pytest

from check_corpus.corpus import check_text, replay_of
from rosenblatt.check.descent.descent import by_gradients, descent_of
from rosenblatt.check.descent.replay import parameters, tracks_of
from rosenblatt.check.descent.update_steps import steps_of
from rosenblatt.check.record.recording import Event

DATA = """
import numpy as np
rng = np.random.default_rng(1)
X = rng.normal(size=(6, 3))
Y = np.tanh(X @ rng.normal(size=(3, 2)))
"""

SETATTR = """
class Layer:
    def __init__(self, n, m):
        self.kernel, self.offset = rng.normal(size=(n, m)), np.zeros(m)

    def __call__(self, x):
        self.x = x
        return x @ self.kernel + self.offset

    def back(self, g):
        self.d_kernel, self.d_offset = self.x.T @ g, g.sum(0)
        return g @ self.kernel.T

layers = [Layer(3, 4), Layer(4, 2)]
for it in range(6):
    h = np.tanh(layers[0](X))
    out = layers[1](h)
    loss = ((out - Y) ** 2).mean()
    g = layers[1].back(2 * (out - Y) / Y.size)
    layers[0].back(g * (1 - h ** 2))
    for layer in layers:
        for name in ("kernel", "offset"):
            setattr(layer, name, getattr(layer, name) - 0.1 * getattr(layer, "d_" + name))
"""

ROWS = """
E, U = rng.normal(size=(5, 3)), np.zeros((5, 3))

def loss_and_slopes(i, j, t):
    s = 1 / (1 + np.exp(-E[i] @ U[j]))
    loss = -np.log(s if t else 1 - s)
    for_u = np.zeros_like(U)
    for_u[j] = (s - t) * E[i]
    return loss, (s - t) * U[j], for_u

for i, j, t in [(0, 1, 1), (2, 1, 0), (1, 1, 0), (4, 1, 1), (2, 1, 1), (0, 1, 1), (3, 1, 0)]:
    loss, for_e, for_u = loss_and_slopes(i, j, t)
    E[i] -= 0.2 * for_e
    U -= 0.2 * for_u
"""

ADAM = """
W = {"a": rng.normal(size=(3, 4)), "c": rng.normal(size=(4, 2))}
m = {k: np.zeros_like(v) for k, v in W.items()}
v = {k: np.zeros_like(v) for k, v in W.items()}
for t in range(1, 7):
    h = np.tanh(X @ W["a"])
    out = h @ W["c"]
    loss = ((out - Y) ** 2).sum()
    g = 2 * (out - Y)
    G = {"c": h.T @ g, "a": X.T @ ((g @ W["c"].T) * (1 - h ** 2))}
    for k in W:
        m[k] = 0.9 * m[k] + 0.1 * G[k]
        v[k] = 0.99 * v[k] + 0.01 * G[k] ** 2
        W[k] -= 0.01 * (m[k] / (1 - 0.9 ** t)) / (np.sqrt(v[k] / (1 - 0.99 ** t)) + 1e-8)
"""


LABELS = """
labels = [1, 0, 1, 1, 0, 0]
w = np.zeros(3)
for epoch in range(3):
    for i in range(6):
        z = float(w @ X[i])
        if (z > 0) != (labels[i] == 1) or abs(z) < 1:
            w = w - 0.1 * (1 / (1 + np.exp(-z)) - labels[i]) * X[i]
"""


def _replay(text):
    return replay_of(textwrap.dedent(DATA + text))


GETTER = """
class Line:
    def __init__(self):
        self._weights = {"W": np.zeros((3, 2))}

    @property
    def weights(self):
        return self._weights

line = Line()
for it in range(4):
    out = X @ line.weights["W"]
    g = X.T @ (out - Y)
    line.weights["W"] = line.weights["W"] - 0.1 * g
"""
"""Reading the target of an update runs code of the file."""


@pytest.mark.parametrize(
    "text",
    [SETATTR, ROWS, ADAM, LABELS, GETTER],
    ids=["setattr", "rows", "adam", "labels", "getter"],
)
def test_a_repeated_run_is_the_same_with_the_past_of_the_first(text):
    replay = _replay(text)
    track = parameters(replay)[0]
    moment = track.versions[1][0]
    shift = replay.shift(track, moment, np.full(track.first.shape, 1e-3))
    end = len(replay.events)
    replay.work = 0
    short, work = replay.run(shift, end), replay.work
    replay.past, replay.work = None, 0
    whole = replay.run(shift, end)
    assert work < replay.work
    assert len(short) == len(whole) > moment
    for mine, other in zip(short, whole, strict=True):
        assert (mine.line, mine.name, mine.function) == (other.line, other.name, other.function)
        assert mine.updates == other.updates
        np.testing.assert_array_equal(mine.value, other.value)
        assert (mine.old is None) == (other.old is None)
    assert any(
        not np.array_equal(a.value, b.value) for a, b in zip(short, replay.events, strict=False)
    )


@pytest.mark.slow
def test_attributes_that_setattr_sets_are_parameters():
    replay = _replay(SETATTR)
    assert {track.name for track in parameters(replay)} == {"layer.kernel", "layer.offset"}
    assert descent_of(replay).right
    wrong = _replay(SETATTR.replace("self.x.T @ g, g.sum(0)", "self.x.T @ g, -g.sum(0)"))
    assert not descent_of(wrong).right


@pytest.mark.parametrize(
    "update", ["np.subtract(W, 0.1 * g, out=W)", "np.subtract.at(W, slice(None), 0.1 * g)"]
)
def test_calls_that_change_an_array_are_updates(update):
    loop = f"for it in range(4):\n    out = X @ W\n    g = X.T @ (out - Y)\n    {update}\n"
    replay = _replay("W = np.zeros((3, 2))\n" + loop)
    assert [track.name for track in parameters(replay)] == ["W"]
    assert descent_of(replay).right


@pytest.mark.slow
def test_rows_of_a_matrix_move_with_the_update_of_their_sample():
    replay = _replay(ROWS)
    tracks = parameters(replay)
    # The first sample does not move its row of E, because U begins at 0.
    assert all(last - first < 3 for first, last in steps_of(tracks, single=False))
    assert descent_of(replay).right
    wrong = _replay(ROWS.replace("loss, (s - t)", "loss, (t - s)"))
    assert not descent_of(wrong).right


def test_values_that_each_pass_makes_anew_are_no_parameters():
    text = """
    W = np.zeros((3, 2))
    for it in range(4):
        q = np.exp(X @ W)
        q /= q.sum(1, keepdims=True)
        q -= Y
        W -= 0.1 * X.T @ q
    """
    replay = _replay(textwrap.dedent(text))
    assert [track.name for track in parameters(replay)] == ["W"]


@pytest.mark.slow
def test_gradients_of_adam_are_compared_instead_of_its_updates():
    replay = _replay(ADAM)
    descent = by_gradients(replay, descent_of(replay))
    assert descent.right
    assert all(source.rate == 0.01 for source in descent.moments[0].sources)


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new"), [(" * (1 - h ** 2)", ""), ("(g @", "(-g @")])
def test_a_wrong_gradient_is_found_behind_adam(old, new):
    assert old in ADAM
    replay = _replay(ADAM.replace(old, new))
    descent = by_gradients(replay, descent_of(replay))
    assert descent.moments[0].sources
    assert not descent.right


def test_units_that_stay_equal_are_found():
    start = 'W = {"a": rng.normal(size=(3, 4)), "c": rng.normal(size=(4, 2))}'
    equal = 'W = {"a": np.zeros((3, 4)), "c": np.full((4, 2), 0.5)}'
    loop = """
for t in range(4):
    h = np.tanh(X @ W["a"])
    out = h @ W["c"]
    g = 2 * (out - Y)
    G = {"c": h.T @ g, "a": X.T @ ((g @ W["c"].T) * (1 - h ** 2))}
    for k in W:
        W[k] -= 0.01 * G[k]
"""
    assert descent_of(_replay(start + loop)).findings == []
    findings = descent_of(_replay(equal + loop)).findings
    (finding,) = findings
    assert finding["mistake"] == "symmetric-init"
    assert "begin with equal weights" in finding["text"]


@pytest.mark.slow
def test_gradients_that_are_limited_before_adam_are_not_accused():
    limited = ADAM.replace(
        "    for k in W:\n", "    for k in W:\n        G[k] = G[k].clip(-1, 1)\n"
    )
    replay = _replay(limited)
    descent = by_gradients(replay, descent_of(replay))
    assert descent.moments[0].sources
    assert descent.findings == []


def test_an_index_that_a_call_gives_is_computed_once():
    replay = replay_of("""
import random
random.seed(2)
used, taken = [0.0] * 5, []


def place():
    taken.append(random.randrange(5))
    return taken[-1]


for k in range(6):
    used[place()] = random.random() + len(taken)
    used[place()] += 1.0
total = float(len(taken))
""")
    assert [e.value for e in replay.events if e.name == "total"] == [12.0]
    assert next(e.value for e in replay.events if e.name.startswith("used[")) < 1


def _update(owner, old, value):
    old, value = np.array(old), np.array(value)
    return Event(9, "w", "", value, old, "f", 1, updates=True, owner=owner)


@pytest.mark.parametrize(("goes_on", "count"), [(False, 3), (True, 2)])
def test_an_object_of_a_repeated_run_takes_the_place_of_the_first(goes_on, count):
    """Its first update may move nothing, and another array may have the same numbers."""
    events = [
        _update("first", [1.0, 2.0], [1.5, 2.0]),
        _update("second", [1.5, 2.0], [1.5, 2.0]),
        _update("first" if goes_on else "second", [1.5, 2.0], [1.5, 3.0]),
    ]
    assert [len(track.versions) for track in tracks_of(events)] == [count]


SHUFFLED = """
import numpy as np
rng = np.random.default_rng(1)
X = rng.normal(size=(400, 64))
t = np.tanh(X @ rng.normal(size=(64, 1)))
w, v = np.zeros((64, 1)), np.zeros((64, 1))
for epoch in range(3):
    order = rng.permutation(400)
    X, t = X[order], t[order]
    for k in range(0, 400, 100):
        x, y = X[k:k + 100], t[k:k + 100]
        loss = ((x @ w - y) ** 2).mean()
        v = 0.9 * v - 0.01 * 2 * x.T @ (x @ w - y) / 100
        w += v
"""


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("new", "mistakes"), [("(x @ w - y)", []), ("(y - x @ w)", ["momentum-sign"])]
)
def test_many_samples_that_are_shuffled_are_no_parameter(new, mistakes):
    old = "x.T @ (x @ w - y)"
    assert old in SHUFFLED
    text = SHUFFLED.replace(old, f"x.T @ {new}")
    assert [track.name for track in parameters(replay_of(text))] == ["w"]
    assert [finding["mistake"] for finding in check_text(text)["findings"]] == mistakes


FILLED = """
import numpy as np
rng = np.random.default_rng(1)
X = rng.normal(size=(2, 9))
T = np.stack([X[0] > X[1], X[0] <= X[1]]) * 1.0
A, B = rng.normal(size=(3, 2)), rng.normal(size=(2, 3))
p, q = np.zeros((2, 1)), np.zeros((2, 1))

def logistic(z):
    return 1 / (1 + np.exp(-z))

for round in range(300):
    k = rng.integers(9)
    p[0, 0], p[1, 0] = X[0, k], X[1, k]
    FILL
    h = logistic(A @ p)
    o = logistic(B @ h)
    e = o * (1 - o) * (o - q)
    g = h * (1 - h) * (B.T @ e)
    B -= 0.7 * e * h.T
    A -= 0.7 * g * p.T
"""


@pytest.mark.parametrize(
    ("fill", "is_whole"),
    [
        ("q[:, 0] = T[:, k]", True),
        ("q[:] = T[:, k:k + 1]", True),
        ("q[:1] = T[:1, k:k + 1]", False),
    ],
)
def test_an_array_that_is_assigned_as_a_whole_is_recorded(fill, is_whole):
    events = replay_of(FILLED.replace("FILL", fill)).events
    line = FILLED[: FILLED.index("FILL")].count("\n") + 1
    filled = {tuple(event.value.ravel()) for event in events if event.line == line}
    assert filled == ({(0.0, 1.0), (1.0, 0.0)} if is_whole else set())


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    ("old", "new", "mistakes"),
    [
        ("(o - q)", "(o - q)", []),
        ("h * (1 - h) *", "", ["activation-derivative-missing"]),
        ("(o - q)", "(q - o)", ["sign"]),
    ],
)
def test_targets_may_be_put_into_one_array_again_and_again(old, new, mistakes):
    assert old in FILLED
    text = FILLED.replace(old, new).replace("FILL", "q[:, 0] = T[:, k]")
    assert [finding["mistake"] for finding in check_text(text)["findings"]] == mistakes
