"""From a job to the numbers that the kernels take, and back to its state."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.base import Job, Samples, State
from rosenblatt.engines.compiled import lane_layers, lane_losses, lanes, perceptron, updates
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
SLOTS = {
    updates.SGD: (),
    updates.MOMENTUM: ("velocity",),
    updates.NESTEROV: ("velocity",),
    updates.RMSPROP: ("mean_square",),
    updates.ADAM: ("m", "v"),
    updates.ADAMW: ("m", "v"),
}
LANES = {np.dtype(np.float64): 8, np.dtype(np.float32): 16}


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


def network_of(model: Model, loss: Loss, dtype: npt.DTypeLike) -> lanes.Network:
    """Return the model and its loss as numbers."""
    offsets, offset = {}, 0
    for name, shape in model.shapes.items():
        offsets[name] = offset
        offset += int(np.prod(shape))
    table, settings = [], []
    width, unit, units = model.n_inputs, 0, model.n_inputs
    for i, layer in enumerate(model.layers):
        n_out = layer.n_outputs if isinstance(layer, Linear) else width
        w, b = offsets.get(f"{i}.weight", -1), offsets.get(f"{i}.bias", -1)
        y = units
        units += n_out
        mask = units if isinstance(layer, Dropout) else -1
        units += n_out if isinstance(layer, Dropout) else 0
        table.append([LAYER_KINDS[type(layer)], width, n_out, w, b, unit, y, mask])
        settings.append(getattr(layer, "slope", getattr(layer, "rate", 0.0)))
        width, unit = n_out, y
    single = np.dtype(dtype) == np.float32
    return lanes.Network(
        layers=np.array(table, dtype=np.int64),
        settings=np.array(settings, dtype=np.float64),
        n_units=units + width + 1,
        n_inputs=model.n_inputs,
        n_outputs=width,
        outputs=unit,
        targets=units,
        shares=units + width,
        loss=LOSS_KINDS[type(loss)],
        reduction=SCALES.index(loss.scale) if isinstance(loss, PerceptronCriterion) else 0,
        lowest=-87.0 if single else -708.0,
        tiny=float(np.finfo(dtype).tiny),
    )


def data_of(samples: Samples) -> lanes.Data:
    """Return samples as the kernels take them: by column, and as arrays of one kind.

    Copies, because a read-only array is another type to Numba, with kernels of its own to compile.
    """
    weights = np.zeros(0) if samples.sample_weight is None else samples.sample_weight
    return lanes.Data(
        x=np.array(samples.x.T, order="C"),
        targets=np.array(samples.targets.T, order="C"),
        weights=np.array(weights, dtype=samples.x.dtype),
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


class Packed:
    """The states of one or more members in the kernels' layout, and back.

    One member has parameters (n,); several have (n, lanes), one in each lane and the first repeated
    in lanes that are left over. n is rounded up to whole vectors.
    """

    def __init__(self, job: Job, states: list[State]) -> None:
        self.job, self.states = job, states
        self.dtype = job.data.x.dtype
        self.lanes = LANES[self.dtype]
        self.rule = rule_of(job.optimizer)
        names = SLOTS[self.rule.kind]
        params = self._pack([state.params for state in states])
        slots = [self._pack([state.slots[name] for state in states]) for name in names]
        none = np.zeros(0, dtype=self.dtype)
        grads = np.zeros_like(params)
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
        columns = [np.concatenate([value.ravel() for value in one.values()]) for one in members]
        n = -(-len(columns[0]) // self.lanes) * self.lanes
        if len(columns) == 1:
            packed = np.zeros(n, dtype=self.dtype)
            packed[: len(columns[0])] = columns[0]
            return packed
        packed = np.zeros((n, self.lanes), dtype=self.dtype)
        for lane in range(self.lanes):
            packed[: len(columns[0]), lane] = columns[lane if lane < len(columns) else 0]
        return packed

    def _decay(self) -> npt.NDArray[Any]:
        strength = float(getattr(self.job.optimizer, "weight_decay", 0.0))
        one = {
            name: np.full(shape, strength if is_weight(name) else 0.0, dtype=self.dtype)
            for name, shape in self.job.model.shapes.items()
        }
        return self._pack([one] * len(self.states))

    def unpack(self, updates_done: int) -> list[State]:
        """Return the members' states after that many updates."""
        names = SLOTS[self.rule.kind]
        slots = [self.state.first, self.state.second][: len(names)]
        return [
            State(
                params=self._member(self.state.params, member),
                slots={
                    name: self._member(slot.reshape(self.state.params.shape), member)
                    for name, slot in zip(names, slots, strict=True)
                },
                update=updates_done,
            )
            for member in range(len(self.states))
        ]

    def _member(self, packed: npt.NDArray[Any], member: int) -> Params:
        column = packed if packed.ndim == 1 else packed[:, member]
        params, offset = {}, 0
        for name, shape in self.job.model.shapes.items():
            size = int(np.prod(shape))
            params[name] = column[offset : offset + size].reshape(shape).copy()
            offset += size
        return params


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
