"""Networks with two heads, each with a loss of its own, whose weighted sum is descended."""

import textwrap
from types import SimpleNamespace

import numpy as np
import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.descent.repair import _stops_one

TWO_HEADS = """
    import numpy as np
    rng = np.random.default_rng(2)
    X = rng.normal(size=(8, 3))
    t = rng.normal(size=(8, 1))
    u = rng.normal(size=(8, 2))
    V = rng.normal(size=(3, 4))
    A = 0.5 * rng.normal(size=(4, 1))
    B = 0.5 * rng.normal(size=(4, 2))
    for step in range(6):
        h = np.tanh(X @ V)
        near = h @ A
        far = h @ B
        d_near = 2 * (near - t) / 8
        d_far = 0.6 * (far - u) / 8
        d_h = d_near @ A.T + d_far @ B.T
        A -= 0.1 * h.T @ d_near
        B -= 0.1 * h.T @ d_far
        V -= 0.1 * X.T @ (d_h * (1 - h**2))
"""

OWN_LOSS = "loss = np.mean((near - t) ** 2) + 0.3 * np.sum((far - u) ** 2) / 8"


def _checked(text: str) -> dict:
    return check_text(textwrap.dedent(text))


@pytest.mark.slow
def test_right_heads_without_a_loss_are_not_accused() -> None:
    assert not _checked(TWO_HEADS)["findings"]


def test_right_heads_with_their_own_loss_are_right() -> None:
    text = TWO_HEADS.replace("        d_near =", f"        {OWN_LOSS}\n        d_near =")
    result = _checked(text)
    assert not result["findings"]
    assert result["checked"]


@pytest.mark.slow
def test_a_head_left_out_is_found_by_the_own_loss() -> None:
    text = TWO_HEADS.replace("        d_near =", f"        {OWN_LOSS}\n        d_near =")
    assert _checked(text.replace(" + d_far @ B.T", ""))["findings"]


def test_an_edit_that_takes_the_error_of_one_head_away_repairs_nothing() -> None:
    far = np.array([0, 0, 1, 1])
    moment = SimpleNamespace(tracks=["A", "B"], owner=far, moved=np.array([0.1, 0.2, 0.3, 0.0]))
    assert not _stops_one(moment, np.array([0.2, 0.0, 0.3, 0.0]))
    assert _stops_one(moment, np.array([0.1, 0.2, 0.0, 0.0]))
