"""A plugin of Dask's workers that receives a shared value, also in workers that join later."""

from distributed import WorkerPlugin

from rosenblatt.executors.shared import Shared


class Receives(WorkerPlugin):  # type: ignore[misc]
    """Keeps a shared value in a worker's process."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared

    def setup(self, worker: object) -> None:
        """Receive the value."""
        self.shared.receive()

    def teardown(self, worker: object) -> None:
        """Forget the value."""
        self.shared.forget()
