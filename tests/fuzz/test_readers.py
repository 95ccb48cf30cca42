"""Whatever is in a file: it is read, or refused by an error of our own."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.counting import CASES
from fuzz.hostile import changed_bytes
from fuzz.readers import READERS, made
from rosenblatt.errors import RosenblattError

EXAMPLES = settings.default.max_examples
readers = pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
slow_to_draw = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


def check(reader, folder, content):
    """Read a file of that content: only a RosenblattError may come of it."""
    CASES[reader.name] += 1
    path = folder / reader.file
    # Another file of the same name: what was mapped into memory keeps the old one.
    path.unlink(missing_ok=True)
    path.write_bytes(reader.seal(content))
    try:
        reader.read(path)
    except RosenblattError as error:
        refused = str(error)
    else:
        return None
    assert refused
    # The need was computed before anything was taken.
    assert "not enough memory" not in refused
    assert "malloc" not in refused
    return refused


@readers
def test_what_is_valid_is_read(reader, folder):
    for content in made(reader.name):
        assert check(reader, folder, content) is None


@pytest.mark.slow
@readers
@settings(max_examples=EXAMPLES // 2, suppress_health_check=slow_to_draw)
@given(data=st.data())
def test_a_file_that_was_changed(reader, folder, data):
    check(reader, folder, data.draw(changed_bytes(made(reader.name))))


@pytest.mark.slow
@readers
@settings(max_examples=EXAMPLES // 2, suppress_health_check=slow_to_draw)
@given(data=st.data())
def test_a_file_that_a_stranger_made(reader, folder, data):
    content = data.draw(reader.hostile)
    if data.draw(st.integers(0, 3)) == 0:
        content = data.draw(changed_bytes([content, *made(reader.name)]))
    check(reader, folder, content)


@readers
@settings(max_examples=EXAMPLES // 5)
@given(content=st.binary(max_size=200))
def test_a_file_of_any_bytes(reader, folder, content):
    check(reader, folder, content)
