"""Samples that are left out by slices whose number is a division."""

from pathlib import Path

import pytest

from rosenblatt.check.record.recording import record
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
