"""States in the kernels' layout, and back."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.base import Job, State
from rosenblatt.engines.compiled import lanes, perceptron, updates
from rosenblatt.engines.compiled.program import LANES, Program, rule_of
from rosenblatt.layers import Params
from rosenblatt.models.selection import Average, BestSoFar
from rosenblatt.optimizers.base import is_weight

SLOTS = {
    updates.SGD: (),
    updates.MOMENTUM: ("velocity",),
    updates.NESTEROV: ("velocity",),
    updates.RMSPROP: ("mean_square",),
    updates.ADAM: ("m", "v"),
    updates.ADAMW: ("m", "v"),
}
CACHE_LINE = 64


def aligned(shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return zeros that begin where a cache line does.

    A vector that lies across two lines takes twice as long to load; NumPy aligns to 16 bytes only.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.zeros(size + CACHE_LINE, dtype=np.uint8)
    first = -memory.ctypes.data % CACHE_LINE
    return memory[first : first + size].view(dtype).reshape(shape)


class Packed:
    """The states of one or more members in the kernels' layout, and back.

    One member has parameters (n,); several have (n, lanes), one in each lane and the first repeated
    in lanes that are left over. n is rounded up to whole vectors.
    """

    def __init__(self, program: Program, job: Job, states: Sequence[State]) -> None:
        self.program, self.job, self.n_members = program, job, len(states)
        self.dtype = job.data.x.dtype
        self.rule = rule_of(job.optimizer)
        self.names = SLOTS[self.rule.kind]
        params = self._pack([state.params for state in states])
        slots = [self._pack([state.slots[name] for state in states]) for name in self.names]
        none = np.zeros(0, dtype=self.dtype)
        grads = aligned(params.shape, self.dtype)
        self.state = lanes.State(
            params=params,
            grads=grads,
            flat_params=params.reshape(-1),
            flat_grads=grads.reshape(-1),
            first=slots[0].reshape(-1) if slots else none,
            second=slots[1].reshape(-1) if len(slots) > 1 else none,
            decay=self._decay().reshape(-1),
        )

    def _pack(self, members: list[Params]) -> npt.NDArray[Any]:
        lanes_each = LANES[self.dtype]
        n = -(-self.program.size // lanes_each) * lanes_each
        if len(members) == 1:
            packed = aligned((n,), self.dtype)
            packed[self.program.places] = flat(members[0])
            return packed
        packed = aligned((n, lanes_each), self.dtype)
        for lane in range(lanes_each):
            packed[self.program.places, lane] = flat(members[lane if lane < len(members) else 0])
        return packed

    def _decay(self) -> npt.NDArray[Any]:
        strength = float(getattr(self.job.optimizer, "weight_decay", 0.0))
        one = {
            name: np.full(shape, strength if is_weight(name) else 0.0, dtype=self.dtype)
            for name, shape in self.job.model.shapes.items()
        }
        return self._pack([one] * self.n_members)

    def unpack(self, updates_done: int) -> list[State]:
        """Return the members' states after that many updates."""
        slots = [self.state.first, self.state.second][: len(self.names)]
        return [
            State(
                params=self._member(self.state.params, member),
                slots={
                    name: self._member(slot.reshape(self.state.params.shape), member)
                    for name, slot in zip(self.names, slots, strict=True)
                },
                update=updates_done,
            )
            for member in range(self.n_members)
        ]

    def _member(self, packed: npt.NDArray[Any], member: int) -> Params:
        column = packed if packed.ndim == 1 else packed[:, member]
        flat = column[self.program.places]
        params, offset = {}, 0
        for name, shape in self.job.model.shapes.items():
            size = math.prod(shape)
            params[name] = flat[offset : offset + size].reshape(shape)
            offset += size
        return params


def flat(params: Params) -> npt.NDArray[Any]:
    """Return all parameters one after the other."""
    return np.concatenate([value.ravel() for value in params.values()])


def pack_perceptron(state: State) -> perceptron.Kept:
    """Return a perceptron's state as its kernel changes it."""
    average, best = state.kept["averaged"], state.kept["pocket"]
    counts = [average.count, best.errors, best.longest_run, best.run, best.tried, 0]
    return perceptron.Kept(
        params=_as_row(state.params),
        mean=_as_row(average.mean),
        pocket=_as_row(best.params),
        counts=np.array(counts, dtype=np.int64),
    )


def unpack_perceptron(before: State, kept: perceptron.Kept, updates_done: int) -> State:
    """Return the state that a perceptron's kernel has left."""
    counts = kept.counts
    dtype = before.params["0.weight"].dtype

    def as_params(row: npt.NDArray[np.float64]) -> Params:
        params = {"0.weight": row[:-1, np.newaxis].astype(dtype)}
        return params | {"0.bias": row[-1:].astype(dtype)} if "0.bias" in before.params else params

    return State(
        params=as_params(kept.params),
        slots={},
        update=updates_done,
        kept={
            "averaged": Average(as_params(kept.mean), int(counts[perceptron.AVERAGED])),
            "pocket": BestSoFar(
                params=as_params(kept.pocket),
                errors=int(counts[perceptron.ERRORS]),
                longest_run=int(counts[perceptron.LONGEST_RUN]),
                run=int(counts[perceptron.RUN]),
                tried=bool(counts[perceptron.TRIED]),
            ),
        },
    )


def _as_row(params: Params) -> npt.NDArray[np.float64]:
    bias = params.get("0.bias", np.zeros(1))
    return np.concatenate([params["0.weight"].ravel(), bias]).astype(np.float64)
