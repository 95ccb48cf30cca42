"""The measure of convergence as a column: that of the histories of the runs."""

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.analysis.trainability import convergence
from rosenblatt.losses import PerceptronCriterion

RNG = np.random.default_rng(0)
DATA = rb.data.Dataset(RNG.standard_normal((30, 3)), RNG.standard_normal(30))
MODEL = rb.MLP(3, [4], 1, activation="tanh")
RATES = [0.01, 0.05, 100.0, 1e200]
EPOCHS = 25


def swept(**how):
    how = {"epochs": EPOCHS, "progress": False, "measure": ["convergence"], **how}
    return rb.sweep(MODEL, DATA, over={"learning_rate": RATES}, **how)


def of_history(row, **how):
    run = rb.train(
        MODEL, DATA, optimizer=rb.SGD(row["learning_rate"]), epochs=EPOCHS, seed=row["seed"], **how
    )
    losses = np.full(EPOCHS, np.nan)
    found = run.history["train_loss"][:EPOCHS]
    losses[: len(found)] = found
    return convergence(losses)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("batch_size", [None, 10])
def test_it_is_that_of_the_histories(engine, batch_size):
    sweep = swept(engine=engine, batch_size=batch_size, seeds=[0, 5])
    assert sweep.n_diverged > 0
    for row in sweep.table.to_pylist():
        expected = of_history(row, batch_size=batch_size, engine="reference")
        assert row["convergence"] == pytest.approx(float(expected), rel=1e-6)
    assert (sweep.column("convergence") < 0).any()
    assert (sweep.column("convergence") > 0).any()


def test_losses_of_updates_are_those_of_evaluations():
    """A full batch needs no evaluation; with another measure on the way, epochs are evaluated."""
    fast = swept()
    slow = swept(measure=["convergence", "best(test_loss)"], test=DATA)
    assert fast._networks.groups[0].has_losses
    assert not slow._networks.groups[0].has_losses
    np.testing.assert_allclose(fast.column("convergence"), slow.column("convergence"), rtol=1e-9)
    run = fast[1]
    third = (run.history["train_loss"][2] + run.history["train_loss"][3]) / 2
    first = f"first_epoch(train_loss<={third:g})"
    best = swept(measure=["best(train_loss)", first])
    assert best._networks.groups[0].has_losses
    assert best.row(1)[first] == 3
    run = best[0]
    assert best.row(0)["best(train_loss)"] == pytest.approx(min(run.history["train_loss"]))
    assert run.history["train_loss"][-1] == best.row(0)["train_loss"]


@pytest.mark.parametrize(
    ("model", "weights"), [(rb.MLP(3, [4], 1, dropout=0.5), None), (MODEL, np.linspace(1, 2, 30))]
)
def test_where_the_losses_of_updates_are_others_epochs_are_evaluated(model, weights):
    data = DATA if weights is None else DATA.replace(sample_weight=weights)
    sweep = rb.sweep(
        model,
        data,
        over={"learning_rate": [0.1]},
        epochs=5,
        measure=["convergence"],
        engine="compiled",
        progress=False,
    )
    assert not sweep._networks.groups[0].has_losses
    losses = rb.train(model, data, optimizer=rb.SGD(0.1), epochs=5).history["train_loss"][:5]
    assert sweep.row(0)["convergence"] == pytest.approx(float(convergence(losses)), rel=1e-9)


def test_a_criterion_that_divides_by_its_mistakes_is_compiled_all_the_same():
    sweep = rb.sweep(
        rb.MLP(2, [], 1),
        rb.data.gaussians(20, means=[[0, 0], [2, 2]]),
        over={"learning_rate": [0.1]},
        loss=PerceptronCriterion("mistakes"),
        epochs=3,
        measure=["convergence"],
        progress=False,
    )
    assert sweep._networks.groups[0].engine.name == "compiled"
    assert sweep.column("convergence")[0] < 0
