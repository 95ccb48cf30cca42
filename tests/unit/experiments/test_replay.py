"""The protocols of the source give the known numbers, to the last digit printed."""

import pytest

from rosenblatt.data import moons
from rosenblatt.experiments import e2_distance, full_batch, reference_numbers, replay, two_moons
from rosenblatt.experiments.two_moons import train_replay
from rosenblatt.models import MLP, Perceptron
from rosenblatt.optimizers import SGD
from rosenblatt.training import train


@pytest.mark.parametrize("m", reference_numbers.TABLE_1)
def test_table_1_is_exact(m: float) -> None:
    (end,) = e2_distance.replayed(m)["end"]
    assert end["test_accuracy"] == reference_numbers.TABLE_1[m]


def test_table_1_is_as_printed():
    assert reference_numbers.TABLE_1 == {
        **{10.0: 1.0, 5.0: 1.0, 3.0: 1.0, 2.0: 0.85},
        **{1.0: 0.475, 0.5: 0.5, 0.0: 0.575},
    }


def test_the_last_epochs_of_the_replay_go_to_and_fro() -> None:
    tables = e2_distance.replayed(1.0)
    path = [row["test_accuracy"] for row in tables["trajectory"]]
    assert [row["epoch"] for row in tables["trajectory"]] == list(range(501, 1001))
    assert (min(path), max(path)) == (0.375, 0.7)
    assert path[-1] == tables["end"][0]["test_accuracy"]
    assert e2_distance.replayed(2.0)["trajectory"] == []


@pytest.mark.parametrize("m", [2.0, 1.0])
def test_the_sum_rule_predicts_as_the_mean_rule(m: float) -> None:
    data, test = replay.gaussians(m)
    perceptron = Perceptron(2, rule="batch", scale="sum")
    run = train(perceptron, data, test=test, optimizer=SGD(0.01), epochs=1000, eval_every=1000)
    assert run.history[-1]["test_accuracy"] == reference_numbers.TABLE_1[m]


def test_the_split_of_the_source_has_22_and_18_test_points() -> None:
    train_set, test_set = replay.gaussians(3.0)
    assert (len(train_set), len(test_set)) == (160, 40)
    assert [(test_set.labels == label).sum() for label in (1, -1)] == [22, 18]


@pytest.mark.cases(1)
@pytest.mark.parametrize("seed", reference_numbers.FULL_BATCH)
def test_full_batch_mlp_is_exact(seed: int) -> None:
    history = train_replay(seed=seed, network_number=1).history
    start, end, wanted = history[0], history[-1], reference_numbers.FULL_BATCH[seed]
    assert start["test_accuracy"] == wanted["start_test_accuracy"]
    assert start["train_accuracy"] == wanted["start_train_accuracy"]
    assert end["test_accuracy"] == wanted["test_accuracy"]
    assert end["train_accuracy"] == wanted["train_accuracy"]
    assert end["train_loss"] == pytest.approx(wanted["train_loss"], abs=1e-6)
    assert end["test_loss"] == pytest.approx(wanted["test_loss"], abs=1e-6)


@pytest.mark.slow
def test_the_gradient_at_the_end_explains_how_fast_the_loss_still_falls() -> None:
    tables = full_batch.replayed(seed=42)
    loss = [row["train_loss"] for row in tables["curve"]]
    # To first order an update at learning rate 0.01 takes 0.01 ‖∇L‖² off the loss.
    squared_norm = (loss[-2] - loss[-1]) / 10 / 0.01
    (summary,) = tables["summary"]
    assert summary["gradient_norm"] == pytest.approx(squared_norm**0.5, rel=0.01)
    assert [row["epoch"] for row in tables["curve"]] == list(range(0, 1501, 10))


def test_seed_4_is_at_51_percent_after_one_update(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_moons, "EPOCHS", 1)
    assert train_replay(seed=4, network_number=1).history[-1]["test_accuracy"] == 0.51


def test_the_eighth_network_is_exact() -> None:
    end = train_replay(seed=42, network_number=8, batch_size=800).history[-1]
    assert end["test_loss"] == pytest.approx(reference_numbers.BATCH_800["test_loss"], abs=5e-6)
    assert end["test_accuracy"] == reference_numbers.BATCH_800["test_accuracy"]


def test_public_calls_give_the_data_of_the_source() -> None:
    parts = moons(1000, noise=0.2, seed=42).split(test_size=0.2, seed=42)
    for ours, theirs in zip(parts, replay.moons(), strict=True):
        assert ours.content_hash == theirs.content_hash


def test_networks_are_drawn_in_a_row_from_one_generator() -> None:
    model = MLP(2, [3], 2)
    first, second = (replay.initial_params(model, seed=7, network=k) for k in (1, 2))
    assert not (first["0.weight"] == second["0.weight"]).any()
    assert (second["0.bias"] == 0).all()
    assert list(first) == list(model.shapes)


@pytest.mark.cases(1)
@pytest.mark.parametrize(("seed", "network"), [(42, 1), (4, 1), (42, 8)])
def test_the_compiled_engine_replays_the_same_numbers(seed: int, network: int) -> None:
    # Without a batch size the reference engine trains.
    reference, compiled = (
        train_replay(seed=seed, network_number=network, batch_size=size) for size in (None, 800)
    )
    assert (reference.settings["engine"], compiled.settings["engine"]) == ("reference", "compiled")
    for column in ("train_loss", "test_loss"):
        assert compiled.history[column] == pytest.approx(reference.history[column], rel=1e-9)
    for column in ("train_accuracy", "test_accuracy"):
        assert (compiled.history[column] == reference.history[column]).all()


@pytest.mark.parametrize("m", reference_numbers.TABLE_1)
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
    assert run.history[-1]["test_accuracy"] == reference_numbers.TABLE_1[m]
