"""The machine that measures, described so that its numbers can be judged."""

import datetime
import importlib.metadata
import os
import platform
from typing import Any

from rosenblatt import cores
from rosenblatt.engines.compiled.target import Target

PACKAGES = ("rosenblatt", "numpy", "llvmlite", "scikit-learn", "torch", "jax", "jaxlib")


def describe_machine() -> dict[str, Any]:
    """Return processor, cores, instruction sets, memory, system, versions and the time."""
    import numpy as np

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "processor": cores.processor(),
        "cores": os.cpu_count(),
        "cores_used": cores.available(),
        "instruction_sets": cores.instruction_sets(),
        "vector_bytes": Target.host().vector_bytes,
        "memory_bytes": _memory_bytes(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "blas": f"{blas['name']} {blas['version']}",
        "versions": {name: version for name in PACKAGES if (version := _version(name))},
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }


def machine_in_words(machine: dict[str, Any]) -> str:
    """Return a sentence of what :func:`describe_machine` has found."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    load = "unknown" if machine["load"] is None else f"{machine['load']:.1f}"
    return (
        f"{machine['processor']}, {machine['cores_used']} cores, {machine['blas']}, "
        f"{machine['system']}, {machine['python']}; {versions}; load before: {load}."
    )


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
