"""Layers whose backward pass moves their weights, and a network of such layers on one image."""

import textwrap

import pytest

from check_corpus.corpus import check_text

ADAM_INSIDE = """import numpy as np


class Dense:
    def __init__(self, inputs, outputs, rate=0.01):
        self.W = np.random.randn(inputs, outputs)
        self.b = np.zeros((1, outputs))
        self.rate, self.t = rate, 0
        self.m = self.v = self.mb = self.vb = 0

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad):
        dW = self.x.T @ grad + 0.01 * self.W
        db = grad.sum(axis=0, keepdims=True)
        below = grad @ self.W.T
        self.t += 1
        self.m = 0.9 * self.m + 0.1 * dW
        self.v = 0.999 * self.v + 0.001 * dW ** 2
        self.mb = 0.9 * self.mb + 0.1 * db
        self.vb = 0.999 * self.vb + 0.001 * db ** 2
        first, second = 1 - 0.9 ** self.t, 1 - 0.999 ** self.t
        self.W -= self.rate * self.m / first / (np.sqrt(self.v / second) + 1e-8)
        self.b -= self.rate * self.mb / first / (np.sqrt(self.vb / second) + 1e-8)
        return below
"""

WITH_DECAY = """import numpy as np


class Dense:
    def __init__(self, inputs, outputs, rate=0.1):
        self.W = np.random.randn(inputs, outputs)
        self.rate = rate

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, grad):
        below = grad @ self.W.T
        self.W -= self.rate * (self.x.T @ grad + 0.02 * self.W)
        return below
"""

NET = """import numpy as np


class Conv:
    def __init__(self, count):
        self.F = np.random.randn(count, 3, 3) / 9

    def patches(self, image):
        for i in range(image.shape[0] - 2):
            for j in range(image.shape[1] - 2):
                patch = image[i:i + 3, j:j + 3]
                yield patch, i, j

    def forward(self, image):
        self.image = image
        h, w = image.shape
        y = np.zeros((h - 2, w - 2, len(self.F)))
        for patch, i, j in self.patches(image):
            y[i, j] = np.sum(patch * self.F, axis=(1, 2))
        return y

    def backprop(self, dy, rate):
        dF = np.zeros(self.F.shape)
        for patch, i, j in self.patches(self.image):
            for f in range(len(self.F)):
                dF[f] += dy[i, j, f] * patch
        self.F -= rate * dF


class Softmax:
    def __init__(self, inputs, outputs):
        self.W = np.random.randn(inputs, outputs) / inputs
        self.b = np.zeros(outputs)

    def forward(self, image):
        self.shape = image.shape
        self.x = image.flatten()
        self.z = self.x @ self.W + self.b
        e = np.exp(self.z - self.z.max())
        return e / e.sum()

    def backprop(self, dp, rate):
        for i, g in enumerate(dp):
            if g == 0:
                continue
            e = np.exp(self.z - self.z.max())
            S = e.sum()
            dz = -e[i] * e / S ** 2
            dz[i] = e[i] * (S - e[i]) / S ** 2
            dz = g * dz
            dx = self.W @ dz
            self.W -= rate * np.outer(self.x, dz)
            self.b -= rate * dz
            return dx.reshape(self.shape)


rng = np.random.RandomState(1)
images, labels = rng.rand(40, 26, 26), rng.randint(0, 3, 40)
conv, softmax = Conv(4), Softmax(24 * 24 * 4, 3)


def train(image, label, rate=0.005):
    p = softmax.forward(conv.forward(image - 0.5))
    loss = -np.log(p[label])
    gradient = np.zeros(3)
    gradient[label] = -1 / p[label]
    conv.backprop(softmax.backprop(gradient, rate), rate)
    return loss


for epoch in range(3):
    total = 0.0
    for image, label in zip(images, labels):
        total += train(image, label)
    print(epoch, total)
"""


def mistakes(text):
    return [finding["mistake"] for finding in check_text(text)["findings"]]


@pytest.mark.parametrize("text", [ADAM_INSIDE, WITH_DECAY])
def test_a_step_that_is_not_the_gradient_alone_is_not_accused(text):
    result = check_text(text)
    assert result["findings"] == []
    assert not result["reason"]


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (ADAM_INSIDE, "self.W -= self.rate", "self.W += self.rate"),
        (ADAM_INSIDE, "db = grad.sum(axis=0, keepdims=True)", "db = -grad.sum(axis=0)[None]"),
        (WITH_DECAY, "self.x.T @ grad", "-self.x.T @ grad"),
        (WITH_DECAY, "below = grad @ self.W.T", "below = -grad @ self.W.T"),
    ],
)
def test_wrong_gradients_of_such_layers_are_found(text, old, new):
    assert old in text
    assert mistakes(text.replace(old, new))


@pytest.mark.slow
def test_a_network_with_loops_over_the_places_of_an_image_is_right():
    # The loops fill the record; the softmax is given the gradient of one output.
    result = check_text(NET)
    assert result["findings"] == []
    assert not result["reason"]


@pytest.mark.slow
def test_a_wrong_layer_of_such_a_network_is_found():
    assert mistakes(NET.replace("dF[f] += dy", "dF[f] = dy"))


KERNEL = """import numpy as np


class Conv:
    def __init__(self, count, kernel_size, rate=0.1):
        self.count, self.kernel, self.rate = count, kernel_size, rate
        self.F = np.random.randn(count, kernel_size[0], kernel_size[1])
        self.bias = np.random.randn(count)

    def forward(self, image):
        self.image = image
        a, b = self.kernel
        h, w = image.shape[0] - a + 1, image.shape[1] - b + 1
        y = np.zeros((h, w, self.count))
        for i in range(h):
            for j in range(w):
                for k in range(self.count):
                    y[i, j, k] = np.sum(image[i:i + a, j:j + b] * self.F[k]) + self.bias[k]
        return y

    def backprop(self, dy):
        dF, db = np.zeros(self.F.shape), np.zeros(self.count)
        a, b = self.kernel
        for i in range(dy.shape[0]):
            for j in range(dy.shape[1]):
                for k in range(self.count):
                    dF[k] += dy[i, j, k] * self.image[i:i + a, j:j + b]
                    db[k] += dy[i, j, k]
        self.F -= self.rate * dF
        self.bias -= self.rate * db
"""


@pytest.mark.slow
def test_whole_numbers_in_a_list_are_a_size_and_no_parameters():
    assert mistakes(KERNEL) == []
    assert mistakes(KERNEL.replace("db[k] += dy", "db[k] = dy")) == ["bias-gradient-not-summed"]


OF_ONE_CLASS = """
    import numpy as np

    class Ausgabe:
        def __init__(self, n_in, n_out):
            rng = np.random.default_rng(0)
            self.w = rng.normal(size=(n_in, n_out)) / n_in
            self.b = np.zeros(n_out)

        def forward(self, x):
            self.x = x
            self.e = np.exp(x @ self.w + self.b)
            return self.e / self.e.sum()

        def backward(self, dl_dp, rate):
            for i, g in enumerate(dl_dp):
                if g == 0:
                    continue
                s = self.e.sum()
                dp_dz = -self.e[i] * self.e / s ** 2
                dp_dz[i] = self.e[i] * (s - self.e[i]) / s ** 2
                dz = g * dp_dz
                dx = self.w @ dz
                self.w -= rate * np.outer(self.x, dz)
                self.b -= rate * dz
                return dx
"""


@pytest.mark.parametrize("is_wrong", [False, True])
def test_weights_are_updated_after_their_use_where_one_output_has_a_gradient(is_wrong):
    text = textwrap.dedent(OF_ONE_CLASS)
    if is_wrong:
        text = text.replace("            dx = self.w @ dz\n", "")
        text = text.replace("return dx", "return self.w @ dz")
    result = check_text(text)
    assert "Ausgabe" in result["checked"]
    found = [finding["mistake"] for finding in result["findings"]]
    assert found == ["update-before-use"] * is_wrong
