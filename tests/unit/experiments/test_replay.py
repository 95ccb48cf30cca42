"""The as-published protocols give the published numbers, to the last digit printed."""

import pytest

from rosenblatt.data import moons
from rosenblatt.experiments import full_batch, published, replay
from rosenblatt.experiments.two_gaussians import train_perceptron
from rosenblatt.experiments.two_moons import train_mlp
from rosenblatt.models import MLP, Perceptron
from rosenblatt.optimizers import SGD
from rosenblatt.training import train


@pytest.mark.parametrize("m", published.TABLE_1)
def test_table_1_is_exact(m: float) -> None:
    run = train_perceptron(*replay.gaussians(m), eval_every=1000)
    assert run.history[-1]["test_accuracy"] == published.TABLE_1[m]


@pytest.mark.parametrize("m", [2.0, 1.0])
def test_the_sum_rule_predicts_as_the_mean_rule(m: float) -> None:
    data, test = replay.gaussians(m)
    perceptron = Perceptron(2, rule="batch", scale="sum")
    run = train(perceptron, data, test=test, optimizer=SGD(0.01), epochs=1000, eval_every=1000)
    assert run.history[-1]["test_accuracy"] == published.TABLE_1[m]


def test_the_published_split_has_22_and_18_test_points() -> None:
    train_set, test_set = replay.gaussians(3.0)
    assert (len(train_set), len(test_set)) == (160, 40)
    assert [(test_set.labels == label).sum() for label in (1, -1)] == [22, 18]


@pytest.mark.parametrize("seed", published.FULL_BATCH)
def test_full_batch_mlp_is_exact(seed: int) -> None:
    history = train_mlp(seed=seed, network=1).history
    start, end, wanted = history[0], history[-1], published.FULL_BATCH[seed]
    assert start["test_accuracy"] == wanted["start_test_accuracy"]
    assert start["train_accuracy"] == wanted["start_train_accuracy"]
    assert end["test_accuracy"] == wanted["test_accuracy"]
    assert end["train_accuracy"] == wanted["train_accuracy"]
    assert end["train_loss"] == pytest.approx(wanted["train_loss"], abs=1e-6)
    assert end["test_loss"] == pytest.approx(wanted["test_loss"], abs=1e-6)


def test_the_gradient_at_the_end_explains_how_fast_the_loss_still_falls() -> None:
    findings = full_batch.collect({("replay", 42): train_mlp(seed=42, network=1)})
    loss = [row["train_loss"] for row in findings.tables["replay_curve"]]
    # To first order an update at learning rate 0.01 takes 0.01 ‖∇L‖² off the loss.
    squared_norm = (loss[-2] - loss[-1]) / 10 / 0.01
    (summary,) = findings.tables["summary"]
    assert summary["gradient_norm"] == pytest.approx(squared_norm**0.5, rel=0.01)


def test_seed_4_is_at_51_percent_after_one_update() -> None:
    assert train_mlp(seed=4, network=1, epochs=1).history[-1]["test_accuracy"] == 0.51


def test_the_eighth_network_is_exact() -> None:
    end = train_mlp(seed=42, network=8, batch_size=800).history[-1]
    assert end["test_loss"] == pytest.approx(published.BATCH_800["test_loss"], abs=5e-6)
    assert end["test_accuracy"] == published.BATCH_800["test_accuracy"]


def test_public_calls_give_the_published_data() -> None:
    parts = moons(1000, noise=0.2, seed=42).split(test_size=0.2, seed=42)
    for ours, theirs in zip(parts, replay.moons(), strict=True):
        assert ours.content_hash == theirs.content_hash


def test_networks_are_drawn_in_a_row_from_one_generator() -> None:
    model = MLP(2, [3], 2)
    first, second = (replay.initial_params(model, seed=7, network=k) for k in (1, 2))
    assert not (first["0.weight"] == second["0.weight"]).any()
    assert (second["0.bias"] == 0).all()
    assert list(first) == list(model.shapes)


def test_the_compiled_engine_replays_the_same_numbers() -> None:
    for seed, network in ((42, 1), (4, 1), (42, 8)):
        reference, compiled = (
            train_mlp(seed=seed, network=network, engine=engine).history
            for engine in ("reference", "compiled")
        )
        for column in ("train_loss", "test_loss"):
            assert compiled[column] == pytest.approx(reference[column], rel=1e-9)
        for column in ("train_accuracy", "test_accuracy"):
            assert (compiled[column] == reference[column]).all()


@pytest.mark.parametrize("m", published.TABLE_1)
def test_the_compiled_perceptron_has_table_1_too(m: float) -> None:
    data, test = replay.gaussians(m)
    run = train(
        Perceptron(2, rule="batch"),
        data,
        test=test,
        optimizer=SGD(0.01),
        epochs=1000,
        eval_every=1000,
        engine="compiled",
    )
    assert run.history[-1]["test_accuracy"] == published.TABLE_1[m]
