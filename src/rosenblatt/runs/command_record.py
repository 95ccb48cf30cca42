"""The command that began a run and the rows of its last test, in the run's directory.

A run that early stopping may end is measured on validation rows during training. The rows of the
test at its end are not used by the run; they are stored here, so that a resumed run is tested like
an uninterrupted one.
"""

from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from rosenblatt.data import Dataset
from rosenblatt.errors import FileError, RosenblattError
from rosenblatt.runs.listed_run import require_plain
from rosenblatt.tensors import Tensors, read_tensors, write_tensors
from rosenblatt.training.storage.folder import CONFIG, RunFolder

NAME = "command.safetensors"


class DataSummary(BaseModel):
    """All the data, before it was divided."""

    model_config = ConfigDict(strict=True, frozen=True)

    source: str
    rows: int
    features: int
    classes: dict[str, int] | None
    hash: str


class Command(BaseModel):
    """The command that began a run.

    ``model`` is the model in a few words, and ``measured`` what the run's test set is.
    """

    model_config = ConfigDict(strict=True, frozen=True)

    name: str
    model: str
    measured: Literal["test", "validation"]
    data: DataSummary


def write_command(
    folder: RunFolder, command: Command, train: Dataset, last_test: Dataset | None
) -> None:
    """Write what is to be kept, into a folder in which no run has begun yet.

    Args:
        folder: the folder of the run.
        command: the command.
        train: the training set of the run, so that a file of another run is told apart.
        last_test: the rows for the test at the end, where the run's own test set is for validation.

    Raises:
        FileError: there is a run in the folder already, or it cannot be written.
    """
    tensors: Tensors = {}
    document: dict[str, Any] = {
        "kind": "command",
        "command": command.model_dump(),
        "train": train.content_hash,
        "test": None,
    }
    if last_test is not None:
        document["test"] = {
            "classes": last_test.classes,
            "feature_names": last_test.feature_names,
        }
        tensors = {"X": last_test.X, "y": last_test.y}
        if last_test.sample_weight is not None:
            tensors["sample_weight"] = last_test.sample_weight
    with folder.locked():
        folder.require_none()
        if (folder.path / NAME).is_symlink():
            raise FileError(f"{folder.path / NAME} is a link, and no part of the run")
        write_tensors(folder.path / NAME, tensors, document)


def read_command(folder: RunFolder) -> tuple[Command, Dataset | None]:
    """Return the command that began a run, and the rows for the test at its end.

    Raises:
        FileError: they were not kept, are damaged, or another run's.
    """
    path = folder.path / NAME
    require_plain(path)
    tensors, document = read_tensors(path)
    try:
        command = Command.model_validate(document["command"])
        about = document["test"]
        test = None
        if about is not None:
            classes, y = about["classes"], tensors["y"]
            test = Dataset(
                tensors["X"],
                y if classes is None else np.array(classes)[y],
                classes=classes,
                feature_names=about["feature_names"],
                sample_weight=tensors.get("sample_weight"),
            )
        train = document["train"]
    except (RosenblattError, ValidationError, LookupError, TypeError, ValueError) as error:
        raise FileError(f"{path} is damaged: {error}") from error
    if train != folder.read_config().data["train"].hash:
        raise FileError(f"{path} is about another run than {folder.path / CONFIG}")
    return command, test


def read_measured(folder: RunFolder) -> str:
    """Return what the test set of a run is: "test", or "validation" if that is known."""
    try:
        return read_command(folder)[0].measured
    except FileError:
        return "test"
