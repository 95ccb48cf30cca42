"""Building of a report: a folder with page, figures, tables and rows."""

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError
from rosenblatt.experiments import EXPERIMENTS, find_experiment, run_experiments
from rosenblatt.files import atomic_write
from rosenblatt.report.contents import CONTENTS
from rosenblatt.report.files import files_of, make_folders
from rosenblatt.report.page import render_page
from rosenblatt.report.parts import Results
from rosenblatt.report.pdf import find_browser, pdf_bytes
from rosenblatt.report.record import make_record

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class ReportSummary:
    """Contents and place of a report.

    Attributes:
        out: the folder.
        page: the page in it.
        experiments: whose results it holds.
        seeds: own runs per experiment.
        figures: how many figures it shows.
        tables: how many tables it shows.
        files: everything written, relative to ``out``.
        seconds: from start to end.
        pdf: the page as PDF, where it was asked for.
    """

    out: Path
    page: Path
    experiments: tuple[str, ...]
    seeds: int
    figures: int
    tables: int
    files: tuple[str, ...]
    seconds: float
    pdf: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """Return everything as values that JSON knows."""
        return asdict(self) | {
            "out": str(self.out),
            "page": str(self.page),
            "pdf": None if self.pdf is None else str(self.pdf),
        }


def build_report(
    out: str | os.PathLike[str],
    *,
    seeds: int = 3,
    only: Sequence[str] | None = None,
    jobs: int = -1,
    dask: str | None = None,
    fresh: bool = False,
    pdf: bool = False,
    progress: Progress | None = None,
) -> ReportSummary:
    """Run the experiments and write the report about them.

    What tasks of the experiments return is kept in the folder ``cache`` of the report, as soon as
    each has ended: the next report, after a change or an interruption, computes the rest only.

    Args:
        out: folder for the report; made if missing. Files of an earlier report are replaced.
        seeds: own runs per experiment, at least 1.
        only: names of experiments ("E4"), in any order and case; None for all.
        jobs: processes to spread the work over; -1 for one per core.
        dask: the address of a Dask scheduler, whose workers then compute.
        fresh: compute everything again, and replace what is kept.
        pdf: print the page to ``report.pdf`` as well, by an installed browser.
        progress: called with the experiment's id and the fraction of all work that is done, before
            anything is computed, and after each piece of work.

    Raises:
        ConfigurationError: an unknown experiment, fewer than one seed, no such cluster, or no
            browser for the PDF.
        FileError: ``out`` cannot be written. That is found out before anything is computed. Or the
            browser cannot print; the page is there then.
    """
    started = time.perf_counter()
    names = _chosen(only)
    seeds = whole_number(seeds, "seeds", at_least=1)
    if pdf:
        find_browser()
    make_folders(Path(out))
    results = run_experiments(
        names,
        seeds=seeds,
        jobs=jobs,
        cache=Path(out) / "cache",
        fresh=fresh,
        dask=dask,
        on_progress=progress,
    )
    asked = None if only is None else names
    return write_report(results, out, seeds=seeds, only=asked, pdf=pdf, started=started)


def write_report(
    results: Results,
    out: str | os.PathLike[str],
    *,
    seeds: int,
    only: Sequence[str] | None = None,
    pdf: bool = False,
    started: float | None = None,
) -> ReportSummary:
    """Write the report about results at hand: page, figures, tables, rows and ``results.json``.

    All rows of the results, those behind the figures too, stand in the folder ``rows``, as
    ``<experiment>_<table>.parquet``.

    Args:
        results: by experiment.
        out: folder for the report; made if missing.
        seeds: own runs per experiment, as the page states them.
        only: the experiments asked for, None for all, as the page states them.
        pdf: print the page to ``report.pdf`` as well.
        started: what ``time.perf_counter()`` said when the work began, for the summary.

    Raises:
        ConfigurationError: no browser for the PDF.
        FileError: ``out`` cannot be written, or the browser cannot print.
    """
    started = time.perf_counter() if started is None else started
    out = Path(out)
    make_folders(out)
    contents = files_of(results, CONTENTS)
    record = make_record(results, seeds=seeds, only=only)
    contents["results.json"] = (
        json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    ).encode()
    # Last, so that the page never refers to files that are not there yet.
    page = render_page(results, record, _command(seeds, only))
    contents["index.html"] = page.encode()
    for name, content in contents.items():
        with atomic_write(out / name) as file:
            file.write(content)
    if pdf:
        contents["report.pdf"] = pdf_bytes(page, find_browser())
        with atomic_write(out / "report.pdf") as file:
            file.write(contents["report.pdf"])
    return ReportSummary(
        out=out,
        page=out / "index.html",
        experiments=tuple(results),
        seeds=seeds,
        figures=sum(figure.is_possible(results) for figure in CONTENTS.figures.values()),
        tables=sum(table.is_possible(results) for table in CONTENTS.tables.values()),
        pdf=out / "report.pdf" if pdf else None,
        files=tuple(contents),
        seconds=time.perf_counter() - started,
    )


def _chosen(only: Sequence[str] | None) -> list[str]:
    """Return the names of the experiments asked for, each once, in the order of the report."""
    if only is None:
        return list(EXPERIMENTS)
    wanted = {find_experiment(name.strip()).id for name in only}
    if not wanted:
        raise ConfigurationError(f"no experiment chosen: name some of {', '.join(EXPERIMENTS)}")
    return [name for name in EXPERIMENTS if name in wanted]


def _command(seeds: int, only: Sequence[str] | None) -> str:
    """Return the command line that makes this report."""
    chosen = "" if only is None else f" --only {','.join(only)}"
    return f"rosenblatt report --out report --seeds {seeds}{chosen}"
