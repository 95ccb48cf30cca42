"""``rosenblatt runs compare RUN RUN ...``."""

from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from rosenblatt.cli.output import FIGURES, check_writable
from rosenblatt.cli.printing import emit, number, percent, printable, table
from rosenblatt.cli.runs_folder import Folder
from rosenblatt.cli.runs_show import spread


@Parameter(name="*")
@dataclass(frozen=True)
class CompareSettings:
    """All settings of the command: its flags and its help."""

    ids: Annotated[tuple[str, ...], Parameter(negative=())]
    """The runs, each by its id or its folder."""

    _: KW_ONLY

    folder: Folder = field(default_factory=Folder)

    pool: Annotated[bool, Parameter(negative=())] = False
    """Take runs that differ in nothing but their seeds for one with several seeds."""

    out: Path | None = None
    """Draw loss and accuracy of the runs to this .png, .svg or .pdf file."""

    json: bool = False
    """Print one JSON object."""


def runs_compare(settings: CompareSettings) -> int:
    """Print what the runs ended with, and draw their curves."""
    from rosenblatt.runs import compare, find

    if settings.out is not None:
        check_writable("--out", settings.out, FIGURES)
    paths = [find(one, settings.folder.runs) for one in settings.ids]
    comparison = compare(paths, pool=settings.pool)
    rows = comparison.table.to_pylist()
    files = {}
    if settings.out is not None:
        from rosenblatt.plotting import save_figure
        from rosenblatt.runs import plot_comparison

        save_figure(plot_comparison(comparison), settings.out)
        files["figure"] = str(settings.out)
    for row, run in zip(rows, comparison.runs, strict=True):
        row |= {"measured": run.measured, "seed_list": run.seeds, "folders": run.folders}
    result = {
        "command": "runs compare",
        "runs": rows,
        "notes": comparison.notes,
        "files": files,
    }
    lines = _table(rows)
    lines += [f"note: {printable(note)}" for note in comparison.notes]
    lines += [f"wrote {path}" for path in files.values()]
    emit(result, lines, as_json=settings.json)
    return 0


def _table(rows: list[dict[str, Any]]) -> list[str]:
    """Return the lines of the table: means ± standard deviations over the seeds."""
    shown = [
        (name, title, show)
        for name, title, show in (
            ("train_loss", "train loss", number),
            ("train_accuracy", "train %", percent),
            ("test_loss", "test loss", number),
            ("test_accuracy", "test %", percent),
        )
        if any(row[name] is not None for row in rows)
    ]
    header = ["run", "seeds", "epoch", "updates", *(title for _, title, _ in shown)]
    cells = [
        [
            printable(row["run"]),
            str(row["seeds"]),
            *("" if row[n] is None else f"{row[n]:.10g}" for n in ("epoch", "updates")),
            *(spread({"mean": row[n], "sd": row[f"{n}_sd"]}, show) for n, _, show in shown),
        ]
        for row in rows
    ]
    return table(header, cells)
