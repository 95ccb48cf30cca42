"""``rosenblatt report``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from rosenblatt.cli.printing import emit
from rosenblatt.progress_bar import Bar, shown_by
from rosenblatt.settings.params import OptionalNames, Switch, Whole


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ReportOptions:
    """The options of the command."""

    out: Path = Path("report")
    """The folder to write; made if it is missing."""

    seeds: Whole = 3
    """Runs of our own per experiment, in addition to the replay."""

    only: OptionalNames = None
    """Experiments to run, such as E4,E6; all by default."""

    jobs: Whole = -1
    """Processes to spread the work over, at most and by default one per core (-1)."""

    dask: Annotated[str | None, Parameter(metavar="ADDRESS")] = None
    """Compute on a Dask cluster, by its scheduler's address (tcp://host:8786), not here."""

    fresh: Switch = False
    """Compute again what the report's cache holds, and replace it there."""

    pdf: Switch = False
    """Print the page to report.pdf as well, by an installed Chromium, Chrome or Edge."""

    json: bool = False
    """Print one JSON object."""

    quiet: bool = False
    """Show no progress."""


def report(options: ReportOptions = ReportOptions()) -> int:
    """Build the report with a progress bar, and print where it is."""
    from rosenblatt.report import build_report

    with Bar(1.0, lambda done: f"{100 * done:3.0f} %", quiet=options.quiet) as bar:
        summary = build_report(
            options.out,
            seeds=options.seeds,
            only=options.only,
            jobs=options.jobs,
            dask=options.dask,
            fresh=options.fresh,
            pdf=options.pdf,
            progress=shown_by(bar),
        )
    lines = [
        f"report      {summary.page}",
        f"contents    {', '.join(summary.experiments)}; figures: {summary.figures}, "
        f"tables: {summary.tables}, seeds: {summary.seeds}",
        *([] if summary.pdf is None else [f"as PDF      {summary.pdf}"]),
        f"took        {summary.seconds:.1f} s",
    ]
    emit({"command": "report", **summary.as_json()}, lines, as_json=options.json)
    return 0
