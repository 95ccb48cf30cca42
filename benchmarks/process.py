"""The parent's end of a worker."""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.thread_limits import environment, pinned

COMMAND = (sys.executable, "-m", "benchmarks.worker")
ROOT = Path(__file__).resolve().parents[1]
"""The folder that workers run in: it is no part of an installed package."""
MOST_SECONDS = 900.0
"""A worker that has not answered by then is ended."""


class WorkerError(Exception):
    """A worker died, or what it was asked for failed; the message says how."""


class CannotError(WorkerError):
    """A contender says that it cannot do this work."""


class Worker:
    """A process that answers requests; use it in a ``with`` block, which ends it.

    Args:
        threads: how many threads its libraries may use, and on how many cores it runs.
        variables: more of its environment.
        command: what to start.
    """

    def __init__(
        self,
        threads: int,
        variables: Mapping[str, str] | None = None,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        with pinned(threads):
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                cwd=ROOT,
                env={**environment(threads), **(variables or {})},
                text=True,
            )

    def ask(self, do: str, **details: Any) -> dict[str, Any]:
        """Send a request and return the answer.

        Raises:
            CannotError: the contender cannot do this work.
            WorkerError: the worker failed, died or took too long.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        timer = threading.Timer(MOST_SECONDS, self._process.kill)
        timer.start()
        try:
            print(json.dumps({"do": do, **details}), file=self._process.stdin, flush=True)
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line:
            raise WorkerError(self._epitaph())
        answer: dict[str, Any] = json.loads(line)
        if "unsupported" in answer:
            raise CannotError(answer["unsupported"])
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the process: it ends by itself when there are no more requests."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def _epitaph(self) -> str:
        """Return how the process ended, with the last line that it wrote to stderr."""
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        how = f"was killed by signal {-code}" if code < 0 else f"ended with status {code}"
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"the process {how}" + (f": {last[:200]}" if last else "")
