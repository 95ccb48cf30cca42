"""What a file may ask for: names the need and the limit, and lets through what fits."""

import pytest

from rosenblatt import limits
from rosenblatt.errors import ConfigurationError, FileError


def test_a_need_is_held_against_the_memory_that_is_free(monkeypatch):
    monkeypatch.setattr(limits, "free_memory", lambda: 10**9)
    limits.check_memory(10**9, "reading much")
    with pytest.raises(FileError, match=r"reading more needs 2\.0 GB of memory, and 1\.0 GB are"):
        limits.check_memory(2 * 10**9, "reading more")
    with pytest.raises(ConfigurationError, match="more than 1000000 TB"):
        limits.check_memory(10**400, "making all", ConfigurationError)


def test_a_small_need_asks_nobody(monkeypatch):
    monkeypatch.setattr(limits, "free_memory", lambda: 0)
    limits.check_memory(10**7, "reading little")


def test_free_memory_is_the_least_of_what_machine_container_and_process_leave(
    monkeypatch, tmp_path
):
    meminfo, container = tmp_path / "meminfo", tmp_path / "memory.max"
    monkeypatch.setattr(limits, "_MEMINFO", meminfo)
    monkeypatch.setattr(limits, "_CONTAINER", container)
    monkeypatch.setattr(limits, "_of_process", lambda: None)
    meminfo.write_text("MemTotal:  9 kB\nMemAvailable:       5000 kB\n")
    container.write_text("max\n")
    assert limits.free_memory() == 5000 * 1024
    container.write_text("1000\n")
    assert limits.free_memory() == 1000
    monkeypatch.setattr(limits, "_of_process", lambda: 10)
    assert limits.free_memory() == 10


def test_where_the_system_says_nothing_only_the_impossible_is_refused(monkeypatch):
    for name in ("_available", "_container", "_of_process"):
        monkeypatch.setattr(limits, name, lambda: None)
    limits.check_memory(2**40, "reading")
    with pytest.raises(FileError):
        limits.check_memory(2**48, "reading")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "x is not JSON"),
        (b"\xff", "x is not JSON"),
        ("9" * 5000, "x is not JSON"),
        ('"\\ud800"', "x is not JSON: surrogates not allowed"),
        ('{"\\udfff": 1}', "x is not JSON"),
        ("[" * 100_000, "x is nested too deep"),
        ("[" * 101 + "]" * 101, "x is nested too deep; at most 100"),
    ],
)
def test_json_that_cannot_be_used_is_refused(text, told):
    with pytest.raises(FileError, match=told):
        limits.parse_json(text, "x")


def test_json_may_be_nested_as_far_as_it_says():
    assert limits.parse_json("[" * 100 + "]" * 100, "x")
    assert limits.parse_json('["\\u00e9", "\\ud83d\\ude00"]', "x") == ["é", "😀"]


def test_names_are_texts_of_some_length():
    limits.check_names(["a", "é", "x" * limits.LONGEST_NAME], "column")
    with pytest.raises(FileError, match=r"column 1, counting from 0, has 10001 characters"):
        limits.check_names(["a", "x" * (limits.LONGEST_NAME + 1)], "column")
    with pytest.raises(FileError, match="column 0, counting from 0, is no Unicode text"):
        limits.check_names(["\ud800"], "column")
