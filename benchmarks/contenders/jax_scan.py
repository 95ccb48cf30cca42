"""JAX: whole epochs are one compiled ``lax.scan``; a population is ``vmap`` over it."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from benchmarks.contenders.contender import Contender, UnsupportedError, seconds_of
from benchmarks.orders import orders_of
from rosenblatt.layers import Params
from rosenblatt.optimizers import Adam

# Only where JAX is installed is any of this called.
with suppress(ModuleNotFoundError):
    import jax
    import jax.numpy as jnp

SAMPLES_PER_CALL = 200_000
"""Samples in a call of compiled code, about: the cost of the call is then negligible."""
MOST_EPOCHS_PER_CALL = 1000

IN_SCAN, PER_EPOCH = "rows gathered in each step", "rows gathered once per epoch"
WIDEST_SUM = 64


class JaxContender(Contender):
    """``jit`` over ``lax.scan`` over the batches of many epochs, buffers donated.

    Ways: the scan takes 1 or 8 steps at a time (``unroll``), and the rows of a batch are gathered
    in its step or those of all batches at the beginning of the epoch.
    """

    @property
    def ways(self) -> tuple[str, ...]:
        """Where rows are gathered, and how many steps are unrolled."""
        gathers = (IN_SCAN, PER_EPOCH) if self.work.shuffles else ("no shuffling",)
        return tuple(f"{gather}, unroll={unroll}" for gather in gathers for unroll in (1, 8))

    @property
    def epochs_at_once(self) -> int:
        """The epochs of one call of compiled code."""
        work = self.work
        visits = work.rows * work.members
        most = work.epochs or MOST_EPOCHS_PER_CALL
        return max(1, min(most, work.epochs or SAMPLES_PER_CALL // visits))

    def prepare(self, way: str) -> float | None:
        """Compile; the seconds are those that a first run takes more than a second one."""
        jax.config.update("jax_enable_x64", self.work.dtype == "float64")
        work, material = self.work, self.material
        self._gathers_in_step = way.startswith(IN_SCAN)
        self._unroll = int(way.rsplit("=", 1)[1])
        self._x = jnp.asarray(material.x)
        if work.is_perceptron:
            targets = 2.0 * material.y - 1.0
        else:
            targets = np.eye(work.widths[-1])[material.y]
        self._targets = jnp.asarray(targets.astype(work.dtype))
        train = self._train
        if work.members > 1:
            train = jax.vmap(train, in_axes=(0, 0 if work.shuffles else None, None, None, None))
        self._call = jax.jit(train, static_argnums=4, donate_argnums=0)
        orders_of(range(1), 1, 1, work.rows, np.int32)
        epochs = self.epochs_at_once
        first, second = (seconds_of(lambda: self.run(epochs)) for _ in range(2))
        return max(0.0, first - second)

    def run(self, epochs: int) -> Any:
        """Train all members; return the carry of the scan."""
        work = self.work
        carry = self._carry()
        done = 0
        while done < epochs:
            count = min(self.epochs_at_once, epochs - done)
            orders = None
            if work.shuffles:
                drawn = orders_of(range(work.members), done + 1, count, work.rows, np.int32)
                orders = drawn if work.members > 1 else drawn[0]
            carry = self._call(carry, orders, self._x, self._targets, count)
            done += count
        return jax.block_until_ready(carry)

    def final(self, epochs: int) -> list[Params]:
        """Return the weights of every member."""
        layers, *_ = self.run(epochs)
        names = list(self.material.model.shapes)
        values = [np.asarray(value) for layer in layers for value in layer]
        if self.work.members == 1:
            values = [value[np.newaxis] for value in values]
        return [
            dict(zip(names, [value[member] for value in values], strict=True))
            for member in range(self.work.members)
        ]

    def _carry(self) -> Any:
        """Return (layers, slots): the initial weights on the device, and Adam's moments."""
        members = self.material.start
        stacked = [np.stack([member[name] for member in members]) for name in members[0]]
        if self.work.members == 1:
            stacked = [value[0] for value in stacked]
        values = [jnp.asarray(value) for value in stacked]
        layers = tuple(zip(values[::2], values[1::2], strict=True))
        if self.work.optimizer == "sgd":
            return layers, ()
        one = jnp.ones(self.work.members if self.work.members > 1 else (), self.work.dtype)
        zeros = jax.tree.map(jnp.zeros_like, layers)
        return layers, (zeros, jax.tree.map(jnp.copy, zeros), one, jnp.copy(one))

    def _train(self, carry: Any, orders: Any, x: Any, targets: Any, epochs: int) -> Any:
        """Return the carry after ``epochs``; ``orders`` is (epochs, N), None for no shuffling."""
        size, n = self.work.batch_size, self.work.rows
        count, rest = divmod(n, size)

        def step(carry: Any, batch: Any) -> tuple[Any, None]:
            return self._update(carry, *batch), None

        def gathering_step(carry: Any, rows: Any) -> tuple[Any, None]:
            return self._update(carry, x[rows], targets[rows]), None

        if orders is None:
            return jax.lax.scan(
                lambda carry, _: step(carry, (x, targets)),
                carry,
                None,
                length=epochs,
                unroll=self._unroll,
            )[0]
        if self._gathers_in_step and not rest:
            batches = orders.reshape(epochs * count, size)
            return jax.lax.scan(gathering_step, carry, batches, unroll=self._unroll)[0]

        def epoch(carry: Any, order: Any) -> tuple[Any, None]:
            one: Any = gathering_step if self._gathers_in_step else step
            rows = order if self._gathers_in_step else (x[order], targets[order])
            batches = jax.tree.map(
                lambda a: a[: count * size].reshape(count, size, *a.shape[1:]), rows
            )
            carry = jax.lax.scan(one, carry, batches, unroll=self._unroll)[0]
            if rest:
                carry = one(carry, jax.tree.map(lambda a: a[count * size :], rows))[0]
            return carry, None

        return jax.lax.scan(epoch, carry, orders)[0]

    def _update(self, carry: Any, x: Any, targets: Any) -> Any:
        """Return the carry after one update."""
        layers, slots = carry
        rate = self.work.learning_rate
        grads = self._gradient(layers, x, targets)
        if not slots:
            return jax.tree.map(lambda theta, g: theta - rate * g, layers, grads), slots
        adam = Adam()
        m, v, power1, power2 = slots
        power1, power2 = power1 * adam.beta1, power2 * adam.beta2
        m = jax.tree.map(lambda m, g: adam.beta1 * m + (1 - adam.beta1) * g, m, grads)
        v = jax.tree.map(lambda v, g: adam.beta2 * v + (1 - adam.beta2) * g * g, v, grads)
        layers = jax.tree.map(
            lambda theta, m, v: (
                theta - rate * (m / (1 - power1)) / (jnp.sqrt(v / (1 - power2)) + adam.epsilon)
            ),
            layers,
            m,
            v,
        )
        return layers, (m, v, power1, power2)

    def _gradient(self, layers: Any, x: Any, targets: Any) -> Any:
        if self.work.is_perceptron:
            ((w, b),) = layers
            scores = self._product(x, w)[:, 0] + b[0]
            push = -targets * ((scores >= 0) != (targets > 0)) / len(x)
            return ((self._product(x.T, push[:, None]), push.sum(keepdims=True)),)
        gradient: Callable[..., Any] = jax.grad(self._loss)
        return gradient(layers, x, targets)

    def _loss(self, layers: Any, x: Any, targets: Any) -> Any:
        """Return the mean softmax cross-entropy."""
        activation = jnp.tanh if self.work.activation == "tanh" else jax.nn.relu
        *hidden, (w, b) = layers
        for w_hidden, b_hidden in hidden:
            x = activation(self._product(x, w_hidden) + b_hidden)
        logits = self._product(x, w) + b
        return jnp.mean(jax.nn.logsumexp(logits, axis=1) - (logits * targets).sum(axis=1))

    def _product(self, a: Any, b: Any) -> Any:
        """Return the matrix product."""
        return a @ b


class JaxSumsContender(JaxContender):
    """The same with every matrix product written out, multiplied and summed.

    XLA calls a library for a product and fuses a sum with what is around it: for small batches of
    small networks that is faster.
    """

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways of JAX, for small networks."""
        if max(self.work.widths) > WIDEST_SUM:
            raise UnsupportedError("written out, the products of a wide network only get slower")
        return super().ways

    def _product(self, a: Any, b: Any) -> Any:
        return (a[:, :, None] * b[None]).sum(axis=1)
