"""The process that runs a student's file, under limits."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

MOST_SECONDS = 40.0
"""Seconds after which the process is ended from outside; it ends itself long before."""


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
    path: Path, source: bytes, module: str = "rosenblatt.check.child"
) -> dict[str, Any]:
    """Return what the check of a file found, as plain values.

    Args:
        path: where the file is.
        source: its contents.
        module: the module that is run, and that calls ``rosenblatt.check.child.serve``.
    """
    with tempfile.TemporaryDirectory(prefix="rosenblatt-check-") as folder:
        answer = Path(folder) / "answer.json"
        request = {"path": str(path), "source": source.decode("latin-1"), "answer": str(answer)}
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
            child.communicate(json.dumps(request).encode(), timeout=MOST_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        try:
            return dict(json.loads(answer.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            pass
    if child.returncode == -signal.SIGKILL:
        return {"reason": f"the code took more than {MOST_SECONDS:g} seconds or too much memory"}
    return {"reason": "the code ended the process in which it was checked"}
