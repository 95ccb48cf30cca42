"""Section of the report on E5, another initialisation."""

from rosenblatt.report.e5_initialisation.e5_claims import CLAIMS
from rosenblatt.report.e5_initialisation.e5_figures import FIGURES, facts_of
from rosenblatt.report.parts import Section

SECTION = Section(
    "E5",
    package=__name__,
    figures=FIGURES,
    claims=CLAIMS,
    facts=facts_of,
)

__all__ = ["SECTION"]
