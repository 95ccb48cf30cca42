"""The page in print: by a browser that is made up, and by a real one where there is one."""

import os
import re
import sys

import pytest

from rosenblatt.cli import main
from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.report import build, build_report, pdf, write_report
from rosenblatt.report.pdf import BROWSER_VARIABLE, find_browser, for_print, pdf_bytes

PAGE = """<!DOCTYPE html><html lang="en"><head><title>Printed</title>
<style>#b { break-before: page }</style></head><body>
<section id="a"><p><a href="#b">b</a> <a href="rows/x.parquet">rows</a></p></section>
<section id="b"><details><summary>More</summary><p>hidden</p></details></section>
</body></html>"""


def browser_of(tmp_path, body):
    """Return an executable that is given a browser's arguments, with its lines of Python."""
    path = tmp_path / "browser"
    path.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys, urllib.parse\n"
        "flags = dict(a[2:].partition('=')[::2] for a in sys.argv[1:] if a.startswith('--'))\n"
        "source = pathlib.Path(urllib.parse.unquote(urllib.parse.urlparse(sys.argv[-1]).path))\n"
        f"{body}\n"
    )
    path.chmod(0o755)
    return str(path)


PRINTS = (
    "pathlib.Path(flags['print-to-pdf']).write_bytes(b'%PDF-' + source.read_bytes() + "
    "repr(flags).encode())"
)


@pytest.fixture
def no_browsers(monkeypatch):
    monkeypatch.delenv(BROWSER_VARIABLE, raising=False)
    monkeypatch.setattr(pdf, "BROWSERS", ("no-such-browser",))


def test_the_browser_of_the_environment_comes_first(tmp_path, monkeypatch):
    path = browser_of(tmp_path, PRINTS)
    monkeypatch.setattr(pdf, "BROWSERS", (sys.executable,))
    monkeypatch.delenv(BROWSER_VARIABLE, raising=False)
    assert find_browser() == sys.executable
    monkeypatch.setenv(BROWSER_VARIABLE, path)
    assert find_browser() == path
    monkeypatch.setenv(BROWSER_VARIABLE, str(tmp_path / "gone"))
    with pytest.raises(ConfigurationError, match=rf'{BROWSER_VARIABLE} names ".*gone"'):
        find_browser()


def test_without_a_browser_nothing_is_computed_and_what_to_install_is_said(
    no_browsers, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(build, "run_experiments", lambda *_, **__: pytest.fail("ran"))
    with pytest.raises(ConfigurationError, match="apt install chromium"):
        build_report(tmp_path / "out", pdf=True)
    assert not (tmp_path / "out").exists()
    assert main(["report", "--pdf", "--out", str(tmp_path / "out")]) == 2
    assert "apt install chromium" in capsys.readouterr().err


def test_the_page_is_given_to_the_browser_with_open_details_and_no_links_to_files(tmp_path):
    printed = pdf_bytes(PAGE, browser_of(tmp_path, PRINTS)).decode()
    assert for_print(PAGE) in printed
    assert "<details open>" in printed
    assert "rows/x.parquet" not in printed
    assert 'href="#b"' in printed
    assert "'headless': ''" in printed
    root = sys.platform != "win32" and os.geteuid() == 0
    assert ("'no-sandbox'" in printed) == root


def test_nobody_but_root_goes_without_the_sandbox(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "_is_root", lambda: False)
    assert b"no-sandbox" not in pdf_bytes(PAGE, browser_of(tmp_path, PRINTS))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("sys.exit('no display')", "status 1.*no display"),
        ("", "status 0"),
        ("pathlib.Path(flags['print-to-pdf']).write_bytes(b'<html>')", "did not print"),
        (f"{PRINTS}; sys.exit(3)", "status 3"),
    ],
)
def test_a_browser_that_does_not_print_is_an_error(tmp_path, body, message):
    with pytest.raises(FileError, match=message):
        pdf_bytes(PAGE, browser_of(tmp_path, body))


def test_a_browser_that_hangs_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "PATIENCE", 0.2)
    with pytest.raises(FileError, match="has not printed"):
        pdf_bytes(PAGE, browser_of(tmp_path, "import time; time.sleep(60)"))


def test_what_cannot_be_run_is_an_error(tmp_path):
    with pytest.raises(FileError, match="cannot run"):
        pdf_bytes(PAGE, str(tmp_path))


@pytest.mark.slow
def test_the_report_has_the_pdf_beside_the_page(results, tmp_path, monkeypatch):
    monkeypatch.setenv(BROWSER_VARIABLE, browser_of(tmp_path, PRINTS))
    chosen = {"E3": results["E3"]}
    written = write_report(chosen, tmp_path / "out", seeds=3, only=["E3"], pdf=True)
    assert written.pdf == tmp_path / "out" / "report.pdf"
    assert "report.pdf" in written.files
    assert written.pdf.read_bytes().startswith(b"%PDF-<!DOCTYPE html>")
    assert written.as_json()["pdf"] == str(written.pdf)


def real_browser():
    try:
        return find_browser()
    except ConfigurationError:
        # .ci/run names one, so that this test never goes without there.
        pytest.skip(f"no browser is installed, and {BROWSER_VARIABLE} names none")


@pytest.mark.slow
def test_a_real_browser_prints_every_page_and_links_within_it():
    content = pdf_bytes(PAGE, real_browser())
    assert content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 2
    assert len(re.findall(rb"/Subtype\s*/Link", content)) == 1
    assert b"file:" not in content
