"""Probabilities that add up over the samples."""

import pytest

from check_corpus.corpus import FOLDER, check_text
from rosenblatt.check.record.recording import record
from rosenblatt.check.source.text import Source
from rosenblatt.check.values.softmax_axes import wrong_axes

ROWS = """
import numpy as np
rng = np.random.default_rng(1)
labels = np.arange(9) % 3
X = rng.normal(size=(9, 2))
W = rng.normal(size=(2, 3))
TARGETS
z = X @ W
e = np.exp(z - z.max())
p = e / e.sum(SUM)
"""
HOT = "T = np.eye(3)[labels]"


@pytest.mark.parametrize("targets", [HOT, "given = labels + 0"])
@pytest.mark.parametrize(
    ("total", "is_wrong"),
    [("axis=1, keepdims=True", False), ("axis=0", True), ("", True)],
)
def test_samples_in_rows(targets, total, is_wrong):
    text = ROWS.replace("TARGETS", targets).replace("SUM", total)
    assert _mistakes(text) == ["softmax-wrong-axis"] * is_wrong


@pytest.mark.parametrize(
    ("total", "is_wrong"), [("axis=0", False), ("axis=1, keepdims=True", True)]
)
def test_samples_in_columns(total, is_wrong):
    text = ROWS.replace("TARGETS", f"{HOT}.T").replace("labels = np", "labels = 1.0 * np")
    text = text.replace("[labels]", "[labels.astype(int)]").replace("X @ W", "W.T @ X.T")
    assert _mistakes(text.replace("SUM", total)) == ["softmax-wrong-axis"] * is_wrong


def test_shares_of_a_column_are_no_softmax():
    text = ROWS.replace("TARGETS", HOT).replace("np.exp(z - z.max())", "np.abs(z)")
    assert _mistakes(text.replace("SUM", "axis=0")) == []


def test_an_array_without_entries_is_no_label():
    text = ROWS.replace("TARGETS", HOT).replace("SUM", "axis=1, keepdims=True")
    assert _mistakes(f"{text}\nleft = np.arange(0)") == []


def _mistakes(text):
    source = Source(text)
    recorder, _, ended = record(source, FOLDER / "script.py", "__main__")
    assert ended is None
    return [finding["mistake"] for finding in wrong_axes(recorder.events, source)]


@pytest.mark.parametrize(
    ("result", "is_wrong"),
    [
        ("z - np.log(np.exp(z).sum(axis=1, keepdims=True))", True),
        ("z - m - np.log(np.exp(z - m).sum(axis=1, keepdims=True))", False),
        ("np.log(np.exp(z - m) / np.exp(z - m).sum(axis=1, keepdims=True))", False),
    ],
)
def test_the_logarithm_of_a_softmax_overflows_where_no_maximum_is_taken_off(result, is_wrong):
    text = f"""
import numpy as np


def log_softmax(z):
    m = z.max(axis=1, keepdims=True)
    return {result}
"""
    found = [finding["mistake"] for finding in check_text(text).get("findings", [])]
    assert found == ["softmax-overflow"] * is_wrong
