"""The driver of a kernel: its loops over epochs and batches, and what each batch is given.

A kernel is one function ``train(frame)``. For each epoch it shuffles the samples, if the frame says
so; for each batch it computes the samples' share, the learning rate and the penalty, and lets the
lowering emit the sums over the batch and the update. Of a program without update it returns the
sums over the samples, for each of several members.
"""

from collections.abc import Sequence
from dataclasses import replace

from rosenblatt.engines.compiled.denormals import flush_denormals, set_mode
from rosenblatt.engines.compiled.graph import live
from rosenblatt.engines.compiled.ir import FRAME, Code, module_text, vector_of
from rosenblatt.engines.compiled.lowering import BatchCall, Layout, Lowering
from rosenblatt.engines.compiled.random_numbers import folded, word
from rosenblatt.optimizers.base import is_weight

CHAINS = 4
"""Sums of squares that are added to at the same time."""

DRAW_LANES = 8
"""Random numbers of a shuffle that are drawn at once."""


def kernel_text(lowering: Lowering) -> str:
    """Return the module of a kernel: ``train(frame)`` and the functions that it calls."""
    functions = [*lowering.functions(), _Driver(lowering).emit()]
    if lowering.program.update is not None:
        functions = [shuffle_function(), *functions]
    return module_text(functions, lowering.target.attributes)


class _Driver:
    """The function ``train``."""

    def __init__(self, lowering: Lowering) -> None:
        self.lowering, self.program = lowering, lowering.program
        self.width = lowering.width
        self.code = Code(
            "train",
            [("ptr", "frame")],
            lowering.lanes,
            lowering.dtype,
            internal=False,
            has_fma=lowering.target.has_fma,
        )
        self.fields: dict[str, str] = {}
        self.has_penalty = any(node.op == "penalty" for node in live(self.program.outputs))

    def emit(self) -> Code:
        """Return the function."""
        self.fields = {name: self.code.field(name) for name in FRAME}
        if self.program.update is None:
            self._sum()
        else:
            self._train()
        return self.code

    def _train(self) -> None:
        """Emit the loops over epochs and batches."""
        code, fields = self.code, self.fields
        update = code.alloca("i64")
        code.store(fields["update"], update, "i64", align=8)
        n_sums = (len(self.lowering.layout.statistics) + 1) * self.width
        around = self._call("0", "1", fields["update"], fields["orders"], fields["sums"])
        architecture = self.lowering.target.architecture
        mode = flush_denormals(code, architecture)
        self.lowering.emit_before(code, around)
        with code.loop(fields["n_epochs"]) as epoch:
            start = code.integer("mul", epoch, fields["order_stride"])
            order = code.at(fields["orders"], start, "i32")
            sums = code.at(fields["sums"], code.integer("mul", epoch, n_sums))
            with code.when(code.inst(f"icmp ne i64 {fields['shuffles']}, 0")):
                self._shuffle(order, code.integer("add", epoch, fields["first_epoch"]))
            with code.loop(fields["stop_row"], fields["batch_size"], fields["first_row"]) as first:
                left = code.integer("sub", fields["stop_row"], first)
                count = code.minimum(fields["batch_size"], left)
                done = code.load(update, "i64", align=8)
                call = self._call(first, count, done, order, sums)
                with code.width(self.width):
                    call = self._with_numbers(call)
                    if self.has_penalty and "loss" in self.program.sums:
                        self._add_penalty(call)
                self.lowering.emit_batch(code, call)
                code.store(code.integer("add", done, 1), update, "i64", align=8)
        self.lowering.emit_after(code, around)
        set_mode(code, architecture, mode)

    def _sum(self) -> None:
        """Emit the loop over members, each with its own parameters and sums over the samples."""
        code, fields, layout = self.code, dict(self.fields), self.lowering.layout
        zeros = "zeroinitializer" if self.lowering.lanes > 1 else code.number(0.0)
        with code.loop(fields["n_epochs"]) as member:
            at = code.integer("mul", member, layout.size)
            for name in ("params", "tangents"):
                self.fields[name] = code.at(fields[name], at)
            sums = code.at(fields["sums"], code.integer("mul", member, layout.n_sums))
            count = code.integer("sub", fields["stop_row"], fields["first_row"])
            call = self._call(fields["first_row"], count, "0", fields["orders"], sums)
            self.lowering.emit_batch(code, call)
            self.lowering.emit_totals(code, fields["grads"], sums)
            with code.loop(layout.n_sums * self.width, code.lanes) as i:
                code.store(zeros, code.at(fields["grads"], i))

    def _call(self, first: str, count: str, update: str, order: str, sums: str) -> BatchCall:
        """Return the operands of a batch, whose numbers are not computed yet."""
        names = ("params", "slots", "grads", "tangents", "rows", "weights", "random_keys")
        with self.code.width(self.width):
            one, zero = self.code.const(1.0), self.code.const(0.0)
        return BatchCall(
            first=first,
            count=count,
            update=update,
            share=one,
            rate=zero,
            penalty=zero,
            n_rows=self.fields["n_rows"],
            order=order,
            settings=self.fields["settings"],
            sums=sums,
            workspace=self.fields["workspace"],
            **{name: self.fields[name] for name in names},
        )

    def _with_numbers(self, call: BatchCall) -> BatchCall:
        """Return the operands of a batch with its share, its learning rate and its penalty."""
        code, program = self.code, self.program
        if program.update is None:
            return call
        done = code.integer("sub", call.update, self.fields["update"])
        at = code.integer("mul", code.integer("mul", done, self.fields["rate_stride"]), self.width)
        rate = code.load(code.at(self.fields["rates"], at))
        share, penalty = call.share, call.penalty
        if program.share == "mean" or self.has_penalty:
            weight = self._weight_of(call)
            inverse = code.op("div", code.const(1.0), weight)
            if program.share == "mean":
                share = self._or_one(weight, inverse)
            if self.has_penalty:
                alpha = code.load(self.fields["penalty"])
                none = code.compare("oeq", weight, code.const(0.0))
                penalty = code.select(none, code.const(0.0), code.op("mul", alpha, inverse))
        return replace(call, share=share, rate=rate, penalty=penalty)

    def _or_one(self, weight: str, inverse: str) -> str:
        """Return 1 / Σw, or 1 where all weights are 0, and shares with them."""
        if not self.program.is_weighted:
            return inverse
        code = self.code
        return code.select(code.compare("oeq", weight, code.const(0.0)), code.const(1.0), inverse)

    def _weight_of(self, call: BatchCall) -> str:
        """Return the number of the batch's samples, or the sum of their weights, per member."""
        code = self.code
        if not self.program.is_weighted:
            return code.splat(code.inst(f"sitofp i64 {call.count} to {code.scalar}"))
        total = code.alloca(code.vector)
        code.store(code.const(0.0), total)
        with code.loop(call.count) as i:
            position = code.integer("add", call.first, i)
            weights = "poison"
            for member in range(self.width):
                at = code.integer("add", code.integer("mul", call.n_rows, member), position)
                row = code.load(code.at(call.order, at, "i32"), "i32", align=4)
                pointer = code.at(call.weights, code.inst(f"zext i32 {row} to i64"))
                weight = code.load(pointer, code.scalar)
                if self.width == 1:
                    weights = weight
                else:
                    lane = f"{code.scalar} {weight}, i32 {member}"
                    weights = code.inst(f"insertelement {code.vector} {weights}, {lane}")
            code.store(code.op("add", code.load(total), weights), total)
        return code.load(total)

    def _add_penalty(self, call: BatchCall) -> None:
        """Add the penalty ½ α ‖W‖² / Σw, times the batch's samples, to the sums of the epoch."""
        code, layout, lanes = self.code, self.lowering.layout, self.lowering.lanes
        totals = [code.alloca(vector_of(lanes, code.scalar)) for _ in range(CHAINS)]
        stride = 1 if self.width > 1 else lanes  # parameters in a vector

        def add(weight: str, total: str) -> None:
            square = code.op("mul", weight, weight)
            code.store(code.op("add", code.load(total), square), total)

        with code.width(lanes):
            for total in totals:
                code.store(code.const(0.0), total)
            for offset, size in weights_of(layout):
                start = code.at(call.params, offset * self.width)
                n_vectors = size // stride
                whole = n_vectors // CHAINS * CHAINS
                if whole:
                    with code.loop(whole * lanes, CHAINS * lanes) as i:
                        for number, total in enumerate(totals):
                            place = code.integer("add", i, number * lanes)
                            add(code.load(code.at(start, place)), total)
                for vector in range(whole, n_vectors):
                    add(code.load(code.at(start, vector * lanes)), totals[0])
                for rest in range(n_vectors * stride, size):
                    with code.width(1):  # in the first lane
                        add(code.load(code.at(start, rest)), totals[0])
            norm = code.load(totals[0])
            for total in totals[1:]:
                norm = code.op("add", norm, code.load(total))
        if self.width == 1 and lanes > 1:
            norm = code.reduced(norm, lanes)
        half = code.op("mul", code.const(0.5), call.penalty)
        samples = code.splat(code.inst(f"sitofp i64 {call.count} to {code.scalar}"))
        value = code.op("mul", code.op("mul", half, norm), samples)
        pointer = code.at(call.sums, len(layout.statistics) * self.width)
        code.store(code.op("add", code.load(pointer), value), pointer)

    def _shuffle(self, order: str, epoch: str) -> None:
        code, fields = self.code, self.fields
        # Behind the orders, and behind what the last of them overwrites.
        end = code.integer("add", code.integer("mul", fields["n_rows"], self.width), DRAW_LANES)
        targets = code.at(fields["orders"], end, "i32")
        with code.loop(self.width) as member:
            key = code.load(code.at(fields["order_keys"], member, "i64"), "i64", align=8)
            own = code.at(order, code.integer("mul", member, fields["n_rows"]), "i32")
            start = code.load(code.at(fields["first_rows"], member, "i64"), "i64", align=8)
            numbers = [folded(code, key, epoch), start, fields["n_rows"]]
            arguments = [("ptr", own), ("ptr", targets), *(("i64", number) for number in numbers)]
            code.call("void", "shuffle", arguments)


def shuffle_function() -> Code:
    """Return ``shuffle(order, targets, key, start, n)``.

    The order is that of :func:`rosenblatt.random.epoch_order` plus ``start``. ``targets`` has room
    for n numbers, and for a vector more.
    """
    parameters = [("ptr", "order"), ("ptr", "targets")]
    parameters += [("i64", name) for name in ("key", "start", "n")]
    code = Code("shuffle", parameters, 1, "f8")
    lanes = DRAW_LANES
    wide, narrow = vector_of(lanes, "i64"), vector_of(lanes, "i32")
    counting = "<" + ", ".join(f"i64 {lane}" for lane in range(lanes)) + ">"
    ones, half = _repeated(lanes, 1), _repeated(lanes, 32)
    with code.width(lanes):
        key, start = code.splat("%key", "i64"), code.splat("%start", "i64")
        with code.loop("%n", lanes) as i:
            rows = code.inst(f"add {wide} {code.splat(i, 'i64')}, {counting}")
            place = code.inst(f"add {wide} {rows}, {start}")
            place = code.inst(f"trunc {wide} {place} to {narrow}")
            numbers = code.inst(f"add {wide} {rows}, {ones}")
            draw = code.inst(f"lshr {wide} {word(code, key, numbers, lanes)}, {half}")
            scaled = code.inst(f"mul nuw {wide} {draw}, {numbers}")
            target = code.inst(f"lshr {wide} {scaled}, {half}")
            target = code.inst(f"trunc {wide} {target} to {narrow}")
            # The last vector of rows reaches into memory that is written later, or not used.
            code.store(place, code.at("%order", i, "i32"), narrow, align=4)
            code.store(target, code.at("%targets", i, "i32"), narrow, align=4)
    with code.when(code.inst("icmp sgt i64 %n, 1")), code.loop("%n", 1, 1) as back:
        i = code.integer("sub", "%n", back)
        target = code.load(code.at("%targets", i, "i32"), "i32", align=4)
        mine = code.at("%order", i, "i32")
        other = code.at("%order", code.inst(f"zext i32 {target} to i64"), "i32")
        a, b = code.load(mine, "i32", align=4), code.load(other, "i32", align=4)
        code.store(b, mine, "i32", align=4)
        code.store(a, other, "i32", align=4)
    return code


def _repeated(lanes: int, value: int) -> str:
    return "<" + ", ".join([f"i64 {value}"] * lanes) + ">"


def weights_of(layout: Layout) -> Sequence[tuple[int, int]]:
    """Return where weight matrices begin, and how many numbers they have."""
    return [
        (layout.offsets[name], layout.extent(name)) for name in layout.shapes if is_weight(name)
    ]
