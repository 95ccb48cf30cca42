"""What the site needs beyond Sphinx: generated pages, links, formulas, the studio's commands."""

from typing import TYPE_CHECKING, Any

from extension import (
    accessible_names,
    docstrings,
    formulas,
    links,
    mathematics,
    pages,
    reference,
    report,
    results,
    studio,
)

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: "Sphinx") -> dict[str, Any]:
    """Add the parts to the build."""
    app.connect("builder-inited", write_pages, priority=100)
    app.connect("source-read", links.rewrite)
    app.connect("missing-reference", reference.resolve)
    app.connect("autodoc-skip-member", reference.skip)
    # Before napoleon, which reads the sections.
    app.connect("autodoc-process-docstring", docstrings.process, priority=400)
    app.connect("build-finished", accessible_names.name_all)
    app.connect("build-finished", report.copy_computed, priority=900)
    app.add_directive("studio", studio.StudioDirective)
    formulas.add_renderer(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_pages(app: "Sphinx") -> None:
    """Write the pages that are made from the package and from files outside the folder."""
    folder = app.srcdir / "generated"
    texts = mathematics.pages() | reference.pages() | results.pages() | report.pages()
    written = pages.repository_files() | {name: text.encode() for name, text in texts.items()}
    for name, content in written.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # An unchanged page keeps its time, and is not read again.
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
