"""NumPy's archive of arrays, read without pickle: such a file cannot run code.

Only the arrays that are wanted are read, and none before the headers of all of them were: what an
array is said to hold must be what the archive has of it, and there must be memory for it.
"""

import json
import math
import tokenize
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from rosenblatt import limits
from rosenblatt.data.dataset import Dataset
from rosenblatt.data.readers.labels import Task, as_task, check_label_size
from rosenblatt.data.readers.reader import Inputs, Reader, checked_inputs
from rosenblatt.data.targets import show
from rosenblatt.errors import (
    ConfigurationError,
    DataError,
    FileError,
    ShapeError,
    given,
    nearest,
    shorten,
)

_MOST_DEFLATED = 1032
"""How many bytes of zeros deflate makes one of, at most."""

_COMPRESSED_BY_NUMPY = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_LONGEST_HEADER = 10_000
_READ_HEADER = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
# zipfile calls it a RuntimeError where an entry is packed or encrypted in a way it does not know.
_DAMAGE = (ValueError, EOFError, OSError, RuntimeError, zipfile.BadZipFile, zlib.error)

_BAD_HEADER = (
    KeyError,
    TypeError,
    OverflowError,
    # A header is a Python literal; its parser calls what is nested too deep a MemoryError.
    SyntaxError,
    tokenize.TokenError,
    MemoryError,
)


def read_npz(path: Path, label: str | int | None, task: Task | None) -> Dataset:
    """Read X, y and, where they are there, classes, feature_names, sample_weight and recipe.

    ``label`` may name another array than y. Other arrays are left alone.

    Raises:
        DataError: X or y is missing, or what they hold cannot be used.
        ShapeError: X and y do not fit each other, or y is not one label per row.
        FileError: not an NPZ file, one that needs pickle, an array that does not have the size that
            its header says, or more than there is memory for.
    """
    target = "y" if label is None else label
    if not isinstance(target, str):
        raise ConfigurationError(
            f'an NPZ file has arrays, not columns: label must name one, such as "y"; got {label!r}'
        )
    wanted = ["X", target, "classes", "feature_names", "sample_weight", "recipe"]
    arrays = _arrays(path, wanted, required=2)
    y = arrays[target]
    several = y.ndim == 2 and y.dtype.kind == "f" and task != "classification"
    if not (y.ndim == 1 or several) or not y.size:
        raise ShapeError(
            f"{target} has shape {y.shape}; labels must be one per row, (N,), and targets of a "
            "regression (N,) or (N, K)"
        )
    if y.dtype.kind == "f" and y.ndim == 1 and not np.isfinite(y).all():
        row = int(np.isfinite(y).argmin())
        raise DataError(f"row {row} of {target} is {y[row]}, counting from 0; it must be finite")
    if y.dtype.kind == "U":
        check_label_size(y.size, y.dtype.itemsize // 4)
    labels = as_task(y, task, lambda row: f"row {row} of {target}")
    classes = arrays.get("classes") if target == "y" and labels.dtype.kind != "f" else None
    if classes is not None and classes.dtype.kind == "U":
        check_label_size(y.size, classes.dtype.itemsize // 4)
    return Dataset(
        arrays["X"],
        labels,
        classes=None if classes is None else np.atleast_1d(classes).tolist(),
        feature_names=_feature_names(arrays.get("feature_names")),
        sample_weight=arrays.get("sample_weight"),
        recipe=_recipe(arrays.get("recipe")) or {"file": str(path), "label": target},
    )


def read_npz_inputs(path: Path) -> Inputs:
    """Read X and, where they are there, feature_names.

    Raises:
        DataError: X is missing, or what it holds cannot be used.
        FileError: as for :func:`read_npz`.
    """
    arrays = _arrays(path, ["X", "feature_names"], required=1)
    return checked_inputs(arrays["X"], _feature_names(arrays.get("feature_names")))


def npz_columns(path: Path) -> list[str]:
    """Return which of the arrays X and y are there."""
    with path.open("rb") as handle, _opened(handle) as archive:
        present = _members(archive)
    return [name for name in ("X", "y") if name in present]


def write_npz(dataset: Dataset, handle: BinaryIO) -> None:
    """Write the arrays that :func:`read_npz` reads."""
    arrays: dict[str, Any] = {
        "X": dataset.X,
        "y": dataset.labels,
        "feature_names": np.array(dataset.feature_names),
        "recipe": np.array(json.dumps(dict(dataset.recipe))),
    }
    if dataset.classes is not None:
        arrays["classes"] = np.array(dataset.classes)
    if dataset.sample_weight is not None:
        arrays["sample_weight"] = dataset.sample_weight
    np.savez(handle, **arrays)


def _arrays(path: Path, wanted: list[str], required: int) -> dict[str, npt.NDArray[Any]]:
    """Return those of the ``wanted`` arrays that are there; the first ``required`` must be."""
    with path.open("rb") as handle, _opened(handle) as archive:
        members = _members(archive)
        for name in wanted[:required]:
            if name not in members:
                raise DataError(
                    f'there is no array "{name}"; the arrays are '
                    f"{shorten([show(key) for key in members]) or 'none'}{nearest(name, members)}"
                )
        there = [name for name in dict.fromkeys(wanted) if name in members]
        headers = {name: _header(archive, name, members[name]) for name in there}
        _check_memory(headers)
        return {name: _array(archive, name, members[name], headers[name]) for name in there}


def _opened(handle: BinaryIO) -> zipfile.ZipFile:
    if not zipfile.is_zipfile(handle):
        raise FileError("this is not an NPZ file, an archive of NumPy arrays, or it is damaged")
    try:
        return zipfile.ZipFile(handle)
    except _DAMAGE as error:
        raise _damaged(error) from error


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the archive's entries by the names of the arrays."""
    return {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}


class _Header(NamedTuple):
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    n_bytes: int


def _header(archive: zipfile.ZipFile, name: str, entry: zipfile.ZipInfo) -> _Header:
    """Return what an array is said to be, when that is what the archive can have of it."""
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _COMPRESSED_BY_NUMPY:
        raise FileError(
            f'the array "{name}" is encrypted, or compressed in a way that NumPy does not use; '
            "write it by numpy.savez or numpy.savez_compressed"
        )
    try:
        # NumPy warns of files that Python 2 wrote, which are read all the same.
        with archive.open(entry) as member, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = _READ_HEADER[np.lib.format.read_magic(member)]
            shape, _, dtype = read(member, max_header_size=_LONGEST_HEADER)
            rest = entry.file_size - member.tell()
    except (*_DAMAGE, *_BAD_HEADER) as error:
        raise _damaged(error) from error
    if dtype.hasobject:
        raise FileError(
            "this needs pickle, which could run code and is not used here; save arrays of "
            "numbers or text (no dtype=object)"
        )
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != rest:
        raise FileError(
            f'the array "{name}" has {rest} bytes, but its header says it is of shape {shape} '
            f"and type {dtype}: the file is damaged"
        )
    if rest > entry.compress_size * _MOST_DEFLATED:
        raise FileError(
            f'the array "{name}" is said to hold {limits.show_bytes(rest)}, more than the '
            f"{entry.compress_size} bytes that the file has of it could: the file is damaged"
        )
    return _Header(shape, dtype, rest)


def _check_memory(headers: dict[str, _Header]) -> None:
    """Raise FileError if there is no memory for the arrays and what is made of them."""
    need = 0
    for name, (shape, dtype, _) in headers.items():
        if name == "X":
            # As read, as float64, a copy of that, and which of them are finite.
            each = dtype.itemsize + (8 if dtype == np.float64 else 16) + 1
            need += limits.BYTES_PER_NAME * (shape[-1] if shape else 0)
        else:
            each = 3 * dtype.itemsize + (limits.BYTES_PER_NAME if dtype.kind in "SU" else 64)
        need += each * math.prod(shape)
    shapes = " and ".join(f"{name} {headers[name].shape}" for name in list(headers)[:2])
    limits.check_memory(need, f"reading {shapes}")


def _array(
    archive: zipfile.ZipFile, name: str, entry: zipfile.ZipInfo, header: _Header
) -> npt.NDArray[Any]:
    try:
        with archive.open(entry) as member, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            array: npt.NDArray[Any] = np.lib.format.read_array(
                member, allow_pickle=False, max_header_size=_LONGEST_HEADER
            )
    except _DAMAGE as error:
        raise _damaged(error) from error
    if array.dtype.kind == "U":
        _check_characters(name, array)
    return array


def _check_characters(name: str, array: npt.NDArray[np.str_]) -> None:
    """Raise FileError if what is said to be text has a number that is no character."""
    if not array.nbytes:
        return
    codes = np.ascontiguousarray(array).reshape(-1).view(f"{array.dtype.str[0]}u4")
    if codes.max() > 0x10FFFF or ((codes >= 0xD800) & (codes < 0xE000)).any():
        raise FileError(f'the array "{name}" holds text that is no Unicode: the file is damaged')


def _damaged(error: Exception) -> FileError:
    return FileError(f"this NPZ file is damaged: {error}")


def _feature_names(names: npt.NDArray[Any] | None) -> list[str] | None:
    if names is None:
        return None
    if names.ndim != 1:
        raise DataError(f"the array feature_names must have shape (D,), got {names.shape}")
    plain = [str(name) for name in names.tolist()]
    limits.check_names(plain, "column")
    return plain


def _recipe(text: npt.NDArray[Any] | None) -> dict[str, object]:
    if text is None:
        return {}
    if text.ndim or text.dtype.kind != "U":
        raise DataError(
            f"the array recipe must be one text, got {text.dtype} of shape {text.shape}"
        )
    recipe = limits.parse_json(str(text), "the array recipe", DataError)
    if not isinstance(recipe, dict):
        raise DataError(f"the array recipe must be a JSON object, got {given(recipe)}")
    return recipe


NPZ = Reader(".npz", read_npz, read_npz_inputs, npz_columns, write_npz)
