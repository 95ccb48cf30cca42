"""A process that has loaded everything, and forks children that train and are killed.

``python nursery.py STORY FOLDER ARGUMENTS...`` prints as JSON what the story tells. To fork is a
hundred times quicker than to begin a process, and each child is one of its own for all that matters
here: it has its own memory, its own locks, and dies alone.
"""

import importlib
import json
import math
import os
import random
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

import rosenblatt as rb
from rosenblatt import files
from rosenblatt.errors import FileError
from rosenblatt.optimizers import SGD, Adam, Cosine
from rosenblatt.training import Run, loop
from rosenblatt.training.storage import checkpointer
from rosenblatt.training.storage.folder import RunFolder
from runs import NET, all_of, checkpoints_in, drawn, small

WORKS: dict[str, dict[str, Any]] = {
    "one": small(NET, train=drawn(n=40), optimizer=Adam(Cosine(0.05, 150)), epochs=12),
    "many": small(
        NET,
        train=drawn(n=40),
        optimizer=SGD(0.3, momentum=0.9),
        epochs=12,
        eval_every=3,
        callbacks=lambda: [rb.EarlyStopping("test_loss", patience=6), rb.Snapshots([0, 3, 9])],
    ),
    "perceptron": small(rb.Perceptron(3), train=drawn(n=40), batch_size=None, epochs=3),
    "given": small(NET, train=drawn(n=40), epochs=12, init_params=NET.init(seed=77)),
}


def train(name: str, engine: str, **more: Any) -> Any:
    """Train one of the works."""
    work = {**WORKS[name], "engine": engine, **more}
    model, data = work.pop("model"), work.pop("train")
    if callable(work.get("callbacks")):
        work["callbacks"] = work["callbacks"]()
    if name == "many":
        return rb.train_many(model, data, seeds=range(9), **work)
    return rb.train(model, data, seed=5, **work)


def told(runs: Any) -> str:
    """Return all that runs have become, as text."""
    return repr([all_of(run) for run in ([runs] if isinstance(runs, Run) else runs)])


def child(what: Callable[[], object]) -> int:
    """Fork a child that does something and ends; return its id."""
    sys.stdout.flush()
    number = os.fork()
    if number:
        return number
    code = 1
    try:
        # Should all else fail, it does not outlive the test for long.
        signal.alarm(60)
        what()
        code = 0
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def ended(number: int) -> int:
    """Wait for a child's end; return its code, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def until(found: Callable[[], Any], seconds: float = 30.0) -> Any:
    """Wait until something is found, and return it."""
    end = time.monotonic() + seconds
    while not (it := found()):
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.001)
    return it


def eagerly(updates: int = 9) -> None:
    """Write a checkpoint after every few updates, and begin without looking at the machine."""
    config = importlib.import_module("rosenblatt.training.storage.config")
    made = config.made_now()
    config.made_now = lambda: made
    checkpointer.MOST_SHARE = math.inf
    train_segment = loop.train_segment
    loop.train_segment = lambda members, most: train_segment(members, updates)


def begin_or_go_on(name: str, engine: str, folder: Path) -> Any:
    """Resume the run in a folder, or train it from the beginning where there are no settings."""
    if (folder / "config.toml").exists():
        return rb.resume(folder, checkpoint_every=0)
    return train(name, engine, run_dir=folder, checkpoint_every=0)


def kills(place: Path, name: str, engine: str, count: str) -> dict[str, Any]:
    """Kill a run at random moments, each time that it goes on, until it was killed so often.

    Each child must go on from the newest checkpoint that there was when the last one died. After
    the last kill it is left in peace, and must end as a run that was never killed.
    """
    eagerly()
    expected = told(train(name, engine))
    lasts = math.inf
    for i in range(3):
        # The first loads what writes files.
        began, folder = time.monotonic(), place / f"in peace {i}"
        if i == 0:
            assert told(train(name, engine, run_dir=folder, checkpoint_every=0)) == expected
            continue
        number = child(lambda folder=folder: begin_or_go_on(name, engine, folder))
        assert ended(number) == 0
        lasts = min(lasts, time.monotonic() - began)
    resume = importlib.import_module("rosenblatt.training.calls")
    newest = resume._members_of
    start, end = place / "start", place / "end"

    def noting(*arguments: Any) -> Any:
        members = newest(*arguments)
        start.write_text(str(max(member.state.update for member in members)))
        return members

    resume._members_of = noting
    rng = random.Random(f"{name} {engine}")
    killed = finished = without = in_writing = run = 0
    while killed < int(count) or not finished:
        folder = place / str(run)
        before = [int(path.stem) for path in checkpoints_in(folder)]
        start.unlink(missing_ok=True)
        number = child(
            lambda folder=folder: end.write_text(told(begin_or_go_on(name, engine, folder)))
        )
        if killed < int(count):
            time.sleep(rng.uniform(0, 0.6 * lasts))
            os.kill(number, signal.SIGKILL)
        code = ended(number)
        assert code in (0, -signal.SIGKILL), code
        if start.exists() and start.read_text():
            newest_before = before[-1] if before else 0
            assert int(start.read_text()) == newest_before, "it went on from an older checkpoint"
        assert set(before) <= {int(path.stem) for path in checkpoints_in(folder)}
        if code == 0:
            assert end.read_text() == expected, "it ended elsewhere"
            assert told(rb.load_run(folder)) == expected
            assert not list(folder.rglob("*.tmp")), "what the killed had left is still there"
            finished, run = finished + 1, run + 1
            continue
        killed += 1
        without += not before
        in_writing += bool(list(folder.rglob("*.tmp")))
    return {"killed": killed, "finished": finished, "first": without, "writing": in_writing}


def steps(place: Path, name: str, engine: str) -> dict[str, Any]:
    """Kill a run at every step that it takes in writing a file, from its creation on."""
    eagerly(12)
    warnings.simplefilter("error")
    # Children find what writes and reads files loaded.
    train(name, engine, epochs=3, eval_every=2, run_dir=place / "in peace", checkpoint_every=0)
    expected = told(rb.resume(place / "in peace"))
    assert told(train(name, engine, epochs=3, eval_every=2)) == expected

    def dying(at: int) -> None:
        left = at

        def count(frame: Any, event: str, argument: object) -> None:
            nonlocal left
            if frame.f_code.co_filename == files.__file__ and event.startswith("c_"):
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        train(name, engine, epochs=3, eval_every=2, run_dir=place / str(at), checkpoint_every=0)
        sys.setprofile(None)

    def going_on(folder: Path) -> None:
        if (folder / "config.toml").exists():
            runs = rb.resume(folder, checkpoint_every=0)
        else:
            assert not checkpoints_in(folder)
            runs = train(name, engine, epochs=3, eval_every=2, run_dir=folder, checkpoint_every=0)
        assert told(runs) == expected
        assert told(rb.load_run(folder)) == expected

    at = 0
    while (code := ended(child(lambda at=at: dying(at)))) == -signal.SIGKILL:
        folder = place / str(at)
        assert ended(child(lambda folder=folder: going_on(folder))) == 0, f"after step {at}"
        at += 1 if at < 40 else 29
    return {"steps": at, "end": code}


LONG: dict[str, Any] = {"epochs": 10**7, "eval_every": 10**6}


def locks(place: Path) -> dict[str, Any]:
    """Let two processes train one run, and kill the first."""
    folder = place / "run"
    number = child(lambda: train("one", "reference", run_dir=folder, **LONG))
    until(lambda: checkpoints_in(folder))
    said = []
    for second in (lambda: rb.resume(folder), lambda: train("one", "reference", run_dir=folder)):
        try:
            second()
        except FileError as error:
            said.append(str(error))
    looked = rb.load_run(folder)._trajectory.last.update
    locked = RunFolder(folder).is_locked
    os.kill(number, signal.SIGKILL)
    code = ended(number)
    after = RunFolder(folder).is_locked
    third = child(lambda: rb.resume(folder))
    time.sleep(0.2)
    os.kill(third, signal.SIGINT)
    return {
        "said": said,
        "locked": [locked, after],
        "codes": [code, ended(third)],
        "looked": looked,
        "went_on": rb.load_run(folder)._trajectory.last.update,
    }


def ctrl_c(place: Path, engine: str) -> dict[str, Any]:
    """Send a run SIGINT, once."""
    folder = place / "run"

    def go() -> None:
        try:
            train("one", engine, run_dir=folder, checkpoint_every=3600, **LONG)
        finally:
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    number = child(go)
    until(lambda: checkpoints_in(folder))
    time.sleep(0.1)
    os.kill(number, signal.SIGINT)
    code = ended(number)
    updates = [int(path.stem) for path in checkpoints_in(folder)]
    status = json.loads((folder / "status.json").read_text())
    assert not RunFolder(folder).is_locked
    # What it has is on the way of a run that was not interrupted.
    run = rb.load_run(folder)
    there = train("one", engine, epochs=run._trajectory.last.epoch + 1).at(update=updates[-1])
    same = [np.array_equal(run._trajectory.last.state.params[k], v) for k, v in there.items()]
    return {"code": code, "updates": updates, "status": status["state"], "same": all(same)}


def ctrl_c_twice(place: Path) -> dict[str, Any]:
    """Send SIGINT again while the last checkpoint takes its time."""
    folder = place / "run"
    save = RunFolder.save_checkpoint
    waiting = place / "waiting"

    def slow(self: Any, members: Any) -> None:
        if checkpoints_in(folder):
            waiting.touch()
            time.sleep(60)
        save(self, members)

    RunFolder.save_checkpoint = slow  # type: ignore[method-assign]
    more = {"run_dir": folder, "checkpoint_every": 3600, **LONG}
    number = child(lambda: train("one", "reference", **more))
    until(lambda: checkpoints_in(folder))
    time.sleep(0.1)
    os.kill(number, signal.SIGINT)
    until(waiting.exists)
    began = time.monotonic()
    os.kill(number, signal.SIGINT)
    code = ended(number)
    return {"code": code, "at_once": time.monotonic() - began < 20}


def own_handler(place: Path) -> dict[str, Any]:
    """Send SIGINT to a run of a program that has a handler of its own."""
    folder, heard = place / "run", place / "heard"

    def go() -> None:
        def own(*_: object) -> None:
            heard.touch()

        signal.signal(signal.SIGINT, own)
        train("one", "reference", run_dir=folder, epochs=1500, eval_every=500)
        assert signal.getsignal(signal.SIGINT) is own

    number = child(go)
    until(lambda: checkpoints_in(folder))
    os.kill(number, signal.SIGINT)
    return {
        "code": ended(number),
        "heard": heard.exists(),
        "epoch": rb.load_run(folder)._trajectory.last.epoch,
    }


def at_the_end(place: Path) -> dict[str, Any]:
    """Send SIGINT when the last epoch is over: what comes after the run is to end all the same."""
    folder = place / "run"
    write = RunFolder.write_progress

    def interrupted(self: Any, members: Any, state: str) -> None:
        if state == "finished":
            os.kill(os.getpid(), signal.SIGINT)
        write(self, members, state)

    RunFolder.write_progress = interrupted  # type: ignore[method-assign]
    code = ended(child(lambda: train("one", "reference", run_dir=folder)))
    return {"code": code, "model": (folder / "model.safetensors").exists()}


if __name__ == "__main__":
    # One thread: what is forked has no others.
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    story, place, *arguments = sys.argv[1:]
    print(json.dumps(globals()[story](Path(place), *arguments)))
