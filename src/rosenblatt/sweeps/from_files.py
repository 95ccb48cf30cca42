"""Sweeps that files describe: a file of settings, or the folder of an interrupted sweep."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rosenblatt.checks import real_number
from rosenblatt.data import Dataset
from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.files import is_there
from rosenblatt.settings.data_options import is_name
from rosenblatt.settings.plain import naming_keys, parse_settings
from rosenblatt.settings.preparation import prepare, read_data
from rosenblatt.settings.splits import split_data
from rosenblatt.sweeps.base_files import read_base
from rosenblatt.sweeps.computation import Call, How, compute
from rosenblatt.sweeps.folder import SweepFolder
from rosenblatt.sweeps.halving import plan_from
from rosenblatt.sweeps.result import Sweep
from rosenblatt.sweeps.variants import RATE_WORDS, Base, Sets

EXTRAS = ("over", "seeds", "measure", "paired", "halving")
"""Keys of a file of a sweep that are no settings of ``train mlp``."""


def resume_sweep(
    folder: str | os.PathLike[str],
    *,
    executor: Any = "threads",
    max_seconds: float | None = None,
    max_epochs: int | None = None,
    progress: bool = True,
) -> Sweep:
    """Continue the sweep in a folder, and return it; it ends as if it had not been interrupted.

    Args:
        folder: the folder.
        executor: as for :func:`rosenblatt.sweep`, like the next two.
        max_seconds: of this call.
        max_epochs: of this call.
        progress: whether to show how far it is.

    Raises:
        FileError: there is no sweep in the folder, or its files are damaged.
        ConfigurationError: the sweep has functions or layers of a user's own, which a file cannot
            hold: the same call of :func:`rosenblatt.sweep` continues it.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> model, data = rb.MLP(2, [4], 2), rb.data.moons(40, seed=0)
    >>> rates = {"learning_rate": [0.01, 0.1]}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sweep = rb.sweep(model, data, epochs=3, over=rates, folder=folder)
    ...     len(rb.sweeps.resume_sweep(folder)) == len(sweep)
    True
    """
    place = SweepFolder(Path(folder))
    manifest = place.read_manifest()
    arguments = manifest.call.model_dump()
    if functions := arguments.pop("functions", None):
        raise ConfigurationError(
            f"the sweep measures {', '.join(functions)}, which the folder cannot hold; call "
            "rb.sweep again as before"
        )
    if sampler := arguments.pop("sampler", None):
        raise ConfigurationError(
            f"{sampler} chose the settings of the sweep, which the folder cannot hold; call "
            "rb.sweep again as before"
        )
    try:
        if arguments.get("halving") is not None:
            arguments["halving"] = plan_from(arguments["halving"], manifest.measures).halving
        call = Call(**arguments)
        if manifest.settings is not None:
            base = base_of_settings(manifest.settings)
        else:
            base = read_base(place.path, manifest.base)
    except TypeError as error:
        raise FileError(f"{place.path} is damaged: {error}") from error
    how = How(executor, max_seconds, max_epochs, progress)
    return compute(base, call, folder, manifest.settings, how)


def sweep_settings(
    content: Mapping[str, Any],
    *,
    folder: str | os.PathLike[str] | None = None,
    executor: Any = "threads",
    max_seconds: float | None = None,
    max_epochs: int | None = None,
    progress: bool = True,
) -> Sweep:
    """Train the networks that a file of a sweep describes.

    Args:
        content: settings of ``train mlp`` by key, with a table ``over`` of the settings to go over,
            and where they are not the defaults ``seeds`` (a list or a number), ``measure``,
            ``paired``, ``halving`` (true, or a table such as {factor = 2}) and ``validation_size``.
        folder: as for :func:`rosenblatt.sweep`, like the next three.
        executor: who trains.
        max_seconds: of this call.
        max_epochs: of this call.
        progress: whether to show how far it is.

    Raises:
        ConfigurationError: as :func:`rosenblatt.sweep`.

    >>> content = {"data": "moons", "n": 60, "epochs": 5, "over": {"learning_rate": [0.1, 1.0]}}
    >>> sweep_settings(content)
    Sweep(2 networks; learning_rate: 2; seeds: 1)
    """
    content = {str(key).replace("-", "_"): value for key, value in content.items()}
    settings = {key: value for key, value in content.items() if key not in EXTRAS}
    if "over" not in content:
        raise ConfigurationError(
            "a sweep needs a table [over], such as learning_rate = [0.01, 0.1]; without one, "
            "train mlp trains a single network"
        )
    for key in ("seed", "patience"):
        if settings.get(key) is not None:
            instead = "; give seeds = [0, 1, 2]" if key == "seed" else ""
            raise ConfigurationError(f'"{key}" is no setting of a sweep{instead}')
    data = settings.get("data")
    if isinstance(data, str) and not is_name(data) and is_there(data):
        settings["data"] = str(Path(data).absolute())
    seeds = content.get("seeds", 1)
    call = Call(
        content["over"],
        range(seeds) if isinstance(seeds, int) and not isinstance(seeds, bool) else seeds,
        content.get("measure", []),
        settings.get("eval_every", 1),
        content.get("halving"),
        paired=content.get("paired", True),
        engine=settings.get("engine", "auto"),
    )
    how = How(executor, max_seconds, max_epochs, progress)
    return compute(base_of_settings(settings), call, folder, settings, how)


def base_of_settings(settings: Mapping[str, Any]) -> Base:
    """Return the base of a sweep over a file of settings."""
    rest = {key: value for key, value in settings.items() if key != "validation_size"}
    share = settings.get("validation_size")
    if share is not None:
        share = real_number(share, "validation_size", above=0)
    options = parse_settings(rest)
    data: Dataset | None = None
    if not is_name(options.source.data):
        data = read_data(options, options.source.data)

    def sets_with(changes: Mapping[str, Any]) -> Sets:
        changed = parse_settings({**rest, **_plain(changes)})
        with naming_keys():
            samples = read_data(changed) if data is None else data
            splits = split_data(samples, changed.splits, share)
        return Sets(splits.train, splits.test, splits.validation)

    prepared = prepare(options, data)
    training = options.training
    return Base(
        prepared.model,
        sets_with({}),
        prepared.loss,
        prepared.optimizer(),
        training.epochs,
        training.batch_size,
        training.shuffle,
        training.dtype,
        words={word: rest[word] for word in RATE_WORDS if rest.get(word) is not None},
        remake=sets_with,
    )


def _plain(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: list(map(list, value)) if name == "means" and isinstance(value, Sequence) else value
        for name, value in changes.items()
    }
