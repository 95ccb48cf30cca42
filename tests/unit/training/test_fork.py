"""Branches of a run, each held against a run that was made in another way."""

from dataclasses import replace

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.engines import ReferenceEngine
from rosenblatt.errors import ConfigurationError, FileError, ShapeError
from rosenblatt.training import History
from runs import (
    NET,
    POPULATIONS,
    SEEDS,
    WORKS,
    assert_same,
    bits,
    drawn,
    go,
    small,
    without_seconds,
)

every_engine = pytest.mark.parametrize("engine", ["reference", "compiled"])
PLAIN = [name for name in WORKS if "stopping" not in name]


@every_engine
@pytest.mark.parametrize("name", PLAIN)
def test_without_a_change_it_is_the_run_itself(engine, name):
    run = go(WORKS[name], engine)
    last = run._trajectory.last
    for update in sorted({0, 1, last.update // 2, last.update - 1}):
        assert_same(run.fork(update=update), run)


@every_engine
@pytest.mark.parametrize("name", ["lanes", "perceptrons", "lanes, some diverge"])
def test_members_of_a_population(engine, name, tmp_path):
    runs = go(POPULATIONS[name], engine, SEEDS, run_dir=tmp_path)
    for run, loaded in zip(runs, rb.load_run(tmp_path), strict=True):
        assert_same(run.fork(epoch=1), run)
        assert_same(loaded.fork(update=3), run)


@every_engine
@pytest.mark.parametrize("update", [0, 7, 10, 24])
def test_another_learning_rate_is_a_schedule_that_switches(engine, update):
    def switching(step):
        return 0.1 if step < update else 0.02

    work = small(NET, optimizer=rb.SGD(0.1, momentum=0.9), eval_every=2)
    branch = go(work, engine).fork(update=update, learning_rate=0.02)
    assert_same(branch, go({**work, "optimizer": rb.SGD(switching, momentum=0.9)}, engine))


def test_another_batch_size_goes_on_by_hand():
    run = go(small(NET, optimizer=rb.Adam(0.05)), "reference")
    branch = run.fork(epoch=2, batch_size=8, epochs=4)
    job = replace(run._trajectory.job, batch_size=8)
    by_hand, _ = ReferenceEngine().run(job, run.at(2).state, range(3, 5))
    assert bits(branch.params) == bits(by_hand.params)
    assert [row["updates"] for row in branch.history] == [0, 5, 10, 13, 16]
    assert [moment.update for moment in branch.steps()] == [10, 13, 16]
    with pytest.raises(ConfigurationError, match=r"needs the end of an epoch.*take epoch=1 or 2"):
        run.fork(update=7, batch_size=8)


@every_engine
def test_edited_weights(engine):
    run = go(small(NET), engine)

    def halve(params):
        params["0.weight"] *= 0.5

    halved = {"0.weight": run.at(3)["0.weight"] * 0.5}
    branches = [
        run.fork(epoch=3, edit=edit)
        for edit in (halve, halved, lambda params: {**params, **halved})
    ]
    for branch in branches:
        assert bits(branch.at(3).params) == bits({**run.at(3).params, **halved})
        assert branch.history[3] != run.history[3]
        assert without_seconds(branch.history[:3]) == without_seconds(run.history[:3])
        # Its first row is of its own weights, not of those before the edit.
        measured = branch.at(3).evaluate(drawn())
        assert branch.history[3]["train_loss"] == pytest.approx(measured.loss, rel=1e-12)
        assert_same(branch, branches[0])
    assert bits(run.at(3).params) != bits(branches[0].at(3).params)
    end = run.fork(epoch=5, edit=halved)
    assert bits(end.params) == bits({**run.params, **halved})
    with pytest.raises(ShapeError):
        run.fork(epoch=3, edit={"0.weight": np.zeros((1, 1))})


def test_a_longer_branch_is_the_longer_run():
    # The last epoch was measured because it was the last: the branch does not.
    run = go(WORKS["momentum, off the beat"], "reference")
    longer = go(WORKS["momentum, off the beat"], "reference", epochs=9)
    assert_same(run.fork(epoch=5, epochs=9), longer)
    assert_same(run.fork(epoch=2, epochs=9), longer)


@every_engine
@pytest.mark.parametrize("first", [{"epoch": 3}, {"update": 12}])
def test_a_branch_of_a_branch(engine, first):
    run = go(WORKS["momentum, off the beat"], engine)
    branch = run.fork(**first)
    for second in ({"epoch": 4}, {"update": 17}, first):
        assert_same(branch.fork(**second), run)
    assert branch.fork(**first, learning_rate=0.2).params.keys() == run.params.keys()


def test_a_branch_in_a_folder(tmp_path):
    run = go(small(NET, optimizer=rb.Adam(0.05)), "reference", run_dir=tmp_path / "run")
    branch = run.fork(update=12, learning_rate=0.2, run_dir=tmp_path / "branch")
    assert_same(rb.load_run(tmp_path / "branch"), branch)
    assert_same(rb.resume(tmp_path / "branch"), branch)
    assert_same(
        rb.resume(tmp_path / "branch", epochs=9), run.fork(update=12, learning_rate=0.2, epochs=9)
    )
    text = (tmp_path / "branch" / "config.toml").read_text()
    assert f'run = "{tmp_path / "run"}"' in text
    with pytest.raises(FileError, match="there is a run in"):
        run.fork(epoch=1, run_dir=tmp_path / "run")


def test_what_a_branch_cannot_be():
    run = go(small(NET), "reference")
    for act, message in (
        (lambda: run.fork(epoch=9), "epoch 9 was asked for"),
        (lambda: run.fork(), "give an epoch"),
        (lambda: run.fork(epoch=3, epochs=2), "begins after 3 epochs; epochs=2 is fewer"),
        (lambda: run.fork(epoch=3, learning_rate=-1.0), "learning_rate"),
        (lambda: run.fork(epoch=3, batch_size=0), "batch_size"),
        (lambda: run.fork(epoch=3, callbacks=["log"]), "a callback must be of type Callback"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            act()


def test_callbacks_watch_the_branch():
    run, path = go(small(NET), "reference"), rb.Snapshots()
    branch = run.fork(epoch=3, callbacks=[path])
    assert sorted(path.params[3]) == [3, 4, 5]
    assert isinstance(branch.history, History)


@every_engine
@pytest.mark.parametrize("update", [0, 7, 10, 24])
def test_another_optimizer_or_loss_without_a_change_is_the_run_itself(engine, update):
    work = small(NET, optimizer=rb.SGD(0.1, momentum=0.9), loss="softmax_cross_entropy")
    run = go(work, engine)
    last = run._trajectory.last.update
    same = run.fork(
        update=min(update, last),
        optimizer=rb.SGD(0.1, momentum=0.9),
        loss=rb.losses.SoftmaxCrossEntropy(),
    )
    assert_same(same, run)


@every_engine
def test_another_weight_decay_goes_on_by_hand(engine):
    run = go(small(NET, optimizer=rb.SGD(0.1, momentum=0.9)), engine)
    decayed = rb.SGD(0.1, momentum=0.9, weight_decay=0.3)
    branch = run.fork(update=7, optimizer=decayed, epochs=3)
    job = replace(run._trajectory.job, optimizer=decayed)
    state, reference = run.at(update=7).state, ReferenceEngine()
    epoch, batch = divmod(7, job.updates_per_epoch)
    while state.update < 3 * job.updates_per_epoch:
        segment = job.next_segment(epoch, batch, 1)
        state, _ = reference.run(job, state, *segment)
        epoch, batch = job.after_segment(epoch, *segment)
    if engine == "reference":
        assert bits(branch.params) == bits(state.params)
    for name, value in state.params.items():
        np.testing.assert_allclose(branch.params[name], value, rtol=1e-9, atol=1e-12)
    assert branch.settings["optimizer"] == repr(decayed)


def test_slots_of_the_same_name_go_on_and_others_start_at_zero():
    run = go(small(NET, optimizer=rb.SGD(0.1, momentum=0.9)), "reference")
    velocity = run.at(update=7).state.slots["velocity"]

    def first(optimizer):
        return run.fork(update=7, optimizer=optimizer).at(update=7).state.slots

    assert bits(first(rb.SGD(0.5, momentum=0.2))["velocity"]) == bits(velocity)
    assert first(rb.SGD(0.5)) == {}
    slots = first(rb.Adam(0.01))
    assert slots.keys() == {"m", "v"}
    assert not any(array.any() for arrays in slots.values() for array in arrays.values())


def test_another_loss_goes_on_by_hand():
    run = go(small(NET, optimizer=rb.SGD(0.1)), "reference")
    loss = rb.losses.MeanSquaredError()
    with pytest.raises(ConfigurationError, match="MeanSquaredError"):
        run.fork(update=7, loss=loss)
    values = rb.data.Dataset(run._plan.train.X, run._plan.train.X[:, 0] * 2.0)
    run = rb.train(rb.MLP(values.n_features, [4], 1), values, batch_size=5, epochs=3, test=values)
    branch = run.fork(epoch=1, loss=loss)
    job = replace(run._trajectory.job, loss=loss)
    by_hand, _ = ReferenceEngine().run(job, run.at(1).state, range(2, 4))
    assert bits(branch.params) == bits(by_hand.params)
    expected = ReferenceEngine().evaluate(job.model, loss, branch.params, job.data)
    assert branch.history[-1]["train_loss"] == expected.loss
    assert branch.history[-1]["test_loss"] == expected.loss
    assert branch.settings["loss"] == repr(loss)


def test_a_branch_with_another_optimizer_is_saved(tmp_path):
    run = go(small(NET, optimizer=rb.SGD(0.1, momentum=0.9)), "reference")
    branch = run.fork(update=7, optimizer=rb.Adam(0.01), run_dir=tmp_path)
    assert_same(rb.load_run(tmp_path), branch)
    assert rb.load_run(tmp_path).settings["optimizer"] == repr(rb.Adam(0.01))
