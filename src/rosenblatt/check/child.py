"""The check of one file, run as a process of its own by :mod:`rosenblatt.check.process`."""

import contextlib
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any


def serve(work: Callable[[bytes, Path], dict[str, Any]]) -> None:
    """Read the request from stdin, call ``work`` with source and path, write what it returns."""
    request = json.loads(sys.stdin.buffer.read())
    answer = Path(request["answer"])
    path = Path(request["path"])
    source = request["source"].encode("latin-1")
    # Everything that the check needs is loaded before the student's code can change it.
    import numpy.random  # noqa: F401

    from rosenblatt.check.limits.isolation import RULES, files_of_python, isolate
    from rosenblatt.check.limits.sandbox import restrict
    from rosenblatt.check.operations.torch_import import (
        imports_torch,
        load_torch,
        torch_is_installed,
    )

    more_memory = 0
    if imports_torch(source) and torch_is_installed():
        # An installation that does not load fails again, with its reason, in the student's file.
        with contextlib.suppress(ImportError, OSError):
            more_memory = load_torch()

    # The first is replaced, and no process may be killed after the second.
    leave = os._exit
    write = restrict(more_memory)
    guarded = request["guarded"]
    rules = isolate(files_of_python() if guarded else ["/"], os.environ["TMPDIR"])
    if guarded and rules != list(RULES):
        write(answer, json.dumps({"unguarded": ", ".join(rules)}))
        leave(0)
    os.chdir(path.parent)
    sys.path.insert(0, str(path.parent))
    sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123
    result: dict[str, Any]
    try:
        result = work(source, path)
    except MemoryError:
        result = {"reason": "the code needs more memory than a check may take"}
    except Exception as error:
        # Errors of the student's code are caught where it is called.
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}, line {last.lineno}"
        result = {
            "reason": f"an error of rosenblatt itself, {type(error).__name__} in {where}: {error}; "
            "please report it with the file"
        }
    write(answer, json.dumps(result))
    leave(0)


if __name__ == "__main__":
    from rosenblatt.check.files import check_source

    serve(check_source)
