"""One file per experiment: its figures and the numbers its prose speaks of."""

from rosenblatt.report.parts import Section
from rosenblatt.report.sections import e1, e2, e3, e4, e5, e6

SECTIONS: dict[str, Section] = {
    section.experiment: section
    for section in (e1.SECTION, e2.SECTION, e3.SECTION, e4.SECTION, e5.SECTION, e6.SECTION)
}
"""The sections of the page, in its order."""

__all__ = ["SECTIONS"]
