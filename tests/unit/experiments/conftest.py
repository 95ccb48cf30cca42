"""The runner's experiments are toys in its own tests."""

import pytest

import toy_experiments as toys
from rosenblatt.experiments import catalogue, runner


@pytest.fixture
def traces(tmp_path):
    """A folder that gets a file for each task that is computed."""
    folder = tmp_path / "traces"
    folder.mkdir()
    return folder


@pytest.fixture
def install(monkeypatch):
    """Put experiments in place of the real ones."""

    def put(experiments):
        for module in (catalogue, runner):
            monkeypatch.setattr(module, "EXPERIMENTS", experiments)

    return put


@pytest.fixture
def two(traces, install):
    """A and B, of 15 different tasks for one seed."""
    install(toys.two_experiments(traces))


@pytest.fixture
def two_cores(monkeypatch):
    """So many that two processes are started, wherever the tests run."""
    monkeypatch.setattr("joblib.cpu_count", lambda: 2)
