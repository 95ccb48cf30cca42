"""Contenders of the benchmark. A file and a line in CONTENDERS add one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from rosenblatt.errors import ConfigurationError, nearest

if TYPE_CHECKING:
    from benchmarks.contenders.contender import Contender


@dataclass(frozen=True)
class ContenderInfo:
    """A contender before anything of it is imported.

    Attributes:
        title: its name in tables.
        package: what must be installed, by the name it is imported by.
        module: the file in this folder.
        kind: its class.
    """

    title: str
    package: str
    module: str
    kind: str

    @property
    def is_installed(self) -> bool:
        """Whether what it needs can be imported."""
        return find_spec(self.package) is not None

    def load(self) -> "type[Contender]":
        """Import its library, which fails here if it is broken, and it."""
        import_module(self.package)
        module = import_module(f"benchmarks.contenders.{self.module}")
        kind: type[Contender] = getattr(module, self.kind)
        return kind


OURS = "compiled"
"""The contender that the others are compared with."""
UPDATES = "updates"
"""This engine again, timed as the others are: without what a call needs besides its updates."""
REFERENCE = "reference"
"""The contender whose weights are right."""

CONTENDERS: Mapping[str, ContenderInfo] = {
    OURS: ContenderInfo("rosenblatt, compiled", "llvmlite", "ours", "CompiledContender"),
    UPDATES: ContenderInfo("rosenblatt, updates alone", "llvmlite", "ours", "UpdatesContender"),
    "jax": ContenderInfo("JAX", "jax", "jax_scan", "JaxContender"),
    "jax-sums": ContenderInfo("JAX, products as sums", "jax", "jax_scan", "JaxSumsContender"),
    "pytorch": ContenderInfo("PyTorch", "torch", "pytorch", "PyTorchContender"),
    "pytorch-compiled": ContenderInfo(
        "PyTorch, torch.compile", "torch", "pytorch", "CompiledPyTorchContender"
    ),
    "sklearn": ContenderInfo("scikit-learn", "sklearn", "scikit_learn", "ScikitLearnContender"),
    REFERENCE: ContenderInfo("rosenblatt, reference", "numpy", "ours", "ReferenceContender"),
}


def all_but(without: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of all contenders but those named, in the order of the tables.

    Raises:
        ConfigurationError: there is no such contender, or it is one that the others are compared
            with.

    >>> all_but(["sklearn", "pytorch", "pytorch-compiled"])
    ('compiled', 'updates', 'jax', 'jax-sums', 'reference')
    """
    others = tuple(name for name in CONTENDERS if name not in (OURS, REFERENCE))
    for name in without:
        if name not in others:
            raise ConfigurationError(
                f'"{name}" cannot be left out; these can: {", ".join(others)}'
                f"{nearest(name, others)}"
            )
    return tuple(name for name in CONTENDERS if name not in without)
