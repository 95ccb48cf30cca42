import errno
import os
import stat

import pytest

from rosenblatt.errors import DataError, FileError
from rosenblatt.files import atomic_write


def test_the_file_appears_complete_when_the_block_ends(tmp_path):
    path = tmp_path / "out.bin"
    with atomic_write(path) as handle:
        handle.write(b"half")
        handle.flush()
        assert not path.exists()
        handle.write(b" and half")
    assert path.read_bytes() == b"half and half"
    assert list(tmp_path.iterdir()) == [path]


def test_who_reads_the_old_file_is_not_disturbed(tmp_path):
    path = tmp_path / "out.bin"
    path.write_bytes(b"before")
    with path.open("rb") as reader:
        with atomic_write(path) as handle:
            handle.write(b"after")
        assert reader.read() == b"before"
    assert path.read_bytes() == b"after"


@pytest.mark.parametrize("error", [ValueError, DataError, KeyboardInterrupt])
def test_a_block_that_raises_leaves_what_was_there(tmp_path, error):
    path = tmp_path / "out.bin"
    path.write_bytes(b"before")

    def write_and_fail():
        with atomic_write(path) as handle:
            handle.write(b"partial")
            raise error("no")

    with pytest.raises(error):
        write_and_fail()
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_has_the_rights_of_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    with atomic_write(tmp_path / "out"):
        pass
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "file")
    with atomic_write(tmp_path / "link") as handle:
        handle.write(b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"x"


def refused(path):
    with pytest.raises(FileError) as caught, atomic_write(path) as handle:
        handle.write(b"x")
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_places_that_cannot_be_written_are_refused(tmp_path):
    assert "does not exist" in refused(tmp_path / "missing" / "out")
    assert "is a folder" in refused(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "not an ordinary file" in refused(tmp_path / "pipe")
    (tmp_path / "file").touch()
    assert "does not exist" in refused(tmp_path / "file" / "out")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into read-only folders")
def test_a_read_only_folder_is_refused(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert "Permission denied" in refused(tmp_path / "out")


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_system_that_refuses_to_open_is_quoted(tmp_path, monkeypatch, code):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "open", refuse)
    assert os.strerror(code) in refused(tmp_path / "out")


def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "out"
    path.write_bytes(b"before")
    monkeypatch.setattr(os, "fsync", full)
    assert "No space left" in refused(path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
