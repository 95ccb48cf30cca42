import os

import pytest

from rosenblatt.studio.returning import cookie_value

pytestmark = pytest.mark.skipif(os.name != "posix", reason="files are private by their mode")


def test_a_restarted_server_knows_its_pages(tmp_path):
    folder = tmp_path / "state"
    first = cookie_value(8000, folder)
    assert cookie_value(8000, folder) == first
    assert cookie_value(8001, folder) != first
    assert (folder / "studio-key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_can_read_is_not_used(tmp_path):
    first = cookie_value(8000, tmp_path)
    (tmp_path / "studio-key").chmod(0o644)
    assert cookie_value(8000, tmp_path) != first
    assert cookie_value(8000, tmp_path) != cookie_value(8000, tmp_path)


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").write_bytes(bytes(32))
    (tmp_path / "elsewhere").chmod(0o600)
    (tmp_path / "studio-key").symlink_to(tmp_path / "elsewhere")
    assert cookie_value(8000, tmp_path) != cookie_value(8000, tmp_path)
