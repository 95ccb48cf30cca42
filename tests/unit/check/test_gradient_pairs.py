"""Losses and their gradients in two functions or two methods, found by what they take."""

from pathlib import Path

import pytest

from rosenblatt.check.files import check_source

POLYNOMIAL = """
import numpy as np
rng = np.random.default_rng(1)
x = rng.uniform(-1, 1, (20, 1))
Z = np.hstack([x, x ** 2, x ** 3])
t = np.sin(2 * x)

def kosten(a, c, lam):
    r = Z @ a + c - t
    return np.mean(r ** 2) + lam * (a ** 2).sum()

def abstieg(a, c, lam):
    r = Z @ a + c - t
    da = np.zeros((3, 1)FORM)
    for j in range(3):
        da[j, 0] = 2 * np.mean(r * Z[:, [j]])
    da = da + PENALTY
    return da, 2 * np.mean(r)

for lam in (0.0, 0.1):
    a, c = np.zeros((3, 1)), 0.0
    for _ in range(30):
        da, dc = abstieg(a, c, lam)
        a, c = a - 0.1 * da, c - 0.1 * dc
    print(kosten(a, c, lam))
"""

CACHED = """
import numpy as np

class Red:
    def __init__(self):
        rng = np.random.default_rng(0)
        self.V = rng.normal(size=(3, 4))
        self.U = rng.normal(size=(4, 1))
        self.oculta = None

    def salida(self, X):
        self.oculta = np.tanh(X @ self.V)
        return self.oculta @ self.U

    def costo(self, X, Y):
        return 0.5 * np.mean((FORWARD - Y) ** 2)

    def derivadas(self, X, Y):
        e = (self.oculta @ self.U - Y) / len(X)
        gU = self.oculta.T @ e
        gV = X.T @ ((e @ self.U.T) SLOPE)
        return gV, gU

rng = np.random.default_rng(4)
X, Y = rng.normal(size=(8, 3)), rng.normal(size=(8, 1))
red = Red()
for paso in range(20):
    red.salida(X)
    print(red.costo(X, Y))
    gV, gU = red.derivadas(X, Y)
    red.V -= 0.05 * gV
    red.U -= 0.05 * gU
"""

PLANE = """
import numpy as np

def valley(p):
    return (p[0] - 1) ** 2 + 3 * (p[1] - p[0] ** 2) ** 2

def grad_valley(p):
    d = p[1] - p[0] ** 2
    return np.array([2 * (p[0] - 1) - FACTOR * p[0] * d, 6 * d])

p = np.array([0.5, -0.5])
for _ in range(50):
    p = p - 0.01 * grad_valley(p)
print(valley(p))
"""


def mistakes(text: str) -> list[str]:
    """Return the names of the mistakes that a check finds."""
    values = check_source(text.encode(), Path("student.py"))
    assert values.get("checked")
    return [finding["mistake"] for finding in values["findings"]]


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("penalty", "form", "expected"),
    [
        ("lam * a", "", ["constant-factor"]),
        ("2 * lam * a", "", []),
        ("-2 * lam * a", "", ["sign"]),
        ("2 * lam * a", ", dtype=int", ["integer-weights"]),
    ],
)
def test_penalty_of_a_later_training(penalty: str, form: str, expected: list[str]) -> None:
    """The first training has no penalty; its gradient is wrong all the same."""
    text = POLYNOMIAL.replace("PENALTY", penalty).replace("FORM", form)
    assert mistakes(text) == expected


@pytest.mark.cases(1)
@pytest.mark.parametrize("forward", ["self.salida(X)", "np.tanh(X @ self.V) @ self.U"])
@pytest.mark.parametrize("slope", ["* (1 - self.oculta ** 2)", ""])
def test_gradients_of_what_the_forward_pass_keeps(forward: str, slope: str) -> None:
    """A method whose arrays were kept by an earlier pass is not compared with a later loss."""
    found = mistakes(CACHED.replace("FORWARD", forward).replace("SLOPE", slope))
    assert found == ([] if slope else ["activation-derivative-missing"])


@pytest.mark.parametrize(("factor", "expected"), [("12", []), ("6", ["constant-factor"])])
def test_gradient_called_after_its_function(factor: str, expected: list[str]) -> None:
    assert mistakes(PLANE.replace("FACTOR", factor)) == expected


CALLS = """
import numpy as np

class Cell:
    def step(self, x, s):
        n = np.tanh(x + AND)
        return n

    def back(self, dn, n, s):
        t = n
        return dn * SLOPE

def softmax(z):
    e = np.exp(z - z.max(axis=AXIS, keepdims=True))
    return e / e.sum(axis=AXIS, keepdims=True)

def cost_and_parts(p, X, labels, cell):
    a = X @ p["in"]
    n = cell.step(a, p["mid"])
    q = softmax(n @ p["out"])
    cost = -np.log(q[np.arange(len(X)), labels]).sum()
    d = q.copy()
    d[np.arange(len(X)), labels] -= 1
    da = cell.back(d @ p["out"].T, n, a)
    return cost, {"out": n.T @ d, "mid": da.sum(axis=0), "in": X.T @ da}

rng = np.random.default_rng(2)
X, labels = rng.normal(size=(6, 3)), np.array([0, 1, 2, 1, 0, 2])
p = {"in": rng.normal(size=(3, 4)), "mid": np.zeros(4), "out": rng.normal(size=(4, 3))}
for _ in range(20):
    cost, parts = cost_and_parts(p, X, labels, Cell())
    for name in p:
        p[name] -= 0.05 * parts[name]
"""


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("slope", "axis", "expected"),
    [
        ("(1 - t ** 2)", "1", []),
        ("(1 - np.tanh(t) ** 2)", "1", ["activation-derivative-at-output"]),
        ("(1 + t ** 2)", "1", ["sign"]),
        ("(1 - t ** 2)", "0", ["softmax-wrong-axis"]),
    ],
)
def test_mistakes_in_what_a_loss_calls(slope: str, axis: str, expected: list[str]) -> None:
    text = CALLS.replace("SLOPE", slope).replace("AXIS", axis).replace("AND", "s")
    values = check_source(text.encode(), Path("student.py"))
    assert "cost_and_parts" in values["checked"]
    own = [f for f in values["findings"] if f["where"] == "cost_and_parts"]
    assert [finding["mistake"] for finding in own] == expected


ROBUST = """
import numpy as np

def robust_loss(w, X, y, delta=1.0):
    r = X @ w - y
    small = np.abs(r) <= delta
    loss = np.mean(np.where(small, 0.5 * r ** 2, delta * (np.abs(r) - 0.5 * delta)))
    return loss, X.T @ np.where(small, r, SLOPE) / len(y)
"""


@pytest.mark.parametrize(
    ("slope", "expected"), [("delta * np.sign(r)", []), ("-delta * np.sign(r)", ["sign"])]
)
def test_loss_of_one_output_that_nothing_calls(slope: str, expected: list[str]) -> None:
    """With guessed outputs of three columns, its mean goes over more than the samples."""
    assert mistakes(ROBUST.replace("SLOPE", slope)) == expected


COEFFICIENTS = """
def residual(x, y, beta):
    return sum(a * b for a, b in zip(x, beta)) - y

def squared_error(x, y, beta):
    return residual(x, y, beta) ** 2

def squared_error_gradient(x, y, beta):
    return [2 * residual(x, y, beta) * a for a in TERM]

x, y, beta = [1.0, 0.5, -0.3], 1.2, [0.1, 0.4, -0.2]
for k in range(20):
    slope = squared_error_gradient(x, y, beta)
    beta = [b - 0.1 * s for b, s in zip(beta, slope)]
    print(squared_error(x, y, beta))
"""


@pytest.mark.parametrize(
    ("name", "gradient"), [("error", "squared_error_gradient"), ("error", "sq_gradient")]
)
@pytest.mark.parametrize(("term", "is_right"), [("x", True), ("beta", False)])
def test_gradient_of_one_loss_among_several(
    name: str, gradient: str, term: str, is_right: bool
) -> None:
    """The derivative of the error itself is another function."""
    text = COEFFICIENTS.replace("residual", name).replace("squared_error_gradient", gradient)
    assert (mistakes(text.replace("TERM", term)) == []) == is_right


PASSED_ON = """
import numpy as np

def forward(X, y, W):
    P = X @ W
    info = {"X": X, "P": P, "y": y}
    loss = np.mean((y - P) ** 2)
    return info, loss

def gradients(info):
    return {"W": SIGN * info["X"].T @ (info["P"] - info["y"]) / len(info["y"])}

rng = np.random.default_rng(0)
X, W = rng.normal(size=(20, 3)), rng.normal(size=(3, 1))
y = X @ np.array([[1.0], [-2.0], [0.5]])
for k in range(20):
    info, loss = forward(X, y, W)
    W = W - 0.1 * gradients(info)["W"]
"""

SLOPES = """
import numpy as np

def slopes(x, t, w, b):
    p = 1 / (1 + np.exp(-(x @ w + b)))
    derror_dp = SIGN * (p - t)
    derror_db = derror_dp * p * (1 - p)
    derror_dw = derror_db * x
    return derror_db, derror_dw

rng = np.random.default_rng(0)
X, w, b = rng.normal(size=(8, 3)), rng.normal(size=3), 0.1
T = (X[:, 0] > 0) * 1.0
for k in range(60):
    i = k % 8
    db, dw = slopes(X[i], T[i], w, b)
    w = w - 0.5 * dw
    b = b - 0.5 * db
"""


@pytest.mark.parametrize("text", [PASSED_ON, SLOPES])
def test_what_is_no_gradient_and_no_loss(text: str) -> None:
    """Inputs are passed on next to a loss, and a slope of the error has its name."""
    assert mistakes(text.replace("SIGN", "2")) == []
    assert mistakes(text.replace("SIGN", "-2"))
