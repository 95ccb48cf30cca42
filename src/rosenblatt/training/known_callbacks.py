"""Callbacks that a run's folder can name, and a resumed run has again."""

from collections.abc import Mapping
from pathlib import Path

from rosenblatt.errors import ConfigurationError, given
from rosenblatt.training.callbacks import Callback, CSVLog, EarlyStopping, Snapshots
from rosenblatt.training.config import CallbackSettings, RunConfig
from rosenblatt.training.loggers import MLflowLog, TensorBoardLog
from rosenblatt.training.progress import Progress

CALLBACKS: Mapping[str, type[Callback]] = {
    "EarlyStopping": EarlyStopping,
    "Snapshots": Snapshots,
    "CSVLog": CSVLog,
    "Progress": Progress,
    "TensorBoardLog": TensorBoardLog,
    "MLflowLog": MLflowLog,
}


def settings_of(callback: Callback) -> CallbackSettings:
    """Return a callback's name and settings; ``known`` is whether they can make it again."""
    name = type(callback).__name__
    known = CALLBACKS.get(name) is type(callback)
    settings = {k: v for k, v in callback.settings().items() if v is not None} if known else {}
    return CallbackSettings(name=name, known=known, settings=settings)


WRITES_TO: Mapping[str, str] = {"CSVLog": "path", "TensorBoardLog": "folder", "MLflowLog": "uri"}
"""By which of its settings a callback writes somewhere."""


def callbacks_of(config: RunConfig, folder: Path) -> list[Callback]:
    """Return the callbacks of a run, made again.

    Settings in a stranger's folder must not make anybody write outside of it.

    Raises:
        ConfigurationError: one of them is not one of the package's own, has no such settings, or
            writes to a place that is not in the run's folder.
    """
    unknown = [one.name for one in config.callbacks if not _is_known(one)]
    if unknown:
        raise ConfigurationError(
            f"the run had the callback {', '.join(unknown)}, which its folder cannot make again; "
            "pass its callbacks as callbacks=[...], or callbacks=[] to go on without"
        )
    for one in config.callbacks:
        place = one.settings.get(WRITES_TO.get(one.name, ""))
        if place is not None and not _is_within(str(place), folder):
            raise ConfigurationError(
                f"the run had a {one.name} that writes to {given(place)}, which is not in its "
                "folder; if that is where it should go on writing, pass its callbacks as "
                "callbacks=[...], or callbacks=[] to go on without"
            )
    return known_callbacks_of(config)


def known_callbacks_of(config: RunConfig, kind: type[Callback] = Callback) -> list[Callback]:
    """Return those callbacks of a run that can be made again, and are of this kind."""
    known = [(CALLBACKS[one.name], one.settings) for one in config.callbacks if _is_known(one)]
    try:
        return [cls(**settings) for cls, settings in known if issubclass(cls, kind)]
    except TypeError as error:
        raise ConfigurationError(f"a callback has no such settings: {error}") from error


def _is_within(place: str, folder: Path) -> bool:
    """Return whether a path leads into the folder, links followed."""
    return Path(place).resolve().is_relative_to(folder.resolve())


def _is_known(settings: CallbackSettings) -> bool:
    return settings.known and settings.name in CALLBACKS
