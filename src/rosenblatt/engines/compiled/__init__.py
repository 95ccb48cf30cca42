"""The compiled engine. Importing its modules loads Numba."""

from contextlib import suppress
from pathlib import Path


def _forget_stale_code() -> None:
    """Remove compiled kernels that are older than a source of this package.

    Numba compares a kernel with the file it stands in, not with those of the functions it calls.
    """
    folder = Path(__file__).parent
    newest = max(source.stat().st_mtime for source in folder.glob("*.py"))
    for index in folder.glob("__pycache__/*.nbi"):
        with suppress(OSError):
            if index.stat().st_mtime < newest:
                index.unlink()


_forget_stale_code()
