import os

import pytest
from filelock import FileLock

from rosenblatt.errors import FileError
from rosenblatt.runs import find, remove


def test_an_id_comes_before_a_path(folder, make, tmp_path, monkeypatch):
    make("a")
    monkeypatch.chdir(folder)
    (folder / "a" / "a").mkdir()
    (folder / "a" / "a" / "config.toml").touch()
    assert find("a", folder / "a") == folder / "a" / "a"
    assert find("./a", folder / "a").resolve() == folder / "a"
    assert find("a", folder / "none").resolve() == folder / "a"
    assert find(folder / "a", "none") == folder / "a"


@pytest.mark.parametrize("name", ["", ".", "..", "../runs", "rum-1", "a\0b", "run-1/x"])
def test_what_is_no_run_is_refused(folder, make, name):
    make("run-1")
    with pytest.raises(FileError, match="there is no run"):
        find(name, folder)


def test_an_unknown_id_names_the_nearest(folder, make):
    make("run-1")
    make("other")
    with pytest.raises(FileError, match='did you mean "run-1"'):
        find("rum-1", folder)
    with pytest.raises(FileError, match="no folder 'none'"):
        find("run-1", "none")


def test_a_run_is_removed_and_nothing_beside_it(folder, make, tmp_path):
    path, aim = make("a"), tmp_path / "aim"
    aim.mkdir()
    (aim / "precious").touch()
    (path / "link").symlink_to(aim)
    (path / "status.json").unlink()
    (path / "status.json").symlink_to(aim / "precious")
    (path / "checkpoints").mkdir()
    (path / "checkpoints" / "inner").symlink_to(aim)
    make("b")
    remove("a", folder)
    assert {one.name for one in folder.iterdir()} == {"b"}
    assert (aim / "precious").exists()


def test_what_was_interrupted_can_be_repeated(folder, make, monkeypatch):
    path = make("a")
    (path / "checkpoints").mkdir()

    def fail(path):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("rosenblatt.runs.removal.shutil.rmtree", fail)
        with pytest.raises(FileError, match=r"cannot remove .*Input/output error"):
            remove("a", folder)
    assert (path / "config.toml").exists()
    remove("a", folder)
    assert not path.exists()


def test_a_run_that_is_trained_is_not_removed(folder, make):
    path = make("a")
    with FileLock(path / "lock"), pytest.raises(FileError, match="being trained"):
        remove("a", folder)
    assert (path / "config.toml").exists()


@pytest.mark.parametrize("name", ["", ".", "..", "../runs/a", "a/", "a/../a"])
def test_a_path_is_not_removed(folder, make, name):
    make("a")
    with pytest.raises(FileError, match="is a path"):
        remove(name, folder)
    assert (folder / "a" / "config.toml").exists()


def test_what_is_no_run_is_not_removed(folder, make, tmp_path):
    (folder / "notes").mkdir()
    (folder / "notes" / "precious").touch()
    with pytest.raises(FileError, match=r"is no run: it has no config\.toml"):
        remove("notes", folder)
    assert (folder / "notes" / "precious").exists()
    make("a")
    (folder / "a").rename(tmp_path / "elsewhere")
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileError, match="is a link"):
        remove("link", folder)
    assert (tmp_path / "elsewhere" / "config.toml").exists()
    with pytest.raises(FileError, match="there is no run 'none'"):
        remove("none", folder)


def test_a_run_that_holds_another_is_not_removed(folder, make):
    make("a")
    make(os.path.join("a", "deep", "b"))  # noqa: PTH118 - a name below a name
    with pytest.raises(FileError, match="holds another run"):
        remove("a", folder)
    assert (folder / "a" / "deep" / "b" / "config.toml").exists()
