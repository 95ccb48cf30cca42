"""Sweeps: every network against one that was trained by itself, tables, measures and errors."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import sem, t

import rosenblatt as rb
from rosenblatt.layers import Activation, LeakyReLU, Linear, Normal
from rosenblatt.optimizers import Cosine, Optimizer
from rosenblatt.optimizers.base import zeros_like
from rosenblatt.sweeps.packed_training import Starts, train_packed

TRAIN, TEST = rb.data.moons(60, noise=0.2, seed=3).split(test_size=20, seed=1)
MODEL = rb.MLP(2, [5], 2, init="normal")


class Stateful(Activation):
    """A layer that asks for plain numbers, which cannot be traced."""

    def forward(self, params, x):
        return np.asarray([[math.tanh(float(v)) for v in row] for row in x]), x

    def backward(self, params, cache, dy):
        return dy / np.cosh(cache) ** 2, {}


OVER = {"learning_rate": [0.05, 0.5, 2.0], "init.scale": [0.3, 1.5]}


def swept(over=OVER, model=MODEL, data=TRAIN, **how):
    settings = {"seeds": range(3), "test": TEST, "epochs": 6, "batch_size": 10, "progress": False}
    return rb.sweep(model, data, over=over, **settings | how)


def trained_alone(row, engine="reference", **how):
    settings = {"test": TEST, "epochs": 6, "batch_size": 10, "engine": engine}
    model = rb.MLP(2, [5], 2, init=Normal(row["init_scale"]))
    optimizer = rb.SGD(row["learning_rate"])
    settings = settings | {"optimizer": optimizer, "seed": row["seed"]} | how
    return rb.train(model, TRAIN, **settings)


def test_every_network_is_the_one_that_train_makes_of_its_settings():
    sweep = swept()
    assert len(sweep) == 18
    for row in sweep.table.to_pylist():
        run = trained_alone(row)
        assert row["status"] == "finished"
        for name in ("train_loss", "train_accuracy", "test_loss", "test_accuracy"):
            assert row[name] == pytest.approx(run.history[-1][name], rel=1e-9)


def test_networks_that_differ_in_seeds_alone_have_the_bits_of_train_many():
    sweep = swept({"learning_rate": [0.5]}, seeds=range(8), engine="compiled")
    runs = rb.train_many(
        MODEL,
        TRAIN,
        test=TEST,
        optimizer=rb.SGD(0.5),
        seeds=range(8),
        epochs=6,
        batch_size=10,
        engine="compiled",
    )
    assert sweep.column("test_loss").tolist() == runs.final("test_loss").tolist()


@pytest.mark.parametrize("optimizer", [rb.SGD(0.1), rb.Adam(0.05), rb.SGD(0.1, momentum=0.5)])
@pytest.mark.parametrize("batch_size", [1, 10])
def test_a_network_has_the_same_bits_in_any_company(optimizer, batch_size):
    settings = {"optimizer": optimizer, "batch_size": batch_size, "epochs": 3}
    rates = [0.01, 0.02, 0.05, 0.1]
    large = swept({"learning_rate": rates, "init_scale": [0.5, 1.0, 2.0]}, **settings)
    other = swept({"init_scale": [1.0], "learning_rate": [0.3, 0.02, 0.1]}, **settings)
    found = {(row["learning_rate"], row["seed"]): row for row in other.table.to_pylist()}
    compared = 0
    for row in large.table.to_pylist():
        same = found.get((row["learning_rate"], row["seed"]))
        if row["init_scale"] == 1.0 and same:
            compared += 1
            assert row["test_loss"] == same["test_loss"]
            assert row["train_loss"] == same["train_loss"]
    assert compared == 6


def test_settings_that_others_do_not_share_change_no_bit():
    adam = {"optimizer": rb.Adam(0.05), "epochs": 3, "seeds": range(6)}
    alone = swept({"beta1": [0.8]}, **adam)
    among = swept({"beta1": [0.5, 0.8, 0.95], "beta2": [0.9, 0.999], "epsilon": [1e-8]}, **adam)
    rows = [
        row["test_loss"]
        for row in among.table.to_pylist()
        if row["beta1"] == 0.8 and row["beta2"] == 0.999
    ]
    assert rows == alone.column("test_loss").tolist()


def test_a_network_as_a_run_has_the_bits_of_the_table():
    sweep = swept(measure=["best(test_loss)", "distance"])
    for i in (0, 7, 17):
        run, row = sweep[i], sweep.row(i)
        assert run.seed == row["seed"]
        assert run.history[-1]["test_loss"] == row["test_loss"]
        assert run.history["test_loss"].min() == row["best(test_loss)"]
        start = run.at(0)
        moved = [((run.params[name] - start[name]) ** 2).sum() for name in run.params]
        assert row["distance"] == pytest.approx(math.sqrt(sum(moved)), rel=1e-12)
    assert sweep[-1].params.keys() == run.params.keys()
    branch = run.fork(epoch=3)
    for name, value in run.params.items():
        assert np.array_equal(branch.params[name], value)


def test_a_run_in_a_folder_is_resumed_to_the_bits_of_the_sweep(tmp_path):
    sweep = swept({"beta1": [0.7, 0.8, 0.9]}, optimizer=rb.Adam(0.05), epochs=4)
    run = sweep[4].fork(epoch=1, run_dir=tmp_path / "run")
    assert run.history[-1]["test_loss"] == sweep.row(4)["test_loss"]
    longer = rb.resume(tmp_path / "run", epochs=5)
    expected = swept({"beta1": [0.7, 0.8, 0.9]}, optimizer=rb.Adam(0.05), epochs=5).row(4)
    assert longer.history[-1]["test_loss"] == expected["test_loss"]


@pytest.mark.slow
def test_shapes_batch_sizes_and_kinds_train_in_groups_of_their_own():
    over = {
        "hidden": [[], 4, [3, 2]],
        "batch_size": [7, None],
        "optimizer": ["sgd", "adam"],
        "activation": ["tanh", "relu"],
    }
    sweep = swept(over, model=rb.MLP(2, [5], 2), seeds=[4], epochs=3)
    rows = sweep.table.to_pylist()
    assert [row["hidden"] for row in rows[::8]] == ["0", "4", "3,2"]
    for i, row in enumerate(rows):
        widths = [] if row["hidden"] == "0" else [int(one) for one in row["hidden"].split(",")]
        optimizer = rb.SGD(0.01) if row["optimizer"] == "sgd" else rb.Adam(0.01)
        run = rb.train(
            rb.MLP(2, widths, 2, activation=row["activation"]),
            TRAIN,
            optimizer=optimizer,
            epochs=3,
            batch_size=row["batch_size"],
            seed=4,
            engine="reference",
        )
        assert row["train_loss"] == pytest.approx(run.history[-1]["train_loss"], rel=1e-9), i


def test_layers_losses_dropout_and_schedules():
    model = rb.Sequential([Linear(2, 4), LeakyReLU(0.1), Linear(4, 2)])
    optimizer = rb.SGD(Cosine(0.5, 20), momentum=0.5)
    sweep = swept(
        {"slope": [0.05, 0.3], "learning_rate": [0.1, 0.4], "momentum": [0.2, 0.9]},
        model=model,
        optimizer=optimizer,
    )
    for row in sweep.table.to_pylist():
        run = rb.train(
            rb.Sequential([Linear(2, 4), LeakyReLU(row["slope"]), Linear(4, 2)]),
            TRAIN,
            optimizer=rb.SGD(Cosine(row["learning_rate"], 20), momentum=row["momentum"]),
            epochs=6,
            batch_size=10,
            seed=row["seed"],
            engine="reference",
        )
        assert row["train_loss"] == pytest.approx(run.history[-1]["train_loss"], rel=1e-9)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_dropout_and_schedules_by_name(dtype):
    over = {
        "dropout": [0.0, 0.2, 0.5],
        "schedule": ["cosine"],
        "warmup": [3],
        "batch_size": [10, 20],
    }
    sweep = swept(over, dtype=dtype, seeds=[1], epochs=4)
    from rosenblatt.optimizers import LinearWarmup

    for row in sweep.table.to_pylist():
        updates = 4 * (40 // row["batch_size"])
        run = rb.train(
            rb.MLP(2, [5], 2, init="normal", dropout=row["dropout"]),
            TRAIN,
            optimizer=rb.SGD(LinearWarmup(3, Cosine(0.01, updates - 3))),
            epochs=4,
            batch_size=row["batch_size"],
            seed=1,
            dtype=dtype,
            engine="reference",
        )
        rel = 1e-9 if dtype == "float64" else 1e-4
        assert row["train_loss"] == pytest.approx(run.history[-1]["train_loss"], rel=rel)


def test_data_of_a_generator_with_another_noise_and_size():
    sweep = swept({"noise": [0.1, 0.3], "n": [40, 60], "data_seed": [3]}, seeds=[0])
    for row in sweep.table.to_pylist():
        made = rb.data.moons(row["n"], noise=row["noise"], seed=3)
        train, test = made.split(test_size=20, seed=1)
        run = rb.train(MODEL, train, test=test, epochs=6, batch_size=10, engine="reference")
        assert row["test_loss"] == pytest.approx(run.history[-1]["test_loss"], rel=1e-9)


def test_a_test_set_of_its_own_keeps_its_size():
    other = rb.data.moons(30, noise=0.2, seed=9)
    sweep = swept(
        {"noise": [0.1], "n": [50]}, data=rb.data.moons(60, seed=2), test=other, seeds=[0]
    )
    run = rb.train(
        MODEL,
        rb.data.moons(50, noise=0.1, seed=2),
        test=rb.data.moons(30, noise=0.1, seed=9),
        epochs=6,
        batch_size=10,
        engine="reference",
    )
    assert sweep.column("test_loss")[0] == pytest.approx(run.history[-1]["test_loss"], rel=1e-9)


def test_diverged_networks_are_rows_that_say_so():
    y = TRAIN.X[:, 0] * 3 + 1
    sweep = rb.sweep(
        rb.MLP(2, [4], 1),
        (TRAIN.X, y),
        over={"learning_rate": [1e-3, 1e3, 1e200]},
        seeds=range(3),
        epochs=60,
        batch_size=5,
        measure=["largest_eigenvalue", "distance", "best(train_loss)"],
        progress=False,
    )
    rows = sweep.table.to_pylist()
    for row in rows:
        run = rb.train(
            rb.MLP(2, [4], 1),
            (TRAIN.X, y),
            optimizer=rb.SGD(row["learning_rate"]),
            seed=row["seed"],
            epochs=60,
            batch_size=5,
            engine="reference",
        )
        assert run.diverged == (row["status"] == "diverged")
        for name in ("train_loss", "distance", "largest_eigenvalue", "best(train_loss)"):
            assert math.isnan(row[name]) == run.diverged
    assert {row["status"] for row in rows} == {"finished", "diverged"}
    assert sweep.n_diverged == sum(row["status"] == "diverged" for row in rows)
    assert f"{sweep.n_diverged} diverged" in repr(sweep)


def test_measures_of_the_way_are_those_of_a_history():
    wanted = [
        "best(test_accuracy)",
        "first_epoch(test_accuracy>=0.7)",
        "first_epoch(train_loss<=.5)",
    ]
    sweep = swept(measure=wanted, eval_every=2)
    for row in sweep.table.to_pylist():
        history = trained_alone(row, eval_every=2).history
        assert row["best(test_accuracy)"] == history["test_accuracy"].max()
        reached = [one["epoch"] for one in history if one["test_accuracy"] >= 0.7]
        found = row["first_epoch(test_accuracy>=0.7)"]
        assert found == reached[0] if reached else math.isnan(found)
        reached = [one["epoch"] for one in history if one["train_loss"] <= 0.5]
        found = row["first_epoch(train_loss<=0.5)"]
        assert found == reached[0] if reached else math.isnan(found)


def test_curvature_and_functions_of_a_users_own():
    def margin(network):
        assert network.row["learning_rate"] in OVER["learning_rate"]
        z = network.outputs(network.test.X)
        return np.abs(z[:, 0] - z[:, 1]).mean()

    wanted = ["largest_eigenvalue", "smallest_eigenvalue", "trace", margin]
    sweep = swept(measure=wanted)
    for i in (1, 8, 16):
        run, row = sweep[i], sweep.row(i)
        matrix = rb.analysis.hessian.hessian(run.model, run.params, TRAIN.X, TRAIN.y)
        values = np.linalg.eigvalsh(matrix)
        within = 1e-6 * np.abs(values).max()
        assert row["largest_eigenvalue"] == pytest.approx(values[-1], abs=within)
        assert row["smallest_eigenvalue"] == pytest.approx(values[0], abs=within)
        assert row["trace"] == pytest.approx(np.trace(matrix), rel=1e-9)
        z = run.outputs(TEST.X)
        assert row["margin"] == pytest.approx(np.abs(z[:, 0] - z[:, 1]).mean(), rel=1e-12)


def test_networks_that_are_not_paired_have_streams_of_their_own():
    sweep = swept({"learning_rate": [0.1, 0.2]}, paired=False, seeds=range(2))
    assert len(set(sweep.column("run_seed").tolist())) == 4
    row = sweep.row(3)
    run = rb.train(
        MODEL,
        TRAIN,
        test=TEST,
        optimizer=rb.SGD(0.2),
        epochs=6,
        batch_size=10,
        seed=row["run_seed"],
        engine="reference",
    )
    assert row["test_loss"] == pytest.approx(run.history[-1]["test_loss"], rel=1e-9)


def test_the_reference_engine_and_perceptrons_train_one_by_one():
    packed, alone = swept(), swept(engine="reference", measure=["best(test_loss)", "distance"])
    np.testing.assert_allclose(alone.column("test_loss"), packed.column("test_loss"), rtol=1e-9)
    with_way = swept(measure=["best(test_loss)", "distance"])
    for name in ("best(test_loss)", "distance"):
        np.testing.assert_allclose(alone.column(name), with_way.column(name), rtol=1e-9)
    data = rb.data.gaussians(40, means=[(2, 2), (-2, -2)], seed=0)
    sweep = rb.sweep(
        rb.Perceptron(2), data, over={"learning_rate": [0.1, 1.0]}, epochs=3, progress=False
    )
    run = rb.train(rb.Perceptron(2), data, optimizer=rb.SGD(1.0), epochs=3, engine="reference")
    assert sweep.column("train_accuracy")[1] == run.history[-1]["train_accuracy"]


def test_code_that_cannot_be_compiled_trains_on_the_reference_engine():
    model = rb.Sequential([Linear(2, 3), Stateful(), Linear(3, 2)])
    with pytest.warns(UserWarning, match="the reference engine trains"):
        sweep = swept({"learning_rate": [0.1, 0.2]}, model=model, seeds=[0])
    run = rb.train(
        model,
        TRAIN,
        test=TEST,
        optimizer=rb.SGD(0.2),
        epochs=6,
        batch_size=10,
        engine="reference",
    )
    assert sweep.column("test_loss")[1] == run.history[-1]["test_loss"]
    with pytest.raises(rb.RosenblattError, match="compiled engine cannot compile"):
        swept({"learning_rate": [0.1]}, model=model, engine="compiled")


@dataclass(frozen=True)
class Anchored(Optimizer):
    """Steps along the momentum, and back to the initial weights: two slots, one not zero."""

    learning_rate: float = 0.1
    momentum: float = 0.5

    def init(self, params):
        return {"v": zeros_like(params), "anchor": {k: v.copy() for k, v in params.items()}}

    def update(self, params, grads, slots, step):
        eta, anchor = self.rate(step), slots["anchor"]
        v = {k: self.momentum * slots["v"][k] - eta * g for k, g in grads.items()}
        new = {k: w + v[k] - 0.1 * (w - anchor[k]) for k, w in params.items()}
        return new, {"anchor": anchor, "v": v}


def test_an_optimizer_of_a_users_own_whose_slots_are_not_zero():
    over = {"learning_rate": [0.1, 0.3], "momentum": [0.2, 0.7]}
    sweep = swept(over, optimizer=Anchored())
    for row in sweep.table.to_pylist():
        run = rb.train(
            MODEL,
            TRAIN,
            optimizer=Anchored(row["learning_rate"], row["momentum"]),
            epochs=6,
            batch_size=10,
            seed=row["seed"],
            engine="reference",
        )
        assert row["train_loss"] == pytest.approx(run.history[-1]["train_loss"], rel=1e-9)


def test_samples_with_weights():
    weighted = TRAIN.replace(sample_weight=np.linspace(0.5, 2, len(TRAIN)))
    sweep = swept(OVER, data=weighted, measure=["largest_eigenvalue"])
    for row in sweep.table.to_pylist()[::5]:
        run = rb.train(
            rb.MLP(2, [5], 2, init=Normal(row["init_scale"])),
            weighted,
            optimizer=rb.SGD(row["learning_rate"]),
            epochs=6,
            batch_size=10,
            seed=row["seed"],
            engine="reference",
        )
        assert row["train_loss"] == pytest.approx(run.history[-1]["train_loss"], rel=1e-9)
        ends = rb.analysis.hessian.hessian_extremes(
            run.model, run.params, weighted.X, weighted.y, sample_weight=weighted.sample_weight
        )
        assert row["largest_eigenvalue"] == pytest.approx(ends.largest, rel=1e-6)


def test_the_division_into_chunks_changes_no_bit():
    from rosenblatt.sweeps.computation import Call, networks_of
    from rosenblatt.sweeps.variants import Base, Sets

    base = Base(MODEL, Sets(TRAIN, TEST), None, rb.SGD(), 6, 10, True, "float64")
    networks = networks_of(base, Call(OVER, range(3), [], 1))
    (group,) = networks.groups
    members = [networks.member(i) for i in range(18)]
    whole = train_packed(group, networks.cells, members, Starts(), None)
    for some in ([3], [17, 0, 5], range(2, 13)):
        part = train_packed(group, networks.cells, [members[i] for i in some], Starts(), 2)
        assert np.array_equal(part.params, whole.params[:, list(some)])
        assert np.array_equal(part.final["test_loss"], whole.final["test_loss"][list(some)])


# The table


def test_table_best_and_means():
    sweep = swept()
    table = sweep.table
    assert table.column_names[:5] == ["network", "learning_rate", "init_scale", "seed", "status"]
    frame = sweep.to_pandas()
    assert frame["test_loss"].idxmin() == sweep.best("test_loss")["network"]
    assert frame["test_accuracy"].max() == sweep.best("test_accuracy")["test_accuracy"]
    assert frame["test_loss"].max() == sweep.best("test_loss", highest=True)["test_loss"]
    means = sweep.mean_over_seeds().to_pandas()
    expected = frame.groupby(["learning_rate", "init_scale"])["test_loss"].agg(["mean", "std"])
    np.testing.assert_allclose(means["test_loss"], expected["mean"], rtol=1e-12)
    np.testing.assert_allclose(means["test_loss_std"], expected["std"], rtol=1e-9)
    assert means["networks"].tolist() == [3] * 6
    assert sweep.to_polars().shape == (18, 9)
    assert repr(sweep) == "Sweep(18 networks; learning_rate: 3, init_scale: 2; seeds: 3)"
    with pytest.raises(rb.RosenblattError, match='did you mean "test_loss"'):
        sweep.best("test_los")
    with pytest.raises(IndexError, match="no network 18"):
        sweep[18]


def test_cells_as_a_list_and_drawn_ranges():
    cells = [{"learning_rate": 0.1}, {"learning_rate": 0.2, "momentum": 0.9}]
    sweep = swept(cells, seeds=[0])
    assert sweep.table["momentum"].to_pylist() == [None, 0.9]
    over = {
        "learning_rate": rb.log_uniform(1e-3, 1, n=5),
        "batch_size": [5, 10],
        "init_scale": rb.uniform(0.1, 2, n=5),
    }
    drawn = swept(over, seeds=[0])
    assert len(drawn) == 10
    pairs = set(zip(drawn.column("learning_rate"), drawn.column("init_scale"), strict=True))
    assert len(pairs) == 5
    more = swept(
        over
        | {"learning_rate": rb.log_uniform(1e-3, 1, n=7), "init_scale": rb.uniform(0.1, 2, n=7)},
        seeds=[0],
    )
    assert pairs < set(zip(more.column("learning_rate"), more.column("init_scale"), strict=True))


def test_a_sobol_sequence_fills_a_square():
    from rosenblatt.sweeps.ranges import draw

    how = {"n": 64, "method": "sobol"}
    drawn = draw({"a": rb.uniform(0, 1, **how), "b": rb.uniform(0, 1, **how)})
    cells = {(int(8 * a), int(8 * b)) for a, b in zip(drawn["a"], drawn["b"], strict=True)}
    assert len(cells) == 64


def test_maps_and_curves_show_the_means():
    sweep = swept({"learning_rate": np.logspace(-2, 0, 4), "init_scale": [0.3, 0.6, 1.2, 2.4]})
    xs, ys, means, lost = sweep.grid("learning_rate", "init_scale", "test_loss")
    frame = sweep.to_pandas()
    expected = frame.groupby(["init_scale", "learning_rate"])["test_loss"].mean()
    np.testing.assert_allclose(means.ravel(), expected, rtol=1e-12)
    assert (len(xs), len(ys), lost.max()) == (4, 4, 0)
    ax = sweep.plot_map("learning_rate", "init_scale", value="test_loss")
    assert ax.get_xlabel() == "learning rate"
    assert ax.get_xscale() == "log"
    shown = ax.collections[0].get_array()
    np.testing.assert_allclose(np.asarray(shown).ravel(), means.ravel())
    ax = sweep.plot_curves("learning_rate", value="test_loss", by="init_scale")
    assert len(ax.get_lines()) == 4
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), means[0])
    ax = sweep.plot_parallel(value="test_loss")
    assert [one.get_text() for one in ax.get_xticklabels()][:2] == [
        "learning rate",
        "initial scale",
    ]
    found = sweep.intervals(["init_scale", "learning_rate"], "test_loss")
    assert dict(zip(found.cells, found.means, strict=True)) == pytest.approx(expected.to_dict())
    rows = frame[(frame["init_scale"] == 0.3) & (frame["learning_rate"] == 1.0)]["test_loss"]
    low, high = t.interval(0.95, 2, loc=rows.mean(), scale=sem(rows))
    half = found.halves[found.cells.index((0.3, 1.0))]
    assert half == pytest.approx((high - low) / 2, rel=1e-12)
    with pytest.raises(rb.RosenblattError, match="must be a list of settings"):
        sweep.plot_parallel("learning_rate")
    with pytest.raises(rb.RosenblattError, match="1 to 16 settings, and these are 0"):
        sweep.plot_parallel([])
    for call in (sweep.plot_map, sweep.plot_curves):
        with pytest.raises(rb.RosenblattError, match='does not go over "rate"'):
            call("rate", "init_scale") if call == sweep.plot_map else call("rate")


def test_measures_without_numbers_are_empty_places():
    def never(network):
        return math.nan

    def at_times(network):
        return math.nan if network.row["learning_rate"] > 0.1 else 1.0

    sweep = swept({"learning_rate": [0.1, 1.0], "hidden": [2, 3]}, measure=[never, at_times])
    assert sweep.n_diverged == 0
    with pytest.raises(rb.RosenblattError, match="no network has a finite never"):
        sweep.best("never")
    assert sweep.best("at_times")["learning_rate"] == 0.1
    _, _, means, lost = sweep.grid("learning_rate", "hidden", "at_times")
    assert np.isnan(means).tolist() == [[False, True], [False, True]]
    assert lost.max() == 0
    for name in ("never", "at_times"):
        assert sweep.plot_map("learning_rate", "hidden", value=name).get_legend() is None
        sweep.plot_curves("learning_rate", value=name, by="hidden").figure.canvas.draw()
        ax = sweep.plot_parallel(value=name)
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["no number"]


# Refusals


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ({"learning_rat": [1]}, 'did you mean "learning_rate"'),
        ({"learning_rate": []}, "empty list"),
        ({"learning_rate": 0.1}, "must have a list of values"),
        ({"learning_rate": [0.1, 0.1]}, "twice"),
        ({"learning_rate": [0.1], "lr": [1]}, "no setting that a sweep can go over"),
        ({"learning_rate": [0.1, -1.0]}, r"learning_rate=-1\.0: .*above 0, got -1\.0"),
        ({"batch_size": [10, 41]}, "batch_size=41: batch_size is 41, but there are only 40"),
        ({"learning_rate": ["a"]}, "\"learning_rate\" is 'a'"),
        ({"seed": [1]}, "give seeds="),
        ({"engine": ["compiled"]}, "cannot differ between"),
        ({"beta1": [0.9]}, "no meaning for optimizer sgd"),
        ({"decay_factor": [0.9]}, "without a schedule"),
        ({"schedule": ["step"]}, "needs decay_every"),
        ({"init": ["he"], "init_scale": [1.0]}, "no meaning for init he"),
        ({"factor": [0.5]}, "no meaning for moons"),
        ([], "must be a mapping"),
        ([1], "cell 0 of over"),
        ({"learning_rate": rb.uniform(0, 1, n=3), "momentum": rb.uniform(0, 1, n=4)}, "drawn toge"),
    ],
)
def test_settings_that_cannot_be_are_named(over, message):
    with pytest.raises(rb.RosenblattError, match=message):
        swept(over)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"seeds": []}, "at least one seed"),
        ({"seeds": [1, 1]}, "twice"),
        ({"seeds": 3}, "must be several"),
        ({"seeds": range(10**15)}, "at most 2000000 networks"),
        ({"over": {"momentum": {"linspace": [0, 1], "n": 10**15}}}, "whole number from 1"),
        ({"measure": ["test_los"]}, 'did you mean "test_loss"'),
        ({"measure": ["validation_loss"]}, "there is no validation set"),
        ({"measure": ["best(loss)"]}, "no column of a history"),
        ({"measure": [lambda network: "a"]}, "and no number"),
        ({"engine": "fast"}, "unknown engine"),
        ({"epochs": 0}, "epochs"),
        ({"data": (TRAIN.X, TRAIN.y), "over": {"noise": [1.0]}}, "data that a generator made"),
        (
            {"model": rb.Perceptron(2), "batch_size": None, "over": {"dropout": [0.1]}},
            "only on an MLP",
        ),
    ],
)
def test_calls_that_cannot_be_are_refused(how, message):
    with pytest.raises(rb.RosenblattError, match=message):
        swept(**how)
