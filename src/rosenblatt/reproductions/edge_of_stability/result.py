"""The edge of stability: what was published, and the page."""

from functools import partial

import numpy as np

from rosenblatt.report.evidence import number_interval, percent_interval
from rosenblatt.report.parts import Results, Section
from rosenblatt.report.rows import columns
from rosenblatt.report.verdicts import effect
from rosenblatt.reproductions.base import Published, Reproduction
from rosenblatt.reproductions.edge_of_stability.claims import CLAIMS
from rosenblatt.reproductions.edge_of_stability.experiment import EXPERIMENT, NAME
from rosenblatt.reproductions.edge_of_stability.figures import FIGURES, facts_of


def _of_runs(results: Results, *, column: str, digits: int = 3) -> str:
    values = columns(results[NAME].tables["runs"])[column].astype(float)
    return number_interval(effect(values), digits)


def _rises(results: Results) -> str:
    runs = columns(results[NAME].tables["runs"])
    at_line = np.isfinite(runs["late"].astype(float))
    return f"{percent_interval(effect(runs['rises'][at_line]))} of the updates raise it"


def _reached(results: Results) -> str:
    facts = facts_of(results)
    return f"{facts['reached']} of {facts['runs']} runs"


RESULT = Reproduction(
    experiment=EXPERIMENT,
    section=Section(
        experiment=NAME, package=__package__, figures=FIGURES, claims=CLAIMS, facts=facts_of
    ),
    published=(
        Published(
            "runs whose largest eigenvalue reaches 2/η",
            "typically",
            "Cohen et al. 2021, title and abstract",
            _reached,
            "reaches",
        ),
        Published(
            "largest eigenvalue from then on, in units of 2/η",
            "just above 1",
            "Cohen et al. 2021, abstract; no number is given",
            partial(_of_runs, column="late"),
            "stays",
        ),
        Published(
            "training loss over short times",
            "not monotone",
            "Cohen et al. 2021, abstract; no number is given",
            _rises,
            "rises",
        ),
    ),
    sources=(
        "J. M. Cohen, S. Kaur, Y. Li, J. Z. Kolter and A. Talwalkar. Gradient descent on neural "
        "networks typically occurs at the edge of stability. International Conference on Learning "
        "Representations, 2021. (The abstract and the README of the authors' code were read.)",
    ),
    seeds=10,
    takes="2 minutes",
)
