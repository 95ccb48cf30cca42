"""Commands in surroundings that lack something: a console, a window system."""

import os
import subprocess
import sys

import pytest

from rosenblatt.cli import main

TRAIN = ["train", "mlp", "moons", "--epochs", "2"]


@pytest.mark.slow
@pytest.mark.parametrize("closed", [(1,), (2,), (1, 2), (0,), (0, 1, 2)])
def test_closed_streams(tmp_path, closed):
    model = tmp_path / "m.safetensors"
    command = [sys.executable, "-m", "rosenblatt", *TRAIN, "--save", str(model)]
    # A program that begins another without some of the streams.
    code = f"import os; [os.close(n) for n in {closed}]; os.execv({sys.executable!r}, {command})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert model.exists()


@pytest.mark.parametrize("names", [["stdout"], ["stderr"], ["stdin", "stdout", "stderr"]])
def test_streams_that_are_none_stay_none(monkeypatch, names):
    with monkeypatch.context() as patch:
        for name in names:
            patch.setattr(sys, name, None)
        assert main([*TRAIN, "--quiet"]) == 0
        assert main(["train", "mlp", "no such data"]) == 2
        assert all(getattr(sys, name) is None for name in names)


@pytest.mark.slow
def test_an_unknown_window_system_is_none_of_a_commands_business(tmp_path):
    out = tmp_path / "a.png"
    done = subprocess.run(
        [sys.executable, "-m", "rosenblatt", "data", "show", "moons", "--out", str(out)],
        capture_output=True,
        text=True,
        env={**os.environ, "MPLBACKEND": "nonsense"},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert out.exists()


def test_the_variable_of_the_window_system_is_as_it_was(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "nonsense")
    assert main(["data", "show", "moons"]) == 0
    assert os.environ["MPLBACKEND"] == "nonsense"
