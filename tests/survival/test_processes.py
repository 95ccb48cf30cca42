"""Processes that are killed, interrupted and in each other's way; each of them is a real one."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import rosenblatt as rb
from runs import NET, assert_same, go, small

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
NURSERY = Path(__file__).with_name("nursery.py")
INTERRUPTED = 130


def story(name, place, *arguments):
    """Return what a story of the nursery tells."""
    # The same package that the tests import.
    environment = {**os.environ, "PYTHONPATH": str(Path(rb.__file__).parent.parent)}
    done = subprocess.run(
        [sys.executable, NURSERY, name, place, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("work", "engine", "count"),
    [
        ("one", "reference", 50),
        ("one", "compiled", 40),
        ("many", "reference", 35),
        ("many", "compiled", 45),
        ("perceptron", "compiled", 30),
    ],
)
def test_killed_at_random_moments(place, work, engine, count):
    # 200 in all. The nursery holds each end against a run that was left in peace, and each start
    # against the newest checkpoint.
    found = story("kills", place, work, engine, str(count))
    assert found["killed"] >= count
    assert found["finished"] >= 1


@pytest.mark.slow
@pytest.mark.parametrize("work", ["one", "given"])
def test_killed_at_the_steps_of_writing(place, work):
    found = story("steps", place, work, "reference")
    assert found["end"] == 0
    assert found["steps"] > 100


@pytest.mark.slow
def test_two_processes_on_one_run(place):
    found = story("locks", place)
    assert len(found["said"]) == 2
    assert all("is being trained by another process" in said for said in found["said"])
    assert found["locked"] == [True, False]
    assert found["codes"] == [-9, INTERRUPTED]
    assert found["went_on"] > found["looked"]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_ctrl_c_ends_with_a_checkpoint(place, engine):
    found = story("ctrl_c", place, engine)
    assert found["code"] == INTERRUPTED
    # But for the first, there would have been none for an hour.
    assert len(found["updates"]) == 2
    assert found["updates"][1] > found["updates"][0] == 0
    assert found["status"] == "interrupted"
    assert found["same"]


@pytest.mark.slow
def test_ctrl_c_twice_ends_at_once(place):
    assert story("ctrl_c_twice", place) == {"code": INTERRUPTED, "at_once": True}


@pytest.mark.slow
def test_a_handler_of_the_users_own_stays(place):
    expected = {"code": 0, "heard": True, "epoch": 1500}
    assert story("own_handler", place) == expected


@pytest.mark.slow
def test_ctrl_c_is_not_lost_when_the_run_is_over(place):
    assert story("at_the_end", place) == {"code": INTERRUPTED, "model": True}


def test_in_a_thread_of_its_own(tmp_path):
    # There signals cannot be heard, and nothing tries to.
    runs = []
    thread = threading.Thread(
        target=lambda: runs.append(go(small(NET), "reference", run_dir=tmp_path))
    )
    thread.start()
    thread.join()
    assert_same(runs[0], go(small(NET), "reference"))
    assert_same(rb.resume(tmp_path), runs[0])
