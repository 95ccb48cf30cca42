"""Section of the report on E1, a perceptron on two Gaussians."""

from rosenblatt.report.e1_perceptron.e1_claims import CLAIMS
from rosenblatt.report.e1_perceptron.e1_figures import FIGURES, facts_of
from rosenblatt.report.parts import Section

SECTION = Section(
    "E1",
    package=__name__,
    figures=FIGURES,
    claims=CLAIMS,
    facts=facts_of,
)

__all__ = ["SECTION"]
