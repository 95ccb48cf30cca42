"""Contents of the report: sections, figures, tables and claims, in the order of the page.

Figures have the number that the source gives them; those of our own are S1, S2 and so on.

>>> name_of("full_batch"), name_of("table_distance")
('figure 2', 'table 1')
>>> heading_of("table_distance"), anchor_of("full_batch")
('Table 1', 'figure-2')
>>> file_of("full_batch"), file_of("table_distance")
('figure_02_full_batch', 'table_1_distance')
>>> with_names("The loss of [[full_batch]].")
'The loss of figure 2.'
"""

from collections.abc import Iterator
from importlib import import_module
from importlib.resources import files

from rosenblatt.errors import ConfigurationError
from rosenblatt.experiments import MODULES
from rosenblatt.report import agreement
from rosenblatt.report.numbering import Contents
from rosenblatt.report.parts import Section

_SECTIONS_STAND_HERE = "section.body(part.facts)"


def section_of(module: str) -> Section:
    """Return the section about the experiment of a module, found by the module's name.

    The section about ``rosenblatt.experiments.<name>`` is the package ``rosenblatt.report.<name>``;
    an experiment from elsewhere is a package that contains its section, ``<package>.report``.

    Raises:
        ConfigurationError: there is no such module, or no template of the section's text.
    """
    home, _, name = module.rpartition(".")
    is_ours = home == "rosenblatt.experiments"
    place = f"rosenblatt.report.{name}" if is_ours else f"{module}.report"
    try:
        section: Section = import_module(place).SECTION
        section.template()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise ConfigurationError(
            f"the experiment {module} has no complete section of the report in {place}: {error}"
        ) from error
    return section


def _templates() -> Iterator[str]:
    """Yield the templates of the page in its order."""
    page = (files("rosenblatt.report") / "templates" / "page.html.j2").read_text(encoding="utf-8")
    before, after = page.split(_SECTIONS_STAND_HERE)
    yield before
    yield from (section.template() for section in CONTENTS.sections.values())
    yield after


CONTENTS = Contents(
    {section.experiment: section for section in map(section_of, MODULES)},
    _templates,
    own_prefix="S",
    tables=[agreement.TABLE],
)
"""Everything in the report."""

SECTIONS, CLAIMS = CONTENTS.sections, CONTENTS.claims
FIGURES, TABLES = CONTENTS.figures, CONTENTS.tables
name_of, heading_of, number_of = CONTENTS.name_of, CONTENTS.heading_of, CONTENTS.number_of
anchor_of, file_of, with_names = CONTENTS.anchor_of, CONTENTS.file_of, CONTENTS.with_names
