"""The process that runs a student's file, under limits."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rosenblatt.errors import ConfigurationError

MOST_SECONDS = 600.0
"""Seconds after which the process is ended from outside. It ends itself long before, by its
processor time; only a machine with much other work needs more than a minute."""
MOST_ASLEEP = 20.0
"""Seconds without any computing after which it is ended as well."""
WATCH_EVERY = 0.2
"""Seconds between two calls of ``watch``."""


def environment(folder: str) -> dict[str, str]:
    """Return the environment variables of a process that runs a student's code in ``folder``."""
    kept = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name in kept} | {
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": folder,
        "HOME": folder,
        "TMPDIR": folder,
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def run_in_process(
    path: Path,
    source: bytes,
    module: str = "rosenblatt.check.child",
    *,
    guarded: bool = False,
    watch: Callable[[float], None] = lambda seconds: None,
) -> dict[str, Any]:
    """Return what the check of a file found, as plain values.

    Args:
        path: where the file is; a relative one is in the temporary folder of the process.
        source: its contents.
        module: the module that is run, and that calls ``rosenblatt.check.child.serve``.
        guarded: for code from other machines: it runs only if the kernel's rules hold, and reads
            no files but Python's and its packages'.
        watch: called with the seconds so far; an error that it raises ends the process.

    Raises:
        ConfigurationError: ``guarded``, and the system does not have the rules.
    """
    with tempfile.TemporaryDirectory(prefix="rosenblatt-check-") as folder:
        answer = Path(folder) / "answer.json"
        request = {
            "path": str(path),
            "source": source.decode("latin-1"),
            "answer": str(answer),
            "guarded": guarded,
        }
        child = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(folder),
            cwd=folder,
            start_new_session=True,
        )
        try:
            _wait(child, json.dumps(request).encode(), watch)
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            # A process that has ended early has not read all of the request.
            with contextlib.suppress(OSError), child:
                pass
        try:
            values = dict(json.loads(answer.read_text(encoding="utf-8")))
        # The code can write the file itself, and then end its process.
        except (OSError, ValueError, TypeError, RecursionError):
            pass
        else:
            if guarded and "unguarded" in values:
                raise ConfigurationError(
                    "code from other machines runs only under rules of the Linux kernel (seccomp "
                    f"and Landlock); this system has {values['unguarded'] or 'none of them'}; "
                    "run the code on the machine of the person who writes it"
                )
            return values
    if child.returncode == -signal.SIGKILL:
        return {"reason": "the code took too much time or memory, or waited for something"}
    return {"reason": "the code ended the process in which it was checked"}


def _wait(child: "subprocess.Popen[bytes]", request: bytes, watch: Callable[[float], None]) -> None:
    """Send the request, and wait until the process ends, sleeps too long, or takes too long."""
    start = awake = time.monotonic()
    computed: int | None = 0
    unsent: bytes | None = request
    while (seconds := time.monotonic() - start) < MOST_SECONDS:
        try:
            child.communicate(unsent, timeout=WATCH_EVERY)
        except subprocess.TimeoutExpired:
            unsent = None
            watch(seconds)
        else:
            return
        now = _ticks(child.pid)
        if now is None or now != computed:
            computed, awake = now, time.monotonic()
        elif time.monotonic() > awake + MOST_ASLEEP:
            return


def _ticks(process: int) -> int | None:
    """Return how long a process has computed, in the system's ticks; None if it does not say."""
    try:
        # The name in parentheses may hold anything.
        after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return int(after_name[11]) + int(after_name[12])
    except (OSError, ValueError, IndexError):
        return None
