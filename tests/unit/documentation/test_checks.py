"""The check of the built site's links finds each kind of broken link, and nothing else."""

import pytest

PAGE = '<h1 id="top">A</h1><a href="b.html#part">b</a> <a href="#top">up</a> <a href="https://c/d">c</a>'


@pytest.fixture
def site(tmp_path):
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "b.html").write_text('<p id="part"><img src="p%20q.png"></p>', encoding="utf-8")
    (tmp_path / "p q.png").write_bytes(b"")
    return tmp_path


def test_a_site_whose_links_lead_somewhere_has_no_broken_one(site, docs):
    from checks.links import broken_links

    assert broken_links(site) == []


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("c.html", "there is no such file"),
        ("b.html#other", "the page has no #other"),
        ("#other", "the page has no #other"),
        ("/b.html", "root of the host"),
        ("../b.html", "out of the site"),
        (".", "a folder"),
    ],
)
def test_a_broken_link_is_named_with_its_page_and_the_reason(link, reason, site, docs):
    from checks.links import broken_links

    (site / "index.html").write_text(f'{PAGE}<a href="{link}">x</a>', encoding="utf-8")
    (line,) = broken_links(site)
    assert line.startswith(f"index.html: {link}: ")
    assert reason in line


def test_a_missing_picture_is_a_broken_link(site, docs):
    from checks.links import broken_links

    (site / "p q.png").unlink()
    assert broken_links(site) == ["b.html: p%20q.png: there is no such file"]
