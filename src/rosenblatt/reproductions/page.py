"""The page about one result."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from rosenblatt.report.page import Page, style, templates
from rosenblatt.report.parts import Results
from rosenblatt.report.typography import typeset
from rosenblatt.reproductions.base import Reproduction


def render_result(result: Reproduction, results: Results, record: Mapping[str, Any]) -> str:
    """Return the page as HTML, in one file.

    Args:
        result: what the page is about.
        results: its rows.
        record: what :func:`rosenblatt.reproductions.record.make_record` returned for them.
    """
    contents = result.contents
    environment = templates(contents, "rosenblatt.reproductions")
    experiment = result.chosen(full=record["full"])
    page = Page(results, record, contents, {result.name: experiment})
    (part,) = page.parts()
    html = environment.get_template("result.html.j2").render(
        page=page,
        part=part,
        record=record,
        result=result,
        command=_command(result, record),
        css=style(environment),
    )
    return typeset(html)


def found(result: Reproduction, results: Results) -> str:
    """Return what was found, a sentence or two, as the page begins; plain text."""
    template = templates(result.contents).get_template(f"sections/{result.name}.html.j2")
    module: Any = template.make_module({"page": None})
    text = module.found(result.section.facts(results))
    return " ".join(Markup(text).striptags().split())


def _command(result: Reproduction, record: Mapping[str, Any]) -> str:
    """Return the command line that makes the page."""
    seeds = "" if record["seeds"] == result.seeds else f" --seeds {record['seeds']}"
    return f"rosenblatt reproduce {result.name}{seeds}{' --full' if record['full'] else ''}"
