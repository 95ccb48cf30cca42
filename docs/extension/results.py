"""A page for each result that ``rosenblatt reproduce`` computes, made from the catalogue."""

from rosenblatt.reproductions import NAMES, Reproduction, find


def pages() -> dict[str, str]:
    """Return the text of each page by its name."""
    found = [find(name) for name in NAMES]
    written = {f"results/{result.name}.rst": page(result) for result in found}
    toctree = "\n".join(f"   {result.name}" for result in found)
    written["results/index.rst"] = (
        f"{_heading('Known results, computed again', '=')}\n"
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
    sources = "\n".join(f"- {_text(source)}" for source in result.sources)
    full = f" With ``--full`` it takes {result.full_takes}." if result.full_takes else ""
    return (
        f"{_heading(experiment.title, '=')}\n{_text(experiment.question)}\n\n"
        f".. code-block:: shell\n\n   rosenblatt reproduce {result.name}\n\n"
        f"computes it in {result.takes} on two cores.{full}\n\n"
        f"{_heading('What was published', '-')}\n{_table(rows)}\n"
        f"{_heading('Sources', '-')}\n{sources}\n"
    )


def _text(text: str) -> str:
    """Return plain text as reStructuredText."""
    for sign in ("\\", "*", "`", "|"):
        text = text.replace(sign, f"\\{sign}")
    return text


def _table(rows: list[tuple[str, ...]]) -> str:
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in rows:
        first, *others = map(_text, row)
        lines += [f"   * - {first}", *(f"     - {other}" for other in others)]
    return "\n".join(lines) + "\n"


def _heading(text: str, line: str) -> str:
    return f"{text}\n{line * len(text)}\n"
