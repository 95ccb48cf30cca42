"""The site's pages: their links lead somewhere, their code runs, their commands can be parsed."""

import re
import runpy
import shlex
from pathlib import Path

import pytest

from rosenblatt.cli.app import app
from rosenblatt.reproductions import NAMES, find

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
PAGES = sorted(path.name for path in DOCS.glob("*.md"))
WITH_CODE = (
    "start.md",
    "students.md",
    "teachers.md",
    "researchers.md",
    "practitioners.md",
    "migration.md",
)


def read(page):
    return (DOCS / page).read_text(encoding="utf-8")


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", read(page), re.DOTALL | re.MULTILINE)


def test_the_configuration_is_read_without_sphinx(docs):
    names = runpy.run_path(str(docs / "conf.py"))
    assert names["extensions"][-1] == "extension"
    assert (docs / f"{names['root_doc']}.md").exists()


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_or_to_pages_that_the_build_writes(page, docs):
    from extension import mathematics, pages, reference, report, results

    names = [*mathematics.pages(), *reference.pages(), *report.pages(), *results.pages()]
    written = {f"generated/{name}" for name in (*pages.repository_files(), *names)}
    written |= {"generated/gallery/index.rst"}
    text = read(page)
    targets = re.findall(r"\]\(([^)#\s]+)", text)
    for body in re.findall(r"```\{toctree\}\n(.*?)```", text, re.DOTALL):
        entries = [line for line in body.splitlines() if line and not line.startswith(":")]
        targets += [re.sub(r".*<(.*)>", r"\1", entry) for entry in entries]
    targets += re.findall(r"^:link: (.*)$", text, re.MULTILINE)
    for target in targets:
        candidates = {target, f"{target}.md", f"{target}.rst"}
        is_there = any((DOCS / candidate).exists() for candidate in candidates)
        assert ":" in target or is_there or candidates & written, f"{page}: {target}"


def test_every_page_is_in_a_table_of_contents():
    listed = {"index.md"}
    for page in PAGES:
        for body in re.findall(r"```\{toctree\}\n(.*?)```", read(page), re.DOTALL):
            listed |= {f"{line}.md" for line in body.splitlines()}
    assert listed >= set(PAGES)


def test_every_known_result_has_a_page_with_its_published_numbers(docs):
    from extension import results

    from rosenblatt.reproductions import NAMES, find

    pages = results.pages()
    for name in NAMES:
        page = pages[f"results/{name}.rst"]
        assert f"rosenblatt reproduce {name}" in page
        assert page.count("   * - ") == len(find(name).published) + 1


def test_authors_of_sources_do_not_begin_a_numbered_list(docs):
    from docutils import nodes
    from docutils.core import publish_doctree
    from extension import results

    from rosenblatt.reproductions import NAMES, find

    for source in (source for name in NAMES for source in find(name).sources):
        document = publish_doctree(f"- {results.text_of(source)}")
        assert not list(document.findall(nodes.enumerated_list))
        assert document.astext() == source


def test_the_page_of_the_report_has_every_experiment_and_every_claim(docs, tmp_path):
    from extension import report

    from rosenblatt.experiments.catalogue import EXPERIMENTS
    from rosenblatt.report.contents import CONTENTS

    page = report.pages(tmp_path)["report.rst"]
    headings = re.findall(r"^(E\d): .*\n-+$", page, re.MULTILINE)
    assert headings == list(EXPERIMENTS)
    tables = [section for section in CONTENTS.sections.values() if section.claims]
    n_claims = sum(len(section.claims) for section in tables)
    assert page.count("   * - ") == n_claims + len(tables)


def test_computed_pages_are_linked_where_they_are(docs, tmp_path):
    from extension import report

    assert "was built without" in report.pages(tmp_path)["report.rst"]
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "index.html").touch()
    assert "<../report/index.html>" in report.pages(tmp_path)["report.rst"]
    assert "was built without" in report.pages(tmp_path)["computed.rst"]


@pytest.mark.parametrize("page", WITH_CODE)
def test_the_code_of_a_path_runs(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "page"}
    for block in blocks(page, "python"):
        exec(compile(block, page, "exec"), names)
    assert blocks(page, "python")


@pytest.mark.parametrize("page", WITH_CODE)
def test_the_commands_of_a_path_are_commands(page):
    commands = "".join(blocks(page, "shell")).splitlines()
    for command in commands:
        program, *words = shlex.split(command)
        if program == "rosenblatt":
            function, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
            assert callable(function), command
            assert bound is not None


def test_the_page_of_results_has_their_times():
    for result in map(find, NAMES):
        row = f"| `{result.name}` | {result.takes} | {result.full_takes or '–'} |"
        assert row in read("reproduce.md").splitlines()
