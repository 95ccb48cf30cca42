"""The user's own layers, losses and optimizers, from a file named on the command line.

The file is executed, so it is never one that an upload, a link or a lesson names.
"""

import importlib.util
import inspect
import sys
import traceback
from pathlib import Path
from typing import Any

from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.layers import ACTIVATIONS, INITIALIZERS, LAYERS, Activation, Initializer
from rosenblatt.losses import LOSSES, Loss
from rosenblatt.optimizers import OPTIMIZERS, SCHEDULES, Optimizer, Schedule
from rosenblatt.registry import Registry

KINDS: tuple[tuple[type, Registry[Any], Registry[Any]], ...] = (
    (Activation, LAYERS, ACTIVATIONS),
    (Initializer, INITIALIZERS, INITIALIZERS),
    (Loss, LOSSES, LOSSES),
    (Optimizer, OPTIMIZERS, OPTIMIZERS),
    (Schedule, SCHEDULES, SCHEDULES),
)
"""Each kind of class that settings can name: where it is registered, and where it is found."""


def load_user_code(path: Path) -> list[str]:
    """Execute a file and register its classes; return their names.

    It is called before the modules of the settings are loaded, whose choices are the registries'.

    Raises:
        FileError: the file is missing.
        ConfigurationError: it raises an error, has none of these classes, or one whose name is
            taken.
    """
    if not path.is_file():
        raise FileError(f"there is no file {path}")
    name = path.stem
    if name in sys.modules or not name.isidentifier():
        raise ConfigurationError(
            f"{path.name} cannot be imported under the name {name}; give the file another name"
        )
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigurationError(f"{path} is not a file of Python, which end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        lines = [one.lineno for one in traceback.extract_tb(error.__traceback__)]
        where = f", line {lines[-1]}" if lines else ""
        raise ConfigurationError(f"{path} raises {type(error).__name__}{where}: {error}") from error
    found = [*_register(module)]
    if not found:
        raise ConfigurationError(
            f"{path} defines no activation, initialiser, loss, optimizer or schedule: no subclass "
            "of rosenblatt.layers.Activation, rosenblatt.losses.Loss or the like"
        )
    return found


def _register(module: Any) -> list[str]:
    names = []
    for member in vars(module).values():
        if not isinstance(member, type) or member.__module__ != module.__name__:
            continue
        for kind, registry, found_in in KINDS:
            if issubclass(member, kind) and not inspect.isabstract(member):
                if member not in found_in.values():
                    registry.add(member)
                names.append(found_in.name_of(member))
    return names
