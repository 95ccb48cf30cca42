"""The commands ``runs show`` and ``runs compare``."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from rosenblatt.cli.output_options import FIGURES, check_writable
from rosenblatt.cli.printing import emit, number, percent, printable, table
from rosenblatt.cli.runs_folder import RunsFolder
from rosenblatt.errors import shorten
from rosenblatt.settings.params import Switch

if TYPE_CHECKING:
    from rosenblatt.runs import ComparedRun, ListedRun
    from rosenblatt.training.storage.config import RunConfig


@Parameter(name="*")
@dataclass(frozen=True)
class RunsShowOptions:
    """The options of the command."""

    run: str
    """The run's id, or its folder."""

    _: KW_ONLY

    folder: RunsFolder = field(default_factory=RunsFolder)

    json: bool = False
    """Print one JSON object."""


def runs_show(options: RunsShowOptions) -> int:
    """Print the settings of a run, its progress and its results."""
    from rosenblatt.runs import find

    show(find(options.run, options.folder.runs), "runs show", as_json=options.json)
    return 0


def show(path: Path, command: str, *, as_json: bool) -> None:
    """Print the settings, progress and results of the run in a folder.

    Raises:
        FileError: its settings are damaged.
    """
    from rosenblatt.errors import FileError
    from rosenblatt.runs import compare
    from rosenblatt.runs.index import read_record
    from rosenblatt.runs.listed_run import listed_run_of, read_settings
    from rosenblatt.training.storage.config import differences
    from rosenblatt.training.storage.folder import RunFolder

    folder = RunFolder(path)
    config = read_settings(folder)
    entry = listed_run_of(folder, path.resolve().name, read_record(folder))
    try:
        (compared,) = compare([path]).runs
    except FileError:
        compared = None
    checkpoints = [
        {"update": file.update, "file": file.path, "bytes": file.path.lstat().st_size}
        for file in reversed(folder.checkpoints())
    ]
    start, end, kept = ({}, {}, None) if compared is None else _measured(compared)
    result = {
        "command": command,
        "folder": path,
        **asdict(entry),
        "start": start,
        "end": end,
        "kept_epoch": kept,
        "fork": None if config.fork is None else config.fork.model_dump(),
        "checkpoints": checkpoints,
        "differences": differences(config),
        "settings": config.model_dump(),
    }
    lines = _lines(path, entry, config, result)
    emit(result, [printable(line) for line in lines], as_json=as_json)


def _measured(compared: "ComparedRun") -> tuple[dict[str, Any], dict[str, Any], float | None]:
    """Return the metrics at the start and at the end, and the epoch of the final weights."""
    from rosenblatt.runs.run_comparison import MEASURED, mean_and_deviation

    if not any(len(rows["epoch"]) for rows in compared.histories):
        return {}, {}, None
    start = {name: mean_and_deviation(compared.first(name)) for name in MEASURED}
    end = {name: mean_and_deviation(compared.final(name)) for name in MEASURED}
    return start, end, mean_and_deviation(compared.final("epoch"))["mean"]


def _lines(
    path: Path, entry: "ListedRun", config: "RunConfig", result: dict[str, Any]
) -> list[str]:
    asked, of_epochs = config.training, f"{entry.epoch} of {config.training.epochs} epochs"
    seeds = shorten([str(seed) for seed in asked.seeds], most=5)
    many = len(asked.seeds) > 1
    rate = "" if entry.learning_rate is None else f" at learning rate {entry.learning_rate:g}"
    rows = ", ".join(f"{rows.samples} {name}" for name, rows in config.data.items())
    lines = [
        f"run         {path}: {entry.state}",
        f"model       {entry.model}, {entry.loss}",
        f"trained by  {entry.optimizer}{rate}, batch size {asked.batch_size}, "
        f"{'seeds' if many else 'seed'} {seeds}, {asked.dtype}, {asked.engine} engine",
        f"rows        {rows}",
    ]
    if entry.epoch is not None:
        lines.append(f"trained     {of_epochs}, {entry.updates} updates, {entry.seconds:.2f} s")
    for name in ("train", "validation", "test"):
        if result["end"] and result["end"][f"{name}_loss"]["mean"] is not None:
            lines.append(f"{name:<12}{_change(name, result['start'], result['end'])}")
    if many and result["end"]:
        lines.append(f"            means ± standard deviations over {len(asked.seeds)} seeds")
    elif result["kept_epoch"] not in (None, entry.epoch) and _stops_early(config):
        lines.append(f"kept        the weights of epoch {result['kept_epoch']:.0f}")
    if entry.stopped:
        lines.append(f"stopped     {' '.join(entry.stopped.split())}")
    if config.fork is not None:
        batch = f", batch {config.fork.batch} of the next" if config.fork.batch else ""
        lines.append(f"fork of     {config.fork.run}, after epoch {config.fork.epoch}{batch}")
    lines.append(f"checkpoints {_checkpoints(path, result['checkpoints'])}")
    lines.append(f"begun       {config.made.at}, {_versions(config)}")
    lines += [f"since then  {change}" for change in result["differences"]]
    if entry.damage:
        lines.append(f"damage      {' '.join(entry.damage.split())}")
    return lines


def _change(name: str, start: dict[str, Any], end: dict[str, Any]) -> str:
    loss, accuracy = f"{name}_loss", f"{name}_accuracy"
    text = f"loss {spread(start[loss], number)} → {spread(end[loss], number)}"
    if end[accuracy]["mean"] is None:
        return text
    before, after = spread(start[accuracy], percent), spread(end[accuracy], percent)
    return f"{text}, accuracy {before} → {after} %"


def spread(of: dict[str, float | None], show: Any) -> str:
    """Return a mean with its standard deviation, if there is one."""
    if of["mean"] is None:
        return ""
    return show(of["mean"]) + ("" if of["sd"] is None else f" ± {show(of['sd'])}")


def _stops_early(config: "RunConfig") -> bool:
    return any(callback.name == "EarlyStopping" for callback in config.callbacks)


def _checkpoints(path: Path, files: Sequence[dict[str, Any]]) -> str:
    if not files:
        return "none"
    size = sum(file["bytes"] for file in files)
    last = files[-1]["update"]
    updates = f"from update {files[0]['update']} to {last}" if len(files) > 1 else f"update {last}"
    return f"{len(files)}, {updates}, {size / 1e6:.2f} MB, in {path / 'checkpoints'}"


def _versions(config: "RunConfig") -> str:
    named = [f"{name} {config.made.versions.get(name, '?')}" for name in ("rosenblatt", "numpy")]
    return ", ".join(named)


@Parameter(name="*")
@dataclass(frozen=True)
class RunsCompareOptions:
    """The options of the command."""

    ids: Annotated[tuple[str, ...], Parameter(negative=())]
    """The runs, each by its id or its folder."""

    _: KW_ONLY

    folder: RunsFolder = field(default_factory=RunsFolder)

    pool: Switch = False
    """Treat runs that differ only in their seeds as one run with several seeds."""

    out: Path | None = None
    """Draw loss and accuracy of the runs to this .png, .svg or .pdf file."""

    json: bool = False
    """Print one JSON object."""


def runs_compare(options: RunsCompareOptions) -> int:
    """Print the final metrics of runs, and draw their curves."""
    from rosenblatt.runs import compare, find

    if options.out is not None:
        check_writable("--out", options.out, FIGURES)
    paths = [find(id_, options.folder.runs) for id_ in options.ids]
    comparison = compare(paths, pool=options.pool)
    rows = comparison.table.to_pylist()
    files = {}
    if options.out is not None:
        from rosenblatt.plotting import save_figure
        from rosenblatt.runs import plot_comparison

        save_figure(plot_comparison(comparison), options.out)
        files["figure"] = str(options.out)
    for row, run in zip(rows, comparison.runs, strict=True):
        row |= {"seed_list": run.seeds, "folders": run.folders}
    result = {
        "command": "runs compare",
        "runs": rows,
        "notes": comparison.notes,
        "files": files,
    }
    lines = _table(rows)
    lines += [f"note: {printable(note)}" for note in comparison.notes]
    lines += [f"wrote {path}" for path in files.values()]
    emit(result, lines, as_json=options.json)
    return 0


def _table(rows: list[dict[str, Any]]) -> list[str]:
    """Return the lines of the table: means ± standard deviations over the seeds."""
    shown = [
        (name, title, show)
        for name, title, show in (
            ("train_loss", "train loss", number),
            ("train_accuracy", "train %", percent),
            ("validation_loss", "validation loss", number),
            ("validation_accuracy", "validation %", percent),
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
