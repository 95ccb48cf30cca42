"""PyTorch: eager steps with autograd, or the step compiled as a whole."""

from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.contenders.contender import Contender, seconds_of
from benchmarks.orders import orders_of
from rosenblatt.layers import Params
from rosenblatt.optimizers import Adam

# Only where PyTorch is installed is any of this called.
with suppress(ModuleNotFoundError):
    import torch
    from torch.nn.functional import cross_entropy

EPOCHS_PER_SHUFFLE = 16

MODULE, FUSED = "nn.Module and torch.optim", "nn.Module and a fused torch.optim"
PLAIN = "autograd.grad and updates in place"
COMPILED = "torch.compile of the whole step"
VMAP = "torch.func.vmap of grad"

Step = Callable[[Any, Any], None]


class PyTorchContender(Contender):
    """The rows of an epoch are gathered at once and cut into batches, without copies.

    Ways, for one model: a module under ``torch.optim``; leaf tensors, ``autograd.grad`` and
    updates in place by the functions for lists of tensors. For a population: batched matrix
    products and one backward pass for all members; or ``vmap``.
    """

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways of one model, of a population, or of perceptrons."""
        if self.work.is_perceptron:
            return (PLAIN,)
        if self.work.members > 1:
            return (PLAIN, VMAP)
        return (PLAIN, MODULE, FUSED)

    def prepare(self, way: str) -> float | None:
        """Build the step; where it is compiled, the first run takes longer than the second."""
        torch.set_num_threads(max(1, self.work.threads))
        self._way = way
        self._x = torch.from_numpy(self.material.x.copy())
        targets = self.material.y
        if self.work.is_perceptron:
            targets = (2 * targets - 1).astype(self.work.dtype)
        self._y = torch.from_numpy(targets.copy())
        self._batched = self.work.members > 1
        self._compiled: Any = None
        if way == COMPILED:
            step = _batch_rule if self.work.is_perceptron else self._pure_step
            self._compiled = torch.compile(step, fullgraph=True, dynamic=False)
        orders_of(range(1), 1, 1, self.work.rows)
        first, second = (seconds_of(lambda: self.run(1)) for _ in range(2))
        return max(0.0, first - second) if way == COMPILED else None

    def run(self, epochs: int) -> list[Any]:
        """Train all members; return the parameters, stacked where there are several."""
        params, step = self._begin()
        n, size = self.work.rows, self.work.batch_size
        if not self.work.shuffles:
            shape = (self.work.members, *self._x.shape) if self._batched else self._x.shape
            targets = self._y.expand(shape[:-1])
            rows = self._x.expand(shape)
            for _ in range(epochs):
                step(rows, targets)
            return params
        for first in range(1, epochs + 1, EPOCHS_PER_SHUFFLE):
            count = min(EPOCHS_PER_SHUFFLE, epochs + 1 - first)
            orders = torch.from_numpy(orders_of(range(self.work.members), first, count, n))
            for epoch in range(count):
                order = orders[:, epoch] if self._batched else orders[0, epoch]
                batches = self._x[order].split(size, dim=order.ndim - 1)
                targets = self._y[order].split(size, dim=order.ndim - 1)
                for x, y in zip(batches, targets, strict=True):
                    step(x, y)
        return params

    def final(self, epochs: int) -> list[Params]:
        """Return the weights of every member."""
        values = [value.detach().numpy() for value in self.run(epochs)]
        names = list(self.material.model.shapes)
        if not self._batched:
            values = [value[np.newaxis] for value in values]
        return [
            dict(zip(names, [value[member] for value in values], strict=True))
            for member in range(self.work.members)
        ]

    def _begin(self) -> tuple[list[Any], Step]:
        """Return fresh parameters and the function that updates them."""
        members = self.material.start
        stacked = [np.stack([member[name] for member in members]) for name in members[0]]
        values = [torch.from_numpy(v if self._batched else v[0].copy()) for v in stacked]
        if self.work.is_perceptron:
            return values, self._perceptron_step(values)
        if self._way in (MODULE, FUSED):
            return self._module_step(values)
        moments = [torch.zeros_like(value) for value in (*values, *values)]
        if self._way in (COMPILED, VMAP):
            step = self._pure_step if self._way == VMAP else self._compiled
            powers = torch.ones(2, dtype=torch.float64)
            return values, lambda x, y: step(values, moments, powers, x, y)
        for value in values:
            value.requires_grad_()
        powers = [1.0, 1.0]

        def plain(x: Any, y: Any) -> None:
            grads = torch.autograd.grad(self._loss(values, x, y), values)
            with torch.no_grad():
                self._apply(values, moments, powers, list(grads))

        return values, plain

    def _module_step(self, values: list[Any]) -> tuple[list[Any], Step]:
        """Return parameters and step of a ``Sequential`` under an optimizer of ``torch.optim``."""
        widths = self.work.widths
        activation = torch.nn.Tanh if self.work.activation == "tanh" else torch.nn.ReLU
        layers: list[Any] = []
        for inputs, outputs in pairwise(widths):
            linear = torch.nn.Linear(inputs, outputs, dtype=values[0].dtype)
            with torch.no_grad():
                linear.weight.copy_(values[0].T)
                linear.bias.copy_(values[1])
            values = values[2:]
            layers += [linear, activation()]
        network = torch.nn.Sequential(*layers[:-1])
        kind = torch.optim.Adam if self.work.optimizer == "adam" else torch.optim.SGD
        how = {"fused": True} if self._way == FUSED else {"foreach": False}
        optimizer = kind(network.parameters(), lr=self.work.learning_rate, **how)

        def step(x: Any, y: Any) -> None:
            optimizer.zero_grad()
            cross_entropy(network(x), y).backward()
            optimizer.step()

        parameters = list(network.parameters())
        return [p if p.ndim == 1 else p.T for p in parameters], step

    def _perceptron_step(self, values: list[Any]) -> Step:
        """Return the batch rule for all members at once: the rows are the same for all."""
        # (M, D, 1) as (D, M): one matrix product gives all members' scores.
        w, b = values[0][..., 0].reshape(-1, self.work.widths[0]).T, values[1].reshape(-1)
        x, y = self._x, self._y[:, None]
        rule = self._compiled if self._way == COMPILED else _batch_rule
        rate = self.work.learning_rate / self.work.rows
        return lambda *_: rule(w, b, x, y, rate)

    def _pure_step(
        self, values: list[Any], moments: list[Any], powers: Any, x: Any, y: Any
    ) -> None:
        """Update in place with the gradients of functional transformations."""
        if self._batched and self._way == VMAP:
            gradient = torch.func.vmap(torch.func.grad(self._single_loss))
        else:
            gradient = torch.func.grad(self._loss)
        self._apply(values, moments, powers, list(gradient(values, x, y)))

    def _apply(self, values: list[Any], moments: list[Any], powers: Any, grads: list[Any]) -> None:
        """Take a step of the optimizer, in place."""
        rate = self.work.learning_rate
        if self.work.optimizer == "sgd":
            torch._foreach_add_(values, grads, alpha=-rate)
            return
        adam = Adam()
        powers[0] *= adam.beta1
        powers[1] *= adam.beta2
        m, v = moments[: len(values)], moments[len(values) :]
        torch._foreach_lerp_(m, grads, 1 - adam.beta1)
        torch._foreach_mul_(v, adam.beta2)
        torch._foreach_addcmul_(v, grads, grads, value=1 - adam.beta2)
        roots = torch._foreach_sqrt(torch._foreach_div(v, 1 - powers[1]))
        torch._foreach_add_(roots, adam.epsilon)
        torch._foreach_mul_(roots, (powers[0] - 1) / rate)
        torch._foreach_addcdiv_(values, m, roots)

    def _loss(self, values: list[Any], x: Any, y: Any) -> Any:
        """Return the mean cross-entropy, summed over members: their gradients do not mix."""
        if not self._batched:
            return self._single_loss(values, x, y)
        for i in range(0, len(values), 2):
            x = torch.baddbmm(values[i + 1].unsqueeze(1), x, values[i])
            x = self._activated(x) if i + 2 < len(values) else x
        total = cross_entropy(x.flatten(0, 1), y.flatten(), reduction="sum")
        return total / y.shape[1]

    def _single_loss(self, values: list[Any], x: Any, y: Any) -> Any:
        for i in range(0, len(values), 2):
            x = torch.addmm(values[i + 1], x, values[i])
            x = self._activated(x) if i + 2 < len(values) else x
        return cross_entropy(x, y)

    def _activated(self, x: Any) -> Any:
        return x.tanh() if self.work.activation == "tanh" else x.relu()


class CompiledPyTorchContender(PyTorchContender):
    """The same with the whole step compiled by TorchInductor, which takes a C++ compiler."""

    @property
    def ways(self) -> tuple[str, ...]:
        """The one way."""
        return (COMPILED,)


def _batch_rule(w: Any, b: Any, x: Any, y: Any, rate: float) -> None:
    """Update perceptrons in place: ``w`` (D, M), ``b`` (M,), ``x`` (N, D), ``y`` (N, 1) of ±1."""
    scores = torch.addmm(b, x, w)
    push = y * ((scores >= 0) != (y > 0))
    w.addmm_(x.T, push, alpha=rate)
    b.add_(push.sum(0), alpha=rate)
