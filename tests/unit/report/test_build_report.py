import hashlib
import json
import os
import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser

import pyarrow.parquet as pq
import pytest

import tiny
from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.experiments import EXPERIMENTS
from rosenblatt.report import build, build_report, write_report
from rosenblatt.report.contents import (
    CLAIMS,
    FIGURES,
    TABLES,
    anchor_of,
    file_of,
    heading_of,
    name_of,
    number_of,
    with_names,
)
from rosenblatt.report.page import render_page
from rosenblatt.report.parts import ReportFigure
from rosenblatt.report.record import make_record

VOID = {"meta", "link", "br", "img", "input", "hr", "mspace"}


class Page(HTMLParser):
    """Checks that tags nest, and collects what the tests ask about."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.targets, self.references = [], [], [], []
        self.headings, self.images, self.tags, self.text = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append((tag, values))
        if tag not in VOID:
            self.open.append(tag)
        if "id" in values:
            self.ids.append(values["id"])
        for name in ("href", "src", "xlink:href", "action", "data", "poster"):
            if name in values:
                self.references.append(values[name])
        if "aria-labelledby" in values:
            self.targets += values["aria-labelledby"].split()
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "svg":
            self.images.append(values)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        opened = self.open.pop()
        assert opened == tag, f"<{opened}> is closed by </{tag}>"

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text.append(data)


@pytest.fixture(scope="module")
def written(results, tmp_path_factory):
    out = tmp_path_factory.mktemp("report")
    return write_report(results, out, seeds=3)


@pytest.fixture(scope="module")
def source(written):
    return written.page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(source):
    return Page(source)


def test_it_writes_every_file_of_the_report_and_nothing_else(written, results):
    expected = {"index.html", "results.json"}
    expected |= {f"figures/{file_of(key)}.{s}" for key in FIGURES for s in ("png", "svg")}
    expected |= {f"tables/{file_of(key)}.csv" for key in TABLES}
    expected |= {
        f"rows/{name}_{table}.parquet" for name in results for table in results[name].tables
    }
    found = {p.relative_to(written.out).as_posix() for p in written.out.rglob("*") if p.is_file()}
    assert found == expected == set(written.files)
    assert (written.figures, written.tables) == (len(FIGURES), len(TABLES))
    assert json.loads(json.dumps(written.as_json()))["experiments"] == [
        f"E{n}" for n in range(1, 7)
    ]


def test_the_tags_of_the_page_nest(page, source):
    assert source.startswith("<!DOCTYPE html>")
    assert page.open == []


def test_identifiers_are_unique_and_links_inside_the_page_resolve(page, source):
    assert len(set(page.ids)) == len(page.ids)
    inside = [reference[1:] for reference in page.references if reference.startswith("#")]
    inside += re.findall(r"url\(#([^)]+)\)", source)
    assert set(inside) | set(page.targets) <= set(page.ids)


def test_links_out_of_the_page_lead_to_the_files_beside_it_and_to_each_of_them(page, written):
    outside = {reference for reference in page.references if not reference.startswith("#")}
    assert outside == set(written.files) - {"index.html"}


def test_a_figure_links_its_files_and_the_rows_that_it_shows(source):
    shown = source[source.index(f'<figure id="{anchor_of("plateau")}"') :]
    shown = shown[: shown.index("</figure>")]
    stem = f"figures/{file_of('plateau')}"
    for file in (f"{stem}.png", f"{stem}.svg", "rows/E4_plateau.parquet"):
        assert f'href="{file}"' in shown
    assert shown.count("rows/") == 1


def test_figures_of_our_own_and_tables_are_numbered_in_the_order_of_the_page(page):
    for kind in (r"figure-S(\d+)", r"table-(\d+)"):
        numbers = [int(found[1]) for name in page.ids if (found := re.fullmatch(kind, name))]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) > 7


def test_a_text_of_code_links_the_figures_that_it_names(source):
    caption = source[source.index(f'<figure id="{anchor_of("loss_of_seeds")}"') :]
    assert (
        'The loss of <a href="#figure-2">figure\u00a02</a>' in caption[: caption.index("</figure>")]
    )


def test_the_page_asks_no_host_for_anything(page, source):
    assert not any(":" in reference for reference in page.references)
    assert not re.findall(r"url\((?!#)", source)
    assert "@import" not in source
    assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "img", "object"}


def test_headings_descend_one_level_at_a_time(page):
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    before = 1
    for level in page.headings[1:]:
        assert level <= before + 1
        before = level


def test_the_page_has_landmarks_and_a_language(page):
    tags = dict(page.tags)
    assert {"header", "nav", "main", "footer"} <= set(tags)
    assert tags["html"]["lang"].startswith("en")


def test_every_drawing_is_an_image_with_a_description(page):
    assert len(page.images) == sum(len(figure.panels) for figure in FIGURES.values())
    for image in page.images:
        assert image["role"] == "img"
        assert len(image["aria-label"]) > 20


def test_every_header_cell_says_what_it_heads(page):
    headers = [values for tag, values in page.tags if tag == "th"]
    assert headers
    assert all(values.get("scope") in ("col", "row", "rowgroup") for values in headers)


def test_all_figures_and_tables_are_there_with_number_and_caption(page, results):
    text = " ".join("".join(page.text).split())
    for key, shown in (FIGURES | TABLES).items():
        assert anchor_of(key) in page.ids
        caption = with_names(shown.caption(results))
        assert " ".join(f"{heading_of(key)}. {caption}".split()) in text


def test_the_theory_is_there_as_mathml(source):
    assert source.count("<math") > 60
    assert "$" not in source


def test_the_theory_says_where_it_differs_from_the_source(page):
    text = " ".join("".join(page.text).split())
    for statement in (
        "are orthogonal to the line",
        "The rule descends along that of the criterion without the division.",
        "It has no bias, although the source's decision rule has one.",
        "It is the gradient with respect to the logits",
    ):
        assert statement in text


def test_the_page_is_small_and_has_both_schemes(written, source):
    assert written.page.stat().st_size < 5_000_000
    assert "prefers-color-scheme: dark" in source
    assert "@media print" in source


def test_results_json_is_strict_json(written):
    def refuse(constant):
        raise AssertionError(constant)

    text = (written.out / "results.json").read_text(encoding="utf-8")
    json.loads(text, parse_constant=refuse)


def test_results_json_has_every_claim_with_its_verdict(written, results):
    record = json.loads((written.out / "results.json").read_text(encoding="utf-8"))
    assert [claim["id"] for claim in record["claims"]] == [claim.id for claim in CLAIMS]
    for entry, claim in zip(record["claims"], CLAIMS, strict=True):
        finding = claim.judge(results)
        assert entry["verdict"] == finding.verdict
        assert entry["condition"] == finding.condition
        assert entry["evidence"] == with_names(finding.evidence)
        assert entry["figures"] == [name_of(key) for key in claim.figures]
        assert entry["experiment"] == claim.experiment
    # Three seeds cannot say much.
    assert {"not enough runs", "holds"} <= {claim["verdict"] for claim in record["claims"]}


def test_results_json_has_settings_versions_seconds_and_known_numbers(written):
    record = json.loads((written.out / "results.json").read_text(encoding="utf-8"))
    assert record["seeds"] == 3
    assert {"rosenblatt", "Python", "numpy", "scikit-learn", "matplotlib"} <= set(
        record["versions"]
    )
    assert record["machine"]["processor cores"] == os.cpu_count()
    e4 = record["experiments"]["E4"]
    assert e4["seconds"] == 1.25
    assert e4["settings"]["epochs"] == 1500
    assert e4["summary"][0]["protocol"] == "replay"
    assert len(e4["summary"]) == 1 + 2 * 3
    assert set(record["replays"]) == {"E1", "E2", "E4", "E5", "E6"}
    first = record["replays"]["E4"][0]
    assert first["difference"] == first["replayed"] - first["expected"]
    assert [figure["number"] for figure in record["figures"]] == [number_of(key) for key in FIGURES]


def test_all_rows_are_beside_the_page(written, results):
    for name, result in results.items():
        for table, rows in result.tables.items():
            # As text, in which NaN equals NaN.
            found = pq.read_table(written.out / "rows" / f"{name}_{table}.parquet")
            assert found.schema.equals(rows.schema)
            assert str(found.to_pylist()) == str(rows.to_pylist())


def test_every_claim_is_on_the_page_twice_linked_to_and_fro(page, source, results):
    text = " ".join("".join(page.text).split())
    for claim in CLAIMS:
        finding = claim.judge(results)
        assert f"claim-{claim.id}" in page.ids
        assert f"#claim-{claim.id}" in page.references
        assert text.count(claim.says) >= 2
        assert " ".join(with_names(finding.evidence).split()) in text
        for key in claim.figures:
            target = anchor_of(key)
            assert target in page.ids
            # From the figure or the table back to the claim.
            shown = source[source.index(f'<figure id="{target}"') :]
            assert f'href="#claim-{claim.id}"' in shown[: shown.index("</figure>")]
            entry = source[source.index(f'<dl id="claim-{claim.id}">') :]
            assert f'href="#{target}"' in entry[: entry.index("</dl>")]
            assert 'href="#claims"' in entry[: entry.index("</dl>")]


def test_the_page_counts_the_verdicts(page, results):
    text = " ".join("".join(page.text).split())
    assert f"{len(CLAIMS)} claims of the source were put to the test" in text
    for verdict, n in Counter(claim.judge(results).verdict for claim in CLAIMS).items():
        assert re.search(rf"\b{verdict}( …)? for {n}\b", text)


def test_the_page_has_the_digest_of_each_table(written, page):
    text = "".join(page.text)
    for key in TABLES:
        name = f"tables/{file_of(key)}.csv"
        digest = hashlib.sha256((written.out / name).read_bytes()).hexdigest()
        assert re.search(rf"{name}\s*{digest}", text)


def test_a_verdict_is_shown_in_the_list_and_beside_the_evidence(source):
    for claim in CLAIMS:
        row = re.search(
            rf'href="#claim-{claim.id}">(?:(?!</tr>).)*<td class="text">(.*?)</td></tr>',
            source,
            re.S,
        )
        entry = re.search(
            rf'<dl id="claim-{claim.id}">.*?<dt>Verdict</dt><dd>(.*?)</dd>', source, re.S
        )
        assert row[1] == entry[1]
        assert 'class="verdict ' in row[1]


def test_a_claim_has_its_section_and_what_other_thresholds_would_say(source, results):
    for claim in CLAIMS:
        (entry,) = re.findall(rf'<dl id="claim-{claim.id}">.*?</dl>', source, re.S)
        assert f"({claim.where})" in re.sub(r"\s+", " ", unescape(entry))
        finding = claim.judge(results)
        assert ("<dt>By threshold</dt>" in entry) == bool(finding.sensitivity)
        assert ("<dt>Runs to decide it</dt>" in entry) == (finding.verdict == "not enough runs")
        assert ("<dt>Among our runs</dt>" in entry) == bool(finding.typical)


def test_what_the_source_does_not_print_is_not_called_published(source):
    assert "publish" not in re.sub(r"<style>.*?</style>", "", source, flags=re.S).lower()


def test_no_value_is_missing_on_the_page(page):
    assert missing(page) == []


@pytest.fixture
def without_drawings(monkeypatch):
    """Leave out drawing, which takes most of the time and is tested by itself."""
    monkeypatch.setattr(ReportFigure, "draw_panels", lambda figure, _: figure.panels)
    monkeypatch.setattr(
        "rosenblatt.report.page.render", lambda *_: b'<svg viewBox="0 0 9 9"></svg>'
    )


def rendered(results, seeds=3):
    only = list(results)
    record = make_record(results, seeds=seeds, only=only)
    json.dumps(record, allow_nan=False)
    return Page(render_page(results, record, f"report --only {','.join(only)}"))


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    "chosen",
    [*([name] for name in EXPERIMENTS), ["E4", "E6"], ["E2", "E5"], ["E4", "E5"]],
    ids=",".join,
)
def test_a_page_of_some_experiments_stands_alone(results, without_drawings, chosen):
    page = rendered({name: results[name] for name in chosen})
    assert page.open == []
    assert [name for name in page.ids if re.fullmatch(r"E\d", name)] == chosen
    assert len(set(page.ids)) == len(page.ids)
    inside = {name[1:] for name in page.references if name.startswith("#")}
    assert inside | set(page.targets) <= set(page.ids)
    assert missing(page) == []
    figures = {anchor_of(key) for key, f in FIGURES.items() if set(f.experiments) <= set(chosen)}
    assert {name for name in page.ids if name.startswith("figure-")} == figures
    tables = {anchor_of(key) for key, t in TABLES.items() if set(t.experiments) & set(chosen)}
    assert {name for name in page.ids if re.fullmatch(r"table-\d", name)} == tables
    claims = {f"claim-{claim.id}" for claim in CLAIMS if claim.experiment in chosen}
    assert {name for name in page.ids if name.startswith("claim-")} == claims
    text = " ".join("".join(page.text).split())
    assert f"--only {','.join(chosen)}" in text
    assert ("claims" in page.ids) == ("verdict is" in text) == bool(claims)


@pytest.mark.slow
def test_a_page_of_one_seed_has_no_deviations_and_decides_little(without_drawings):
    with tiny.tiny():
        alone = {name: tiny.result(name, seeds=1) for name in EXPERIMENTS}
    page = rendered(alone, seeds=1)
    assert missing(page) == []
    assert "1 seed" in "".join(page.text)
    verdicts = Counter(claim.judge(alone).verdict for claim in CLAIMS)
    assert verdicts["not enough runs"] > len(CLAIMS) / 2


def missing(page):
    """The words around what is no value."""
    text = " ".join("".join(page.text).split())
    return re.findall(r".{0,40}\b(?:nan|NaN|None|inf|undefined)\b.{0,20}", text)


@pytest.mark.slow
def test_only_what_was_chosen_is_written_and_the_same_each_time(results, tmp_path):
    chosen = {"E3": results["E3"]}
    first, second = (
        write_report(chosen, tmp_path / name, seeds=3, only=["E3"]) for name in ("new/a", "b")
    )
    files = {p.relative_to(first.out).as_posix() for p in first.out.rglob("*") if p.is_file()}
    figure = f"figures/{file_of('accuracy_against_spread')}"
    assert files == {
        *(f"{figure}.{suffix}" for suffix in ("png", "svg")),
        *(f"tables/{file_of(key)}.csv" for key in ("table_spread", "table_agreement")),
        *("index.html", "results.json"),
        *(f"rows/E3_{table}.parquet" for table in results["E3"].tables),
    }
    assert set(first.files) == files
    for name in files:
        assert (first.out / name).read_bytes() == (second.out / name).read_bytes()


@pytest.mark.slow
def test_build_runs_the_chosen_experiments_once_each_in_order(results, tmp_path, monkeypatch):
    asked = []

    def run_experiments(ids, *, on_progress, **settings):
        asked.append((ids, settings))
        on_progress(ids[0], 1.0)
        return {name: results[name] for name in ids}

    monkeypatch.setattr(build, "run_experiments", run_experiments)
    progress = []
    only = ["e3", " E2", "E3"]
    summary = build_report(
        tmp_path,
        seeds=2,
        only=only,
        jobs=1,
        dask="tcp://127.0.0.1:8786",
        fresh=True,
        progress=lambda *done: progress.append(done),
    )
    settings = {"seeds": 2, "jobs": 1, "dask": "tcp://127.0.0.1:8786", "fresh": True}
    assert asked == [(["E2", "E3"], {**settings, "cache": tmp_path / "cache"})]
    assert progress == [("E2", 1.0)]
    assert summary.experiments == ("E2", "E3")
    text = "".join(Page(summary.page.read_text(encoding="utf-8")).text)
    assert "rosenblatt report --out report --seeds 2 --only E2,E3" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"only": ["E9"]}, "E9"),
        ({"only": []}, "E1"),
        ({"seeds": 0}, "at least 1"),
        ({"seeds": 1.5}, "whole number"),
    ],
)
def test_settings_that_cannot_work_are_refused_before_anything_is_made(
    tmp_path, arguments, message
):
    with pytest.raises(ConfigurationError, match=message):
        build_report(tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()


def test_a_file_in_place_of_the_folder_is_refused_before_anything_is_run(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "run_experiments", lambda *_, **__: pytest.fail("ran"))
    (tmp_path / "out").write_text("mine")
    with pytest.raises(FileError, match="out"):
        build_report(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


def test_a_read_only_folder_is_refused_before_anything_is_run(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "run_experiments", lambda *_, **__: pytest.fail("ran"))
    # The tests may run as root, to whom no folder is read-only.
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(FileError, match="read-only"):
        build_report(tmp_path / "out")
