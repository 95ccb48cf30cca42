"""The options of the command ``sweep FILE``."""

from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from cyclopts import Parameter

from rosenblatt.settings.params import Switch


@Parameter(name="*")
@dataclass(frozen=True)
class SweepOptions:
    """The options of the command."""

    file: Path
    """A TOML file: settings of train mlp, and a table [over]."""

    _: KW_ONLY

    out: Path | None = None
    """A folder for the results, which are written as they come."""

    json: Switch = False
    """Print one JSON object."""

    quiet: Switch = False
    """Show no progress."""
