import json
import re
from pathlib import Path

import pytest

from rosenblatt.settings import as_command, as_link, from_link, parse_setup

PAGE = (Path(__file__).parents[3] / "docs" / "settings.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ROW = r"^\| (?:`(\w+)`)?(?:, `\w+`)? ?\| `(.*?)`(?:: .*?)? \| `(.*?)`"
ROWS = re.findall(ROW, PAGE, re.MULTILINE)


def test_the_code_runs_and_the_comments_are_what_it_returns():
    names = {}
    for block in BLOCKS:
        exec(block, names)
    lines = dict(re.findall(r"^(as_\w+)\(settings\) +# (.*)$", BLOCKS[0], re.MULTILINE))
    assert lines["as_command"] == as_command(names["settings"])
    assert lines["as_link"] == as_link(names["settings"])
    assert names["run"].history[-1]["epoch"] == 100


def test_the_table_was_found():
    assert len(ROWS) == 8


@pytest.mark.parametrize(("key", "value", "link"), ROWS)
def test_each_row_is_the_same_in_json_and_in_a_link(key, value, link):
    in_json = {"data": "moons", (key or "changes"): json.loads(value)}
    if key == "hide":
        in_json = {"data": "moons", "lock": json.loads(value)}
    assert from_link(f"data=moons&{link}") == parse_setup(in_json).plain
    assert as_link(in_json) == f"data=moons&{link}"
