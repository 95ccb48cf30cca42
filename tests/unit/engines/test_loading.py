"""Kernels are loaded before the clock starts, and "auto" takes those that are there."""

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.engines import ENGINES, Job, ReferenceEngine, Samples, choose_engine
from rosenblatt.engines.choice import WORTH_CALLING, WORTH_LOADING, reference_seconds
from rosenblatt.engines.compiled import loading
from rosenblatt.engines.compiled.engine import CompiledEngine
from rosenblatt.errors import ConfigurationError
from rosenblatt.optimizers import SGD, Adam, Cosine

WORKS = {
    "units": (rb.MLP(2, [4], 2), 1, 1, "float64"),
    "samples": (rb.MLP(2, [4], 2, dropout=0.2), 20, 1, "float64"),
    "samples, float32": (rb.MLP(2, [4], 2), 20, 1, "float32"),
    "models": (rb.MLP(2, [4], 2), 5, 40, "float64"),
    "matrices": (rb.MLP(2, [40, 33], 2), 20, 1, "float64"),
    "matrices, shared": (rb.MLP(2, [40, 300], 2), 200, 1, "float64"),
    "shards": (rb.MLP(2, [40, 33], 2), 200, 1, "float64"),
    "online": (rb.Perceptron(2), 1, 3, "float64"),
    "mini-batch": (rb.Perceptron(2, rule="mini-batch"), 7, 1, "float64"),
    "batch": (rb.Perceptron(2, rule="batch"), 200, 9, "float64"),
}


def jobs_of(name, optimizer):
    model, batch_size, members, dtype = WORKS[name]
    samples = Samples.of(model, model.default_loss, rb.data.moons(200, noise=0.2, seed=0), dtype)
    return [
        Job(
            model,
            model.default_loss,
            optimizer,
            samples,
            batch_size,
            True,
            seed,
            population=members,
        )
        for seed in range(members)
    ]


@pytest.mark.parametrize("name", WORKS)
def test_all_that_will_run_is_loaded_before(name, monkeypatch):
    # Nothing counts as loaded, whatever other tests have done in this process.
    loaded = set()
    monkeypatch.setattr(loading, "_loaded", loaded)
    monkeypatch.setattr("rosenblatt.cores.available", lambda: 2)
    jobs = jobs_of(name, SGD(0.1) if "Perceptron" in repr(WORKS[name][0]) else Adam(0.01))
    engine = CompiledEngine()
    params = [job.model.init(job.seed, job.data.x.dtype) for job in jobs]
    states = engine.start_many(jobs, params)
    loaded.clear()
    engine.load(jobs, states)
    before = set(loaded)
    assert before
    results = engine.run_many(jobs, states, range(1, 4))
    assert loaded == before
    # Loading has trained nothing.
    again = CompiledEngine().run_many(jobs, states, range(1, 4))
    for (state, _), (other, _) in zip(results, again, strict=True):
        for key in state.params:
            np.testing.assert_array_equal(state.params[key], other.params[key])


def test_loading_leaves_a_schedule_where_it_was():
    (job,) = jobs_of("samples", SGD(Cosine(0.1, 40)))
    engine = CompiledEngine()
    state = engine.start(job, job.model.init(0))
    engine.load([job], [state])
    ((after, sums),) = engine.run_many([job], [state], range(1, 1))
    assert after.update == 0
    assert sums.mistakes == 0
    for name, value in state.params.items():
        np.testing.assert_array_equal(after.params[name], value)


@pytest.fixture
def short_job(monkeypatch):
    """A job that is shorter than loading would take, and longer than calling what is loaded."""
    monkeypatch.setattr(loading, "_loaded", set())
    (job,) = jobs_of("samples", SGD(0.1))
    epochs = int(0.5 / reference_seconds(job, 1))
    assert WORTH_CALLING < reference_seconds(job, epochs) < WORTH_LOADING
    return job, epochs


def test_auto_takes_compiled_code_that_is_loaded(short_job):
    job, epochs = short_job
    assert isinstance(choose_engine("auto", job, epochs), ReferenceEngine)
    engine = CompiledEngine()
    engine.load([job], [engine.start(job, job.model.init(0))])
    assert isinstance(choose_engine("auto", job, epochs), CompiledEngine)
    assert isinstance(choose_engine("auto", job, 1), ReferenceEngine)
    # Another kernel is not loaded with it.
    (other,) = jobs_of("shards", SGD(0.1))
    few = int(0.5 / reference_seconds(other, 1))
    assert isinstance(choose_engine("auto", other, few), ReferenceEngine)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_says_which_engine_trained_it(engine, tmp_path):
    data = rb.data.moons(60, seed=0)

    def train(**more):
        return rb.train(rb.MLP(2, [3], 2), data, epochs=2, **more)

    assert train(engine=engine).settings["engine"] == engine
    assert train(engine=engine).settings["asked_engine"] == engine
    chosen = train(run_dir=tmp_path / "run")
    assert chosen.settings["engine"] == "reference"
    assert chosen.settings["asked_engine"] == "auto"
    for run in (rb.load_run(tmp_path / "run"), rb.resume(tmp_path / "run"), chosen.fork(1)):
        assert run.settings["engine"] == "reference"
        assert run.settings["asked_engine"] == "auto"


def test_without_numbas_compiler_the_reference_engine_trains(short_job, monkeypatch):
    job, epochs = short_job
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    assert isinstance(choose_engine("auto", job, 100 * epochs), ReferenceEngine)
    assert isinstance(choose_engine("auto", job, epochs, one_of_many=True), ReferenceEngine)
    with pytest.raises(ConfigurationError, match=r'NUMBA_DISABLE_JIT.*engine="reference"'):
        choose_engine("compiled", job, epochs)
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "0")
    assert isinstance(choose_engine("compiled", job, epochs), CompiledEngine)
