"""Kernel of online learning with a penalty that every sample applies.

The reference is :mod:`rosenblatt.engines.online_rule`. Sums are taken in the order in which they
are written, as scikit-learn takes them, so that a sample exactly on the line is on it here too.
"""

from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.compiled.build import Kernel
from rosenblatt.engines.compiled.cache import kernel
from rosenblatt.engines.compiled.ir import Code, module_text
from rosenblatt.engines.compiled.target import Target
from rosenblatt.engines.compiled.values import (
    Array,
    Signature,
    Value,
    Variable,
    each,
    spans,
    sqrt,
    when,
    where,
)
from rosenblatt.engines.online_rule import SMALLEST_SCALE, OnlineData, OnlineRule, OnlineState

UNROLLED = 8
"""Inputs up to which no loop counts them."""

AT_ONCE = 4
"""Samples of more inputs whose scores are computed together: a sum in order takes the time of its
additions one after the other, in which those of other samples can be done. Where a sample changes
the weights, the scores of those after it are computed again."""

LANES = 4
"""Inputs in a vector where each is worked on alone."""

TRAIN = Signature(
    arrays="settings x y weight w b due paid scale orders sums",
    numbers="inputs samples epochs",
)
"""Arguments of the kernel: those of :func:`rosenblatt.engines.online_rule.train_epoch` for each of
the epochs, whose sums are written; settings has ``SETTINGS`` of the rule."""

SETTINGS = ("eta", "shrink", "cut", "intercept_rate", "alpha", "l1_ratio")

SHUFFLE = Signature(arrays="order", numbers="samples seed")


@dataclass(frozen=True)
class _Form:
    """What a kernel is made for: inputs where they are few, else 0, and the parts of the rule."""

    inputs: int
    shrinks: bool
    cuts: bool
    has_penalty: bool
    seen_only: bool

    @property
    def samples_at_once(self) -> int:
        return 1 if self.inputs or self.cuts else AT_ONCE


def train_online(
    rule: OnlineRule, data: OnlineData, state: OnlineState, orders: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Train one epoch for each of the orders (E, N), in place; return the sums of each."""
    inputs, sums = len(state.w), np.zeros(len(orders))
    form = _Form(
        inputs if inputs <= UNROLLED else 0,
        shrinks=rule.shrink != 1,
        cuts=rule.cut > 0,
        has_penalty=rule.alpha > 0,
        seen_only=rule.seen_only,
    )
    if orders.size:
        TRAIN.call(
            _kernel(form, Target.host()),
            **vars(data),
            **vars(state),
            settings=np.array([getattr(rule, name) for name in SETTINGS], dtype=np.float64),
            orders=np.ascontiguousarray(orders, dtype=np.int64),
            sums=sums,
            inputs=inputs,
            samples=orders.shape[1],
            epochs=len(orders),
        )
    return sums


def fixed_shuffle(seed: int, n: int) -> npt.NDArray[np.int64]:
    """As :func:`rosenblatt.engines.online_rule.fixed_shuffle`."""
    order = np.arange(n)
    if n > 1:
        SHUFFLE.call(_kernel(None, Target.host()), order=order, samples=n, seed=seed or 1)
    return order


class _Training:
    """The kernel while it is emitted: what changes from sample to sample, and the formulas."""

    def __init__(self, form: _Form) -> None:
        self.form = form
        self.code = Code("train", [("ptr", "frame")], 1, "float64", internal=False)
        self.arguments = TRAIN.load(self.code)
        self.inputs: int | Value = form.inputs or self.arguments["inputs"]
        settings = self.array("settings")
        self.eta, self.shrink, self.cut, self.intercept_rate, self.alpha, self.l1_ratio = (
            settings[i] for i in range(len(SETTINGS))
        )
        self.w, self.paid = self._in_registers("w"), self._in_registers("paid")
        self.bias, self.due = (Variable(self.array(name)[0]) for name in ("b", "due"))
        self.factor, self.squares, self.sizes = (Variable(self.array("scale")[i]) for i in range(3))

    def array(self, name: str, scalar: str = "double") -> Array:
        """Return an argument as an array."""
        return Array(self.code, self.arguments[name], scalar)

    def _in_registers(self, name: str) -> Array:
        """Return an argument as an array in registers, if inputs are few."""
        array = self.array(name)
        if not self.form.inputs:
            return array
        local = array.local(self.form.inputs)
        for d in each(self.code, self.form.inputs):
            local[d] = array[d]
        return local

    def emitted(self) -> Code:
        """Return the kernel."""
        samples, at_once = self.arguments["samples"], self.form.samples_at_once
        for epoch in each(self.code, self.arguments["epochs"]):
            order = self.array("orders", "i64").after(epoch * samples)
            self.lost = Variable(self.eta.constant(0.0))
            for first in each(self.code, samples, step=at_once):
                self._visit(order, first)
            self.array("sums")[epoch] = self.lost.get()
        if self.form.inputs:
            for d in each(self.code, self.inputs):
                self.array("w")[d], self.array("paid")[d] = self.w[d], self.paid[d]
        self.array("b")[0], self.array("due")[0] = self.bias.get(), self.due.get()
        for i, variable in enumerate((self.factor, self.squares, self.sizes)):
            self.array("scale")[i] = variable.get()
        return self.code

    def _visit(self, order: Array, first: Value) -> None:
        """Emit the visits of the samples whose scores are computed together."""
        samples, count = self.arguments["samples"], self.form.samples_at_once
        # Beyond the last sample, the last one counts; it is not visited again.
        positions = [self._minimum(first + k, samples - 1) if k else first for k in range(count)]
        rows = [order[position] for position in positions]
        scores = [Variable(self.eta.constant(0.0)) for _ in rows]
        self._score(rows, scores)
        for k, row in enumerate(rows):
            with when(first + k < samples) if k else nullcontext():
                following = rows[k + 1 :], scores[k + 1 :]
                self._train(row, scores[k].get(), following)

    def _score(self, rows: list[Value], scores: list[Variable]) -> None:
        """Emit z = Σ_d w_d x_d for each row."""
        if not rows:
            return
        xs = [self.array("x").after(row * self.inputs) for row in rows]
        for z in scores:
            z.set(0.0)
        for d in each(self.code, self.inputs):
            for x, z in zip(xs, scores, strict=True):
                z.add(self.w[d] * x[d])

    def _train(self, row: Value, z: Value, following: tuple[list[Value], list[Variable]]) -> None:
        """Emit the visit of a sample; the scores of those that follow are those of new weights."""
        x, y = self.array("x").after(row * self.inputs), self.array("y")[row]
        margin = y * (z * self.factor.get() + self.bias.get())
        lost = self.lost.get()
        # Written so that NaN is lost too.
        self.lost.set(where(margin > 0.0, lost, lost - margin))
        self.lost.add(self._penalty())
        if self.form.shrinks:
            self._shrink(following)
        step = self.eta * self.array("weight")[row] * y
        with when((margin <= 0.0).bits("and", step.differs(0.0))):
            self.bias.add(step * self.intercept_rate)
            step = step / self.factor.get()
            for d, lanes in spans(self.code, self.inputs, LANES):
                w = self.w.after(d, lanes)
                w[0] = w[0] + step.in_lanes(lanes) * x.after(d, lanes)[0]
            if self.form.has_penalty:
                self._norms(x)
            self._score(*following)
        if self.form.cuts:
            self._cut(x)

    def _penalty(self) -> Value:
        """Return α (½ (1 - ρ) ‖w‖² + ρ Σ |w|)."""
        norm = sqrt(self.squares.get())
        half = (self.l1_ratio.constant(1.0) - self.l1_ratio) * 0.5 * (norm * norm)
        return self.alpha * (half + self.l1_ratio * self.sizes.get())

    def _shrink(self, following: tuple[list[Value], list[Variable]]) -> None:
        """Emit: shrink the weights and their norms, by their scale."""
        self.factor.set(self.factor.get() * self.shrink)
        self.squares.set(self.squares.get() * (self.shrink * self.shrink))
        self.sizes.set(self.sizes.get() * self.shrink)
        with when(self.factor.get() < SMALLEST_SCALE):
            for d in each(self.code, self.inputs):
                self.w[d] = self.w[d] * self.factor.get()
            self.factor.set(1.0)
            self._score(*following)

    def _norms(self, x: Array) -> None:
        """Emit ‖w‖² and Σ |w|, of the features of the sample alone if the rule sees no others."""
        factor = self.factor.get()
        self.squares.set(0.0)
        self.sizes.set(0.0)
        for d in each(self.code, self.inputs):
            w = self.w[d]
            if self.form.seen_only:
                w = where(x[d].differs(0.0), w, 0.0)
            self.squares.add(w * w)
            self.sizes.add(where(w < 0.0, -w, w))
        self.squares.set(self.squares.get() * (factor * factor))
        self.sizes.set(self.sizes.get() * factor)

    def _cut(self, x: Array) -> None:
        """Emit: bring weights nearer to 0 by what is due and not yet paid, no further than 0."""
        self.due.add(self.cut)
        for d, lanes in spans(self.code, self.inputs, LANES):
            due, factor = (one.get().in_lanes(lanes) for one in (self.due, self.factor))
            w, paid = self.w.after(d, lanes), self.paid.after(d, lanes)
            before = w[0]
            is_positive = before > 0.0
            size, cut_before = (where(is_positive, v, -v) for v in (before, paid[0]))
            size = size - (due + cut_before) / factor
            size = where(size < 0.0, due.constant(0.0), size)
            after = where(is_positive, size, -size)
            is_cut = before.differs(0.0)
            if self.form.seen_only:
                is_cut = is_cut.bits("and", x.after(d, lanes)[0].differs(0.0))
            after = where(is_cut, after, before)
            w[0], paid[0] = after, paid[0] + factor * (after - before)

    def _minimum(self, a: Value, b: Value) -> Value:
        return Value(self.code, self.code.minimum(a.name, b.name), "i64")


def _shuffle() -> Code:
    """Return the kernel of the shuffle: see the function of the same name for the formulas."""
    code = Code("train", [("ptr", "frame")], 1, "float64", internal=False)
    arguments = SHUFFLE.load(code)
    order, n, state = (
        Array(code, arguments["order"], "i64"),
        arguments["samples"],
        Variable(arguments["seed"]),
    )
    for i in each(code, n - 1):
        for operation, places in (("shl", 13), ("lshr", 17), ("shl", 5)):
            moved = state.get().bits(operation, places).bits("and", 0xFFFFFFFF)
            state.set(state.get().bits("xor", moved))
        j = i + state.get().bits("and", 0x7FFFFFFF).bits("urem", n - i)
        order[i], order[j] = order[j], order[i]
    return code


@lru_cache(maxsize=64)
def _kernel(form: _Form | None, target: Target) -> Kernel:
    """Return the kernel of a form; that of the shuffle for None."""

    def make_text() -> str:
        code = _Training(form).emitted() if form else _shuffle()
        return module_text([code], target.attributes)

    return kernel(f"online {form}", make_text, target).function()
