import dataclasses

import numpy as np
import pytest

from benchmarks import measure, process
from benchmarks.contenders import CONTENDERS, OURS, REFERENCE, ContenderInfo
from benchmarks.measure import Thoroughness, largest_difference, measure_row
from benchmarks.works import Work
from rosenblatt import cores

TINY = Work("tiny", "tiny", rows=20, widths=(2, 3, 2), batch_size=20, asked={REFERENCE: 1e9})
SETTINGS = Thoroughness(rounds=2, stretch=0.01, thorough=False)


@pytest.mark.slow
def test_a_row_has_every_contender_measured_checked_or_with_its_reason(monkeypatch):
    monkeypatch.setitem(
        CONTENDERS, "absent", ContenderInfo("Absent", "no_such_package", "ours", "X")
    )
    monkeypatch.setitem(CONTENDERS, "broken", ContenderInfo("Broken", "numpy", "ours", "X"))
    steps = []
    names = (OURS, REFERENCE, "absent", "broken")
    row = measure_row(TINY, names, SETTINGS, steps.append)
    entries = {entry.contender: entry for entry in row.entries}
    assert list(entries) == list(names)
    for name in (OURS, REFERENCE):
        entry = entries[name]
        assert entry.failure is None
        assert len(entry.rounds) == 2
        assert entry.nanoseconds > 0
        assert entry.same
        assert entry.difference < 1e-12
        assert entry.times_ours > 0
    assert entries[OURS].times_ours == 1
    assert entries[REFERENCE].asked == 1e9
    assert entries[REFERENCE].falls_short
    assert "pip install" in entries["absent"].failure
    assert not entries["absent"].rounds
    assert "KeyError: 'broken'" in entries["broken"].failure
    assert steps[-1] == "tiny: in turns"


def test_a_contender_that_dies_is_a_row_that_says_so(monkeypatch):
    started = []

    class Dying(process.Worker):
        def ask(self, do, **details):
            # Not in its trial, but in its turns.
            if do == "time" and len(started) > 1:
                self._process.kill()
            return super().ask(do, **details)

    def start(*args, **settings):
        started.append(args)
        return Dying(*args, **settings)

    monkeypatch.setattr(measure, "Worker", start)
    row = measure_row(TINY, (REFERENCE,), SETTINGS)
    assert ["killed by signal 9" in entry.failure for entry in row.entries] == [True]
    assert not any(entry.rounds for entry in row.entries)


def test_a_row_that_needs_more_cores_says_so(monkeypatch):
    monkeypatch.setattr(cores, "available", lambda: 1)
    row = measure_row(dataclasses.replace(TINY, threads=2), (OURS,), SETTINGS)
    assert row.entries[0].failure == "needs 2 cores, this process has 1"


@pytest.mark.parametrize(
    ("mine", "expected"),
    [
        ([[1.0, 2.0], [4.0, 8.0]], 0.0),
        ([[1.0, 2.0], [4.0, 8.4]], 0.05),
        ([[1.1, 2.0], [4.0, 8.0]], 0.05),
        ([[1.0, np.nan], [4.0, 8.0]], np.inf),
    ],
)
def test_differences_are_relative_to_each_members_largest_weight(tmp_path, mine, expected):
    np.savez(tmp_path / "a.npz", w=np.array(mine))
    np.savez(tmp_path / "b.npz", w=np.array([[1.0, 2.0], [4.0, 8.0]]))
    difference = largest_difference(tmp_path / "a.npz", tmp_path / "b.npz")
    assert difference == pytest.approx(expected)


def test_a_weight_that_should_be_zero_counts_absolutely(tmp_path):
    np.savez(tmp_path / "a.npz", b=np.array([[0.25]]))
    np.savez(tmp_path / "b.npz", b=np.array([[0.0]]))
    assert largest_difference(tmp_path / "a.npz", tmp_path / "b.npz") == 0.25
