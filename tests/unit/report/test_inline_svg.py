import re

import pytest
from jinja2 import DictLoader, Environment, TemplateSyntaxError

from rosenblatt.plotting import new_figure, plot_loss, render
from rosenblatt.report.inline_svg import inline_svg
from rosenblatt.report.mathml import Formulas, mathml


@pytest.fixture(scope="module")
def svg():
    figure, (ax,) = new_figure()
    plot_loss(ax, [0, 1, 2], [3.0, 2.0, 1.0], [3.0, 2.5, 2.0])
    return render(figure, "svg").decode()


def test_identifiers_get_the_prefix_and_all_references_resolve(svg):
    inlined = inline_svg(svg, prefix="f1-", description="A curve.")
    defined = re.findall(r' id="([^"]+)"', inlined)
    used = re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', inlined)
    assert defined
    assert len(set(defined)) == len(defined)
    assert all(name.startswith("f1-") for name in defined)
    assert {a or b for a, b in used} == set(defined)


def test_nothing_reaches_out_of_the_drawing(svg):
    inlined = inline_svg(svg, prefix="f1-", description="A curve.")
    for unwanted in ("<style", "<?xml", "<!DOCTYPE", "<metadata", "http:", "https:", "font-family"):
        assert unwanted not in inlined


def test_it_is_an_image_with_a_description_and_no_size_of_its_own(svg):
    inlined = inline_svg(svg, prefix="f1-", description='Loss < 1 & "falling".')
    root = inlined[: inlined.index(">")]
    assert 'role="img"' in root
    assert 'aria-label="Loss &lt; 1 &amp; &quot;falling&quot;."' in root
    assert "width" not in root


def test_the_page_can_redefine_every_colour(svg):
    inlined = inline_svg(svg, prefix="f1-", description="A curve.")
    without_variables = re.sub(r"var\(--plot-[a-z0-9-]+, #[0-9a-f]{6}\)", "", inlined)
    assert not re.search(r"#[0-9a-f]{6}\b", without_variables)


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("a/b", '<mo stretchy="false" lspace="0" rspace="0">&#x0002F;</mo>'),
        (r"\operatorname{sign}(x)", "<mi>sign</mi>"),
        (r"\sum_i x", "munder"),
    ],
)
def test_formulas_become_mathml(latex, expected):
    element = mathml(latex, block=True)
    assert expected in element
    assert element.startswith('<math display="block">')
    assert "http" not in element


def template(source):
    environment = Environment(
        loader=DictLoader({"t.html.j2": source}), autoescape=True, extensions=[Formulas]
    )
    return environment.get_template("t.html.j2").render()


def test_dollar_signs_in_templates_hold_formulas():
    rendered = template(r"<p>Here $x$, and</p>$$a = 1 \qquad b = 2$$")
    assert rendered.count("<math") == 3
    assert '<span class="unbroken"><math display="inline">' in rendered
    assert rendered.count('<div class="formula">') == 1


def test_an_unclosed_formula_is_found_when_the_template_is_loaded():
    with pytest.raises(TemplateSyntaxError, match="not closed"):
        template("<p>It costs $5.</p>")
