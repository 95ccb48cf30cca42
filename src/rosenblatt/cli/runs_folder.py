"""The folder of runs, as an option."""

from dataclasses import dataclass
from pathlib import Path

from cyclopts import Parameter


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class RunsFolder:
    """The folder in which ids of runs are looked up."""

    runs: Path = Path("runs")
    """The folder of runs in which ids are looked up."""
