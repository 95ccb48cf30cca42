"""The base of a sweep in its folder: the model, the settings and the rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rosenblatt.errors import ConfigurationError, FileError, RosenblattError
from rosenblatt.losses import as_loss
from rosenblatt.sweeps.folder import BASE
from rosenblatt.sweeps.variants import Base, Sets
from rosenblatt.training.plan import make_plan
from rosenblatt.training.storage.config import config_of, model_and_settings_of
from rosenblatt.training.storage.folder import RunFolder


def write_base(path: Path, base: Base) -> None:
    """Write the base of a sweep, from which :func:`resume_sweep` continues it.

    Nothing is written of a model that a file cannot hold: then only the same call continues it.
    """
    folder = RunFolder(path / BASE)
    if folder.exists:
        return
    plan = make_plan(
        base.model,
        base.sets.train,
        (0,),
        {
            "test": base.sets.test,
            "validation": base.sets.validation,
            "loss": base.loss,
            "optimizer": base.optimizer,
            "epochs": base.epochs,
            "batch_size": base.batch_size,
            "shuffle": base.shuffle,
            "engine": "reference",
            "dtype": base.dtype,
        },
    )
    try:
        config = config_of(plan)
    except ConfigurationError:
        return
    folder.path.mkdir(exist_ok=True)
    with folder.locked():
        folder.create(config, plan.train, plan.test, plan.validation)


def read_base(path: Path, about: Mapping[str, Any]) -> Base:
    """Return the base of the sweep in a folder; ``about`` is what its manifest says of it.

    Raises:
        ConfigurationError: the model is not one of the package's.
        FileError: the files are damaged.
    """
    folder = RunFolder(path / BASE)
    if not folder.exists:
        raise ConfigurationError(
            f"{path} does not hold the model of the sweep, which is not one of the package's; call "
            "rb.sweep again as before"
        )
    config = folder.read_config()
    train, test, validation = folder.read_data(config)
    try:
        model, settings = model_and_settings_of(config)
    except RosenblattError as error:
        raise FileError(f"{folder.path} cannot be used: {error}") from error
    has_loss = about.get("loss") != repr(None)
    return Base(
        model,
        Sets(train, test, validation),
        as_loss(settings.loss) if has_loss and settings.loss is not None else None,
        settings.optimizer,  # type: ignore[arg-type]
        settings.epochs,
        None if about.get("batch_size") is None else settings.batch_size,
        settings.shuffle,
        str(settings.dtype),
    )
