"""Folders of sweeps: interrupted, continued, extended, damaged, full, and of something else."""

import errno
import math
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.errors import FileError
from rosenblatt.sweeps import chunks, folder, groups, read_sweep, resume_sweep
from rosenblatt.sweeps.folder import SweepFolder

TRAIN, TEST = rb.data.moons(60, noise=0.2, seed=3).split(test_size=20, seed=1)
MODEL = rb.MLP(2, [5], 2, init="normal")
OVER = {"learning_rate": [0.05, 0.5, 2.0], "init.scale": [0.3, 1.5], "batch_size": [10, 20]}


@pytest.fixture(autouse=True)
def _short_chunks(monkeypatch):
    monkeypatch.setattr(groups, "MOST_PER_CHUNK", 8)


def swept(folder, over=OVER, **how):
    settings = {"seeds": range(3), "test": TEST, "epochs": 4, "batch_size": 10, "progress": False}
    return rb.sweep(MODEL, how.pop("data", TRAIN), over=over, folder=folder, **settings | how)


def contents(folder):
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "lock"]
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in files
        if path.name != "config.toml"
    }


def count_trained(monkeypatch):
    """Return a list that gets the number of networks of each chunk that is trained."""
    counts = []
    train = chunks.train_packed

    def counted(group, cells, members, *more, **how):
        counts.append(len(members))
        return train(group, cells, members, *more, **how)

    monkeypatch.setattr(chunks, "train_packed", counted)
    return counts


def test_a_folder_has_the_results_and_computes_nothing_twice(tmp_path, monkeypatch):
    counts = count_trained(monkeypatch)
    sweep, memory = swept(tmp_path / "a"), swept(None)
    assert sweep.table.equals(memory.table)
    counts.clear()
    again = swept(tmp_path / "a")
    assert counts == []
    assert again.table.equals(sweep.table)
    assert read_sweep(tmp_path / "a").table.equals(sweep.table)
    assert resume_sweep(tmp_path / "a", progress=False).table.equals(sweep.table)
    assert counts == []
    assert again[5].history[-1]["test_loss"] == sweep.row(5)["test_loss"]


@pytest.mark.parametrize("at", [1, 2, 4])
def test_a_sweep_that_was_stopped_ends_with_the_same_bytes(tmp_path, monkeypatch, at):
    whole = tmp_path / "whole"
    swept(whole)
    counts = count_trained(monkeypatch)
    train, stopped = chunks.train_packed, tmp_path / "stopped"

    def interrupted(*arguments, **how):
        if len(counts) == at:
            raise KeyboardInterrupt
        return train(*arguments, **how)

    with monkeypatch.context() as patched:
        patched.setattr(chunks, "train_packed", interrupted)
        with pytest.raises(KeyboardInterrupt, match="rosenblatt sweep resume"):
            swept(stopped)
    partial = read_sweep(stopped)
    assert "not computed" in repr(partial)
    assert sum(counts) == partial.table["status"].to_pylist().count("finished")
    resume_sweep(stopped, progress=False)
    assert sum(counts) == len(partial)
    assert contents(stopped) == contents(whole)


def test_new_values_compute_what_is_new(tmp_path, monkeypatch):
    swept(tmp_path / "a")
    counts = count_trained(monkeypatch)
    larger = OVER | {"learning_rate": [0.05, 0.1, 0.5, 2.0]}
    sweep = swept(tmp_path / "a", larger, seeds=range(4))
    assert sum(counts) == len(sweep) - 36
    assert sweep.table.equals(swept(None, larger, seeds=range(4)).table)
    counts.clear()
    assert swept(tmp_path / "a").table.equals(swept(None).table)
    assert sum(counts) == 36  # of the second call, in memory
    counts.clear()
    swept(tmp_path / "a", larger, seeds=range(4), measure=["distance"])
    assert sum(counts) == len(sweep)


def test_cells_that_say_the_same_are_computed_once_and_found(tmp_path, monkeypatch):
    over = [{"learning_rate": 0.01}, {"momentum": 0.0}, {"optimizer": "sgd"}]
    sweep = swept(tmp_path / "a", over, seeds=[0])
    assert len(set(sweep.column("test_loss").tolist())) == 1
    counts = count_trained(monkeypatch)
    assert swept(tmp_path / "a", over, seeds=[0]).table.equals(sweep.table)
    assert counts == []


@pytest.mark.slow
def test_a_killed_process_loses_nothing_that_was_written(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import rosenblatt as rb, numpy as np, sys\n"
        "from rosenblatt.sweeps import groups\n"
        "groups.MOST_PER_CHUNK = 32\n"
        "train, test = rb.data.moons(200, noise=0.2, seed=3).split(seed=1)\n"
        "rb.sweep(rb.MLP(2, [20], 2), train, test=test, seeds=range(8), epochs=100,\n"
        "    over={'learning_rate': np.geomspace(0.01, 1, 40)}, batch_size=2, folder=sys.argv[1],\n"
        "    progress=False)\n"
    )
    command = [sys.executable, str(script)]
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    for number in range(3):
        process = subprocess.Popen([*command, str(killed)], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        parts = killed / "parts"
        while process.poll() is None and time.monotonic() < deadline:
            if parts.is_dir() and len(list(parts.glob("*.parquet"))) > number:
                break
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert 0 < len(contents(killed)) < 14
    for path in (killed, whole):
        subprocess.run([*command, str(path)], check=True)
    assert contents(killed) == contents(whole)


def test_a_damaged_file_is_computed_again(tmp_path, monkeypatch):
    sweep = swept(tmp_path / "a")
    first, second, *_ = sorted((tmp_path / "a" / "parts").iterdir())
    content = bytearray(first.read_bytes())
    content[len(content) // 4] ^= 1
    first.write_bytes(bytes(content))
    second.write_bytes(b"")
    counts = count_trained(monkeypatch)
    with pytest.warns(UserWarning, match="is damaged"):
        again = swept(tmp_path / "a")
    assert again.table.equals(sweep.table)
    assert 0 < sum(counts) < len(sweep)


@pytest.fixture
def disk(monkeypatch):
    """A disk with room for a number of files of results; of the next, half is written."""
    found, write = SimpleNamespace(room=math.inf), folder._write

    def half(table, file):
        found.room -= 1
        if found.room < 0:
            write(table.slice(0, len(table) // 2), file)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(table, file)

    monkeypatch.setattr(folder, "_write", half)
    return found


def test_on_a_full_disk_a_sweep_ends_in_memory_and_its_folder_is_continued(tmp_path, disk):
    whole = swept(None)
    disk.room = 3  # The table of networks, and the results of two chunks.
    with pytest.warns(UserWarning, match="not in|goes on") as told:
        sweep = swept(tmp_path / "a")
    assert sweep.table.equals(whole.table)
    assert [("goes on" in str(one.message)) for one in told] == [True, False]
    assert "No space left on device" in str(told[0].message)
    assert "the results of 20 networks are not in" in str(told[1].message)
    assert read_sweep(tmp_path / "a").n_missing == 20
    disk.room = math.inf
    assert resume_sweep(tmp_path / "a", progress=False).table.equals(whole.table)
    swept(tmp_path / "b")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_what_a_full_disk_had_no_room_for_is_written_at_the_end(tmp_path, disk, monkeypatch):
    disk.room = 3
    end = folder.PartWriter.end

    def with_room(writer):
        disk.room = math.inf
        end(writer)

    monkeypatch.setattr(folder.PartWriter, "end", with_room)
    with pytest.warns(UserWarning, match="No space left on device; the sweep goes on") as told:
        sweep = swept(tmp_path / "a")
    assert len(told) == 1
    assert read_sweep(tmp_path / "a").table.equals(sweep.table)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"epochs": 5}, "another sweep, whose epochs is 4 and not 5"),
        ({"data": rb.data.moons(40, seed=8)}, "whose training set is"),
        ({"optimizer": rb.Adam()}, "whose optimizer is"),
        ({"test": None}, "whose test set is"),
    ],
)
def test_the_folder_of_another_sweep_is_refused(tmp_path, how, message):
    swept(tmp_path / "a", {"learning_rate": [0.1]})
    with pytest.raises(FileError, match=message):
        swept(tmp_path / "a", {"learning_rate": [0.1]}, **how)


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FileError, match=r"is no folder of a sweep, and not empty \(notes.txt\)"):
        swept(tmp_path, {"learning_rate": [0.1]})
    with pytest.raises(FileError, match="there is no sweep in"):
        read_sweep(tmp_path)
    (tmp_path / "sweep.json").write_text("{}")
    with pytest.raises(FileError, match=r"sweep.json is damaged"):
        read_sweep(tmp_path)


def test_two_processes_do_not_compute_the_same_sweep(tmp_path):
    swept(tmp_path / "a", {"learning_rate": [0.1]})
    with SweepFolder(tmp_path / "a").locked(), pytest.raises(FileError, match="another process"):
        swept(tmp_path / "a", {"learning_rate": [0.1]})


def test_functions_are_known_by_their_code(tmp_path, monkeypatch):
    def norm(network):
        return sum((one**2).sum() for one in network.params.values())

    one_rate = {"learning_rate": [0.1, 0.2]}
    sweep = swept(tmp_path / "a", one_rate, measure=[norm])
    counts = count_trained(monkeypatch)
    swept(tmp_path / "a", one_rate, measure=[norm])
    assert counts == []
    with pytest.raises(rb.RosenblattError, match="measures norm, which the folder cannot hold"):
        resume_sweep(tmp_path / "a")

    def norm(network):
        return -sum((one**2).sum() for one in network.params.values())

    again = swept(tmp_path / "a", one_rate, measure=[norm])
    assert sum(counts) == len(sweep)
    assert np.array_equal(again.column("norm"), -sweep.column("norm"))


def test_a_sweep_of_data_and_schedules_is_resumed_from_its_folder(tmp_path, monkeypatch):
    over = {
        "noise": [0.1, 0.3],
        "schedule": ["cosine", "constant"],
        "momentum": rb.uniform(0.1, 0.9, n=3),
        "batch_size": [10, None],
    }
    sweep = swept(tmp_path / "a", over)
    for path in sorted((tmp_path / "a" / "parts").iterdir())[1:]:
        path.unlink()
    counts = count_trained(monkeypatch)
    again = resume_sweep(tmp_path / "a", progress=False)
    assert sum(counts) > 0
    assert again.table.equals(sweep.table)
