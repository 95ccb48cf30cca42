"""Drawn graphs of elementwise operations: bit by bit as NumPy has them where that is exact."""

from dataclasses import replace

import numpy as np
import pytest

from batches import Batches
from graph_oracle import evaluate
from rosenblatt.engines.compiled.graph import Batch, Graph
from rosenblatt.engines.compiled.program import Program, Update
from rosenblatt.engines.compiled.target import NAMED, Target
from rosenblatt.engines.compiled.tiles import Tiles
from rosenblatt.engines.compiled.tracer import broadcast
from rosenblatt.engines.compiled.units import Units
from rosenblatt.random import Key

UNITS, OUTPUTS = 6, 8
BATCH = Batch(13)
NUMBERS = ["neg", "abs", "sign", "floor", "ceil", "rint", "trunc"]
PAIRS = ["add", "sub", "mul", "max", "min", "fmax", "fmin"]
COMPARISONS = ["gt", "ge", "lt", "le", "eq", "ne"]
ROUNDED = ["div", "sqrt", "exp", "log", "log1p", "expm1", "tanh", "arctan", "cbrt"]
"""Operations of which only the last of an output may be one: they round.

No operation tells 0 from -0: of these NumPy's maximum is now the one, now the other.
"""

HOST = Target.host()
TARGETS = [
    target
    for target in NAMED.values()
    if target.architecture == HOST.architecture and target.vector_bytes <= HOST.vector_bytes
]

PLAIN = [-3.0, -2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, 3.0, 0.0]
SPECIAL = [-0.0, np.inf, -np.inf, np.nan]
CHANCES = [0.7 / len(PLAIN)] * len(PLAIN) + [0.3 / len(SPECIAL)] * len(SPECIAL)
DEEPEST = 8
"""The highest degree of a product: numbers as :data:`PLAIN` have exact ones up to it."""


class Drawing:
    """A graph of drawn operations; nodes have a degree, as polynomials have."""

    def __init__(self, seed):
        self.random, self.graph = np.random.default_rng(seed), Graph()
        leaf = self.graph.node
        self.share = leaf("share", (), (BATCH, 1))
        table = self.random.choice(PLAIN, (1, UNITS)).tobytes()
        leaves = [
            leaf("x", (), (BATCH, UNITS)), leaf("y", (), (BATCH, 1)),
            leaf("param", (), (1, UNITS), "p0"), leaf("param", (), (1, UNITS), "p1"),
            leaf("table", (), (1, UNITS), table), self.graph.const(0.0), self.graph.const(-1.5),
        ]  # fmt: skip
        self.degrees = dict.fromkeys(leaves, 1)
        self.n_leaves = len(leaves)
        while len(self.results()) < 3 * OUTPUTS:
            self.draw()

    def results(self):
        """Return the nodes that have a number for each sample and unit."""
        nodes = list(self.degrees)[self.n_leaves :]
        return [n for n in nodes if n.batched and n.shape[-1] == UNITS]

    def pick(self, is_bool, most=DEEPEST):
        """Return a drawn node, or None if there is none of this kind."""
        fitting = [n for n, d in self.degrees.items() if n.is_bool == is_bool and d <= most]
        return fitting[self.random.integers(len(fitting))] if fitting else None

    def add(self, op, args, *, is_bool=False, attr=None, shape=None):
        degrees = [self.degrees.get(arg, 1) for arg in args]
        degree = sum(degrees) if op in ("mul", "rsum") else max(degrees)
        shape = broadcast([arg.shape for arg in args]) if shape is None else shape
        node = self.graph.node(op, args, shape, attr, is_bool=is_bool)
        self.degrees.setdefault(node, degree)
        return node

    def draw(self):
        kinds = "one pair pair mixed compare truth where view reduce reduce rectify"
        kind = self.random.choice(kinds.split())
        a, b, truth = self.pick(False), self.pick(False), self.pick(True)
        if kind == "one":
            self.add(self.random.choice(NUMBERS), [a])
        elif kind == "pair":
            half = self.pick(False, DEEPEST // 2), self.pick(False, DEEPEST // 2)
            op = str(self.random.choice(PAIRS))
            self.add(op, half if op == "mul" else [a, b])
        elif kind == "compare":
            self.add(str(self.random.choice(COMPARISONS)), [a, b], is_bool=True)
            self.add(str(self.random.choice(["isnan", "isfinite"])), [a], is_bool=True)
        elif kind == "rectify":
            zero, other = (self.graph.const(number) for number in (0.0, -1.5))
            self.add("max", [a, zero])
            self.add("gt", [a, zero if self.random.uniform() < 0.5 else other], is_bool=True)
        elif kind == "view" and a.shape and a.shape[-1] == UNITS:
            last = len(a.shape) - 1
            axes = [("axis", i, 0, 1) for i in range(last)]
            start, step = (0, 1) if self.random.uniform() < 0.5 else (UNITS - 1, -1)
            if step < 0:
                self.add("index", [a], attr=(*axes, ("axis", last, start, step)), shape=a.shape)
            else:
                shape = (*a.shape[:-1], 1)
                self.add("index", [a], attr=(*axes, ("axis", last, 2, 1)), shape=shape)
        elif kind == "reduce" and len(a.shape) == 2 and a.shape[1] == UNITS:
            op = str(self.random.choice(["rmax", "rsum", "argmax"]))
            if op != "rsum" or self.degrees[a] == 1:
                self.add(op, [a], attr=1, shape=(a.shape[0], 1))
        elif truth is not None and kind == "mixed":
            op = str(self.random.choice(["add", "mul", "sub", "max", "min", "eq", "gt"]))
            args = [truth, a] if self.random.uniform() < 0.5 else [a, truth]
            self.add(op, args, is_bool=op in COMPARISONS)
        elif truth is not None and kind == "truth":
            other = self.pick(True)
            op = str(self.random.choice(["and", "or", "not", "cast", *COMPARISONS]))
            args = [truth] if op in ("not", "cast") else [truth, other]
            self.add(op, args, is_bool=op != "cast")
        elif truth is not None and kind == "where":
            if self.random.uniform() < 0.3:
                self.add("where", [truth, self.pick(True), self.pick(True)], is_bool=True)
            else:
                self.add("where", [truth, a, b])

    def program(self, rounded):
        """Return the program whose sums are drawn nodes times the share, and which of them round.

        Of a sum over the samples of a batch, each is a vector with the units of p0.
        """
        sums, last = {}, {}
        for number, node in enumerate(self.results()[-OUTPUTS:]):
            name = f"p{number}"
            last[name] = None
            if rounded:
                op = last[name] = str(self.random.choice(ROUNDED))
                others = []
                if op == "div":
                    size = self.add("abs", [self.pick(False, 1)])
                    others.append(self.add("add", [size, self.graph.const(0.5)]))
                if node.is_bool:
                    node = self.graph.node("cast", [node], node.shape)
                shape = broadcast([node.shape, *(other.shape for other in others)])
                node = self.graph.node(op, [node, *others], shape)
            term = self.graph.node("mul", [node, self.share], node.shape)
            sums[name] = self.graph.node("rsum", [term], (1, UNITS), 0)
        shapes = dict.fromkeys(sums, (1, UNITS))
        return Program(sums, None, shapes, UNITS, 1, share="sum"), last


def totals(kernel, x, y, keys=None):
    """Return the sums of a batch of all samples, of each member."""
    kernel.grads[:] = 0
    count = len(x)
    orders = np.tile(np.arange(count), (kernel.width, 1))
    kernel.run(x, y, orders, count, np.ones((1, 3, kernel.width)), keys=keys)
    shapes = kernel.lowering.program.shapes
    return [kernel.get(kernel.sums, shapes, member) for member in range(kernel.width)]


def by_numpy(program, x, y, params, dtype):
    def leaf(node):
        match node.op:
            case "x":
                return x
            case "y":
                return y
            case "share":
                return np.ones((len(x), 1))
        return params[node.attr]

    found = evaluate(list(program.sums.values()), leaf, len(x))
    with np.errstate(all="ignore"):
        return dict(zip(program.sums, (value.astype(dtype) for value in found), strict=True))


def same(found, expected, op, dtype):
    """Return whether results agree: NaN and infinities always, all bits if nothing rounds."""
    finite = np.isfinite(expected)
    if not np.array_equal(found[~finite], expected[~finite], equal_nan=True):
        return False
    ulps = 0 if op in (None, "div", "sqrt") else 4
    # NumPy computes in float64, which is the exact value for float32.
    with np.errstate(all="ignore"):
        return np.all(
            np.abs(found - expected)[finite] <= ulps * np.spacing(np.abs(expected))[finite]
        )


def kernel_of(program, seed, dtype, batch_size, members):
    """Return a compiled kernel, for one of the targets that this machine executes."""
    target = TARGETS[seed % len(TARGETS)]
    lowering = Tiles(program, target, dtype, batch_size, members=members)
    return Batches(lowering, target, dtype, members)


def set_params(kernel, draw):
    """Put drawn parameters of each member where the kernel has them, and return them."""
    params = [{n: draw(1, UNITS) for n in ("p0", "p1")} for _ in range(kernel.width)]
    for member, values in enumerate(params):
        kernel.set(kernel.params, values, member)
    return params


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("members", [False, True], ids=["samples", "members"])
def test_one_sample(members, dtype):
    for seed in range(7):
        random = np.random.default_rng(100 + seed)

        def draw(*shape, random=random):
            return random.choice(PLAIN + SPECIAL, shape, p=CHANCES)

        program, last = Drawing(seed).program(rounded=seed % 3 == 2)
        kernel = kernel_of(program, seed, dtype, 1, members)
        for _ in range(8):
            x, y, params = draw(1, UNITS), draw(1, 1), set_params(kernel, draw)
            for values, found in zip(params, totals(kernel, x, y), strict=True):
                expected = by_numpy(program, x, y, values, dtype)
                for name, op in last.items():
                    a, b = found[name], expected[name]
                    if not members:  # lanes without a sample make NaN of an infinity
                        a, b = (np.where(np.isfinite(v), v, np.nan) for v in (a, b))
                    assert same(a, b, op, dtype), (seed, name, op, x, y, values, a, b)


@pytest.mark.parametrize("members", [False, True], ids=["samples", "members"])
def test_sums_of_many_samples(members):
    for seed in range(20, 26):
        random = np.random.default_rng(seed)

        def draw(*shape, random=random):
            return random.choice(PLAIN, shape)

        program, last = Drawing(seed).program(rounded=False)
        kernel = kernel_of(program, seed, np.float64, 75, members)
        for count in (75, 67, 3):
            x, y, params = draw(count, UNITS), draw(count, 1), set_params(kernel, draw)
            for values, found in zip(params, totals(kernel, x, y), strict=True):
                expected = by_numpy(program, x, y, values, np.float64)
                for name in last:
                    assert np.array_equal(found[name], expected[name]), (seed, name, count)


@pytest.mark.parametrize("batch_size", [1, 3])
def test_units(batch_size):
    for seed in range(40, 48):
        random = np.random.default_rng(seed)
        numbers = (PLAIN + SPECIAL, CHANCES) if batch_size == 1 else (PLAIN, None)

        def draw(*shape, random=random, numbers=numbers):
            return random.choice(numbers[0], shape, p=numbers[1])

        drawing = Drawing(seed)
        program, last = drawing.program(rounded=batch_size == 1 and seed % 3 == 2)
        new = {n: drawing.graph.node("grad", (), (1, UNITS), n) for n in program.shapes}
        program = replace(program, update=Update(new, {}))
        target = TARGETS[seed % len(TARGETS)]
        kernel = Batches(Units(program, target, float, batch_size), target, float, False)
        for _ in range(8):
            x, y = draw(batch_size, UNITS), draw(batch_size, 1)
            values = {name: draw(1, UNITS) for name in program.shapes}
            kernel.set(kernel.params, values, 0)
            totals(kernel, x, y)
            found = kernel.get(kernel.params, program.shapes)
            expected = by_numpy(program, x, y, values, float)
            for name, op in last.items():
                assert same(found[name], expected[name], op, float), (seed, name, op)


@pytest.mark.parametrize("members", [False, True], ids=["samples", "members"])
def test_lanes_without_a_sample_draw_what_the_last_sample_draws(members):
    graph = Graph()
    share, x = (graph.node(op, (), (BATCH, 1)) for op in ("share", "x"))
    kept = graph.node("uniform_ge", (), (BATCH, 1), ((3,), 1 << 52), is_bool=True)
    term = graph.node("where", [kept, x, graph.const(np.nan)], (BATCH, 1))
    term = graph.node("mul", [share, term], (BATCH, 1))
    total = graph.node("rsum", [term], (1, 1), 0)
    program = Program({"p0": total}, None, {"p0": (1, 1)}, 1, 1, share="sum")
    for batch_size in (3, 99):
        kernel = kernel_of(program, 2, np.float64, batch_size, members)
        keys = [Key.of(seed, "dropout") for seed in range(400)]
        drawn = [key.fold(0).fold(3).uniform((3, 1)) for key in keys]
        for count in (1, 2):
            fitting = [
                key for key, u in zip(keys, drawn, strict=True)
                if (u[:count] >= 0.5).all() and (u[count] < 0.5)
            ]  # fmt: skip
            values = [key.value for key in fitting[: kernel.width]]
            for found in totals(kernel, np.ones((count, 1)), np.ones((count, 1)), values):
                assert found["p0"] == count
