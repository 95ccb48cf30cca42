"""The place of a wrong update in the file."""

import ast
import re
from typing import Any

import numpy as np

from rosenblatt.check.network.network import Step
from rosenblatt.check.numbers.compare import first_wrong
from rosenblatt.check.report.texts import TITLES
from rosenblatt.check.source.text import Source


def update_finding(
    step: Step,
    source: Source,
    mistake: str,
    parameter: str,
    analytic: Any,
    numeric: Any,
    pattern: str | None,
) -> dict[str, Any]:
    """Return the finding of a parameter, with its first wrong entry."""
    name = step.names.get(parameter, parameter)
    if analytic is not None and parameter in step.turned:
        analytic, numeric = np.transpose(analytic), np.transpose(numeric)
    numbers = {} if analytic is None else first_wrong(analytic, numeric)
    line = step.lines.get(parameter)
    if pattern is not None:
        line = source.line_matching(pattern) or line
    elif parameter in step.lines:
        line = gradient_line(source, name) or line
    function = next(
        (
            f.name
            for f in source.functions
            if line is not None and f.lineno <= line <= (f.end_lineno or f.lineno)
        ),
        "training",
    )
    return {
        "mistake": mistake,
        "where": function,
        "parameter": name,
        "line": line,
        "text": f"In update 1 of the run, {name} does not move down the gradient of the loss: "
        f"{TITLES.get(mistake, mistake)}.",
        **numbers,
    }


def gradient_line(source: Source, name: str) -> int | None:
    """Return the line that assigns the gradient of a parameter, by the usual names."""
    words = [word for word in re.findall(r"\w+", name) if not word.isdigit()]
    if not words:
        return None
    exact = _lines_of_gradient(source, words[-1])
    # The keys of numbered layers may be put together: grads[f"db{i}"].
    alike = _lines_of_gradient(source, re.sub(r"_?\d+$", "", words[-1]))
    return exact[0] if exact else alike[0] if len(alike) == 1 else None


def _lines_of_gradient(source: Source, last: str) -> list[int]:
    names = {f"d{last}", f"d_{last}", f"grad_{last}", f"{last}_grad", f"g{last}", f"grad{last}"}
    return [
        node.lineno
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign)
        and any(names & set(re.findall(r"\w+", ast.unparse(target))) for target in node.targets)
    ]
