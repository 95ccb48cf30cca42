"""``rosenblatt gradcheck``."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cyclopts import Parameter

from rosenblatt.cli.printing import emit, table
from rosenblatt.settings.params import Whole

if TYPE_CHECKING:
    from rosenblatt.analysis.gradcheck import PairCheck


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class GradcheckOptions:
    """The options of the command."""

    seed: Whole = 0
    """Seed of weights, inputs and dropout masks."""

    json: bool = False
    """Print one JSON object."""


def gradcheck(options: GradcheckOptions = GradcheckOptions()) -> int:
    """Check every layer under every loss; the exit status is 1 if one fails."""
    from rosenblatt.analysis.gradcheck import TOLERANCE, check_all_pairs

    pairs = check_all_pairs(options.seed)
    failed = [pair for pair in pairs if not pair.check.passed]
    result = {
        "command": "gradcheck",
        "seed": options.seed,
        "tolerance": TOLERANCE,
        "passed": not failed,
        "checks": [
            {
                "layer": pair.layer,
                "loss": pair.loss,
                "worst": pair.check.worst,
                "errors": pair.check.errors,
                "checked": pair.check.n_checked,
                "kinks": pair.check.n_kinks,
                "passed": pair.check.passed,
            }
            for pair in pairs
        ],
    }
    verdict = f"all {len(pairs)} are below {TOLERANCE:g}"
    if failed:
        verdict = f"{len(failed)} of {len(pairs)} fail (marked !); the tolerance is {TOLERANCE:g}"
    emit(result, [*_grid(pairs), "", verdict], as_json=options.json)
    return 1 if failed else 0


def _grid(pairs: "list[PairCheck]") -> list[str]:
    """Return the lines of the table of layers × losses."""
    losses = list(dict.fromkeys(pair.loss for pair in pairs))
    by_layer: dict[str, list[str]] = {}
    for pair in pairs:
        mark = "" if pair.check.passed else "!"
        by_layer.setdefault(pair.layer, []).append(f"{mark}{pair.check.worst:.0e}")
    rows = [[layer, *cells] for layer, cells in by_layer.items()]
    return table(["layer", *losses], rows)
