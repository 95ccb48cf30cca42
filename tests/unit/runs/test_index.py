import json
import os
import sqlite3
from contextlib import closing

import pytest
from filelock import FileLock

from rosenblatt.errors import FileError
from rosenblatt.runs import index, list_runs
from rosenblatt.training.storage.folder import RunFolder


@pytest.fixture
def opened(monkeypatch):
    """Return the runs whose files are opened from now on."""
    seen = []

    def read(folder, asked=None):
        seen.append((folder.path.name, "config" if asked is None else "status"))
        return real(folder, asked)

    real = index.read_record
    monkeypatch.setattr(index, "read_record", read)
    return seen


def listed(folder):
    return {entry.id: entry for entry in list_runs(folder)}


def test_what_is_listed_is_what_the_files_say(folder, make, sample):
    make("a")
    make("b", state="stopped", stopped=["enough"], epoch=3, test_accuracy=None)
    found = listed(folder)
    assert list(found) == ["a", "b"]
    assert found["a"].state == "finished"
    assert (found["a"].epoch, found["a"].epochs, found["a"].updates) == (7, 7, 28)
    assert (found["a"].model, found["a"].batch_size) == ("2-3-2 ReLU", 10)
    assert found["a"].train_loss == sample[1]["train_loss"]
    assert (found["b"].stopped, found["b"].test_accuracy) == ("enough", None)


@pytest.mark.slow
def test_ten_thousand_runs_are_read_once(folder, make, opened, monkeypatch):
    sample = make("sample")
    for i in range(9_999):
        path = f"{folder}/{i:05}"
        os.mkdir(path)  # noqa: PTH102 - ten thousand times
        for name in ("config.toml", "status.json"):
            os.link(f"{sample}/{name}", f"{path}/{name}")
    # To understand one TOML file ten thousand times is no part of the test.
    settings = index.read_settings(RunFolder(sample))
    monkeypatch.setattr(index, "read_settings", lambda folder: settings)
    first = list_runs(folder)
    assert len(opened) == len(first) == 10_000
    opened.clear()
    assert list_runs(folder) == first
    assert opened == []


def test_only_what_has_changed_is_read_again(folder, make, opened):
    make("a")
    make("b")
    list_runs(folder)
    opened.clear()
    make("b", epoch=5, state="interrupted")
    os.utime(folder / "b" / "config.toml")
    assert listed(folder)["b"].epoch == 5
    assert opened == [("b", "config")]
    opened.clear()
    path = folder / "a" / "status.json"
    path.write_text(path.read_text().replace('"epoch": 7', '"epoch": 6'))
    assert listed(folder)["a"].epoch == 6
    assert opened == [("a", "status")]


def test_a_clock_that_was_set_back_hides_nothing(folder, make):
    make("a", epoch=1)
    list_runs(folder)
    make("a", epoch=2)
    os.utime(folder / "a" / "status.json", (0, 0))
    assert listed(folder)["a"].epoch == 2


def test_two_writings_in_one_tick_of_the_clock_are_told_apart(folder, make):
    path = make("a", epoch=1) / "status.json"
    os.utime(path, ns=(10, 10))
    list_runs(folder)
    new = path.with_name("new")
    new.write_text(path.read_text().replace('"epoch": 1', '"epoch": 2'))
    os.utime(new, ns=(10, 10))
    new.replace(path)
    assert listed(folder)["a"].epoch == 2


def test_a_run_that_is_gone_is_forgotten(folder, make):
    make("a")
    make("b")
    list_runs(folder)
    (folder / "a").rename(folder / "c")
    assert list(listed(folder)) == ["b", "c"]
    with closing(sqlite3.connect(folder / index.NAME)) as found:
        names = {name for (name,) in found.execute("SELECT name FROM runs")}
    assert names == {b"b", b"c"}


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b"no index"),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.write_bytes(path.read_bytes()[:4000] + b"\xff" * 4000),
        lambda path: changed(path, "PRAGMA user_version = 99"),
        lambda path: changed(path, "DROP TABLE runs"),
        lambda path: changed(path, "ALTER TABLE runs ADD COLUMN more TEXT"),
        lambda path: changed(path, "CREATE TRIGGER t AFTER INSERT ON runs BEGIN SELECT 1; END"),
        lambda path: changed(path, "UPDATE runs SET record = 'null'"),
        lambda path: changed(path, 'UPDATE runs SET record = \'["{}", "{}", 3]\''),
        lambda path: changed(path, "UPDATE runs SET config = x'ff', status = NULL"),
    ],
)
def test_an_index_that_is_lost_or_damaged_is_made_again(folder, make, opened, harm):
    for name in "abc":
        make(name)
    expected = list_runs(folder)
    harm(folder / index.NAME)
    assert list_runs(folder) == expected
    opened.clear()
    assert list_runs(folder) == expected
    assert opened == []


def changed(path, statement):
    with closing(sqlite3.connect(path)) as found, found:
        found.execute(statement)


def test_an_index_that_another_process_locks_is_done_without(folder, make, monkeypatch):
    make("a")
    expected = list_runs(folder)
    make("b")
    monkeypatch.setattr(index, "SECONDS_TO_WAIT", 0.01)
    with closing(sqlite3.connect(folder / index.NAME)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert list_runs(folder)[:1] == expected
        assert [entry.id for entry in list_runs(folder)] == ["a", "b"]
        other.rollback()
    assert [entry.id for entry in list_runs(folder)] == ["a", "b"]


def test_an_index_that_is_a_link_or_a_pipe_is_left_alone(folder, make, tmp_path):
    make("a")
    aim = tmp_path / "aim"
    aim.write_bytes(b"precious")
    (folder / index.NAME).symlink_to(aim)
    assert list(listed(folder)) == ["a"]
    assert aim.read_bytes() == b"precious"
    (folder / index.NAME).unlink()
    os.mkfifo(folder / index.NAME)
    assert list(listed(folder)) == ["a"]


def test_a_folder_that_cannot_be_written_is_listed(folder, make, opened, monkeypatch):
    make("a")
    list_runs(folder)
    opened.clear()
    # Root may write anywhere: that the system says no is made up.
    monkeypatch.setattr(index.os, "access", lambda path, how: False)
    assert list(listed(folder)) == ["a"]
    assert opened == []
    (folder / index.NAME).unlink()
    assert list(listed(folder)) == ["a"]
    assert not (folder / index.NAME).exists()


def test_what_is_no_run_is_not_listed(folder, make, tmp_path):
    make("a")
    (folder / "empty").mkdir()
    (folder / "file").touch()
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "config.toml").touch()
    elsewhere = tmp_path / "elsewhere"
    (folder / "a").rename(elsewhere)
    (folder / "link").symlink_to(elsewhere)
    assert listed(folder) == {}


def test_a_folder_that_is_a_run_is_among_its_runs(folder, make, sample):
    make("a")
    (folder / "config.toml").write_bytes(sample[0])
    (folder / "status.json").write_text(json.dumps(sample[1]))
    assert list(listed(folder)) == [".", "a"]


@pytest.mark.parametrize("name", ["config.toml", "status.json"])
def test_files_that_are_links_or_pipes_are_not_read(folder, make, tmp_path, name):
    path = make("a") / name
    aim = tmp_path / "aim"
    path.rename(aim)
    path.symlink_to(aim)
    assert "is no ordinary file" in listed(folder)["a"].damage
    path.unlink()
    os.mkfifo(path)
    assert "is no ordinary file" in listed(folder)["a"].damage


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 300,
        b"{",
        b"null",
        b"[]",
        b"[" * 10_000,
        b'{"state": "finished"}',
        b'{"state": "\\ud800"}',
        b" " * 100_000,
    ],
)
def test_a_status_that_is_none_is_named(folder, make, content):
    (make("a") / "status.json").write_bytes(content)
    make("b")
    found = listed(folder)
    assert "status.json" in found["a"].damage
    assert "no sound checkpoint" in found["a"].damage
    assert found["b"].damage is None


@pytest.mark.parametrize(
    "change",
    [
        {"epoch": -1},
        {"epoch": 2**70},
        {"epoch": 1.5},
        {"epoch": "7"},
        {"state": "fine"},
        {"train_loss": "low"},
        {"stopped": "x"},
        {"stopped": ["x" * 5000]},
        {"at": 3},
    ],
)
def test_a_status_with_other_values_is_named(folder, make, change):
    make("a", **change)
    assert "status.json is damaged" in listed(folder)["a"].damage


def test_numbers_that_are_none_are_not_there(folder, make):
    make("a", train_loss=float("nan"), test_loss=float("inf"))
    for _ in range(2):
        found = listed(folder)["a"]
        assert (found.train_loss, found.test_loss) == (None, float("inf"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "= 3",
        "format_version = 2",
        "format_version = 1",
        "x = " + "[" * 5000,
    ],
)
def test_settings_that_are_none_are_named(folder, make, text):
    (make("a") / "config.toml").write_text(text)
    found = listed(folder)["a"]
    assert found.state == "damaged"
    assert "config.toml" in found.damage


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "Sequential"', "name = 3"),
        ('name = "Sequential"', 'name = "Perceptron"'),
        ("layers = [", "layers = 3\nmore = ["),
        ('name = "Linear"', 'nome = "Linear"'),
        ("n_inputs = 2", "n_imputs = 2"),
        ("learning_rate = 0.01", "learning_rate = 1" + "0" * 400),
        ("epochs = 7", "epochs = 1" + "0" * 400),
        ("seeds = [\n    0,\n]", "seeds = [-1]"),
        ("samples = 40", "samples = -40"),
    ],
)
def test_settings_that_make_no_sense_are_named(folder, make, old, new):
    path = make("a") / "config.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    assert listed(folder)["a"].damage


def test_a_run_whose_process_has_died_is_broken_off(folder, make):
    path = make("a", state="running")
    (path / "lock").touch()
    assert listed(folder)["a"].state == "broken off"
    with FileLock(path / "lock"):
        assert listed(folder)["a"].state == "running"
    assert listed(folder)["a"].state == "broken off"


def test_to_look_whether_a_run_is_locked_changes_nothing(folder, make, tmp_path):
    path = make("a", state="running")
    assert not RunFolder(path).is_locked
    assert not (path / "lock").exists()
    aim = tmp_path / "aim"
    (path / "lock").symlink_to(aim)
    assert not RunFolder(path).is_locked
    assert not aim.exists()


def test_a_name_that_is_no_text_is_listed(folder, make):
    make("a").rename(os.fsdecode(os.fsencode(folder) + b"/\xff\n"))
    for _ in range(2):
        (found,) = list_runs(folder)
        assert os.fsencode(found.id) == b"\xff\n"


def test_a_folder_that_is_not_there_is_an_error(folder):
    with pytest.raises(FileError, match="there is no folder"):
        list_runs(folder / "none")
    (folder / "file").touch()
    with pytest.raises(FileError, match="Not a directory"):
        list_runs(folder / "file")
