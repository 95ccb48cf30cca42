"""A callback that logs runs to MLflow: to its database, or to its server."""

import importlib
import os
import re
import sqlite3
import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar

from rosenblatt.errors import ConfigurationError, FileError, given
from rosenblatt.training.callbacks.logged import (
    SECONDS_BETWEEN_WRITES,
    Ending,
    ending_of,
    error_in_flight,
    measured,
    settings_of,
)
from rosenblatt.training.in_progress import Callback, RunInProgress

STATUS = {"finished": "FINISHED", "failed": "FAILED", "killed": "KILLED"}


class MLflowLog(Callback):
    """Log runs to MLflow; ``mlflow ui --backend-store-uri sqlite:///runs.db`` shows them.

    Each run becomes one MLflow run, named after its seed, ``seed-0``. The experiment is created if
    it does not exist. MLflow's own settings, such as its tracking URI, are unchanged. Its usage
    statistics are turned off by ``MLFLOW_DISABLE_TELEMETRY`` in this process, unless that is set
    already.

    Every column of the history is a metric, with the epoch as its step: an epoch is the same amount
    of data for every batch size, and the updates are a column. Columns without a meaning are left
    out. The settings are parameters. A run ends as FINISHED, also when it was stopped; as FAILED
    if it diverged or an error ended it; as KILLED by Ctrl-C. The tag ``ended`` gives the reason.

    A resumed run continues its MLflow run, or a new one if that was deleted. Rows that were logged
    after the checkpoint stay there and are not logged twice.

    Needs the packages mlflow-skinny (or mlflow), SQLAlchemy and Alembic: ``pip install
    'rosenblatt[mlflow]'``.

    Args:
        uri: the store of MLflow: ``sqlite:///runs.db`` is a file in this folder,
            ``http://host:5000`` a server. It is saved with the run's settings, so do not put a
            password into it: MLflow takes one from the environment.
        experiment: the name of MLflow's experiment.

    Raises:
        ConfigurationError: the packages are not installed, or ``uri`` is not a URI.

    >>> import tempfile, rosenblatt as rb
    >>> data, folder = rb.data.gaussians(20, seed=0), tempfile.TemporaryDirectory()
    >>> log = rb.MLflowLog(f"sqlite:///{folder.name}/runs.db")
    >>> run = rb.train(rb.MLP(2, [], 2), data, epochs=8, callbacks=[log])
    >>> from mlflow import MlflowClient
    >>> client = MlflowClient(log.uri)
    >>> experiment = client.get_experiment_by_name("rosenblatt")
    >>> (logged,) = client.search_runs([experiment.experiment_id])
    >>> logged.data.metrics["train_loss"] == run.history[-1]["train_loss"]
    True
    >>> folder.cleanup()
    """

    serves_many: ClassVar[bool] = True
    writes_to: ClassVar[str | None] = "uri"

    def __init__(self, uri: str, *, experiment: str = "rosenblatt") -> None:
        if not isinstance(uri, str) or not re.match(r"[a-z0-9+]+://", uri):
            raise ConfigurationError(
                f"uri must be where MLflow keeps runs, like sqlite:///runs.db; got {given(uri)}"
            )
        if not isinstance(experiment, str) or not experiment:
            raise ConfigurationError(f"experiment must be a name, got {given(experiment)}")
        self.uri, self.experiment = uri, experiment
        self._library = _Library(uri)
        self._runs: dict[int, _MLflowRun] = {}

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {"uri": self.uri, "experiment": self.experiment}

    def on_start(self, run: RunInProgress) -> None:
        """Check that runs can be logged; the MLflow run is created with the first row.

        Raises:
            FileError: MLflow refuses them; also from the other hooks.
        """
        self._library.connect(self.experiment)
        self._runs[id(run)] = _MLflowRun(self._library)

    def on_evaluation(self, run: RunInProgress) -> None:
        """Log one row."""
        logged = self._runs[id(run)]
        logged.create(run)
        logged.add_row(run.metrics)

    def on_end(self, run: RunInProgress) -> None:
        """Log the waiting rows and the end of the run."""
        logged = self._runs.pop(id(run))
        logged.create(run)
        logged.end(ending_of(run, logged.error_before))

    def state(self, run: RunInProgress) -> dict[str, Any]:
        """Log all waiting rows, and return the id of the MLflow run."""
        logged = self._runs[id(run)]
        logged.flush()
        return {} if logged.id is None else {"run_id": logged.id}

    def restore(self, run: RunInProgress, state: Mapping[str, Any]) -> None:
        """Continue the MLflow run, and log its missing rows up to the checkpoint."""
        logged = self._runs[id(run)]
        logged.reopen(state.get("run_id"), run)
        logged.create(run)
        for row in run.rows:
            logged.add_row(row)


class _Library:
    """MLflow's client for one URI; its errors become FileErrors."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.is_database = not uri.startswith(("http://", "https://"))
        # Before MLflow is imported, which would start a thread that sends usage data.
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        try:
            self.module = importlib.import_module("mlflow")
            if self.is_database:
                self.database = importlib.import_module("sqlalchemy")
                importlib.import_module("alembic")
        except ImportError as error:
            raise ConfigurationError(
                f"an MLflow log needs the package {error.name or 'mlflow'}: "
                "pip install 'rosenblatt[mlflow]'"
            ) from error
        self.entities: Any = importlib.import_module("mlflow.entities")
        self.error: type[Exception] = importlib.import_module("mlflow.exceptions").MlflowException
        self.client: Any = None
        self.experiment_id = ""

    def connect(self, experiment: str) -> None:
        """Find the experiment, or create it."""
        if self.client is not None:
            return
        with self.logging():
            if self.is_database:
                self._check_database()
            client = self.module.MlflowClient(tracking_uri=self.uri)
            existing = client.get_experiment_by_name(experiment)
            if existing is None:
                try:
                    self.experiment_id = client.create_experiment(experiment)
                except self.error:
                    # Another process may have been faster.
                    existing = client.get_experiment_by_name(experiment)
                    if existing is None:
                        raise
            if existing is not None:
                self.experiment_id = existing.experiment_id
            self.client = client

    @contextmanager
    def logging(self) -> Generator[None]:
        """Turn an error of MLflow into a FileError of one line."""
        errors: tuple[type[Exception], ...] = (self.error, OSError, sqlite3.Error)
        if self.is_database:
            errors += (self.database.exc.SQLAlchemyError,)
        try:
            yield
        except errors as error:
            uri = re.sub(r"//[^/@]*@", "//...@", self.uri)
            reason = " ".join(str(error).split())
            raise FileError(f"cannot log to MLflow at {uri}: {reason}") from error

    def _check_database(self) -> None:
        """Raise if an SQLite file cannot be written: MLflow would try for two minutes."""
        url = self.database.make_url(self.uri)
        name = url.database
        if url.get_backend_name() != "sqlite" or not name or name.startswith((":", "file:")):
            return
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(name)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.rollback()


class _MLflowRun:
    """An MLflow run while it is logged."""

    def __init__(self, library: _Library) -> None:
        self.id: str | None = None
        self.error_before = error_in_flight()
        self._library = library
        self._waiting: list[Any] = []
        self._written = time.monotonic()
        self._logged: dict[str, set[int]] = {}

    def create(self, run: RunInProgress) -> None:
        """Create the run with its settings, unless it exists."""
        if self.id is not None:
            return
        library = self._library
        settings = settings_of(run)
        parameter = library.entities.Param
        with library.logging():
            created = library.client.create_run(library.experiment_id, run_name=f"seed-{run.seed}")
            self.id = created.info.run_id
            library.client.log_batch(
                self.id, params=[parameter(name, str(value)) for name, value in settings.items()]
            )

    def reopen(self, run_id: object, run: RunInProgress) -> None:
        """Continue the run with this id, if it exists in this experiment."""
        library = self._library
        if not isinstance(run_id, str):
            return
        try:
            logged_run = library.client.get_run(run_id)
        except library.error:
            return
        if (
            logged_run.info.experiment_id != library.experiment_id
            or logged_run.info.lifecycle_stage != "active"
        ):
            return
        with library.logging():
            self.id = run_id
            library.client.update_run(run_id, status="RUNNING")
            library.client.set_tag(run_id, "resumed", f"from epoch {run.epoch}")
            for name in logged_run.data.metrics:
                history = library.client.get_metric_history(run_id, name)
                self._logged[name] = {metric.step for metric in history}

    def add_row(self, row: Mapping[str, float]) -> None:
        """Log one row of the history, without metrics that were logged before."""
        now, step = int(1000 * time.time()), int(row["epoch"])
        self._waiting += [
            self._library.entities.Metric(name, value, now, step)
            for name, value in measured(row).items()
            if step not in self._logged.get(name, ())
        ]
        if time.monotonic() - self._written >= SECONDS_BETWEEN_WRITES:
            self.flush()

    def flush(self) -> None:
        """Log all waiting rows."""
        if self._waiting:
            with self._library.logging():
                self._library.client.log_batch(self.id, metrics=self._waiting)
            self._waiting = []
        self._written = time.monotonic()

    def end(self, ending: Ending) -> None:
        """Log the waiting rows and the end."""
        self.flush()
        with self._library.logging():
            self._library.client.set_tag(self.id, "ended", str(ending))
            self._library.client.set_terminated(self.id, STATUS[ending.outcome])
