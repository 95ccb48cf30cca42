"""What can change the bits of a result beside the task itself: code, libraries, processor."""

import hashlib
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

from rosenblatt import cores

LIBRARIES = ("numpy", "scipy", "scikit-learn", "numba", "llvmlite")
WITHOUT_RESULTS = ("report", "cli", "plotting", "runs")
"""Folders of the package that only show results; an experiment imports none of them."""


@dataclass(frozen=True)
class Environment:
    """Where a task is computed.

    Attributes:
        code: the hash of this package's source files.
        versions: of Python and of the libraries that compute, as (name, version).
        processor: its architecture, name and instruction sets. How many cores it has changes
            no bit.
    """

    code: str
    versions: tuple[tuple[str, str], ...]
    processor: str

    def runs_the_same(self, other: "Environment") -> bool:
        """Return whether both run the same code with the same libraries, on any processors."""
        return (self.code, self.versions) == (other.code, other.versions)


@cache
def here() -> Environment:
    """Return the environment of this process."""
    return Environment(
        code=code_version(files("rosenblatt")),
        versions=(
            ("python", platform.python_version()),
            *((name, version(name)) for name in LIBRARIES),
        ),
        processor=" ".join([platform.machine(), cores.processor(), *cores.instruction_sets()]),
    )


def code_version(package: Traversable) -> str:
    """Return the hash of all source files below ``package`` that can change a result.

    The package is a folder, or in a zip archive.
    """
    digest = hashlib.sha256()
    for name, path in sorted(_sources(package, ""), key=lambda source: source[0].split("/")):
        if name.split("/")[0] in WITHOUT_RESULTS:
            continue
        source = path.read_bytes()
        # With its length, so that no text can move from one file to the next unnoticed.
        digest.update(f"{name} {len(source)}\n".encode() + source)
    return digest.hexdigest()


def _sources(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    """Yield the name below the package, and the place, of each source file."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _sources(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".py"):
            yield prefix + entry.name, entry
