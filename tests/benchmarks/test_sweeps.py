import pytest

from benchmarks.sweeps import FIGURES, main
from rosenblatt.files import is_there


@pytest.mark.slow
def test_every_figure_is_measured(tmp_path, capsys):
    assert main(["--quick", "--turns", "1", "--out", str(tmp_path)]) == 0
    page = capsys.readouterr().out
    assert all(figure.what in page for figure in FIGURES.values())
    assert (tmp_path / "SWEEPS.md").read_text() in page
    assert is_there(tmp_path / "SWEEPS.md")
