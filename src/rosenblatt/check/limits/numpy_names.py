"""NumPy's names, which a student's code may change, as they were before."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def kept_numpy_names() -> Iterator[None]:
    """Undo at the end what a student's code has changed in NumPy's namespace."""
    before = dict(vars(np))
    try:
        yield
    finally:
        current = vars(np)
        for name, value in before.items():
            if current.get(name) is not value:
                current[name] = value
