"""scikit-learn's own callbacks watch these estimators as they watch its own."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rosenblatt.engines import ENGINES
from rosenblatt.estimators import MLPClassifier, MLPRegressor, stochastic

callback = pytest.importorskip("sklearn.callback")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
QUICK = {"hidden_layer_sizes": (6,), "max_iter": 7, "learning_rate_init": 0.02, "random_state": 0}


class Recorder:
    """Follows scikit-learn's protocol, and may end a fit."""

    def __init__(self, stop_at=None):
        self.events, self.scores, self.stop_at = [], [], stop_at

    def setup(self, estimator, context):
        self.events.append("setup")

    def teardown(self, estimator, context):
        self.events.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.events.append(("begin", context.task_name, context.max_subtasks))

    def on_fit_task_end(self, estimator, context, *, X, y, metadata, fitted_estimator):
        self.events.append(("end", context.task_name, context.task_id))
        self.scores.append(fitted_estimator.score(X, y))
        self.metadata = metadata
        return context.task_name == "epoch" and context.task_id + 1 == self.stop_at


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_every_epoch_is_a_task(kind, engine, moons):
    X, y = moons
    recorder = Recorder()
    fitted = kind(**QUICK, engine=engine).set_callbacks(recorder).fit(X, y)
    epochs = [event for event in recorder.events if event[1] == "epoch"]
    assert epochs == [e for i in range(7) for e in (("begin", "epoch", 0), ("end", "epoch", i))]
    assert recorder.events[:2] == ["setup", ("begin", "fit", 7)]
    assert recorder.events[-2:] == [("end", "fit", 0), "teardown"]
    alone = [kind(**QUICK | {"max_iter": i + 1}, engine=engine).fit(X, y) for i in range(7)]
    assert recorder.scores == [one.score(X, y) for one in alone] + [fitted.score(X, y)]
    np.testing.assert_array_equal(fitted.coefs_[0], alone[-1].coefs_[0])
    assert not set(vars(fitted)) & {"_callback_fit_ctx", "_parent_callback_ctx"}


def test_a_callback_ends_the_fit(moons):
    recorder = Recorder(stop_at=3)
    fitted = MLPClassifier(**QUICK).set_callbacks(recorder).fit(*moons, np.ones(120))
    assert fitted.n_iter_ == 3
    np.testing.assert_array_equal(recorder.metadata["sample_weight"], np.ones(120))


@pytest.mark.parametrize("how", [{"solver": "lbfgs"}, {"n_runs": 3}])
def test_fits_that_are_one_task(how, moons):
    recorder = Recorder()
    fitted = MLPClassifier(**QUICK | how).set_callbacks(recorder).fit(*moons)
    assert recorder.events == ["setup", ("begin", "fit", 0), ("end", "fit", 0), "teardown"]
    assert recorder.scores == [fitted.score(*moons)]
    pickle.loads(pickle.dumps(fitted.set_callbacks()))


def test_a_fit_that_fails_takes_its_leave(moons):
    class Ends(Recorder):
        def on_fit_task_end(self, estimator, context):
            raise RuntimeError("the disk is full")

    recorder = Ends()
    with pytest.raises(RuntimeError, match="the disk is full"):
        MLPClassifier(**QUICK).set_callbacks(recorder).fit(*moons)
    assert recorder.events[-1] == "teardown"


def test_scores_of_every_epoch_of_a_search(moons):
    monitor = callback.ScoringMonitor(scoring="accuracy")
    pipe = make_pipeline(StandardScaler(), MLPClassifier(**QUICK).set_callbacks(monitor))
    GridSearchCV(pipe, {"mlpclassifier__alpha": [0.1, 1.0]}, cv=2, n_jobs=2).fit(*moons)
    rows = monitor.get_logs().data
    # Four fits on folds and one on all: seven epochs each, and the fit itself.
    assert sum(row["task_name"] == "epoch" for row in rows) == 5 * 7
    assert all(0 <= row["accuracy"] <= 1 for row in rows)


def test_a_bar_of_progress(moons, capsys):
    pytest.importorskip("rich")
    search = GridSearchCV(clone(MLPClassifier(**QUICK)), {"alpha": [0.1, 1.0]}, cv=2)
    search.set_callbacks(callback.ProgressBar(max_propagation_depth=None)).fit(*moons)
    shown = capsys.readouterr().out
    assert "MLPClassifier" in shown
    assert "100%" in shown


def test_a_search_without_callbacks_trains_many_epochs_at_once(moons, monkeypatch):
    ahead, counted = [], stochastic.Member.epochs_ahead
    monkeypatch.setattr(
        stochastic.Member,
        "epochs_ahead",
        lambda *given: ahead.append(counted(*given)) or ahead[-1],
    )
    GridSearchCV(MLPClassifier(**QUICK), {"alpha": [0.1]}, cv=2).fit(*moons)
    assert ahead == [7, 7, 7]


def test_partial_fits_are_no_tasks(moons):
    recorder = Recorder()
    MLPClassifier(**QUICK).set_callbacks(recorder).partial_fit(*moons, classes=[0, 1])
    assert recorder.events == []
