"""A small driver: batches one after the other, through the code of a lowering."""

import numpy as np

from rosenblatt.engines.compiled.build import compile_text, load
from rosenblatt.engines.compiled.ir import FRAME, POINTERS, Code, module_text, vector_of
from rosenblatt.engines.compiled.lowering import BatchCall

FIELDS = ("params", "slots", "grads", "tangents", "rows", "weights", "random_keys", "settings")


def aligned(shape, dtype):
    """Return zeros that begin at a multiple of 64 bytes."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].view(dtype).reshape(shape)


def train_function(lowering, target, dtype, members):
    """Return a function that goes through batches; numbers of each are in the frame's rates."""
    lanes = lowering.lanes
    code = Code("train", [("ptr", "frame")], lanes, dtype, internal=False, has_fma=target.has_fma)
    get = {field: code.field(field) for field in FRAME}
    width = lanes if members else 1
    kind = vector_of(width, code.scalar)
    update0, stop = get["update"], get["stop_row"]

    def call_of(**operands):
        names = {field: get[field] for field in FIELDS}
        return BatchCall(
            **operands, **names, n_rows=get["n_rows"], sums=get["sums"],
            workspace=get["workspace"],
        )  # fmt: skip

    has_hooks = hasattr(lowering, "emit_before")
    around = call_of(
        first="0", count="1", update=update0, share="", rate="", penalty="", order=get["orders"]
    )
    if has_hooks:
        lowering.emit_before(code, around)
    with code.loop(get["n_epochs"]) as epoch:
        per_epoch = code.integer(
            "udiv",
            code.integer("add", stop, code.integer("sub", get["batch_size"], 1)),
            get["batch_size"],
        )
        with code.loop(per_epoch) as batch:
            number = code.integer("add", code.integer("mul", epoch, per_epoch), batch)
            first = code.integer("mul", batch, get["batch_size"])
            count = code.minimum(code.integer("sub", stop, first), get["batch_size"])
            at = code.integer("mul", code.integer("mul", number, get["rate_stride"]), 3 * width)
            numbers = [
                code.load(code.at(code.at(get["rates"], at), i * width), kind) for i in range(3)
            ]
            orders = code.at(get["orders"], code.integer("mul", epoch, get["order_stride"]), "i32")
            call = call_of(
                first=first, count=count, update=code.integer("add", update0, number),
                share=numbers[0], rate=numbers[1], penalty=numbers[2], order=orders,
            )  # fmt: skip
            lowering.emit_batch(code, call)
    if has_hooks:
        lowering.emit_after(code, around)
    if lowering.program.update is None:
        lowering.emit_totals(code, get["grads"], get["sums"])
    return code


class Batches:
    """A compiled lowering with its arrays; members are in the last axis of each."""

    def __init__(self, lowering, target, dtype, members):
        self.lowering, self.dtype = lowering, np.dtype(dtype)
        self.members = members
        self.lanes = lowering.lanes
        self.width = self.lanes if members else 1
        codes = [*lowering.functions(), train_function(lowering, target, dtype, members)]
        self.text = module_text(codes, target.attributes)
        self.object = compile_text(self.text, target)
        self.call = load(self.object).function("train")
        layout, program = lowering.layout, lowering.program
        w = self.width
        self.params = aligned((layout.size, w), dtype)
        self.tangents = aligned((layout.size, w), dtype)
        self.slots = aligned((max(1, len(program.slot_names)), layout.size, w), dtype)
        self.grads = aligned((layout.n_sums, w), dtype)
        self.sums = aligned((max(layout.n_sums, 1), w), dtype)
        self.settings = aligned((max(1, program.n_settings), w), dtype)
        self.workspace = aligned((lowering.workspace + 64,), np.uint8)

    def places(self, name):
        """Return where the numbers of a parameter lie."""
        layout = self.lowering.layout
        if name not in layout.shapes:
            return np.array([layout.offsets[name]])
        sizes = {one: int(np.prod(shape)) for one, shape in layout.shapes.items()}
        names = list(sizes)
        start = sum(sizes[one] for one in names[: names.index(name)])
        return layout.places[start : start + sizes[name]]

    def set(self, array, values, member=None):
        """Put values by name where the layout has them."""
        for name, value in values.items():
            where = slice(None) if member is None else member
            flat = np.ravel(value)
            array[self.places(name), where] = flat if member is not None else flat[:, None]

    def get(self, array, shapes, member=0):
        """Return values by name."""
        return {
            name: array[self.places(name), member].reshape(shape) for name, shape in shapes.items()
        }

    def run(
        self, x, y, orders, batch_size, numbers, *, weights=None, keys=None, update=0, epochs=1
    ):
        """Go through epochs; numbers (batches, 3, width) are share, rate, penalty of each batch."""
        rows = aligned((len(x), x.shape[1] + y.shape[1]), self.dtype)
        rows[:] = np.concatenate([x, y], axis=1)
        orders = np.ascontiguousarray(orders, np.int32)
        numbers = np.ascontiguousarray(numbers, self.dtype)
        weights = None if weights is None else np.ascontiguousarray(weights, self.dtype)
        keys = np.zeros(self.width, np.uint64) if keys is None else np.asarray(keys, np.uint64)
        given = {
            "params": self.params, "slots": self.slots, "grads": self.grads, "weights": weights,
            "tangents": self.tangents, "rows": rows, "orders": orders, "random_keys": keys,
            "rates": numbers, "settings": self.settings, "sums": self.sums,
            "workspace": self.workspace, "n_rows": len(x), "batch_size": batch_size,
            "stop_row": len(x), "update": update, "n_epochs": epochs, "order_stride": 0,
            "rate_stride": 1,
        }  # fmt: skip
        self.kept = given
        self.frame = np.zeros(len(FRAME), np.int64)
        for i, name in enumerate(FRAME):
            value = given.get(name)
            if name in POINTERS:
                self.frame[i] = 0 if value is None else value.ctypes.data
            else:
                self.frame[i] = 0 if value is None else value
        self.call(self.frame.ctypes.data)
