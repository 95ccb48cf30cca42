"""Code, libraries and processor of a process: what the bits of its results depend on."""

import hashlib
import platform
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

from rosenblatt import cores
from rosenblatt.environment import LIBRARIES


@dataclass(frozen=True)
class Environment:
    """Where something is computed.

    Attributes:
        code: the hash of the source files that compute it.
        versions: of Python and of the libraries that compute, as (name, version).
        processor: its architecture, name and instruction sets. The number of cores changes no bit.
    """

    code: str
    versions: tuple[tuple[str, str], ...]
    processor: str

    @classmethod
    def with_code(cls, code: str) -> "Environment":
        """Return the environment of this process, which runs code of this hash."""
        return cls(
            code=code,
            versions=(
                ("python", platform.python_version()),
                *((name, version(name)) for name in LIBRARIES),
            ),
            processor=" ".join([platform.machine(), cores.processor(), *cores.instruction_sets()]),
        )

    def runs_the_same(self, other: "Environment") -> bool:
        """Return whether both run the same code with the same libraries, on any processors."""
        return (self.code, self.versions) == (other.code, other.versions)

    def __str__(self) -> str:
        versions = ", ".join(f"{name} {version}" for name, version in self.versions)
        return f"code {self.code[:8]} with {versions}"


@cache
def whole_package() -> Environment:
    """Return the environment of this process with all sources of the package."""
    digest = hashlib.sha256()
    for name, source in sorted(_sources(files("rosenblatt"), "")):
        # With its length, so that no text can move from one file to the next unnoticed.
        digest.update(f"{name} {len(source)}\n".encode() + source)
    return Environment.with_code(digest.hexdigest())


def _sources(folder: Traversable, path: str) -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        name = f"{path}/{entry.name}"
        if entry.is_dir():
            found += _sources(entry, name)
        elif name.endswith(".py"):
            found.append((name, entry.read_bytes()))
    return found
