"""The summary at the end of a training command, and the files that it writes."""

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rosenblatt.cli.output_options import OutputOptions, write_history, write_plot
from rosenblatt.cli.printing import data_line, emit, number, percent, table
from rosenblatt.settings.splits import Splits

if TYPE_CHECKING:
    from rosenblatt.runs.command_record import Command
    from rosenblatt.training import Run

LARGE_TARGET = 10.0
"""Targets of this size make gradients for which the default learning rate is too large."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """A finished run, the command that began it, and its data.

    ``label`` is the name of the label column, and ``run_dir`` the folder of the run, if the command
    names one.
    """

    run: "Run"
    command: "Command"
    splits: Splits
    label: str | None = None
    run_dir: Path | None = None

    @property
    def kept_epoch(self) -> int | None:
        """The epoch whose weights the run ended with; None if the loss was never finite."""
        return None if self.run.metrics is None else int(self.run.metrics["epoch"])


def print_summary(
    outcome: Outcome,
    output: OutputOptions,
    details: tuple[dict[str, object], Sequence[str]] = ({}, ()),
) -> int:
    """Write the files, print the result, and return the exit status.

    Args:
        outcome: the run.
        output: what to write where.
        details: what else to print: entries of the JSON object, and lines.
    """
    files = _write_files(outcome, output)
    run, splits = outcome.run, outcome.splits
    end = {name: run.evaluate(rows) for name, rows in splits.sets.items()}
    start = _start(outcome)
    result = {
        "command": outcome.command.name,
        "data": outcome.command.data.model_dump(),
        "rows": {name: len(rows) for name, rows in splits.sets.items()},
        "model": {
            "description": outcome.command.model,
            "parameters": sum(value.size for value in run.params.values()),
            "loss": type(run.loss).__name__,
        },
        "settings": run.settings,
        **_effort(run),
        "kept_epoch": outcome.kept_epoch,
        "start": start,
        "end": {name: {"loss": m.loss, "accuracy": m.accuracy} for name, m in end.items()},
        **details[0],
        "stopped": run.stopped,
        "diverged": run.diverged,
        "files": files,
    }
    emit(result, _lines(outcome, result, details[1]), as_json=output.json)
    if run.diverged:
        kept = (
            "nothing"
            if outcome.kept_epoch is None
            else f"the weights of epoch {outcome.kept_epoch}"
        )
        print(f"rosenblatt: error: {run.stopped}{_advice(splits)}; kept: {kept}", file=sys.stderr)
        return 2
    if outcome.run_dir is not None and run.directory is None:
        print(
            f"rosenblatt: error: the end of the run was not kept in {outcome.run_dir}; when it can "
            f"be, {resume_command(outcome.run_dir)}",
            file=sys.stderr,
        )
        return 2
    return 0


def _advice(splits: Splits) -> str:
    """Return advice for a run that diverged, without what the command did already."""
    largest = 0.0 if splits.train.classes is not None else float(abs(splits.train.y).max())
    helpful = ["--standardize"] if splits.standardizer is None else []
    if largest > LARGE_TARGET:
        helpful.append(f"a unit that makes the targets, now up to {largest:.4g}, about 1")
    return f", and so may {' and '.join(helpful)}" if helpful else ""


def _start(outcome: Outcome) -> dict[str, dict[str, float]]:
    """Return the metrics before the first update."""
    if not outcome.run.history:
        return {}
    row = outcome.run.history[0]
    return {
        name: {"loss": row[f"{name}_loss"], "accuracy": row[f"{name}_accuracy"]}
        for name in outcome.splits.sets
    }


def _effort(run: "Run") -> dict[str, float]:
    last = run.history[-1] if run.history else {}
    return {name: last.get(name, 0) for name in ("epoch", "updates", "seconds")}


def _write_files(outcome: Outcome, output: OutputOptions) -> dict[str, str]:
    run, files = outcome.run, {}
    if run.directory is not None:
        files["run"] = str(run.directory)
    if output.history is not None:
        write_history(run.history, output.history)
        files["history"] = str(output.history)
    if output.save is not None:
        from rosenblatt.training import save_model

        save_model(
            output.save,
            run,
            feature_names=outcome.splits.train.feature_names,
            standardizer=outcome.splits.standardizer,
            label=outcome.label,
        )
        files["model"] = str(output.save)
    if output.plot is not None:
        write_plot(run.history, output.plot)
        files["plot"] = str(output.plot)
    return files


def _lines(outcome: Outcome, result: dict[str, Any], details: Sequence[str]) -> list[str]:
    rows = ", ".join(f"{count} {name}" for name, count in result["rows"].items())
    standardized = ", inputs standardized" if outcome.splits.standardizer else ""
    lines = [
        f"data        {data_line(result['data'])}",
        f"rows        {rows}{standardized}",
        f"model       {result['model']['description']}; {result['model']['parameters']} parameters",
        f"trained     {result['epoch']} epochs, {result['updates']} updates at batch size "
        f"{_batch_size(outcome)}, {result['seconds']:.2f} s",
    ]
    for name, end in result["end"].items():
        lines.append(f"{name:<12}{_change(result['start'].get(name), end)}")
    lines += details
    if outcome.run.stopped is not None and not outcome.run.diverged:
        lines.append(f"stopped     {outcome.run.stopped}")
    if outcome.kept_epoch not in (None, result["epoch"]):
        lines.append(f"kept        the weights of epoch {outcome.kept_epoch}")
    if result["files"]:
        lines.append(f"wrote       {', '.join(result['files'].values())}")
    return lines


def _batch_size(outcome: Outcome) -> str:
    """Return the batch size, and whether that is all training rows."""
    size = outcome.run.settings["batch_size"]
    return f"{size} (all rows)" if size == len(outcome.splits.train) else str(size)


def _change(start: dict[str, float] | None, end: dict[str, float]) -> str:
    """Return loss and accuracy from start to end; for a regression there is no accuracy."""
    before = "" if start is None else f"{number(start['loss'])} → "
    text = f"loss {before}{number(end['loss'])}"
    if end["accuracy"] != end["accuracy"]:
        return text
    before = "" if start is None else f"{percent(start['accuracy'])} → "
    return f"{text}, accuracy {before}{percent(end['accuracy'])} %"


def compare_weights(outcome: Outcome) -> tuple[dict[str, object], list[str]]:
    """Return the accuracy of all three sets of weights, and the mistakes while training."""
    from rosenblatt.models.perceptron import WEIGHTS

    run, sets = outcome.run, outcome.splits.sets
    measured: dict[str, dict[str, Any]] = {
        weights: {
            f"{name}_accuracy": run.with_weights(weights).evaluate(rows).accuracy
            for name, rows in sets.items()
        }
        for weights in WEIGHTS
    }
    mistakes = int(run.history[-1]["mistakes"]) if run.history else 0
    header = ["accuracy", *(f"{name} %" for name in sets)]
    rows = [[name, *map(percent, accuracies.values())] for name, accuracies in measured.items()]
    lines = [f"mistakes    {mistakes} while training", "", *table(header, rows)]
    return {"mistakes": mistakes, "weights": measured}, lines


@contextmanager
def resume_hint_on_interrupt(run_dir: Path | None) -> Iterator[None]:
    """Make Ctrl-C name the command that resumes the run in the folder."""
    from rosenblatt.training.storage.folder import RunFolder

    try:
        yield
    except KeyboardInterrupt:
        if run_dir is None or not RunFolder(run_dir).exists:
            raise
        raise KeyboardInterrupt(resume_command(run_dir)) from None


def resume_command(run_dir: Path) -> str:
    """Return the advice to resume a run, as a command to type."""
    return f"go on with: rosenblatt runs resume {shlex.quote(str(run_dir))}"
