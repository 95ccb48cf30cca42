"""What is said of a wrong layer."""

import re
from typing import Any

from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.report.texts import TITLES
from rosenblatt.check.source.subjects import Subject


def layer_finding(
    subject: Subject, mistake: str, text: str, function: Any = None, names: Any = None, **more: Any
) -> dict[str, Any]:
    """Return a finding at the line of a function that last assigns one of ``names``."""
    function = subject.backward_function if function is None else function
    suffix = getattr(function, "__name__", "")
    where = suffix if subject.name == "function" and suffix else subject.where
    if "." not in where and suffix and where != suffix and subject.name == "class":
        where = f"{where}.{suffix}"
    line = subject.source.line_of_value(function, names or [])
    return {"mistake": mistake, "where": where, "text": text, "line": line, **more}


def broken_layer(subject: Subject, error: FailedError) -> list[dict[str, Any]] | None:
    """Return the finding of a pass that raised an error; None where the call may be at fault."""
    words = str(error)
    if isinstance(error.cause, TypeError) and "argument" in words:
        return None
    if isinstance(error.cause, ValueError) and re.search("broadcast|shape|matmul|align", words):
        mistake = "transposed" if re.search("matmul|align|mismatch", words) else "broadcast"
        return [layer_finding(subject, mistake, f"backward raises {words}.")]
    return None


def mistake_reason(mistake: str) -> str:
    """Return what a mistake is called in a sentence."""
    return TITLES.get(mistake, mistake) if mistake != "unexplained" else "no simple mistake fits"
