"""The command that began a run, in the run's directory, so that ``runs resume`` ends like it."""

import warnings

from pydantic import BaseModel, ConfigDict, ValidationError

from rosenblatt.data import Dataset
from rosenblatt.errors import FileError
from rosenblatt.runs.listed_run import require_plain
from rosenblatt.tensors import read_tensors, write_tensors
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
    """The command that began a run; ``model`` is the model in a few words."""

    model_config = ConfigDict(strict=True, frozen=True)

    name: str
    model: str
    data: DataSummary


def write_command(folder: RunFolder, command: Command, train: Dataset) -> None:
    """Write the command into a folder in which no run has begun yet.

    Args:
        folder: the folder of the run.
        command: the command.
        train: the training set of the run, so that a file of another run is told apart.

    Raises:
        FileError: there is a run in the folder already, or it cannot be written.
    """
    document = {"kind": "command", "command": command.model_dump(), "train": train.content_hash}
    with folder.locked():
        folder.require_none()
        if (folder.path / NAME).is_symlink():
            raise FileError(f"{folder.path / NAME} is a link, and no part of the run")
        write_tensors(folder.path / NAME, {}, document)


def read_command(folder: RunFolder) -> Command:
    """Return the command that began a run.

    Raises:
        FileError: it was not kept, is damaged, or another run's.
    """
    path = folder.path / NAME
    require_plain(path)
    _, document = read_tensors(path)
    try:
        command = Command.model_validate(document["command"])
        train = document["train"]
    except (ValidationError, LookupError, TypeError) as error:
        raise FileError(f"{path} is damaged: {error}") from error
    if train != folder.read_config().data["train"].hash:
        raise FileError(f"{path} is about another run than {folder.path / CONFIG}")
    if document.get("test") is not None:
        warnings.warn(
            f"{folder.path} is of an earlier version: its test set is the validation rows",
            stacklevel=2,
        )
    return command
