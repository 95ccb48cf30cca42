import json
from pathlib import Path

import pytest

import rosenblatt as rb

DATA = rb.data.moons(60, noise=0.2, seed=3)
TRAIN, TEST = DATA.split(20, seed=0)
MODEL = rb.MLP(2, [3], 2)


def trained(path, **settings):
    """Train a small run in a folder."""
    return rb.train(
        MODEL,
        TRAIN,
        **{
            "test": TEST,
            "epochs": 7,
            "batch_size": 10,
            "eval_every": 3,
            "engine": "reference",
            "run_dir": path,
            **settings,
        },
    )


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """Return the bytes of a run's settings, and its status."""
    path = tmp_path_factory.mktemp("sample") / "run"
    trained(path)
    return (path / "config.toml").read_bytes(), json.loads((path / "status.json").read_text())


@pytest.fixture
def make(tmp_path, sample):
    """Make the folder of a run that holds its settings and its status only."""

    def call(name, **changes) -> Path:
        path = tmp_path / "runs" / name
        path.mkdir(parents=True, exist_ok=True)
        (path / "config.toml").write_bytes(sample[0])
        (path / "status.json").write_text(json.dumps(sample[1] | changes))
        return path

    (tmp_path / "runs").mkdir()
    return call


@pytest.fixture
def folder(tmp_path, make):
    return tmp_path / "runs"
