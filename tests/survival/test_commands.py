"""Commands that are killed at any moment after their start, and resumed."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

import rosenblatt as rb
from rosenblatt.cli import main
from runs import without_seconds

KILLS = int(os.environ.get("ROSENBLATT_KILLS", "2"))
"""Kills of each command; CONTRIBUTING.md tells when to ask for more."""
EARLIEST = 0.05
"""Seconds after the start of a process before which it has done nothing."""
CODE = "import sys; from rosenblatt.cli import main; sys.exit(main())"
TRAIN = (
    "train mlp moons --n 300 --hidden 8 --epochs 400 --batch-size 10 --learning-rate 0.05 "
    "--patience 30 --checkpoint-every 0 --seed 3 --json"
)


def begin(run_dir, engine):
    """Start the command in a process of its own."""
    words = [*TRAIN.split(), "--engine", engine, "--run", str(run_dir)]
    return subprocess.Popen(
        [sys.executable, "-c", CODE, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def kill_before(process, deadline):
    """Kill a process at the deadline; return whether it had not ended by itself."""
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill()
    process.communicate()
    assert process.returncode in (0, -signal.SIGKILL)
    return process.returncode != 0


def result_of(text):
    """Return what a command printed, without what is not the same for each run: time and place."""
    result = json.loads(text)
    return {name: value for name, value in result.items() if name not in ("seconds", "files")}


def files_of(run_dir):
    """Return the bytes of the files that have no times in them, and the rows of the history."""
    names = ("command.safetensors", "data.safetensors", "model.safetensors")
    rows = without_seconds(rb.load_run(run_dir).history)
    return {name: (run_dir / name).read_bytes() for name in names} | {"history": rows}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_a_command_that_is_killed_is_resumed_to_equal_bytes(place, engine, capsys):
    started = time.monotonic()
    process = begin(place / "whole", engine)
    output = process.communicate()[0]
    lasts = time.monotonic() - started
    assert process.returncode == 0
    expected, files = result_of(output), files_of(place / "whole")
    rng = random.Random(engine)
    killed = resumed = at_start = 0
    while killed < KILLS:
        run_dir = place / "killed"
        process = begin(run_dir, engine)
        if killed % 2:
            # Soon after the settings are written, which may be before the first checkpoint.
            while process.poll() is None and not (run_dir / "config.toml").exists():
                time.sleep(0.001)
            deadline = time.monotonic() + rng.uniform(0, 0.02)
        else:
            deadline = time.monotonic() + rng.uniform(EARLIEST, max(EARLIEST, lasts))
        killed += kill_before(process, deadline)
        if (run_dir / "config.toml").exists():
            resumed += 1
            at_start += not list((run_dir / "checkpoints").glob("*.safetensors"))
            assert main(["runs", "resume", str(run_dir), "--json"]) == 0
            assert result_of(capsys.readouterr().out) == expected
            assert files_of(run_dir) == files
        shutil.rmtree(run_dir, ignore_errors=True)
    print(f"{engine}: {killed} killed, {resumed} resumed, {at_start} of them from their start")
    assert resumed >= KILLS // 2
