"""Section of the report on E4, an MLP on the two moons."""

from rosenblatt.report.e4_full_batch.e4_claims import CLAIMS
from rosenblatt.report.e4_full_batch.e4_figures import FIGURES, facts_of
from rosenblatt.report.e4_full_batch.e4_tables import TABLES
from rosenblatt.report.parts import Section

SECTION = Section(
    "E4",
    package=__name__,
    figures=FIGURES,
    tables=TABLES,
    claims=CLAIMS,
    facts=facts_of,
)

__all__ = ["SECTION"]
