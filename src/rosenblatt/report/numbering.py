"""Numbers of figures and tables: those of the source, else their places on the page.

Code, claims and templates name a figure or a table by its key. The templates say where each stands,
so its number is computed from them and written nowhere else. Text that code makes (captions,
evidence) refers to a figure by a marker, ``[[full_batch]]``, which becomes "figure 2".
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from rosenblatt.errors import ConfigurationError
from rosenblatt.report.parts import Claim, ReportFigure, ReportTable, Section

_MARKER = re.compile(r"\[\[(\w+)\]\]")
_SHOWN = re.compile(r"\bm\.(?:figure|table)\(\"(\w+)\"\)")


class Contents:
    """The sections of a page, with their figures, tables and claims.

    Args:
        sections: by experiment, in the order of the page.
        order: gives the page's templates, one after the other.
        own_prefix: what stands before the number of a figure that the source does not number.
        tables: those that belong to no section.
    """

    def __init__(
        self,
        sections: Mapping[str, Section],
        order: Callable[[], Iterable[str]],
        *,
        own_prefix: str = "",
        tables: Iterable[ReportTable] = (),
    ) -> None:
        self.sections = {id: _belonging(section) for id, section in sections.items()}
        self._order = order
        self._own_prefix = own_prefix
        of_sections = self.sections.values()
        self._figures = {figure.key: figure for it in of_sections for figure in it.figures}
        self._tables = {table.key: table for it in of_sections for table in it.tables}
        self._tables |= {table.key: table for table in tables}

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """All claims, in the order of the source, also where two contradict each other."""
        return tuple(claim for section in self.sections.values() for claim in section.claims)

    @cached_property
    def figures(self) -> dict[str, ReportFigure]:
        """Every figure by its key, in the order of the page."""
        return {key: self._figures[key] for key in self.numbers if key in self._figures}

    @cached_property
    def tables(self) -> dict[str, ReportTable]:
        """Every table by its key, in the order of the page."""
        return {key: self._tables[key] for key in self.numbers if key in self._tables}

    @cached_property
    def numbers(self) -> dict[str, str]:
        """The number of every figure and table by its key, in the order of the page."""
        numbered: dict[str, str] = {}
        tables = own = 0
        for key in dict.fromkeys(_SHOWN.findall("".join(self._order()))):
            if key in self._tables:
                tables += 1
                numbered[key] = str(tables)
            elif (number := self._figures[key].number) is not None:
                numbered[key] = str(number)
            else:
                own += 1
                numbered[key] = f"{self._own_prefix}{own}"
        return numbered

    def name_of(self, key: str) -> str:
        """Return what the text calls a figure or a table: "figure 2", "table 1"."""
        return f"{'table' if key in self._tables else 'figure'} {self.number_of(key)}"

    def heading_of(self, key: str) -> str:
        """Return the name of a figure or a table as its caption begins: "Table 1"."""
        name = self.name_of(key)
        return name[0].upper() + name[1:]

    def anchor_of(self, key: str) -> str:
        """Return the identifier of a figure or a table in the page: "figure-2"."""
        return self.name_of(key).replace(" ", "-")

    def file_of(self, key: str) -> str:
        """Return the name of the files of a figure or a table, without folder and suffix.

        That of figure 2 with the key "full_batch" is "figure_02_full_batch".
        """
        if key in self._tables:
            return f"table_{self.number_of(key)}_{key.removeprefix('table_')}"
        return f"figure_{self.number_of(key):0>2}_{key}"

    def number_of(self, key: str) -> str:
        """Return the number of a figure or a table.

        Raises:
            ConfigurationError: no template shows a figure or a table with this key.
        """
        try:
            return self.numbers[key]
        except KeyError:
            raise ConfigurationError(f'no template shows a figure or a table "{key}"') from None

    def with_names(self, text: str) -> str:
        """Replace the markers in ``text`` by names."""
        return _MARKER.sub(lambda found: self.name_of(found[1]), text)


def _belonging(section: Section) -> Section:
    """Return the section with its experiment in each of its parts that name none."""
    id = section.experiment
    return replace(
        section,
        figures=tuple(replace(it, experiments=it.experiments or (id,)) for it in section.figures),
        tables=tuple(replace(it, experiments=it.experiments or (id,)) for it in section.tables),
        claims=tuple(replace(claim, experiment=id) for claim in section.claims),
    )
