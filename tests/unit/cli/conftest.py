from collections.abc import Callable
from typing import NamedTuple

import pytest

from rosenblatt.cli import main


class Answer(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def run(capsys) -> Callable[..., Answer]:
    """Run a command in this process: ``run("train mlp moons", path)``; text is split at blanks."""

    def call(text, *words):
        capsys.readouterr()
        status = main([*text.split(), *map(str, words)])
        return Answer(status, *capsys.readouterr())

    return call


@pytest.fixture
def refused(run) -> Callable[..., str]:
    """Run a command that must end with one line on stderr and status 2; return that line."""

    def call(text, *words):
        answer = run(text, *words)
        assert answer.status == 2
        assert answer.out == ""
        assert answer.err.startswith("rosenblatt: error: ")
        assert answer.err.count("\n") == 1, answer.err
        assert "Traceback" not in answer.err
        return answer.err

    return call


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
