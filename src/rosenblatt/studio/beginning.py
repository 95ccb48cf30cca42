"""What the studio begins with: a generator, a file, samples in memory, or a run."""

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from rosenblatt.data import Dataset
from rosenblatt.data.bundled_sets import BUNDLED
from rosenblatt.errors import ConfigurationError, given
from rosenblatt.studio.prepared import FIRST
from rosenblatt.studio.uploads import Uploads
from rosenblatt.training import Run

Beginning = dict[str, Any] | Path | Run | None
"""Settings, the folder of a run, a run, or the studio's own beginning."""


def beginning_of(start: object, runs: Path) -> tuple[Uploads | None, Beginning]:
    """Return what a session begins with, after the files that it needs.

    Args:
        start: a run; settings by name; the name of a generator or a bundled set; a data file; the
            folder of a run; samples in memory; or None.
        runs: the folder of runs, in which a run may be named.

    Raises:
        ConfigurationError: it is none of these.
        FileError: a file that cannot be read.
    """
    from rosenblatt.data.readers import READERS
    from rosenblatt.runs.find import find
    from rosenblatt.settings.data_options import is_generator

    if start is None or isinstance(start, Run):
        return None, start
    if isinstance(start, Mapping):
        return None, FIRST | dict(start)
    if isinstance(start, Dataset):
        return _offered(lambda uploads: uploads.add_samples(start))
    if not isinstance(start, str | PathLike):
        raise ConfigurationError(
            "the studio begins with a run, a dataset, settings, or the name of a generator, a file "
            f"or a run's folder, got {given(start)}"
        )
    name = str(start)
    if is_generator(name):
        return None, FIRST | {"data": name}
    if name in BUNDLED:
        return None, FIRST | {"data": name, "n": None, "standardize": True}
    path = Path(name)
    if path.suffix.lower() in READERS:
        return _offered(lambda uploads: uploads.add(path))
    return None, find(name, runs)


def _offered(add: Callable[[Uploads], str]) -> tuple[Uploads, Beginning]:
    """Return uploads with one file, and settings that name it."""
    uploads = Uploads()
    try:
        return uploads, FIRST | {"data": add(uploads), "n": None, "standardize": True}
    except BaseException:
        uploads.close()
        raise
