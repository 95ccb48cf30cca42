"""Engines: what trains. To add one: its file, and a line here."""

from rosenblatt.engines.base import Divergence, Engine, Job, Metrics, Samples, State, Sums
from rosenblatt.engines.reference import ReferenceEngine
from rosenblatt.errors import ConfigurationError, nearest

ENGINES: dict[str, type[Engine]] = {"reference": ReferenceEngine}


def choose_engine(name: str) -> Engine:
    """Return the engine of that name; "auto" is the fastest that can do the work.

    Raises:
        ConfigurationError: there is no engine of that name.
    """
    if name == "auto":
        return ReferenceEngine()
    if name not in ENGINES:
        known = ", ".join(("auto", *ENGINES))
        raise ConfigurationError(
            f"unknown engine {name!r}; known: {known}{nearest(name, ('auto', *ENGINES))}"
        )
    return ENGINES[name]()


__all__ = [
    "ENGINES",
    "Divergence",
    "Engine",
    "Job",
    "Metrics",
    "ReferenceEngine",
    "Samples",
    "State",
    "Sums",
    "choose_engine",
]
