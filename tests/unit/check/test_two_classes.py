"""A training that is added for a class of two classes has no third one."""

import textwrap

import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.driver import drivers
from rosenblatt.check.source.text import Source

UNIT = """
    import numpy as np

    class Unit:
        def __init__(self, eta=0.01, n_iter=50):
            self.eta, self.n_iter = eta, n_iter

        def fit(self, X, y):
            self.w_ = np.random.RandomState(1).normal(scale=0.01, size=X.shape[1])
            self.b_ = 0.0
            for _ in range(self.n_iter):
                for xi, target in zip(X, y):
                    update = self.eta * (WANTED)
                    self.w_ += update * xi
                    self.b_ += update
            return self

        def predict(self, X):
            return STEP
"""


@pytest.mark.parametrize(
    "step",
    [
        "np.where(X @ self.w_ + self.b_ >= 0, 1, 0)",
        "1 if X @ self.w_ + self.b_ > 0 else 0",
        "(X @ self.w_ + self.b_ > 0).astype(int)",
    ],
)
@pytest.mark.parametrize(
    ("wanted", "is_right"),
    [("target - self.predict(xi)", True), ("self.predict(xi) - target", False)],
)
def test_a_unit_of_two_classes(step: str, wanted: str, is_right: bool) -> None:
    """Labels of three classes would make its right updates look wrong."""
    text = textwrap.dedent(UNIT).replace("STEP", step).replace("WANTED", wanted)
    assert (check_text(text)["findings"] == []) == is_right


@pytest.mark.parametrize(
    ("step", "has_whole_numbers"),
    [("np.where(X @ self.w_ >= 0, 1, 0)", False), ("np.argmax(X @ self.w_)", True)],
)
def test_labels_that_are_tried(step: str, has_whole_numbers: bool) -> None:
    """Whole numbers are the labels of three classes."""
    text = textwrap.dedent(UNIT).replace("STEP", step).replace("WANTED", "target")
    module = {"__name__": "modules"}
    exec(text, module)
    texts = [text for _, text in drivers(module, False, [], Source(text))]
    assert any("y_data = labels_all\n" in text for text in texts) == has_whole_numbers
