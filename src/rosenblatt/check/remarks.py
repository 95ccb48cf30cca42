"""Remarks: what only other inputs would show, and factors that all updates share."""

from typing import Any

from rosenblatt.check.layers.memory import OF_ZEROS
from rosenblatt.check.network.training import EVENLY, FIXED

REMARKS = ("log-of-zero",)
"""Mistakes that are remarks, unless the run of the file makes them.

Much right code takes the logarithm of a probability that its softmax or its logistic function
keeps above 0. So is a factor that all updates have: much code prints a mean and steps along a sum.
"""


def of_the_run(idle: str, answered: str, errors: list[str]) -> list[dict[str, Any]]:
    """Return remarks on a run: stopped before its first update, answered input, our own errors.

    >>> of_the_run("", "input() in line 3 was answered '5'", [])[0]["text"]
    "input() in line 3 was answered '5'."
    """
    own = "".join(f"an error of rosenblatt itself, {error}; " for error in errors)
    reported = own and f"{own}please report it with the file"
    texts = {"run-stopped": idle, "input-answered": answered, "error-of-the-check": reported}
    return [
        {"mistake": name, "where": "the script", "text": f"{text}."}
        for name, text in texts.items()
        if text
    ]


def with_remarks(values: dict[str, Any], not_finite: set[str] | None = None) -> dict[str, Any]:
    """Return the plain values of a check with its remarks apart from its findings.

    ``not_finite`` has the functions that gave a value that is not finite in the file's own run.

    >>> finding = {"mistake": "log-of-zero", "where": "loss", "text": ""}
    >>> values = {"findings": [finding], "reason": None}
    >>> with_remarks(values)["findings"], len(with_remarks(values)["remarks"])
    ([], 1)
    >>> with_remarks(values, {"loss"})["findings"] == values["findings"]
    True
    """
    happened = not_finite or set()
    findings: list[dict[str, Any]] = []
    remarks: list[dict[str, Any]] = []
    for finding in values.get("findings", ()):
        names = set(finding["where"].split("."))
        is_remark = finding["mistake"] in REMARKS and not names & happened
        is_remark |= finding["text"].endswith((EVENLY, FIXED, OF_ZEROS))
        # A softmax that others call has to bear any number; a script knows its own.
        inline = "softmax" not in finding["where"].lower()
        is_remark |= finding["mistake"] == "softmax-overflow" and inline and not names & happened
        (remarks if is_remark else findings).append(finding)
    return {**values, "findings": findings, "remarks": remarks}
