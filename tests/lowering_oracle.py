"""Training with NumPy on a program's graph, to which lowerings are compared."""

import numpy as np

import rosenblatt as rb
from batches import Batches
from graph_oracle import evaluate
from rosenblatt.engines.compiled.program import training_program
from rosenblatt.engines.compiled.target import NAMED, Target
from rosenblatt.layers import Linear, Tanh, input_width
from rosenblatt.random import Key

N = 23
HOST = Target.host()
TARGETS = {
    name: target
    for name, target in NAMED.items()
    if target.architecture == HOST.architecture and target.vector_bytes <= HOST.vector_bytes
}


class Oracle:
    """Trains with NumPy on a program's graph, one member."""

    def __init__(self, program, params):
        self.program = program
        self.params = {name: value.astype(float) for name, value in params.items()}
        self.slots = {
            slot: {name: np.zeros_like(value) for name, value in self.params.items()}
            for slot in program.slot_names
        }

    def leaves(self, x, y, share, valid, key, more):
        def value(node):
            match node.op:
                case "param":
                    return self.params[node.attr]
                case "x":
                    return x
                case "y":
                    return y
                case "share":
                    return share[:, None]
                case "valid":
                    return valid[:, None]
                case "uniform" | "uniform_ge":
                    path, least = node.attr if node.op == "uniform_ge" else (node.attr, None)
                    drawn = key
                    for number in path:
                        drawn = drawn.fold(number)
                    drawn = drawn.uniform((len(x), *map(int, node.shape[1:])))
                    return drawn if least is None else drawn * 2.0**53 >= least
                case _:
                    return more(node)

        return value

    def sums(self, x, y, share, key, more=None):
        leaves = self.leaves(x, y, share, np.ones(len(x)), key, more)
        names = list(self.program.sums)
        found = evaluate([self.program.sums[name] for name in names], leaves, len(x))
        return dict(zip(names, found, strict=True))

    def update(self, sums, rate, penalty, step):
        def leaf(node):
            match node.op:
                case "param":
                    return self.params[node.attr]
                case "grad":
                    return sums[node.attr]
                case "slot":
                    return self.slots[node.attr[0]][node.attr[1]]
            if node.op == "total":
                return sums[node.attr]
            return {"rate": rate, "penalty": penalty, "step": float(step)}[node.op]

        update = self.program.update
        new = {n: evaluate([node], leaf, 0)[0] for n, node in update.params.items()}
        slots = {
            slot: {n: evaluate([node], leaf, 0)[0] for n, node in by.items()}
            for slot, by in update.slots.items()
        }
        self.params, self.slots = new, slots


def data_of(model, loss, rng, n=N):
    x = rng.normal(size=(n, model.n_inputs))
    if loss.task == "regression":
        return x, rng.poisson(1.0, size=(n, model.n_outputs)).astype(float)
    classes = loss.n_classes(model.n_outputs)
    return x, loss.encode(rng.integers(classes or 2, size=n), model.n_outputs).astype(float)


def compared(
    make, model, loss, optimizer, batch_size, members, *, dtype=np.float64, target=HOST, n=N,
    epochs=1, weighted=False, penalty=0.0, has_losses=True, atol=None,
):  # fmt: skip
    """Train with a lowering and with the oracle; compare parameters, slots and losses.

    ``make(program, target, dtype, batch_size, members=…)`` is the lowering.
    """
    program = training_program(
        model, loss, optimizer, dtype,
        is_weighted=weighted, has_penalty=penalty > 0, has_losses=has_losses,
    )  # fmt: skip
    lowering = make(program, target, dtype, batch_size, members=members)
    kernel = Batches(lowering, target, dtype, members)
    rng = np.random.default_rng(7)
    x, y = data_of(model, loss, rng, n)
    weights = rng.uniform(0, 2, n) if weighted else None
    width = kernel.width
    inits = [model.init(seed) for seed in range(width)]
    keys = [Key.of(seed, "dropout") for seed in range(width)]
    for member, init in enumerate(inits):
        kernel.set(kernel.params, init, member)
    orders = np.array([rng.permutation(n) for _ in range(width)])
    starts = list(range(0, n, batch_size))
    numbers = np.zeros((len(starts) * epochs, 3, width))
    oracles = {member: Oracle(program, inits[member]) for member in {0, width // 2, width - 1}}
    losses = np.zeros(width)
    for number in range(len(numbers)):
        start = starts[number % len(starts)]
        numbers[number, 0] = 1 / min(batch_size, n - start)
        for member, oracle in oracles.items():
            rows = orders[member, start : start + batch_size]
            w = np.ones(len(rows)) if weights is None else weights[rows]
            share, rate = 1 / w.sum(), 0.05 / (1 + 0.1 * number + 0.01 * member)
            numbers[number, :, member] = share, rate, penalty * share
            sums = oracle.sums(x[rows], y[rows], w * share, keys[member].fold(5 + number))
            losses[member] += sums["loss"] * len(rows) if has_losses else 0
            oracle.update(sums, rate, penalty * share, 5 + number)
    kernel.run(
        x, y, orders, batch_size, numbers, update=5, epochs=epochs, weights=weights,
        keys=[key.value for key in keys],
    )  # fmt: skip
    tolerance = atol or (1e-11 if dtype is np.float64 else 2e-5)
    for member, oracle in oracles.items():
        found = kernel.get(kernel.params, model.shapes, member)
        for name, expected in oracle.params.items():
            np.testing.assert_allclose(
                found[name], expected, rtol=tolerance, atol=tolerance, err_msg=name
            )
        for slot, (slot_name, values) in enumerate(oracle.slots.items()):
            found = kernel.get(kernel.slots[slot], model.shapes, member)
            for name, expected in values.items():
                np.testing.assert_allclose(
                    found[name], expected, rtol=tolerance, atol=tolerance, err_msg=slot_name
                )
        if has_losses:
            np.testing.assert_allclose(
                kernel.sums[0, member], losses[member], rtol=100 * tolerance, atol=tolerance
            )
    return kernel


def network(layer):
    """Return a network around a layer."""
    width = input_width([layer]) or 6
    between = [Tanh()] if layer.shapes else []
    ending = Linear(layer.n_outputs_for(width), 3)
    return rb.Sequential([Linear(3, width), *between, layer, ending])
