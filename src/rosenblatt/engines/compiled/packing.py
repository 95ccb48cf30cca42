"""States of members in the kernels' layout, and back."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.base import Job, State
from rosenblatt.engines.compiled import lanes, matrices, shards, updates
from rosenblatt.engines.compiled.memory import aligned
from rosenblatt.engines.compiled.program import LANES, Program, rule_of
from rosenblatt.layers import Params
from rosenblatt.optimizers.base import is_weight

SLOTS = {
    updates.SGD: (),
    updates.MOMENTUM: ("velocity",),
    updates.NESTEROV: ("velocity",),
    updates.RMSPROP: ("mean_square",),
    updates.ADAM: ("m", "v"),
    updates.ADAMW: ("m", "v"),
}


class Desk:
    """What a thread works on: the states of members in the kernels' layout, and room beside them.

    One member has parameters (n,); several have (n, lanes), one in each lane and the first repeated
    in lanes that are left over. n is rounded up to whole vectors. A desk serves all members that
    differ in seed, state, orders and learning rate only, one lot after the other.
    """

    def __init__(
        self,
        program: Program,
        job: Job,
        members: int,
        room: lanes.Scratch | matrices.Scratch | shards.Scratch,
    ) -> None:
        self.program, self.room = program, room
        self.rule = rule_of(job.optimizer, job.penalty)
        self._shapes, self._dtype = job.model.shapes, job.data.x.dtype
        self.names = SLOTS[self.rule.kind]
        width = LANES[job.data.x.dtype]
        size = -(-program.size // width) * width
        self._shape = (size, width) if members > 1 else (size,)
        params, grads, decay, penalty = (self._zeros() for _ in range(4))
        self._slots = [self._zeros() for _ in self.names]
        none = np.zeros(0, dtype=params.dtype)
        strength = float(getattr(job.optimizer, "weight_decay", 0.0))
        for array, by in ((decay, strength), (penalty, job.penalty)):
            shapes = self._shapes.items()
            one = {name: np.full(shape, by * is_weight(name)) for name, shape in shapes}
            array[program.places] = flat(one) if members == 1 else flat(one)[:, np.newaxis]
        self.state = lanes.State(
            params=params,
            grads=grads,
            flat_params=params.reshape(-1),
            flat_grads=grads.reshape(-1),
            first=self._slots[0].reshape(-1) if self._slots else none,
            second=self._slots[1].reshape(-1) if len(self._slots) > 1 else none,
            decay=decay.reshape(-1),
            penalty=penalty.reshape(-1),
        )

    def _zeros(self) -> npt.NDArray[Any]:
        return aligned(self._shape, self._dtype)

    def lay_out(self, states: Sequence[State]) -> None:
        """Put the states of members on the desk."""
        self._spread(self.state.params, [state.params for state in states])
        for name, slot in zip(self.names, self._slots, strict=True):
            self._spread(slot, [state.slots[name] for state in states])

    def _spread(self, packed: npt.NDArray[Any], members: Sequence[Params]) -> None:
        if packed.ndim == 1:
            packed[self.program.places] = flat(members[0])
            return
        columns = np.stack([flat(member) for member in members], axis=1)
        packed[self.program.places, : len(members)] = columns
        packed[self.program.places, len(members) :] = columns[:, :1]

    def pick_up(self, members: int, updates_done: int) -> list[State]:
        """Return the states of members after that many updates."""
        params = self._gather(self.state.params, members)
        slots = [self._gather(slot, members) for slot in self._slots]
        return [
            State(
                params=self._named(params[member]),
                slots={
                    name: self._named(slot[member])
                    for name, slot in zip(self.names, slots, strict=True)
                },
                update=updates_done,
            )
            for member in range(members)
        ]

    def _gather(self, packed: npt.NDArray[Any], members: int) -> npt.NDArray[Any]:
        """Return the parameters of each member, (members, n_params)."""
        if packed.ndim == 1:
            return packed[self.program.places][np.newaxis]
        return np.ascontiguousarray(packed[self.program.places, :members].T)

    def _named(self, row: npt.NDArray[Any]) -> Params:
        params, offset = {}, 0
        for name, shape in self._shapes.items():
            size = math.prod(shape)
            params[name] = row[offset : offset + size].reshape(shape)
            offset += size
        return params


def flat(params: Params) -> npt.NDArray[Any]:
    """Return all parameters one after the other."""
    return np.concatenate([value.ravel() for value in params.values()])
