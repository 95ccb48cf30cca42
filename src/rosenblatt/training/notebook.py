"""HTML tables that notebooks show for histories, runs and groups of runs."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rosenblatt.training.history import History
    from rosenblatt.training.run import Run, RunGroup

MOST_ROWS = 10
"""A longer table shows its first and its last rows."""


def history_html(history: "History") -> str:
    """Return the evaluations as a table."""
    rows = [[_text(name, row[name]) for name in history.columns] for row in history]
    return _table(history.columns, rows)


def run_html(run: "Run") -> str:
    """Return the settings of a run, how it ended, and its history."""
    ended = run.stopped or "all epochs"
    facts = {
        "model": repr(run.model),
        "loss": repr(run.loss),
        "optimizer": run.settings.get("optimizer", ""),
        "seed": str(run.seed),
        "ended": ended,
    }
    lines = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th>"
        f"<td style='text-align:left'>{escape(str(value))}</td></tr>"
        for name, value in facts.items()
    )
    return f"<table>{lines}</table>{history_html(run.history)}"


def group_html(runs: "RunGroup") -> str:
    """Return a table with the weights' measurements of every run."""
    rows: list[list[str]] = []
    names: Sequence[str] = ()
    for run in runs:
        metrics: Mapping[str, Any] = run.metrics or {}
        names = names or [name for name in metrics if name not in ("examples", "seconds")]
        rows.append([str(run.seed), *(_text(name, metrics.get(name, "")) for name in names)])
    return _table(["seed", *names], rows)


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    half = MOST_ROWS // 2
    shown: list[Sequence[str]] = [*rows]
    if len(rows) > MOST_ROWS:
        shown = [*rows[:half], ["…"] * len(names), *rows[-half:]]
    body = "".join(f"<tr>{_cells('td', row)}</tr>" for row in shown)
    head = _cells("th", [name.replace("_", " ") for name in names])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(tag: str, texts: Iterable[str]) -> str:
    return "".join(f"<{tag}>{escape(text)}</{tag}>" for text in texts)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, int | float):
        return str(value)
    if value != value:
        return "–"
    if name.endswith("accuracy"):
        return f"{100 * value:.2f} %"
    return str(value) if isinstance(value, int) else f"{value:.4g}"
