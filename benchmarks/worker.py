"""The process of a contender: one JSON object per line comes in, one per line goes out.

    {"do": "ways", "contender": …, "work": …, "samples": …}    the names of its ways
    {"do": "load", "way": …}                                   prepares one of them
    {"do": "time", "epochs": …, "repeats": …}                  the seconds of each run
    {"do": "final", "epochs": …, "path": …}                    writes the weights to a file
    {"do": "memory"}                                           the peak so far

The settings of threads are in its environment already: libraries read them when they are loaded.
"""

import gc
import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.contenders import CONTENDERS, OURS, REFERENCE, UPDATES
from benchmarks.process_memory import peak_bytes, present_bytes

if TYPE_CHECKING:
    from benchmarks.contenders.contender import Contender


class Server:
    """Answers requests about one contender."""

    def __init__(self) -> None:
        self._contender: Contender | None = None
        self._shuffle_bytes = 0

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a request; ``do`` names the method."""
        actions: dict[str, Callable[..., dict[str, Any]]] = {
            "ways": self.ways,
            "load": self.load,
            "time": self.time,
            "final": self.final,
            "memory": self.memory,
        }
        return actions[request.pop("do")](**request)

    def ways(self, contender: str, work: dict[str, Any], samples: str) -> dict[str, Any]:
        """Make the contender of a work and return its ways; import its library."""
        from benchmarks.material import Material
        from benchmarks.works import Work

        material = Material.load(Work.from_json(work), samples)
        if contender not in (OURS, UPDATES, REFERENCE):
            self._shuffle_bytes = _load_shuffle()
        self._contender = CONTENDERS[contender].load()(material)
        return {"ways": self._contender.ways}

    def load(self, way: str) -> dict[str, Any]:
        """Prepare the contender to be timed."""
        contender = self._ready()
        return {
            "compile_seconds": contender.prepare(way),
            "members": contender.members_per_run,
            "epochs_at_once": contender.epochs_at_once,
        }

    def time(self, epochs: int, repeats: int) -> dict[str, Any]:
        """Train some times over; return how long each took."""
        from benchmarks.contenders.contender import seconds_of

        contender = self._ready()
        gc.collect()
        return {"seconds": [seconds_of(lambda: contender.run(epochs)) for _ in range(repeats)]}

    def final(self, epochs: int, path: str) -> dict[str, Any]:
        """Write the weights of all members after ``epochs``, stacked, as an .npz file."""
        import numpy as np

        members = self._ready().final(epochs)
        stacked: dict[str, Any] = {
            name: np.stack([member[name] for member in members]) for name in members[0]
        }
        np.savez(path, **stacked)
        return {}

    def memory(self) -> dict[str, Any]:
        """Return the peak of the memory, and how much of it the shuffle's compiler has."""
        return {"peak_bytes": peak_bytes(), "shuffle_bytes": self._shuffle_bytes}

    def _ready(self) -> "Contender":
        assert self._contender is not None
        return self._contender


def _load_shuffle() -> int:
    """Load what draws the orders, LLVM with it; return how many bytes that took."""
    before = present_bytes()
    from benchmarks.orders import orders_of

    orders_of(range(1), 1, 1, 2)
    return max(0, present_bytes() - before)


def serve() -> None:
    """Answer requests until there are no more."""
    from benchmarks.contenders.contender import UnsupportedError

    # Whatever a library prints goes to stderr; the answers have the old stdout to themselves.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    server = Server()
    for line in sys.stdin:
        try:
            answer = server.answer(json.loads(line))
        except UnsupportedError as error:
            answer = {"unsupported": str(error)}
        except Exception as error:  # whatever a library raises is a result of the benchmark
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    serve()
