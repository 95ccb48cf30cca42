"""``rosenblatt bench``."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from rosenblatt.cli.parsing import parse_names
from rosenblatt.cli.printing import emit, table
from rosenblatt.progress import Bar

if TYPE_CHECKING:
    from rosenblatt.bench.results import Results


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class BenchSettings:
    """All settings of the command: its flags and its help."""

    only: Annotated[
        tuple[str, ...] | None,
        Parameter(converter=parse_names, n_tokens=1, negative=(), metavar="ROW"),
    ] = None
    """A row to measure, such as one-b1 (again for each, or one-b1,one-b10); all by default."""

    without: Annotated[
        tuple[str, ...],
        Parameter(converter=parse_names, n_tokens=1, negative=(), metavar="CONTENDER"),
    ] = ()
    """A contender to leave out, such as pytorch-compiled, which needs a minute per row."""

    out: Path | None = None
    """The folder to write RESULTS.md, results.json and figures to; by default none."""

    quick: bool = False
    """Measure so little that it only shows that everything runs."""

    json: bool = False
    """Print one JSON object."""

    quiet: bool = False
    """Show no progress."""


def bench(settings: BenchSettings = BenchSettings()) -> int:
    """Measure with a progress bar, write the files after each row, and print the table."""
    from rosenblatt.bench.files import check_folder, write_results
    from rosenblatt.bench.markdown import other_lines, table_of_contenders
    from rosenblatt.bench.run import run_bench
    from rosenblatt.bench.works import find_rows

    rows = len(find_rows(settings.only))
    files: list[Path] = []

    def write(results: "Results") -> None:
        if settings.out is not None:
            files[:] = write_results(results, settings.out)

    if settings.out is not None:
        check_folder(settings.out)
    with Bar(rows, lambda done: f"row {done + 1:.0f}/{rows}", quiet=settings.quiet) as bar:
        results = run_bench(
            settings.only,
            without=settings.without,
            quick=settings.quick,
            on_progress=bar.show,
            on_row=write,
        )
    found = {"command": "bench", **results.as_json(), "files": files}
    lines = table(*table_of_contenders(results), left=2) if results.rows else []
    emit(found, [*lines, *other_lines(results)], as_json=settings.json)
    return 0
