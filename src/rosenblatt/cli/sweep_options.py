"""The options of the command ``sweep FILE``, and those that ``sweep resume`` has too."""

from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from rosenblatt.errors import ConfigurationError
from rosenblatt.settings.params import OptionalWhole, Switch


@Parameter(name="*")
@dataclass(frozen=True)
class ExecutionOptions:
    """Who trains the networks, and for how long."""

    _: KW_ONLY

    executor: Literal["threads", "processes"] | None = None
    """Train in the threads of one process, or in a process for each core. [default: threads]"""

    dask: Annotated[str | None, Parameter(metavar="ADDRESS")] = None
    """Train on a Dask cluster, by its scheduler's address (tcp://host:8786), not here."""

    max_seconds: float | None = None
    """Stop after this time; sweep resume trains the rest."""

    max_epochs: OptionalWhole = None
    """Train for at most this number of epochs, of all networks together."""

    def arguments(self) -> dict[str, Any]:
        """Return the options as arguments of :func:`rosenblatt.sweep`."""
        if self.dask is not None and self.executor is not None:
            raise ConfigurationError("--dask and --executor exclude each other; give one of them")
        if self.dask is not None and ":" not in self.dask:
            raise ConfigurationError(
                f'--dask must be an address such as tcp://127.0.0.1:8786, got "{self.dask}"'
            )
        return {
            "executor": self.dask or self.executor or "threads",
            "max_seconds": self.max_seconds,
            "max_epochs": self.max_epochs,
        }


@Parameter(name="*")
@dataclass(frozen=True)
class SweepOptions:
    """The options of the command."""

    file: Path
    """A TOML file: settings of train mlp, and a table [over]."""

    _: KW_ONLY

    out: Path | None = None
    """A folder for the results, which are written as they come."""

    execution: ExecutionOptions = field(default_factory=ExecutionOptions)

    json: Switch = False
    """Print one JSON object."""

    quiet: Switch = False
    """Show no progress."""
