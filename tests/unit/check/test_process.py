"""The process of a check: answers that the code has written itself."""

import json
from pathlib import Path

import pytest

from rosenblatt.check import process


@pytest.mark.parametrize("answer", ["", "{", "[1]", "3", "[" * 100_000])
def test_an_answer_that_no_check_writes_is_none(answer, monkeypatch):
    monkeypatch.setattr(
        process,
        "_wait",
        lambda child, request, watch: Path(json.loads(request)["answer"]).write_text(answer),
    )
    assert set(process.run_in_process(Path("a.py"), b"")) == {"reason"}
