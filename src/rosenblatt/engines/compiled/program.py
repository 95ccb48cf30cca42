"""From a job to the numbers that the kernels take, and back to its state."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.base import Job, Samples, State
from rosenblatt.engines.compiled import lane_layers, lane_losses, lanes, perceptron, updates
from rosenblatt.engines.compiled.vector import BYTES
from rosenblatt.layers import (
    Dropout,
    LeakyReLU,
    Linear,
    Params,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from rosenblatt.losses import (
    BinaryCrossEntropy,
    CrossEntropy,
    Loss,
    PerceptronCriterion,
    SoftmaxCrossEntropy,
    SquaredError,
)
from rosenblatt.losses.perceptron_criterion import SCALES
from rosenblatt.models import Model, Perceptron
from rosenblatt.models.selection import Average, BestSoFar
from rosenblatt.optimizers import SGD, Adam, AdamW, Optimizer, RMSProp
from rosenblatt.optimizers.base import is_weight

LAYER_KINDS = {
    Linear: lane_layers.LINEAR,
    ReLU: lane_layers.RELU,
    LeakyReLU: lane_layers.LEAKY_RELU,
    Tanh: lane_layers.TANH,
    Sigmoid: lane_layers.SIGMOID,
    Softmax: lane_layers.SOFTMAX,
    Dropout: lane_layers.DROPOUT,
}
LOSS_KINDS = {
    SoftmaxCrossEntropy: lane_losses.SOFTMAX_CROSS_ENTROPY,
    CrossEntropy: lane_losses.CROSS_ENTROPY,
    BinaryCrossEntropy: lane_losses.BINARY_CROSS_ENTROPY,
    SquaredError: lane_losses.SQUARED_ERROR,
    PerceptronCriterion: lane_losses.PERCEPTRON,
}
IN_PLACE = (ReLU, LeakyReLU, Tanh, Sigmoid, Softmax)
"""Layers that may overwrite what a linear layer has put out: it needs only its input again."""
SLOTS = {
    updates.SGD: (),
    updates.MOMENTUM: ("velocity",),
    updates.NESTEROV: ("velocity",),
    updates.RMSPROP: ("mean_square",),
    updates.ADAM: ("m", "v"),
    updates.ADAMW: ("m", "v"),
}
CACHE_LINE = 64
LANES = {np.dtype(kind): BYTES // np.dtype(kind).itemsize for kind in (np.float64, np.float32)}


def missing(model: Model, loss: Loss, optimizer: Optimizer) -> list[str]:
    """Return what of a job the kernels have no code for, by name; empty where they can run it."""
    unknown = [type(layer).__name__ for layer in model.layers if type(layer) not in LAYER_KINDS]
    if type(loss) not in LOSS_KINDS:
        unknown.append(type(loss).__name__)
    if type(optimizer) not in (SGD, RMSProp, Adam, AdamW):
        unknown.append(type(optimizer).__name__)
    if model.selections:
        plain = isinstance(optimizer, SGD) and not optimizer.momentum and not optimizer.weight_decay
        if not (plain and isinstance(model, Perceptron) and isinstance(loss, PerceptronCriterion)):
            unknown.append(f"{type(model).__name__} with {optimizer!r} and {loss!r}")
    return unknown


def is_compiled() -> bool:
    """Return whether compiled kernels lie on this machine's disk."""
    folder = Path(str(lanes.train.stats.cache_path))
    return any(folder.glob(f"{Path(lanes.__file__).stem}.train-*.nbi"))


@dataclass(frozen=True)
class Program:
    """A model and its loss as numbers; parameter k stands at ``places[k]`` of ``size``."""

    network: lanes.Network
    places: npt.NDArray[np.int64]
    size: int


def program_of(model: Model, loss: Loss, dtype: npt.DTypeLike, *, by_unit: bool) -> Program:
    """Return the model and its loss as the kernels take them.

    Args:
        model: its layers become rows of a table.
        loss: the loss.
        dtype: of the parameters.
        by_unit: whether units are in the lanes, and every layer's fill whole vectors.
    """
    lanes_each = LANES[np.dtype(dtype)] if by_unit else 1

    def padded(n: int) -> int:
        return -(-n // lanes_each) * lanes_each

    table, settings, places = [], [], []
    width, x, size = model.n_inputs, 0, 0
    n_outputs = padded(model.n_outputs)
    units = padded(width) + 2 * n_outputs if by_unit else width + n_outputs + 1
    for i, layer in enumerate(model.layers):
        if _is_folded(model, i):
            continue
        n_in, width = width, layer.n_outputs if isinstance(layer, Linear) else width
        in_place = i > 0 and isinstance(model.layers[i - 1], Linear) and type(layer) in IN_PLACE
        y = x if in_place else units
        mask = y + padded(width) if isinstance(layer, Dropout) else -1
        units = max(units, max(y, mask) + padded(width))
        w = b = -1
        by_input = by_unit and bool(table) and width <= n_in
        if isinstance(layer, Linear):
            w, size = size, size + (width * padded(n_in) if by_input else n_in * padded(width))
            rows, columns = np.arange(n_in)[:, np.newaxis], np.arange(width)
            at = columns * padded(n_in) + rows if by_input else rows * padded(width) + columns
            places.append(w + at.ravel())
            if layer.bias:
                b, size = size, size + padded(width)
                places.append(b + columns)
        table.append([LAYER_KINDS[type(layer)], n_in, width, w, b, x, y, mask, i, by_input])
        settings.append(_settings(model, i))
        x = y
    targets = padded(model.n_inputs)
    network = lanes.Network(
        layers=np.array(table, dtype=np.int64),
        settings=np.array(settings, dtype=np.float64),
        n_units=units,
        n_inputs=model.n_inputs,
        n_outputs=width,
        outputs=x,
        targets=targets,
        shares=targets + n_outputs,
        loss=LOSS_KINDS[type(loss)],
        reduction=SCALES.index(loss.scale) if isinstance(loss, PerceptronCriterion) else 0,
        lowest=-87.0 if np.dtype(dtype) == np.float32 else -708.0,
        tiny=float(np.finfo(dtype).tiny),
    )
    return Program(network, np.concatenate(places), size)


def _settings(model: Model, i: int) -> tuple[float, float]:
    layer = model.layers[i]
    if isinstance(layer, Linear):
        after, before = (0.0 if _is_folded(model, at) else -math.inf for at in (i + 1, i - 1))
        return after, before
    return float(getattr(layer, "slope", getattr(layer, "rate", 0.0))), 0.0


def _is_folded(model: Model, i: int) -> bool:
    """Return whether layer i is a ReLU between two linear layers, which work it out themselves."""
    if not 0 < i < len(model.layers) - 1:
        return False
    before, layer, after = (type(layer) for layer in model.layers[i - 1 : i + 2])
    return layer is ReLU and before is after is Linear


def data_of(samples: Samples) -> lanes.Data:
    """Return samples as the kernels take them: inputs and targets side by side.

    Copies, because a read-only array is another type to Numba, with kernels of its own to compile.
    """
    weights = np.zeros(0) if samples.sample_weight is None else samples.sample_weight
    return lanes.Data(
        rows=np.concatenate([samples.x, samples.targets], axis=1, dtype=samples.x.dtype),
        weights=np.array(weights, dtype=samples.x.dtype),
    )


def columns_of(samples: Samples) -> perceptron.Columns:
    """Return samples as the perceptron's kernel takes them: by column."""
    rows = data_of(samples)
    return perceptron.Columns(
        x=np.array(samples.x.T, order="C"),
        targets=np.array(samples.targets.T, order="C"),
        weights=rows.weights,
    )


def rule_of(optimizer: Optimizer) -> lanes.Rule:
    """Return the optimizer as numbers."""
    match optimizer:
        case SGD():
            kind = updates.SGD
            if optimizer.momentum:
                kind = updates.NESTEROV if optimizer.nesterov else updates.MOMENTUM
            fused = kind == updates.SGD and not optimizer.weight_decay
            return lanes.Rule(kind, float(optimizer.momentum), 0.0, 0.0, fused)
        case RMSProp():
            rest = float(optimizer.decay), 0.0, float(optimizer.epsilon)
            return lanes.Rule(updates.RMSPROP, *rest, False)
        case Adam() | AdamW():
            kind = updates.ADAM if isinstance(optimizer, Adam) else updates.ADAMW
            rest = float(optimizer.beta1), float(optimizer.beta2), float(optimizer.epsilon)
            return lanes.Rule(kind, *rest, False)
        case _:
            raise TypeError(f"no kernel for {optimizer!r}")


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

    def __init__(self, program: Program, job: Job, states: list[State]) -> None:
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
            packed[self.program.places] = _flat(members[0])
            return packed
        packed = aligned((n, lanes_each), self.dtype)
        for lane in range(lanes_each):
            packed[self.program.places, lane] = _flat(members[lane if lane < len(members) else 0])
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


def _flat(params: Params) -> npt.NDArray[Any]:
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
