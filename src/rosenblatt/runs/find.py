"""Directories of runs, found by id or path."""

import os
from pathlib import Path

from rosenblatt.errors import FileError, given, nearest
from rosenblatt.runs.listed_run import is_plain
from rosenblatt.training.storage.folder import CONFIG


def find(run: str | os.PathLike[str], folder: str | os.PathLike[str] = "runs") -> Path:
    """Return the folder of a run.

    Args:
        run: an id, which is the name of a run's folder in ``folder``; or else the path of a run's
            folder. What could be both is an id; a path may be written ``./name``.
        folder: the folder of runs in which ids are looked up.

    Raises:
        FileError: there is no such run; names the id that is most like it.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> data = rb.data.moons(40, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = rb.train(rb.MLP(2, [2], 2), data, epochs=2, run_dir=f"{folder}/a")
    ...     find("a", folder).name
    'a'
    """
    text = os.fspath(run)
    if is_id(text) and _is_run(Path(folder) / text):
        return Path(folder) / text
    path = Path(text)
    if text and _is_run(path):
        return path
    raise unknown(text, folder)


def is_id(text: str) -> bool:
    """Return whether a text may be the name of a folder in another: it leads nowhere else."""
    return (
        text not in ("", ".", "..")
        and "\0" not in text
        and not any(sign and sign in text for sign in (os.sep, os.altsep))
    )


def unknown(text: str, folder: str | os.PathLike[str]) -> FileError:
    """Return the error for a run that is not there."""
    try:
        ids = [entry.name for entry in os.scandir(folder) if _is_run(Path(entry.path))]
    except OSError:
        return FileError(
            f"there is no run {given(text)}: it is no run's folder, and there is no folder "
            f"{given(os.fspath(folder))} to look it up in; name that by --runs"
        )
    return FileError(f"there is no run {given(text)} in {os.fspath(folder)}{nearest(text, ids)}")


def _is_run(path: Path) -> bool:
    try:
        return is_plain(path / CONFIG)
    except ValueError:
        return False
