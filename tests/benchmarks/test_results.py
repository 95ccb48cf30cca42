import json

import pytest

from benchmarks.markdown import other_lines, table_of_contenders, write_markdown
from benchmarks.plot import draw_contenders, draw_scaling
from benchmarks.result_files import write_results
from rosenblatt.errors import FileError


def lines_of(page, title):
    """Return the table lines that begin with a title, cell by cell."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith(f"| {title} |")
    ]


def test_every_contender_has_its_line_whether_it_lost_or_failed(results):
    page = write_markdown(results)
    (winner,) = lines_of(page, "rosenblatt, compiled")
    assert winner[1:4] == ["100", "99.0 – 120", "1.00"]
    (slower,) = lines_of(page, "JAX")
    assert slower[1:] == [
        "250",
        "240 – 300",
        "2.50",
        "6, falls short",
        "1.25",
        "200",
        "3e-16",
        "unroll=8",
    ]
    (faster,) = lines_of(page, "JAX, products as sums")
    assert faster[1:4] == ["50.0", "50.0 – 50.0", "0.50"]
    (different,) = lines_of(page, "PyTorch")
    assert different[1:5] == ["200 000", "200 000 – 200 000", "2 000", "1000"]
    assert different[7] == "≠ 5e-01"
    assert lines_of(page, "scikit-learn")[0][-1] == "cannot: not that"
    assert "signal 9" in lines_of(page, "rosenblatt, reference")[0][-1]


def test_what_was_asked_for_and_missed_is_at_the_top(results):
    page = write_markdown(results)
    assert "Compiling is in none of these times" in page.split("## How")[0]
    jax, pytorch = lines_of(page.split("## How")[0], "one run, B = 1")
    assert jax[1:] == ["100", "JAX", "250", "2.50", "9", "falls short", "–"]
    assert pytorch[2:] == ["PyTorch", "200 000", "2 000", "1000", "yes", "–"]


def test_the_other_rows_are_there(results):
    page = write_markdown(results, ["contenders.png", "scaling.png"])
    assert "**50.5 s**. At most 40 s were asked for: it falls short." in page
    assert "12.3 ms (asked: at most 150 ms)" in page
    assert "PyArrow: llvmlite." in page
    assert "scaling: no luck" in page
    assert page.count("](contenders.png)") == page.count("](scaling.png)") == 1
    assert results.machine["python"] in page


def test_a_quick_run_says_that_its_numbers_mean_nothing(results):
    assert "mean nothing" not in write_markdown(results)
    results.settings = {"quick": True, "rounds": 2}
    assert "mean nothing" in write_markdown(results)


def test_a_terminal_gets_all_contenders_too(results):
    header, lines = table_of_contenders(results)
    assert {len(line) for line in lines} == {len(header)}
    assert [line[1] for line in lines] == [entry.title for entry in results.rows[0].entries]
    assert lines[-1][-1] == "the process was killed by signal 9"
    assert len(other_lines(results)) == 8


def test_files_are_written_and_json_is_json(results, tmp_path):
    folder = tmp_path / "new" / "benchmarks"
    files = write_results(results, folder)
    assert {file.name for file in files} == {
        "RESULTS.md",
        "results.json",
        "contenders.png",
        "scaling.png",
    }
    assert {file.name for file in folder.iterdir()} == {file.name for file in files}
    found = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert found["rows"][0]["entries"][1]["nanoseconds"] == 250.0
    assert found["rows"][0]["work"]["id"] == "one-b1"
    assert found["experiment"]["total_seconds"] == 50.5
    assert found["keeping"]["share"] == pytest.approx(0.02)
    page = (folder / "RESULTS.md").read_text(encoding="utf-8")
    assert "takes **2.0 %** longer than in memory (20.0 s; the median over 3 rounds)" in page
    assert "At most 3 % were asked for." in page


def test_a_folder_that_cannot_be_is_refused(results, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="cannot make the folder"):
        write_results(results, tmp_path / "file")


def test_the_figure_has_a_line_per_row_and_a_marker_per_contender(results):
    (ax,) = draw_contenders(results.rows).axes
    assert ax.get_xscale() == "log"
    assert "nanoseconds" in ax.get_xlabel()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one run, B = 1"]
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["rosenblatt, compiled", "JAX", "JAX, products as sums", "PyTorch"]
    assert [text.get_text() for text in ax.texts] == ["JAX ÷ ours", "2.5"]


def test_the_growth_has_four_panels_with_lines_of_slope_1(results):
    axes = draw_scaling(results.scaling).axes
    assert len(axes) == 4
    for ax in axes:
        assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
        x, y = ax.get_lines()[1].get_data()
        assert y[1] / y[0] == pytest.approx(x[1] / x[0])
    assert "MiB" in axes[3].get_ylabel()
