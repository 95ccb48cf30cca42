"""The page of a report: what it has at each level of hints, its pictures, and hostile code."""

import contextlib
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from rosenblatt.check.checking import check_object
from rosenblatt.check.network.findings import update_finding as finding_of_update
from rosenblatt.check.network.network import Step
from rosenblatt.check.numbers.compare import first_wrong
from rosenblatt.check.numbers.compared_arrays import MOST, from_plain, to_plain
from rosenblatt.check.report.heatmap import BANDS, heatmap
from rosenblatt.check.report.page import arrays_of
from rosenblatt.check.report.report import Finding, Report
from rosenblatt.check.source.text import Source
from rosenblatt.cli import main
from rosenblatt.errors import ConfigurationError

MODULES = """
import numpy as np

class Linear:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        self.dW = -self.x.T @ dout  # <script>alert(1)</script> \u202e
        return dout @ self.W.T
"""


class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout * (dout > 0)  # "<b onclick='alert(1)'>"


class Read(HTMLParser):
    """The tags, the attributes and the text of a page, as a browser reads them."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


def compared(analytic, numeric):
    return from_plain(first_wrong(np.array(analytic), np.array(numeric))["gradients"])


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    """A file, checked once in a process of its own: its page, and what stdout has."""
    folder = tmp_path_factory.mktemp("check")
    (folder / "modules.py").write_text(MODULES, encoding="utf-8")
    out = io.StringIO()
    words = ["check", str(folder / "modules.py"), "--json", "--html", str(folder / "page.html")]
    with contextlib.redirect_stdout(out):
        assert main(words) == 1
    return (folder / "page.html").read_text(encoding="utf-8"), json.loads(out.getvalue())


def test_the_arrays_of_the_process_are_on_the_page_and_not_in_the_json(answer):
    page, printed = answer
    assert set(printed) == {"ok", "findings", "checked", "not_checked", "reason", "remarks"}
    (finding,) = printed["findings"]
    assert set(finding) == {
        *("mistake", "where", "text", "parameter", "entry", "analytic", "numeric", "line"),
    }
    rows = re.findall(r'row">(\[.*?\])</th><td>(.*?)</td><td>(.*?)</td>', page)
    assert len(rows) == 12
    numbers = [[float(n.replace("\u2212", "-")) for n in row[1:]] for row in rows]
    assert numbers[0][0] == pytest.approx(finding["analytic"], rel=1e-3)
    for mine, right in numbers:
        assert mine == pytest.approx(-right)


def test_what_stands_in_the_file_is_text_on_the_page(answer):
    read = Read(answer[0])
    assert "script" not in read.tags
    assert "# <script>alert(1)</script> <U+202E>" in read.text
    assert "\u202e" not in answer[0]


def test_the_page_needs_no_other_file_and_runs_nothing(answer):
    read = Read(answer[0])
    names = {name for name, _ in read.attributes}
    assert not names & {"src", "srcset", "action"}
    assert not [name for name in names if name.startswith("on")]
    assert all(value.startswith("#") for name, value in read.attributes if name == "href")
    assert not re.search(r"url\(|@import|https?:", answer[0])


def test_weights_that_the_code_has_transposed_are_shown_as_it_has_them():
    moved = np.arange(6.0).reshape(2, 3)
    step = Step(None, {}, [], [], {}, {"W0": "w"}, [], 0, 0, turned=frozenset({"W0"}))
    found = finding_of_update(step, Source(""), "sign", "W0", -moved, moved, None)
    assert found["entry"] == [0, 1]
    assert found["numeric"] == moved.T[0, 1] == 3
    assert from_plain(found["gradients"]).numeric.shape == (3, 2)


def test_names_that_are_tags_are_text():
    hostile = "<script>alert(1)</script>"
    cls = type(hostile, (ReLU,), {})
    report = check_object(cls)
    assert report.findings
    odd = Finding(hostile, hostile, hostile, parameter=f'"><img onerror="{hostile}', line=1)
    for shown in (report, Report((odd,), (hostile,), None, hostile, (hostile,), hostile)):
        read = Read(shown.to_html())
        assert not {"script", "img"} & set(read.tags)
        assert hostile in read.text
    assert "script" not in Read(Report(reason=hostile).to_html()).tags


def test_each_level_of_hints_adds_to_the_page():
    report = check_object(ReLU)
    pages = [Read(report.to_html(hints)).text for hints in (1, 2, 3)]
    assert all("Of which array does ReLU ask" in page for page in pages)
    assert ["First wrong value at entry" in page for page in pages] == [False, True, True]
    assert ["return dout * (dout > 0)" in page for page in pages] == [False, True, True]
    assert ["mask is made of the gradient" in page for page in pages] == [False, False, True]
    assert ["relu-mask" in page for page in pages] == [False, False, True]
    assert [report.to_html(hints).count("<svg") for hints in (1, 2)] == [0, 4]
    with pytest.raises(ConfigurationError, match="not 1, 2 or 3"):
        report.to_html(4)


def test_a_notebook_shows_the_same_page_in_a_frame_without_scripts():
    report = check_object(ReLU)
    read = Read(report._repr_html_())
    assert read.tags == ["iframe"]
    assert dict(read.attributes)["srcdoc"] == report.to_html()
    assert ("sandbox", None) in read.attributes


def test_a_picture_has_a_cell_for_each_entry_in_the_colour_of_its_value():
    numbers = np.array([[1.0, -1.0, 0.0], [0.5, np.nan, -0.52]])
    part = compared(numbers, np.zeros((2, 3))).analytic
    svg = str(heatmap(part, 1.0, "", marked=(1, 2)))
    colours = {}
    for band, path in re.findall(r'class="g(\d+) cells" d="(.*?)"', svg):
        colours[int(band)] = re.findall(r"M(\d+) (\d+)", path)
    assert sorted(colours) == [0, 5, 10, 15, 20]
    assert BANDS == 10
    assert all(len(cells) == 1 for cells in colours.values())
    right, down = (np.array(colours[band][0], dtype=int) for band in (0, 15))
    size = right[0] - int(colours[20][0][0])
    assert list(down - right) == [-size, size]
    assert f'class="marked" x="{float(right[0] + size)}"' in svg
    assert svg.count('class="unknown"') == 1


def test_the_caption_and_the_table_say_what_is_wrong():
    shown = arrays_of(compared([[1.0, 2.0, 3.0]], [[1.0, 4.0, np.nan]]), (0, 1))
    assert "1 of 2 entries are wrong." in shown.caption
    assert "A cross is an entry that was not compared" in shown.caption
    assert [(row.entry, row.is_wrong) for row in shown.rows] == [
        ("[0, 0]", False),
        ("[0, 1]", True),
        ("[0, 2]", False),
    ]
    assert [picture.title for picture in shown.pictures][2] == "Difference"


def test_arrays_of_different_shapes_have_no_difference():
    shown = arrays_of(compared(np.ones((5, 3)), np.ones(3)), None)
    assert shown.caption == "Your array has the shape (5, 3); it should have (3,)."
    assert len(shown.pictures) == 2
    assert [row.entry for row in shown.rows][-2:] == ["[1]", "[2]"]


def test_infinite_entries_do_not_hide_the_others():
    shown = arrays_of(compared([np.inf, 1.0], [2.0, 1.0]), (0,))
    assert "Infinite entries have the strongest colour." in shown.caption
    assert ">2<" in shown.legend
    assert [row.analytic for row in shown.rows] == ["∞", "1"]


@pytest.mark.parametrize("entry", [(0, 0, 0), (1, 40, 99), (2, 69, 50)])
def test_a_large_array_is_carried_in_part_with_its_wrong_entry(entry):
    numeric = np.arange(3 * 70 * 100.0).reshape(3, 70, 100) + 1
    analytic = numeric.copy()
    analytic[entry] = -1e6
    carried = json.loads(json.dumps(to_plain(analytic, numeric, entry)))
    arrays = from_plain(carried)
    assert arrays.analytic.values.shape == (MOST, MOST)
    row, column = arrays.analytic.position(entry)
    assert arrays.analytic.values[row, column] == -1e6
    assert arrays.analytic.entry(row, column) == entry
    assert arrays.numeric.values[row, column] == numeric[entry]
    shown = arrays_of(arrays, entry)
    assert "a part is shown" in shown.caption
    assert len(shown.rows) == 50
    assert [row.is_wrong for row in shown.rows].count(True) == 1


@pytest.mark.parametrize(
    "plain",
    [
        None,
        {},
        {"values": [[1.0]], "shape": [1], "first": [0, 0]},
        {"values": [["<b>"]], "shape": [1], "first": [0, 0]},
        {"values": [[1.0, 2.0]], "shape": [1], "first": [0, 0]},
        {"values": [[1.0]], "shape": [2], "first": [0, 5]},
        {"values": [[1.0] * (MOST + 1)], "shape": [MOST + 1], "first": [0, 0]},
        {"values": [1.0], "shape": [1], "first": [0, 0]},
    ],
)
def test_what_is_no_part_of_an_array_is_not_shown(plain):
    right = to_plain([1.0], [2.0])["numeric"]
    given = plain and {"analytic": plain, "numeric": right}
    is_right = plain is not None and plain.get("values") == [[1.0]] and plain["first"] == [0, 0]
    assert (from_plain(given) is not None) == is_right


def test_the_file_itself_is_not_overwritten(tmp_path, capsys):
    path = tmp_path / "modules.py"
    path.write_text(MODULES, encoding="utf-8")
    assert main(["check", str(path), "--html", str(path)]) == 2
    assert "is the file to check" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == MODULES
    assert main(["check", str(path), "--html", "a.html", "--assignment", "part1"]) == 2
    assert "--html has no effect" in capsys.readouterr().err
