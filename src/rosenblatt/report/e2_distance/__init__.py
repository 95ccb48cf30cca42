"""Section of the report on E2, the distance between the means."""

from rosenblatt.report.e2_distance.e2_claims import CLAIMS
from rosenblatt.report.e2_distance.e2_figures import FIGURES, facts_of
from rosenblatt.report.e2_distance.e2_tables import TABLES
from rosenblatt.report.parts import Section

SECTION = Section(
    "E2",
    package=__name__,
    figures=FIGURES,
    tables=TABLES,
    claims=CLAIMS,
    facts=facts_of,
)

__all__ = ["SECTION"]
