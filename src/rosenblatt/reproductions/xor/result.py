"""The tasks of 1986: what was published, and the page."""

from collections.abc import Mapping
from functools import partial

import numpy as np

from rosenblatt.report.evidence import number_interval, percent_interval
from rosenblatt.report.parts import Results, Section
from rosenblatt.report.verdicts import effect
from rosenblatt.reproductions.base import Published, Reproduction
from rosenblatt.reproductions.xor.claims import (
    CLAIMS,
    SHORT_CUTS,
    conditions,
    sweeps_of,
    widths,
)
from rosenblatt.reproductions.xor.experiment import EXPERIMENT, NAME
from rosenblatt.reproductions.xor.figures import FIGURES, TABLES, facts_of

_READ = "read as quoted by others"


def _medians(results: Results, *, problem: str) -> str:
    found = {}
    for name, runs in conditions(results, problem):
        half = float(np.quantile(sweeps_of(runs), 0.5, method="inverted_cdf"))
        found[name] = f"{half:.0f}" if np.isfinite(half) else "never"
    return _by_condition("median", found)


def _never(results: Results) -> str:
    every = np.concatenate(
        [sweeps_of(runs) for _, runs in conditions(results, "exclusive or, 2 hidden units")]
    )
    return f"{percent_interval(effect(np.isinf(every).astype(float)))} of all runs"


def _lines(results: Results) -> str:
    return _by_condition(
        "mean",
        {
            name: f"{number_interval(effect(start), 0)} and {number_interval(effect(slope), 0)}"
            for name, (start, slope) in widths(results).items()
        },
    )


def _by_condition(what: str, found: Mapping[str, str]) -> str:
    """Return a line for each condition, under a line that says what the numbers are."""
    lines = [f"{name.replace('changed after each', 'each')}: {found[name]}" for name in found]
    return "\n".join([f"{what} with", *lines])


RESULT = Reproduction(
    experiment=EXPERIMENT,
    section=Section(
        experiment=NAME,
        package=__package__,
        figures=FIGURES,
        tables=TABLES,
        claims=CLAIMS,
        facts=facts_of,
    ),
    published=(
        Published(
            "sweeps of exclusive or with one hidden unit and short-cuts",
            "558",
            f"chapter 8, p. 331 ({_READ})",
            partial(_medians, problem=SHORT_CUTS),
            "xor",
        ),
        Published(
            "runs of exclusive or that meet a local minimum",
            "2 in hundreds",
            f"chapter 8, pp. 331–332 ({_READ})",
            _never,
            "local-minima",
        ),
        Published(
            "presentations for H hidden units: at one unit, and the change when H doubles",
            "280 and −33",
            f"chapter 8, p. 333 ({_READ})",
            _lines,
            "slope",
        ),
        Published(
            "presentations of each pattern for parity of four bits",
            "2825",
            f"chapter 8, p. 335 ({_READ})",
            partial(_medians, problem="parity of 4 bits"),
            "parity",
        ),
        Published(
            "sweeps of symmetry",
            "1425",
            f"Nature 323, figure 1 ({_READ})",
            partial(_medians, problem="symmetry of 6 bits"),
            "symmetry",
        ),
    ),
    sources=(
        "D. E. Rumelhart, G. E. Hinton and R. J. Williams. Learning internal representations by "
        "error propagation. Parallel Distributed Processing 1, chapter 8. MIT Press, 1986.",
        "D. E. Rumelhart, G. E. Hinton and R. J. Williams. Learning representations by "
        "back-propagating errors. Nature 323, 1986.",
        "L. G. C. Hamey. XOR has no local minima: a case study in neural network error surface "
        "analysis. Neural Networks 11(4), 1998.",
    ),
    seeds=250,
    takes="1.5 minutes",
)
