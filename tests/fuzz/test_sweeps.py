"""Sweeps of any settings, and folders of which files were damaged: a result, or our own error."""

import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rosenblatt as rb
from fuzz.counting import CASES
from fuzz.hostile import FLOATS, INTEGERS, JSON, WORDS, changed_bytes
from rosenblatt.errors import RosenblattError
from rosenblatt.sweeps import computation, execution, read_sweep, resume_sweep, sweep_settings
from rosenblatt.sweeps.variants import WORDS as SETTINGS

EXAMPLES = settings.default.max_examples
slow_to_draw = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.function_scoped_fixture,
]
DATA = rb.data.moons(20, noise=0.2, seed=1)
MODEL = rb.MLP(2, [3], 2)

PLAIN = st.sampled_from([0.1, 1, 2, 5, True, None, [3], [2, 2], "sgd", "adam", "he", "tanh", "mse"])
VALUES = st.one_of(PLAIN, PLAIN, FLOATS, INTEGERS, WORDS, JSON)
TABLES = st.dictionaries(
    st.sampled_from(["logspace", "linspace", "uniform", "log_uniform", "n", "method", "seed", "x"]),
    st.one_of(st.sampled_from([[0.1, 1], [1, 5], 3, "sobol"]), VALUES),
    max_size=4,
)
LISTS = st.one_of(st.lists(VALUES, max_size=4), VALUES, TABLES)
NAMES = st.one_of(
    st.sampled_from(SETTINGS), st.sampled_from(["init.scale", "seed", "engine", "a-b"]), WORDS
)
OVER = st.one_of(
    st.dictionaries(NAMES, LISTS, max_size=3),
    st.lists(st.dictionaries(NAMES, VALUES, max_size=3), max_size=3),
    JSON,
)
HALVING = st.one_of(
    st.booleans(),
    st.dictionaries(st.sampled_from(["factor", "min_epochs", "measure"]), VALUES, max_size=3),
    VALUES,
)
MEASURES = st.one_of(
    st.lists(
        st.sampled_from(["distance", "best(train_loss)", "first_epoch(train_loss<=0.1)"]) | VALUES,
        max_size=2,
    ),
    VALUES,
)


@pytest.fixture(autouse=True)
def _train_nothing(monkeypatch):
    """Let every chunk end at once: what is tried is everything else."""

    def nothing(self, networks, chunks, tell):
        for chunk in chunks:
            n = len(chunk.networks)
            columns = {one.name: np.linspace(0, 1, n) for one in networks.measures}
            yield chunk, (np.arange(n) % 3 == 1, columns)

    monkeypatch.setattr(execution.Threads, "train", nothing)
    monkeypatch.setattr(computation, "MOST_NETWORKS", 1000)
    monkeypatch.setattr("rosenblatt.sweeps.grid.MOST_NETWORKS", 1000)


def check(what, call):
    """Call a function: only a RosenblattError may come of it."""
    CASES[what] += 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            found = call()
        except RosenblattError:
            return
        table = found.table
        assert len(table) == len(found)
        found.mean_over_seeds()
        repr(found)


@settings(max_examples=EXAMPLES, suppress_health_check=slow_to_draw)
@given(over=OVER, halving=HALVING, measure=MEASURES, seeds=st.one_of(st.just([0, 1]), VALUES))
def test_any_settings(over, halving, measure, seeds):
    how = {"halving": halving, "measure": measure, "seeds": seeds, "engine": "reference"}
    check("sweep", lambda: rb.sweep(MODEL, DATA, over=over, epochs=9, progress=False, **how))


@settings(max_examples=EXAMPLES, suppress_health_check=slow_to_draw)
@given(
    content=st.fixed_dictionaries(
        {"data": st.just("moons"), "n": st.just(20), "over": OVER},
        optional={
            "seeds": VALUES,
            "measure": MEASURES,
            "halving": HALVING,
            "paired": VALUES,
            "validation_size": VALUES,
            "epochs": VALUES,
            "hidden": VALUES,
            "engine": VALUES,
        },
    )
)
def test_any_file_of_a_sweep(content):
    content = {"engine": "reference"} | content
    check("sweep file", lambda: sweep_settings(content, progress=False))


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A finished sweep, one with halving, and a third that was interrupted between two rungs."""
    place = tmp_path_factory.mktemp("sweeps")
    how = {"seeds": [0, 1], "epochs": 9, "batch_size": 5, "progress": False}
    over = {"learning_rate": [0.1, 0.5, 1.0], "hidden": [[3], [2, 2]]}
    rb.sweep(MODEL, DATA, over=over, folder=place / "whole", **how)
    rb.sweep(MODEL, DATA, over=over, folder=place / "halved", halving=True, **how)
    rb.sweep(MODEL, DATA, over=over, folder=place / "part", halving=True, max_epochs=22, **how)
    assert read_sweep(place / "part").n_missing
    assert list((place / "part").rglob("positions/*/*"))
    return place


@pytest.mark.slow
@settings(max_examples=EXAMPLES, suppress_health_check=slow_to_draw)
@given(data=st.data(), name=st.sampled_from(["whole", "halved", "part"]))
def test_a_folder_of_which_a_file_was_damaged(folders, tmp_path_factory, data, name):
    place = tmp_path_factory.getbasetemp() / "damaged"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(folders / name, place)
    files = sorted(path for path in place.rglob("*") if path.is_file() and path.name != "lock")
    path = data.draw(st.sampled_from(files))
    if path.name == "sweep.json" and data.draw(st.booleans()):
        manifest = json.loads(path.read_text())
        part = data.draw(st.sampled_from([manifest, manifest["call"], manifest["base"]]))
        part[data.draw(st.sampled_from(sorted(part)))] = data.draw(LISTS | HALVING)
        text = json.dumps(manifest)
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
    else:
        path.write_bytes(data.draw(changed_bytes([path.read_bytes()])))
    check("sweep folder", lambda: read_sweep(place))
    check("sweep folder", lambda: resume_sweep(place, progress=False))


@pytest.mark.slow
def test_files_of_other_folders_are_no_traceback(folders, tmp_path):
    """Each file of a sweep in the place of each other."""
    files = sorted(path for path in (folders / "part").rglob("*") if path.is_file())
    files = [path for path in files if path.name != "lock"]
    for target in files:
        for source in files[:: max(1, len(files) // 6)]:
            place = tmp_path / "mixed"
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(folders / "part", place)
            shutil.copy(source, place / Path(target).relative_to(folders / "part"))
            check("sweep folder", lambda: read_sweep(place))  # noqa: B023
            check("sweep folder", lambda: resume_sweep(place, progress=False))  # noqa: B023
