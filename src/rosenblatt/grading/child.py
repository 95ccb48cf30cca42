"""The process of one submission: makes the calls that the grader asks for, and returns the numbers.

Right numbers are not in this process, and no verdict is made here. What it returns is judged by
:mod:`rosenblatt.grading.comparison` in the grader's process.
"""

import importlib
import importlib.util
import json
import os
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rosenblatt.check.limits.isolation import isolate
from rosenblatt.check.limits.sandbox import FailedError, attempt, restrict
from rosenblatt.grading.messages import decode_array, encode_array, framed

SECONDS_PER_STEP = 2.0
"""Seconds of processor time for one call of a submission's code."""

SECONDS_PER_IMPORT = 5.0
"""Seconds of processor time to import one file of a submission."""

SECONDS_PER_PROCESS = 12
"""Seconds of processor time of this process, held by the kernel."""

_SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64"),
    *("/etc/ld.so.cache", "/etc/localtime", "/dev/urandom"),
)


class _Caller:
    """The objects that calls have made, by name, and the files of the submission."""

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {}
        self._failed: dict[str, FailedError] = {}

    def run(self, step: dict[str, Any], answers: dict[str, Any]) -> None:
        if "call" in step:
            function = self.value_of(step["call"])
            arguments = [self._argument(value) for value in step["args"]]
            result = attempt(function, *arguments, seconds=SECONDS_PER_STEP)
            self.objects[step.get("as", "result")] = result
        elif "set" in step:
            path, _, name = step["set"].rpartition(".")
            owner, value = self.value_of(path), self._argument(step["value"])
            attempt(_assign, owner, name, value, seconds=SECONDS_PER_STEP)
        else:
            value = self.value_of(step["get"])
            answers[step["name"]] = attempt(encode_array, value, seconds=SECONDS_PER_STEP)

    def value_of(self, path: str) -> Any:
        first, *rest = path.split(".")
        value = self.objects[first] if first in self.objects else self._module(first)
        for name in rest:
            value = attempt(_part, value, name, seconds=SECONDS_PER_STEP)
        return value

    def _module(self, name: str) -> Any:
        if name in self._failed:
            raise self._failed[name]
        try:
            return attempt(importlib.import_module, name, seconds=SECONDS_PER_IMPORT)
        except FailedError as error:
            self._failed[name] = error
            raise

    def _argument(self, value: Any) -> Any:
        if isinstance(value, dict):
            if "object" in value:
                return self.objects[value["object"]]
            return decode_array(value).astype(int if value["whole"] else float)
        return value


def _part(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value[name]
    return value[int(name)] if name.isdigit() else getattr(value, name)


def _assign(owner: Any, name: str, value: Any) -> None:
    if isinstance(owner, dict):
        owner[name] = value
    else:
        setattr(owner, name, value)


def _forbid(imports: Sequence[str], files: Sequence[str], folders: Sequence[str]) -> None:
    """Refuse imports and reads that the rubric does not allow, and the C library.

    Args:
        imports: packages that are allowed.
        files: names of the submission's own modules and folders.
        folders: what may be read.
    """
    allowed = {*imports, *files, *sys.stdlib_module_names} - {"ctypes", "_ctypes"}
    everything = "rosenblatt" in imports
    begins = tuple(folder + os.sep for folder in folders)
    real, decode, is_text = os.path.realpath, os.fsdecode, (str, bytes, os.PathLike)

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if everything:
            return
        if event == "import":
            top = str(arguments[0]).partition(".")[0]
            if top not in allowed:
                raise ImportError(f"the assignment does not allow to import {top}")
        elif event.startswith("ctypes."):
            raise PermissionError(f"the grader does not allow {event}")
        elif event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], is_text):
            path = real(decode(arguments[0]))
            if not (path + os.sep).startswith(begins) and path != os.devnull:
                raise PermissionError(f"the grader does not let {path} be read")

    sys.addaudithook(audit)


def _readable(imports: Sequence[str]) -> list[str]:
    """Return the folders of the standard library and of the packages that are allowed."""
    system = sysconfig.get_paths()
    paths: list[str] = [system["stdlib"], system["platstdlib"], *_SYSTEM]
    if "rosenblatt" in imports:
        return [*paths, *sys.path, sys.prefix, "/proc", "/sys", "/usr/share", "/etc"]
    for name in imports:
        spec = None if name in sys.stdlib_module_names else importlib.util.find_spec(name)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            paths += [place, f"{place}.libs"]
    return [os.path.realpath(path) for path in paths]


def main() -> None:
    """Read the request from stdin, run its questions in order, send each answer at once."""
    request = json.loads(sys.stdin.buffer.read())
    channel = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    # Loaded before rules hold, and before the submission can change it.
    import numpy.random  # noqa: F401

    folder, imports = request["folder"], request["imports"]
    os.chdir(folder)
    sys.path = [folder, *(path for path in sys.path if path not in ("", folder))]
    readable = _readable(imports)
    work = os.environ["TMPDIR"]
    # restrict() replaces os._exit by a function that raises.
    send, leave = os.write, os._exit
    restrict()
    _limit_time()
    held = isolate(readable, work)
    _forbid(imports, request["files"], [*readable, os.path.realpath(work)])
    _send_all(send, channel, framed({"isolation": held}))
    caller = _Caller()
    for number, steps in request["questions"]:
        answers: dict[str, Any] = {}
        errors = []
        caller.objects.clear()
        for step in steps:
            try:
                caller.run(step, answers)
            except FailedError as error:
                errors.append(_described(error))
                if "get" not in step:
                    break
        message = {"question": number, "answers": answers, "error": errors[0] if errors else None}
        _send_all(send, channel, framed(message))
    leave(0)


def _described(error: FailedError) -> str:
    """Return one line about what a submission raised, with its line in the file."""
    cause = error.cause
    try:
        text = f"{type(cause).__name__}: {cause}"[:300]
    except BaseException:
        text = "an error that cannot be printed"
    trace, where = cause.__traceback__, ""
    here = os.environ["TMPDIR"]
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if isinstance(file, str) and file.startswith(here):
            where = f" ({Path(file).name}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return text + where


def _send_all(send: Any, channel: int, data: bytes) -> None:
    while data:
        data = data[send(channel, data) :]


def _limit_time() -> None:
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_PER_PROCESS, SECONDS_PER_PROCESS + 1))


if __name__ == "__main__":
    main()
