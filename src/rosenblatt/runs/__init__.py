"""What is said of runs: of a folder of them, of some beside each other, of two that part.

>>> import tempfile
>>> import rosenblatt as rb
>>> data = rb.data.gaussians(40, means=[(2, 2), (-2, -2)], seed=0)
>>> folder = tempfile.mkdtemp()
>>> for rate in (0.1, 0.5):
...     run = rb.train(rb.MLP(2, [], 2), data, optimizer=rb.SGD(rate), run_dir=f"{folder}/{rate}")
>>> rb.runs.table(folder, filters=["train_accuracy>0.5"]).column("id").to_pylist()
['0.1', '0.5']
>>> rb.runs.compare([rb.runs.find(name, folder) for name in ("0.1", "0.5")])
Comparison(2 runs)
"""

from typing import TYPE_CHECKING, Any

from rosenblatt.runs.comparison import Compared, Comparison, compare
from rosenblatt.runs.contrasts import Contrast, contrast
from rosenblatt.runs.entry import COLUMNS, Entry
from rosenblatt.runs.find import find
from rosenblatt.runs.listing import entries, table
from rosenblatt.runs.removal import remove

if TYPE_CHECKING:
    from rosenblatt.runs.figure import plot_comparison

__all__ = [
    "COLUMNS",
    "Compared",
    "Comparison",
    "Contrast",
    "Entry",
    "compare",
    "contrast",
    "entries",
    "find",
    "plot_comparison",
    "remove",
    "table",
]


def __getattr__(name: str) -> Any:
    """Load what draws when it is first used: a list of runs needs no Matplotlib."""
    if name != "plot_comparison":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rosenblatt.runs.figure import plot_comparison

    globals()[name] = plot_comparison
    return plot_comparison
