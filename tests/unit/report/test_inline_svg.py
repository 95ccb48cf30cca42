import re
from xml.etree import ElementTree

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
        ("a/b", '<mo stretchy="false" lspace="0" rspace="0">/</mo>'),
        (r"\operatorname{tr} H", '<mi>tr</mi><mspace width="0.167em" /><mi>H</mi>'),
        (r"s \operatorname{tr} H", '<mi>s</mi><mspace width="0.167em" /><mi>tr</mi>'),
        (r"\max_j z", '</msub><mspace width="0.167em" /><mi>z</mi>'),
        (r"\operatorname{E} L", '<mi mathvariant="normal">E</mi>'),
        (r"u \sim N", "<mi>u</mi><mo>\u223c</mo><mi>N</mi>"),
        (r"\bar x \pm t", "</mover><mo>\u00b1</mo><mi>t</mi>"),
        (r"\partial L", "<mi>\u2202</mi><mi>L</mi>"),
        (r"\lceil N \rceil", "<mo>\u2308</mo><mi>N</mi><mo>\u2309</mo>"),
        ("a.", '<mo lspace="0" rspace="0">.</mo>'),
        (r"\operatorname{sign}(x)", "<mi>sign</mi>"),
        (r"\sum_i x", "munder"),
    ],
)
def test_formulas_become_mathml(latex, expected):
    element = mathml(latex, block=True)
    assert expected in element
    assert element.startswith('<math display="block">')
    assert "http" not in element


@pytest.mark.parametrize(("latex", "bar"), [(r"\lVert", "\u2016"), (r"\lvert", "|")])
def test_bars_stretch_to_what_they_enclose_and_to_nothing_else(latex, bar):
    right = latex.replace("l", "r", 1)
    root = ElementTree.fromstring(mathml(rf"\sum_i {latex} g_i - G {right}^2 + {latex} x {right}"))
    bars = [node for node in root.iter("mo") if node.text == bar]
    assert [node.get("form") for node in bars] == ["prefix", "postfix"] * 2
    assert {node.get("stretchy") for node in bars} == {"true"}
    rows = [row for row in root.iter("mrow") if row[0].text == bar]
    assert ["".join(row.itertext()) for row in rows] == [f"{bar}gi\u2212G{bar}", f"{bar}x{bar}"]
    # The exponent is that of all that stands between the bars.
    assert [node[0] for node in root.iter("msup")] == rows[:1]


def test_a_single_bar_is_as_high_as_a_letter():
    root = ElementTree.fromstring(mathml("p(a | b)"))
    (bar,) = [node for node in root.iter("mo") if node.text == "|"]
    assert bar.get("stretchy") == "false"


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
