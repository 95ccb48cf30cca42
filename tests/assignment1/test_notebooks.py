import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from rosenblatt import MLP
from rosenblatt.experiments import replay

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


@pytest.mark.slow
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


def test_task_3_states_the_accuracy_before_training_that_its_seeds_have():
    notebook = nbformat.read(ASSIGNMENT / "part2" / "task3.ipynb", as_version=4)
    text = " ".join(" ".join(cell.source for cell in notebook.cells).split())
    model, (_, test_set) = MLP(2, [20], 2), replay.moons()
    accuracies = np.array([_accuracy(model, seed, test_set) for seed in range(1000)])
    stated = (
        f"Over the seeds 0 to 999 it is {accuracies.mean():.1f} ± {accuracies.std(ddof=1):.1f} %"
    )
    assert stated in text
    assert f"{accuracies[42]:.0f} % before any training is an accident of seed 42" in text
    assert f"`python train_mlp_numpy.py --seed 4` starts at {accuracies[4]:.0f} %" in text


def _accuracy(model, seed, data):
    params = replay.initial_params(model, seed)
    hidden = np.maximum(0, data.X @ params["0.weight"] + params["0.bias"])
    answers = np.argmax(hidden @ params["2.weight"] + params["2.bias"], axis=1)
    return 100 * np.mean(answers == data.y)
