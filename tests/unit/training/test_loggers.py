"""What the loggers write, read back with the readers of TensorBoard and MLflow themselves."""

import errno
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata
from tensorboard.plugins.hparams.api_pb2 import STATUS_FAILURE, STATUS_SUCCESS

import rosenblatt as rb
from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.losses import HalfSquaredError
from rosenblatt.training.callbacks import mlflow as mlflow_module
from rosenblatt.training.callbacks import tensorboard as tensorboard_module
from rosenblatt.training.callbacks.logged import settings_of

TRAIN, TEST = rb.data.moons(60, noise=0.2, seed=0).split(test_size=20, seed=0)
MODEL = rb.MLP(2, [6], 2)


def arguments(*callbacks, **settings):
    fixed = {"test": TEST, "epochs": 6, "batch_size": 9, "engine": "reference"}
    return fixed | {"optimizer": rb.SGD(0.1, momentum=0.5), "callbacks": callbacks} | settings


def train(*callbacks, model=MODEL, data=TRAIN, **settings):
    return rb.train(model, data, **arguments(*callbacks, **settings))


def train_many(*callbacks, seeds, **settings):
    return rb.train_many(MODEL, TRAIN, seeds=seeds, **arguments(*callbacks, **settings))


def columns_with_values(run):
    return {name for name in run.history.columns if not np.isnan(run.history[name]).any()}


# Endings, alike for all loggers


class At(rb.Callback):
    """Does something at an epoch."""

    def __init__(self, epoch, action):
        self.epoch, self.action = epoch, action

    def on_evaluation(self, training):
        if training.epoch == self.epoch:
            self.action(training)


def fail(training):
    raise RuntimeError("the disk is on fire")


def interrupt(training):
    raise KeyboardInterrupt


def exit_now(training):
    raise SystemExit(3)


def stop(training):
    training.stop("seen enough")


REGRESSION = rb.data.Dataset(TRAIN.X, TRAIN.X[:, 0] + 0.5)
LINE = {"model": rb.MLP(2, [], 1), "data": REGRESSION, "test": None, "loss": HalfSquaredError()}
HUGE = {"0.weight": np.full((2, 1), 1e300), "0.bias": np.zeros(1)}

ENDINGS = {
    "whole": ((), {}, "finished"),
    "stopped": ((At(3, stop),), {}, "finished: seen enough"),
    "diverged": ((), {"optimizer": rb.SGD(1e200)}, "failed: the loss"),
    "diverged at once": ((), {"init_params": HUGE}, "failed: the loss"),
    "raised": ((At(3, fail),), {}, "failed: RuntimeError: the disk is on fire"),
    "raised at the end": ((At(6, fail),), {}, "failed: RuntimeError: the disk is on fire"),
    "interrupted": ((At(3, interrupt),), {}, "killed: KeyboardInterrupt"),
    "exited": ((At(3, exit_now),), {}, "killed: SystemExit: 3"),
}


def train_to(ending, log):
    """Train a run that ends like this; return the text that its log should have of it."""
    callbacks, settings, text = ENDINGS[ending]
    if "diverged" in ending:
        settings = LINE | settings
    try:
        with np.errstate(all="ignore"):
            train(log, *callbacks, **settings)
    except (RuntimeError, KeyboardInterrupt, SystemExit):
        assert text.startswith(("failed: RuntimeError", "killed"))
    return text


# Going on from a checkpoint


class Killed(rb.Callback):
    """Passes a run on to a log up to an epoch; then it is as if the process were killed.

    ``state`` is what a checkpoint at an earlier epoch remembers of the log.
    """

    def __init__(self, log, *, checkpoint, last):
        self.log, self.checkpoint, self.last = log, checkpoint, last

    def on_start(self, training):
        self.log.on_start(training)

    def on_evaluation(self, training):
        if training.epoch <= self.last:
            self.log.on_evaluation(training)
        if training.epoch == self.checkpoint:
            self.state = self.log.state(training)


class GoesOn(rb.Callback):
    """Calls a log's hooks as in a run that goes on from a checkpoint."""

    def __init__(self, log, state, *, checkpoint):
        self.log, self.state, self.checkpoint = log, state, checkpoint

    def on_start(self, training):
        self.log.on_start(training)

    def on_evaluation(self, training):
        if training.epoch == self.checkpoint:
            self.log.restore(training, self.state)
        elif training.epoch > self.checkpoint:
            self.log.on_evaluation(training)

    def on_end(self, training):
        self.log.on_end(training)


def assert_plain(value):
    """See that a checkpoint can hold it."""
    if isinstance(value, dict):
        for key, one in value.items():
            assert isinstance(key, str)
            assert_plain(one)
    elif not isinstance(value, np.ndarray):
        assert json.loads(json.dumps(value)) == value


# TensorBoard


def read(folder):
    """Return what TensorBoard's own reader finds in the folder of a run, everything of it."""
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
    accumulator.Reload()
    return accumulator


def text_of(found, tag):
    (event,) = found.Tensors(f"{tag}/text_summary")
    return event.tensor_proto.string_val[0].decode()


def assert_tensorboard_has(run, folder):
    found = read(folder)
    assert set(found.Tags()["scalars"]) == columns_with_values(run)
    for name in columns_with_values(run):
        events = found.Scalars(name)
        assert [event.step for event in events] == run.history["epoch"].tolist()
        # The format has 32 bits.
        expected = run.history[name].astype(np.float32).tolist()
        assert [event.value for event in events] == expected
    return found


@pytest.mark.parametrize("eval_every", [1, 4])
def test_tensorboard_reads_every_column_of_the_history(tmp_path, eval_every):
    run = train(rb.TensorBoardLog(tmp_path / "new" / "logs"), eval_every=eval_every, seed=7)
    assert len(columns_with_values(run)) == 9
    found = assert_tensorboard_has(run, tmp_path / "new" / "logs" / "seed-7")
    times = [event.wall_time for event in found.Scalars("train_loss")]
    assert times == sorted(times)


def test_tensorboard_has_no_column_without_a_value_and_has_those_of_a_perceptron(tmp_path):
    log = rb.TensorBoardLog(tmp_path)
    run = train(log, **LINE)
    found = assert_tensorboard_has(run, tmp_path / "seed-0")
    assert found.Tags()["scalars"][-1] == "train_loss"
    perceptron = rb.train(rb.Perceptron(2), TRAIN, epochs=4, callbacks=[log], engine="reference")
    found = assert_tensorboard_has(perceptron, tmp_path / "seed-0")
    assert "mistakes" in found.Tags()["scalars"]


def test_tensorboard_has_a_folder_for_each_seed_of_a_population(tmp_path):
    runs = train_many(rb.TensorBoardLog(tmp_path), seeds=[3, 11, 4])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seed-11", "seed-3", "seed-4"]
    for run in runs:
        assert_tensorboard_has(run, tmp_path / f"seed-{run.seed}")


def test_tensorboard_shows_the_settings(tmp_path):
    log = rb.TensorBoardLog(tmp_path)
    run = train(log, seed=2)
    found = read(tmp_path / "seed-2")
    plugin = found.PluginTagToContent("hparams")
    start = metadata.parse_session_start_info_plugin_data(plugin["_hparams_/session_start_info"])
    shown = {name: getattr(v, v.WhichOneof("kind")) for name, v in start.hparams.items()}
    text = text_of(found, "settings")
    for name in ("model", "loss", "optimizer", "batch_size", "epochs", "shuffle", "dtype", "seed"):
        assert shown[name] == run.settings[name]
        assert f"| {name} | `{run.settings[name]}` |" in text
    assert (shown["optimizer.learning_rate"], shown["optimizer.momentum"]) == (0.1, 0.5)
    assert shown["samples"] == 40
    experiment = metadata.parse_experiment_plugin_data(plugin["_hparams_/experiment"])
    columns = {info.name.tag for info in experiment.metric_infos}
    assert columns == {"train_loss", "train_accuracy", "test_loss", "test_accuracy"}


@pytest.mark.parametrize("ending", ENDINGS)
def test_tensorboard_says_how_a_run_ended(tmp_path, ending):
    text = train_to(ending, rb.TensorBoardLog(tmp_path))
    found = read(tmp_path / "seed-0")
    assert text_of(found, "ended").startswith(text)
    content = found.PluginTagToContent("hparams")["_hparams_/session_end_info"]
    end = metadata.parse_session_end_info_plugin_data(content)
    succeeded = text.startswith("finished")
    assert end.status == (STATUS_SUCCESS if succeeded else STATUS_FAILURE)
    assert ("train_loss" in found.Tags()["scalars"]) == (ending != "diverged at once")


def test_a_log_of_a_run_inside_an_exception_handler_is_not_a_failure(tmp_path):
    try:
        fail(None)
    except RuntimeError:
        train(rb.TensorBoardLog(tmp_path))
    assert text_of(read(tmp_path / "seed-0"), "ended") == "finished"


def test_a_new_tensorboard_log_replaces_the_one_of_that_seed_and_nothing_else(tmp_path):
    log = rb.TensorBoardLog(tmp_path)
    train_many(log, seeds=[0, 1])
    other = tmp_path / "seed-0" / "events.out.tfevents.123.somebody"
    other.write_bytes(b"not ours")
    for epochs in (4, 3, 2):
        short = train(log, epochs=epochs)
    assert_tensorboard_has(short, tmp_path / "seed-0")
    sizes = [path.stat().st_size for path in (tmp_path / "seed-0").glob("*.rosenblatt")]
    assert sum(size > 0 for size in sizes) == 1
    assert len(sizes) == 2
    assert other.exists()
    assert len(read(tmp_path / "seed-1").Scalars("epoch")) == 7


def test_a_tensorboard_that_shows_a_folder_forgets_the_log_that_was_replaced(tmp_path):
    log = rb.TensorBoardLog(tmp_path)
    train(log)
    found = read(tmp_path / "seed-0")
    train(log, epochs=2)
    found.Reload()
    assert [event.step for event in found.Scalars("train_loss")] == [0, 1, 2]


def test_a_tensorboard_log_that_goes_on_has_every_epoch_once_and_the_first_times(tmp_path):
    log = rb.TensorBoardLog(tmp_path)
    killed = Killed(log, checkpoint=2, last=4)
    train(killed)
    # The rows of a checkpoint are on the disk, whatever becomes of the process.
    before = read(tmp_path / "seed-0").Scalars("train_loss")
    assert [event.step for event in before][:3] == [0, 1, 2]
    assert_plain(killed.state)
    for file in log._files.values():
        file._close()

    log = rb.TensorBoardLog(**rb.TensorBoardLog(tmp_path).settings())
    run = train(GoesOn(log, killed.state, checkpoint=2))
    found = assert_tensorboard_has(run, tmp_path / "seed-0")
    after = found.Scalars("train_loss")
    assert [event.wall_time for event in after[:3]] == [event.wall_time for event in before[:3]]
    assert after[3].wall_time > before[2].wall_time


def test_runs_of_one_seed_at_one_time_have_folders_of_their_own(tmp_path):
    runs = train_many(rb.TensorBoardLog(tmp_path), seeds=[1, 2, 1])
    for run, name in zip(runs, ["seed-1", "seed-2", "seed-1-2"], strict=True):
        assert_tensorboard_has(run, tmp_path / name)


def test_a_resumed_run_has_every_epoch_once_in_its_tensorboard_log(tmp_path):
    log = rb.TensorBoardLog(tmp_path / "logs")
    run_dir = tmp_path / "run"
    with pytest.raises(RuntimeError):
        train(log, At(4, fail), run_dir=run_dir, checkpoint_every=0)
    assert text_of(read(tmp_path / "logs" / "seed-0"), "ended").startswith("failed")
    resumed = rb.resume(run_dir, callbacks=[log])
    found = assert_tensorboard_has(resumed, tmp_path / "logs" / "seed-0")
    assert text_of(found, "ended") == "finished"


def test_a_resumed_population_makes_its_tensorboard_log_again(tmp_path):
    logs, run_dir = tmp_path / "run" / "logs", tmp_path / "run"
    train_many(rb.TensorBoardLog(logs), seeds=[1, 2, 1], epochs=3, run_dir=run_dir)
    first = [event.wall_time for event in read(logs / "seed-2").Scalars("epoch")]
    runs = rb.resume(run_dir, epochs=6)
    for run, name in zip(runs, ["seed-1", "seed-2", "seed-1-2"], strict=True):
        assert_tensorboard_has(run, logs / name)
    assert [event.wall_time for event in read(logs / "seed-2").Scalars("epoch")][:4] == first


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"wall_times": "now"},
        {"wall_times": np.zeros((2, 2))},
        {"wall_times": np.array([1.0, 2.0])},
        {"wall_times": np.array([1.0, 2.0, 3.0, 4.0, 5.0])},
    ],
)
def test_a_tensorboard_log_goes_on_without_the_times_of_all_rows(tmp_path, state):
    run = train(GoesOn(rb.TensorBoardLog(tmp_path), state, checkpoint=2))
    assert_tensorboard_has(run, tmp_path / "seed-0")


def test_rows_reach_the_tensorboard_file_while_a_run_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(tensorboard_module, "SECONDS_BETWEEN_WRITES", 0)
    seen = []

    def look(training):
        seen.extend(event.step for event in read(tmp_path / "seed-0").Scalars("epoch"))

    train(rb.TensorBoardLog(tmp_path), At(4, look))
    assert seen == [0, 1, 2, 3, 4]


def test_a_folder_that_cannot_be_made_is_a_file_error_before_training(tmp_path):
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(FileError, match=r"cannot write the log .*seed-0.*Not a directory"):
        train(rb.TensorBoardLog(tmp_path / "logs"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
def test_a_disk_that_is_full_from_the_start_is_one_file_error(tmp_path, monkeypatch):
    full = Path("/dev/full")
    monkeypatch.setattr("tensorboardX.record_writer.open_file", lambda path: full.open("wb"))
    with pytest.raises(FileError, match=r"cannot write the log .*: No space left") as caught:
        train(rb.TensorBoardLog(tmp_path))
    assert caught.value.__cause__.__context__ is None


@pytest.mark.parametrize("method", ["write", "flush"])
def test_a_full_disk_ends_the_run_with_one_file_error(tmp_path, monkeypatch, method):
    from tensorboardX import RecordWriter

    monkeypatch.setattr(tensorboard_module, "SECONDS_BETWEEN_WRITES", 0)
    log, real, others = rb.TensorBoardLog(tmp_path), getattr(RecordWriter, method), []

    def full(self, *data):
        if (tmp_path / "full").exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(self, *data)

    class Witness(rb.Callback):
        def on_end(self, training):
            others.append("ended")

    monkeypatch.setattr(RecordWriter, method, full)
    fill = At(3, lambda training: (tmp_path / "full").touch())
    with pytest.raises(FileError, match="No space left") as caught:
        train(fill, log, Witness())
    assert isinstance(caught.value.__cause__, OSError)
    assert others == ["ended"]
    assert [event.step for event in read(tmp_path / "seed-0").Scalars("epoch")][:3] == [0, 1, 2]


# MLflow


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """Return the URI of a database, which takes seconds to create."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'runs.db'}"


@pytest.fixture
def log(database, request):
    """Return a log with an experiment of its own."""
    return rb.MLflowLog(database, experiment=request.node.name)


def client_of(log):
    # Not at the top: imported before a log is made, MLflow would send usage data.
    from mlflow import MlflowClient

    return MlflowClient(log.uri)


def logged(log):
    """Return the runs that MLflow has of a log, the first one first."""
    client = client_of(log)
    experiment = client.get_experiment_by_name(log.experiment)
    return client.search_runs([experiment.experiment_id], order_by=["start_time", "run_name"])


def assert_mlflow_has(run, log, found):
    client = client_of(log)
    assert set(found.data.metrics) == columns_with_values(run)
    for name in columns_with_values(run):
        metrics = sorted(client.get_metric_history(found.info.run_id, name), key=lambda m: m.step)
        assert [metric.step for metric in metrics] == run.history["epoch"].tolist()
        assert [metric.value for metric in metrics] == run.history[name].tolist()
        assert all(0 < metric.timestamp <= found.info.end_time for metric in metrics)


@pytest.mark.slow
def test_mlflow_reads_every_column_of_the_history_to_the_last_bit(log):
    run = train(log, eval_every=4, seed=7)
    (found,) = logged(log)
    assert len(columns_with_values(run)) == 9
    assert_mlflow_has(run, log, found)
    assert found.info.run_name == "seed-7"
    assert found.info.status == "FINISHED"


@pytest.mark.slow
def test_mlflow_takes_more_values_than_fit_into_one_call(log):
    run = train(log, epochs=150)
    assert_mlflow_has(run, log, *logged(log))


def test_mlflow_has_no_column_without_a_value_and_has_those_of_a_perceptron(log):
    first = train(log, seed=1, **LINE)
    second = rb.train(rb.Perceptron(2), TRAIN, epochs=4, callbacks=[log], engine="reference")
    for run, found in zip((second, first), sorted(logged(log), key=name_of), strict=True):
        assert_mlflow_has(run, log, found)
    assert "mistakes" in second.history.columns


def name_of(found):
    return found.info.run_name


def test_mlflow_has_a_run_for_each_seed_of_a_population(log):
    runs = train_many(log, seeds=[3, 1, 4])
    found = {name_of(one): one for one in logged(log)}
    assert sorted(found) == ["seed-1", "seed-3", "seed-4"]
    for run in runs:
        assert_mlflow_has(run, log, found[f"seed-{run.seed}"])


def test_mlflow_has_the_settings_as_parameters(log):
    run = train(log, seed=2)
    (found,) = logged(log)
    parameters = found.data.params
    for name in ("model", "loss", "optimizer", "batch_size", "epochs", "shuffle", "dtype", "seed"):
        assert parameters[name] == str(run.settings[name])
    assert (parameters["optimizer.learning_rate"], parameters["samples"]) == ("0.1", "40")


def test_a_learning_rate_that_is_a_schedule_is_a_text_only():
    seen = {}
    schedule = rb.optimizers.Cosine(0.1, updates=30)
    look = At(0, lambda training: seen.update(settings_of(training)))
    train(look, optimizer=rb.SGD(schedule))
    assert repr(schedule) in seen["optimizer"]
    assert "optimizer.learning_rate" not in seen
    assert seen["optimizer.momentum"] == 0.0


@pytest.mark.parametrize("ending", ENDINGS)
def test_mlflow_says_how_a_run_ended(log, ending):
    text = train_to(ending, log)
    (found,) = logged(log)
    status = {"finished": "FINISHED", "failed": "FAILED", "killed": "KILLED"}
    assert found.info.status == status[text.split(":")[0]]
    assert found.data.tags["ended"].startswith(text)
    assert found.info.end_time >= found.info.start_time


def test_a_second_run_is_another_run_of_mlflows(log):
    runs = [train(log, epochs=2), train(log, epochs=3)]
    for run, found in zip(runs, logged(log), strict=True):
        assert_mlflow_has(run, log, found)


def test_an_mlflow_run_that_goes_on_is_the_same_run_with_every_epoch_once(log):
    killed = Killed(log, checkpoint=2, last=4)
    train(killed)
    for one in log._runs.values():
        one.flush()
    assert_plain(killed.state)
    (before,) = logged(log)
    assert before.info.status == "RUNNING"

    again = rb.MLflowLog(**log.settings())
    run = train(GoesOn(again, killed.state, checkpoint=2))
    (found,) = logged(log)
    assert found.info.run_id == before.info.run_id
    assert found.info.status == "FINISHED"
    assert found.data.tags["resumed"] == "from epoch 2"
    for name in columns_with_values(run) - {"seconds"}:
        assert_each_step_once(log, found, name, run)
    assert_each_step_once(log, found, "seconds")


def assert_each_step_once(log, found, name, run=None):
    metrics = client_of(log).get_metric_history(found.info.run_id, name)
    assert sorted(metric.step for metric in metrics) == [0, 1, 2, 3, 4, 5, 6]
    if run is not None:
        values = [metric.value for metric in sorted(metrics, key=lambda metric: metric.step)]
        assert values == run.history[name].tolist()


def test_an_mlflow_run_that_had_finished_goes_on_with_more_epochs(log):
    states, seen = [], []
    train(log, At(6, lambda training: states.append(log.state(training))))
    look = At(8, lambda training: seen.append(logged(log)[0].info.status))
    run = train(GoesOn(log, states[0], checkpoint=6), look, epochs=9)
    (found,) = logged(log)
    assert (seen, found.info.status) == (["RUNNING"], "FINISHED")
    history = client_of(log).get_metric_history(found.info.run_id, "train_loss")
    assert [metric.value for metric in history] == run.history["train_loss"].tolist()


@pytest.mark.parametrize("how", ["after an error", "with more epochs"])
def test_a_resumed_run_goes_on_in_mlflows_run(log, tmp_path, how):
    if how == "after an error":
        with pytest.raises(RuntimeError):
            train(log, At(4, fail), run_dir=tmp_path / "run", checkpoint_every=0)
        assert logged(log)[0].info.status == "FAILED"
        run = rb.resume(tmp_path / "run", callbacks=[log])
    else:
        train(log, epochs=3, run_dir=tmp_path / "run")
        run = rb.resume(tmp_path / "run", epochs=6, callbacks=[log])
    (found,) = logged(log)
    assert found.info.status == "FINISHED"
    for name in columns_with_values(run) - {"seconds"}:
        assert_each_step_once(log, found, name, run)
    assert_each_step_once(log, found, "seconds")


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        lambda outside: rb.CSVLog(outside / "log.csv"),
        lambda outside: rb.TensorBoardLog(outside),
        lambda outside: rb.MLflowLog(f"sqlite:///{outside}/runs.db"),
    ],
    ids=["csv", "tensorboard", "mlflow"],
)
def test_a_folder_alone_makes_no_callback_write_outside_of_it(make, tmp_path):
    outside, run_dir = tmp_path / "outside", tmp_path / "run"
    outside.mkdir()
    callback = make(outside)
    train(callback, run_dir=run_dir, epochs=2)

    def files():
        found = [path for path in outside.rglob("*") if path.is_file()]
        return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in found}

    before = files()
    with pytest.raises(ConfigurationError, match=f"{type(callback).__name__} .*not in its folder"):
        rb.resume(run_dir, epochs=3)
    assert files() == before
    assert rb.resume(run_dir, epochs=3, callbacks=[callback]).history["epoch"][-1] == 3
    assert files() != before


def test_a_link_out_of_the_folder_is_outside(tmp_path):
    outside, run_dir = tmp_path / "outside", tmp_path / "run"
    outside.mkdir()
    run_dir.mkdir()
    (run_dir / "logs").symlink_to(outside)
    train(rb.CSVLog(run_dir / "logs" / "log.csv"), run_dir=run_dir, epochs=2)
    with pytest.raises(ConfigurationError, match="not in its folder"):
        rb.resume(run_dir, epochs=3)


def test_rows_of_a_checkpoint_are_with_mlflow(log):
    steps = []

    def look(training):
        state = log.state(training)
        history = client_of(log).get_metric_history(state["run_id"], "epoch")
        steps.extend(metric.step for metric in history)

    train(log, At(3, look))
    assert sorted(steps) == [0, 1, 2, 3]


@pytest.mark.parametrize("gone", ["nothing kept", "unknown", "no id", "deleted", "not ours"])
def test_a_run_that_goes_on_is_whole_in_a_new_one_of_mlflows_if_the_old_one_is_gone(log, gone):
    client = client_of(log)
    state = {"nothing kept": {}, "unknown": {"run_id": "0" * 32}, "no id": {"run_id": 7}}.get(gone)
    if state is None:
        other = gone == "not ours"
        owner = rb.MLflowLog(log.uri, experiment="somebody else's") if other else log
        train(owner, epochs=1, seed=8)
        (old,) = logged(owner)
        state = {"run_id": old.info.run_id}
        if not other:
            client.delete_run(old.info.run_id)
    run = train(GoesOn(log, state, checkpoint=2))
    (found,) = logged(log)
    assert_mlflow_has(run, log, found)
    if gone == "not ours":
        assert len(client.get_metric_history(state["run_id"], "epoch")) == 2


def test_rows_reach_mlflow_while_a_run_goes_on(log, monkeypatch):
    monkeypatch.setattr(mlflow_module, "SECONDS_BETWEEN_WRITES", 0)
    seen = []

    def look(training):
        (found,) = logged(log)
        seen.append((found.info.status, found.data.metrics["epoch"]))

    train(log, At(4, look))
    assert seen == [("RUNNING", 4.0)]


def test_every_value_is_handed_to_mlflow_once(log, monkeypatch):
    from mlflow import MlflowClient

    monkeypatch.setattr(mlflow_module, "SECONDS_BETWEEN_WRITES", 0)
    handed, log_batch = [], MlflowClient.log_batch

    def count(self, run_id, metrics=(), **others):
        handed.extend((metric.key, metric.step) for metric in metrics)
        log_batch(self, run_id, metrics=metrics, **others)

    monkeypatch.setattr(MlflowClient, "log_batch", count)
    run = train(log)
    assert len(handed) == len(set(handed)) == 9 * len(run.history)


@pytest.mark.parametrize("uri", ["runs.db", Path("runs.db"), "", None, "./mlruns"])
def test_what_is_no_uri_is_refused(uri):
    with pytest.raises(ConfigurationError, match=r"like sqlite:///runs\.db; got"):
        rb.MLflowLog(uri)
    with pytest.raises(ConfigurationError, match="experiment must be a name, got ''"):
        rb.MLflowLog("sqlite:///runs.db", experiment="")


@pytest.mark.parametrize("what", ["a folder", "no database", "below a file"])
def test_a_database_that_cannot_be_written_is_a_file_error_at_once(tmp_path, what):
    path = tmp_path / "runs.db"
    if what == "a folder":
        path.mkdir()
    else:
        path.write_text("this is no database, whatever it is called " * 100)
    if what == "below a file":
        path = path / "runs.db"
    with pytest.raises(FileError, match="cannot log to MLflow at sqlite:") as caught:
        train(rb.MLflowLog(f"sqlite:///{path}"))
    assert "\n" not in str(caught.value)


def test_an_mlflow_that_fails_on_the_way_is_a_file_error_without_the_password(log, monkeypatch):
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    def refuse(*arguments, **keywords):
        raise MlflowException("no\nroom")

    monkeypatch.setattr(MlflowClient, "log_batch", refuse)
    with pytest.raises(FileError, match=r"cannot log to MLflow at sqlite:.*: no room$"):
        train(log)
    library = log._library
    library.uri = "postgresql://me:secret@host/runs"
    shown = r"at postgresql://\.\.\.@host/runs: no room$"
    with pytest.raises(FileError, match=shown), library.logging():
        refuse()


ALONE = """
import os, socket, sys
from pathlib import Path

def refuse(self, address):
    print("called", address)
    raise OSError("no network")

socket.socket.connect = refuse
import rosenblatt as rb
log = rb.MLflowLog("sqlite:///logs/runs.db")
data = rb.data.gaussians(10, seed=0)
rb.train(rb.MLP(2, [], 2), data, epochs=2, engine="reference", callbacks=[log])
import mlflow
from mlflow.telemetry.client import get_telemetry_client
print("telemetry", get_telemetry_client(), "run", mlflow.active_run())
print("environment", *sorted(name for name in os.environ if "MLFLOW" in name))
print("files", *sorted(str(path) for path in Path().rglob("*")))
"""


@pytest.mark.slow
def test_mlflow_calls_nobody_and_writes_nowhere_else(tmp_path):
    # MLflow keeps quiet where it finds that it is tested.
    keep = {"PATH", "PYTHONPATH", "VIRTUAL_ENV", "ROSENBLATT_CACHE"}
    environment = {name: value for name, value in os.environ.items() if name in keep}
    environment["PYTHONPATH"] = str(Path(rb.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", ALONE],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=environment | {"HOME": str(tmp_path)},
    )
    assert done.stdout.splitlines() == [
        "telemetry None run None",
        "environment MLFLOW_DISABLE_TELEMETRY",
        "files logs logs/runs.db",
    ]


def test_mlflows_own_settings_stay_as_they_are(log):
    from mlflow import get_tracking_uri

    before = get_tracking_uri()
    train(log, epochs=1)
    assert get_tracking_uri() == before != log.uri


# What both have in common


@pytest.mark.parametrize(
    ("kind", "package", "extra"),
    [
        (rb.TensorBoardLog, "tensorboardX", "tensorboard"),
        (rb.MLflowLog, "mlflow", "mlflow"),
        (rb.MLflowLog, "sqlalchemy", "mlflow"),
        (rb.MLflowLog, "alembic", "mlflow"),
    ],
)
def test_a_package_that_is_missing_is_said_with_the_command(monkeypatch, kind, package, extra):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigurationError, match=rf"{package}: pip install .*\[{extra}\]"):
        kind("sqlite:///runs.db")


def test_a_run_can_be_read_without_the_packages_of_its_logs(tmp_path, monkeypatch):
    run = train(rb.TensorBoardLog(tmp_path / "logs"), run_dir=tmp_path / "run")
    before = [event.wall_time for event in read(tmp_path / "logs" / "seed-0").Scalars("epoch")]
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    again = rb.load_run(tmp_path / "run")
    assert list(again.history) == list(run.history)
    after = [event.wall_time for event in read(tmp_path / "logs" / "seed-0").Scalars("epoch")]
    assert after == before


def test_settings_give_an_equal_callback(tmp_path):
    for log in (rb.TensorBoardLog(tmp_path), rb.MLflowLog("sqlite:///a.db", experiment="mine")):
        settings = json.loads(json.dumps(log.settings()))
        assert type(log)(**settings).settings() == settings
    assert settings == {"uri": "sqlite:///a.db", "experiment": "mine"}


def test_a_log_changes_nothing_of_a_run(tmp_path, log):
    plain, watched = train(), train(log, rb.TensorBoardLog(tmp_path))
    for name, value in plain.params.items():
        np.testing.assert_array_equal(watched.params[name], value)
    assert math.isfinite(plain.history["train_loss"][-1])
