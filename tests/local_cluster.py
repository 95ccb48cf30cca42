"""A Dask cluster of workers in processes of this machine."""

import logging
from contextlib import contextmanager

import pytest


@contextmanager
def local_cluster(n_workers):
    """Start the workers, each with one thread; skip the test where Dask is not installed."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=n_workers,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    ) as cluster:
        yield cluster
