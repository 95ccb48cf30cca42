"""Classes of layers that take images, with constructors in any words."""

import pytest

from check_corpus.corpus import check_text

FALTUNG = """
import numpy as np

class Faltung:
    def __init__(self, kanaele, filter, breite, schritt):
        self.k, self.s = breite, schritt
        self.F = np.random.randn(filter, kanaele, breite, breite)
        self.b = np.zeros(filter)

    def forward(self, x):
        self.x = x
        n, _, H, B = x.shape
        h, b = (H - self.k) // self.s + 1, (B - self.k) // self.s + 1
        y = np.zeros((n, len(self.F), h, b))
        for i in range(h):
            for j in range(b):
                teil = x[:, :, i * self.s:i * self.s + self.k, j * self.s:j * self.s + self.k]
                y[:, :, i, j] = np.tensordot(teil, self.F, axes=([1, 2, 3], [1, 2, 3])) + self.b
        return y

    def backward(self, dy):
        dx = np.zeros_like(self.x)
        self.dF, self.db = np.zeros_like(self.F), np.zeros_like(self.b)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                g = dy[:, :, i, j]
                teil = (slice(None), slice(None), slice(i * self.s, i * self.s + self.k),
                        slice(j * self.s, j * self.s + self.k))
                self.dF += np.tensordot(g, self.x[teil], axes=([0], [0]))
                self.db += g.sum(axis=0)
                dx[teil] += np.tensordot(g, self.F, axes=([1], [0]))
        return dx
"""

MITTEL = """
import numpy as np

class MeanPool:
    def __init__(self, size):
        self.k = size

    def forward(self, x):
        self.shape = x.shape
        n, h, w, c = x.shape
        k = self.k
        return x[:, :h // k * k, :w // k * k].reshape(n, h // k, k, w // k, k, c).mean(axis=(2, 4))

    def backward(self, dy):
        k = self.k
        dx = np.zeros(self.shape)
        for i in range(dy.shape[1]):
            for j in range(dy.shape[2]):
                dx[:, i * k:(i + 1) * k, j * k:(j + 1) * k] = GIVEN / k ** 2
        return dx
"""


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("", "", []),
        ("self.db +=", "self.db =", ["bias-gradient-not-summed"]),
        ("np.tensordot(g, self.F, axes", "-np.tensordot(g, self.F, axes", ["sign"]),
    ],
)
def test_convolution(right: str, wrong: str, expected: list[str]) -> None:
    values = check_text(FALTUNG.replace(right, wrong))
    assert [finding["mistake"] for finding in values["findings"]] == expected
    assert "Faltung" in values["checked"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [("dy[:, i:i + 1, j:j + 1]", []), ("np.ones(1)", ["upstream-gradient-missing"])],
)
def test_pooling_with_channels_last(given: str, expected: list[str]) -> None:
    values = check_text(MITTEL.replace("GIVEN", given))
    assert [finding["mistake"] for finding in values["findings"]] == expected
    assert "MeanPool" in values["checked"]


EVERY_SECOND = """
import numpy as np

class Thinned:
    def __init__(self, factor):
        self.factor = factor

    def forward(self, signals):
        self.length = signals.shape[2]
        return signals[:, :, ::self.factor]

    def backward(self, dy):
        dx = np.zeros((dy.shape[0], dy.shape[1], self.length))
        dx[:, :, ::self.factor] = dy
        return dx
"""


def test_a_layer_of_signals_is_given_signals():
    # Its forward pass takes images too, and its backward pass does not.
    assert check_text(EVERY_SECOND)["findings"] == []
    assert check_text(EVERY_SECOND.replace("= dy\n", "= -dy\n"))["findings"]
