"""What the estimators can beyond scikit-learn's."""

import numpy as np
import pytest

from rosenblatt import Callback, EarlyStopping
from rosenblatt.engines import ENGINES
from rosenblatt.estimators import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
every_engine = pytest.mark.parametrize("engine", ENGINES)
QUICK = {"hidden_layer_sizes": (6,), "max_iter": 12, "learning_rate_init": 0.02, "random_state": 0}


def assert_equal_weights(one, other):
    for a, b in zip(one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        np.testing.assert_array_equal(a, b)


# The engine


def test_auto_takes_machine_code_where_it_is_faster(moons):
    X, y = moons
    for epochs, expected in ((10, "reference"), (1000, "compiled")):
        how = QUICK | {"max_iter": epochs, "batch_size": 40, "n_iter_no_change": np.inf}
        auto, named = (MLPClassifier(**how, engine=name).fit(X, y) for name in ("auto", expected))
        assert_equal_weights(auto, named)
        other = MLPClassifier(**how, engine={"reference": "compiled"}.get(expected, "reference"))
        assert not np.array_equal(auto.coefs_[0], other.fit(X, y).coefs_[0])


# class_weight


@pytest.mark.parametrize("labels", [["n", "y"], ["a", "b", "c"]])
def test_class_weights_multiply_sample_weights(labels):
    rng = np.random.default_rng(0)
    X, y = (
        rng.normal(size=(60, 3)),
        rng.choice(labels, 60, p=[0.7, *[0.3 / (len(labels) - 1)] * (len(labels) - 1)]),
    )
    by_class = dict(zip(labels, [0.5, 3.0, 2.0], strict=False))
    own = rng.uniform(0.5, 2, 60)
    weights = own * np.array([by_class[label] for label in y])
    weighted = MLPClassifier(**QUICK).fit(X, y, sample_weight=weights)
    assert_equal_weights(weighted, MLPClassifier(**QUICK, class_weight=by_class).fit(X, y, own))
    counts = {label: 60 / (len(labels) * np.sum(y == label)) for label in labels}
    balanced = MLPClassifier(**QUICK, class_weight="balanced").fit(X, y)
    given = MLPClassifier(**QUICK, class_weight=counts).fit(X, y)
    for a, b in zip(balanced.coefs_, given.coefs_, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)
    with pytest.raises(ValueError, match="class_weight is for one label per sample"):
        MLPClassifier(class_weight="balanced").fit(
            X, np.eye(4, dtype=int)[:, :2][rng.integers(0, 4, 60)]
        )
    with pytest.raises(ValueError, match="'balanced' is not supported for partial_fit"):
        MLPClassifier(class_weight="balanced").partial_fit(X, y, classes=labels)


# Validation data and callbacks


@every_engine
def test_the_loss_on_validation_data(engine, moons):
    X, y = moons
    fitted = MLPClassifier(**QUICK, engine=engine, alpha=0.0, batch_size=40)
    fitted.fit(X[:40], y[:40], validation_data=(X[40:], y[40:]))
    curve = fitted.validation_loss_curve_
    assert len(curve) == fitted.n_iter_ == 12
    p = fitted.predict_proba(X[40:])[np.arange(80), y[40:]]
    assert curve[-1] == pytest.approx(-np.log(p).mean(), rel=1e-9)
    same = MLPClassifier(**QUICK, engine=engine, alpha=0.0, batch_size=40).fit(X[:40], y[:40])
    assert_equal_weights(fitted, same)
    assert same.validation_loss_curve_ is None


def test_weighted_validation_of_values(moons):
    X, _ = moons
    Y, w = np.c_[X[:, 0], X[:, 1] ** 2], np.linspace(0.1, 1, 120)
    fitted = MLPRegressor(**QUICK).fit(X, Y, validation_data=(X, Y, w))
    expected = 0.5 * np.average((fitted.predict(X) - Y) ** 2, axis=0, weights=w).mean()
    assert fitted.validation_loss_curve_[-1] == pytest.approx(expected, rel=1e-9)


def test_early_stopping_on_given_data(moons):
    X, y = moons
    how = QUICK | {"max_iter": 200, "early_stopping": True, "n_iter_no_change": 3}
    fitted = MLPClassifier(**how).fit(X[:60], y[:60], validation_data=(X[60:], y[60:]))
    assert fitted.n_iter_ < 200
    assert fitted.t_ == 60 * fitted.n_iter_
    assert fitted.best_validation_score_ == max(fitted.validation_scores_)
    assert fitted.score(X[60:], y[60:]) == fitted.best_validation_score_


def test_what_is_no_validation_data(moons):
    X, y = moons
    for given, message in (
        ([X, y], "must be a tuple"),
        ((X,), "must be a tuple"),
        ((X, y + 5), "labels that are not in y"),
        ((X[:, :1], y), "features"),
    ):
        with pytest.raises(ValueError, match=message):
            MLPClassifier(**QUICK).fit(X, y, validation_data=given)
    with pytest.raises(ValueError, match=r"validation_data, .* need a stochastic solver"):
        MLPRegressor(solver="lbfgs").fit(X, X[:, 0], validation_data=(X, X[:, 0]))


def test_the_best_weights_survive_a_later_fit(moons):
    X, y = moons
    how = QUICK | {"early_stopping": True, "warm_start": True, "learning_rate_init": 0.3}
    fitted = MLPClassifier(**how)
    for _ in range(3):
        fitted.fit(X[:60], y[:60], validation_data=(X[60:], y[60:]))
        assert fitted.score(X[60:], y[60:]) == fitted.best_validation_score_
    assert fitted.best_validation_score_ == max(fitted.validation_scores_)


class Recorder(Callback):
    def __init__(self, stop_at=None):
        self.rows, self.stop_at, self.calls = [], stop_at, []

    def on_start(self, training):
        self.calls.append("start")

    def on_evaluation(self, training):
        self.rows.append(training.metrics)
        if training.metrics["epoch"] == self.stop_at:
            training.stop("enough")

    def on_end(self, training):
        self.calls.append("end")


@every_engine
def test_callbacks_see_every_epoch_and_may_stop(engine, moons):
    X, y = moons
    recorder = Recorder(stop_at=5)
    fitted = MLPClassifier(**QUICK, engine=engine, batch_size=50)
    fitted.fit(X, y, validation_data=(X, y), callbacks=[recorder])
    assert recorder.calls == ["start", "end"]
    assert fitted.n_iter_ == len(recorder.rows) == 5
    assert [row["updates"] for row in recorder.rows] == [3, 6, 9, 12, 15]
    assert [row["train_loss"] for row in recorder.rows] == fitted.loss_curve_
    assert [row["test_loss"] for row in recorder.rows] == fitted.validation_loss_curve_
    assert recorder.rows[-1]["test_accuracy"] == fitted.score(X, y)
    assert_equal_weights(
        fitted, MLPClassifier(**QUICK | {"max_iter": 5}, engine=engine, batch_size=50).fit(X, y)
    )


def test_a_callback_chooses_the_weights(moons):
    X, y = moons
    how = QUICK | {"max_iter": 200, "learning_rate_init": 0.3}
    fitted = MLPClassifier(**how).fit(
        X[:40],
        y[:40],
        validation_data=(X[40:], y[40:]),
        callbacks=[EarlyStopping("test_loss", patience=5)],
    )
    best = int(np.argmin(fitted.validation_loss_curve_))
    assert fitted.n_iter_ == best + 6 < 200
    p = fitted.predict_proba(X[40:])[np.arange(80), y[40:]]
    assert -np.log(p).mean() == pytest.approx(fitted.validation_loss_curve_[best], rel=1e-6)


def test_a_callback_that_only_watches_leaves_the_best_weights(moons):
    X, y = moons
    how = QUICK | {"early_stopping": True, "learning_rate_init": 0.3, "max_iter": 60}
    watched = MLPClassifier(**how).fit(X, y, callbacks=[Recorder()])
    alone = MLPClassifier(**how).fit(X, y)
    assert alone.validation_scores_[-1] < alone.best_validation_score_
    assert_equal_weights(watched, alone)


def test_what_is_no_callback(moons):
    with pytest.raises(ValueError, match=r"of type rosenblatt\.Callback"):
        MLPClassifier().fit(*moons, callbacks=[print])
    with pytest.raises(ValueError, match="callbacks watch one run"):
        MLPClassifier(n_runs=2).fit(*moons, callbacks=[Recorder()])


# Layers


@every_engine
def test_an_activation_for_each_layer(engine, moons):
    X, y = moons
    fitted = MLPClassifier(
        (5, 4, 3), ["tanh", "identity", "leaky_relu"], random_state=0, max_iter=3, engine=engine
    ).fit(X, y)
    h = np.tanh(X @ fitted.coefs_[0] + fitted.intercepts_[0])
    h = h @ fitted.coefs_[1] + fitted.intercepts_[1]
    h = h @ fitted.coefs_[2] + fitted.intercepts_[2]
    h = np.where(h > 0, h, 0.01 * h)
    z = h @ fitted.coefs_[3] + fitted.intercepts_[3]
    np.testing.assert_allclose(fitted.predict_proba(X)[:, 1], 1 / (1 + np.exp(-z[:, 0])))
    one = MLPClassifier((5, 5), "tanh", random_state=0, max_iter=3, engine=engine).fit(X, y)
    each = MLPClassifier((5, 5), ("tanh", "tanh"), random_state=0, max_iter=3, engine=engine).fit(
        X, y
    )
    assert_equal_weights(one, each)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_no_hidden_layer_is_logistic_regression(solver, moons):
    from sklearn.linear_model import LogisticRegression

    X, y = moons
    how = {
        "solver": solver,
        "alpha": 1.0,
        "tol": 1e-7,
        "max_iter": 3000,
        "learning_rate_init": 0.05,
    }
    fitted = MLPClassifier((), random_state=0, batch_size=120, n_iter_no_change=50, **how).fit(X, y)
    expected = LogisticRegression(C=1.0, tol=1e-9).fit(X, y)
    np.testing.assert_allclose(fitted.coefs_[0].T, expected.coef_, rtol=1e-3)


@every_engine
def test_dropout(engine, moons):
    X, y = moons
    how = QUICK | {"hidden_layer_sizes": (20, 20), "engine": engine}
    first, again = (MLPClassifier(**how, dropout=0.5).fit(X, y) for _ in range(2))
    assert_equal_weights(first, again)
    np.testing.assert_array_equal(first.predict_proba(X), first.predict_proba(X))
    assert not np.allclose(first.coefs_[0], MLPClassifier(**how).fit(X, y).coefs_[0])
    assert not np.allclose(
        first.coefs_[0], MLPClassifier(**how | {"random_state": 1}, dropout=0.5).fit(X, y).coefs_[0]
    )


def test_both_engines_drop_the_same_units(moons):
    fits = [MLPClassifier(**QUICK, dropout=0.3, engine=name).fit(*moons) for name in ENGINES]
    for a, b in zip(*(fit.coefs_ for fit in fits), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


# Going on


@every_engine
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize(
    "settings", [{}, {"solver": "sgd"}, {"solver": "sgd", "learning_rate": "invscaling"}]
)
def test_partial_fits_are_one_fit_to_the_last_bit(engine, kind, settings, moons):
    X, y = moons
    how = {**QUICK, **settings, "shuffle": False, "engine": engine, "batch_size": 16}
    at_once = kind(**how | {"n_iter_no_change": np.inf}).fit(X, y)
    in_steps = kind(**how)
    for _ in range(12):
        in_steps.partial_fit(X, y, **({"classes": [0, 1]} if kind is MLPClassifier else {}))
    assert_equal_weights(at_once, in_steps)
    assert at_once.loss_curve_ == in_steps.loss_curve_
    assert at_once.t_ == in_steps.t_


@every_engine
def test_warm_starts_are_one_fit_to_the_last_bit_where_nothing_is_remembered(engine, moons):
    X, y = moons
    how = {**QUICK, "solver": "sgd", "momentum": 0.0, "shuffle": False, "engine": engine}
    at_once = MLPClassifier(**how).fit(X, y)
    in_steps = MLPClassifier(**how | {"max_iter": 4}, warm_start=True)
    for _ in range(3):
        in_steps.fit(X, y)
    assert_equal_weights(at_once, in_steps)


@every_engine
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_a_fit_from_initialized_weights_is_a_fit_to_the_last_bit(kind, engine, moons):
    how = {**QUICK, "shuffle": False, "engine": engine}
    at_once = kind(**how).fit(*moons)
    started = kind(**how, warm_start=True).initialize(*moons).fit(*moons)
    assert_equal_weights(at_once, started)
    assert started.loss_curve_ == at_once.loss_curve_
    in_steps = kind(**how).initialize(*moons)
    for _ in range(12):
        in_steps.partial_fit(*moons)
    assert_equal_weights(at_once, in_steps)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_initialized_without_fitting(kind, moons):
    X, y = moons
    start = kind(**QUICK).initialize(X, y)
    assert start.n_iter_ == start.t_ == 0
    assert start.predict(X).shape == (120,)
    limit = np.sqrt(6 / (2 + 6))
    assert np.abs(start.coefs_[0]).max() <= limit
    drawn = [array.copy() for array in start.coefs_]
    fitted = kind(**QUICK | {"max_iter": 1, "shuffle": False, "learning_rate_init": 1e-12}).fit(
        X, y
    )
    for a, b in zip(drawn, fitted.coefs_, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-9)
    assert start.set_params(warm_start=True).fit(X, y).n_iter_ == 12
    assert start.initialize(X, y).n_iter_ == 0
    for a, b in zip(drawn, start.coefs_, strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_goes_on_keeps_its_layers(moons):
    X, y = moons
    fitted = MLPRegressor(**QUICK).partial_fit(X, y)
    before = fitted.predict(X)
    with pytest.raises(ValueError, match=r"widths \(2, 6, 1\); .* ask for \(2, 6, 2\)"):
        fitted.partial_fit(X, X)
    np.testing.assert_array_equal(fitted.predict(X), before)
    fitted = MLPClassifier(**QUICK, warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match=r"widths \(2, 6, 1\); .* ask for \(2, 5, 1\)"):
        fitted.set_params(hidden_layer_sizes=(5,)).fit(X, y)


# Several runs


@every_engine
def test_several_runs_are_runs_with_seeds_of_their_own(engine, moons):
    X, y = moons
    how = QUICK | {"engine": engine, "tol": 0.01, "n_iter_no_change": 2, "max_iter": 60}
    many = MLPClassifier(**how | {"random_state": 3}, n_runs=9).fit(X, y)
    singles = [MLPClassifier(**how | {"random_state": 3 + i}).fit(X, y) for i in range(9)]
    assert len({one.n_iter_ for one in singles}) > 1
    for one, single in zip(many.estimators_, singles, strict=True):
        assert one.n_iter_ == single.n_iter_
        assert one.get_params() == single.get_params()
        for a, b in zip(one.coefs_, single.coefs_, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    p = np.array([one.predict_proba(X) for one in many.estimators_])
    np.testing.assert_allclose(many.predict_proba(X), p.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(many.predict_proba_std(X), p.std(axis=0), rtol=1e-12)
    best = min(many.estimators_, key=lambda one: one.loss_)
    assert many.loss_ == best.loss_
    np.testing.assert_array_equal(
        many.set_params(select="best").predict_proba(X), best.predict_proba(X)
    )


def test_several_runs_that_stop_early_and_of_values(moons):
    X, y = moons
    how = QUICK | {"early_stopping": True, "max_iter": 60, "learning_rate_init": 0.1}
    many = MLPClassifier(**how, n_runs=3).fit(X, y)
    for i, one in enumerate(many.estimators_):
        assert_equal_weights(one, MLPClassifier(**how | {"random_state": i}).fit(X, y))
    scores = [one.best_validation_score_ for one in many.estimators_]
    assert many.best_validation_score_ == max(scores)
    values = MLPRegressor(**QUICK | {"random_state": None}, n_runs=3).fit(X, X[:, 0])
    each = [one.predict(X) for one in values.estimators_]
    np.testing.assert_allclose(values.predict(X), np.mean(each, axis=0), rtol=1e-12)
    np.testing.assert_allclose(values.predict_std(X), np.std(each, axis=0), rtol=1e-9)
    assert not np.array_equal(each[0], each[1])


def test_several_runs_fitted_again_forget_the_earlier_ones(moons):
    X, y = moons
    again = MLPClassifier(**QUICK, n_runs=2).fit(X, y).fit(-X, y)
    once = MLPClassifier(**QUICK, n_runs=2).fit(-X, y)
    np.testing.assert_array_equal(again.predict_proba(X), once.predict_proba(X))
    assert not any(hasattr(one, "estimators_") for one in again.estimators_)
    alone = again.set_params(n_runs=1).fit(X, y)
    assert not hasattr(alone, "estimators_")
    # Until it is fitted anew, it is what it was fitted as.
    np.testing.assert_array_equal(
        alone.predict_proba(X), alone.set_params(n_runs=2).predict_proba(X)
    )


def test_an_adaptive_rate_of_each_run(moons):
    how = QUICK | {
        "solver": "sgd",
        "learning_rate": "adaptive",
        "tol": 0.02,
        "n_iter_no_change": 1,
        "max_iter": 40,
        "engine": "compiled",
    }
    many = MLPClassifier(**how, n_runs=4).fit(*moons)
    for i, one in enumerate(many.estimators_):
        single = MLPClassifier(**how | {"random_state": i}).fit(*moons)
        np.testing.assert_allclose(one.loss_curve_, single.loss_curve_, rtol=1e-9)


def test_what_several_runs_cannot(moons):
    with pytest.raises(ValueError, match="one run only"):
        MLPClassifier(**QUICK).fit(*moons).predict_proba_std(moons[0])
    with pytest.raises(ValueError, match="partial_fit trains one run"):
        MLPClassifier(n_runs=2).partial_fit(*moons, classes=[0, 1])
    with pytest.raises(ValueError, match="initialize draws the weights of one run"):
        MLPClassifier(n_runs=2).initialize(*moons)
    with pytest.raises(ValueError, match="warm_start continues one run"):
        MLPClassifier(n_runs=2, warm_start=True).fit(*moons)


def test_the_losses_as_a_figure(moons):
    from matplotlib.figure import Figure

    X, y = moons
    fitted = MLPClassifier(**QUICK).fit(X, y, validation_data=(X, y))
    ax = Figure().subplots()
    assert fitted.plot_loss(ax=ax) is ax
    curves = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    np.testing.assert_array_equal(curves["train"], fitted.loss_curve_)
    np.testing.assert_array_equal(curves["validation"], fitted.validation_loss_curve_)
    assert ax.get_xlabel() == "epoch"
    assert MLPRegressor(**QUICK).fit(X, X[:, 0]).plot_loss().get_ylabel() == "loss"
    with pytest.raises(ValueError, match="no loss curve"):
        fitted.set_params(solver="lbfgs").fit(X, y).plot_loss()
