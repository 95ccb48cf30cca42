"""E4, E5 and E6 at tiny size: what their rows say is what other code measures."""

import math

import numpy as np
import pytest

import rosenblatt as rb
import tiny
from rosenblatt.analysis import hessian
from rosenblatt.experiments import e4_full_batch, e5_initialisation, e6_batch_size, full_batch
from rosenblatt.experiments import two_moons as moons
from rosenblatt.experiments.e6_batch_size import BATCH_SIZES, noise_of, rate_of
from rosenblatt.models import loss_and_grads

SEEDS = 3


def tables_of(name):
    with tiny.tiny():
        return {k: t.to_pylist() for k, t in tiny.result(name, SEEDS).tables.items()}


@pytest.fixture(scope="module")
def e4():
    return tables_of("E4")


@pytest.fixture(scope="module")
def e5():
    return tables_of("E5")


@pytest.fixture(scope="module")
def e6():
    return tables_of("E6")


@pytest.fixture
def small():
    with tiny.tiny():
        yield


def where(rows, **equal):
    return [row for row in rows if equal.items() <= row.items()]


def train(seed, batch_size, rate=0.01, epochs=tiny.EPOCHS, draw=0, **settings):
    """The same run, by the public call."""
    data, test = moons.drawn(draw)
    return rb.train(
        moons.network(),
        data,
        test=test,
        optimizer=rb.SGD(rate),
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        **{"eval_every": 10, "engine": "compiled"} | settings,
    )


# E6


@pytest.mark.slow
def test_all_batch_sizes_of_a_seed_start_alike(e6):
    names = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
    starts = {}
    for table in ("own_curves", "early_curves"):
        for row in where(e6[table], epoch=0):
            starts.setdefault(row["seed"], set()).add(tuple(row[name] for name in names))
    assert {seed: len(found) for seed, found in starts.items()} == dict.fromkeys(range(SEEDS), 1)
    assert len(set.union(*starts.values())) == SEEDS


def test_every_seed_has_data_of_its_own(e6):
    # Seed 0 has those of the source, the others the draw with their number.
    for seed in range(SEEDS):
        for name, data in zip(("train", "test"), moons.drawn(seed), strict=True):
            start = moons.network().init(seed)
            (row,) = where(e6["own_curves"], batch_size=1, rates="fixed", seed=seed, epoch=0)
            loss, _ = loss_and_grads(moons.network(), start, data.X, data.y)
            assert row[f"{name}_loss"] == pytest.approx(loss, rel=1e-12)


def test_replays_start_from_different_networks(e6):
    starts = where(e6["replay_curves"], epoch=0)
    assert len({row["train_loss"] for row in starts}) == len(BATCH_SIZES)


@pytest.mark.parametrize(
    ("size", "rates", "rate"),
    [(1, "fixed", 0.01), (1, "scaled", 0.001), (100, "scaled", 0.1), (800, "scaled", 0.8)],
)
def test_a_curve_is_that_of_a_run_at_its_learning_rate(e6, size, rates, rate):
    curve = where(e6["own_curves"], batch_size=size, rates=rates, seed=2)
    history = train(2, size, rate, draw=2).history
    assert [row["epoch"] for row in curve] == list(range(0, tiny.EPOCHS + 1, 10))
    for name in moons.COLUMNS:
        assert [row[name] for row in curve] == history[name].tolist()


def test_scaled_rates_are_a_thousandth_of_the_batch_size():
    for size in BATCH_SIZES:
        assert rate_of("scaled", size) == pytest.approx(0.001 * size, rel=1e-15)
        assert rate_of("fixed", size) == 0.01
    assert set(e6_batch_size.RATES) == {"fixed", "scaled"}


def test_at_batch_size_10_both_rates_are_one(e6):
    fixed, scaled = (
        [row | {"rates": ""} for row in where(e6["own_curves"], batch_size=10, rates=rates)]
        for rates in ("fixed", "scaled")
    )
    assert fixed == scaled


def test_updates_are_counted(e6):
    for row in e6["own_curves"] + e6["early_curves"]:
        assert row["updates"] == row["epoch"] * math.ceil(800 / row["batch_size"])
    for size, epochs in e6_batch_size.EARLY_EPOCHS.items():
        early = where(e6["early_curves"], batch_size=size, seed=0)
        assert [row["epoch"] for row in early] == list(range(epochs + 1))
        # The full batch's updates are within them, at full size as well.
        assert early[-1]["updates"] >= 1500


def test_an_early_curve_is_the_beginning_of_the_same_run(e6):
    for seed in range(SEEDS):
        (early,) = where(e6["early_curves"], batch_size=10, seed=seed, epoch=20)
        (later,) = where(e6["own_curves"], batch_size=10, rates="fixed", seed=seed, epoch=20)
        assert later | {"rates": None} == early | {"rates": None}


def test_ends_say_when_a_run_was_solved_and_how_noisy_it_is(e6):
    solved = 0
    for end in e6["ends"]:
        how = {name: end[name] for name in ("rates", "batch_size", "seed")}
        curve = where(e6["own_curves"], **how)
        assert end.items() >= curve[-1].items()
        there = next((row for row in curve if row["test_accuracy"] >= 0.95), None)
        solved += there is not None
        assert end["epochs_to_95"] == (there and there["epoch"])
        assert end["updates_to_95"] == (there and there["updates"])
        second_half = [row["test_loss"] for row in curve][len(curve) // 2 :]
        a, b, c = (np.array(second_half[i : len(second_half) - 2 + i]) for i in range(3))
        assert end["noise"] == pytest.approx((np.mean((a - 2 * b + c) ** 2) / 6) ** 0.5)
    assert 0 < solved < len(e6["ends"])


def test_the_summary_is_of_the_ends_at_a_fixed_rate(e6):
    for row in e6["summary"]:
        ends = where(e6["ends"], batch_size=row["batch_size"], rates="fixed")
        for name in ("train_loss", "test_accuracy", "fresh_accuracy"):
            values = [end[name] for end in ends]
            assert row[f"{name}_mean"] == pytest.approx(np.mean(values))
            assert row[f"{name}_sd"] == pytest.approx(np.std(values, ddof=1))
        assert row["seeds"] == SEEDS
        replays = where(e6["replay_curves"], batch_size=row["batch_size"])
        assert row["replay_test_loss"] == replays[-1]["test_loss"]


@pytest.mark.parametrize("slope", [0.0, -0.01, 3.0])
def test_noise_is_that_around_a_line(slope):
    rng = np.random.default_rng(0)
    n, sigma = 20_000, 0.3
    curve = 5 + slope * np.arange(n) + sigma * rng.standard_normal(n)
    # The relative error of such an estimate is about 1/√n.
    assert noise_of(curve) == pytest.approx(sigma, rel=4 / n**0.5)
    assert noise_of(2 * curve) == pytest.approx(2 * noise_of(curve))


def test_a_curve_without_bends_has_no_noise_and_a_short_one_none_to_measure():
    assert noise_of(np.linspace(0, 1, 50)) == pytest.approx(0, abs=1e-15)
    assert math.isnan(noise_of(np.array([1.0, 2.0])))
    assert noise_of(np.array([0.0, 1.0, 0.0])) == pytest.approx((4 / 6) ** 0.5)


def test_sharpness_at_equal_loss_is_measured_where_the_loss_first_is_there(e6):
    threshold = 0.4
    assert {row["batch_size"] for row in e6["equal_loss"]} >= {10, 100, 200}
    for row in e6["equal_loss"]:
        data, _ = moons.drawn(row["seed"])
        size, epoch = row["batch_size"], int(row["epoch"])
        every = max(1, size // 200)
        run = train(row["seed"], size, epochs=epoch, draw=row["seed"], eval_every=every)
        losses = run.history["train_loss"]
        assert row["train_loss"] == losses[-1] <= threshold
        assert (losses[:-1] > threshold).all()
        assert row["updates"] == run.history["updates"][-1]
        if row["seed"] == 0 and size < 200:
            for name, value in moons.sharpness(run.model, run.params, data).items():
                assert row[name] == pytest.approx(value, rel=1e-9)


def test_a_run_that_never_comes_to_that_loss_has_no_row(small, monkeypatch):
    monkeypatch.setattr(e6_batch_size, "EQUAL_LOSS", 1e-9)
    assert e6_batch_size.at_equal_loss(100, 0, 2) == {"sharpness": []}


def test_sharpness_is_what_the_analysis_measures(e6):
    run = train(1, 100, draw=1)
    data, _ = moons.drawn(1)
    (row,) = where(e6["sharpness"], batch_size=100, rates="fixed", seed=1)
    ends = hessian.hessian_extremes(run.model, run.params, data.X, data.y)
    assert row["largest_eigenvalue"] == pytest.approx(ends.largest, rel=1e-6)
    assert row["smallest_eigenvalue"] == pytest.approx(ends.smallest, rel=1e-4, abs=1e-6)
    trace = hessian.hessian_trace(run.model, run.params, data.X, data.y)
    assert row["trace"] == pytest.approx(trace.value, abs=5 * trace.standard_error + 1e-9)
    moved = hessian.perturbed_loss(run.model, run.params, data.X, data.y, scale=0.05, n_draws=50)
    assert row["perturbed_loss"] == pytest.approx(moved.mean, rel=1e-9)
    noise = hessian.gradient_noise_scale(run.model, run.params, data.X, data.y)
    assert row["noise_scale"] == pytest.approx(noise.value, rel=1e-9)
    assert row["gradient_norm"] == pytest.approx(norm_of(run, data))
    assert {r["seed"] for r in e6["sharpness"]} == {0, 1}


def norm_of(run, data):
    _, grads = loss_and_grads(run.model, run.params, data.X, data.y)
    return np.linalg.norm(np.concatenate([g.ravel() for g in grads.values()]))


def test_timings_are_of_every_round(e6):
    for size in BATCH_SIZES:
        rounds = where(e6["timing"], batch_size=size)
        assert [(row["moment"], row["round"]) for row in rounds] == [
            (moment, i) for moment in (0, 1) for i in range(3)
        ]
        for row in rounds:
            assert row["seconds_per_epoch"] > 0
            per_epoch = row["seconds_per_update"] * 800 / size
            assert per_epoch == pytest.approx(row["seconds_per_epoch"])
    held = [where(e6["timing"], batch_size=size)[0]["bytes_of_an_update"] for size in BATCH_SIZES]
    assert held == sorted(held)
    # Inputs of 20 hidden units and their gradient are held at once, at least.
    assert held[-1] > 2 * 800 * 20 * 8


# E4 and E5


def test_runs_on_the_data_of_the_source_are_there_for_other_code_to_agree_with(e6):
    data, _ = moons.drawn(0)
    rows = where(e6["source_data"], batch_size=100)
    assert [row["seed"] for row in rows] == list(range(SEEDS))
    run = train(2, 100)
    assert rows[2]["test_loss"] == pytest.approx(run.history["test_loss"][-1], rel=1e-9)
    ends = hessian.hessian_extremes(run.model, run.params, data.X, data.y)
    assert rows[2]["largest_eigenvalue"] == pytest.approx(ends.largest, rel=1e-6)


def test_measures_on_fresh_points_are_those_of_the_run(small, e6):
    run = train(0, 200)
    found = run.evaluate(moons.fresh_points())
    (end,) = where(e6["ends"], batch_size=200, rates="fixed", seed=0)
    assert end["fresh_accuracy"] == found.accuracy
    assert end["fresh_loss"] == pytest.approx(found.loss, rel=1e-12)


def test_draw_0_is_the_data_of_the_source_and_the_others_are_not(e4):
    from rosenblatt.experiments import replay

    for ours, theirs in zip(moons.drawn(0), replay.moons(), strict=True):
        assert ours.content_hash == theirs.content_hash
    hashes = {moons.drawn(draw)[0].content_hash for draw in range(e4_full_batch.DRAWS)}
    assert len(hashes) == e4_full_batch.DRAWS
    assert {row["draw"] for row in where(e4["summary"], protocol="own")} == {0, 1}
    # The same initial weights, other points.
    first, other = (where(e4["own_curves"], draw=d, seed=0, epoch=0)[0] for d in (0, 1))
    assert first["train_loss"] != other["train_loss"]


def test_a_summary_is_the_first_and_the_last_row_of_its_curve(e4):
    for row in where(e4["summary"], protocol="own"):
        curve = where(e4["own_curves"], draw=row["draw"], seed=row["seed"])
        assert row["start_test_accuracy"] == curve[0]["test_accuracy"]
        for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy"):
            assert row[name] == curve[-1][name]


def test_the_plateau_is_measured_along_the_run(e4):
    data, _ = moons.drawn(0)
    for seed in (0, 2):
        path = where(e4["plateau"], protocol="own", seed=seed)
        assert [row["epoch"] for row in path] == [0, 10, 30, tiny.EPOCHS]
        for row in path[1:3]:
            run = train(seed, None, epochs=row["epoch"])
            assert row["train_loss"] == run.history["train_loss"][-1]
            assert row["gradient_norm"] == pytest.approx(norm_of(run, data))
            ends = hessian.hessian_extremes(run.model, run.params, data.X, data.y)
            assert row["largest_eigenvalue"] == pytest.approx(ends.largest, rel=1e-6)
            assert row["smallest_eigenvalue"] == pytest.approx(ends.smallest, rel=1e-4)
    replay = where(e4["plateau"], protocol="replay")
    (summary,) = where(e4["summary"], protocol="replay")
    assert replay[-1]["gradient_norm"] == pytest.approx(summary["gradient_norm"])
    assert replay[-1]["train_loss"] == summary["train_loss"]


def test_the_early_plateau_is_the_longest_flat_stretch_of_the_first_half():
    find = e4_full_batch.early_plateau
    steep = np.linspace(0.5, 0.9, 40)
    assert len(find(steep)) == 1
    for start, length in ((3, 8), (19, 12), (0, 5)):
        curve = steep.copy()
        curve[start : start + length] = curve[start]
        curve[start + length :] += 0.1
        assert find(curve) == range(start, start + length)
    # One that begins in the second half is not early, even if it is longer.
    curve = steep.copy()
    curve[5:9] = curve[5]
    curve[25:] = curve[25]
    assert find(curve) == range(5, 9)
    # Four of 800 samples are half a point, and five are more.
    assert find(np.array([0.8, 0.805, 0.8, 0.9, 0.95, 1.0])) == range(3)
    assert find(np.array([0.8, 0.80625, 0.8, 0.9, 0.95, 1.0])) == range(1)


def test_the_early_plateau_is_measured_in_its_middle(e4):
    data, _ = moons.drawn(0)
    for row in where(e4["early_plateau"], protocol="own"):
        curve = where(e4["own_curves"], draw=0, seed=row["seed"])
        accuracies = [r["train_accuracy"] for r in curve]
        stretch = e4_full_batch.early_plateau(np.array(accuracies))
        epochs = [curve[i]["epoch"] for i in stretch]
        assert (row["first_epoch"], row["last_epoch"]) == (epochs[0], epochs[-1])
        assert row["epoch"] == epochs[(len(epochs) - 1) // 2]
        weights = moons.network().init(row["seed"])
        if row["epoch"] > 0:
            weights = train(row["seed"], None, epochs=int(row["epoch"])).params
        ends = hessian.hessian_extremes(moons.network(), weights, data.X, data.y)
        assert row["smallest_eigenvalue"] == pytest.approx(ends.smallest, rel=1e-4)
        assert row["rise_after"] == accuracies[-1] - accuracies[stretch[-1]]
        assert row["rise_before"] == accuracies[stretch[0]] - accuracies[0]
        assert row["loss_at_end"] == curve[stretch[-1]]["train_loss"]
    assert len(where(e4["early_plateau"], protocol="replay")) == 1


def test_the_plateaus_epochs_are_evaluated():
    # A snapshot of an epoch that is not evaluated would be missing without a word.
    assert all(epoch % moons.EVAL_EVERY == 0 for epoch in e4_full_batch.PLATEAU_EPOCHS)
    assert e4_full_batch.PLATEAU_EPOCHS[-1] == moons.EPOCHS


def test_the_weights_of_the_replay_are_all_there(e4):
    model = moons.network()
    named = [(row["name"], row["index"]) for row in e4["weights"]]
    assert named == [
        (name, i) for name, shape in model.shapes.items() for i in range(math.prod(shape))
    ]


def test_no_rule_beats_the_bayes_rule(e4):
    ((best,),) = (row.values() for row in e4["bayes"])
    assert best == pytest.approx(0.971, abs=0.002)
    for row in e4["logistic"]:
        assert 0.8 < row["fresh_accuracy"] < best


def test_starts_are_of_initial_weights(e5):
    assert [row["seed"] for row in e5["starts"]] == list(range(10 * SEEDS))
    for row in where(e5["own_curves"], epoch=0):
        (start,) = where(e5["starts"], seed=row["seed"])
        assert start["test_accuracy"] == row["test_accuracy"]
        assert start["train_accuracy"] == row["train_accuracy"]


def test_a_scale_of_1_is_the_run_itself_and_others_start_closer_to_ln_2(e5):
    for seed in range(SEEDS):
        (end,) = where(e5["scaled"], std=1.0, seed=seed)
        (own,) = where(e5["summary"], protocol="own", seed=seed)
        assert own.items() >= {k: v for k, v in end.items() if k != "std"}.items()
        start = {
            std: where(e5["scaled_curves"], std=std, seed=seed, epoch=0)[0]["train_loss"]
            for std in (0.01, 0.3, 1.0)
        }
        assert start[0.01] == pytest.approx(math.log(2), abs=1e-3)
        assert abs(start[0.3] - math.log(2)) > abs(start[0.01] - math.log(2))


def test_e5_replays_seed_4(e5):
    (summary,) = where(e5["summary"], protocol="replay")
    assert (summary["seed"], e5_initialisation.REPLAY_SEED) == (4, 4)
    assert summary["start_test_accuracy"] == 0.53


def test_populations_of_any_size_give_the_same_rows(small, e4):
    together = full_batch.own(0, 0, SEEDS)
    alone = [full_batch.own(0, seed, seed + 1) for seed in range(SEEDS)]
    for name in ("curves", "summary"):
        assert together[name] == [row for tables in alone for row in tables[name]]
