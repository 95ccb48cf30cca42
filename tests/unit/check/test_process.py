"""The process of a check: answers that the code has written itself."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rosenblatt.check import process
from rosenblatt.check.checking import check_file


@pytest.mark.parametrize("answer", ["", "{", "[1]", "3", "[" * 100_000])
def test_an_answer_that_no_check_writes_is_none(answer, monkeypatch):
    monkeypatch.setattr(
        process,
        "_wait",
        lambda child, request, watch: Path(json.loads(request)["answer"]).write_text(answer),
    )
    assert set(process.run_in_process(Path("a.py"), b"")) == {"reason"}


@pytest.mark.parametrize(
    "answer",
    [
        {"findings": 5},
        {"findings": [{"mistake": "sign"}]},
        {"findings": [{"mistake": "sign", "where": "f", "text": "", "other": 1}]},
        {"findings": ["sign"]},
        {"checked": 3},
        {"findings": [{"mistake": "sign", "where": "f", "text": "", "entry": 4}]},
    ],
)
def test_an_answer_of_another_form_is_not_checked_and_says_so(answer, monkeypatch, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("x = 1\n")
    monkeypatch.setattr(
        process,
        "_wait",
        lambda child, request, watch: Path(json.loads(request)["answer"]).write_text(
            json.dumps(answer)
        ),
    )
    report = check_file(file)
    assert report.exit_status == 2
    assert "answer" in report.reason


def test_an_error_of_the_check_itself_is_told_as_one(tmp_path):
    answer = tmp_path / "answer.json"
    request = {"path": str(tmp_path / "a.py"), "source": "", "answer": str(answer)}
    subprocess.run(
        [
            sys.executable,
            "-c",
            "from rosenblatt.check.child import serve\nserve(lambda source, path: {}['missing'])",
        ],
        input=json.dumps(request | {"guarded": False}).encode(),
        env=process.environment(str(tmp_path)),
        cwd=tmp_path,
        check=True,
    )
    reason = json.loads(answer.read_text())["reason"]
    assert reason.startswith("an error of rosenblatt itself, KeyError in <string>, line 2: 'miss")
