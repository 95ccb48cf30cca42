import pytest

from assignment1.scripts import errors_in_one_line, load_datasets, save_datasets
from rosenblatt.data import moons
from rosenblatt.errors import FileError


@pytest.mark.parametrize(
    ("error", "line", "status"),
    [
        (FileError("no file"), "error: no file\n", 2),
        (MemoryError("8 TiB"), "error: not enough memory: 8 TiB\n", 2),
        (KeyboardInterrupt(), "interrupted\n", 130),
    ],
)
def test_what_a_user_can_cause_is_one_line(capsys, error, line, status):
    with pytest.raises(SystemExit) as end, errors_in_one_line():
        raise error
    assert end.value.code == status
    assert capsys.readouterr().err == line


def test_a_bug_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError), errors_in_one_line():
        raise ZeroDivisionError


def test_datasets_come_back_as_they_were(tmp_path):
    train, test = moons(50).split(seed=1)
    save_datasets(tmp_path, train, test)
    loaded = load_datasets(tmp_path)
    assert [data.content_hash for data in loaded] == [train.content_hash, test.content_hash]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "datasets").write_text("in the way")
    with pytest.raises(FileError, match="cannot create"):
        save_datasets(tmp_path, *moons(50).split())
