"""The check of a file, and of objects of this process."""

import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rosenblatt.check.numbers.compared_arrays import from_plain
from rosenblatt.check.process import run_in_process
from rosenblatt.check.remarks import with_remarks
from rosenblatt.check.report.report import Finding, Report
from rosenblatt.errors import ConfigurationError, FileError

FORGED = "the code wrote an answer that no check gives; check code that does not change its check"

MOST_BYTES = 1_000_000
"""The largest source file, in bytes, that is read."""


def check_file(path: str | Path) -> Report:
    """Check the Python file at ``path`` in a process of its own.

    Raises:
        FileError: the file cannot be read, or is too large.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "mine.py"
    ...     with path.open("w") as file:
    ...         print("import numpy as np", file=file)
    ...         print("def softmax(z): return np.exp(z) / np.exp(z).sum()", file=file)
    ...     report = check_file(path)
    >>> [finding.mistake for finding in report.findings]
    ['softmax-wrong-axis']
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            source = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}") from error
    if len(source) > MOST_BYTES:
        raise FileError(f"{path} is larger than {MOST_BYTES} bytes; give a file of source code")
    values = run_in_process(path.resolve(), source)
    text = source.decode("utf-8", "replace")
    try:
        return report_of(values, path.name, text)
    # The code can write an answer itself, of any form.
    except (TypeError, ValueError, AttributeError, KeyError, IndexError):
        return Report(reason=FORGED, file=path.name, source=text)


def check_object(checked: Any) -> Report:
    """Check a file (a path), a module, a class, an object or a function.

    Files run in a process of their own; everything else in this one, with copies of the objects.

    Raises:
        ConfigurationError: something else was given.
        FileError: a file cannot be read.

    >>> import numpy as np
    >>> class ReLU:
    ...     def forward(self, x):
    ...         self.x = x
    ...         return np.maximum(x, 0)
    ...     def backward(self, dout):
    ...         return dout * (dout > 0)
    >>> [finding.mistake for finding in check_object(ReLU).findings]
    ['relu-mask-of-gradient']
    """
    if isinstance(checked, str | Path):
        return check_file(checked)
    if isinstance(checked, types.ModuleType):
        file = getattr(checked, "__file__", None)
        if file is None:
            raise ConfigurationError(f"{checked.__name__} has no file; give a path or a class")
        return check_file(file)
    if not callable(checked) and not hasattr(checked, "__dict__"):
        raise ConfigurationError(
            "check takes a path, a module, a class, an object with forward and backward, "
            "or a function"
        )
    from rosenblatt.check.objects import check_live, text_of

    return report_of(with_remarks(check_live(checked)), "", text_of(checked)[0])


def report_of(values: dict[str, Any], file: str, source: str) -> Report:
    """Return the report of plain values that a check of ``source`` returned."""
    return Report(
        findings=_findings(values.get("findings", ())),
        remarks=_findings(values.get("remarks", ())),
        checked=tuple(values.get("checked", ())),
        not_checked=tuple(values.get("not_checked", ())),
        reason=values.get("reason"),
        file=file,
        source=source,
    )


def _findings(entries: Iterable[dict[str, Any]]) -> tuple[Finding, ...]:
    findings = []
    for entry in entries:
        index = entry.get("entry")
        read = {
            "entry": None if index is None else tuple(index),
            "gradients": from_plain(entry.get("gradients")),
        }
        findings.append(Finding(**{**entry, **read}))
    return tuple(findings)
