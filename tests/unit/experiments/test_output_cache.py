"""An entry is found by everything that its content depends on, and is right or is not there."""

import dataclasses
import functools
import hashlib
import io
import json
import os
import time
import zipfile

import pytest

import toy_experiments as toys
from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.executors.environment import Environment
from rosenblatt.experiments.base import Task
from rosenblatt.experiments.output_cache import Cache, Output, identity
from rosenblatt.experiments.row_files import to_parquet

HOME = Environment(code="c0de" * 16, versions=(("numpy", "2.0"),), processor="one")
ELSEWHERE = [
    dataclasses.replace(HOME, code="c0de" * 15 + "beef"),
    dataclasses.replace(HOME, code="beef" * 16),
    dataclasses.replace(HOME, versions=(("numpy", "2.1"),)),
    dataclasses.replace(HOME, processor="two"),
]
TASK = Task(("a",), toys.squares, {"folder": ".", "i": 1}, cost=1.0)
OTHERS = [
    dataclasses.replace(TASK, function=toys.dies_at_first),
    *(
        dataclasses.replace(TASK, arguments={"folder": ".", **more})
        for more in ({"i": 2}, {"i": 1.0}, {"i": True}, {"i": "1"}, {"i": None}, {}, {"j": 1})
    ),
]
OUTPUT = Output(
    {"rows": to_parquet([{"x": 0.1}, {"x": float("nan")}]), "empty": to_parquet([])}, 1.5, HOME
)


@pytest.fixture
def cache(tmp_path):
    cache = Cache(tmp_path / "new" / "cache")
    cache.save(TASK, OUTPUT)
    return cache


@pytest.fixture
def entry(cache, tmp_path):
    (entry,) = (tmp_path / "new" / "cache").rglob("*.zip")
    return entry


def test_an_output_comes_back_with_the_seconds_it_took(cache):
    assert cache.load(TASK, [HOME]) == OUTPUT


def test_key_and_cost_of_a_task_and_the_order_of_its_arguments_do_not_count(cache):
    same = Task(("b",), toys.squares, {"i": 1, "folder": "."}, cost=2.0)
    assert cache.load(same, [HOME]) == OUTPUT


@pytest.mark.parametrize("other", OTHERS)
def test_another_function_or_argument_is_another_entry(cache, other):
    assert identity(other) != identity(TASK)
    assert cache.load(other, [HOME]) is None


@pytest.mark.parametrize("environment", ELSEWHERE)
def test_another_code_library_or_processor_is_another_entry(cache, environment):
    assert cache.load(TASK, [environment]) is None
    assert cache.load(TASK, [environment, HOME]) == OUTPUT
    cache.save(TASK, dataclasses.replace(OUTPUT, seconds=9.0, environment=environment))
    assert cache.load(TASK, [HOME]) == OUTPUT


def sealed(content):
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def rewritten(whole, change, method=zipfile.ZIP_STORED):
    """An entry with the right digest, whose description a stranger changed."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(whole[65:])) as before,
        zipfile.ZipFile(buffer, "w", method) as after,
    ):
        for name in before.namelist():
            content = before.read(name)
            if name == "task.json":
                content = json.dumps(json.loads(content) | change)
            after.writestr(name, content)
    return sealed(buffer.getvalue())


@pytest.mark.parametrize(
    "change",
    [
        {"seconds": "long"},
        {"seconds": -1},
        {"tables": 3},
        {"tables": ["a", "b", "c"]},
        {"tables": [["a"], {}, None]},
        {"environment": []},
        {"environment": functools.reduce(lambda x, _: [x], range(200), 0)},
    ],
    ids=str,
)
def test_an_entry_that_a_stranger_sealed_is_none(cache, entry, change):
    whole = entry.read_bytes()
    entry.write_bytes(rewritten(whole, {}))
    assert cache.load(TASK, [HOME]) == OUTPUT
    entry.write_bytes(rewritten(whole, change))
    assert cache.load(TASK, [HOME]) is None


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_a_sealed_entry_that_is_no_archive_of_ours_is_none(cache, entry, content):
    entry.write_bytes(sealed(content))
    assert cache.load(TASK, [HOME]) is None


def test_an_entry_that_would_grow_is_none(cache, entry):
    """Ours are not compressed."""
    entry.write_bytes(rewritten(entry.read_bytes(), {}, zipfile.ZIP_DEFLATED))
    assert cache.load(TASK, [HOME]) is None


def test_an_entry_with_any_byte_changed_is_none(cache, entry):
    whole = entry.read_bytes()
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        entry.write_bytes(changed)
        assert cache.load(TASK, [HOME]) is None, place


def test_an_entry_cut_anywhere_is_none(cache, entry):
    whole = entry.read_bytes()
    for size in range(len(whole)):
        entry.write_bytes(whole[:size])
        assert cache.load(TASK, [HOME]) is None, size
    entry.write_bytes(whole + b"\n")
    assert cache.load(TASK, [HOME]) is None


def test_the_entry_of_another_task_or_place_under_this_name_is_none(cache, entry, tmp_path):
    strangers = [
        *((other, OUTPUT) for other in OTHERS),
        *((TASK, dataclasses.replace(OUTPUT, environment=place)) for place in ELSEWHERE),
    ]
    for number, (task, output) in enumerate(strangers):
        Cache(tmp_path / str(number)).save(task, output)
        (stranger,) = (tmp_path / str(number)).rglob("*.zip")
        entry.write_bytes(stranger.read_bytes())
        assert cache.load(TASK, [HOME]) is None


def test_saving_that_is_interrupted_leaves_the_earlier_entry(cache, entry, monkeypatch):
    def interrupted(descriptor):
        raise KeyboardInterrupt

    whole = entry.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            cache.save(TASK, dataclasses.replace(OUTPUT, seconds=9.0))
    assert entry.read_bytes() == whole
    assert list(entry.parent.iterdir()) == [entry]


def test_a_damaged_entry_is_replaced(cache, entry):
    entry.write_bytes(b"")
    cache.save(TASK, OUTPUT)
    assert cache.load(TASK, [HOME]) == OUTPUT


def test_only_entries_of_other_code_and_leftovers_of_killed_processes_are_stale(cache, entry):
    other_code = [place for place in ELSEWHERE if place.code[:16] != HOME.code[:16]]
    for place in ELSEWHERE:
        cache.save(TASK, dataclasses.replace(OUTPUT, environment=place))
    cache.save(OTHERS[0], OUTPUT)
    mine = entry.parent.parent / "notes.txt"
    mine.write_text("mine")
    abandoned = entry.with_name(f".{entry.name}.0123456789ab.tmp")
    being_written = entry.with_name(f".{entry.name}.ba9876543210.tmp")
    for file in (abandoned, being_written):
        file.touch()
    long_ago = time.time() - 7200
    os.utime(abandoned, (long_ago, long_ago))

    cache.remove_stale(HOME)

    assert [cache.load(TASK, [place]) is None for place in ELSEWHERE] == [
        place in other_code for place in ELSEWHERE
    ]
    assert cache.load(TASK, [HOME]) == cache.load(OTHERS[0], [HOME]) == OUTPUT
    assert mine.exists()
    assert being_written.exists()
    assert not abandoned.exists()
    assert {path.name for path in mine.parent.iterdir()} == {"notes.txt", entry.parent.name}


def test_folders_of_other_code_keep_what_is_not_an_entry(cache, entry):
    folder = entry.parent.parent / "0123456789abcdef"
    folder.mkdir()
    (folder / "letter.txt").touch()
    cache.remove_stale(HOME)
    assert (folder / "letter.txt").exists()


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "cache").touch()
    with pytest.raises(FileError, match="cannot make the folder"):
        Cache(tmp_path / "cache")


def test_functions_without_a_name_and_arguments_that_are_not_plain_are_refused():
    with pytest.raises(ConfigurationError, match="top of a module"):
        identity(dataclasses.replace(TASK, function=lambda: {}))
    with pytest.raises(ConfigurationError, match=r"only plain values can be hashed.*is a set"):
        identity(dataclasses.replace(TASK, arguments={"i": {1}}))
