import csv
import importlib
import inspect
import io
import math

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt import progress_bar
from rosenblatt.data import Dataset
from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.losses import HalfSquaredError
from rosenblatt.training import MLflowLog, Snapshots, TensorBoardLog

TRAIN, TEST = rb.data.moons(60, noise=0.2, seed=0).split(test_size=20, seed=0)
MODEL = rb.MLP(2, [6], 2)


def train(*callbacks, **settings):
    settings = {"test": TEST, "epochs": 6, "optimizer": rb.SGD(0.1), "batch_size": 9} | settings
    return rb.train(MODEL, TRAIN, callbacks=callbacks, **settings)


# The contract


def hooks(kind):
    return {
        name: inspect.signature(member, eval_str=True)
        for name, member in vars(kind).items()
        if inspect.isfunction(member) and name.startswith("on_")
    }


def all_callbacks(kind=rb.Callback):
    for child in kind.__subclasses__():
        # Which others there are depends on what is imported yet.
        if child.__module__.startswith("rosenblatt.training"):
            yield child
        yield from all_callbacks(child)


def test_there_are_few_hooks_and_all_take_the_run():
    assert 1 <= len(hooks(rb.Callback)) <= 7
    for signature in hooks(rb.Callback).values():
        assert list(signature.parameters) == ["self", "run"]


@pytest.mark.parametrize("kind", list(all_callbacks()), ids=lambda kind: kind.__name__)
def test_callbacks_override_known_hooks_with_the_same_signature(kind):
    known = hooks(rb.Callback)
    own = hooks(kind)
    assert own, f"{kind.__name__} watches nothing"
    assert own.keys() <= known.keys()
    for name, signature in own.items():
        assert signature == known[name]
        assert getattr(kind, name).__doc__


class Diary(rb.Callback):
    """Writes down what happens to it."""

    def __init__(self, name="", log=None, fails_at=None):
        self.name, self.log, self.fails_at = name, [] if log is None else log, fails_at

    def note(self, event):
        self.log.append((self.name + event) if self.name else event)
        if event == self.fails_at:
            raise RuntimeError(event)

    def on_start(self, run):
        assert run.rows == []
        self.note("start")

    def on_evaluation(self, run):
        assert run.metrics["epoch"] == run.epoch
        self.note(f"epoch {run.epoch}")

    def on_end(self, run):
        self.note("end")


def test_hooks_are_called_at_their_moments_in_the_order_of_the_callbacks():
    log = []
    train(Diary("a ", log), Diary("b ", log), epochs=3, eval_every=2)
    events = ["start", "epoch 0", "epoch 2", "epoch 3", "end"]
    assert log == [name + event for event in events for name in ("a ", "b ")]


def test_every_callback_that_was_started_is_ended_when_a_run_fails():
    log = []
    with pytest.raises(RuntimeError, match="epoch 1"):
        train(Diary("a ", log), Diary("b ", log, fails_at="epoch 1"))
    assert log[-2:] == ["a end", "b end"]


def test_a_callback_that_cannot_start_ends_those_before_it():
    log = []
    with pytest.raises(RuntimeError, match="start"):
        train(Diary("a ", log), Diary("b ", log, fails_at="start"), Diary("c ", log))
    assert log == ["a start", "b start", "a end"]


def test_the_base_class_does_nothing():
    plain, watched = train(), train(rb.Callback())
    np.testing.assert_array_equal(plain.params["0.weight"], watched.params["0.weight"])


class StopAt(rb.Callback):
    def __init__(self, epoch):
        self.epoch = epoch

    def on_evaluation(self, run):
        if run.epoch >= self.epoch:
            run.stop(f"stopped at {run.epoch}")
            run.stop("a second reason")


def test_a_callback_can_end_the_run_and_the_first_reason_is_kept():
    run = train(StopAt(2))
    assert run.stopped == "stopped at 2"
    assert run.history["epoch"].tolist() == [0, 1, 2]
    np.testing.assert_array_equal(run.params["0.weight"], train(epochs=2).params["0.weight"])
    assert train(StopAt(0)).history["epoch"].tolist() == [0]


# Early stopping


class Script(rb.Callback):
    """Replaces a measured column by a script, so that what follows is known."""

    def __init__(self, column, values):
        self.column, self.values = column, values

    def on_evaluation(self, run):
        run.metrics[self.column] = self.values[run.epoch]


@pytest.mark.parametrize(
    ("monitor", "values", "settings", "stopped_at", "best"),
    [
        ("test_loss", [5, 4, 3, 3, 3, 3, 3], {"patience": 2}, 4, 2),
        ("test_loss", [5, 4, 6, 3, 6, 6, 6], {"patience": 2}, 5, 3),
        ("test_loss", [5, 6, 6, 6, 6, 6, 6], {"patience": 1}, 1, 0),
        ("train_loss", [5, 4, 3, 2, 1, 0, -1], {"patience": 1}, None, 6),
        ("test_accuracy", [0.1, 0.5, 0.4, 0.4, 0.9, 0.9, 0.9], {"patience": 2}, 3, 1),
        ("test_accuracy", [0.1, 0.5, 0.4, 0.4, 0.9, 0.9, 0.9], {"patience": 3}, None, 4),
        ("test_loss", [5, 4.95, 4.9, 4.85, 4, 4, 4], {"patience": 3, "min_delta": 0.5}, 3, 0),
        ("test_loss", [math.nan, 4, 5, 5, 5, 5, 5], {"patience": 2}, 3, 1),
    ],
)
def test_early_stopping_goes_back_to_its_best_weights(monitor, values, settings, stopped_at, best):
    run = train(Script(monitor, values), rb.EarlyStopping(monitor, **settings))
    best_params = train(epochs=best).params if best else MODEL.init(0)
    for name in best_params:
        np.testing.assert_array_equal(run.params[name], best_params[name])
    assert run.metrics == next(row for row in run.history if row["epoch"] == best)
    assert not run.diverged
    if stopped_at is None:
        assert run.stopped is None
        assert run.history[-1]["epoch"] == 6
    else:
        assert run.history[-1]["epoch"] == stopped_at
        assert f"{monitor} has not improved for {settings['patience']} evaluations" in run.stopped
        assert run.stopped.endswith(f"best at epoch {best}")


def test_early_stopping_gives_up_on_what_is_never_a_number():
    data = Dataset(TRAIN.X, TRAIN.X[:, 0])
    run = rb.train(
        rb.MLP(2, [3], 1),
        data,
        loss=HalfSquaredError(),
        epochs=9,
        callbacks=[rb.EarlyStopping("train_accuracy", patience=3)],
    )
    assert run.history[-1]["epoch"] == 2
    assert "never finite" in run.stopped
    assert run.evaluate(data).loss == run.metrics["train_loss"] == run.history[-1]["train_loss"]


def test_the_row_of_a_run_is_that_of_its_weights():
    run = train(rb.EarlyStopping("test_loss", patience=2), epochs=40, optimizer=rb.SGD(3.0))
    assert run.metrics["epoch"] < run.history[-1]["epoch"]
    assert run.evaluate(TEST).loss == run.metrics["test_loss"]
    assert run.with_weights("last").metrics is None
    plain = train()
    assert plain.with_weights("last").metrics == plain.metrics == plain.history[-1]


def test_weights_that_a_callback_makes_up_have_no_row():
    class Halve(rb.Callback):
        def on_end(self, run):
            run.choose({name: value / 2 for name, value in run.params.items()})

    run = train(Halve())
    np.testing.assert_array_equal(run.params["0.weight"], train().params["0.weight"] / 2)
    assert run.metrics is None


def test_one_early_stopping_serves_several_runs():
    shared = rb.EarlyStopping("test_loss", patience=2)
    settings = {"test": TEST, "epochs": 30, "optimizer": rb.SGD(2.0), "batch_size": 9}
    settings["engine"] = "reference"
    runs = rb.train_many(MODEL, TRAIN, seeds=range(4), callbacks=[shared], **settings)
    for seed, run in enumerate(runs):
        fresh = [rb.EarlyStopping("test_loss", patience=2)]
        alone = rb.train(MODEL, TRAIN, seed=seed, callbacks=fresh, **settings)
        assert run.stopped == alone.stopped
        np.testing.assert_array_equal(run.params["0.weight"], alone.params["0.weight"])


def test_early_stopping_does_not_hand_the_weights_of_one_run_to_another():
    # The second run is of another model, and over before there is a number to compare.
    shared = rb.EarlyStopping("train_loss")
    train(shared)
    data = Dataset(TRAIN.X, TRAIN.X[:, 0])
    huge = {"0.weight": np.full((2, 1), 1e200), "0.bias": np.zeros(1)}
    run = rb.train(
        rb.MLP(2, [], 1), data, loss=HalfSquaredError(), init_params=huge, callbacks=[shared]
    )
    assert "in epoch 0" in run.stopped
    np.testing.assert_array_equal(run.params["0.weight"], huge["0.weight"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: rb.EarlyStopping("test_los"), 'did you mean "test_loss"'),
        (
            lambda: rb.EarlyStopping(patience=0),
            "patience must be a whole number of at least 1, got 0",
        ),
        (lambda: rb.EarlyStopping(patience=2.5), "patience"),
        (lambda: rb.EarlyStopping(patience="3"), "patience"),
        (
            lambda: rb.EarlyStopping(min_delta=-1),
            "min_delta must be a finite number of at least 0, got -1",
        ),
        (lambda: rb.EarlyStopping(min_delta=math.nan), "min_delta"),
        (lambda: train(rb.EarlyStopping("test_loss"), test=None), "watches test_loss: pass test="),
    ],
)
def test_early_stopping_that_cannot_work_is_refused(make, message):
    with pytest.raises(ConfigurationError, match=message):
        make()


# Snapshots, and callbacks that serve many


MANY = {"test": TEST, "epochs": 12, "optimizer": rb.SGD(0.5), "batch_size": 9, "eval_every": 4}


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("seeds", [[3, 0, 7, 1, 2], [5]])
def test_snapshots_of_a_population_are_those_of_single_runs(engine, seeds):
    together = Snapshots()
    runs = rb.train_many(MODEL, TRAIN, seeds=seeds, callbacks=[together], engine=engine, **MANY)
    assert list(together.params) == seeds
    for seed, run in zip(seeds, runs, strict=True):
        alone = Snapshots()
        rb.train(MODEL, TRAIN, seed=seed, callbacks=[alone], engine=engine, **MANY)
        assert list(together.params[seed]) == list(alone.params[seed]) == [0, 4, 8, 12]
        for epoch, params in alone.params[seed].items():
            for name, value in params.items():
                np.testing.assert_array_equal(together.params[seed][epoch][name], value)
        for name, value in run.params.items():
            np.testing.assert_array_equal(together.params[seed][12][name], value)
        np.testing.assert_array_equal(
            together.params[seed][0]["0.weight"], MODEL.init(seed)["0.weight"]
        )


def test_snapshots_stay_as_they_were():
    path = Snapshots()
    train(path, epochs=6)
    for epoch in (1, 4):
        np.testing.assert_array_equal(
            path.params[0][epoch]["0.weight"], train(epochs=epoch).params["0.weight"]
        )
    first, later = (path.params[0][epoch]["0.weight"] for epoch in (1, 4))
    assert not np.shares_memory(first, later)


def test_snapshots_of_some_epochs_are_of_those_that_are_evaluated():
    path = Snapshots([0, 4, 5])
    train(path, epochs=6, eval_every=2)
    assert list(path.params[0]) == [0, 4]
    # A new run begins a new path.
    train(path, epochs=3, eval_every=2)
    assert list(path.params[0]) == [0]


class Roll(rb.Callback):
    """Writes down whose moment it is."""

    def __init__(self):
        self.log = []

    def on_start(self, run):
        self.log.append(("start", run.seed))

    def on_evaluation(self, run):
        self.log.append((run.epoch, run.seed))


class RollOfMany(Roll):
    serves_many = True


@pytest.fixture
def populations(monkeypatch):
    """The seeds that are trained together, call by call."""
    # The package's attribute of this name is the function.
    module = importlib.import_module("rosenblatt.training.calls")
    real, asked = module.make_plan, []

    def spy(model, data, seeds, settings):
        asked.append(list(seeds))
        return real(model, data, seeds, settings)

    monkeypatch.setattr(module, "make_plan", spy)
    return asked


def test_callbacks_that_serve_many_watch_a_population(populations):
    roll = RollOfMany()
    callbacks = [roll, Snapshots()]
    rb.train_many(MODEL, TRAIN, seeds=[2, 5], epochs=1, callbacks=callbacks)
    assert populations == [[2, 5]]
    assert roll.log == [(at, seed) for at in ("start", 0, 1) for seed in (2, 5)]


@pytest.mark.parametrize(
    "others", [[], [Snapshots()]], ids=["alone", "beside one that serves many"]
)
def test_any_other_callback_watches_one_run_after_the_other(populations, others):
    roll = Roll()
    rb.train_many(MODEL, TRAIN, seeds=[2, 5], epochs=1, callbacks=[*others, roll])
    assert populations == [[2], [5]]
    assert roll.log == [(at, seed) for seed in (2, 5) for at in ("start", 0, 1)]


def test_without_callbacks_seeds_are_trained_together(populations):
    rb.train_many(MODEL, TRAIN, seeds=[2, 5], epochs=1)
    assert populations == [[2, 5]]


def test_which_of_the_usual_callbacks_serve_many():
    usual = list(all_callbacks())
    assert len(usual) >= 4
    assert {kind for kind in usual if kind.serves_many} == {
        rb.EarlyStopping,
        Snapshots,
        MLflowLog,
        TensorBoardLog,
    }


def test_early_stopping_watches_each_run_of_a_population_even_of_one_seed(populations):
    how = MANY | {"epochs": 40, "optimizer": rb.SGD(0.8), "batch_size": 5}
    how["engine"] = "reference"
    stop = rb.EarlyStopping("test_loss", patience=2)
    together = rb.train_many(MODEL, TRAIN, seeds=[0, 1, 2, 3, 0], callbacks=[stop], **how)
    assert populations[0] == [0, 1, 2, 3, 0]
    assert len({run.history["epoch"][-1] for run in together}) > 1
    for run in together:
        alone = rb.train(MODEL, TRAIN, seed=run.seed, callbacks=[stop], **how)
        assert (run.stopped, run.metrics["epoch"]) == (alone.stopped, alone.metrics["epoch"])
        for name, value in alone.params.items():
            np.testing.assert_array_equal(run.params[name], value)


def test_one_run_of_a_population_can_end_before_the_others():
    class EndsOne(rb.Callback):
        serves_many = True

        def on_evaluation(self, run):
            if run.seed == 1 and run.epoch >= 4:
                run.stop("enough")

    runs = rb.train_many(
        MODEL, TRAIN, seeds=[0, 1, 2], callbacks=[EndsOne()], engine="compiled", **MANY
    )
    assert [run.history["epoch"][-1] for run in runs] == [12, 4, 12]
    assert [run.stopped for run in runs] == [None, "enough", None]
    for seed, epochs in enumerate((12, 4, 12)):
        alone = rb.train(MODEL, TRAIN, seed=seed, engine="compiled", **(MANY | {"epochs": epochs}))
        np.testing.assert_array_equal(runs[seed].params["0.weight"], alone.params["0.weight"])


# The log


def test_the_log_holds_the_history_row_for_row(tmp_path):
    path = tmp_path / "log.csv"
    run = train(rb.CSVLog(path), eval_every=4)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(run.history.columns)
    assert [{k: float(v) for k, v in row.items()} for row in rows] == list(run.history)


def test_the_log_can_be_read_while_the_run_goes_on(tmp_path):
    path = tmp_path / "log.csv"
    lines = []

    class Reader(rb.Callback):
        def on_evaluation(self, run):
            lines.append(len(path.read_text(encoding="utf-8").splitlines()))

    train(rb.CSVLog(path), Reader(), epochs=3)
    assert lines == [2, 3, 4, 5]


def test_the_log_of_a_run_that_diverges_holds_what_was_measured(tmp_path):
    path = tmp_path / "log.csv"
    data = Dataset(TRAIN.X, 10 * TRAIN.X[:, 0])
    run = rb.train(
        rb.MLP(2, [6], 1),
        data,
        loss=HalfSquaredError(),
        optimizer=rb.SGD(0.9),
        callbacks=[rb.CSVLog(path)],
    )
    assert run.stopped
    assert len(path.read_text(encoding="utf-8").splitlines()) == 1 + len(run.history)


def test_each_seed_has_a_log_of_its_own(tmp_path):
    log = rb.CSVLog(tmp_path / "seed-{seed}.csv")
    rb.train_many(MODEL, TRAIN, seeds=[3, 5], epochs=1, callbacks=[log])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seed-3.csv", "seed-5.csv"]


def test_a_log_that_cannot_be_written_is_refused_before_training(tmp_path):
    with pytest.raises(FileError, match="cannot write the log"):
        train(rb.CSVLog(tmp_path / "missing" / "log.csv"))


def test_a_log_is_closed_when_another_callback_cannot_start(tmp_path):
    # An open file would warn when it is collected, and warnings are errors here.
    with pytest.raises(ConfigurationError, match="pass test="):
        train(rb.CSVLog(tmp_path / "log.csv"), rb.EarlyStopping("test_loss"), test=None)


# Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_lines_on_stderr_where_that_is_no_terminal(monkeypatch, capsys):
    monkeypatch.setattr(progress_bar, "SECONDS_BETWEEN_LINES", 0.0)
    train(rb.Progress(), epochs=2)
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == 3
    assert lines[-1].startswith("epoch 2/2: train loss ")
    assert lines[-1].endswith(" %")


def test_progress_says_nothing_in_a_run_of_a_moment(capsys):
    train(rb.Progress())
    assert capsys.readouterr() == ("", "")


def test_progress_leaves_out_what_was_not_measured(monkeypatch, capsys):
    monkeypatch.setattr(progress_bar, "SECONDS_BETWEEN_LINES", 0.0)
    train(rb.Progress(), epochs=1, test=None)
    assert "test" not in capsys.readouterr().err


def test_progress_calls_the_other_set_by_its_name(monkeypatch, capsys):
    monkeypatch.setattr(progress_bar, "SECONDS_BETWEEN_LINES", 0.0)
    train(rb.Progress("validation"), epochs=1)
    err = capsys.readouterr().err
    assert "validation loss" in err
    assert "validation accuracy" in err
    assert "test" not in err


def test_one_progress_serves_several_runs(monkeypatch, capsys):
    monkeypatch.setattr(progress_bar, "SECONDS_BETWEEN_LINES", 0.0)
    rb.train_many(MODEL, TRAIN, seeds=[0, 1], epochs=1, callbacks=[rb.Progress()])
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        f"epoch {n}/1 (1 update each)" for n in (0, 1)
    ] * 2


def test_progress_is_a_bar_on_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", "120")
    train(rb.Progress(), epochs=3)
    assert "epoch 3/3" in terminal.getvalue()
    assert "test accuracy" in terminal.getvalue()
