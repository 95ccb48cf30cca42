"""A drawn figure as SVG that can stand inside a page, next to others."""

import html
import re

from rosenblatt.plotting import style

THEME: dict[str, str] = {
    style.PAPER: "paper",
    style.INK: "ink",
    style.MUTED: "muted",
    style.GRID: "grid",
    **{color: f"batch-{size}" for size, color in style.BATCH_COLORS.items()},
    **{color: f"class-{index}" for index, color in enumerate(style.CLASS_COLORS)},
    **{color: f"ramp-{index}" for index, color in enumerate(style.RAMP)},
}
"""Colours of the figures and the names under which the page's style sheet redefines them."""


def inline_svg(svg: str, *, prefix: str, description: str) -> str:
    """Return the ``<svg>`` element of a figure, made fit to be one of many in a page.

    Identifiers get ``prefix``, or go when nothing refers to them, so that no two figures share one.
    The size is left to the page. Colours become style-sheet variables with the drawn colour as the
    fall-back, so the page can redefine them in dark mode. Fonts become the page's. The style sheet
    inside the drawing goes: in a page it would reach everything else.

    Args:
        svg: what matplotlib wrote, text kept as text.
        prefix: unique in the page.
        description: what a reader who cannot see the figure should know.
    """
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<defs>\s*</defs>", "", svg)
    svg = re.sub(r'\s?font-family: [^;"]*;?', "", svg)
    svg = svg.replace("xlink:href", "href")
    svg = _rename_ids(svg, prefix)
    svg = re.sub(
        "|".join(THEME),
        lambda found: f"var(--plot-{THEME[found.group()]}, {found.group()})",
        svg,
    )
    svg = re.sub(r"\n\s*", "\n", svg)
    return re.sub(r"<svg[^>]*>", lambda tag: _root(tag.group(), description), svg, count=1)


def _rename_ids(svg: str, prefix: str) -> str:
    used = set(re.findall(r"url\(#([^)]+)\)", svg)) | set(re.findall(r'href="#([^"]+)"', svg))

    def rename(found: re.Match[str]) -> str:
        name = found.group(1)
        return f' id="{prefix}{name}"' if name in used else ""

    svg = re.sub(r'\sid="([^"]+)"', rename, svg)
    svg = re.sub(r"url\(#", f"url(#{prefix}", svg)
    return re.sub(r'href="#', f'href="#{prefix}', svg)


def _root(tag: str, description: str) -> str:
    box = re.search(r'viewBox="([^"]+)"', tag)
    if box is None:
        raise ValueError("the drawing has no viewBox")
    label = html.escape(description, quote=True)
    return f'<svg class="plot" viewBox="{box.group(1)}" role="img" aria-label="{label}">'
