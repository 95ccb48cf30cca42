"""Finished and unfinished runs: lists of them, comparisons, and the contrast of two.

>>> import tempfile
>>> import rosenblatt as rb
>>> data = rb.data.gaussians(40, means=[(2, 2), (-2, -2)], seed=0)
>>> folder = tempfile.mkdtemp()
>>> for rate in (0.1, 0.5):
...     run = rb.train(rb.MLP(2, [], 2), data, optimizer=rb.SGD(rate), run_dir=f"{folder}/{rate}")
>>> rb.runs.table(folder, filters=["train_accuracy>0.5"]).column("id").to_pylist()
['0.1', '0.5']
>>> rb.runs.compare([rb.runs.find(name, folder) for name in ("0.1", "0.5")])
RunComparison(2 runs)
"""

from typing import TYPE_CHECKING, Any

from rosenblatt.runs.contrast import Contrast, contrast
from rosenblatt.runs.find import find
from rosenblatt.runs.listed_run import COLUMNS, ListedRun
from rosenblatt.runs.listing import list_runs, table
from rosenblatt.runs.removal import remove
from rosenblatt.runs.run_comparison import ComparedRun, RunComparison, compare

if TYPE_CHECKING:
    from rosenblatt.runs.comparison_figure import plot_comparison

__all__ = [
    "COLUMNS",
    "ComparedRun",
    "Contrast",
    "ListedRun",
    "RunComparison",
    "compare",
    "contrast",
    "find",
    "list_runs",
    "plot_comparison",
    "remove",
    "table",
]


def __getattr__(name: str) -> Any:
    """Load what draws when it is first used: a list of runs needs no Matplotlib."""
    if name != "plot_comparison":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rosenblatt.runs.comparison_figure import plot_comparison

    globals()[name] = plot_comparison
    return plot_comparison
