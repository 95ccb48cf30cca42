"""Docstrings as reStructuredText: what the plain text of the source means there."""

import re
from collections.abc import Iterator, Sequence

_SECTION = re.compile(r"(Args|Attributes|Raises|Returns|Yields|Note|Example|Examples):$")
_CODE = re.compile(r"(``.*?``)")


def process(
    app: object, what: str, name: str, value: object, options: object, lines: list[str]
) -> None:
    """Change a docstring in place, as the event ``autodoc-process-docstring`` does."""
    lines[:] = as_restructured_text(lines)
    if what in ("attribute", "data", "property"):
        # Napoleon takes what stands before a colon in their first line for a type.
        lines[:0] = ["..", ""]


def as_restructured_text(lines: Sequence[str]) -> Iterator[str]:
    r"""Yield a docstring's lines: indented formulas as they stand, and bars as bars.

    >>> list(as_restructured_text(["The size |x|:", "", "    |x|  =  x where x > 0", "", "End."]))
    ['The size \\|x\\|:', '', '::', '', '    |x|  =  x where x > 0', '', 'End.']
    """
    outer, before = "", ""
    is_block = is_example = False
    for line in lines:
        is_indented = line.startswith("    ")
        if line.startswith(">>>"):
            is_example = True
        elif not line:
            is_example = False
        elif not is_indented:
            is_block = False
        elif not before and not is_block and outer and not _SECTION.match(outer):
            is_block = True
            if not outer.endswith("::"):
                yield "::"
                yield ""
        yield line if is_block or is_example else _escaped(line)
        if line and not is_indented:
            outer = line
        before = line


def _escaped(line: str) -> str:
    parts = _CODE.split(line)
    return "".join(part if i % 2 else part.replace("|", r"\|") for i, part in enumerate(parts))
