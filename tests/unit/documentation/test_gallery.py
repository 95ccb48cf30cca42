"""The gallery's examples: short, with a title and a text; ``make docs`` runs all of them."""

import ast
import re
import runpy
from pathlib import Path

import matplotlib
import pytest

from rosenblatt.settings import from_link, parse_setup

GALLERY = Path(__file__).parents[3] / "docs" / "gallery"
EXAMPLES = sorted(path.relative_to(GALLERY).as_posix() for path in GALLERY.glob("*/plot_*.py"))
MOST_LINES = 35
RUN_HERE = EXAMPLES[::12]
"""All are run by ``make docs``."""


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_has_a_title_a_text_and_few_lines(example):
    tree = ast.parse((GALLERY / example).read_text(encoding="utf-8"))
    lines = (ast.get_docstring(tree) or "").splitlines()
    assert lines[1] == "=" * len(lines[0])
    assert len(lines) > 3
    code = ast.unparse(ast.Module(tree.body[1:], type_ignores=[])).splitlines()
    assert len(code) <= MOST_LINES


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_studio_takes_the_settings_of_an_example(example):
    text = (GALLERY / example).read_text(encoding="utf-8")
    for link in re.findall(r"^\.\. studio:: (.*)$", text, re.MULTILINE):
        assert parse_setup(from_link(link)).settings


def test_every_section_has_a_place_in_the_order(docs):
    from extension.gallery import SECTIONS

    folders = {path.parent.name for path in GALLERY.glob("*/GALLERY_HEADER.rst")}
    assert folders == set(SECTIONS)


@pytest.mark.parametrize("example", RUN_HERE)
def test_some_examples_run_and_draw_a_picture(example):
    matplotlib.use("Agg")
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.close("all")
    try:
        runpy.run_path(str(GALLERY / example))
        assert len(plt.get_fignums()) == 1
    finally:
        plt.close("all")
