"""The end of a training command: write the files, and say what came of the run."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rosenblatt.cli.description import summary
from rosenblatt.cli.output import Output, write_history, write_plot
from rosenblatt.cli.preparation import Parts
from rosenblatt.cli.printing import emit, number, percent
from rosenblatt.cli.training import Outcome, how_to_go_on

if TYPE_CHECKING:
    from rosenblatt.data import Dataset
    from rosenblatt.training import Run

LARGE_TARGET = 10.0
"""Errors of such targets make gradients that the default learning rate is too large for."""


def conclude(
    outcome: Outcome,
    output: Output,
    details: tuple[dict[str, object], Sequence[str]] = ({}, ()),
) -> int:
    """Write the files, print the result, and return the exit status.

    Args:
        outcome: the run.
        output: what to write where.
        details: what else to print: entries of the JSON object, and lines.
    """
    files = _write_files(outcome, output)
    run, parts = outcome.run, outcome.parts
    end = {name: run.evaluate(rows) for name, rows in _sets(parts).items()}
    start = _start(outcome)
    result = {
        "command": outcome.command.name,
        "data": outcome.command.data.model_dump(),
        "rows": {name: len(rows) for name, rows in _sets(parts).items()},
        "model": {
            "description": outcome.command.model,
            "parameters": sum(value.size for value in run.params.values()),
            "loss": type(run.loss).__name__,
        },
        "settings": run.settings,
        **_effort(run),
        "kept_epoch": outcome.kept,
        "start": start,
        "end": {name: {"loss": m.loss, "accuracy": m.accuracy} for name, m in end.items()},
        **details[0],
        "stopped": outcome.stopped,
        "diverged": run.diverged,
        "files": files,
    }
    emit(result, _lines(outcome, result, details[1]), as_json=output.json)
    if run.diverged:
        kept = "nothing" if outcome.kept is None else f"the weights of epoch {outcome.kept}"
        print(f"rosenblatt: error: {run.stopped}{_advice(parts)}; kept: {kept}", file=sys.stderr)
        return 2
    if outcome.run_dir is not None and run.directory is None:
        print(
            f"rosenblatt: error: the end of the run was not kept in {outcome.run_dir}; when it can "
            f"be, {how_to_go_on(outcome.run_dir)}",
            file=sys.stderr,
        )
        return 2
    return 0


def _advice(parts: Parts) -> str:
    """Say what else may help a run that diverged: nothing that was done already."""
    largest = 0.0 if parts.train.classes is not None else float(abs(parts.train.y).max())
    helpful = ["--standardize"] if parts.standardizer is None else []
    if largest > LARGE_TARGET:
        helpful.append(f"a unit that makes the targets, now up to {largest:.4g}, about 1")
    return f", and so may {' and '.join(helpful)}" if helpful else ""


def _sets(parts: Parts) -> dict[str, "Dataset"]:
    sets = {"train": parts.train, "validation": parts.validation, "test": parts.test}
    return {name: rows for name, rows in sets.items() if rows is not None}


def _start(outcome: Outcome) -> dict[str, dict[str, float]]:
    """Return what was measured before the first update."""
    if not outcome.run.history:
        return {}
    row = outcome.run.history[0]
    columns = {"train": "train", outcome.parts.measured: "test"}
    return {
        name: {"loss": row[f"{column}_loss"], "accuracy": row[f"{column}_accuracy"]}
        for name, column in columns.items()
        if name in _sets(outcome.parts)
    }


def _effort(run: "Run") -> dict[str, float]:
    last = run.history[-1] if run.history else {}
    return {name: last.get(name, 0) for name in ("epoch", "updates", "seconds")}


def _write_files(outcome: Outcome, output: Output) -> dict[str, str]:
    run, files = outcome.run, {}
    if run.directory is not None:
        files["run"] = str(run.directory)
    if output.history is not None:
        write_history(run.history, output.history, outcome.parts.measured)
        files["history"] = str(output.history)
    if output.save is not None:
        from rosenblatt.training import save_model

        save_model(
            output.save,
            run,
            feature_names=outcome.parts.train.feature_names,
            standardizer=outcome.parts.standardizer,
            label=outcome.label,
        )
        files["model"] = str(output.save)
    if output.plot is not None:
        has_accuracy = run.classes is not None
        write_plot(run.history, output.plot, outcome.parts.measured, has_accuracy=has_accuracy)
        files["plot"] = str(output.plot)
    return files


def _lines(outcome: Outcome, result: dict[str, Any], details: Sequence[str]) -> list[str]:
    rows = ", ".join(f"{count} {name}" for name, count in result["rows"].items())
    standardized = ", inputs standardized" if outcome.parts.standardizer else ""
    lines = [
        f"data        {summary(result['data'])}",
        f"rows        {rows}{standardized}",
        f"model       {result['model']['description']}; {result['model']['parameters']} parameters",
        f"trained     {result['epoch']} epochs, {result['updates']} updates at batch size "
        f"{outcome.run.settings['batch_size']}, {result['seconds']:.2f} s",
    ]
    for name, end in result["end"].items():
        lines.append(f"{name:<12}{_change(result['start'].get(name), end)}")
    lines += details
    if outcome.stopped is not None and not outcome.run.diverged:
        lines.append(f"stopped     {outcome.stopped}")
    if outcome.kept not in (None, result["epoch"]):
        lines.append(f"kept        the weights of epoch {outcome.kept}")
    if result["files"]:
        lines.append(f"wrote       {', '.join(result['files'].values())}")
    return lines


def _change(start: dict[str, float] | None, end: dict[str, float]) -> str:
    """Return loss and accuracy from start to end; for a regression there is no accuracy."""
    before = "" if start is None else f"{number(start['loss'])} → "
    text = f"loss {before}{number(end['loss'])}"
    if end["accuracy"] != end["accuracy"]:
        return text
    before = "" if start is None else f"{percent(start['accuracy'])} → "
    return f"{text}, accuracy {before}{percent(end['accuracy'])} %"
