"""Activations whose derivative has a factor too few."""

import numpy as np
import pytest

import rosenblatt as rb
from check_corpus.corpus import check_text


class Sigmoid:
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y


class FirstFactor(Sigmoid):
    def backward(self, dout):
        return dout * self.y


class SecondFactor(Sigmoid):
    def backward(self, dout):
        return dout * (1 - self.y)


class OfTanh(Sigmoid):
    def backward(self, dout):
        return dout * (1 - self.y**2)


class Tanh:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backward(self, dout):
        return dout * (1 - self.y)


class Half(Sigmoid):
    def backward(self, dout):
        return 0.5 * dout * self.y * (1 - self.y)


@pytest.mark.parametrize(
    ("layer", "detail"),
    [
        (FirstFactor, "the factor (1 − a) of a (1 − a) is missing"),
        (SecondFactor, "the factor a of a (1 − a) is missing"),
        (OfTanh, "1 − a² is the derivative of tanh"),
        (Tanh, "a is not squared"),
    ],
)
def test_a_slope_without_a_factor_is_told_from_a_constant(layer, detail):
    (finding,) = rb.check(layer).findings
    assert finding.mistake == "activation-derivative-missing"
    assert detail in finding.text


def test_half_a_slope_has_a_constant_factor():
    (finding,) = rb.check(Half).findings
    assert finding.mistake == "constant-factor"


LEAKY = """
import numpy as np

def fuite(z, alpha):
    return np.where(z > 0, z, alpha * z)

def d_fuite(z, alpha):
    return np.where(z > 0, 1.0, alpha)
"""


def test_the_slope_of_an_activation_takes_its_settings():
    result = check_text(LEAKY)
    assert result["checked"] == ["d_fuite"]
    assert result["findings"] == []
    assert check_text(LEAKY.replace("1.0, alpha)", "1.0, 0.0)"))["findings"]
