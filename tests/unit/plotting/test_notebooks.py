"""Every figure that a public function returns is shown by Jupyter, and once."""

import base64

import nbformat
import pytest
from nbclient import NotebookClient

SETUP = """
import tempfile
from pathlib import Path
import rosenblatt as rb
from rosenblatt.plotting import new_figure, plot_loss
folder = Path(tempfile.mkdtemp())
data = rb.data.gaussians(20, means=[(2, 2), (-2, -2)], seed=0)
settings = {"epochs": 3, "engine": "reference"}
a = rb.train(rb.MLP(2, [], 2), data, run_dir=folder / "a", **settings)
b = rb.train(rb.MLP(2, [], 2), data, batch_size=10, run_dir=folder / "b", **settings)
"""
FIGURES = {
    "new_figure": """
figure, (ax,) = new_figure()
plot_loss(ax, a.history["epoch"], a.history["train_loss"])
figure""",
    "plot_comparison": ('rb.runs.plot_comparison(rb.runs.compare([folder / "a", folder / "b"]))'),
    "contrast": "rb.contrast(a, b).plot()",
    "display": "from IPython.display import display\ndisplay(rb.contrast(a, b).plot())",
}
OWN_AXES = """
import matplotlib.pyplot as plt
figure, axes = plt.subplots(1, 3)
rb.contrast(a, b).plot(axes)"""


def images(cell):
    return [
        output.data["image/png"] for output in cell.outputs if "image/png" in output.get("data", {})
    ]


@pytest.fixture(scope="module")
def executed():
    """Every way to a figure in a kernel of its own; first without pyplot, then with it."""
    sources = [SETUP, *FIGURES.values(), OWN_AXES, *FIGURES.values()]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources]
    )
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return notebook.cells


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_shown_once_with_pyplot_and_without(executed, name):
    place = 1 + list(FIGURES).index(name)
    for cell in (executed[place], executed[place + len(FIGURES) + 1]):
        (image,) = images(cell)
        assert base64.b64decode(image).startswith(b"\x89PNG")


def test_it_is_as_large_as_in_print(executed):
    (output,) = executed[1].outputs
    assert output.metadata["image/png"] == {"width": 346, "height": 269}


def test_axes_of_pyplot_are_shown_once(executed):
    assert len(images(executed[1 + len(FIGURES)])) == 1
