"""A driver of one epoch for the lowering of wide layers, with whatever orders a test gives."""

import numpy as np

from rosenblatt.engines.native.build import compile_text, load
from rosenblatt.engines.native.ir import FRAME, Code, module_text
from rosenblatt.engines.native.lowering import BatchCall
from rosenblatt.engines.native.target import Target
from rosenblatt.engines.native.team import helpers
from rosenblatt.engines.native.wide import Wide
from rosenblatt.random import Key


def aligned(count, dtype):
    size = count * np.dtype(dtype).itemsize
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].view(dtype)


class Kernel:
    """One member's arrays and the compiled function."""

    def __init__(self, program, dtype, batch_size, target=None, is_loaded=True):
        self.program, self.dtype, self.batch_size = program, np.dtype(dtype), batch_size
        target = target or Target.host()
        self.lowering = Wide(program, target, dtype, batch_size)
        self.text = module_text([*self.lowering.functions(), self._driver()], target.attributes)
        if is_loaded:
            self.library = load(compile_text(self.text, target), ("train", "help"))
        layout = self.lowering.layout
        self.params = aligned(layout.size + 64, dtype)
        self.slots = aligned(layout.size * max(1, len(program.slot_names)) + 64, dtype)
        self.grads = aligned(layout.n_sums * self.lowering.lanes + 64, dtype)
        self.workspace = aligned(self.lowering.workspace + 64, np.uint8)
        self.workspace[:] = 255  # NaN everywhere: what is read must have been written

    def _driver(self):
        lowering, program = self.lowering, self.program
        code = Code("train", [("ptr", "frame")], lowering.lanes, self.dtype, internal=False)
        field = {name: code.field(name) for name in FRAME}
        update = code.alloca("i64")
        code.store(field["update"], update, "i64")
        with code.loop(field["stop_row"], field["batch_size"], field["first_row"]) as first:
            count = code.minimum(code.integer("sub", field["stop_row"], first), field["batch_size"])
            with code.width(1):
                size = code.inst(f"sitofp i64 {count} to {code.scalar}")
                if program.is_weighted:
                    total = code.alloca(code.scalar)
                    code.store(code.const(0.0), total)
                    with code.loop(count) as i:
                        at = code.at(field["orders"], code.integer("add", first, i), "i32")
                        row = code.inst(f"sext i32 {code.load(at, 'i32', align=4)} to i64")
                        weight = code.load(code.at(field["weights"], row))
                        code.store(code.op("add", code.load(total), weight), total)
                    size = code.load(total)
                is_empty = code.compare("oeq", size, code.const(0.0))
                size = code.select(is_empty, code.const(1.0), size)
                share = code.op("div", code.const(1.0), size)
                if program.share == "sum":
                    share = code.const(1.0)
                penalty = code.op("div", code.load(field["penalty"]), size)
                penalty = code.select(is_empty, code.const(0.0), penalty)
                done = code.load(update, "i64", align=8)
                at = code.integer(
                    "mul", code.integer("sub", done, field["update"]), field["rate_stride"]
                )
                rate = code.load(code.at(field["rates"], at))
            more = {
                name: field[name]
                for name in ("params", "slots", "grads", "tangents", "rows", "weights")
            }
            call = BatchCall(
                first=first, count=count, update=done, share=share, rate=rate, penalty=penalty,
                n_rows=field["n_rows"], order=field["orders"], random_keys=field["random_keys"],
                settings=field["settings"], sums=field["sums"],
                workspace=field["workspace"], **more,
            )  # fmt: skip
            lowering.emit_batch(code, call)
            code.store(code.integer("add", done, 1), update, "i64")
        if program.update is None:
            lowering.emit_totals(code, field["grads"], field["sums"])
        return code

    def put(self, params, slots=None):
        places, layout = self.lowering.layout.places, self.lowering.layout
        self.params[:] = 0
        self.slots[:] = 0
        self.params[places] = np.concatenate([params[name].ravel() for name in layout.shapes])
        for i, name in enumerate(self.program.slot_names):
            if slots is not None:
                values = np.concatenate([slots[name][one].ravel() for one in layout.shapes])
                self.slots[i * layout.size + places] = values

    def check_gaps(self):
        """Between the parameters there are zeros."""
        layout = self.lowering.layout
        assert not np.delete(self.params[: layout.size], layout.places).any()

    def get(self, array=None):
        layout = self.lowering.layout
        flat = (self.params if array is None else array)[layout.places]
        out, at = {}, 0
        for name, shape in layout.shapes.items():
            n = int(np.prod(shape))
            out[name] = flat[at : at + n].reshape(shape).copy()
            at += n
        return out

    def get_slots(self):
        size = self.lowering.layout.size
        return {
            name: self.get(self.slots[i * size : (i + 1) * size])
            for i, name in enumerate(self.program.slot_names)
        }

    def frame(self, x, y, order, rates, *, update=0, seed=0, penalty=0.0, weights=None):
        dtype = self.dtype
        self.grads[:] = 0
        n_sums = self.lowering.layout.n_sums if self.program.update is None else 16
        arrays = {
            "params": self.params, "slots": self.slots, "grads": self.grads,
            "rows": np.ascontiguousarray(np.concatenate([x, y], 1), dtype),
            "weights": np.zeros(1, dtype) if weights is None else weights.astype(dtype),
            "orders": np.asarray(order, np.int32),
            "random_keys": np.array([Key.of(seed, "dropout").value], np.uint64),
            "rates": np.asarray(rates, dtype), "penalty": np.array([penalty], dtype),
            "settings": np.zeros(4, dtype), "sums": np.zeros(n_sums, dtype),
            "workspace": self.workspace,
        }  # fmt: skip
        whole = {
            "n_rows": len(x), "batch_size": self.batch_size, "stop_row": len(order),
            "update": update, "rate_stride": int(len(rates) > 1),
        }  # fmt: skip
        frame = np.zeros(len(FRAME), np.uint64)
        for i, name in enumerate(FRAME):
            value = arrays[name].ctypes.data if name in arrays else whole.get(name, 0)
            frame[i] = value
        return frame, arrays

    def run(self, frame, arrays, n_threads=1):
        train, help_out = self.library.function("train"), self.library.function("help")
        address = frame.ctypes.data
        with helpers(n_threads - 1, self.workspace, lambda: help_out(address)):
            train(address)
        return arrays["sums"]
