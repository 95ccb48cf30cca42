"""Settings that a sampler of Optuna proposes, with the real library."""

import math

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.sweeps import read_sweep, resume_sweep

optuna = pytest.importorskip("optuna")

TRAIN, VALIDATION = rb.data.moons(60, noise=0.2, seed=3).split(test_size=20, seed=1)
MODEL = rb.MLP(2, [4], 2)
OVER = {"learning_rate": rb.log_uniform(0.001, 3), "hidden": [[3], [4, 2]], "batch_size": [10, 20]}


def swept(n=24, sampler=None, **how):
    settings = {"seeds": range(4), "validation": VALIDATION, "epochs": 3, "progress": False}
    settings |= {"over": OVER} | how
    if sampler is None:
        sampler = optuna.samplers.TPESampler(seed=0, n_startup_trials=8)
    return rb.sweep(MODEL, TRAIN, sampler=sampler, n=n, **settings)


@pytest.fixture(scope="module")
def sweep():
    return swept()


def test_trials_have_the_means_of_their_cells(sweep):
    trials = sweep.study.trials
    assert len(trials) == 24
    means = sweep.to_pandas().groupby(["learning_rate", "hidden", "batch_size"])
    losses = means["validation_loss"].mean()
    for trial in trials:
        cell = tuple(trial.params[name] for name in ("learning_rate", "hidden", "batch_size"))
        assert trial.value == pytest.approx(losses[cell], rel=1e-12)
        assert trial.user_attrs["validation_loss"] == trial.value
    assert sweep.study.direction.name == "MINIMIZE"
    assert sweep.study.user_attrs["objective"] == "validation_loss"
    assert sweep.study.best_value == min(sweep.mean_over_seeds()["validation_loss"].to_pylist())


def test_every_network_is_the_one_that_train_makes_of_its_settings(sweep):
    for i in (0, 41, 95):
        row = sweep.row(i)
        run = rb.train(
            rb.MLP(2, [int(width) for width in row["hidden"].split(",")], 2),
            TRAIN,
            optimizer=rb.SGD(row["learning_rate"]),
            validation=VALIDATION,
            epochs=3,
            batch_size=row["batch_size"],
            seed=row["seed"],
            engine="reference",
        )
        assert row["validation_loss"] == pytest.approx(run.history[-1]["validation_loss"], rel=1e-9)
        assert sweep[i].history[-1]["validation_loss"] == row["validation_loss"]


def test_proposals_are_optunas_own_of_batches_that_fill_the_lanes(sweep):
    """The same sampler, asked by hand in batches of 32 / 4 trials and told the same values."""
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0, n_startup_trials=8))
    distributions = sweep.study.trials[0].distributions
    told = sweep.study.trials
    for start in range(0, 24, 8):
        trials = [study.ask(distributions) for _ in range(8)]
        for trial in trials:
            assert trial.params == told[trial.number].params
        for trial in trials:
            study.tell(trial, told[trial.number].value)
        assert trials[0].number == start


def test_the_same_seed_proposes_the_same(sweep):
    again = swept()
    assert again.table.equals(sweep.table)
    assert not swept(8, optuna.samplers.TPESampler(seed=1)).table.equals(sweep.table.slice(0, 32))


def test_a_network_has_the_same_bits_however_many_are_proposed_with_it():
    how = {"over": {"learning_rate": rb.log_uniform(0.1, 1)}, "batch_size": None, "seeds": [0]}
    few = swept(3, optuna.samplers.RandomSampler(seed=0), **how)
    many = swept(40, optuna.samplers.RandomSampler(seed=0), **how)
    assert few.table.equals(many.table.slice(0, 3))
    assert few[0].history[-1]["train_loss"] == few.row(0)["train_loss"]


def test_a_sampler_finds_what_is_better(sweep):
    losses = [trial.value for trial in sweep.study.trials]
    assert np.median(losses[16:]) < np.median(losses[:8])


def test_accuracies_grow(tmp_path):
    found = swept(8, objective="validation_accuracy", seeds=[0])
    assert found.study.direction.name == "MAXIMIZE"
    best = found.best("validation_accuracy")["validation_accuracy"]
    assert found.study.best_value == best


def test_diverged_trials_are_pruned_and_whole_numbers_are_whole():
    over = {"learning_rate": rb.log_uniform(0.001, 1e12), "batch_size": rb.uniform(4.5, 9.5)}
    values = TRAIN.X, TRAIN.X[:, 0]
    sampler = optuna.samplers.RandomSampler(seed=0)
    model = rb.MLP(2, [4], 1, activation="relu")
    found = rb.sweep(model, values, over=over, sampler=sampler, n=32, epochs=10, progress=False)
    states = {trial.state.name for trial in found.study.trials}
    assert states == {"COMPLETE", "PRUNED"}
    for trial, row in zip(found.study.trials, found.table.to_pylist(), strict=True):
        assert trial.params["batch_size"] == row["batch_size"]
        assert 5 <= row["batch_size"] <= 9
        assert (trial.state.name == "PRUNED") == (row["status"] == "diverged")
        assert math.isnan(row["train_loss"]) == (row["status"] == "diverged")


def test_settings_that_are_proposed_twice_are_trained_once():
    over = {"batch_size": [10, 20], "hidden": [[3], [4]]}
    found = swept(12, optuna.samplers.RandomSampler(seed=0), over=over, seeds=[0])
    assert len(found.study.trials) == 12
    assert len(found) <= 4
    assert {trial.value for trial in found.study.trials} == set(found.column("validation_loss"))


def test_a_grid_of_optuna_and_its_distributions():
    grid = {"learning_rate": [0.01, 0.1], "momentum": [0.0, 0.5]}
    uniform = optuna.distributions.FloatDistribution(0, 1)
    over = {"learning-rate": uniform, "optimizer.momentum": uniform}
    found = swept(9, optuna.samplers.GridSampler(grid, seed=0), over=over)
    settings = set(zip(found.column("learning_rate"), found.column("momentum"), strict=True))
    assert settings == {(a, b) for a in grid["learning_rate"] for b in grid["momentum"]}


# Storages and folders


@pytest.mark.slow
def test_a_storage_keeps_the_study_and_counts_its_trials(tmp_path):
    url = f"sqlite:///{tmp_path}/study.db"
    first = swept(8, storage=url)
    longer = swept(16, optuna.samplers.TPESampler(seed=9), storage=url)
    assert len(longer.study.trials) == 16
    assert longer.table.slice(0, 32).equals(first.table)
    loaded = optuna.load_study(study_name="sweep", storage=url)
    assert loaded.best_value == longer.study.best_value
    with pytest.raises(rb.RosenblattError, match='study "sweep" is of another sweep'):
        swept(20, storage=url, epochs=4)
    assert len(swept(8, storage=url, study="b", epochs=4).study.trials) == 8


def test_a_study_of_ones_own():
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    found = rb.sweep(MODEL, TRAIN, over=OVER, epochs=2, study=study, n=3, progress=False)
    assert found.study is study
    assert len(study.trials) == 3
    with pytest.raises(rb.RosenblattError, match="does not maximize"):
        rb.sweep(MODEL, TRAIN, over=OVER, study=study, n=4, objective="train_accuracy")


def test_an_interrupted_sweep_is_continued_by_the_same_call(tmp_path, monkeypatch, sweep):
    counts = []
    from rosenblatt.sweeps import chunks

    train = chunks.train_packed

    def counted(group, cells, members, *more, **how):
        if len(counts) == 5:
            raise KeyboardInterrupt
        counts.append(len(members))
        return train(group, cells, members, *more, **how)

    monkeypatch.setattr(chunks, "train_packed", counted)
    study = optuna.create_study()
    sampler = optuna.samplers.TPESampler(seed=0, n_startup_trials=8)
    with pytest.raises(KeyboardInterrupt, match="the same call"):
        swept(sampler=sampler, study=study, folder=tmp_path / "a")
    assert {trial.state.name for trial in study.trials} == {"COMPLETE", "FAIL"}
    partial = read_sweep(tmp_path / "a")
    assert 0 < partial.n_missing < len(partial)
    done, counts[:] = sum(counts), [0] * 6
    with pytest.raises(rb.RosenblattError, match="TPESampler chose the settings"):
        resume_sweep(tmp_path / "a")
    again = swept(folder=tmp_path / "a")
    assert done + sum(counts) == len(again)
    assert again.table.equals(sweep.table)
    assert read_sweep(tmp_path / "a").table.equals(sweep.table)


def test_a_budget_ends_the_trials():
    found = swept(24, max_epochs=3 * 4 * 10)
    assert len(found) == 64
    assert found.n_missing == 64 - 40
    states = [trial.state.name for trial in found.study.trials]
    assert (states.count("COMPLETE"), states.count("FAIL")) == (10, 6)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"n": None}, "n"),
        ({"n": 0}, "n must be"),
        ({"sampler": "tpe"}, "sampler must be one of Optuna"),
        ({"study": 3}, "study must be one of Optuna"),
        ({"objective": "validation_los"}, 'did you mean "validation_loss"'),
        ({"halving": True}, "either halving or a sampler"),
        ({"over": [{"learning_rate": 1}]}, "over must be a mapping"),
        ({"over": {"learning_rat": [1]}}, 'did you mean "learning_rate"'),
        ({"over": {"learning_rate": []}}, "empty list"),
        ({"over": {"batch_size": rb.uniform(4.2, 4.8)}}, "no whole number between"),
        ({"over": {"batch_size": [41]}}, "batch_size=41: batch_size is 41"),
        ({"over": {"learning_rate": rb.uniform(-2, -1)}}, r"learning_rate=-1\.\d+: "),
    ],
)
def test_arguments_that_cannot_be_are_refused(how, message):
    with pytest.raises(rb.RosenblattError, match=message):
        swept(**how)


def test_ranges_without_a_number_and_n_are_for_samplers():
    with pytest.raises(rb.RosenblattError, match="range without a number of values"):
        rb.sweep(MODEL, TRAIN, over=OVER)
    with pytest.raises(rb.RosenblattError, match="n and objective are for a sampler"):
        rb.sweep(MODEL, TRAIN, over={"learning_rate": [1]}, n=3)
