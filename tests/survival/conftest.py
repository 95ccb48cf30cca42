"""Where processes are killed: a file system in memory is as good for it, and quicker."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

IN_MEMORY = Path("/dev/shm")


@pytest.fixture
def place() -> Iterator[Path]:
    """Return an empty folder. What a process has written outlives it, wherever it is."""
    quick = IN_MEMORY if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="rosenblatt-", dir=quick))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
