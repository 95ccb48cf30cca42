"""Disks that are full or closed, files that are damaged, and clocks that are wrong."""

import os
import resource
import shutil
import signal
import subprocess
import time
import warnings
from contextlib import suppress

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.errors import FileError
from rosenblatt.training.storage import folder as folder_module
from rosenblatt.training.storage.checkpointer import Checkpointer
from rosenblatt.training.storage.folder import RunFolder
from runs import NET, SEEDS, assert_same, bits, checkpoints_in, drawn, eager, go, small

WORK = small(NET, optimizer=rb.Adam(0.05), epochs=6)


def copied(whole, to):
    shutil.rmtree(to, ignore_errors=True)
    return shutil.copytree(whole, to)


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of 128 KiB, which can be made larger, or read-only."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", disk]
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount a disk")

    def remount(how):
        subprocess.run([mount, "-o", f"remount,{how}", disk], check=True)

    yield disk, remount
    subprocess.run(["umount", disk], check=True)


def test_the_disk_is_full_for_a_while(tiny_disk, monkeypatch):
    disk, remount = tiny_disk
    expected = go(WORK, "reference", SEEDS)
    eager(monkeypatch, updates=3)
    with pytest.warns(UserWarning, match="No space left on device") as warned:
        runs = go(WORK, "reference", SEEDS, run_dir=disk / "run", checkpoint_every=0)
    assert_same(runs, expected)
    said = [str(one.message) for one in warned]
    # Once, however often it was tried; then perhaps that the end had no room either.
    assert said[0].startswith("no checkpoint was written: cannot write")
    assert all(text.startswith("the end of the run was not written") for text in said[1:])
    assert all("No space left on device" in text for text in said)
    assert not list(disk.rglob("*.tmp"))
    newest = int(checkpoints_in(disk / "run")[-1].stem)
    assert 0 < newest < 30
    assert rb.load_run(disk / "run")[0]._trajectory.last.update == newest
    remount("size=8m")
    assert_same(rb.resume(disk / "run"), expected)
    assert_same(rb.load_run(disk / "run"), expected)


def test_no_room_to_begin(tiny_disk):
    disk, _ = tiny_disk
    with (disk / "filler").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    with pytest.raises(FileError, match="No space left on device"):
        go(WORK, "reference", run_dir=disk / "run")
    (disk / "filler").unlink()
    assert_same(go(WORK, "reference", run_dir=disk / "run"), go(WORK, "reference"))


def test_a_read_only_disk(tiny_disk, monkeypatch):
    disk, remount = tiny_disk
    go(WORK, "reference", run_dir=disk / "run")
    remount("ro")
    monkeypatch.setattr(NET.__class__, "init", lambda *_: pytest.fail("it begins"))
    for act in (
        lambda: go(WORK, "reference", run_dir=disk / "another"),
        lambda: rb.resume(disk / "run"),
    ):
        with pytest.raises(FileError, match=r"cannot write .*Read-only file system"):
            act()
    assert len(rb.load_run(disk / "run").history) == 7


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(FileError, match="cannot write"):
        go(WORK, "reference", run_dir=tmp_path / "run")
    tmp_path.chmod(0o700)


def test_files_may_not_grow(tmp_path, monkeypatch):
    # As a quota would: files beyond a size cannot be written. Checkpoints grow with the history.
    expected = go(WORK, "reference", SEEDS)
    eager(monkeypatch, updates=6)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    go(WORK, "reference", SEEDS, run_dir=tmp_path / "whole", checkpoint_every=0)
    sizes = [path.stat().st_size for path in checkpoints_in(tmp_path / "whole")]
    assert sizes[0] < sizes[-1]
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    # Below the last by more than the digits of its seconds may take.
    limit = sizes[-1] - (sizes[-1] - sizes[0]) // 4
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.warns(UserWarning, match="File too large") as warned:
            runs = go(WORK, "reference", SEEDS, run_dir=tmp_path / "run", checkpoint_every=0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert_same(runs, expected)
    assert sum("no checkpoint was written" in str(one.message) for one in warned) == 1
    newest = checkpoints_in(tmp_path / "run")[-1]
    assert newest.name < checkpoints_in(tmp_path / "whole")[-1].name
    assert_same(rb.resume(tmp_path / "run"), expected)


def test_the_folder_is_taken_away(tmp_path, monkeypatch):
    expected = go(WORK, "reference")
    eager(monkeypatch, updates=3)
    keep = RunFolder.save_checkpoint

    def gone(self, members):
        if members[0].state.update >= 12:
            shutil.rmtree(tmp_path / "run", ignore_errors=True)
        keep(self, members)

    monkeypatch.setattr(RunFolder, "save_checkpoint", gone)
    with pytest.warns(UserWarning, match="does not exist"):
        run = go(WORK, "reference", run_dir=tmp_path / "run", checkpoint_every=0)
    assert_same(run, expected)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that ended, with all its checkpoints."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    with pytest.MonkeyPatch.context() as patch:
        eager(patch, updates=7)
        go(WORK, "reference", run_dir=folder, checkpoint_every=0)
    return folder


def flipped(path, rng):
    content = bytearray(path.read_bytes())
    content[int(rng.integers(len(content)))] ^= 1 << int(rng.integers(8))
    path.write_bytes(content)


def cut(path, rng):
    content = path.read_bytes()
    lengths = [0, 1, 7, 8, 9, 100, len(content) // 2, len(content) - 1]
    path.write_bytes(content[: lengths[int(rng.integers(len(lengths)))]])


def cleared(path, rng):
    # What a machine that loses its power may leave of a file: the length, and nothing in it.
    content = path.read_bytes()
    start = int(rng.integers(len(content)))
    path.write_bytes(content[:start] + bytes(len(content) - start))


def grown(path, rng):
    path.write_bytes(path.read_bytes() + bytes(int(rng.integers(1, 100))))


DAMAGES = {flipped: 120, cut: 16, cleared: 6, grown: 3}


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_the_newest_sound_checkpoint_is_used(damage, whole, tmp_path):
    rng, expected = np.random.default_rng(0), go(WORK, "reference")
    for i in range(DAMAGES[damage]):
        folder = copied(whole, tmp_path / "run")
        files = checkpoints_in(folder)
        bad = files[-1 - i % 2 :]
        for path in bad:
            damage(path, rng)
        with pytest.warns(UserWarning, match="an older checkpoint is used") as warned:
            run = rb.load_run(folder)
        assert len(warned) == len(bad)
        assert all(any(str(path) in str(one.message) for one in warned) for path in bad)
        assert run._trajectory.last.update == int(files[-1 - len(bad)].stem)
        if i == 0:
            with pytest.warns(UserWarning, match="an older checkpoint is used"):
                assert_same(rb.resume(folder), expected)
            # Once it has gone on, what was damaged is there no more.
            assert_same(rb.load_run(folder), expected)


@pytest.mark.parametrize("name", ["config.toml", "data.safetensors"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_settings_and_data_are_named(damage, name, whole, tmp_path):
    rng = np.random.default_rng(1)
    for _ in range(DAMAGES[damage] // 2):
        folder = copied(whole, tmp_path / "run")
        before = (folder / name).read_bytes()
        damage(folder / name, rng)
        if (folder / name).read_bytes() == before:
            continue
        with pytest.raises(FileError, match=name):
            rb.load_run(folder)
    with pytest.raises(FileError, match=name):
        rb.resume(folder)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_model_is_named(damage, whole, tmp_path):
    rng, model = np.random.default_rng(2), tmp_path / "model.safetensors"
    sound = rb.load_model(whole / model.name)
    for _ in range(DAMAGES[damage]):
        shutil.copy(whole / model.name, model)
        damage(model, rng)
        try:
            found = rb.load_model(model)
        except FileError as error:
            assert str(model) in str(error)  # noqa: PT017
        else:
            # The digest lost its name; all else is as it was.
            assert bits(found.params) == bits(sound.params)
            assert found.settings == sound.settings


def test_no_checkpoint_is_sound(whole, tmp_path):
    folder = copied(whole, tmp_path / "run")
    for path in checkpoints_in(folder):
        path.write_bytes(b"")
    with pytest.raises(FileError, match="has no sound checkpoint") as caught:
        rb.resume(folder)
    assert all(str(path) in str(caught.value) for path in checkpoints_in(folder))


def test_other_versions_are_named(whole, tmp_path, monkeypatch):
    folder = copied(whole, tmp_path / "run")
    newest = checkpoints_in(folder)[-1]
    with monkeypatch.context() as patch:
        patch.setattr("rosenblatt.training.storage.checkpoint.FORMAT_VERSION", 2)
        with pytest.raises(FileError, match=r"has no sound checkpoint.*is of version 1, and this"):
            rb.load_run(folder)
    settings = folder / "config.toml"
    settings.write_text(settings.read_text().replace("format_version = 1", "format_version = 2"))
    with pytest.raises(FileError, match=r"config\.toml is of version 2, and this rosenblatt reads"):
        rb.load_run(folder)
    assert newest.exists()


def test_edited_settings_are_refused(whole, tmp_path):
    folder = copied(whole, tmp_path / "run")
    settings = folder / "config.toml"
    settings.write_text(settings.read_text().replace("learning_rate = 0.05", "learning_rate = 0.5"))
    with pytest.raises(FileError, match="damaged, or was edited; to train with other settings"):
        rb.resume(folder)


def test_a_checkpoint_under_a_name_that_is_not_its_own(whole, tmp_path):
    folder = copied(whole, tmp_path / "run")
    files = checkpoints_in(folder)
    # The second now pretends to be the third, which is lost; and the last to be the second.
    shutil.copy(files[1], files[2])
    shutil.copy(files[-1], files[1])
    run, expected = rb.load_run(folder), go(WORK, "reference")
    for update in range(run._trajectory.last.update + 1):
        assert bits(run.at(update=update).params) == bits(expected.at(update=update).params)


def test_what_the_killed_have_left_is_harmless(whole, tmp_path):
    folder = copied(whole, tmp_path / "run")
    left = [
        folder / f".config.toml.{'0' * 12}.tmp",
        folder / "checkpoints" / f".{99:015}.safetensors.{'a' * 12}.tmp",
    ]
    others = [folder / ".own.tmp", folder / "checkpoints" / "notes.txt"]
    for path in (*left, *others):
        path.write_bytes(b"half")
    assert_same(rb.load_run(folder), go(WORK, "reference"))
    assert all(path.exists() for path in left)
    assert_same(rb.resume(folder), go(WORK, "reference"))
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in others)


def ended_before_its_first_checkpoint(monkeypatch, train):
    """Begin a run in a folder, and fail once its settings are written."""
    with monkeypatch.context() as patch:
        patch.setattr(Checkpointer, "save", lambda *_, **__: (_ for _ in ()).throw(MemoryError))
        with pytest.raises(MemoryError):
            train()


@pytest.mark.parametrize("more", [{}, {"init_params": NET.init(seed=99)}], ids=["seed", "given"])
def test_a_run_without_a_checkpoint_is_resumed_from_its_start(tmp_path, monkeypatch, more):
    folder, work = tmp_path / "run", {**WORK, **more}
    ended_before_its_first_checkpoint(monkeypatch, lambda: go(work, "reference", run_dir=folder))
    assert checkpoints_in(folder) == []
    with pytest.raises(FileError, match=r"there is a run in .*: resume it, remove it, or take"):
        go(work, "reference", run_dir=folder)
    (found,) = rb.runs.list_runs(tmp_path)
    assert (found.state, found.epoch, found.updates, found.damage) == ("broken off", 0, 0, None)
    loaded, expected = rb.load_run(folder), go(work, "reference")
    assert bits(loaded.params) == bits(expected.at(0).params)
    assert (len(loaded.history), loaded.metrics) == (0, None)
    assert_same(rb.resume(folder), expected)


def test_a_population_without_a_checkpoint_is_resumed_from_its_start(tmp_path, monkeypatch):
    def train(**more):
        return rb.train_many(NET, drawn(n=40), seeds=range(3), epochs=4, batch_size=7, **more)

    ended_before_its_first_checkpoint(monkeypatch, lambda: train(run_dir=tmp_path / "run"))
    assert_same(rb.resume(tmp_path / "run"), train())


def test_a_fork_without_a_checkpoint_is_resumed_from_where_it_branched_off(tmp_path, monkeypatch):
    run = go(WORK, "reference")
    update = run._trajectory.last.update // 2 + 1

    def branch(**more):
        return run.fork(update=update, edit={"0.bias": np.ones(4)}, **more)

    ended_before_its_first_checkpoint(monkeypatch, lambda: branch(run_dir=tmp_path / "run"))
    assert_same(rb.resume(tmp_path / "run"), branch())
    # Only its files say where it begins.
    ended_before_its_first_checkpoint(monkeypatch, lambda: branch(run_dir=tmp_path / "lost"))
    (tmp_path / "lost" / "start.safetensors").unlink()
    with pytest.raises(FileError, match=r"neither a checkpoint nor a start.*cannot be resumed"):
        rb.resume(tmp_path / "lost")


def test_settings_are_written_after_all_that_they_need(tmp_path, monkeypatch):
    def refuse(*_):
        raise FileError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(folder_module, "write_config", refuse)
        with pytest.raises(FileError, match="disk is full"):
            go({**WORK, "init_params": NET.init(seed=99)}, "reference", run_dir=tmp_path / "run")
    assert {path.name for path in (tmp_path / "run").iterdir()} >= {
        "data.safetensors",
        "start.safetensors",
    }
    # Another run that takes the folder does not begin where that one would have.
    assert_same(go(WORK, "reference", run_dir=tmp_path / "run"), go(WORK, "reference"))
    assert not (tmp_path / "run" / "start.safetensors").exists()


def test_checkpoints_without_their_settings_are_not_taken_for_another_runs(whole, tmp_path):
    folder = copied(whole, tmp_path / "run")
    (folder / "config.toml").unlink()
    (folder / "model.safetensors").unlink()
    with pytest.raises(FileError, match="there is a run in"):
        go({**WORK, "epochs": 1}, "reference", run_dir=folder)


def test_the_clock_goes_backwards(whole, tmp_path, monkeypatch):
    folder = copied(whole, tmp_path / "run")
    files = checkpoints_in(folder)
    for path in files[4:]:
        path.unlink()
    # The newest was written first, as far as the clock can tell; and the clock is at 1970.
    for age, path in enumerate(files[:4]):
        os.utime(path, (1e9 - age * 1e6, 1e9 - age * 1e6))
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert rb.load_run(folder)._trajectory.last.update == int(files[3].stem)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_same(rb.resume(folder), go(WORK, "reference"))


def test_a_checkpoint_beyond_where_the_run_is_goes(whole, tmp_path):
    folder = copied(whole, tmp_path / "run")
    beyond = folder / "checkpoints" / f"{10**6:015}.safetensors"
    beyond.write_bytes(b"half")
    with pytest.warns(UserWarning, match="an older checkpoint is used"):
        assert_same(rb.resume(folder), go(WORK, "reference"))
    assert not beyond.exists()
