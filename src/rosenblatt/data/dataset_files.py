"""Datasets in files; the suffix names the format."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rosenblatt.data.dataset import Dataset
from rosenblatt.data.readers import READERS
from rosenblatt.data.readers.labels import Task, check_task
from rosenblatt.data.readers.reader import Inputs, Reader
from rosenblatt.errors import ConfigurationError, FileError, RosenblattError, given, nearest
from rosenblatt.files import atomic_write, check_readable, is_folder


def load(
    path: str | os.PathLike[str],
    label: str | int | None = None,
    *,
    task: Task | None = None,
    min_classes: int = 2,
    header: bool | None = None,
) -> Dataset:
    """Read a dataset from a file; its suffix says how.

    CSV is UTF-8 text with commas; blanks around a cell do not count. Its first line is a header,
    unless every cell of it is a number or a boolean and none of them stands above text, or every
    cell but one and the text of that one occurs again below (a label); ``header`` says so
    otherwise. Without a header the columns are called x1, x2 and so on. A column of true and false
    holds the numbers 1 and 0. Parquet needs numbers in every column but the label's, decimals and
    booleans among them; what pandas wrote as the index of a frame is no column, but may be named as
    the label. In both, a column ``sample_weight`` holds the weights.
    NPZ needs arrays X and y, and takes classes, feature_names, sample_weight and recipe (JSON).

    Text labels become the names of the classes. Whole numbers become classes too, in CSV also when
    written as 1.0 and, as text, where 64 bits do not hold them; so do true and false. Other numbers
    are the targets of a regression; in Parquet and NPZ the type decides, so that floats are targets
    even if they are whole.

    A file may come from anyone: reading it runs nothing that is in it, and what its header says it
    needs must be there, in the file and in the memory that is free (:mod:`rosenblatt.limits`).

    Args:
        path: the file.
        label: the label column by name, or by position: 0 is the first, -1 the last. By default the
            one column that is called label, target, class, y or species, in capitals or not; if
            there is none, or more than one, the last. For NPZ the name of an array, "y" by default.
        task: "classification" or "regression", if the labels' type says otherwise.
        min_classes: how many classes must be present; 1 to read data for a prediction.
        header: whether the first line of a CSV file holds the names of the columns; by default as
            said above, with a warning where it may be 0, 1, 2, ..., as pandas numbers columns.

    Raises:
        FileError: the file is missing, a folder, not what its suffix says, or of an unknown suffix.
        DataError: what is in it cannot be used; the message names the line (CSV) or row and column.
        ConfigurationError: an unknown task, or ``header`` for another format than CSV.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rb.data.save(rb.data.bundled("iris"), f"{folder}/iris.parquet")
    ...     rb.data.load(f"{folder}/iris.parquet").X.shape
    (150, 4)
    """
    check_task(task)
    reader = _reader(path)
    options = _options(reader, path, header)
    with _naming(path) as source:
        return reader.read(source, label, task, **options).require_classes(min_classes)


def load_inputs(path: str | os.PathLike[str], *, header: bool | None = None) -> Inputs:
    """Read samples without labels from a file: every column is a feature, or ``sample_weight``.

    The formats are those of :func:`load`, and so is ``header``; NPZ needs the array X.

    Raises:
        FileError: as for :func:`load`.
        DataError: what is in the file cannot be used, such as text where a number is needed.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rb.data.save(rb.data.moons(50, seed=0), f"{folder}/moons.csv")
    ...     load_inputs(f"{folder}/moons.csv").X.shape
    (50, 3)
    """
    reader = _reader(path)
    options = _options(reader, path, header)
    with _naming(path) as source:
        return reader.read_inputs(source, **options)


def columns(path: str | os.PathLike[str], *, header: bool | None = None) -> list[str]:
    """Return the names of a file's columns; for NPZ, which of the arrays X and y are there.

    Raises:
        FileError: as for :func:`load`.
        DataError: there is nothing in the file.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rb.data.save(rb.data.moons(50, seed=0), f"{folder}/moons.csv")
    ...     columns(f"{folder}/moons.csv")
    ['x1', 'x2', 'label']
    """
    reader = _reader(path)
    options = _options(reader, path, header)
    with _naming(path) as source:
        return reader.columns(source, **options)


def save(dataset: Dataset, path: str | os.PathLike[str]) -> None:
    """Write a dataset to a file, whole or not at all; its suffix says how.

    NPZ keeps everything, and so does Parquet, where a sample has one target at most. CSV keeps
    every number exactly; but being plain text, it loses the recipe, the order of the classes,
    classes without a sample, blanks around a label, and that a label "1" or "true" was text, or a
    whole target a float.

    Raises:
        FileError: an unknown suffix, or a folder that is missing or read-only.
        DataError: the format cannot hold this dataset.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rb.data.save(rb.data.moons(50, seed=0), f"{folder}/moons.csv")
    ...     rb.data.load(f"{folder}/moons.csv").X.shape
    (50, 2)
    """
    reader = _reader(path)
    if reader.write is None:
        raise FileError(f"{path}: {reader.suffix} files can only be read")
    with atomic_write(path) as handle:
        reader.write(dataset, handle)


@contextmanager
def _naming(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Put the name of the file that is being read in front of every error."""
    source = Path(path)
    check_readable(source)
    try:
        yield source
    except RosenblattError as error:
        raise type(error)(f"{path}: {error}") from error
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror or error}") from error
    except MemoryError as error:
        raise FileError(f"{path}: there is not enough memory to read it") from error


def _options(reader: Reader, path: str | os.PathLike[str], header: bool | None) -> dict[str, bool]:
    """Return ``header`` as a keyword, if it was given.

    Raises:
        ConfigurationError: ``header`` is no boolean, or the format has none.
    """
    if header is None:
        return {}
    if not isinstance(header, bool):
        raise ConfigurationError(f"header must be True, False or None, got {given(header)}")
    if not reader.takes_header:
        formats = " and ".join(
            suffix.removeprefix(".").upper() for suffix, r in READERS.items() if r.takes_header
        )
        raise ConfigurationError(f"header is for {formats} files, and {path} is none; leave it out")
    return {"header": header}


def _reader(path: str | os.PathLike[str]) -> Reader:
    suffix = Path(path).suffix.lower()
    if not suffix and is_folder(path):
        raise FileError(f"{path} is a folder; name a file in it")
    if suffix not in READERS:
        raise FileError(
            f'{path}: unknown kind of file "{suffix}"; '
            f"the known ones are {', '.join(READERS)}{nearest(suffix, READERS)}"
        )
    return READERS[suffix]
