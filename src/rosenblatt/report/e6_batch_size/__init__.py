"""Section of the report on E6, the batch size."""

from rosenblatt.report.e6_batch_size.e6_claims import CLAIMS
from rosenblatt.report.e6_batch_size.e6_figures import FIGURES, facts_of
from rosenblatt.report.e6_batch_size.e6_tables import TABLES
from rosenblatt.report.parts import Section

SECTION = Section(
    "E6",
    package=__name__,
    figures=FIGURES,
    tables=TABLES,
    claims=CLAIMS,
    facts=facts_of,
)

__all__ = ["SECTION"]
