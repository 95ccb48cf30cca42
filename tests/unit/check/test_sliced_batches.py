"""Samples that are left out by slices whose number is a division."""

from pathlib import Path

import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.record.recording import record
from rosenblatt.check.report.left_over import RESHUFFLED
from rosenblatt.check.source.text import Source
from rosenblatt.check.values.sliced_batches import cut_off

LINE = """
import numpy as np
rng = np.random.default_rng(2)
count = COUNT
depth = rng.uniform(0, 1, count)
speed = 2 * depth + 1
group = 6
a, b = 0.0, 0.0
for turn in range(4):
    for k in range(PARTS):
        FIRST
        off = a * depth[PART] + b - speed[PART]
        a -= 0.1 * np.mean(off * depth[PART])
        b -= 0.1 * np.mean(off)
"""


def _found(count, parts, first, part, end=""):
    text = LINE.replace("COUNT", count).replace("PARTS", parts) + end
    source = Source(text.replace("FIRST", first).replace("PART", part))
    recorder, _, _ = record(source, Path("student.py"), "__main__")
    return [(finding["mistake"], finding["line"]) for finding in cut_off(recorder.events, source)]


@pytest.mark.parametrize(
    ("parts", "first", "part"),
    [
        ("count // group", "rows = slice(k * group, (k + 1) * group)", "rows"),
        ("len(depth) // group", "start = group * k", "start:start + group"),
        ("int(depth.shape[0] / 6)", "pass", "k * 6:k * 6 + 6"),
    ],
)
@pytest.mark.parametrize(("count", "is_wrong"), [("22", True), ("24", False)])
def test_the_last_samples_are_left_out(count, is_wrong, parts, first, part):
    assert _found(count, parts, first, part) == [("last-batch-dropped", 10)] * is_wrong


@pytest.mark.parametrize(
    ("parts", "end"),
    [
        ("count // group + (count % group > 0)", ""),
        ("count // group", "\ntest = depth[count // group * group:]"),
        ("count // group", "\ndrop_last = True"),
    ],
)
def test_the_rest_is_used_or_left_out_on_purpose(parts, end):
    part = "k * group:(k + 1) * group"
    assert _found("22", parts, "pass", part, end) == []


def test_other_loops_of_a_division_take_no_batches():
    assert _found("22", "count // group", "pass", "k:k + 2 * group") == []


@pytest.mark.parametrize(
    ("first", "part", "is_wrong"),
    [
        ("pass", "k:k + group", True),
        ("rows = slice(k * group, (k + 1) * group)", "rows", False),
        ("k *= group", "k:k + group", False),
        ("pass", "k:k + 3", False),
        ("value = speed[k + group]", "k:k + group", False),
    ],
)
def test_batches_that_begin_at_their_number_overlap(first, part, is_wrong):
    found = _found("24", "count // group", first, part)
    assert found == [("last-batch-dropped", 10)] * is_wrong


def test_windows_of_one_series_are_no_batches():
    means = "\nfor k in range(count // group):\n    mean = speed[k:k + group].mean()\n"
    assert _found("24", "count // group", "pass", "k * group:(k + 1) * group", means) == []


PAIRS = """
import random
samples = [(0.1 * k, 0.3 * k + 1) for k in range(COUNT)]
n, group = len(samples), 6
a, b = 0.0, 0.0
for turn in range(4):
    random.shuffle(samples)
    parts = [samples[k * group:(k + 1) * group] for k in range(n // group)]
    for part in parts:
        for x, y in part:
            off = a * x + b - y
            a, b = a - 0.05 * off * x, b - 0.05 * off
"""


@pytest.mark.parametrize(("count", "is_wrong"), [("22", True), ("24", False)])
def test_batches_of_a_list_of_pairs_in_a_comprehension(count, is_wrong):
    source = Source(PAIRS.replace("COUNT", count))
    recorder, _, _ = record(source, Path("student.py"), "__main__")
    found = cut_off(recorder.events, source)
    assert [finding["mistake"] for finding in found] == ["last-batch-dropped"] * is_wrong


def _has_another_order(text):
    """Return whether the code alone tells that each pass has another order."""
    source = Source(text)
    recorder, _, _ = record(source, Path("student.py"), "__main__")
    (finding,) = cut_off(recorder.events, source)
    return finding["text"].endswith(RESHUFFLED)


@pytest.mark.parametrize(
    ("old", "new", "has_another_order"),
    [
        ("", "", True),
        ("    random.shuffle(samples)\n", "", False),
        ("    random.shuffle", "    random.seed(1)\n    random.shuffle", True),
        (
            "    random.shuffle(samples)",
            "    random.seed(1)\n    samples = random.sample(sorted(samples), n)",
            False,
        ),
        (
            "for turn in range(4):\n    random.shuffle(samples)",
            "random.shuffle(samples)\nfor turn in range(4):",
            False,
        ),
    ],
)
def test_the_text_tells_whether_another_pass_uses_what_is_left_out(old, new, has_another_order):
    text = PAIRS.replace("COUNT", "22").replace(old, new)
    result = check_text(text, "script.py")
    told = result["findings"]
    assert [finding["mistake"] for finding in told] == ["last-batch-dropped"]
    assert ("never used" in told[0]["text"]) != has_another_order
    assert _has_another_order(text) == has_another_order


PASSES = """
import numpy as np
rng = np.random.default_rng(1)

class Line:
    def __init__(self, X, y, size):
        self.data, self.size = np.column_stack([X, y]), size
        self.w = np.zeros(X.shape[1])

    def mix(self):
        rng.shuffle(self.data)

    def one_pass(self):
        for k in range(len(self.data) // self.size):
            part = self.data[k * self.size:(k + 1) * self.size]
            off = part[:, :-1] @ self.w - part[:, -1]
            self.w -= 0.1 * part[:, :-1].T @ off / self.size

X = rng.normal(size=(22, 3))
line = Line(X, X @ np.array([1.0, 2.0, 0.5]), 6)
BEFORE
for turn in range(5):
    EACH
    line.one_pass()
"""


@pytest.mark.parametrize(
    ("before", "each", "anew"), [("", "line.mix()", True), ("line.mix()", "", False)]
)
def test_a_method_shuffles_before_each_pass_or_once(before, each, anew):
    text = PASSES.replace("BEFORE", before).replace("EACH", each)
    assert _has_another_order(text) == anew
    result = check_text(text, "script.py")
    assert [found["mistake"] for found in result["findings"]] == ["last-batch-dropped"]
