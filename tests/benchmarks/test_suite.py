import pytest

from benchmarks import experiment, import_cost, scaling, suite
from benchmarks.process import WorkerError
from benchmarks.results import RowResult
from rosenblatt.errors import ConfigurationError


@pytest.fixture
def measured(monkeypatch):
    """Stand in for all that takes time; see what was asked for."""
    asked = []

    def measure_row(work, contenders, settings, on_step):
        asked.append((work.id, settings.rounds))
        on_step("a step")
        return RowResult(work, [])

    def measure_scaling(quick, on_step):
        raise WorkerError("it died")

    monkeypatch.setattr(suite, "measure_row", measure_row)
    monkeypatch.setattr(suite, "measure_scaling", measure_scaling)
    return asked


def test_only_what_is_asked_for_is_measured(measured):
    steps = []
    results = suite.run_bench(["adam", "one-b1"], on_progress=lambda *step: steps.append(step))
    assert [name for name, _ in measured] == ["one-b1", "adam"]
    assert [row.work.id for row in results.rows] == ["one-b1", "adam"]
    assert steps == [(0, "a step"), (1, "a step")]
    assert (results.experiment, results.scaling, results.startup) == (None, [], None)


def test_what_dies_is_noted_and_the_rest_goes_on(measured):
    results = suite.run_bench(["scaling", "one-b1"], quick=True)
    assert results.failures == {"scaling": "it died"}
    assert results.settings["quick"] is True
    assert measured == [("one-b1", 2)]


def test_rows_are_handed_over_as_they_are_found(measured):
    found = []
    suite.run_bench(["one-b1", "adam"], on_row=lambda results: found.append(len(results.rows)))
    assert found == [1, 2]


def test_an_unknown_row_is_refused(measured):
    with pytest.raises(ConfigurationError, match="there is no row"):
        suite.run_bench(["e7"])


def test_import_is_timed_in_new_interpreters():
    found = import_cost.measure_import(repeats=1)
    assert 0 < found.seconds < 60
    assert found.loads == []


def test_exponents_are_fitted_over_the_last_two_decades(monkeypatch):
    seconds = {10: 1.0, 100: 1.0, 1000: 2.0, 10_000: 20.0, 100_000: 200.0}

    class Single:
        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def ask(self, do, epochs, repeats):
            return {"seconds": [seconds[epochs]] * repeats}

    monkeypatch.setattr(scaling, "single_worker", lambda work: Single())
    curve = scaling.against_epochs(scaling.EPOCHS, lambda what: None)
    assert curve.x == [float(size) for size in seconds]
    assert curve.y == list(seconds.values())
    assert curve.exponent == pytest.approx(1.0)


@pytest.mark.slow
def test_a_piece_of_e6_runs(monkeypatch):
    monkeypatch.setattr(experiment, "BATCH_SIZES", (400, 800))
    found = experiment.measure_experiment(seeds=2, epochs=2)
    assert list(found.seconds) == ["400", "800"]
    assert found.total > 0
    assert found.asked_seconds is None


def test_a_piece_of_e6_in_folders_runs(monkeypatch):
    monkeypatch.setattr(experiment, "BATCH_SIZES", (800,))
    found = experiment.measure_storage(seeds=2, epochs=20, rounds=2)
    assert len(found.plain) == len(found.kept) == 2
    assert min(found.plain + found.kept) > 0


@pytest.mark.parametrize("name", ["pytroch", "compiled", "reference"])
def test_contenders_that_cannot_be_left_out_are_refused(name):
    with pytest.raises(ConfigurationError, match=f'"{name}" cannot be left out; these'):
        suite.run_bench(["one-b1"], without=[name], quick=True)
