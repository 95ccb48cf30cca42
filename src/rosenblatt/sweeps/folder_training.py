"""Training of the networks whose results a folder does not have."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.sweeps.chunks import Measured
from rosenblatt.sweeps.execution import Rung, train_networks
from rosenblatt.sweeps.folder import PartWriter, SweepFolder
from rosenblatt.sweeps.networks import Networks


def train_missing(
    folder: SweepFolder,
    networks: Networks,
    wanted: npt.NDArray[np.int64],
    how: Mapping[str, Any],
    rung: Rung | None = None,
) -> tuple[Measured, npt.NDArray[np.bool_]]:
    """Train networks, and write their results to a folder as they come.

    Cells that say the same in different words have one key, and are trained once.

    Args:
        folder: which is locked.
        networks: all networks of the sweep.
        wanted: the numbers of those that must have results.
        how: arguments of :func:`rosenblatt.sweeps.execution.train_networks`.
        rung: of a sweep that halves its cells, how far they train.

    Returns:
        What was measured of all networks, and which of those that were wanted are not trained,
        (networks,).
    """
    keys = networks.keys
    if rung is not None:
        keys = [networks.key_after(i, rung.epochs) for i in range(len(networks))]
    there, known = folder.results(keys, [measure.name for measure in networks.measures])
    first = {keys[i]: i for i in reversed(wanted.tolist())}
    same = np.arange(len(networks))
    same[wanted] = [first[keys[i]] for i in wanted.tolist()]
    writer = PartWriter(folder, networks, None if rung is None else rung.epochs)
    try:
        lacking = np.unique(same[wanted][~there[wanted]])
        found, missing = train_networks(
            networks, lacking.tolist(), writer.keep, known=known, rung=rung, **how
        )
    finally:
        writer.end()
    diverged, measured = found
    columns = {name: column[same] for name, column in measured.items()}
    return (diverged[same], columns), missing[same]
