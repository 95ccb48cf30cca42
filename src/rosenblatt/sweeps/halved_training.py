"""Training of a sweep whose cells are halved, rung after rung."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.sweeps.chunks import Measured
from rosenblatt.sweeps.execution import Rung, Threads, train_networks
from rosenblatt.sweeps.folder import POSITIONS, SweepFolder
from rosenblatt.sweeps.folder_training import train_missing
from rosenblatt.sweeps.halving import Halved, Plan, halve
from rosenblatt.sweeps.networks import Networks
from rosenblatt.sweeps.positions import Positions


def train_halved(
    networks: Networks, plan: Plan, folder: SweepFolder | None, how: Mapping[str, Any]
) -> Halved:
    """Train the networks that reach each rung, and return all as they were when they stopped.

    A network that trains on begins at its position at the rung before, with the bits of a training
    without a pause. Positions are in memory, and until the end in the folder. Networks that cannot
    be packed, and those of other processes or a cluster, train from their start at each rung: to
    the same bits.

    Args:
        networks: all networks of the sweep.
        plan: the rungs.
        folder: where results are written, and known ones are, or None.
        how: arguments of :func:`rosenblatt.sweeps.execution.train_networks`.
    """
    place = None if folder is None else folder.path / POSITIONS
    positions = Positions(networks.keys, plan.rungs[-1], place)
    if isinstance(how["executor"], Threads):
        how = {**how, "executor": Threads(positions)}
    before = 0

    def results(
        wanted: npt.NDArray[np.int64], epochs: int
    ) -> tuple[npt.NDArray[np.bool_], Measured]:
        nonlocal before
        rung = Rung(before, epochs, len(wanted))
        positions.keep_only(wanted.tolist(), before)
        before = epochs
        if folder is None:
            measured, missing = train_networks(networks, wanted.tolist(), rung=rung, **how)
        else:
            measured, missing = train_missing(folder, networks, wanted, how, rung)
        return ~missing, measured

    names = [measure.name for measure in networks.measures]
    found = halve(plan, len(networks), len(networks.seeds), results, names)
    if found.computed.all():
        positions.end()
    return found
