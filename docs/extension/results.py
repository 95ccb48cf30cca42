"""A page for each result that ``rosenblatt reproduce`` computes, made from the catalogue."""

import re

from rosenblatt.reproductions import NAMES, Reproduction, find


def pages() -> dict[str, str]:
    """Return the text of each page by its name."""
    found = [find(name) for name in NAMES]
    written = {f"results/{result.name}.rst": page(result) for result in found}
    toctree = "\n".join(f"   {result.name}" for result in found)
    written["results/index.rst"] = (
        f"{heading('Known results, computed again', '=')}\n"
        "Results of papers about small networks: the question, the source and the published "
        "numbers. The command computes ours, and writes a page with figures and verdicts:\n\n"
        ".. code-block:: shell\n\n   rosenblatt reproduce\n\n"
        f".. toctree::\n   :maxdepth: 1\n\n{toctree}\n"
    )
    return written


def page(result: Reproduction) -> str:
    """Return the page of one result."""
    experiment = result.experiment
    rows = [("quantity", "published", "where")]
    rows += [(published.what, published.value, published.where) for published in result.published]
    sources = "\n".join(f"- {text_of(source)}" for source in result.sources)
    full = f" With ``--full`` it takes {result.full_takes}." if result.full_takes else ""
    return (
        f"{heading(experiment.title, '=')}\n{text_of(experiment.question)}\n\n"
        f".. code-block:: shell\n\n   rosenblatt reproduce {result.name}\n\n"
        f"This takes {result.takes} on two cores.{full}\n\n"
        f"{heading('What was published', '-')}\n{table(rows)}\n"
        f"{heading('Sources', '-')}\n{sources}\n"
    )


def text_of(text: str) -> str:
    """Return plain text as reStructuredText."""
    for sign in ("\\", "*", "`", "|"):
        text = text.replace(sign, f"\\{sign}")
    # An initial such as "D." would begin a numbered list.
    return re.sub(r"^(\w+)([.)])", r"\1\\\2", text)


def table(rows: list[tuple[str, ...]]) -> str:
    """Return a table in reStructuredText; the first row has the headings."""
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in rows:
        first, *others = map(text_of, row)
        lines += [f"   * - {first}", *(f"     - {other}" for other in others)]
    return "\n".join(lines) + "\n"


def heading(text: str, line: str) -> str:
    """Return a heading with the line of this character beneath it."""
    return f"{text}\n{line * len(text)}\n"
