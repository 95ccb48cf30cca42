"""The report of a check: findings, the likeliest first."""

import html
import math
from dataclasses import dataclass, field, fields
from typing import Any

from rosenblatt.check.numbers.compared_arrays import ComparedArrays
from rosenblatt.check.report.texts import EXAMPLES, FORMULAS, NUDGES, OTHER_NUDGE, TITLES


@dataclass(frozen=True)
class Finding:
    """One mistake.

    Attributes:
        mistake: its id, such as "batch-factor"; "unexplained" where no hypothesis fits the numbers.
        where: the name of the class or function, such as "Linear.backward".
        parameter: the name of the parameter or variable in the student's code; None where there
            is none.
        entry: the index of the first wrong entry.
        analytic: what the student's code computes at that entry.
        numeric: what it should be there.
        line: the line of the file, from 1; of an object, the line of its class or function.
        text: what is wrong, in one or two sentences.
        gradients: the arrays of which ``entry`` is one entry, for pictures; None where there are
            none.

    >>> import numpy as np
    >>> import rosenblatt as rb
    >>> class ReLU:
    ...     def forward(self, x):
    ...         self.x = x
    ...         return np.maximum(x, 0)
    ...     def backward(self, dout):
    ...         return dout * (dout > 0)
    >>> finding = rb.check(ReLU).findings[0]
    >>> finding.mistake, finding.where
    ('relu-mask-of-gradient', 'ReLU.backward')
    >>> finding.analytic == finding.numeric
    False
    """

    mistake: str
    where: str
    text: str
    parameter: str | None = None
    entry: tuple[int, ...] | None = None
    analytic: float | None = None
    numeric: float | None = None
    line: int | None = None
    gradients: ComparedArrays | None = field(default=None, repr=False, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Return the finding as plain values, without its arrays; infinite numbers are None."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "gradients"}
        for name in ("analytic", "numeric"):
            if values[name] is not None and not math.isfinite(values[name]):
                values[name] = None
        values["entry"] = None if self.entry is None else list(self.entry)
        return values

    def lines(self, hints: int, file: str = "") -> list[str]:
        """Return the lines for people: 1 a nudge, 2 the place and the numbers, 3 the answer."""
        place = (
            f"{file}:{self.line}" if file and self.line else (f"line {self.line}" * bool(self.line))
        )
        nudge = NUDGES.get(self.mistake, OTHER_NUDGE)
        if hints == 1:
            return [f"{self.where}: {nudge}"]
        head = f"{place}: {self.where}" if place else self.where
        lines = [head if self.parameter is None else f"{head}, {self.parameter}"]
        if self.analytic is not None and self.numeric is not None:
            entry = "" if not self.entry else f" at entry [{', '.join(map(str, self.entry))}]"
            difference = self.analytic - self.numeric
            lines.append(
                f"  first wrong value{entry}: it is {self.analytic:.6g}, it should be "
                f"{self.numeric:.6g}; the difference is {difference:.3g}"
            )
        if hints == 2:
            return [*lines, f"  {nudge}"]
        lines.append(f"  {TITLES.get(self.mistake, self.mistake)} ({self.mistake}): {self.text}")
        if self.mistake in FORMULAS:
            lines.append(f"  formula: {FORMULAS[self.mistake]}")
        if self.mistake in EXAMPLES:
            lines.append(f"  by hand: {EXAMPLES[self.mistake]}")
        return lines


@dataclass(frozen=True)
class Report:
    """The result of a check.

    Attributes:
        findings: the mistakes, the likeliest first.
        checked: what was compared, by name.
        reason: why the file, or a part of it that trains, could not be checked; None where all of
            it was.
        file: the name of the file, "" for an object.
        not_checked: the classes and functions that were neither recognized nor part of a training
            that was checked.
        source: the text that the lines of the findings belong to.
        remarks: what would be wrong for inputs that the code does not meet, such as the logarithm
            of a probability of exactly 0; they are no mistakes.

    >>> import numpy as np
    >>> import rosenblatt as rb
    >>> class ReLU:
    ...     def forward(self, x):
    ...         self.x = x
    ...         return np.maximum(x, 0)
    ...     def backward(self, dout):
    ...         return dout * (self.x > 0)
    >>> report = rb.check(ReLU)
    >>> report.ok, report.exit_status, report.findings
    (True, 0, ())
    """

    findings: tuple[Finding, ...] = ()
    checked: tuple[str, ...] = ()
    reason: str | None = None
    file: str = ""
    not_checked: tuple[str, ...] = ()
    source: str = field(default="", repr=False, compare=False)
    remarks: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything that trains was checked and nothing is wrong."""
        return self.reason is None and not self.findings

    @property
    def exit_status(self) -> int:
        """0 right, 1 wrong, 2 could not be checked."""
        return 1 if self.findings else 2 if self.reason is not None else 0

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {
            "ok": self.ok,
            "findings": [finding.to_json() for finding in self.findings],
            "checked": list(self.checked),
            "not_checked": list(self.not_checked),
            "reason": self.reason,
            "remarks": [remark.to_json() for remark in self.remarks],
        }

    def lines(self, hints: int = 3) -> list[str]:
        """Return the lines for people; ``hints`` from 1, a nudge, to 3, the answer."""
        if self.findings:
            lines = [line for finding in self.findings for line in finding.lines(hints, self.file)]
        elif self.reason is not None:
            lines = [f"could not be checked: {self.reason}"]
            if not self.checked:
                return lines
            lines.append(f"right: {', '.join(self.checked)}")
        else:
            lines = [f"right: {', '.join(self.checked)}"]
        for remark in self.remarks:
            place = f"{self.file}:{remark.line}: " if self.file and remark.line else ""
            lines.append(f"remark: {place}{remark.where}: {remark.text}")
        if self.not_checked:
            lines.append(f"not checked: {', '.join(self.not_checked)}")
        return lines

    def to_html(self, hints: int = 3) -> str:
        """Return one page of HTML with pictures of the gradients; it needs no other file.

        Args:
            hints: how much the page has: 1 a nudge, 2 the place, the numbers and the pictures, 3
                the answer.
        """
        from rosenblatt.check.report.page import render_page

        return render_page(self, hints)

    def _repr_html_(self) -> str:
        # In a frame, the style sheet of the page does not reach the notebook.
        page = html.escape(self.to_html())
        style = "width: 100%; height: 46rem; border: 1px solid #8884"
        return f'<iframe sandbox title="Check" style="{style}" srcdoc="{page}"></iframe>'

    def __str__(self) -> str:
        return "\n".join(self.lines())
