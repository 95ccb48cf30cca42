"""Programs: what a job computes for a batch, traced from its layers, loss and optimizer.

A program has sums over the samples of a batch, such as the gradients, and for training the update
that is made of them. The code is traced with two lengths of the batch; what depends on the length,
as a division by ``len(x)`` does, gives two different graphs and is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.compiled.graph import (
    Batch,
    Graph,
    Node,
    Shape,
    described,
    digest,
    live,
)
from rosenblatt.engines.compiled.settings import NONE, Settings, with_field
from rosenblatt.engines.compiled.tracer import Traced, TracedKey, TracingError
from rosenblatt.losses import Loss, PerceptronCriterion
from rosenblatt.models import Model
from rosenblatt.optimizers import Optimizer
from rosenblatt.optimizers.base import is_weight

_Trace = tuple[list[Node], Callable[[], "Program"]]
"""What is computed of a batch, and a function that makes the program of it. The update follows from
the sums, so that it is traced once."""

BATCH_LENGTHS = Batch(13), Batch(29)
"""Lengths of the batch axis while tracing: primes, which no layer's width is taken for."""


@dataclass(frozen=True)
class Update:
    """New parameters and slots as expressions of old ones.

    Their leaves: ``param`` and ``grad`` (attr: a name), ``slot`` (attr: slot and name), and the
    scalars ``rate``, ``step``, ``penalty``, ``setting`` (attr: its number) and ``total`` (attr: the
    name of a sum that is a number).

    Attributes:
        params: by parameter.
        slots: by slot, then by parameter.
    """

    params: Mapping[str, Node]
    slots: Mapping[str, Mapping[str, Node]]


@dataclass(frozen=True)
class Program:
    """What is computed for a batch.

    Attributes:
        sums: nodes that are sums over the batch axis: gradients by the names of the parameters (and
            further sums for them, where one is not enough), ``loss``, ``correct``, and ``mistakes``
            where an update divides by the weight of the batch's mistakes.
        update: the update, or None where sums are all.
        shapes: the shape of each parameter.
        n_inputs: D.
        n_outputs: K, the width of the targets.
        share: "mean", each sample's share is its part of the batch's weight; "sum", its weight.
        n_settings: the number of settings in which members differ.
        is_weighted: whether samples have weights.
    """

    sums: Mapping[str, Node]
    update: Update | None
    shapes: Mapping[str, Shape]
    n_inputs: int
    n_outputs: int
    share: str = "mean"
    n_settings: int = 0
    is_weighted: bool = False

    @cached_property
    def slot_names(self) -> tuple[str, ...]:
        """The optimizer's slots, in order."""
        return tuple(self.update.slots) if self.update else ()

    @cached_property
    def nodes(self) -> list[Node]:
        """The nodes of the sums, arguments first."""
        return live(self.sums.values())

    @cached_property
    def outputs(self) -> list[Node]:
        """All results: sums, then new parameters and slots."""
        update = self.update
        new = [] if update is None else [*update.params.values()]
        slots = [] if update is None else [n for by in update.slots.values() for n in by.values()]
        return [*self.sums.values(), *new, *slots]

    @cached_property
    def random_paths(self) -> tuple[tuple[int, ...], ...]:
        """The paths of the keys from which random numbers are drawn, in order."""
        drawn = {n.attr for n in self.nodes if n.op == "uniform"}
        return tuple(sorted(drawn | {n.attr[0] for n in self.nodes if n.op == "uniform_ge"}))

    @cached_property
    def key(self) -> str:
        """A digest of all that determines the program."""
        names = tuple(self.sums), self.slot_names, tuple(self.shapes.items())
        rest = self.n_inputs, self.n_outputs, self.share, self.n_settings, self.is_weighted
        return digest(*described(self.outputs), names, rest)


def training_program(
    model: Model,
    loss: Loss,
    optimizer: Optimizer,
    dtype: npt.DTypeLike,
    *,
    is_weighted: bool = False,
    has_penalty: bool = False,
    has_losses: bool = False,
    settings: Settings = NONE,
) -> Program:
    """Return the program of a training batch: gradients, and the update.

    Args:
        model: its layers' forward and backward passes are traced.
        loss: its ``value_and_gradient`` is traced.
        optimizer: its ``update`` is traced; the learning rate is a leaf.
        dtype: of parameters and samples.
        is_weighted: whether samples have weights.
        has_penalty: whether ½ α ‖W‖² / Σ w is added to the loss.
        has_losses: whether the batch's loss is wanted, as the sum ``loss``.
        settings: the numbers in which members differ.

    Raises:
        TracingError: the code does what a graph cannot hold.
    """
    _check_loss(loss)
    if has_losses and _scale_of(loss) == "mistakes":
        raise TracingError(f"sums of losses under {loss!r}")
    parts: Any = model, loss, optimizer

    def trace(tracer: "_Tracer") -> _Trace:
        model, loss, optimizer = settings.applied(parts, tracer.setting)
        params, x, y, share = tracer.params(model), *tracer.samples(model)
        key: Any = TracedKey(x)
        outputs, caches = model.forward(params, x, training=True, key=key)
        values, gradient = loss.value_and_gradient(outputs, y)
        _, grads = model.backward(params, caches, share * gradient)
        sums: dict[str, Traced] = {}
        new_grads = {
            name: tracer.gradient(name, grads[name], model.shapes[name], sums) for name in params
        }
        if _scale_of(loss) == "mistakes":
            sums["mistakes"] = _sum_of(share, ((outputs >= 0) != (y > 0)).astype(np.float64))
            count = tracer.leaf("total", (), "mistakes")
            divisor = np.where(count > 0, count, 1.0)
            new_grads = {name: g / divisor for name, g in new_grads.items()}
        if has_losses:
            sums["loss"] = _sum_of(share, values)
        if has_penalty:
            penalty = tracer.leaf("penalty")
            new_grads = {
                name: g + penalty * params[name] if is_weight(name) else g
                for name, g in new_grads.items()
            }
        nodes = {name: one.node for name, one in sums.items()}

        def program() -> Program:
            update = tracer.update(optimizer, params, new_grads)
            return _program(model, nodes, update, is_weighted, _share_of(loss), len(settings))

        return [*nodes.values(), *(one.node for one in new_grads.values())], program

    return _checked(trace, dtype)


def evaluation_program(
    model: Model,
    loss: Loss,
    dtype: npt.DTypeLike,
    *,
    is_weighted: bool = False,
    settings: Settings = NONE,
) -> Program:
    """Return the program of a measurement: Σ w l as ``loss``, right predictions as ``correct``.

    Regression has no ``correct``. Where ``share`` is 1, the losses are weighted by w alone.

    Raises:
        TracingError: the code does what a graph cannot hold.
    """
    parts: Any = model, loss, None

    def trace(tracer: "_Tracer") -> _Trace:
        model, loss, _ = settings.applied(parts, tracer.setting)
        params, x, y, share = tracer.params(model), *tracer.samples(model)
        outputs, _ = model.forward(params, x)
        sums = {"loss": _sum_of(share, loss.per_sample(outputs, y))}
        if loss.task == "classification":
            if type(loss).n_correct is not Loss.n_correct:
                raise TracingError(f"{type(loss).__name__}.n_correct, which is its own")
            right: Any = loss.is_correct(outputs, y)
            valid = tracer.leaf("valid", (x.shape[0], 1))
            sums["correct"] = _sum_of(valid, right.astype(np.float64))
        nodes = {name: one.node for name, one in sums.items()}
        return [*nodes.values()], lambda: _program(
            model, nodes, None, is_weighted, "sum", len(settings)
        )

    return _checked(trace, dtype)


def gradient_program(
    model: Model,
    loss: Loss,
    dtype: npt.DTypeLike,
    *,
    is_weighted: bool = False,
    sums_of: Callable[[dict[str, Traced]], dict[str, Traced]] = dict,
) -> Program:
    """Return the program of sums that are made of the gradients, by parameter.

    A result is the total of the sum with its parameter's name and those named "NAME+k".

    Args:
        model: its layers' forward and backward passes are traced.
        loss: its ``value_and_gradient`` is traced.
        dtype: of parameters and samples.
        is_weighted: whether samples have weights.
        sums_of: returns the sums for the gradients, such as their derivatives in a direction.

    Raises:
        TracingError: the code does what a graph cannot hold.
    """
    _check_loss(loss)
    if _scale_of(loss) == "mistakes":
        raise TracingError(f"derivatives under {loss!r}")

    def trace(tracer: "_Tracer") -> _Trace:
        params, x, y, share = tracer.params(model), *tracer.samples(model)
        outputs, caches = model.forward(params, x)
        _, gradient = loss.value_and_gradient(outputs, y)
        _, grads = model.backward(params, caches, share * gradient)
        traced: dict[str, Any] = {name: grads[name] for name in params}
        sums: dict[str, Node] = {}
        for name, derived in sums_of(traced).items():
            tracer.add_sums(name, derived, sums)
        return [*sums.values()], lambda: _program(model, sums, None, is_weighted, _share_of(loss))

    return _checked(trace, dtype)


class _Tracer:
    """Leaves and results of one trace."""

    def __init__(self, batch: Batch, dtype: npt.DTypeLike) -> None:
        self._graph, self._batch, self._dtype = Graph(), batch, dtype

    def leaf(self, op: str, shape: Shape = (), attr: Any = None) -> Any:
        """Return a leaf as an array; typed as Any, since layers take it for one of NumPy's."""
        return Traced(self._graph, self._graph.node(op, (), shape, attr), self._dtype)

    def setting(self, number: int) -> Any:
        """Return the leaf of a setting in which members differ."""
        return self.leaf("setting", (), number)

    def params(self, model: Model, op: str = "param") -> dict[str, Any]:
        """Return the leaves of the parameters, by name."""
        return {name: self.leaf(op, shape, name) for name, shape in model.shapes.items()}

    def samples(self, model: Model) -> tuple[Any, Any, Any]:
        """Return the leaves of inputs, targets and shares."""
        x = self.leaf("x", (self._batch, model.n_inputs))
        y = self.leaf("y", (self._batch, model.n_outputs))
        return x, y, self.leaf("share", (self._batch, 1))

    def gradient(self, name: str, gradient: Any, shape: Shape, sums: dict[str, Traced]) -> Any:
        """Return a gradient in terms of sums over the batch, which are added to ``sums``.

        The first sum has the parameter's name, further ones its name and a number.
        """
        if not isinstance(gradient, Traced):
            gradient = self.leaf("share")._of(self._graph.const(0.0)) + np.asarray(gradient)
        if gradient.shape != shape:
            raise TracingError(
                f"a gradient of shape {gradient.shape} for the parameter {name} of shape {shape}"
            )
        done: dict[Node, Node] = {}

        def over_sums(node: Node) -> Node:
            if node in done:
                return done[node]
            original, node = node, self._as_sum(node)
            if _is_sum(node):
                if node.shape != shape:
                    raise TracingError(f"arithmetic with sums over the batch in d{name}")
                label = name if name not in sums else f"{name}+{len(sums)}"
                sums[label] = Traced(self._graph, node, self._dtype)
                done[original] = self._graph.node("grad", (), shape, label)
            elif node.batched:
                raise TracingError(f"the gradient of {name}, which is not a sum over the batch")
            else:
                args = [over_sums(arg) for arg in node.args]
                done[original] = self._graph.node(
                    node.op, args, node.shape, node.attr, is_bool=node.is_bool, origin=node.origin
                )
            return done[original]

        return Traced(self._graph, over_sums(gradient.node), self._dtype)

    def add_sums(self, name: str, gradient: Traced, sums: dict[str, Node]) -> None:
        """Add the sums over the batch to ``sums`` that a gradient is the total of."""
        stack = [gradient.node]
        while stack:
            node = self._as_sum(stack.pop())
            if _is_sum(node):
                sums[name if name not in sums else f"{name}+{len(sums)}"] = node
            elif node.op == "add" and not node.batched:
                stack.extend(node.args)
            else:
                raise TracingError(f"arithmetic with sums over the batch in d{name}", node.origin)

    def _as_sum(self, node: Node) -> Node:
        """Return −Σ f as Σ −f, and c Σ f as Σ c f for a number c; other nodes as they are."""
        if node.batched or node.op not in ("neg", "mul", "div"):
            return node
        position = 1 if node.op == "mul" and not node.args[0].shape else 0
        inner = self._as_sum(node.args[position])
        others = [arg for i, arg in enumerate(node.args) if i != position]
        if not _is_sum(inner) or any(arg.shape or arg.op == "index" for arg in others):
            return node

        def scaled(value: Node) -> Node:
            args = [value if i == position else arg for i, arg in enumerate(node.args)]
            return self._graph.node(node.op, args, value.shape, origin=node.origin)

        return self._scaled(inner, scaled)

    def _scaled(self, total: Node, scaled: Callable[[Node], Node]) -> Node:
        """Return a sum whose terms are scaled."""
        first, *rest = total.args
        if total.op == "matmul":
            args = [first, *map(scaled, rest)]
        elif total.op == "rsum" and first.batched:
            args = [scaled(first)]
        else:
            args = [self._scaled(first, scaled)]
        return self._graph.node(total.op, args, total.shape, total.attr, origin=total.origin)

    def update(self, optimizer: Optimizer, params: dict[str, Any], grads: dict[str, Any]) -> Update:
        """Trace the optimizer's update."""
        zeros = {name: np.zeros(one.shape) for name, one in params.items()}
        slots: Any = {
            slot: {name: self.leaf("slot", params[name].shape, (slot, name)) for name in params}
            for slot in optimizer.init(zeros)
        }
        traced = with_field(optimizer, "learning_rate", self.leaf("rate"))
        new, new_slots = type(optimizer).update(traced, params, grads, slots, self.leaf("step"))
        return Update(
            {name: self._expression(new[name], params[name]) for name in params},
            {
                slot: {name: self._expression(by[name], params[name]) for name in params}
                for slot, by in new_slots.items()
            },
        )

    def _expression(self, result: Any, like: Traced) -> Node:
        if not isinstance(result, Traced) or result.shape != like.shape:
            raise TracingError(f"an update of shape {np.shape(result)} for one of {like.shape}")
        for node in live([result.node]):
            if node.op in ("rsum", "rmax", "matmul"):
                raise TracingError("a sum over parameters in an update", node.origin)
        return result.node


def _is_sum(node: Node) -> bool:
    """Return whether a node sums over the batch, or only views such a sum."""
    while node.op in ("index", "reshape", "T") and not node.batched:
        node = node.args[0]
    if node.op == "matmul":
        return isinstance(node.args[0].shape[1], Batch)
    return node.op == "rsum" and isinstance(node.args[0].shape[node.attr], Batch)


def _sum_of(share: Any, values: Any) -> Traced:
    """Return Σ_i s_i v_i for values (B,), (B, 1) or terms (B, K)."""
    columns = values[:, np.newaxis] if values.ndim == 1 else values
    total: Traced = (share * columns.sum(axis=1, keepdims=True)).sum()
    return total


def _program(
    model: Model,
    sums: Mapping[str, Node],
    update: Update | None,
    is_weighted: bool,
    share: str,
    n_settings: int = 0,
) -> Program:
    _check_sums(sums)
    return Program(
        sums=sums,
        update=update,
        shapes=dict(model.shapes),
        n_inputs=model.n_inputs,
        n_outputs=model.n_outputs,
        share=share,
        n_settings=n_settings,
        is_weighted=is_weighted,
    )


def _check_sums(sums: Mapping[str, Node]) -> None:
    """Refuse programs in which a layer uses a sum over the batch."""
    for node in live(sums.values()):
        if node.batched and any(_is_sum(arg) for arg in node.args if not arg.batched):
            raise TracingError("a sum over the batch inside a layer", node.origin)


def _check_loss(loss: Loss) -> None:
    if type(loss).over_batch is not Loss.over_batch:
        raise TracingError(f"{type(loss).__name__}.over_batch, which is its own")
    _share_of(loss)


def _scale_of(loss: Loss) -> str:
    return loss.scale if isinstance(loss, PerceptronCriterion) else "samples"


def _share_of(loss: Loss) -> str:
    """Return what a sample's share is in the loss of a batch, but for what an update divides by."""
    if isinstance(loss, PerceptronCriterion):
        return "mean" if loss.scale == "samples" else "sum"
    if type(loss).shares is not Loss.shares:
        raise TracingError(f"{type(loss).__name__}.shares, which are its own")
    return "mean"


def _checked(trace: Callable[[_Tracer], _Trace], dtype: npt.DTypeLike) -> Program:
    """Return the program, of which nothing may depend on the length of the batch."""
    with np.errstate(all="ignore"):
        (mine, program), (others, _) = (trace(_Tracer(length, dtype)) for length in BATCH_LENGTHS)
        pairs = list(zip(described(mine), described(others), strict=False))
        differs = [mine != other for mine, other in pairs]
        if any(differs) or len(live(mine)) != len(live(others)):
            origins = (node.origin for node, here in zip(live(mine), differs, strict=False) if here)
            origin = next((one for one in origins if one), None)
            raise TracingError("a number that depends on the length of the batch", origin)
        return program()
