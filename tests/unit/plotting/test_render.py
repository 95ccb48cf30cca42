import pytest

from rosenblatt.errors import FileError
from rosenblatt.plotting import new_figure, plot_loss, render, save_figure


def drawn():
    figure, (ax,) = new_figure()
    plot_loss(ax, [0, 1, 2], [3.0, 2.0, 1.0], [3.0, 2.5, 2.0])
    return figure


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
def test_the_same_figure_gives_the_same_bytes(format):
    assert render(drawn(), format) == render(drawn(), format)


def test_text_in_an_svg_stays_text():
    svg = render(drawn(), "svg").decode()
    assert ">epoch</text>" in svg
    assert "<dc:date>" not in svg


@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("a.SVG", b"<?xml")])
def test_the_suffix_names_the_format(tmp_path, name, start):
    save_figure(drawn(), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)


@pytest.mark.parametrize("name", ["a.bmpx", "a", "missing/a.png"])
def test_what_cannot_be_written_is_said(tmp_path, name):
    with pytest.raises(FileError):
        save_figure(drawn(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_drawing_leaves_the_layout_engine_in_place():
    figure = drawn()
    engine = figure.get_layout_engine()
    render(figure, "png")
    assert figure.get_layout_engine() is engine
