"""Numbers of figures and tables: those of the source where it has one, else by place on the page.

Code, claims and templates name a figure or a table by its key. The templates say where each stands,
so its number is computed from them and written nowhere else. Text that comes out of code (captions,
evidence) refers to a figure by a marker, ``[[full_batch]]``, which becomes "figure 2".
"""

import re
from functools import cache
from importlib.resources import files

from rosenblatt.errors import ConfigurationError
from rosenblatt.report.sections import SECTIONS
from rosenblatt.report.tables import TABLES

_MARKER = re.compile(r"\[\[(\w+)\]\]")
_SHOWN = re.compile(r"\bm\.(?:figure|table)\(\"(\w+)\"\)")
_SECTIONS_STAND_HERE = "section.body(part.facts)"


def name_of(key: str) -> str:
    """Return what the text calls a figure or a table.

    >>> name_of("full_batch"), name_of("table_distance")
    ('figure 2', 'table 1')
    """
    return f"{'table' if key in TABLES else 'figure'} {number_of(key)}"


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
    if key in TABLES:
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
    of_source = {
        figure.key: figure.number for section in SECTIONS.values() for figure in section.figures
    }
    found: dict[str, str] = {}
    tables = own = 0
    for key in _in_order():
        number = of_source.get(key)
        if key in found:
            continue
        if key in TABLES:
            tables += 1
            found[key] = str(tables)
        elif number is not None:
            found[key] = str(number)
        else:
            own += 1
            found[key] = f"S{own}"
    return found


def _in_order() -> list[str]:
    """Return the keys of what the templates show, in the order of the page."""
    templates = files("rosenblatt.report") / "templates"
    page = (templates / "page.html.j2").read_text(encoding="utf-8")
    before, after = page.split(_SECTIONS_STAND_HERE)
    bodies = [
        (templates / "sections" / f"{name.lower()}.html.j2").read_text(encoding="utf-8")
        for name in SECTIONS
    ]
    return _SHOWN.findall("".join([before, *bodies, after]))
