"""How many mistakes are found and named, and that right code is not accused."""

import pytest

from check_corpus.corpus import check_text, right_files, wrong_text
from check_corpus.wrong import WRONG

FILES = right_files()


@pytest.mark.cases(1)
@pytest.mark.parametrize("name", FILES)
def test_right_files_are_not_accused(name):
    result = check_text(FILES[name])
    assert result.get("findings") == []
    assert result["checked"]
    # Nothing in them that trains is left unchecked.
    assert result["reason"] is None
    assert "error-of-the-check" not in {remark["mistake"] for remark in result["remarks"]}


@pytest.mark.slow
def test_most_mistakes_are_found_and_named(request):
    # Checking one takes half a second, and all of them one and a half minutes.
    entries = WRONG if request.config.getoption("--whole-corpus", False) else WRONG[::3]
    found, named = [], []
    for entry in entries:
        result = check_text(wrong_text(FILES, entry))
        findings = result["findings"] or result["remarks"]
        found.append(bool(findings))
        named.append(bool(findings) and findings[0]["mistake"] == entry[1])
    assert len(WRONG) >= 120
    assert sum(found) >= 0.95 * len(entries)
    assert sum(named) >= 0.90 * len(entries)
