"""NumPy's archive of arrays, read without pickle: such a file cannot run code."""

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from rosenblatt.data.dataset import Dataset
from rosenblatt.data.inputs import Inputs, checked_inputs
from rosenblatt.data.labels import Task, as_task
from rosenblatt.data.targets import show
from rosenblatt.errors import ConfigurationError, DataError, FileError, nearest, shorten


def read_npz(path: Path, label: str | int | None, task: Task | None) -> Dataset:
    """Read X, y and, where they are there, classes, feature_names, sample_weight and recipe.

    ``label`` may name another array than y. Other arrays are left alone.

    Raises:
        DataError: X or y is missing, or what they hold cannot be used.
        FileError: not an NPZ file, or one that needs pickle.
    """
    target = "y" if label is None else label
    if not isinstance(target, str):
        raise ConfigurationError(
            f'an NPZ file has arrays, not columns: label must name one, such as "y"; got {label!r}'
        )
    wanted = ["X", target, "classes", "feature_names", "sample_weight", "recipe"]
    arrays = _arrays(path, wanted, required=2)
    y = arrays[target]
    if y.dtype.kind == "f" and y.ndim == 1 and not np.isfinite(y).all():
        row = int(np.isfinite(y).argmin())
        raise DataError(f"row {row} of {target} is {y[row]}, counting from 0; it must be finite")
    labels = as_task(y, task, lambda row: f"row {row} of {target}")
    classes = arrays.get("classes") if target == "y" and labels.dtype.kind != "f" else None
    return Dataset(
        arrays["X"],
        labels,
        classes=None if classes is None else np.atleast_1d(classes).tolist(),
        feature_names=arrays.get("feature_names"),
        sample_weight=arrays.get("sample_weight"),
        recipe=_recipe(arrays.get("recipe")) or {"file": str(path), "label": target},
    )


def read_npz_inputs(path: Path) -> Inputs:
    """Read X and, where they are there, feature_names.

    Raises:
        DataError: X is missing, or what it holds cannot be used.
        FileError: not an NPZ file, or one that needs pickle.
    """
    arrays = _arrays(path, ["X", "feature_names"], required=1)
    return checked_inputs(arrays["X"], arrays.get("feature_names"))


def npz_columns(path: Path) -> list[str]:
    """Return which of the arrays X and y are there."""
    return list(_arrays(path, ["X", "y"], required=0))


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
    with path.open("rb") as handle:
        if not zipfile.is_zipfile(handle):
            raise FileError("this is not an NPZ file, an archive of NumPy arrays, or it is damaged")
        handle.seek(0)
        try:
            with np.load(handle, allow_pickle=False) as archive:
                names = list(archive.files)
                arrays = {name: archive[name] for name in wanted if name in names}
        except (ValueError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
            if "allow_pickle" in str(error):
                raise FileError(
                    "this needs pickle, which could run code and is not used here; save arrays of "
                    "numbers or text (no dtype=object)"
                ) from error
            raise FileError(f"this NPZ file is damaged: {error}") from error
    for name in wanted[:required]:
        if name not in arrays:
            raise DataError(
                f'there is no array "{name}"; the arrays are '
                f"{shorten([show(key) for key in names]) or 'none'}{nearest(name, names)}"
            )
    return arrays


def _recipe(text: npt.NDArray[Any] | None) -> dict[str, object]:
    if text is None:
        return {}
    try:
        recipe = json.loads(str(text))
    except ValueError as error:
        raise DataError(f"the array recipe is not JSON: {error}") from error
    if not isinstance(recipe, dict):
        raise DataError(f"the array recipe must be a JSON object, got {recipe!r}")
    return recipe
