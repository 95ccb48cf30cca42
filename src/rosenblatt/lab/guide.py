"""Table of symptoms and mistakes, computed from all bugs: ``python -m rosenblatt.lab.guide FILE``.

It replaces what stands in the file between the two lines of :data:`MARKS`.
"""

import contextlib
import io
import sys
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.check.files import check_source
from rosenblatt.errors import FileError
from rosenblatt.files import atomic_write
from rosenblatt.lab.bugs import all_bugs
from rosenblatt.lab.measuring import measure
from rosenblatt.lab.symptoms import measure_right

MARKS = ("<!-- computed by python -m rosenblatt.lab.guide -->", "<!-- end -->")


def symptom_table() -> list[str]:
    """Return the lines of the table: bugs with the same symptoms share a row."""
    rows: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    named = found = remarked = 0
    for bug in all_bugs():
        measured = measure(bug.source.encode(), Path("program.py"))
        right = measure_right(bug.program)
        symptoms = _curve(measured, right), _gradients(measured), _others(measured)
        rows[symptoms].append(f"{bug.mistake} ({bug.difficulty})")
        findings, remarks = _mistakes(bug.source)
        found += bool(findings)
        named += bug.mistake in findings[:1]
        remarked += not findings and bug.mistake in remarks
    lines = ["| loss | gradients | also | mistakes (difficulty) |", "|---|---|---|---|"]
    for symptoms, mistakes in sorted(rows.items()):
        lines.append(f"| {' | '.join(symptoms)} | {', '.join(sorted(mistakes))} |")
    total = len(all_bugs())
    said = f"`rosenblatt check` finds {found} of the {total} bugs, and names {named} of them first."
    if remarked:
        said += f" It names {remarked} more in a remark."
    return [*lines, "", said]


def write_table(path: Path) -> None:
    """Write the table between the marks of a file.

    Raises:
        FileError: the file has not one of each mark.
    """
    text = path.read_text(encoding="utf-8")
    if any(text.count(mark) != 1 for mark in MARKS):
        raise FileError(f"{path} needs one line {MARKS[0]} and one line {MARKS[1]}")
    before, _, rest = text.partition(MARKS[0])
    after = rest.partition(MARKS[1])[2]
    table = "\n".join(symptom_table())
    with atomic_write(path) as file:
        file.write(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}".encode())


def _mistakes(source: str) -> tuple[list[str], list[str]]:
    """Return the mistakes that a check finds, and those of its remarks."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        values = check_source(source.encode(), Path("program.py"))
    findings, remarks = (values.get(key, ()) for key in ("findings", "remarks"))
    return [f["mistake"] for f in findings], [remark["mistake"] for remark in remarks]


def _curve(measured: dict[str, Any], right: dict[str, Any]) -> str:
    """Compare the losses after training, over the seeds."""
    ours, theirs = (
        np.array([curve["loss"] for curve in one["curves"]]) for one in (measured, right)
    )
    if not np.isfinite(ours).all():
        return "becomes infinite or NaN"
    if np.allclose(ours, theirs, rtol=1e-6, atol=0):
        return "equal"
    if (ours[:, -1] > ours[:, 0]).all():
        return "rises"
    ratio = float(np.median(ours[:, -1] / theirs[:, -1]))
    if ratio < 0.8:
        return "falls lower"
    return "falls about as low" if ratio < 1.25 else "stays higher"


def _gradients(measured: dict[str, Any]) -> str:
    kinds: dict[str, list[str]] = defaultdict(list)
    for name, numeric in measured["numeric"].items():
        ours, theirs = np.ravel(measured["analytic"][name]), np.ravel(numeric)
        if np.allclose(ours, theirs, rtol=0, atol=1e-5 * np.abs(theirs).max()):
            continue
        length = float(np.linalg.norm(ours) / np.linalg.norm(theirs))
        cosine = ours @ theirs / max(np.linalg.norm(ours) * np.linalg.norm(theirs), 1e-300)
        kind = "another direction"
        if length == 0:
            kind = "0"
        elif abs(cosine) > 1 - 1e-6:
            kind = f"times {np.sign(cosine) * length:.3g}"
        layer, is_bias = int("2" in name), name[0] == "b" or name.split()[-1][0] == "b"
        kinds[kind].append(f"{'bias' if is_bias else 'weight'} {layer + 1}")
    if not kinds:
        return "agree"
    every = len(measured["numeric"])
    return "; ".join(
        f"{'all' if len(names) == every else ', '.join(names)}: {kind}"
        for kind, names in kinds.items()
    )


def _others(measured: dict[str, Any]) -> str:
    others = []
    if measured["again"] != measured["analytic"]:
        others.append("second call differs")
    first = np.asarray(next(iter(measured["start"].values())))
    if np.ptp(first, axis=1).max() == 0:
        others.append("equal hidden units")
    if not np.isfinite(measured["large"]):
        others.append("not finite for large weights")
    return ", ".join(others)


if __name__ == "__main__":
    write_table(Path(sys.argv[1]))
