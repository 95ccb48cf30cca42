"""The index of the pages in a folder."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from rosenblatt.errors import RosenblattError
from rosenblatt.limits import parse_json
from rosenblatt.report.numbering import Contents
from rosenblatt.report.page import style, templates
from rosenblatt.report.typography import typeset
from rosenblatt.report.verdicts import VERDICTS
from rosenblatt.reproductions.catalogue import NAMES


def render_index(out: Path) -> str:
    """Return the index of the results that have a page in the folder ``out``, as HTML."""
    environment = templates(Contents({}, list), "rosenblatt.reproductions")
    records = [record for name in NAMES if (record := _read(out / name / "results.json"))]
    html = environment.get_template("results_index.html.j2").render(
        records=records,
        verdicts=VERDICTS,
        missing=[name for name in NAMES if name not in {record["name"] for record in records}],
        css=style(environment),
    )
    return typeset(html)


def _read(path: Path) -> dict[str, Any] | None:
    """Return the record in a file; None where it is missing or damaged."""
    with suppress(OSError, RosenblattError):
        record: dict[str, Any] = parse_json(path.read_bytes(), path.name)
        return record if {"name", "title", "found", "published"} <= set(record) else None
    return None
