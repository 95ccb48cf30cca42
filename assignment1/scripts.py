"""Data sets and error messages of the scripts in this folder."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rosenblatt.data import Dataset, load, save
from rosenblatt.errors import FileError, RosenblattError


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Turn an error that the user can cause into one line on standard error and exit status 2."""
    try:
        yield
    except RosenblattError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    except MemoryError as error:
        print(f"error: not enough memory: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        raise SystemExit(130) from None


def save_datasets(folder: Path, train: Dataset, test: Dataset) -> None:
    """Write ``datasets/train.csv`` and ``datasets/test.csv`` in ``folder`` and say so.

    Raises:
        FileError: they cannot be written.
    """
    make_folder(folder / "datasets")
    for name, dataset in (("train", train), ("test", test)):
        save(dataset, folder / "datasets" / f"{name}.csv")
        print(f"datasets/{name}.csv: {len(dataset)} samples")


def make_folder(path: Path) -> Path:
    """Make a folder, if it is not there yet, and return it.

    Raises:
        FileError: it cannot be made.
    """
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot create {path}: {error.strerror}") from error
    return path


def load_datasets(folder: Path) -> tuple[Dataset, Dataset]:
    """Return (train, test) as :func:`save_datasets` left them in ``folder``.

    Raises:
        FileError: they are not there yet, or cannot be read.
        DataError: what is in them cannot be used.
    """
    train, test = (folder / "datasets" / f"{name}.csv" for name in ("train", "test"))
    for path in (train, test):
        if not path.exists():
            raise FileError(f"{path} is missing: run python generate_dataset.py in {folder} first")
    return load(train), load(test)
