"""An experiment is added by one folder and one line in the catalogue."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rosenblatt
from rosenblatt.errors import ConfigurationError
from rosenblatt.report.contents import section_of

TASKS = """
from rosenblatt.experiments.base import Experiment, Task, chunks, joined


def tossed(first, stop):
    return {"tosses": [{"seed": seed, "heads": seed % 2} for seed in range(first, stop)]}


def tasks(seeds):
    return [Task(("tossed", part["first"]), tossed, part, 0.01) for part in chunks(seeds)]


EXPERIMENT = Experiment(
    id="E99",
    title="A coin",
    question="Is the coin fair?",
    settings={"coin": "a penny"},
    tasks=tasks,
    collect=lambda outputs: {"tosses": joined(outputs, "tossed", "tosses")},
)
"""
REPORT = """
from rosenblatt.report.evidence import percent_interval, percent_of
from rosenblatt.report.parts import Claim, Column, Panel, ReportFigure, ReportTable, Section
from rosenblatt.report.rows import columns
from rosenblatt.report.verdicts import effect, judged


def draw(ax, results):
    tosses = columns(results["E99"].tables["tosses"])
    ax.plot(tosses["seed"], tosses["heads"])


def is_fair(results):
    heads = effect(columns(results["E99"].tables["tosses"])["heads"], above=0.4, below=0.6)
    return judged(heads, f"Heads in {percent_interval(heads)}, see [[tosses]].", percent_of)


SECTION = Section(
    "E99",
    package=__package__,
    figures=(ReportFigure("tosses", "Tosses", (Panel(draw, "A zigzag."),), lambda _: "Zigzag."),),
    tables=(
        ReportTable(
            key="table_tosses",
            title="Tosses",
            rows=lambda results: results["E99"].tables["tosses"],
            columns=(Column("seed", lambda row: str(row["seed"])),),
            caption=lambda _: "All tosses.",
        ),
    ),
    claims=(Claim("fair", "The coin is fair.", "section 9", "heads", is_fair, ("tosses",)),),
    facts=lambda results: {"n": results["E99"].tables["tosses"].num_rows},
)
"""
TEXT = """{%- import "macros.html.j2" as m with context -%}
{%- macro found(f) -%}The coin was tossed {{ f.n }} times.{%- endmacro -%}
{%- macro body(f) -%}{{ m.figure("tosses") }}{{ m.table("table_tosses") }}{{ m.claims("E99") }}
{%- endmacro -%}
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report of a copy of the package whose catalogue has one line more."""
    home = tmp_path_factory.mktemp("home")
    source = Path(rosenblatt.__file__).parent
    shutil.copytree(
        source, home / "rosenblatt", ignore=shutil.ignore_patterns("__pycache__", "compiled")
    )
    # The kernels are compiled already there, and no experiment here trains.
    (home / "rosenblatt/engines/compiled").symlink_to(source / "engines/compiled")
    folder = home / "coins" / "e99_coin"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(TASKS)
    (folder / "report.py").write_text(REPORT)
    (folder / "e99.html.j2").write_text(TEXT)
    catalogue = home / "rosenblatt/experiments/catalogue.py"
    line = '    "rosenblatt.experiments.e6_batch_size",\n'
    text = catalogue.read_text()
    assert line in text
    catalogue.write_text(text.replace(line, line + '    "coins.e99_coin",\n'))
    script = (
        "from rosenblatt.report import build_report; "
        f"build_report({str(home / 'out')!r}, seeds=8, only=['E99'], jobs=1)"
    )
    environment = os.environ | {"PYTHONPATH": str(home)}
    subprocess.run([sys.executable, "-c", script], check=True, timeout=300, env=environment)
    return home / "out"


@pytest.mark.slow
def test_its_figure_table_and_claim_are_on_the_page(report):
    page = re.sub(r"\s+", " ", (report / "index.html").read_text())
    assert "The coin was tossed 8 times." in page
    assert "Zigzag." in page
    assert "All tosses." in page
    assert "The coin is fair." in page
    assert re.search(r'see <a href="#figure-S\d+">figure S\d+</a>', page)


def test_its_files_and_its_verdict_are_in_the_record(report):
    record = json.loads((report / "results.json").read_text())
    assert list(record["experiments"]) == ["E99"]
    (figure,), (table,), (claim,) = (record[name] for name in ("figures", "tables", "claims"))
    assert [figure["title"], table["title"], claim["id"]] == ["Tosses", "Tosses", "fair"]
    for name in (*figure["files"], table["file"], "rows/E99_tosses.parquet"):
        assert (report / name).is_file()
    assert claim["verdict"] == "not enough runs"
    assert claim["experiment"] == "E99"


def test_a_section_that_is_missing_or_has_no_text_is_named(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "no_section"
    folder.mkdir()
    (folder / "__init__.py").write_text(TASKS)
    with pytest.raises(ConfigurationError, match=r"no complete section .* No module named"):
        section_of("no_section")
    (folder / "report.py").write_text(REPORT)
    with pytest.raises(ConfigurationError, match=r"in no_section\.report: .*e99\.html\.j2"):
        section_of("no_section")
    (folder / "e99.html.j2").write_text(TEXT)
    assert section_of("no_section").experiment == "E99"
