"""The commands ``runs list`` and ``runs rm``."""

import sys
from dataclasses import KW_ONLY, asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from rosenblatt.cli.params import OptionalWhole, RunsFolder, Switch, parse_texts
from rosenblatt.cli.printing import emit, number, percent, printable, table
from rosenblatt.errors import ConfigurationError
from rosenblatt.progress import Bar

if TYPE_CHECKING:
    from rosenblatt.runs import Entry

MOST_LETTERS = 40
"""Of a run's name in the printed table; the JSON object has all of it."""
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
    """All settings of the command: its flags and its help."""

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
    """Such as "test_accuracy>0.9" or "state=finished"; all must hold, where it is given again."""

    limit: OptionalWhole = None
    """Print this many at most."""

    json: bool = False
    """Print one JSON object, with all columns."""


def runs_list(options: RunsListOptions = RunsListOptions()) -> int:
    """List the runs in a folder, with a progress bar where there is much to read."""
    from rosenblatt.runs import entries

    if options.limit is not None and options.limit < 0:
        raise ConfigurationError(f"--limit must be at least 0, got {options.limit}")
    with _ReadingBar() as reading:
        found = entries(
            options.folder,
            filters=options.filter,
            sort=options.sort,
            descending=options.descending,
            watch=reading.watch,
        )
    shown = found[: options.limit]
    result = {
        "command": "runs list",
        "folder": options.folder,
        "count": len(found),
        "runs": [asdict(entry) for entry in shown],
    }
    lines = table(HEADER, map(_cells, shown), left=4) if shown else []
    lines += [_damage(entry) for entry in shown if entry.damage]
    if len(shown) < len(found):
        lines.append(f"{len(shown)} of {len(found)} runs")
    elif not found:
        lines.append(
            f"no such runs in {options.folder}"
            if options.filter
            else f"no runs in {options.folder}"
        )
    emit(result, lines, as_json=options.json)
    return 0


class _ReadingBar:
    """A progress bar for reading runs, shown where there are many."""

    FROM = 200

    def __init__(self) -> None:
        self._bar: Bar | None = None

    def __enter__(self) -> "_ReadingBar":
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)

    def watch(self, done: int, of: int) -> None:
        """Show the number of runs that have been read."""
        if of < self.FROM:
            return
        if self._bar is None:
            self._bar = Bar(of, lambda n: f"run {n:.0f}/{of}").__enter__()
        if done % 100 == 0:
            self._bar.show(done, "reading runs")


def _cells(entry: "Entry") -> list[str]:
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


def _damage(entry: "Entry") -> str:
    return f"{printable(entry.id)}: {printable(' '.join((entry.damage or '').split()))}"


@Parameter(name="*")
@dataclass(frozen=True)
class RunsRemoveOptions:
    """All settings of the command: its flags and its help."""

    ids: Annotated[tuple[str, ...], Parameter(negative=())]
    """The ids of the runs."""

    _: KW_ONLY

    folder: RunsFolder = field(default_factory=RunsFolder)

    yes: Switch = False
    """Remove them without asking."""

    json: bool = False
    """Print one JSON object."""


def runs_rm(options: RunsRemoveOptions) -> int:
    """Remove runs: all of those named, or none where one of them cannot be."""
    from rosenblatt.runs import remove
    from rosenblatt.runs.removal import removable

    ids = list(dict.fromkeys(options.ids))
    paths = [removable(one, options.folder.runs) for one in ids]
    names = ", ".join(printable(str(path)) for path in paths)
    if not options.yes and not _agreed(names):
        print("rosenblatt: nothing was removed", file=sys.stderr)
        return 0
    for one in ids:
        remove(one, options.folder.runs)
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
