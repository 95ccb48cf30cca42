"""A copy of ``assignment1/`` to run scripts in, and a way to run them as a reader would."""

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ASSIGNMENT = Path(__file__).resolve().parents[2] / "assignment1"
GENERATED = shutil.ignore_patterns("datasets", "__pycache__", ".ipynb_checkpoints")


class Folder:
    """One part of the assignment, in a place of its own."""

    def __init__(self, path):
        self.path = path

    def run(self, command, status=0, cwd=None):
        """Run ``python <command>`` there; return what it printed and what it complained about."""
        done = subprocess.run(
            [sys.executable, *command.split()],
            cwd=self.path if cwd is None else cwd,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return done.stdout, done.stderr

    def refuses(self, command):
        """Return the one line with which the script refuses ``command``."""
        out, err = self.run(command, status=2)
        assert not out
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        return err

    def is_png(self, name):
        """Tell whether ``name`` is a picture of at least 300 x 300 pixels."""
        content = (self.path / name).read_bytes()
        width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
        return content.startswith(b"\x89PNG\r\n\x1a\n") and min(width, height) >= 300


@pytest.fixture(scope="module")
def assignment(tmp_path_factory):
    copy = tmp_path_factory.mktemp("copy") / "assignment1"
    shutil.copytree(ASSIGNMENT, copy, ignore=GENERATED)
    for picture in copy.glob("part*/**/*.png"):
        picture.unlink()
    return copy


@pytest.fixture(scope="module")
def part1(assignment):
    return Folder(assignment / "part1")


@pytest.fixture(scope="module")
def part2(assignment):
    return Folder(assignment / "part2")


@pytest.fixture(scope="module")
def part3(assignment):
    return Folder(assignment / "part3")


@pytest.fixture
def import_from(monkeypatch):
    """Import a module of a part as its own scripts do; all of them are forgotten afterwards."""
    before = set(sys.modules)

    def load(part, name):
        monkeypatch.syspath_prepend(ASSIGNMENT / part)
        monkeypatch.setattr(sys, "path", list(sys.path))
        return importlib.import_module(name)

    yield load
    for name in set(sys.modules) - before:
        if ASSIGNMENT in Path(getattr(sys.modules[name], "__file__", None) or "/").parents:
            del sys.modules[name]
