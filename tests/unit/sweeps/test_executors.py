"""Who trains a sweep: threads, processes and a Dask cluster give the same table and files."""

import os
import pickle
import signal
import threading

import numpy as np
import pytest

import rosenblatt as rb
from local_cluster import local_cluster
from rosenblatt.errors import ConfigurationError
from rosenblatt.executors.environment import whole_package
from rosenblatt.executors.processes import Processes
from rosenblatt.layers import Activation
from rosenblatt.sweeps import groups, workers

TRAIN, TEST = rb.data.moons(60, noise=0.2, seed=3).split(test_size=20, seed=1)
MODEL = rb.MLP(2, [5], 2, init="normal")
OVER = {"learning_rate": [0.05, 0.5, 2.0, 1e9], "batch_size": [10, None], "noise": [0.1, 0.3]}
HOW = {"test": TEST, "seeds": range(3), "epochs": 4, "batch_size": 10, "progress": False}


@pytest.fixture(autouse=True)
def _short_chunks(monkeypatch):
    monkeypatch.setattr(groups, "MOST_PER_CHUNK", 8)


@pytest.fixture
def inline(monkeypatch):
    """Workers that get all that processes get, as bytes, and compute in this one."""

    class Inline(Processes):
        def run(self, function, items, *, shared, tick):
            shared.receive()
            for place, item in enumerate(items):
                tick()
                function = pickle.loads(pickle.dumps(function))
                yield place, function(pickle.loads(pickle.dumps(item)))
            shared.forget()

    monkeypatch.setattr(workers, "Processes", Inline)
    monkeypatch.setattr("joblib.cpu_count", lambda: 2)


@pytest.fixture(scope="module")
def cluster():
    with local_cluster(3) as found:
        yield found


def contents(folder):
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "lock"]
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in files
        if path.name != "config.toml"
    }


def assert_same_but_for_nan(sweep, other):
    assert sweep.table.drop_columns(list(sweep.measures)).equals(
        other.table.drop_columns(list(other.measures))
    )
    assert sweep.measures == other.measures
    for name in sweep.measures:
        assert np.array_equal(sweep.column(name), other.column(name), equal_nan=True)


def killing(marker):
    """Return a measure whose process is killed the first time that it is called."""

    def norm(network):
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return sum((values**2).sum() for values in network.params.values())

    return norm


@pytest.mark.slow
def test_processes_of_which_one_is_killed_give_the_files_of_threads(tmp_path, monkeypatch):
    monkeypatch.setattr("joblib.cpu_count", lambda: 2)
    marker = tmp_path / "killed"
    how = HOW | {"over": OVER, "measure": [killing(marker), "distance"]}
    found = rb.sweep(MODEL, TRAIN, folder=tmp_path / "a", executor="processes", **how)
    assert marker.exists()
    assert_same_but_for_nan(found, rb.sweep(MODEL, TRAIN, folder=tmp_path / "b", **how))
    assert found.n_diverged > 0
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


@pytest.mark.slow
def test_a_cluster_of_which_a_worker_is_killed_gives_the_files_of_threads(tmp_path, cluster):
    marker = tmp_path / "killed"
    how = HOW | {"over": OVER, "measure": [killing(marker), "distance"]}
    address = cluster.scheduler_address
    found = rb.sweep(MODEL, TRAIN, folder=tmp_path / "a", executor=address, **how)
    assert marker.exists()
    assert_same_but_for_nan(found, rb.sweep(MODEL, TRAIN, folder=tmp_path / "b", **how))
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


@pytest.mark.slow
def test_a_client_stays_open_and_workers_forget_the_sweep(cluster):
    from distributed import Client

    with Client(cluster, set_as_default=False) as client:
        found = rb.sweep(MODEL, TRAIN, over={"learning_rate": [0.1]}, executor=client, **HOW)
        assert len(found) == 3
        assert set(client.run(_count_shared).values()) == {0}
        with pytest.raises(ConfigurationError, match="unknown executor 'thread'; did you mean"):
            rb.sweep(MODEL, TRAIN, over={"learning_rate": [0.1]}, executor="thread", **HOW)


def _count_shared():
    from rosenblatt.executors import shared

    return len(shared._contents) + len(shared._values)


class Bent(Activation):
    """An activation of a user's own."""

    def forward(self, params, x):
        return x + 0.1 * x**2, x

    def backward(self, params, cache, dy):
        return dy * (1 + 0.2 * cache), {}


@pytest.mark.parametrize(
    ("model", "over", "how"),
    [
        (MODEL, {"schedule": ["cosine", "constant"], "momentum": [0.5, 0.9]}, {}),
        (MODEL, [{"optimizer": "adam"}, {"hidden": [3, 4]}, {"dropout": 0.3}], {"paired": False}),
        (MODEL, {"dtype": ["float32", "float64"]}, {"measure": ["best(test_accuracy)"]}),
        (MODEL, {"learning_rate": [0.1, 1e9]}, {"engine": "reference"}),
        (MODEL, {"learning_rate": [0.1, 1.0]}, {"measure": ["largest_eigenvalue", "trace"]}),
        (MODEL, {"batch_size": [None]}, {"measure": ["best(train_loss)"]}),
        (MODEL, {"learning_rate": [0.03, 0.1, 0.3, 1.0]}, {"halving": True}),
        (
            rb.MLP(2, [3], 2, activation=Bent()),
            {"learning_rate": [0.1, 0.2], "batch_size": [5]},
            {},
        ),
        (rb.Perceptron(2), {"learning_rate": [0.1, 0.2]}, {"batch_size": None}),
    ],
)
def test_a_worker_trains_each_kind_of_network_to_the_same_bits(inline, model, over, how):
    threads = rb.sweep(model, TRAIN, over=over, **HOW | how)
    found = rb.sweep(model, TRAIN, over=over, executor="processes", **HOW | how)
    assert_same_but_for_nan(found, threads)


def test_an_error_names_the_network_and_where_it_was_raised(inline):
    def wrong(network):
        return 1 / (network.row["learning_rate"] - 0.5)

    for executor in ("threads", "processes"):
        with pytest.raises(ZeroDivisionError) as caught:
            rb.sweep(
                MODEL,
                TRAIN,
                over={"learning_rate": [0.1, 0.5]},
                measure=[wrong],
                executor=executor,
                **HOW,
            )
        assert caught.value.__notes__[0] == "at the network with learning_rate=0.5, seed=0"
    assert "in wrong" in caught.value.__notes__[1]


def test_an_exception_that_cannot_be_sent_arrives_as_its_text(inline):
    class MineError(Exception):
        def __init__(self, one, two):
            super().__init__(f"{one} and {two}")

    def wrong(network):
        raise MineError("this", "that")

    with pytest.raises(RuntimeError, match="MineError: this and that"):
        rb.sweep(
            MODEL,
            TRAIN,
            over={"learning_rate": [0.1]},
            measure=[wrong],
            executor="processes",
            **HOW,
        )


def test_what_cannot_be_sent_is_told(inline):
    lock = threading.Lock()

    def measure(network):
        with lock:
            return 0.0

    with pytest.raises(ConfigurationError, match=r"cannot be sent to other processes.*lock"):
        rb.sweep(
            MODEL,
            TRAIN,
            over={"learning_rate": [0.1]},
            measure=[measure],
            executor="processes",
            **HOW,
        )


def test_other_processors_on_a_cluster_are_told():
    import dataclasses
    from types import SimpleNamespace

    other = dataclasses.replace(whole_package(), processor="another")
    cluster = SimpleNamespace(environments=lambda: [whole_package(), other])
    with pytest.warns(UserWarning, match=r"other processors than this machine \(another\)"):
        workers._warn_of_processors(cluster)


@pytest.mark.slow
@pytest.mark.parametrize("wanted", [3, None, object()])
def test_an_executor_that_is_none_is_refused(wanted):
    with pytest.raises(ConfigurationError, match="executor must be"):
        rb.sweep(MODEL, TRAIN, over={"learning_rate": [0.1]}, executor=wanted, **HOW)
