import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rosenblatt.cli import main

FULL = Path("/dev/full")
PROGRAM = [sys.executable, "-c", "import sys; from rosenblatt.cli import main; sys.exit(main())"]


@pytest.mark.slow
def test_ctrl_c_ends_with_130_and_no_traceback(tmp_path):
    log = tmp_path / "started.csv"
    code = (
        "import sys, pathlib; from rosenblatt.cli import main; import rosenblatt.training as t\n"
        # A shell starts what runs in the background deaf to Ctrl-C, and its children inherit that.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Tell(t.Callback):\n"
        f"    def on_evaluation(self, training): pathlib.Path({str(log)!r}).touch()\n"
        "t.Progress = Tell\n"
        "command = 'train mlp xor --test-size 0 --engine reference --epochs 100000000'\n"
        "sys.exit(main(command.split()))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 30
    while not log.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "rosenblatt: interrupted\n")


def test_a_reader_that_leaves_is_not_complained_about():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*PROGRAM, "train", "mlp", "xor", "--test-size", "0", "--epochs", "1"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.slow
@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
def test_results_that_cannot_be_written_are_one_line():
    with FULL.open("w") as full:
        done = subprocess.run(
            [*PROGRAM, "gradcheck"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    line = "rosenblatt: error: cannot write the results to stdout: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, line)


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (KeyboardInterrupt(), 130, "rosenblatt: interrupted\n"),
        (MemoryError("8 TiB"), 2, "rosenblatt: error: not enough memory: 8 TiB"),
    ],
)
def test_what_ends_a_command_from_outside_is_one_line(monkeypatch, capsys, error, status, line):
    def fail(words):
        raise error

    monkeypatch.setattr("rosenblatt.cli._run", fail)
    assert main([]) == status
    assert capsys.readouterr().err.startswith(line)
