"""The result of a sweep: a table with a row for each network, and any network as a run."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError, given
from rosenblatt.sweeps.networks import Networks
from rosenblatt.sweeps.table import SweepTable

if TYPE_CHECKING:
    import optuna

    from rosenblatt.training.run import Run


class Sweep(SweepTable):
    """The networks that :func:`rosenblatt.sweep` has trained.

    ``sweep.table`` has a row for each network, ``sweep[i]`` is network i as a
    :class:`rosenblatt.Run`: it is trained again, alone, to the bits that it had in the sweep, and
    can be moved through, forked, contrasted and saved.

    Attributes:
        study: Optuna's, where a sampler proposed the settings, else None.

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(100, noise=0.2, seed=0)
    >>> sweep = rb.sweep(
    ...     rb.MLP(2, [4], 2), data, epochs=5, over={"learning_rate": [0.01, 0.1]}, seeds=range(3)
    ... )
    >>> len(sweep), sweep.column("train_loss").shape, sweep[4].seed
    (6, (6,), 1)
    """

    def __init__(
        self,
        networks: Networks,
        diverged: npt.NDArray[np.bool_],
        measured: Mapping[str, npt.NDArray[np.float64]],
        computed: npt.NDArray[np.bool_] | None = None,
        epochs: npt.NDArray[np.int64] | None = None,
        all_epochs: int | None = None,
        *,
        study: "optuna.Study | None" = None,
    ) -> None:
        self._networks = networks
        self.study = study
        columns = networks.settings_columns()
        names = networks.grid.names
        super().__init__(columns, names, diverged, measured, computed, epochs, all_epochs)

    def __getitem__(self, network: int) -> "Run":
        n = len(self)
        if not isinstance(network, int | np.integer) or isinstance(network, bool):
            raise ConfigurationError(f"a network is known by its number, got {given(network)}")
        if not -n <= network < n:
            raise IndexError(f"there is no network {network}; the sweep has {n}")
        number = int(network) % n
        if self._epochs is None:
            return self._networks.run(number)
        return self._networks.run(number, epochs=int(self._epochs[number]))
