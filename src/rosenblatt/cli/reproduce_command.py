"""``rosenblatt reproduce``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from rosenblatt.cli.printing import emit
from rosenblatt.progress_bar import Bar, shown_by
from rosenblatt.settings.params import Switch, Whole


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ReproduceOptions:
    """The options of the command."""

    out: Path = Path("reproductions")
    """The folder to write; made if it is missing."""

    seeds: Whole | None = None
    """Runs for each setting; by default the number that each result has."""

    full: Switch = False
    """With the sizes of the source, where those by default are smaller."""

    jobs: Whole = -1
    """Processes to spread the work over, at most and by default one per core (-1)."""

    dask: Annotated[str | None, Parameter(metavar="ADDRESS")] = None
    """Compute on a Dask cluster, by its scheduler's address (tcp://host:8786), not here."""

    fresh: Switch = False
    """Compute again what the cache of a result holds, and replace it there."""

    json: bool = False
    """Print one JSON object."""

    quiet: bool = False
    """Show no progress."""


def reproduce(
    *names: Annotated[str, Parameter(metavar="NAME")],
    options: ReproduceOptions = ReproduceOptions(),
) -> int:
    """Compute results again with a progress bar, and print where their pages are."""
    from rosenblatt.reproductions import reproduce

    with Bar(1.0, lambda done: f"{100 * done:3.0f} %", quiet=options.quiet) as bar:
        summary = reproduce(
            names or None,
            options.out,
            seeds=options.seeds,
            full=options.full,
            jobs=options.jobs,
            dask=options.dask,
            fresh=options.fresh,
            progress=shown_by(bar),
        )
    width = max(len(name) for name in summary.names)
    lines = [
        f"pages       {summary.page}",
        *(
            f"{name:<{width}}  {', '.join(f'{verdict}: {n}' for verdict, n in counts.items())}"
            for name, counts in summary.verdicts.items()
        ),
        f"took        {summary.seconds:.1f} s",
    ]
    emit({"command": "reproduce", **summary.as_json()}, lines, as_json=options.json)
    return 0
