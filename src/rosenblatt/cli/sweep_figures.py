"""The commands ``sweep map``, ``sweep curves`` and ``sweep parallel``."""

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from rosenblatt.cli.output_options import FIGURES, check_writable
from rosenblatt.cli.printing import emit
from rosenblatt.errors import ConfigurationError
from rosenblatt.settings.params import OptionalNames, Switch, parse_texts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rosenblatt.sweeps import SweepTable

MOST_SHOWN = 10
"""Values of a setting that a message lists."""

Conditions = Annotated[
    tuple[str, ...],
    Parameter(converter=parse_texts, n_tokens=1, negative=(), metavar="SETTING=VALUE"),
]


@Parameter(name="*")
@dataclass(frozen=True)
class SweepMapOptions:
    """The options of the command."""

    folder: Path
    """The folder of the sweep."""

    _: KW_ONLY

    out: Path
    """The .png, .svg or .pdf file to draw."""

    x: str
    """The setting of the horizontal axis."""

    y: str
    """The setting of the vertical axis."""

    value: str | None = None
    """The measure; by default an accuracy, or a loss of a regression."""

    where: Conditions = ()
    """Of the networks that count, such as batch_size=10; by default the mean is over all."""

    json: Switch = False
    """Print one JSON object."""


def sweep_map(options: SweepMapOptions) -> int:
    """Draw the mean of a measure over two settings."""
    found, where = _read(options.folder, options.out, options.where)
    x, y = _as_key(options.x), _as_key(options.y)
    ax = found.plot_map(x, y, value=options.value, where=where)
    return _save("sweep map", options, found, ax)


@Parameter(name="*")
@dataclass(frozen=True)
class SweepCurvesOptions:
    """The options of the command."""

    folder: Path
    """The folder of the sweep."""

    _: KW_ONLY

    out: Path
    """The .png, .svg or .pdf file to draw."""

    x: str
    """The setting of the horizontal axis."""

    value: str | None = None
    """The measure; by default an accuracy, or a loss of a regression."""

    by: str | None = None
    """A setting, of which each value has a curve."""

    where: Conditions = ()
    """Of the networks that count, such as batch_size=10; by default all count."""

    json: Switch = False
    """Print one JSON object."""


def sweep_curves(options: SweepCurvesOptions) -> int:
    """Draw the mean of a measure against a setting, with intervals over the seeds."""
    found, where = _read(options.folder, options.out, options.where)
    by = None if options.by is None else _as_key(options.by)
    ax = found.plot_curves(_as_key(options.x), value=options.value, by=by, where=where)
    return _save("sweep curves", options, found, ax)


@Parameter(name="*")
@dataclass(frozen=True)
class SweepParallelOptions:
    """The options of the command."""

    folder: Path
    """The folder of the sweep."""

    _: KW_ONLY

    out: Path
    """The .png, .svg or .pdf file to draw."""

    settings: OptionalNames = None
    """The settings with an axis, such as learning_rate,hidden; by default all of the sweep."""

    value: str | None = None
    """The measure; by default an accuracy, or a loss of a regression."""

    where: Conditions = ()
    """Of the networks that count, such as batch_size=10; by default all count."""

    json: Switch = False
    """Print one JSON object."""


def sweep_parallel(options: SweepParallelOptions) -> int:
    """Draw a line for each combination of settings, through an axis for each setting."""
    found, where = _read(options.folder, options.out, options.where)
    settings = None if options.settings is None else [_as_key(one) for one in options.settings]
    ax = found.plot_parallel(settings, value=options.value, where=where)
    return _save("sweep parallel", options, found, ax)


def _read(folder: Path, out: Path, texts: Sequence[str]) -> tuple["SweepTable", dict[str, Any]]:
    """Return the table of a folder, and the conditions on the networks that count."""
    from rosenblatt.sweeps import read_sweep

    check_writable("--out", out, FIGURES)
    found = read_sweep(folder)
    return found, dict(_condition(found, text) for text in texts)


def _save(
    command: str,
    options: SweepMapOptions | SweepCurvesOptions | SweepParallelOptions,
    found: "SweepTable",
    ax: "Axes",
) -> int:
    from rosenblatt.plotting import save_figure

    save_figure(ax.figure, options.out)  # type: ignore[arg-type]
    result = {
        "command": command,
        "folder": options.folder,
        "networks": len(found),
        "figure": options.out,
    }
    emit(result, [f"wrote {options.out}"], as_json=options.json)
    return 0


def _as_key(name: str) -> str:
    return name.strip().replace("-", "_").replace(".", "_")


def _condition(found: "SweepTable", text: str) -> tuple[str, Any]:
    """Return the setting and the value of "batch_size=10"."""
    name, is_there, value = text.partition("=")
    name = _as_key(name)
    if not is_there:
        raise ConfigurationError(f'--where is a setting and a value, such as n=100, got "{text}"')
    values = list(dict.fromkeys(found.column(name).tolist()))
    for one in values:
        if str(one) == value.strip():
            return name, one
    numbers = [one for one in values if isinstance(one, int | float)]
    try:
        wanted = float(value)
    except ValueError:
        wanted = math.nan
    for one in numbers:
        if math.isclose(one, wanted, rel_tol=1e-3):
            return name, one
    shown = ", ".join(str(one) for one in values[:MOST_SHOWN])
    raise ConfigurationError(f'no network has {name} "{value}"; there are {shown}')
