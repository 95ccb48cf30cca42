"""The check of a whole file: what it is read as, and what is said of it."""

import ast
import re
from pathlib import Path
from typing import Any

from rosenblatt.check.definitions import definitions
from rosenblatt.check.file_check import FileCheck
from rosenblatt.check.limits import answers
from rosenblatt.check.limits.numpy_names import kept_numpy_names
from rosenblatt.check.operations.torch_import import imports_torch, torch_is_installed
from rosenblatt.check.remarks import of_the_run, with_remarks
from rosenblatt.check.report.consequences import ranked
from rosenblatt.check.run_ends import nothing_found
from rosenblatt.check.source.coverage import Coverage, Part, reason_for
from rosenblatt.check.source.notebook_lines import without_magics
from rosenblatt.check.source.text import Source

MOST_WITH_ARRAYS = 20
"""Findings that keep their arrays for pictures; it limits the size of the answer."""


def check_source(source: bytes, path: Path) -> dict[str, Any]:
    """Return findings, remarks, what was checked, and why nothing was, as plain values."""
    coverage = Coverage()
    answers.given.clear()
    values = with_remarks(_checked(source, path, coverage), coverage.not_finite)
    values["remarks"] += of_the_run(coverage.idle, answers.told(), coverage.errors)
    return {**values, "reason": None} if values["findings"] else values


def _checked(source: bytes, path: Path, coverage: Coverage) -> dict[str, Any]:
    needs_torch = imports_torch(source)
    if needs_torch and not torch_is_installed():
        return {"reason": "the file imports torch, which is not installed here; install PyTorch"}
    try:
        read = _source_in_float64(source, needs_torch)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
        return {"reason": f"the file is no Python code: {getattr(error, 'msg', error)}{line}"}
    if not read.text.strip():
        return {"reason": "the file is empty"}
    with kept_numpy_names():
        module, problem = definitions(read, path, coverage)
    check = FileCheck(read, path, module, coverage)
    check.run()
    findings = ranked(check.findings, read)
    for finding in findings[MOST_WITH_ARRAYS:]:
        finding.pop("gradients", None)
    missing = coverage.missing(read)
    reason = _reason(missing, coverage, check.by_torch) if missing else None
    not_checked = coverage.not_checked(check.checked, read)
    if not check.checked and not findings:
        nothing = coverage.failed or reason or problem or nothing_found(read, coverage)
        return {"reason": nothing, "not_checked": not_checked}
    return {
        "findings": findings,
        "checked": check.checked,
        "not_checked": not_checked,
        "reason": reason,
    }


def _source_in_float64(source: bytes, needs_torch: bool) -> Source:
    """Return the code of a file with float64 for smaller numbers: rounding is not a mistake.

    Raises:
        SyntaxError: it is not Python code.
        ValueError: it has null bytes.
        RecursionError: its expressions are nested too deeply.
    """
    plain_text = without_magics(source.decode("utf-8", "replace"))
    text = ast.unparse(ast.parse(plain_text)) and plain_text
    text = re.sub(r"\bfloat(32|16)\b", "float64", text.replace("\r\n", "\n"))
    return Source(re.sub(r"\.float\b", ".double", text) if needs_torch else text)


def _reason(missing: list[Part], coverage: Coverage, by_torch: bool) -> str:
    """Return why parts that train were not checked."""
    if by_torch:
        names = ", ".join(f"{part.name} (line {part.line})" for part in missing[:4])
        return f"{names}: updates next to PyTorch's own gradients are not checked; check them apart"
    return reason_for(missing, coverage)
