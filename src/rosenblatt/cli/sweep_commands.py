"""The commands ``sweep``, ``sweep resume`` and ``sweep show``."""

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import Parameter

from rosenblatt.cli.printing import emit, number, percent, printable, table
from rosenblatt.cli.sweep_options import ExecutionOptions, SweepOptions
from rosenblatt.errors import ConfigurationError
from rosenblatt.settings.config_file import read_toml
from rosenblatt.settings.params import OptionalWhole, Switch

if TYPE_CHECKING:
    from rosenblatt.sweeps import SweepTable

MOST_SHOWN = 10
"""Combinations of settings in the printed table."""


def sweep_file(options: SweepOptions) -> int:
    """Train the networks that the file describes, and print the best."""
    from rosenblatt.sweeps import sweep_settings

    content = read_toml(options.file)
    result = sweep_settings(
        content, folder=options.out, progress=not options.quiet, **options.execution.arguments()
    )
    advice = []
    if options.out is not None and len(result.settings) > 1:
        x, y = result.settings[:2]
        where = shlex.quote(str(options.out))
        advice = ["", f"map: rosenblatt sweep map {where} --x {x} --y {y} --out map.png"]
    return _print("sweep", result, options.out, advice, as_json=options.json)


@Parameter(name="*")
@dataclass(frozen=True)
class SweepResumeOptions:
    """The options of the command."""

    folder: Path
    """The folder of the sweep."""

    _: KW_ONLY

    execution: ExecutionOptions = field(default_factory=ExecutionOptions)

    json: Switch = False
    """Print one JSON object."""

    quiet: Switch = False
    """Show no progress."""


def sweep_resume(options: SweepResumeOptions) -> int:
    """Compute what the sweep in a folder lacks, and print the best."""
    from rosenblatt.sweeps import resume_sweep

    result = resume_sweep(
        options.folder, progress=not options.quiet, **options.execution.arguments()
    )
    return _print("sweep resume", result, options.folder, [], as_json=options.json)


@Parameter(name="*")
@dataclass(frozen=True)
class SweepShowOptions:
    """The options of the command."""

    folder: Path
    """The folder of the sweep."""

    _: KW_ONLY

    sort: str | None = None
    """The measure to sort by; by default a loss on the validation, the test or the training set."""

    limit: OptionalWhole = None
    """Combinations of settings to print. [default: 10]"""

    json: Switch = False
    """Print one JSON object."""


def sweep_show(options: SweepShowOptions) -> int:
    """Print the best settings of the sweep in a folder."""
    from rosenblatt.sweeps import read_sweep

    if options.limit is not None and options.limit < 0:
        raise ConfigurationError(f"--limit must be at least 0, got {options.limit}")
    found = read_sweep(options.folder)
    limit = MOST_SHOWN if options.limit is None else options.limit
    return _print(
        "sweep show",
        found,
        options.folder,
        [],
        as_json=options.json,
        sort=options.sort,
        limit=limit,
    )


def _print(
    command: str,
    found: "SweepTable",
    folder: Path | None,
    more: Sequence[str],
    *,
    as_json: bool,
    sort: str | None = None,
    limit: int = MOST_SHOWN,
) -> int:
    """Print the numbers of networks, and the best combinations of settings."""
    from rosenblatt.sweeps.measures import is_better_high
    from rosenblatt.sweeps.table import EPOCHS

    cells = found.mean_over_seeds().to_pylist()
    name = _default_sort(found) if sort is None else sort
    found.column(name)
    if name not in found.measures:
        raise ConfigurationError(f"--sort {name} is a setting; sort by a measure")
    sign = -1 if is_better_high(name) else 1
    has_epochs = EPOCHS in found.table.column_names
    # Cells that halving stopped early come after those that trained longer.
    cells.sort(
        key=lambda row: (
            -row.get(EPOCHS, 0),
            sign * row[name] if math.isfinite(row[name]) else math.inf,
        )
    )
    result = {
        "command": command,
        "folder": folder,
        "networks": len(found),
        "diverged": found.n_diverged,
        "stopped": found.n_stopped,
        "not_computed": found.n_missing,
        "settings": found.settings,
        "measures": found.measures,
        "sorted_by": name,
        "cells": cells[:limit] if command == "sweep show" else cells[:MOST_SHOWN],
    }
    lost = f", {found.n_diverged} diverged" if found.n_diverged else ""
    lost += f", {found.n_stopped} stopped early" if found.n_stopped else ""
    missing = f", {found.n_missing} not computed yet" if found.n_missing else ""
    lines = [
        f"networks    {len(found)}{lost}{missing}",
        *([] if folder is None else [f"folder      {printable(str(folder))}"]),
        "",
        *table(
            [
                *found.settings,
                "networks",
                "diverged",
                *(["epochs"] if has_epochs else []),
                *found.measures,
            ],
            [_cells(found, row) for row in cells[:limit]],
            left=0,
        ),
    ]
    if len(cells) > limit:
        lines.append(f"... and {len(cells) - limit} more combinations; sorted by {name}")
    if found.n_missing and folder is not None:
        lines.append(f"go on with: rosenblatt sweep resume {shlex.quote(str(folder))}")
    if len(set(found.column("seed").tolist())) > 1:
        lines.append("mean ± standard deviation over the seeds that have not diverged")
    emit(result, [*lines, *more], as_json=as_json)
    return 0


def _default_sort(found: "SweepTable") -> str:
    for part in ("validation", "test", "train"):
        if f"{part}_loss" in found.measures:
            return f"{part}_loss"
    return found.measures[0]


def _cells(found: "SweepTable", row: Mapping[str, Any]) -> list[str]:
    from rosenblatt.sweeps.table import EPOCHS

    settings = [row[name] for name in found.settings]
    shown = [f"{one:.4g}" if isinstance(one, float) else str(one) for one in settings]
    return [
        *(printable("default" if one == "None" else one) for one in shown),
        str(row["networks"]),
        str(row["diverged"]),
        *([str(row[EPOCHS])] if EPOCHS in row else []),
        *(_spread(name, row[name], row[f"{name}_std"]) for name in found.measures),
    ]


def _spread(name: str, mean: float, deviation: float) -> str:
    """Return a mean over seeds, with their standard deviation if there are several."""
    if not math.isfinite(mean):
        return ""
    text = _measure(name, mean)
    if not math.isfinite(deviation):
        return text
    if text.endswith(" %"):
        return f"{text[:-2]} ± {100 * deviation:.2g} %"
    return f"{text} ± {deviation:.2g}"


def _measure(name: str, value: float) -> str:
    if name.endswith("accuracy") or name.endswith("accuracy)"):
        return f"{percent(value)} %"
    return number(value) if "loss" in name else f"{value:.5g}"
