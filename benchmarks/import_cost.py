"""Time of ``import rosenblatt``, and the heavy libraries that it loads."""

import json
import subprocess
import sys

from benchmarks.results import ImportCost

HEAVY = ("llvmlite", "matplotlib", "sklearn", "scipy", "pyarrow")
ASKED_SECONDS = 0.15

_SCRIPT = f"""
import json, sys, time
started = time.perf_counter()
import rosenblatt
seconds = time.perf_counter() - started
print(json.dumps([seconds, [name for name in {HEAVY!r} if name in sys.modules]]))
"""


def measure_import(repeats: int = 9) -> ImportCost:
    """Return the shortest time of several new interpreters, and which heavy libraries were loaded.

    The shortest, because all else is what the machine did meanwhile.
    """
    answers = [
        json.loads(
            subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, check=True).stdout
        )
        for _ in range(repeats)
    ]
    return ImportCost(min(seconds for seconds, _ in answers), answers[-1][1], ASKED_SECONDS)
