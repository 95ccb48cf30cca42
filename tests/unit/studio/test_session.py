"""A session, called as the trainer's thread calls it."""

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.errors import ConfigurationError, RosenblattError
from rosenblatt.settings import parse_settings, prepare
from rosenblatt.studio.commands import COMMANDS
from studio_page import SMALL


def do(session, name, **args):
    return COMMANDS[name](session, args)


def trained(epochs=40, **changes):
    """Return the same run as the package trains it."""
    settings = {**SMALL, **changes, "epochs": epochs, "engine": "compiled"}
    prepared = prepare(parse_settings(settings))
    return rb.train(prepared.model, prepared.splits.train, **prepared.keywords())


def assert_same(params, expected):
    for name, value in expected.items():
        np.testing.assert_array_equal(params[name], value)


def test_any_update_has_the_bits_of_train(session):
    session.player.updates_per_second = None
    session.play()
    while session.position.update < 100:
        session.advance()
    session.pause()
    run = trained(epochs=-(-session.position.update // 6))
    for update in [session.position.update, 0, 1, 47, 48, 100, 63]:
        do(session, "go", update=update)
        assert session.shown.update == update
        assert_same(session.shown.params, run.at(update=update))


def test_steps_go_forward_and_back(session):
    do(session, "step", by="update", n=3)
    assert session.position.update == 3
    do(session, "step", by="epoch")
    assert (session.position.update, session.position.epoch) == (6, 1)
    do(session, "step", by="epoch", n=2)
    assert session.position.update == 18
    do(session, "step", by="update", back=True)
    assert session.position.update == 17
    do(session, "step", by="epoch", back=True)
    assert session.position.update == 12
    do(session, "step", by="epoch", back=True)
    assert session.position.update == 6
    do(session, "step", by="update", n=99, back=True)
    assert session.position.update == 0
    assert session.branch.newest == 18
    assert_same(session.position.state.params, trained().at(0))


def test_a_change_while_training_is_a_branch(session):
    do(session, "step", by="update", n=20)
    do(session, "set", key="learning_rate", value=0.5)
    assert [branch.at for branch in session.tree.branches] == [0, 20]
    do(session, "step", by="update", n=10)
    run = trained(epochs=20)
    assert_same(session.position.state.params, run.fork(update=20, learning_rate=0.5).at(update=30))
    # Before the change it is the run itself.
    do(session, "go", update=11)
    assert_same(session.position.state.params, run.at(update=11))
    assert session.branch.at == 20


def test_playing_from_an_earlier_update_replays_and_trains_on(session):
    do(session, "step", by="update", n=50)
    do(session, "go", update=5)
    session.player.updates_per_second = None
    session.play()
    while session.position.update < 80:
        session.advance()
    session.pause()
    assert len(session.tree.branches) == 1
    run = trained(epochs=-(-session.position.update // 6))
    assert_same(session.position.state.params, run.at(update=session.position.update))


def test_another_network_is_a_new_run(session):
    do(session, "step", by="update", n=5)
    do(session, "set", key="hidden", value=[3, 3])
    assert session.position.update == 0
    assert session.prepared.model.shapes["2.weight"] == (3, 3)
    do(session, "step", by="update", n=4)
    assert_same(session.position.state.params, trained(hidden=[3, 3]).at(update=4))


def test_a_change_before_the_first_update_replaces_the_run(session):
    do(session, "set", key="learning_rate", value=0.2)
    do(session, "set", key="hidden", value=[5])
    assert len(session.tree.branches) == 1
    do(session, "undo")
    do(session, "undo")
    assert session.settings["learning_rate"] == 0.1
    do(session, "redo")
    assert session.settings["learning_rate"] == 0.2
    do(session, "redo")
    with pytest.raises(ConfigurationError, match="nothing to redo"):
        do(session, "redo")


def test_another_batch_size_begins_with_an_epoch(session):
    do(session, "step", by="update", n=8)
    do(session, "set", key="batch_size", value=20)
    assert (session.branch.at, session.position.batch) == (12, 0)
    do(session, "step", by="epoch")
    assert session.position.update == 14


def test_settings_that_cannot_work_leave_the_session_as_it_was(session):
    do(session, "step", by="update", n=8)
    before = session.shown
    for key, value in [("hidden", [0]), ("optimizer", "newton"), ("batch_size", 900), ("x", 1)]:
        with pytest.raises(RosenblattError):
            do(session, "set", key=key, value=value)
    assert session.shown is before
    assert len(session.tree.branches) == 1


def test_an_edited_weight_is_a_branch(session):
    do(session, "step", by="update", n=8)
    do(session, "weight", parameter="0.weight", index=[1, 2], value=1.5)
    assert session.position.state.params["0.weight"][1, 2] == 1.5
    assert session.shown.params["0.weight"][1, 2] == 1.5
    run = trained()

    def edit(params):
        params["0.weight"][1, 2] = 1.5

    do(session, "step", by="update", n=8)
    assert_same(session.position.state.params, run.fork(update=8, edit=edit).at(update=16))
    with pytest.raises(ConfigurationError, match="from 0 to 1"):
        do(session, "weight", parameter="0.weight", index=[2, 0], value=1.5)


def test_inspect_has_value_gradient_and_last_change(session):
    do(session, "step", by="update", n=8)
    run = trained()
    found = do(session, "inspect", parameter="2.bias", index=[1])
    before, after = run.at(update=7)["2.bias"][1], run.at(update=8)["2.bias"][1]
    assert found["value"] == after
    assert found["last_change"] == after - before
    assert abs(found["gradient"]) < 1


def test_reset_is_the_same_run_again(session):
    do(session, "step", by="update", n=8)
    do(session, "set", key="momentum", value=0.9)
    do(session, "step", by="update", n=8)
    do(session, "reset")
    assert (session.position.update, session.branch.parent) == (0, None)
    do(session, "step", by="update", n=16)
    assert_same(session.position.state.params, trained(momentum=0.9).at(update=16))
    do(session, "reset")
    assert session.branch.newest == 16
    assert session.position.update == 0


def test_reseed_has_other_weights(session):
    before = session.position.state.params["0.weight"]
    do(session, "reseed")
    assert session.settings["seed"] == 4
    assert (session.position.state.params["0.weight"] != before).any()


def test_a_run_that_diverges_shows_its_last_finite_weights(session):
    do(session, "set", key="learning_rate", value=1e300)
    session.player.updates_per_second = None
    session.play()
    while session.playing:
        session.advance()
    assert "grew to" in session.shown.ended
    assert all(np.isfinite(value).all() for value in session.shown.params.values())
    do(session, "go", update=0)
    assert session.shown.ended is None


def test_training_stops_after_epochs_and_at_a_loss(session):
    session.player.updates_per_second = None
    do(session, "stop_at", epochs=5)
    session.play()
    while session.playing:
        session.advance()
    assert (session.position.epoch, session.position.batch) == (5, 0)
    assert session.shown.ended == "5 epochs are done"
    do(session, "stop_at", loss=0.3)
    session.play()
    while session.playing:
        session.advance()
    assert session.shown.metrics[0] <= 0.3


def test_edited_points_begin_a_new_run(session):
    do(session, "points", edits=[{"move": 3, "to": [2.0, 2.0]}, {"add": [0.0, 0.0], "label": 1}])
    points = session.points
    row = list(points.numbers).index(3)
    assert points.prepared.as_given(points.inputs)[row].tolist() == [2.0, 2.0]
    assert 50 in points.numbers
    do(session, "points", edits=[{"delete": 50}])
    assert 50 not in session.points.numbers
    do(session, "undo")
    assert 50 in session.points.numbers


def test_branches_can_be_shown_and_removed(session):
    do(session, "step", by="update", n=8)
    do(session, "set", key="momentum", value=0.9)
    do(session, "branch", branch=0)
    assert session.branch.id == 0
    do(session, "remove", branch=1)
    assert [branch.id for branch in session.tree.branches] == [0]
    with pytest.raises(ConfigurationError, match="there is no branch 1"):
        do(session, "branch", branch=1)
    with pytest.raises(ConfigurationError, match="shown branch"):
        do(session, "remove", branch=0)


def test_many_seeds_are_those_of_train_many(session):
    do(session, "many", seeds=5, epochs=10)
    while session.due == 0.0:
        session.advance()
    population = session.shown.many
    assert (population.epoch, population.seeds) == (10, (3, 4, 5, 6, 7))
    for seed, params in zip(population.seeds, population.params, strict=True):
        expected = trained(epochs=10, seed=seed)
        for name, value in expected.params.items():
            np.testing.assert_allclose(params[name], value, rtol=1e-9)
    do(session, "many_seed", seed=6)
    assert session.settings["seed"] == 6


def test_what_a_link_describes_replaces_what_was_not_used(session):
    session.touched = False
    session.greet("data=moons&n=40&hidden=3&batch_size=8&at=12&view.plane=%7B%22x%22:%5B-9,9%5D%7D")
    assert [branch.newest for branch in session.tree.branches] == [12]
    assert session.plane.x == (-9, 9)
    before = session.shown
    session.greet("data=circles&at=5")
    assert session.shown is before
    do(session, "undo")
    assert session.settings["hidden"] == [4]


def test_several_changes_of_a_branch_that_was_not_trained_are_one_branch(session):
    do(session, "step", by="update", n=12)
    do(session, "set", key="momentum", value=0.9)
    do(session, "weight", parameter="0.bias", index=[1], value=0.5)
    do(session, "set", key="learning_rate", value=0.3)
    assert [branch.label for branch in session.tree.branches] == [
        "start",
        "momentum 0.9, 0.bias[1] = 0.5, learning rate 0.3",
    ]
    assert session.branch.parent is session.tree.branches[0]
    do(session, "set", key="epochs", value=50)
    assert len(session.tree.branches) == 2
    assert session.settings["epochs"] == 50
