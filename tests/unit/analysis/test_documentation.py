"""The page on analyses runs as it stands."""

import re
from pathlib import Path

import pytest

from rosenblatt.analysis import checkup_learning, checkup_state

PAGE = Path(__file__).parents[3] / "docs" / "analysis.md"


@pytest.mark.slow
@pytest.mark.skipif(not PAGE.exists(), reason="the page is not installed")
def test_the_page_runs(capsys):
    text = PAGE.read_text()
    names = {"__name__": "page"}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), names)
    printed = capsys.readouterr().out
    # The last digits of differences depend on the processor.
    shown = [
        line
        for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        if not language
        for line in block.splitlines()
        if not line.lstrip().startswith("by differences")
    ]
    assert len(shown) == 16
    assert set(shown) <= set(printed.splitlines())
    assert "by differences" in printed
    assert "[rate_too_low]" in printed
    assert "s_j = 1 / (1 + exp(−x_j))" in printed
    assert names["own"].explain(3).agrees
    assert len(names["along"]) == 20


@pytest.mark.skipif(not PAGE.exists(), reason="the page is not installed")
def test_the_page_lists_every_finding():
    source = "".join(
        Path(module.__file__).read_text() for module in (checkup_learning, checkup_state)
    )
    made = set(
        re.findall(
            r'^ +"([a-z_]+)",\n +(?:"error"|"warning"|"note"|_?unless|severity)', source, re.M
        )
    )
    made |= {"start_loss", "targets_not_scaled", "rate_too_low", "rate_too_high"}
    table = set(
        re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| .*?\|", PAGE.read_text(), re.M)))
    )
    assert table == made
