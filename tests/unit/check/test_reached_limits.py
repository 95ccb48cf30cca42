"""Gradients of which single entries are cut off, and tables that hold a part of the samples."""

import numpy as np
import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.network.samples import _least_with

CUT_OFF = """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)) * 4
y = X @ np.array([[2.0], [-3.0], [1.0]]) + 6
w, b = rng.normal(size=(3, 1)), np.zeros((1, 1))
V, c = rng.normal(size=(1, 1)), np.zeros((1, 1))
for turn in range(40):
    h = X @ w + b
    e = (h @ V + c - y) / 20
    d = e @ V.T
    slopes = [X.T @ d, d.sum(0, keepdims=True), h.T @ e, e.sum(0, keepdims=True)]
    for p, g in zip([w, b, V, c], slopes):
        np.clip(g, -0.5, 0.5, out=g)
        p -= 0.01 * g
"""


@pytest.mark.slow
def test_updates_whose_entries_are_cut_off_follow_no_gradient():
    assert check_text(CUT_OFF)["findings"] == []


def test_the_smallest_table_with_all_samples_of_a_batch_is_taken():
    every = np.arange(24.0).reshape(8, 3)
    assert _least_with([every[:2], every, every[1:7]], every[2:4]) is not None
    assert len(_least_with([every[:2], every, every[1:7]], every[2:4])) == 6
    assert len(_least_with([every[:2], every, every[1:7]], every[:2])) == 8
    assert _least_with([every[:2]], every[2:4]) is None
    # What has no more rows may be activations, unless it comes first.
    assert _least_with([every[:2], every[2:4]], every[2:4]) is None
    assert len(_least_with([every[2:4], every[:2]], every[2:4])) == 2
