"""What ``import rosenblatt`` costs: time, and what it loads besides."""

import json
import subprocess
import sys

from benchmarks.results import Startup

HEAVY = ("numba", "matplotlib", "sklearn", "scipy", "pyarrow")
ASKED_SECONDS = 0.15

_SCRIPT = f"""
import json, sys, time
started = time.perf_counter()
import rosenblatt
seconds = time.perf_counter() - started
print(json.dumps([seconds, [name for name in {HEAVY!r} if name in sys.modules]]))
"""


def measure_startup(repeats: int = 9) -> Startup:
    """Return the shortest time of several new interpreters, and which heavy libraries were loaded.

    The shortest, because all else is what the machine did meanwhile.
    """
    answers = [
        json.loads(
            subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, check=True).stdout
        )
        for _ in range(repeats)
    ]
    return Startup(min(seconds for seconds, _ in answers), answers[-1][1], ASKED_SECONDS)
