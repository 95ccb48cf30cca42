import json
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ASSIGNMENT = Path(__file__).resolve().parents[2] / "assignment1"
NOTEBOOKS = [("part2", "task3.ipynb"), ("part3", "part3.ipynb")]


@pytest.mark.parametrize(("part", "name"), NOTEBOOKS)
def test_it_is_stored_executed_and_clean(part, name):
    path = ASSIGNMENT / part / name
    text = path.read_text(encoding="utf-8")
    assert len(text) < 300_000
    assert not re.search(r"/(home|root|work|tmp|Users)/", text)
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert any("image/png" in json.dumps(cell.outputs) for cell in code)


@pytest.mark.parametrize(("part", "name"), NOTEBOOKS)
def test_it_runs(assignment, part, name):
    """With fewer epochs than the 1500 whose results are stored."""
    notebook = nbformat.read(assignment / part / name, as_version=4)
    constants = [cell for cell in notebook.cells if "MAX_STEPS = 1500" in cell.source]
    assert len(constants) == 1
    constants[0].source = constants[0].source.replace("MAX_STEPS = 1500", "MAX_STEPS = 2")
    NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        coalesce_streams=True,
        resources={"metadata": {"path": str(assignment / part)}},
    ).execute()
    stored = nbformat.read(assignment / part / name, as_version=4)
    for before, now in zip(stored.cells, notebook.cells, strict=True):
        kinds = [
            [output.output_type for output in cell.get("outputs", [])] for cell in (before, now)
        ]
        assert kinds[0] == kinds[1]


def test_part_3_writes_its_figures():
    for name in ("loss", "accuracy"):
        for batch_size in (1, 10, 100, 200, 400, 800):
            figure = ASSIGNMENT / "part3" / "fig" / f"{name}_batch_size_{batch_size}.png"
            content = figure.read_bytes()
            assert content.startswith(b"\x89PNG")
            assert len(content) < 60_000
