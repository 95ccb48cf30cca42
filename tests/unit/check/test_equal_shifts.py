"""Equal numbers in front of a softmax, which does not depend on them."""

import textwrap

import pytest

from check_corpus.corpus import check_text

SUMS_BY_ONES = """
    import numpy as np
    rng = np.random.default_rng(11)
    X = rng.normal(size=(30, 2))
    Y = np.eye(3)[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0.3)]
    W1, b1 = rng.normal(size=(5, 2)), np.zeros((5, 1))
    W2, b2 = rng.normal(size=(3, 5)), np.zeros((3, 1))

    class CrossEntropy:
        def forward(self, A, Y):
            self.A, self.Y = A, Y
            N, C = A.shape
            Ones_C = np.ones((C, 1))
            Ones_N = np.ones((N, 1))
            A = A - A.max(axis=1, keepdims=True)
            self.softmax = np.exp(A) / np.sum(np.exp(A), axis=1, keepdims=True)
            return (Ones_N.T @ (-Y * np.log(self.softmax)) @ Ones_C).item()

        def backward(self):
            return self.softmax - self.Y

    criterion = CrossEntropy()
    vW1, vb1, vW2, vb2 = 0.0, 0.0, 0.0, 0.0
    for epoch in range(20):
        H = np.maximum(0, X @ W1.T + b1.T)
        loss = criterion.forward(H @ W2.T + b2.T, Y)
        dZ = criterion.backward() / len(X)
        dH = (dZ @ W2) * (H > 0)
        vW2, vb2 = 0.9 * vW2 + dZ.T @ H, 0.9 * vb2 + dZ.T @ np.ones((30, 1))
        vW1, vb1 = 0.9 * vW1 + dH.T @ X, 0.9 * vb1 + dH.T @ np.ones((30, 1))
        W2, b2 = W2 - 0.1 * vW2, b2 - 0.1 * vb2
        W1, b1 = W1 - 0.1 * vW1, b1 - 0.1 * vb1
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [("", "", []), ("(H > 0)", "(dZ @ W2 > 0)", ["relu-mask-of-gradient"])],
)
def test_ones_that_a_loss_sums_with_are_no_bias(right, wrong, expected):
    text = textwrap.dedent(SUMS_BY_ONES)
    result = check_text(text.replace(right, wrong) if right else text)
    assert [finding["mistake"] for finding in result["findings"]] == expected
    assert not result["not_checked"]
