"""Section of the report on E3, the spread of the classes."""

from rosenblatt.report.e3_spread.e3_claims import CLAIMS
from rosenblatt.report.e3_spread.e3_figures import FIGURES, facts_of
from rosenblatt.report.e3_spread.e3_tables import TABLES
from rosenblatt.report.parts import Section

SECTION = Section(
    "E3",
    package=__name__,
    figures=FIGURES,
    tables=TABLES,
    claims=CLAIMS,
    facts=facts_of,
)

__all__ = ["SECTION"]
