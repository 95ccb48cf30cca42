"""Contents of the report: sections, figures, tables and claims, numbered in the order of the page.

Code, claims and templates name a figure or a table by its key. The templates say where each stands,
so its number is computed from them and written nowhere else: that of the source where it has one,
else its place on the page. Text that code makes (captions, evidence) refers to a figure by a
marker, ``[[full_batch]]``, which becomes "figure 2".
"""

import re
from dataclasses import replace
from functools import cache
from importlib import import_module
from importlib.resources import files

from rosenblatt.errors import ConfigurationError
from rosenblatt.experiments import MODULES
from rosenblatt.report import agreement
from rosenblatt.report.parts import Claim, ReportFigure, ReportTable, Section

_MARKER = re.compile(r"\[\[(\w+)\]\]")
_SHOWN = re.compile(r"\bm\.(?:figure|table)\(\"(\w+)\"\)")
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
    id = section.experiment
    return replace(
        section,
        figures=tuple(replace(it, experiments=it.experiments or (id,)) for it in section.figures),
        tables=tuple(replace(it, experiments=it.experiments or (id,)) for it in section.tables),
        claims=tuple(replace(claim, experiment=id) for claim in section.claims),
    )


SECTIONS: dict[str, Section] = {section.experiment: section for section in map(section_of, MODULES)}
"""The sections by experiment, in the order of the page."""

CLAIMS: tuple[Claim, ...] = tuple(claim for it in SECTIONS.values() for claim in it.claims)
"""All claims, in the order of the source. Where two contradict each other, both are here."""

_FIGURES = {figure.key: figure for it in SECTIONS.values() for figure in it.figures}
_TABLES = {table.key: table for it in SECTIONS.values() for table in it.tables}
_TABLES[agreement.TABLE.key] = agreement.TABLE


def name_of(key: str) -> str:
    """Return what the text calls a figure or a table.

    >>> name_of("full_batch"), name_of("table_distance")
    ('figure 2', 'table 1')
    """
    return f"{'table' if key in _TABLES else 'figure'} {number_of(key)}"


def heading_of(key: str) -> str:
    """Return the name of a figure or a table as its caption begins.

    >>> heading_of("table_distance")
    'Table 1'
    """
    name = name_of(key)
    return name[0].upper() + name[1:]


def anchor_of(key: str) -> str:
    """Return the identifier of a figure or a table in the page.

    >>> anchor_of("full_batch")
    'figure-2'
    """
    return name_of(key).replace(" ", "-")


def file_of(key: str) -> str:
    """Return the name of the files of a figure or a table, without folder and suffix.

    >>> file_of("full_batch"), file_of("table_distance")
    ('figure_02_full_batch', 'table_1_distance')
    """
    if key in _TABLES:
        return f"table_{number_of(key)}_{key.removeprefix('table_')}"
    return f"figure_{number_of(key):0>2}_{key}"


def number_of(key: str) -> str:
    """Return the number of a figure ("1" to "12" as in the source, else "S1", ...) or a table.

    Raises:
        ConfigurationError: no template shows a figure or a table with this key.
    """
    try:
        return numbers()[key]
    except KeyError:
        raise ConfigurationError(f'no template shows a figure or a table "{key}"') from None


def with_names(text: str) -> str:
    """Replace the markers in ``text`` by names.

    >>> with_names("The loss of [[full_batch]].")
    'The loss of figure 2.'
    """
    return _MARKER.sub(lambda found: name_of(found[1]), text)


@cache
def numbers() -> dict[str, str]:
    """Return the number of every figure and table by its key, in the order of the page."""
    numbered: dict[str, str] = {}
    tables = own = 0
    for key in dict.fromkeys(_in_order()):
        if key in _TABLES:
            tables += 1
            numbered[key] = str(tables)
        elif (number := _FIGURES[key].number) is not None:
            numbered[key] = str(number)
        else:
            own += 1
            numbered[key] = f"S{own}"
    return numbered


def _in_order() -> list[str]:
    """Return the keys of what the templates show, in the order of the page."""
    page = (files("rosenblatt.report") / "templates" / "page.html.j2").read_text(encoding="utf-8")
    before, after = page.split(_SECTIONS_STAND_HERE)
    bodies = [section.template() for section in SECTIONS.values()]
    return _SHOWN.findall("".join([before, *bodies, after]))


FIGURES: dict[str, ReportFigure] = {key: _FIGURES[key] for key in numbers() if key in _FIGURES}
"""Every figure by its key, in the order of the page."""

TABLES: dict[str, ReportTable] = {key: _TABLES[key] for key in numbers() if key in _TABLES}
"""Every table by its key, in the order of the page."""
