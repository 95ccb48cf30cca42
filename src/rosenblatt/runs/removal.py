"""Removal of a run with its directory."""

import os
import shutil
from pathlib import Path

from rosenblatt.errors import FileError, given
from rosenblatt.runs.find import is_id, unknown
from rosenblatt.runs.listed_run import is_plain
from rosenblatt.training.storage.folder import CONFIG, LOCK, RunFolder


def remove(run: str, folder: str | os.PathLike[str] = "runs") -> None:
    """Remove a run from a folder of runs, with all that is in its own folder.

    Links are removed and not followed. What was interrupted can be repeated: the folder is a run's
    until the last.

    Args:
        run: its id, the name of its folder; no path.
        folder: the folder of runs.

    Raises:
        FileError: there is no such run, it is being trained, its folder holds other runs, is a link
            or cannot be removed.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> data = rb.data.moons(40, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = rb.train(rb.MLP(2, [2], 2), data, epochs=2, run_dir=f"{folder}/a")
    ...     remove("a", folder)
    ...     rb.runs.list_runs(folder)
    []
    """
    path = removable(run, folder)
    _unlink_links(path)
    with RunFolder(path).locked():
        try:
            for entry in list(os.scandir(path)):
                if entry.name in (CONFIG, LOCK):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path)
                else:
                    Path(entry.path).unlink()
            (path / CONFIG).unlink()
        except OSError as error:
            raise FileError(f"cannot remove {path}: {error.strerror or error}") from error
    try:
        shutil.rmtree(path)
    except OSError as error:
        raise FileError(f"cannot remove {path}: {error.strerror or error}") from error


def _unlink_links(path: Path) -> None:
    """Remove links in a run's folder, behind which no lock may be taken."""
    try:
        for entry in list(os.scandir(path)):
            if entry.is_symlink():
                Path(entry.path).unlink()
    except OSError as error:
        raise FileError(f"cannot remove {path}: {error.strerror or error}") from error


def removable(run: str, folder: str | os.PathLike[str] = "runs") -> Path:
    """Return the folder of a run that can be removed.

    Raises:
        FileError: as :func:`remove`.
    """
    if not is_id(run):
        raise FileError(
            f"{given(run)} is a path: say the run's id, and by --runs the folder that it is in"
        )
    path = Path(folder) / run
    if path.is_symlink():
        raise FileError(f"{path} is a link, and what it points to is no part of the folder")
    if not is_plain(path / CONFIG):
        if path.is_dir():
            raise FileError(f"{path} is no run: it has no {CONFIG}")
        raise unknown(run, folder)
    if RunFolder(path).is_locked:
        raise FileError(f"the run in {path} is being trained; end that first")
    for inner, _, files in os.walk(path):
        if CONFIG in files and Path(inner) != path:
            raise FileError(f"{path} holds another run, {inner}; remove or move that first")
    return path
