"""PyTorch, where a file imports it: found, loaded, and how much address space it takes."""

import ast
import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any


def imports_torch(source: bytes | str) -> bool:
    """Return whether a file cannot run without torch: it imports it at its top level.

    >>> imports_torch("import torch.nn as nn"), imports_torch("from torch import nn")
    (True, True)
    >>> imports_torch("if False: import torch")
    False
    """
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    names: list[str] = []
    for statement in body:
        if isinstance(statement, ast.Import):
            names += [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            names.append(statement.module or "")
    return any(name.split(".")[0] == "torch" for name in names)


def torch_is_installed() -> bool:
    """Return whether ``import torch`` finds something, without importing it."""
    return "torch" in sys.modules or importlib.util.find_spec("torch") is not None


def load_torch() -> int:
    """Import torch, with float64 as its default; return the bytes of address space it takes."""
    before = _address_space()
    torch = importlib.import_module("torch")
    # The first backward pass loads more, and so does the first optimizer.
    importlib.import_module("torch.optim")
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    return max(0, _address_space() - before)


def loaded_torch() -> Any:
    """Return the module torch; None where nothing has imported it."""
    return sys.modules.get("torch")


def _address_space() -> int:
    """Return the bytes of address space of this process; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0
    import resource

    return pages * resource.getpagesize()
