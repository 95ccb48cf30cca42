"""Kernels of the perceptron's rules, with the weights that its selections remember.

The reference is the training loop of :mod:`rosenblatt.engines.reference` on a
:class:`rosenblatt.models.Perceptron`. :func:`batch_rule` is the batch rule; :func:`rules_in_order`
has the other two, whose members each visit the samples in an order of their own.

Parameters are w and then b, (D + 1,). Steps are rounded as the formulas are written, so that a
sample exactly on the line is on it here too; only sums over samples are taken in another order.
Where all samples are visited they are vectors (``stop``, D, lanes): those of y = +1, and from
``minus`` on those of y = -1. In lanes that are left over there is NaN, which no comparison finds
mistaken.
"""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from rosenblatt.engines.compiled.driver import shuffle_function
from rosenblatt.engines.compiled.ir import Code, module_text
from rosenblatt.engines.compiled.random_numbers import folded
from rosenblatt.engines.compiled.target import Target
from rosenblatt.engines.compiled.values import (
    Array,
    Signature,
    Value,
    Variable,
    any_of,
    each,
    fma,
    total,
    when,
    where,
)

UNROLLED = 8
"""Inputs up to which their sums are in registers and no loop counts them."""

COUNTS = ("averaged", "errors", "longest_run", "run", "tried", "mistaken", "waiting")
"""Of each member, int64: weights averaged, mistakes of those in the pocket, the longest run of
right answers and the present one, whether the present weights were tried, mistakes when visited,
and how often the present weights wait to be averaged."""

BATCH_RULE = Signature(
    arrays="vectors shares params mean pocket fewest mistaken gradient rates scale",
    numbers="minus stop inputs groups epochs averaged rate_stride group_stride",
)
"""Arguments of the batch rule. params, mean, pocket (groups, D + 1, lanes), fewest and, in float64,
mistaken (groups, lanes) are changed. gradient (D + 1) is a workspace of vectors. scale (1,) is s
where it does not depend on the mistakes. The rate of epoch e, of group g, is number
e rate_stride + g group_stride of the rates."""

IN_ORDER = Signature(
    arrays="rows targets weights vectors params mean pocket counts gradient rates keys order drawn",
    numbers="minus stop inputs samples members first_epoch epochs batch_size first_row stop_row "
    "shuffles rate_stride member_stride",
)
"""Arguments of the other rules. params, mean, pocket (members, D + 1) and counts (members, 7) are
changed. gradient (D + 1,) is a workspace. The rate of update u of this call, of member m, is number
u rate_stride + m member_stride of the rates. order and drawn, int32, are what a shuffle writes."""


@dataclass(frozen=True)
class Rule:
    """What a kernel is made for.

    Attributes:
        scalar: "double" or "float".
        inputs: D where it is at most ``UNROLLED``, else 0.
        scale: of the criterion.
        has_bias: whether there is a b.
        is_weighted: whether samples have weights.
        is_batch: whether it is the batch rule.
        lanes: samples in a vector where all are visited, which may fill several registers.
        param_lanes: of the batch rule, members whose parameters are side by side in a vector, 1 or
            ``lanes``; of the others, inputs in a vector, 1 where they are few.
        own_rates: of the batch rule, whether members have learning rates of their own.
    """

    scalar: str
    inputs: int
    scale: str
    has_bias: bool
    is_weighted: bool
    is_batch: bool
    lanes: int
    param_lanes: int
    own_rates: bool


class _Kernel:
    """A function of a kernel while it is emitted: its code and the kernel's arguments."""

    def __init__(
        self,
        rule: Rule,
        signature: Signature,
        target: Target,
        name: str = "train",
        parameters: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.rule = rule
        self.code = Code(
            name,
            [("ptr", "frame"), *parameters],
            rule.lanes,
            {"double": "float64", "float": "float32"}[rule.scalar],
            internal=name != "train",
            has_fma=target.has_fma,
        )
        self.arguments = signature.load(self.code)
        self.inputs: int | Value = rule.inputs or self.arguments["inputs"]

    def array(self, name: str, lanes: int = 1, scalar: str = "") -> Array:
        """Return an argument as an array of vectors."""
        return Array(self.code, self.arguments[name], scalar or self.rule.scalar, lanes)

    def number(self, value: float, lanes: int = 1) -> Value:
        """Return a number of the rule's type."""
        return Value(self.code, "", self.rule.scalar, lanes).constant(value)

    def each_param(self, *, with_bias: bool = True) -> Iterator[Value | int]:
        """Emit what follows for the place of each weight, and of the bias if it has one."""
        stop = self.inputs + 1 if with_bias else self.inputs
        return each(self.code, stop)

    def scratch(self, name: str, lanes: int = 1) -> Array:
        """Return an array for numbers by parameter: registers if they are few."""
        array = self.array(name, lanes)
        return array.local(self.inputs + 1) if isinstance(self.inputs, int) else array


class _Vectors:
    """Samples in vectors, and the mistakes among them.

    A vector has as many samples as lanes, or one sample in all its lanes, which are members.
    """

    def __init__(self, kernel: _Kernel, *, of_members: bool = False) -> None:
        self.kernel, self.lanes = kernel, kernel.rule.lanes
        self.x = kernel.array("vectors", 1 if of_members else self.lanes)
        self.minus, self.stop = kernel.arguments["minus"], kernel.arguments["stop"]

    def input(self, d: Value | int, i: Value) -> Value:
        """Return input d of vector i."""
        return self.x.after(i * self.kernel.inputs)[d].in_lanes(self.lanes)

    def mistakes(self, params: Array) -> Iterator[tuple[Value, Value, float]]:
        """Emit a loop over the vectors of each class; give the place, the mistakes and -y.

        sign(0) = +1: y = +1 is a mistake where w·x < -b, y = -1 where w·x >= -b.
        """
        kernel = self.kernel
        w: list[Value] = []
        if kernel.rule.inputs:
            w = [params[d].in_lanes(self.lanes) for d in kernel.each_param()]
        line = -(w[-1] if w else params[kernel.inputs].in_lanes(self.lanes))
        for minus_y, start, stop in ((-1.0, 0, self.minus), (1.0, self.minus, self.stop)):
            for i in each(kernel.code, stop, start):
                z = Variable(kernel.number(0.0, self.lanes))
                for d in kernel.each_param(with_bias=False):
                    weight = w[d] if isinstance(d, int) else params[d].in_lanes(self.lanes)
                    z.set(fma(weight, self.input(d, i), z.get()))
                yield i, z.get() < line if minus_y < 0 else z.get() >= line, minus_y


def batch_rule(rule: Rule, target: Target) -> str:
    """Return the batch rule, θ ← θ - η s Σ_{mistakes} -y (x, 1), as a module.

    One pass over the samples gives the gradient at the present weights and, for the pocket, their
    mistakes. The pass after the last epoch is for the pocket only.
    """
    kernel = _Kernel(rule, BATCH_RULE, target)
    code, arguments, lanes = kernel.code, kernel.arguments, rule.param_lanes
    gradient = kernel.scratch("gradient", rule.lanes)
    rates = kernel.array("rates", lanes if rule.own_rates else 1)
    # The samples in the lanes are summed up; members in the lanes stay apart.
    collect = total if lanes == 1 else _unchanged
    for group in each(code, arguments["groups"]):
        first = group * kernel.inputs + group
        params, mean, pocket = (
            kernel.array(name, lanes).after(first) for name in ("params", "mean", "pocket")
        )
        fewest = kernel.array("fewest", lanes).after(group)
        mistaken = kernel.array("mistaken", lanes, "double").after(group)
        for epoch in each(code, arguments["epochs"] + 1):
            count, weight = (collect(v) for v in _sum_mistakes(kernel, params, gradient))
            is_better = count < fewest[0]
            fewest[0] = where(is_better, count, fewest[0])
            for d in kernel.each_param():
                pocket[d] = where(is_better, params[d], pocket[d])
            with when(epoch < arguments["epochs"]):
                mistaken[0] = mistaken[0] + count.to("double")
                s = kernel.array("scale")[0].in_lanes(lanes)
                if rule.scale == "mistakes":
                    s = s / where(weight > 0.0, weight, 1.0)
                place = epoch * arguments["rate_stride"] + group * arguments["group_stride"]
                rate = rates[place].in_lanes(lanes)
                averaged = (arguments["averaged"] + epoch + 1).to(rule.scalar)
                part = (averaged.constant(1.0) / averaged).in_lanes(lanes)
                for d in kernel.each_param(with_bias=rule.has_bias):
                    params[d] = params[d] - rate * (s * collect(gradient[d]))
                for d in kernel.each_param():
                    mean[d] = mean[d] + (params[d] - mean[d]) * part
    return module_text([code], target.attributes)


def _sum_mistakes(kernel: _Kernel, params: Array, gradient: Array) -> tuple[Value, Value]:
    """Write Σ_{mistakes} -y (x, 1); return the number of mistakes and their weight."""
    rule, lanes = kernel.rule, kernel.rule.lanes
    vectors = _Vectors(kernel, of_members=rule.param_lanes > 1)
    shares = kernel.array("shares", vectors.x.lanes)
    zero, one = kernel.number(0.0, lanes), kernel.number(1.0, lanes)
    for d in kernel.each_param():
        gradient[d] = zero
    # By class, since the sum of the weights is also that of the bias, but for its sign.
    counts = {-1.0: Variable(zero), 1.0: Variable(zero)}
    weights = {-1.0: Variable(zero), 1.0: Variable(zero)} if rule.is_weighted else counts
    for i, wrong, minus_y in vectors.mistakes(params):
        # With many inputs, most of what follows can often be left out.
        with nullcontext() if rule.inputs else when(any_of(wrong)):
            share = shares[i].in_lanes(lanes) if rule.is_weighted else one
            for d in kernel.each_param(with_bias=False):
                x = vectors.input(d, i)
                term = x * share if rule.is_weighted else x
                added = gradient[d] + term if minus_y > 0 else gradient[d] - term
                gradient[d] = where(wrong, added, gradient[d])
            for sums, term in [(counts, one), (weights, share)][: 1 + rule.is_weighted]:
                before = sums[minus_y].get()
                sums[minus_y].set(where(wrong, before + term, before))
    gradient[kernel.inputs] = weights[1.0].get() - weights[-1.0].get()
    count, weight = (sums[-1.0].get() + sums[1.0].get() for sums in (counts, weights))
    return count, weight


def _unchanged(value: Value) -> Value:
    return value


def rules_in_order(rule: Rule, target: Target) -> str:
    """Return the online and the mini-batch rule, member after member, as a module."""
    kernel = _Kernel(rule, IN_ORDER, target)
    code, arguments = kernel.code, kernel.arguments
    for number in each(code, arguments["members"]):
        member = _Member(kernel, number)
        for epoch in each(code, arguments["epochs"]):
            with when(arguments["shuffles"].differs(0)):
                of_orders = kernel.array("keys", scalar="i64")[number].name
                key = folded(code, of_orders, (arguments["first_epoch"] + epoch).name)
                operands = [("ptr", arguments["order"]), ("ptr", arguments["drawn"])]
                operands += [("i64", key), ("i64", "0"), ("i64", arguments["samples"].name)]
                code.call("void", "shuffle", operands)
            stop, start, step = (arguments[n] for n in ("stop_row", "first_row", "batch_size"))
            for first in each(code, stop, start, step):
                member.update(kernel.array("order", scalar="i32"), first)
            with when(arguments["stop_row"].equals(arguments["samples"])):
                member.average()
                member.challenge()
        member.finish()
    return module_text([shuffle_function(), _trial(rule, target), code], target.attributes)


class _Member:
    """A member that is trained by the online or the mini-batch rule."""

    def __init__(self, kernel: _Kernel, number: Value) -> None:
        self.kernel, self.code, self.number = kernel, kernel.code, number
        first = number * kernel.inputs + number
        self.lanes = kernel.rule.param_lanes
        self.params, self.mean, self.pocket = (
            kernel.array(name, self.lanes).after(first) for name in ("params", "mean", "pocket")
        )
        self.counts = kernel.array("counts", scalar="i64").after(number * len(COUNTS))
        (
            self.averaged,
            self.errors,
            self.longest_run,
            self.run,
            self.was_tried,
            self.mistaken,
            self.waiting,
        ) = self.variables = [Variable(self.counts[i]) for i in range(len(COUNTS))]
        self.updates = Variable(Value(self.code, "0", "i64"))
        self.tried_errors = self.counts.local(1)
        # Few parameters are in registers until all weights are tried.
        self.theta = self.params
        if isinstance(kernel.inputs, int):
            self.theta = self.params.local(kernel.inputs + 1)
            self._copy(self.params, self.theta)

    def update(self, order: Array, first: Value) -> None:
        """Emit an update, θ ← θ - η s Σ_{mistakes} -y (x, 1)."""
        kernel, rule, code = self.kernel, self.kernel.rule, self.code
        size, samples = (kernel.arguments[name] for name in ("batch_size", "samples"))
        stop = Value(code, code.minimum((first + size).name, samples.name), "i64")
        gradient = kernel.scratch("gradient", self.lanes)
        for d in kernel.each_param():
            gradient[d] = 0.0
        mistakes = Variable(first.constant(0))
        whole, mistaken = (Variable(kernel.number(0.0)) for _ in range(2))
        for position in each(code, stop, first):
            row = order[position].to("i64")
            wrong, y = self._is_wrong(row)
            weight = kernel.array("weights")[row] if rule.is_weighted else kernel.number(1.0)
            whole.add(weight)
            with when(wrong):
                mistakes.add(1)
                mistaken.add(weight)
                dz = (weight * -y).in_lanes(self.lanes)
                x = self._inputs(row)
                for d in kernel.each_param(with_bias=False):
                    gradient[d] = gradient[d] + dz * x[d]
                gradient[kernel.inputs] = gradient[kernel.inputs] + dz
        count = mistakes.get()
        with when(count > 0):
            self.average()
            self.mistaken.add(count)
            by = kernel.number(1.0)
            if rule.scale != "sum":
                by = (whole if rule.scale == "samples" else mistaken).get()
                by = where(by > 0.0, by, 1.0)
            self._step(gradient, by.in_lanes(self.lanes))
        with when((stop - first).equals(1)):
            self._note_answer(count > 0)
        self.waiting.add(1)
        self.updates.add(1)

    def average(self) -> None:
        """Emit: count the present weights in the mean once for each update that they wait."""
        waiting = self.waiting.get()
        with when(waiting > 0):
            self.averaged.add(waiting)
            count, all_counts = (
                number.to(self.kernel.rule.scalar).in_lanes(self.lanes)
                for number in (waiting, self.averaged.get())
            )
            for d in self.kernel.each_param():
                difference = self.theta[d] - self.mean[d]
                self.mean[d] = self.mean[d] + difference * count / all_counts
            self.waiting.set(0)

    def challenge(self) -> None:
        """Emit: put the present weights into the pocket if they make strictly fewer mistakes."""
        self._copy(self.theta, self.params)
        operands = ("%frame", self.params.pointer, self.tried_errors.pointer)
        self.code.call("void", "trial", [("ptr", one) for one in operands])
        errors = self.tried_errors[0]
        with when(errors < self.errors.get()):
            self.errors.set(errors)
            self._copy(self.theta, self.pocket)

    def finish(self) -> None:
        """Emit: write back what is in registers."""
        self._copy(self.theta, self.params)
        for i, variable in enumerate(self.variables):
            self.counts[i] = variable.get()

    def _inputs(self, row: Value) -> Array:
        return self.kernel.array("rows", self.lanes).after(row * self.kernel.inputs)

    def _is_wrong(self, row: Value) -> tuple[Value, Value]:
        """Return whether a sample is a mistake, with sign(0) = +1, and its y."""
        x, z = self._inputs(row), Variable(self.kernel.number(0.0, self.lanes))
        for d in self.kernel.each_param(with_bias=False):
            z.set(fma(self.theta[d], x[d], z.get()))
        y = self.kernel.array("targets")[row]
        score = total(z.get()) + self.theta[self.kernel.inputs].part(0, 1)
        return (score >= 0.0).differs(y > 0.0), y

    def _step(self, gradient: Array, by: Value) -> None:
        """Emit θ ← θ - η g / by."""
        kernel = self.kernel
        strides = (kernel.arguments[name] for name in ("rate_stride", "member_stride"))
        update_stride, member_stride = strides
        place = self.updates.get() * update_stride + self.number * member_stride
        rate = kernel.array("rates")[place].in_lanes(self.lanes)
        for d in kernel.each_param(with_bias=kernel.rule.has_bias):
            self.theta[d] = self.theta[d] - rate * (gradient[d] / by)

    def _note_answer(self, wrong: Value) -> None:
        """Emit: try weights that answered more in a row rightly than any, as ``Pocket`` does."""
        run = where(wrong, self.run.get().constant(0), self.run.get() + 1)
        self.run.set(run)
        self.was_tried.set(where(wrong, run.constant(0), self.was_tried.get()))
        with when(run > self.longest_run.get()):
            self.longest_run.set(run)
            is_new = self.was_tried.get().equals(0)
            self.was_tried.set(1)
            with when(is_new):
                self.challenge()

    def _copy(self, source: Array, to: Array) -> None:
        if source.pointer != to.pointer:
            for d in self.kernel.each_param():
                to[d] = source[d]


def _trial(rule: Rule, target: Target) -> Code:
    """Return the function that writes how many mistakes weights make on all samples."""
    kernel = _Kernel(rule, IN_ORDER, target, "trial", [("ptr", "params"), ("ptr", "errors")])
    code = kernel.code
    # The weights one by one, without vectors.
    kernel.inputs = rule.inputs or kernel.arguments["inputs"] * rule.param_lanes
    count = Variable(kernel.number(0.0, rule.lanes))
    for _, wrong, _ in _Vectors(kernel).mistakes(Array(code, "%params", rule.scalar)):
        count.set(where(wrong, count.get() + 1.0, count.get()))
    Array(code, "%errors", "i64")[0] = total(count.get()).to("i64")
    return code
