"""``rosenblatt check FILE``."""

from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from cyclopts import Parameter

from rosenblatt.cli.printing import emit
from rosenblatt.errors import ConfigurationError
from rosenblatt.settings.params import Whole


@Parameter(name="*")
@dataclass(frozen=True)
class CheckOptions:
    """The options of the command."""

    file: Path
    """A Python file with layers, losses, a network or a training script."""

    _: KW_ONLY

    hints: Whole = 3
    """How much is told: 1 a nudge, 2 the place and the numbers, 3 the answer."""

    json: bool = False
    """Print one JSON object."""


def check(options: CheckOptions) -> int:
    """Check a file; the exit status is 0 if it is right, 1 if not, 2 if it cannot be checked."""
    from rosenblatt.check.checking import check_file

    if options.hints not in (1, 2, 3):
        raise ConfigurationError(f"--hints: {options.hints} is not 1, 2 or 3")
    report = check_file(options.file)
    emit(report.to_json(), report.lines(options.hints), as_json=options.json)
    return report.exit_status
