import pytest

from benchmarks.searches import main


@pytest.mark.slow
def test_a_row_is_measured(tmp_path, capsys):
    words = ["--quick", "--only", "batch_size", "--out", str(tmp_path)]
    assert main(words) == 0
    page = (tmp_path / "SEARCHES.md").read_text(encoding="utf-8")
    assert "batch_size=32" in page
    assert page in capsys.readouterr().out
