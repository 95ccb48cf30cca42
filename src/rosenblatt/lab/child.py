"""The measurement of one program, run as a process of its own."""

from pathlib import Path
from typing import Any

from rosenblatt.check.child import serve
from rosenblatt.check.limits.sandbox import OutOfTimeError, at_most
from rosenblatt.lab.measuring import measure

MOST_SECONDS = 10.0
"""Seconds of processor time for all trainings and gradients: a program of the lab takes 0.1."""


def measure_in_time(source: bytes, path: Path) -> dict[str, Any]:
    """Return the measurements of a program, or the reason if it takes too long."""
    try:
        with at_most(MOST_SECONDS):
            return measure(source, path)
    except OutOfTimeError:
        return {"reason": f"it took more than {MOST_SECONDS:g} seconds; is there an endless loop?"}


if __name__ == "__main__":
    serve(measure_in_time)
