"""Updates of the parameters of a file's own layers, which nothing in the file trains."""

import pytest

from check_corpus.corpus import check_text

LAYERS = """
import numpy as np

class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_out, n_in) * 0.1
        self.b = np.zeros((1, n_out))

    def forward(self, x):
        self.x = x
        return x @ self.W.T + self.b

    def backward(self, d):
        self.dW = d.T @ self.x
        self.db = d.sum(axis=0, keepdims=True)
        return d @ self.W
"""

MODEL = """
class Stack:
    def __init__(self, sizes):
        self.parts = [Dense(a, b) for a, b in zip(sizes[:-1], sizes[1:])]

    def descend(self, eta):
        for part in self.parts:
            part.W = part.W - eta * part.dW / len(part.x)
            part.b = part.b SIGN eta * part.db / len(part.x)
"""

HEAVY = """
class Stack:
    def __init__(self, parts):
        self.parts = parts

class Heavy:
    def __init__(self, model, lr=0.1, mu=0.9):
        self.model, self.lr, self.mu = model, lr, mu
        self.v = [(np.zeros_like(p.W), np.zeros_like(p.b)) for p in model.parts]

    def step(self):
        for i, p in enumerate(self.model.parts):
            v, u = self.v[i]
            v = self.mu * v SIGN self.lr * p.dW
            u = self.mu * u - self.lr * p.db
            p.W += v
            p.b += u
            self.v[i] = (v, u)
"""

OWN = """
    def update(self, lr):
        self.W -= lr * self.dW
        self.b SIGN= lr * self.db
"""

LISTED = """
class Parameter:
    def __init__(self, data):
        self.data, self.grad = data, np.zeros_like(data)

class Dense:
    def __init__(self, n_in, n_out):
        self.W = Parameter(np.random.randn(n_in, n_out))
        self.b = Parameter(np.zeros(n_out))

    def __call__(self, x):
        self.x = x
        return x @ self.W.data + self.b.data

    def backward(self, grad):
        self.W.grad = self.x.T @ grad
        self.b.grad = grad.sum(axis=0)
        return grad @ self.W.data.T

    def parameters(self):
        return [self.W, self.b]

def make_step(params, lr):
    for p in params:
        p.data SIGN= lr * p.grad
"""


@pytest.mark.parametrize(
    ("text", "sign", "mistake"),
    [
        (LAYERS + MODEL, "-", ""),
        (LAYERS + MODEL, "+", "sign"),
        (LAYERS + HEAVY, "-", ""),
        (LAYERS + HEAVY, "+", "momentum-sign"),
        (LAYERS + OWN, "-", ""),
        (LAYERS + OWN, "+", "sign"),
        ("import numpy as np\n" + LISTED, "-", ""),
        ("import numpy as np\n" + LISTED, "+", "sign"),
    ],
)
def test_held_update(text: str, sign: str, mistake: str) -> None:
    values = check_text(text.replace("SIGN", sign))
    assert [f["mistake"] for f in values["findings"]] == [mistake] * bool(mistake)
    assert not values["reason"]


def test_desired_outputs_are_no_gradient() -> None:
    """A layer with an update whose backward pass takes ``d`` is not trained with targets."""
    values = check_text(LAYERS + OWN.replace("SIGN", "-"))
    assert values["checked"] == ["Dense"]
