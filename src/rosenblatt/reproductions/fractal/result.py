"""The border of trainability: what was published, and the page."""

from collections.abc import Callable

from rosenblatt.report.evidence import number_interval
from rosenblatt.report.format import number
from rosenblatt.report.parts import Results, Section
from rosenblatt.report.verdicts import effect
from rosenblatt.reproductions.base import Published, Reproduction
from rosenblatt.reproductions.fractal.claims import CLAIMS, dimensions
from rosenblatt.reproductions.fractal.experiment import (
    CONDITIONS,
    EXPERIMENT,
    FULL,
    NAME,
    ROUGHEST,
    Condition,
)
from rosenblatt.reproductions.fractal.figures import FIGURES, TABLES, facts_of


def _dimension(condition: Condition) -> Callable[[Results], str]:
    return lambda results: number_interval(effect(dimensions(results, condition.name, ROUGHEST)), 2)


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
    published=tuple(
        Published(
            f"dimension, {condition.name}",
            number(condition.published, 2),
            "Sohl-Dickstein 2024, as quoted",
            _dimension(condition),
            f"dimension-{i + 1}",
        )
        for i, condition in enumerate(CONDITIONS)
    ),
    sources=(
        "J. Sohl-Dickstein. The boundary of neural network trainability is fractal. "
        "arXiv:2402.06184, 2024.",
        "J. Sohl-Dickstein. Code of the paper: "
        "the_boundary_of_neural_network_trainability_is_fractal.ipynb in the repository "
        "Sohl-Dickstein/fractal, 2024.",
        "K. Falconer. Fractal geometry, 3rd edition, section 2.1. Wiley, 2014.",
    ),
    seeds=4,
    # It took 255 s of processor time.
    takes="2.5 minutes",
    full=FULL,
    # Zoom sequences of five maps, one seed, at 16 × 16 or 32 × 32 points took 67 s of processor
    # time. Scaled to four maps of 128 × 128 they take 3300 s, those of four seeds with the finer
    # maps 13 400 s; halved for two cores.
    full_takes="2 hours",
)
