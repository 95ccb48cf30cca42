"""The commands ``runs list`` and ``runs rm``."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import KW_ONLY, asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from rosenblatt.cli.printing import emit, number, percent, printable, table
from rosenblatt.cli.runs_folder import RunsFolder
from rosenblatt.errors import ConfigurationError
from rosenblatt.progress_bar import Bar
from rosenblatt.settings.params import OptionalWhole, Switch, parse_texts

if TYPE_CHECKING:
    from rosenblatt.runs import ListedRun

MOST_LETTERS = 40
"""Longest name of a run in the printed table; the JSON object has the whole name."""
MANY_RUNS = 200
"""The smallest number of runs that has a progress bar."""
HEADER = [
    "run",
    "state",
    "model",
    "optimizer",
    "rate",
    "batch",
    "seeds",
    "epoch",
    "train loss",
    "test loss",
    "test %",
]


@Parameter(name="*")
@dataclass(frozen=True)
class RunsListOptions:
    """The options of the command."""

    folder: Path = Path("runs")
    """The folder of runs."""

    _: KW_ONLY

    sort: str = "id"
    """The column to sort by; a run that has nothing there comes last."""

    descending: Switch = False
    """Sort from the largest to the smallest."""

    filter: Annotated[
        tuple[str, ...],
        Parameter(converter=parse_texts, n_tokens=1, negative=(), metavar="CONDITION"),
    ] = ()
    """Such as "test_accuracy>0.9" or "state=finished"; may be given again, and all must hold."""

    limit: OptionalWhole = None
    """Print this many at most."""

    json: bool = False
    """Print one JSON object, with all columns."""


def runs_list(options: RunsListOptions = RunsListOptions()) -> int:
    """List the runs in a folder, with a progress bar if there are many to read."""
    from rosenblatt.runs import list_runs

    if options.limit is not None and options.limit < 0:
        raise ConfigurationError(f"--limit must be at least 0, got {options.limit}")
    with ExitStack() as stack:
        matching = list_runs(
            options.folder,
            filters=options.filter,
            sort=options.sort,
            descending=options.descending,
            watch=_reading_bar(stack),
        )
    shown = matching[: options.limit]
    result = {
        "command": "runs list",
        "folder": options.folder,
        "count": len(matching),
        "runs": [asdict(entry) for entry in shown],
    }
    lines = table(HEADER, map(_cells, shown), left=4) if shown else []
    lines += [_damage(entry) for entry in shown if entry.damage]
    if len(shown) < len(matching):
        lines.append(f"{len(shown)} of {len(matching)} runs")
    elif not matching:
        lines.append(
            f"no such runs in {options.folder}"
            if options.filter
            else f"no runs in {options.folder}"
        )
    emit(result, lines, as_json=options.json)
    return 0


def _reading_bar(stack: ExitStack) -> Callable[[int, int], None]:
    """Return a function that shows the number of runs that have been read; ``stack`` ends it."""
    bars: list[Bar] = []

    def watch(done: int, of: int) -> None:
        if of < MANY_RUNS:
            return
        if not bars:
            bars.append(stack.enter_context(Bar(of, lambda n: f"run {n:.0f}/{of}")))
        if done % 100 == 0:
            bars[0].show(done, "reading runs")

    return watch


def _cells(entry: "ListedRun") -> list[str]:
    name = printable(entry.id)
    epoch = "" if entry.epoch is None else f"{entry.epoch}/{entry.epochs}"
    return [
        name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1]}…",
        entry.state,
        printable(entry.model or "")[:MOST_LETTERS],
        printable(entry.optimizer or "")[:MOST_LETTERS],
        "" if entry.learning_rate is None else f"{entry.learning_rate:g}",
        _text(entry.batch_size),
        _text(entry.members),
        epoch,
        "" if entry.train_loss is None else number(entry.train_loss),
        "" if entry.test_loss is None else number(entry.test_loss),
        "" if entry.test_accuracy is None else percent(entry.test_accuracy),
    ]


def _text(value: int | None) -> str:
    return "" if value is None else str(value)


def _damage(entry: "ListedRun") -> str:
    return f"{printable(entry.id)}: {printable(' '.join((entry.damage or '').split()))}"


@Parameter(name="*")
@dataclass(frozen=True)
class RunsRemoveOptions:
    """The options of the command."""

    ids: Annotated[tuple[str, ...], Parameter(negative=())]
    """The ids of the runs."""

    _: KW_ONLY

    folder: RunsFolder = field(default_factory=RunsFolder)

    yes: Switch = False
    """Remove them without asking."""

    json: bool = False
    """Print one JSON object."""


def runs_rm(options: RunsRemoveOptions) -> int:
    """Remove the named runs, or none of them if one cannot be removed."""
    from rosenblatt.runs import remove
    from rosenblatt.runs.removal import removable

    ids = list(dict.fromkeys(options.ids))
    paths = [removable(id_, options.folder.runs) for id_ in ids]
    names = ", ".join(printable(str(path)) for path in paths)
    if not options.yes and not _agreed(names):
        print("rosenblatt: nothing was removed", file=sys.stderr)
        return 0
    for id_ in ids:
        remove(id_, options.folder.runs)
    emit({"command": "runs rm", "removed": paths}, [f"removed {names}"], as_json=options.json)
    return 0


def _agreed(names: str) -> bool:
    """Ask on the terminal.

    Raises:
        ConfigurationError: there is nobody to ask.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise ConfigurationError(f"this removes {names} with all that is in there: add --yes")
    print(f"Remove {names} with all that is in there? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("y", "yes")
