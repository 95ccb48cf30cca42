import math
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

import rosenblatt as rb
from rosenblatt.data import Dataset
from rosenblatt.errors import ConfigurationError, DataError, ShapeError
from rosenblatt.layers import Layer, Linear
from rosenblatt.losses import HalfSquaredError, SigmoidCrossEntropy
from rosenblatt.runs.contrast.distance import compare_weights

TRAIN, TEST = rb.data.moons(60, noise=0.2, seed=0).split(test_size=20, seed=0)
MODEL = rb.MLP(2, [6], 2)
PER_EPOCH = 5


def train(model=MODEL, data=TRAIN, rate=0.1, **settings):
    settings = {"test": TEST, "epochs": 12, "batch_size": 9, "eval_every": 3} | settings
    return rb.train(model, data, optimizer=rb.SGD(rate), **settings)


def nudge(params):
    params["0.weight"][1, 2] += 1e-9


@pytest.fixture(scope="module")
def run():
    return train()


# Where they part


def first_different_update(a, b):
    """The first update after which weights differ, of all that both runs were at."""
    for update in range(60 + 1):
        try:
            one, other = a.at(update=update), b.at(update=update)
        except ConfigurationError:
            continue
        if any((one.state.params[name] != other.state.params[name]).any() for name in one):
            return update
    return None


def stepped(step):
    return 0.1 if step < 23 else 0.2


PAIRS = {
    "another rate after an epoch": lambda run: (run, run.fork(epoch=6, learning_rate=0.3)),
    "another rate within an epoch": lambda run: (run.fork(update=32, learning_rate=0.3), run),
    "an edit after an epoch": lambda run: (run, run.fork(epoch=6, edit=nudge)),
    "an edit within an epoch": lambda run: (run, run.fork(update=33, edit=nudge)),
    "two branches": lambda run: (
        run.fork(epoch=3, edit=nudge),
        run.fork(epoch=6, learning_rate=0.2),
    ),
    "another seed": lambda run: (run, train(seed=1)),
    "another order": lambda run: (run, train(seed=1, init_params=run.at(0).params)),
    "another precision": lambda run: (run, train(dtype="float32")),
    "a rate that changes on the way": lambda run: (run, train(rate=stepped)),
    "a rate that changes at the end of an epoch": lambda run: (
        run,
        train(rate=lambda step: 0.1 if step < 24 else 0.2),
    ),
    "a shorter run": lambda run: (run, train(epochs=5, rate=stepped)),
    "a perceptron": lambda run: (
        train(rb.Perceptron(2), batch_size=None, epochs=1),
        train(rb.Perceptron(2), batch_size=None, epochs=1, seed=1),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_the_first_difference_is_the_first_of_all_updates_at_which_weights_differ(run, name):
    a, b = PAIRS[name](run)
    first = rb.contrast(a, b).first_difference
    update = first_different_update(a, b)
    assert first.updates == (update, update)
    assert (first.epoch, first.batch) == divmod(update, a._trajectory.job.updates_per_epoch)


def test_a_rate_that_changes_shows_in_the_middle_of_an_epoch(run):
    first = rb.contrast(run, train(rate=stepped)).first_difference
    assert (first.epoch, first.batch, first.updates) == (
        4,
        4,
        (24, 24),
    )
    assert first.same_until == (4, 3)
    assert first.exact
    assert str(first) == "after batch 4 of epoch 5 (update 24)"


def test_a_run_and_itself_never_part(run):
    found = rb.contrast(run, run.fork(epoch=6))
    assert found.first_difference is None
    assert found.first_difference_epoch is None
    assert "nowhere" in repr(found)
    for name in found.distances:
        assert not found.distances[name].any()
        assert not found.relative[name].any()
        assert np.isnan(found.cosines[name]).all()
    assert not found.predictions["max_change"].any()
    np.testing.assert_array_equal(found.predictions["loss_a"], found.predictions["loss_b"])


def test_a_converged_perceptron_does_not_care_for_its_rate():
    data = rb.data.gaussians(20, means=[(4, 4), (-4, -4)], seed=0)
    run = train(rb.Perceptron(2), data, test=None, batch_size=None)
    assert run.history["train_accuracy"][1:].min() == 1
    branch = run.fork(epoch=3, learning_rate=7.0)
    assert rb.contrast(run, branch).first_difference is None
    assert first_different_update(run, branch) is None


def test_a_run_that_was_interrupted_within_an_epoch_is_compared_to_its_end(run):
    def cut(one):
        return replace(
            one, _trajectory=replace(one._trajectory, last=one._trajectory.at_update(33))
        )

    late = train(rate=lambda step: 0.1 if step < 31 else 0.2)
    found = rb.contrast(cut(run), cut(late))
    assert (
        found.first_difference.epoch,
        found.first_difference.batch,
        found.first_difference.updates,
    ) == (6, 2, (32, 32))
    assert found.epochs.tolist() == [0, 3, 6]
    assert rb.contrast(cut(run), cut(run)).first_difference is None


def test_an_edit_parts_at_the_place_of_the_edit(run):
    first = rb.contrast(run, run.fork(epoch=6, edit=nudge)).first_difference
    assert (first.epoch, first.batch, first.updates) == (
        6,
        0,
        (30, 30),
    )
    assert first.same_until == (6, 0)
    assert first.exact


def test_runs_from_different_weights_part_at_update_0(run):
    found = rb.contrast(run, train(seed=1))
    assert found.first_difference.updates == (0, 0)
    assert found.first_difference.same_until is None
    assert found.first_difference.exact
    assert found.first_difference_epoch == 0.0


def test_other_batches_are_compared_at_the_ends_of_epochs(run):
    branch = run.fork(epoch=6, batch_size=20)
    found = rb.contrast(run, branch)
    assert found.first_difference.updates == (35, 32)
    assert (found.first_difference.epoch, found.first_difference.batch) == (7, 0)
    assert found.first_difference.same_until == (6, 0)
    assert not found.first_difference.exact
    assert (
        str(found.first_difference) == "between the ends of epoch 6 and epoch 7 (updates 35 and 32)"
    )
    assert found.epochs.tolist() == [0, 3, 6, 9, 12]
    assert found.updates.tolist() == [[0, 0], [15, 15], [30, 30], [45, 36], [60, 42]]
    assert found.distances["all"][:3].tolist() == [0, 0, 0]
    for row, epoch in ((3, 9), (4, 12)):
        expected = np.linalg.norm(flat(run.at(epoch)) - flat(branch.at(epoch)))
        assert found.distances["all"][row] == pytest.approx(expected, rel=1e-12)
    assert found.differences == {"batch size": (9, 20)}


def test_what_a_branch_of_another_run_was_before_is_not_made_up(run):
    found = rb.contrast(run, train(seed=1).fork(epoch=6, learning_rate=0.3))
    assert found.epochs.tolist() == [6, 9, 12]
    assert (found.first_difference.epoch, found.first_difference.same_until) == (6, None)
    assert not found.first_difference.exact
    assert "both are known" in str(found.first_difference)


def test_a_branch_of_a_branch_parted_somewhere_before(run):
    branch = run.fork(epoch=4, learning_rate=0.3).fork(epoch=8, learning_rate=0.1)
    found = rb.contrast(run, branch)
    assert (found.first_difference.epoch, found.first_difference.same_until) == (8, (3, 0))
    assert not found.first_difference.exact
    assert found.epochs.tolist() == [0, 3, 8, 9, 12]
    assert found.distances["all"][:2].tolist() == [0, 0]
    assert found.distances["all"][2] > 0


def test_rows_that_are_alike_by_accident_are_no_common_past():
    # Both separate the data from the start: every loss is 0, and so are the seconds at epoch 0.
    data = rb.data.gaussians(10, means=[(9, 9), (-9, -9)], seed=0)
    first = {"0.weight": [[-1.0], [-1.0]], "0.bias": [0.0]}
    other = {"0.weight": [[-2.0], [-1.0]], "0.bias": [0.0]}
    a, b = (
        train(rb.Perceptron(2), data, test=None, batch_size=None, init_params=one)
        for one in (first, other)
    )
    assert repr(a.history[0]) == repr(b.history[0])
    found = rb.contrast(a, b.fork(epoch=3))
    assert found.epochs.tolist() == [3, 6, 9, 12]
    assert not found.first_difference.exact


# Weights


def flat(params):
    return np.concatenate([params[name].ravel() for name in params])


def root_of_squares(values):
    return math.sqrt(math.fsum(float(value) ** 2 for value in np.ravel(values)))


def test_distances_and_cosines_are_those_of_weights_kept_while_training():
    kept = rb.Snapshots(), rb.Snapshots()
    a = train(callbacks=[kept[0]])
    b = train(rate=0.2, callbacks=[kept[1]])
    found = rb.contrast(a, b)
    assert found.epochs.tolist() == [0, 3, 6, 9, 12]
    assert list(found.distances) == ["0.weight", "0.bias", "2.weight", "2.bias", "all"]
    one, other = (path.params[0] for path in kept)
    for row, epoch in enumerate(found.epochs.tolist()):
        w_a, w_b, start = ({**w, "all": flat(w)} for w in (one[epoch], other[epoch], one[0]))
        for name in found.distances:
            distance = root_of_squares(w_a[name] - w_b[name])
            assert found.distances[name][row] == pytest.approx(distance, rel=1e-13)
            size = root_of_squares(w_a[name])
            relative = distance / size if size else 0.0
            assert found.relative[name][row] == pytest.approx(relative, rel=1e-13)
            if epoch == 0:
                assert math.isnan(found.cosines[name][row])
                continue
            way_a, way_b = (np.ravel(w[name] - start[name]) for w in (w_a, w_b))
            cosine = math.fsum(way_a * way_b) / root_of_squares(way_a) / root_of_squares(way_b)
            assert found.cosines[name][row] == pytest.approx(cosine, rel=1e-12)


def test_the_cosine_is_of_the_ways_since_the_first_difference(run):
    branch = run.fork(epoch=6, learning_rate=0.3)
    found = rb.contrast(run, branch)
    assert np.isnan(found.cosines["all"][:3]).all()
    start = flat(run.at(6))
    way_a, way_b = flat(run.at(12)) - start, flat(branch.at(12)) - start
    cosine = way_a @ way_b / np.linalg.norm(way_a) / np.linalg.norm(way_b)
    assert found.cosines["all"][-1] == pytest.approx(cosine, rel=1e-12)


def test_one_step_with_another_rate_goes_the_same_way_but_further():
    run = train(batch_size=None, eval_every=1)
    found = rb.contrast(run, run.fork(epoch=4, learning_rate=0.3))
    assert found.first_difference.updates == (5, 5)
    assert np.isnan(found.cosines["all"][:5]).all()
    assert found.cosines["all"][5] == pytest.approx(1, abs=1e-14)
    assert found.cosines["all"][6] < 1 - 1e-9
    step = np.linalg.norm(flat(run.at(5)) - flat(run.at(4)))
    assert found.distances["all"][5] == pytest.approx(2 * step, rel=1e-12)


def test_after_an_edit_each_has_gone_its_way_from_its_own_weights(run):
    def turn(params):
        params["0.weight"] *= -1

    branch = run.fork(epoch=6, edit=turn)
    found = rb.contrast(run, branch)
    assert math.isnan(found.cosines["all"][2])
    ways = [flat(one.at(12)) - flat(one.at(6)) for one in (run, branch)]
    cosine = ways[0] @ ways[1] / np.linalg.norm(ways[0]) / np.linalg.norm(ways[1])
    assert found.cosines["all"][-1] == pytest.approx(cosine, rel=1e-12)
    assert found.distances["0.weight"][2] == pytest.approx(
        2 * np.linalg.norm(run.at(6)["0.weight"]), rel=1e-13
    )


def test_relative_to_nothing():
    zero, one = {"w": np.zeros(2)}, {"w": np.array([3.0, 4.0])}
    assert compare_weights(zero, zero, None)["w"][:2] == (0.0, 0.0)
    assert compare_weights(zero, one, None)["w"][:2] == (5.0, math.inf)
    assert compare_weights(one, zero, None)["w"][:2] == (5.0, 1.0)


@pytest.mark.parametrize("scale", [1e-300, 1e-170, 1.0, 1e200])
def test_squares_neither_overflow_nor_vanish(scale):
    a = {"w": scale * np.array([3.0, 0.0]), "b": scale * np.array([0.0])}
    b = {"w": scale * np.array([0.0, 4.0]), "b": scale * np.array([12.0])}
    start = {"w": np.zeros(2), "b": np.zeros(1)}
    found = compare_weights(a, b, (start, start))
    assert found["w"] == pytest.approx((5 * scale, 5 / 3, 0.0), rel=1e-15)
    assert found["all"][0] == pytest.approx(13 * scale, rel=1e-15)
    assert math.isnan(found["b"][2])


@pytest.mark.parametrize(("rate", "grows"), [(0.3, False), (2.0, True)])
def test_a_small_edit_of_a_linear_model_dies_or_grows_as_its_hessian_says(rate, grows):
    # The gradient of ½ mean (xw + b − y)² is H θ − c, so a difference δ becomes (1 − ηH) δ.
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 2))
    data = Dataset(x, x @ [1.0, -2.0] + 0.5)
    inputs = np.hstack([x, np.ones((30, 1))])
    step = np.eye(3) - rate * inputs.T @ inputs / 30
    assert (np.abs(np.linalg.eigvalsh(step)).max() > 1) == grows
    run = rb.train(
        rb.MLP(2, [], 1),
        data,
        loss=HalfSquaredError(),
        optimizer=rb.SGD(rate),
        epochs=40,
    )
    bias = run.at(10)["0.bias"]
    found = rb.contrast(run, run.fork(epoch=10, edit={"0.bias": bias + 1e-3}))
    difference = np.array([0.0, 0.0, 1e-3])
    for epoch in range(10, 41):
        # Weights are kept to 1e-16 of their size, of which the difference is 1e-6 at least.
        assert found.distances["all"][epoch] == pytest.approx(np.linalg.norm(difference), rel=1e-7)
        difference = step @ difference
    assert (found.distances["all"][-1] > 1e-3) == grows


def textbook_weights(params, x, labels, rate, epochs):
    """Gradient descent on all samples, in loops over nothing but epochs: a 2-H-2 network."""
    W, b, V, c = (params[name].copy() for name in ("0.weight", "0.bias", "2.weight", "2.bias"))
    path = [np.concatenate([v.ravel() for v in (W, b, V, c)])]
    for _ in range(epochs):
        h = x @ W + b
        z = np.maximum(h, 0) @ V + c
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        d = (p - np.eye(2)[labels]) / len(x)
        dh = (d @ V.T) * (h > 0)
        V, c = V - rate * np.maximum(h, 0).T @ d, c - rate * d.sum(axis=0)
        W, b = W - rate * x.T @ dh, b - rate * dh.sum(axis=0)
        path.append(np.concatenate([v.ravel() for v in (W, b, V, c)]))
    return path


def test_an_edit_of_one_weight_of_a_network_spreads_as_in_a_textbook():
    run = train(rate=0.5, batch_size=None, epochs=60, eval_every=1)
    found = rb.contrast(run, run.fork(epoch=20, edit=nudge))
    assert found.first_difference.updates == (20, 20)
    start = run.at(20).params
    edited = {name: value.copy() for name, value in start.items()}
    nudge(edited)
    paths = [textbook_weights(w, TRAIN.X, TRAIN.y, 0.5, 40) for w in (start, edited)]
    expected = [np.linalg.norm(one - other) for one, other in zip(*paths, strict=True)]
    # Rounding is some 1e-16 of a weight in every update, the edit 1e-9.
    np.testing.assert_allclose(found.distances["all"][20:], expected, rtol=1e-4)
    np.testing.assert_array_equal(found.distances["all"][:20], 0)


# Predictions


def by_hand(params, X):
    """The class probabilities of a 2-6-2 network."""
    z = np.maximum(X @ params["0.weight"] + params["0.bias"], 0) @ params["2.weight"]
    e = np.exp(z + params["2.bias"])
    return e / e.sum(axis=1, keepdims=True)


def test_predictions_are_those_of_weights_kept_while_training():
    kept = rb.Snapshots(), rb.Snapshots()
    a = train(callbacks=[kept[0]])
    b = train(rate=1.5, seed=4, callbacks=[kept[1]])
    found = rb.contrast(a, b)
    assert (found.measured_on, found.n_samples, found.changed) == ("test set", 20, "probability")
    for row, epoch in enumerate(found.epochs.tolist()):
        p, q = (
            by_hand(path.params[run.seed][epoch], TEST.X)
            for path, run in zip(kept, (a, b), strict=True)
        )
        classes = p.argmax(axis=1), q.argmax(axis=1)
        change = np.abs(p[:, 1] - q[:, 1])
        expected = {
            "disagreement": np.mean(classes[0] != classes[1]),
            "mean_change": change.mean(),
            "max_change": change.max(),
            "loss_a": -np.log(p[np.arange(20), TEST.y]).mean(),
            "loss_b": -np.log(q[np.arange(20), TEST.y]).mean(),
            "accuracy_a": np.mean(classes[0] == TEST.y),
            "accuracy_b": np.mean(classes[1] == TEST.y),
        }
        assert list(found.predictions) == list(expected)
        for name, value in expected.items():
            assert found.predictions[name][row] == pytest.approx(value, rel=1e-11), name
    assert found.predictions["disagreement"].max() > 0
    for which, one in (("a", a), ("b", b)):
        for column in ("loss", "accuracy"):
            np.testing.assert_allclose(
                found.predictions[f"{column}_{which}"], one.history[f"test_{column}"], rtol=1e-12
            )


def test_of_several_classes_the_largest_change_counts():
    data = rb.data.gaussians(20, means=[(0, 0), (3, 0), (0, 3)], seed=0)
    runs = [train(rb.MLP(2, [], 3), data, test=None, seed=seed) for seed in (0, 1)]
    found = rb.contrast(*runs)
    assert (found.measured_on, found.n_samples) == ("training set", len(data))
    p, q = (one.predict_proba(data.X) for one in runs)
    change = np.abs(p - q).max(axis=1)
    assert found.predictions["mean_change"][-1] == pytest.approx(change.mean(), rel=1e-12)
    assert found.predictions["max_change"][-1] == pytest.approx(change.max(), rel=1e-12)
    assert found.predictions["disagreement"][-1] == np.mean(
        runs[0].predict(data.X) != runs[1].predict(data.X)
    )


def test_several_labels_differ_where_one_of_them_does():
    rng = np.random.default_rng(1)
    data = Dataset(rng.normal(size=(30, 2)), (rng.random((30, 3)) > 0.5).astype(float))
    runs = [
        train(rb.MLP(2, [4], 3), data, test=None, loss=SigmoidCrossEntropy(), seed=seed)
        for seed in (0, 1)
    ]
    found = rb.contrast(*runs)
    wrong = [(a != b).any() for a, b in zip(*(one.predict(data.X) for one in runs), strict=True)]
    assert found.predictions["disagreement"][-1] == np.mean(wrong)
    assert 0 < np.mean(wrong) < 1


def test_of_a_regression_values_change_and_no_class_does():
    x = np.linspace(-1, 1, 20)[:, None]
    data = Dataset(x, np.column_stack([np.sin(x), x**2]))
    runs = [
        train(rb.MLP(1, [5], 2), data, test=None, loss=HalfSquaredError(), seed=seed)
        for seed in (0, 1)
    ]
    found = rb.contrast(*runs)
    assert found.changed == "value"
    change = np.abs(runs[0].predict(x) - runs[1].predict(x)).max(axis=1)
    assert found.predictions["mean_change"][-1] == pytest.approx(change.mean(), rel=1e-12)
    for name in ("disagreement", "accuracy_a", "accuracy_b"):
        assert np.isnan(found.predictions[name]).all()
    assert "another class" not in repr(found)
    assert "accuracy" not in repr(found)
    found.plot().canvas.draw()


def test_a_perceptron_predicts_with_the_weights_it_selects_and_moves_its_last():
    runs = [
        train(rb.Perceptron(2, weights="pocket"), batch_size=None, seed=seed) for seed in (0, 3)
    ]
    found = rb.contrast(*runs)
    assert found.changed == "score"
    last = [flat(one.weights["last"]) for one in runs]
    assert found.distances["all"][-1] == pytest.approx(np.linalg.norm(last[0] - last[1]))
    scores = [one.outputs(TEST.X) for one in runs]
    assert found.predictions["max_change"][-1] == np.abs(scores[0] - scores[1]).max()
    assert found.distances["all"][-1] != pytest.approx(
        np.linalg.norm(flat(runs[0].params) - flat(runs[1].params))
    )


def test_a_perceptron_and_logistic_regression_are_compared_by_their_scores():
    a = train(rb.Perceptron(2), batch_size=None)
    b = train(rb.MLP(2, [], 1), loss=SigmoidCrossEntropy())
    found = rb.contrast(a, b)
    assert found.changed == rb.contrast(b, a).changed == "score"
    change = np.abs(a.outputs(TEST.X) - b.outputs(TEST.X))
    assert found.predictions["mean_change"][-1] == pytest.approx(change.mean(), rel=1e-12)


def test_other_data_may_be_given_with_labels_of_its_own_order(run):
    fresh = rb.data.moons(50, noise=0.2, seed=9)
    turned = Dataset(fresh.X, fresh.labels, classes=fresh.classes[::-1])
    found = rb.contrast(run, train(seed=1), data=turned)
    assert (found.measured_on, found.n_samples) == ("data given", 50)
    assert found.predictions["accuracy_a"][-1] == run.evaluate(fresh).accuracy
    assert found.predictions["loss_a"][-1] == run.evaluate(fresh).loss


# Which epochs


def test_runs_evaluated_at_other_beats_are_compared_where_both_were(run):
    assert rb.contrast(run, train(eval_every=2)).epochs.tolist() == [0, 6, 12]
    assert rb.contrast(run, train(eval_every=2, epochs=10)).epochs.tolist() == [0, 6, 10]


def test_any_epochs_may_be_asked_for(run):
    branch = run.fork(epoch=6, learning_rate=0.2)
    found = rb.contrast(run, branch, epochs=[11, 7, 3, 7])
    assert found.epochs.tolist() == [3, 7, 11]
    distance = np.linalg.norm(flat(run.at(11)) - flat(branch.at(11)))
    assert found.distances["all"].tolist() == [
        0.0,
        pytest.approx(np.linalg.norm(flat(run.at(7)) - flat(branch.at(7)))),
        pytest.approx(distance),
    ]


@pytest.mark.parametrize(
    ("epochs", "message"),
    [
        ([13], "both runs were at epochs 6 to 12, not at 13"),
        ([4], "both runs were at epochs 6 to 12, not at 4"),
        ([2.5], "an epoch must be a whole number"),
        ([], "names none"),
    ],
)
def test_epochs_that_cannot_be_compared(run, epochs, message):
    with pytest.raises(ConfigurationError, match=message):
        rb.contrast(run, run.fork(epoch=6), epochs=epochs)


def test_a_run_in_a_folder_is_the_run_in_memory(run, tmp_path):
    branch = run.fork(epoch=6, learning_rate=0.3)
    run.fork(epoch=6, learning_rate=0.3, run_dir=tmp_path / "branch")
    expected, found = (rb.contrast(run, one) for one in (branch, rb.load_run(tmp_path / "branch")))
    assert found.first_difference == expected.first_difference
    assert found.predictions_table == expected.predictions_table
    assert found.weights_table.to_pylist()[-1] == expected.weights_table.to_pylist()[-1]


# What it is


def test_settings_that_differ_are_named(run):
    found = rb.contrast(run, train(rate=0.5, seed=2, batch_size=10))
    assert found.differences == {
        "learning rate": (0.1, 0.5),
        "batch size": (9, 10),
        "seed": (0, 2),
    }
    other = rb.train(MODEL, TRAIN, optimizer=rb.Adam(0.1), epochs=3)
    differences = rb.contrast(run, other).differences
    assert differences["optimizer"] == ("SGD", "Adam")
    assert differences["momentum"] == (0.0, None)


def test_tables_have_a_row_for_each_epoch_and_parameter(run):
    found = rb.contrast(run, run.fork(epoch=6, batch_size=20))
    rows = found.weights_table.to_pylist()
    assert len(rows) == 5 * 5
    for row in rows:
        at = found.epochs.tolist().index(row["epoch"])
        assert [row["updates_a"], row["updates_b"]] == found.updates[at].tolist()
        assert row["distance"] == found.distances[row["parameter"]][at]
        assert row["relative"] == found.relative[row["parameter"]][at]
        np.testing.assert_equal(row["cosine"], found.cosines[row["parameter"]][at])
    table = found.predictions_table
    assert table.column_names == ["epoch", "updates_a", "updates_b", *found.predictions]
    np.testing.assert_array_equal(table["loss_b"].to_numpy(), found.predictions["loss_b"])


def test_it_can_be_read(run):
    text = repr(rb.contrast(run, run.fork(epoch=6, learning_rate=0.3)))
    assert "learning rate 0.1 and 0.3" in text
    assert "they part after batch 1 of epoch 7 (update 31)" in text
    assert "on the test set (20 samples)" in text


def test_the_figure_has_three_panels_with_the_first_difference_in_each(run):
    found = rb.contrast(run, run.fork(epoch=6, learning_rate=0.3))
    figure = found.plot()
    weights, predictions, losses = figure.axes
    for ax in figure.axes:
        (mark,) = (line for line in ax.get_lines() if line.get_label() == "they part")
        assert mark.get_xdata()[0] == 6.2
    lines = {line.get_label(): line.get_ydata() for line in weights.get_lines()}
    first = np.hypot(found.distances["0.weight"], found.distances["0.bias"])
    np.testing.assert_allclose(lines["layer 0"], first, rtol=1e-15)
    np.testing.assert_array_equal(lines["all layers"], found.distances["all"])
    lines = {line.get_label(): line.get_ydata() for line in predictions.get_lines()}
    np.testing.assert_array_equal(lines["mean |Δp|"], 100 * found.predictions["mean_change"])
    lines = {line.get_label(): line.get_ydata() for line in losses.get_lines()}
    np.testing.assert_array_equal(lines["b (learning rate 0.3)"], found.predictions["loss_b"])
    assert losses.get_title(loc="left") == "Loss on the test set"


def test_it_can_be_drawn_into_given_axes_under_given_names(run):
    parts = Figure().subfigures(2, 1)
    axes = parts[0].subplots(1, 3)
    figure = rb.contrast(run, train(seed=1)).plot(axes, names=("one", "other"))
    assert figure is parts[0].get_figure(root=True)
    labels = [text.get_text() for text in axes[2].get_legend().get_texts()]
    assert labels[:2] == ["one", "other"]


def test_runs_that_never_part_can_be_drawn(run):
    figure = rb.contrast(run, run.fork(epoch=6)).plot()
    figure.canvas.draw()
    assert all("they part" not in str(ax.get_legend().get_texts()) for ax in figure.axes)


def test_three_axes_are_needed(run):
    with pytest.raises(ConfigurationError, match="three axes, got 2"):
        rb.contrast(run, run).plot(Figure().subplots(1, 2))


# What cannot be compared


def test_models_of_other_shapes(run):
    with pytest.raises(ShapeError, match=r"0\.weight is \(2, 6\) in a and \(2, 7\) in b"):
        rb.contrast(run, train(rb.MLP(2, [7], 2)))
    six = Dataset(TRAIN.X, np.arange(40) % 6)
    with pytest.raises(ShapeError, match=r"4\.weight is not there in a and \(6, 2\) in b"):
        rb.contrast(train(rb.MLP(2, [6], 6), six, test=None), train(rb.MLP(2, [6, 6], 2)))


def test_other_classes(run):
    named = Dataset(TRAIN.X, np.array(["no", "yes"])[TRAIN.y])
    with pytest.raises(DataError, match=r"a predicts the classes \[0, 1\] and b the classes"):
        rb.contrast(run, train(data=named, test=None))
    values = Dataset(TRAIN.X, TRAIN.X)
    regression = train(data=values, test=None, loss=HalfSquaredError())
    with pytest.raises(DataError, match=r"a predicts values and b the classes \[0, 1\]"):
        rb.contrast(regression, run)


def test_data_that_does_not_fit(run):
    with pytest.raises(ShapeError, match=r"3 features .* the model of a takes 2"):
        rb.contrast(run, run, data=Dataset(np.ones((4, 3)), [0, 1, 0, 1]))
    with pytest.raises(DataError, match="7"):
        rb.contrast(run, run, data=Dataset(np.ones((4, 2)), [0, 7, 0, 1]))
    with pytest.raises(ConfigurationError, match="data must be of type Dataset, got ndarray"):
        rb.contrast(run, run, data=TEST.X)


def test_what_is_no_run_or_has_no_known_past(run):
    with pytest.raises(ConfigurationError, match="b: this run was not made by"):
        rb.contrast(run, replace(run, _trajectory=None))
    runs = rb.train_many(MODEL, TRAIN, seeds=[0, 1], epochs=2)
    with pytest.raises(ConfigurationError, match="a must be of type Run, got RunGroup"):
        rb.contrast(runs, run)
    assert rb.contrast(*runs).first_difference.updates == (0, 0)


def test_runs_that_were_nowhere_at_the_same_time(run):
    with pytest.raises(ConfigurationError, match="epochs 9 to 12, the second at 0 to 4"):
        rb.contrast(run.fork(epoch=9), train(epochs=4))
    with pytest.raises(ConfigurationError, match="no epoch in common"):
        rb.contrast(run.fork(epoch=9), train(epochs=4, batch_size=20))


def test_a_run_that_diverged_is_compared_as_far_as_it_went(run):
    wild = run.fork(epoch=6, learning_rate=1e200)
    assert wild.diverged
    found = rb.contrast(run, wild)
    assert found.epochs[-1] <= wild._trajectory.last.epoch
    found.plot().canvas.draw()


def test_a_branch_that_diverged_within_its_first_epoch_has_only_its_past(run):
    wild = run.fork(update=33, learning_rate=1e200)
    assert wild.diverged
    assert wild._trajectory.last.epoch == 6
    assert rb.contrast(run, wild).epochs.tolist() == [0, 3, 6]
    with pytest.raises(ConfigurationError, match="no end of an epoch in common"):
        rb.contrast(wild, wild)


# Columns in different orders


def swapped(data):
    return Dataset(data.X[:, ::-1], data.y, feature_names=data.feature_names[::-1])


def test_weights_are_compared_by_the_names_of_the_columns(run):
    start = {name: value.copy() for name, value in run.at(0).params.items()}
    start["0.weight"] = start["0.weight"][::-1]
    other = train(data=swapped(TRAIN), test=swapped(TEST), init_params=start)
    found = rb.contrast(run, other)
    # The same run but for the order in which two products are added.
    assert found.distances["all"].max() < 1e-12
    assert found.distances["all"][0] == 0
    assert found.predictions["max_change"].max() < 1e-12
    by_position = compare_weights(run.params, other.params, None)["all"][0]
    assert by_position > 0.1
    back = rb.contrast(other, run)
    np.testing.assert_allclose(back.distances["0.weight"], found.distances["0.weight"])


def test_columns_of_other_names_are_not_compared(run):
    renamed = Dataset(TRAIN.X, TRAIN.y, feature_names=["width", "height"])
    named = train(data=renamed, test=None)
    others = Dataset(TRAIN.X, TRAIN.y, feature_names=["width", "depth"])
    with pytest.raises(DataError, match='run a needs the feature "height"'):
        rb.contrast(named, train(data=others, test=None))


def test_a_first_layer_without_a_row_for_each_column_is_refused():
    class Scale(Layer):
        @property
        def shapes(self):
            return {"factor": (2,)}

        def init(self, rng):
            return {"factor": np.array([1.0, 2.0])}

        def forward(self, params, x):
            return x * params["factor"], x

        def backward(self, params, cache, dy):
            return dy * params["factor"], {"factor": (dy * cache).sum(axis=0)}

    model = rb.Sequential([Scale(), Linear(2, 2)])
    short = {"epochs": 1, "test": None, "engine": "reference"}
    one, other = train(model, **short), train(model, swapped(TRAIN), **short)
    with pytest.raises(ConfigurationError, match="in different orders, and their first layer"):
        rb.contrast(one, other)
    assert rb.contrast(one, train(model, **short)).first_difference is None
