"""Code of one stage of a batch with wide layers: loops over samples and over vectors of units.

A value has a vector of units, or is one number: of a sample, or the same for all of them.
"""

import math
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from rosenblatt.engines.compiled.elementary import apply
from rosenblatt.engines.compiled.graph import Node, live
from rosenblatt.engines.compiled.ir import Code, vector_of
from rosenblatt.engines.compiled.lowering import results_of
from rosenblatt.engines.compiled.random_numbers import folded, word
from rosenblatt.engines.compiled.scheduling import refused
from rosenblatt.engines.compiled.stages import ROW_SUMS, Place, is_view, seen, units
from rosenblatt.engines.compiled.team import BOARD_SIZE
from rosenblatt.engines.compiled.update import Step

if TYPE_CHECKING:
    from rosenblatt.engines.compiled.wide import Wide

CONTEXT = (
    *("params", "slots", "grads", "rows", "weights", "order", "random_keys", "settings"),
    *("first", "count", "offset", "update"),
    *("share", "rate", "penalty"),
)
"""What a stage is told of a batch, 8 bytes each, after the board: fields of :class:`BatchCall`, and
``offset``, the samples of the batch before ``first``."""
UNROLLED = 4
"""The most vectors of a row that is unrolled."""


def kind_of(name: str, code: Code) -> str:
    """Return the type of a field of the context: pointer, whole number or number."""
    place = CONTEXT.index(name)
    return "ptr" if place < 8 else "i64" if place < 12 else code.scalar


class Stage:
    """The code of one stage, for one part of it.

    Args:
        lowering: what it is a stage of.
        code: an empty function with the parameter ``board``, and for :meth:`emit` ``part`` and
            ``parts``.
    """

    def __init__(self, lowering: "Wide", code: Code) -> None:
        self.lowering, self.code = lowering, code
        self.stages, self.layout, self.lanes = lowering.stages, lowering.layout, lowering.lanes
        self.step = Step(code, members=False, totals=self.layout.offsets)
        self.context = {name: self._field(name) for name in CONTEXT}
        self.numbers = code.at("%board", lowering.numbers, "i8")
        self.keys: dict[tuple[int, ...], str] = {}
        # Values that no sample changes, those of the present sample, and of the present vector.
        self.always: dict[Node, str] = {}
        self.row: dict[Node, str] = {}
        self.point: dict[Node, str] = {}
        self.number = self.level = self.width = 0
        self.i = self.v = ""

    def _field(self, name: str) -> str:
        code, kind = self.code, kind_of(name, self.code)
        pointer = code.at("%board", BOARD_SIZE + CONTEXT.index(name), "i64")
        if name not in (*Step.PARAMETERS, "grads"):  # those that Step has by name
            return code.load(pointer, kind, align=8)
        code.line(f"%{name} = load {kind}, ptr {pointer}, align 8")
        return f"%{name}"

    def emit(self, number: int) -> Code:
        """Emit the stage and return its function."""
        self.number, work = number, self.lowering.work[number]
        results = [item for item in work if isinstance(item, Node)]
        self._prepare(results)
        if number == 0:
            self._gather()
        elif number % 2:
            with self._samples():
                self._along_rows(results)
        else:
            self._products(results)
            for item in work:
                if isinstance(item, str):
                    self._sum(item)
                elif isinstance(item, tuple):
                    self._update(item[1])
        return self.code

    def _prepare(self, results: Iterable[Node]) -> None:
        """Compute what no sample changes before the loops."""
        code = self.code
        for node in live(results):
            if not node.batched and units(node) == 1 and not is_view(node):
                with code.width(1):
                    self._value(node)
            elif node.op in ("uniform", "uniform_ge"):
                path = node.attr if node.op == "uniform" else node.attr[0]
                key = code.load(self.context["random_keys"], "i64", align=8)
                for fold in (self.context["update"], *path):
                    key = folded(code, key, fold)
                self.keys[path] = key

    # Loops

    def _part(self, count: str | int) -> tuple[str, str]:
        """Return where this part of ``count`` items begins and ends."""
        code = self.code
        ends = (code.integer("mul", i, count) for i in ("%part", code.integer("add", "%part", 1)))
        first, stop = (code.integer("udiv", end, "%parts") for end in ends)
        return first, stop

    @contextmanager
    def _from(self, first: str, stop: str, step: int = 1) -> Generator[str]:
        """A loop from ``first`` to before ``stop``, or none."""
        code, is_any = self.code, self.code.inst(f"icmp slt i64 {first}, {stop}")
        with code.when(is_any), code.loop(stop, step, first) as i:
            yield i

    @contextmanager
    def _samples(self) -> Generator[str]:
        """A loop over the samples of this part."""
        with self._from(*self._part(self.context["count"])) as i:
            self.i, self.row = i, {}
            yield i

    def _at(self, v: str, width: int) -> None:
        """Go to a vector of the present sample's row."""
        self.v, self.width, self.point = v, width, {}

    def _gather(self) -> None:
        """Copy inputs and targets of the batch's samples, and set their shares."""
        code, program = self.code, self.lowering.program
        places = {node.op: place for node, place in self.stages.places.items()}
        with self._samples() as i:
            position = code.integer("add", self.context["first"], i)
            row = code.load(code.at(self.context["order"], position, "i32"), "i32", align=4)
            row = code.inst(f"sext i32 {row} to i64")
            row_length = program.n_inputs + program.n_outputs
            source = code.at(self.context["rows"], code.integer("mul", row, row_length))
            if "x" in places:
                self._copy(source, self._address(places["x"]), program.n_inputs)
            if "y" in places:
                source = code.at(source, program.n_inputs)
                self._copy(source, self._address(places["y"]), program.n_outputs)
            if "share" in places:
                share = self.context["share"]
                with code.width(1):
                    if program.is_weighted:
                        weight = code.load(code.at(self.context["weights"], row))
                        share = code.op("mul", share, weight)
                    code.store(share, self._address(places["share"]))

    def _copy(self, source: str, target: str, count: int) -> None:
        code, whole = self.code, count // self.lanes * self.lanes
        if whole:
            with code.loop(whole, self.lanes) as at:
                code.store(code.load(code.at(source, at)), code.at(target, at))
        with code.width(1):
            for column in range(whole, count):
                code.store(code.load(code.at(source, column)), code.at(target, column))

    def _products(self, results: Sequence[Node]) -> None:
        """Emit the products of a stage, and for each width a loop over what is made of them."""
        code, places = self.code, self.stages.places
        columns: dict[int, tuple[str, str]] = {}
        for node in results:
            if node.op == "matmul":
                a, b = (seen(arg) for arg in node.args[:2])
                matrix = seen(b.args[0]) if b.op == "T" else b
                weights = code.at(self.context["params"], self.layout.offsets[matrix.attr])
                pointers = self._start(places[a]), weights, self._start(places[node])
                sizes = self.context["count"], str(b.shape[0])
                columns[units(node)] = self._product(node, pointers, sizes)
        for width, (first, stop) in columns.items():
            wanted = [node for node in results if units(node) == width and self._is_stored(node)]
            if wanted:
                with self._from("0", self.context["count"]) as i:
                    self.i, self.row = i, {}
                    with self._from(first, stop) as v:
                        self._at(v, width)
                        self._store(wanted)

    def _product(
        self, node: Node, pointers: tuple[str, str, str], sizes: tuple[str, str]
    ) -> tuple[str, str]:
        """Emit this part of a product; return where its columns begin and end, in vectors."""
        code, product = self.code, self.lowering.products[node]
        first, stop = self._part(product.n_panels)
        own = code.integer("mul", "%part", self.lowering.scratch)
        scratch = code.at(code.at(self.numbers, self.stages.size), own)
        board = [("ptr", "%board")] if product.finish else []
        with code.when(code.inst(f"icmp slt i64 {first}, {stop}")):
            product.call(code, *pointers, scratch, *sizes, first, stop, more=board)
        return product.first_vector(code, first), product.first_vector(code, stop)

    def _is_stored(self, node: Node) -> bool:
        """Return whether a result is written to its place after it was computed."""
        if node.op == "matmul":
            return len(node.args) > 2 and self.stages.is_needed_later(node)
        return node in self.stages.places

    def _along_rows(self, results: Sequence[Node]) -> None:
        """Emit the results of an odd stage for one sample."""
        code, stages = self.code, self.stages
        for level in range(max(stages.level[node] for node in results) + 1):
            self.level = level
            here = [node for node in results if stages.level[node] == level and not is_view(node)]
            folds = [node for node in here if node.op in ROW_SUMS]
            for node in here:
                if units(node) == 1 and node not in folds:
                    with code.width(1):
                        self._keep_number(node, self._value(node))
            widths = [units(node) for node in here] + [units(node.args[0]) for node in folds]
            for width in dict.fromkeys(width for width in widths if width > 1):
                wanted = [n for n in here if units(n) == width and n in stages.places]
                self._fold(width, wanted, [n for n in folds if units(n.args[0]) == width])

    def _fold(self, width: int, wanted: Sequence[Node], folds: Sequence[Node]) -> None:
        """Emit the vectors of a row: results to store, and sums and maxima along the row."""
        code, n_vectors = self.code, -(-width // self.lanes)
        operations = {"rsum": ("add", 0.0), "rmax": ("max", -math.inf)}
        totals = {node: code.alloca(code.vector) for node in folds}
        for node, total in totals.items():
            code.store(code.const(operations[node.op][1]), total)

        def vector(v: str) -> None:
            self._at(v, width)
            self._store(wanted)
            for node, total in totals.items():
                operation, neutral = operations[node.op]
                value = self._masked(self._value(node.args[0]), neutral)
                code.store(apply(code, operation, [code.load(total), value]), total)

        if n_vectors <= UNROLLED:
            for number in range(n_vectors):
                vector(str(number))
        else:
            with code.loop(n_vectors) as v:
                vector(v)
        for node, total in totals.items():
            value, lanes = code.load(total), self.lanes
            while lanes > 1:
                ranges = range(lanes // 2), range(lanes // 2, lanes)
                halves = [code.lanes_of(value, half, lanes) for half in ranges]
                lanes //= 2
                with code.width(lanes):
                    value = apply(code, operations[node.op][0], halves)
            self.row[node] = value
            self._keep_number(node, value)

    # Values

    def _value(self, node: Node) -> str:
        """Return a vector of the present row, or with one lane the number of a sample or of all."""
        code, node = self.code, seen(node)
        if node.op == "const":
            return code.const(node.attr)
        if node.op == "fill":
            return self._value(node.args[0])
        is_number = units(node) == 1
        if is_number and code.lanes > 1:
            with code.width(1):
                number = self._value(node)
            return code.splat(number, "i1" if node.is_bool else code.scalar)
        known = self.point if not is_number else self.row if node.batched else self.always
        if node not in known:
            known[node] = self._computed(node)
        return known[node]

    def _computed(self, node: Node) -> str:
        code, place = self.code, self.stages.places.get(node)
        if place is not None and self._is_in_memory(node):
            value = code.load(self._here(place))
            has_bias = node.op == "matmul" and len(node.args) > 2
            if has_bias and self.stages.stage[node] == self.number:
                value = code.op("add", value, self._value(node.args[2]))
            return value
        match node.op:
            case "param":
                start = code.at(self.context["params"], self.layout.offsets[node.attr])
                return code.load(self._along(start))
            case "table":
                return code.load(self._along(self._table(node)))
            case "setting":
                return code.load(code.at(self.context["settings"], node.attr))
            case "rate" | "penalty":
                return self.context[node.op]
            case "step":
                return code.inst(f"sitofp i64 {self.context['update']} to {code.scalar}")
            case "valid":
                return code.const(1.0)
            case "uniform" | "uniform_ge":
                return self._random(node)
        operands = [self._value(arg) for arg in node.args]
        return apply(code, node.op, operands, [arg.is_bool for arg in node.args])

    def _is_in_memory(self, node: Node) -> bool:
        if self.stages.stage[node] < self.number or node.op == "matmul":
            return True
        return self.number % 2 == 1 and self.stages.level[node] < self.level

    def _table(self, node: Node) -> str:
        """Return the pointer to constant numbers."""
        code, name = self.code, f"@table{node.id}"
        values = np.frombuffer(node.attr, np.float64)
        values = np.append(values, np.zeros(-len(values) % self.lanes))
        numbers = ", ".join(f"{code.scalar} {code.number(x)}" for x in values)
        kind = f"[{len(values)} x {code.scalar}]"
        code.declared.add(f"{name} = private constant {kind} [{numbers}], align 64")
        return name

    def _random(self, node: Node) -> str:
        """Return random numbers of the present sample, or which of them are large enough."""
        code, lanes = self.code, self.code.lanes
        path, least = (node.attr, None) if node.op == "uniform" else node.attr
        position = code.integer("add", self.context["offset"], self.i)
        number = code.integer("add", code.integer("mul", position, units(node)), 1)
        kind, double = vector_of(lanes, "i64"), vector_of(lanes, "double")
        if lanes > 1:
            number = code.integer("add", number, code.integer("mul", self.v, lanes))
            steps = ", ".join(f"i64 {lane}" for lane in range(lanes))
            number = code.inst(f"add {kind} {code.splat(number, 'i64')}, <{steps}>")
        bits = word(code, code.splat(self.keys[path], "i64"), number, lanes)
        bits = code.inst(f"lshr {kind} {bits}, {code.whole(11, 64)}")
        if least is not None:
            return code.inst(f"icmp uge {kind} {bits}, {code.whole(least, 64)}")
        scale = code.repeat("double 0x3CA0000000000000")
        value = code.inst(
            f"fmul {double} {code.inst(f'uitofp {kind} {bits} to {double}')}, {scale}"
        )
        return value if code.bits == 64 else code.inst(f"fptrunc {double} {value} to {code.vector}")

    def _masked(self, value: str, instead: float) -> str:
        """Return a vector in which lanes beyond the end of the row have another number."""
        code = self.code
        last, rest = divmod(self.width, self.lanes)
        if rest == 0 or (self.v.isdecimal() and int(self.v) < last):
            return value
        mask = "<" + ", ".join(f"i1 {int(lane < rest)}" for lane in range(self.lanes)) + ">"
        if not self.v.isdecimal():
            is_last = code.inst(f"icmp eq i64 {self.v}, {last}")
            kinds = f"{code.mask} {mask}, {code.mask} {code.repeat('i1 1')}"
            mask = code.inst(f"select i1 {is_last}, {kinds}")
        return code.select(mask, value, code.const(instead))

    def _store(self, wanted: Sequence[Node]) -> None:
        values = [(node, self._value(node)) for node in wanted]
        for node, value in values:
            self.code.store(self._masked(value, 0.0), self._here(self.stages.places[node]))

    def _keep_number(self, node: Node, value: str) -> None:
        """Store a sample's number if it is needed later, for products and sums in a vector."""
        code, place = self.code, self.stages.places.get(node)
        if place is None:
            return
        if place.stride == 1:
            code.store(value, self._address(place), code.scalar)
        else:
            with code.width(self.lanes):
                zeros = f"{code.vector} {code.const(0.0)}"
                vector = code.inst(f"insertelement {zeros}, {code.scalar} {value}, i32 0")
                code.store(vector, self._address(place))

    # Sums over the samples, and updates

    def _sum(self, label: str) -> None:
        node = seen(self.lowering.sums[label])
        if node.op == "matmul":
            a, b = (seen(arg) for arg in node.args[:2])
            places = self.stages.places
            pointers = self._start(places[seen(a.args[0])]), self._start(places[b]), "null"
            self._product(node, pointers, (str(node.shape[0]), self.context["count"]))
        elif node.op == "rsum":
            self._sum_of_rows(label, seen(node.args[0]))
        else:
            raise refused(node, f"the sum {label}, which is not a sum over the batch")

    def _sum_of_rows(self, label: str, source: Node) -> None:
        code, place = self.code, self.stages.places[source]
        self.prepare_step(label)
        first, stop = self._part(-(-units(source) // self.lanes))
        n_whole = code.integer("udiv", code.integer("sub", stop, first), UNROLLED)
        middle = code.integer("add", first, code.integer("mul", n_whole, UNROLLED))
        for ends, count in (((first, middle), UNROLLED), ((middle, stop), 1)):
            with self._from(*ends, count) as v:
                for number, value in enumerate(self._sum_of_columns(place, v, count)):
                    at = code.integer("mul", code.integer("add", v, number), self.lanes)
                    self.take(label, at, value)

    def _sum_of_columns(self, place: Place, v: str, count: int) -> list[str]:
        """Return the sums over all samples of ``count`` vectors from the v-th on."""
        code = self.code
        totals = [code.alloca(code.vector) for _ in range(count)]
        for total in totals:
            code.store(code.const(0.0), total)
        column = code.at(self._start(place), code.integer("mul", v, code.lanes))
        with code.loop(self.context["count"]) as i:
            row = code.at(column, code.integer("mul", i, place.stride))
            for number, total in enumerate(totals):
                value = code.load(code.at(row, number * code.lanes))
                code.store(code.op("add", code.load(total), value), total)
        return [code.load(total) for total in totals]

    def prepare_step(self, label: str) -> None:
        """Compute before a loop what :meth:`take` needs for all vectors."""
        if label in self.lowering.stepping:
            self.step.prepare(results_of(self.lowering.program, label))

    def take(self, label: str, at: str, value: str) -> None:
        """Take the step with a vector of a sum, ``at`` numbers from its beginning, or keep it."""
        code = self.code
        if label in self.lowering.stepping:
            self._step(label, at, value)
            return
        place = code.integer("add", at, self.layout.offsets[label])
        target = code.at(self.context["grads"], place)
        before = code.load(target)
        if self.lowering.program.update:
            # The first samples of a batch begin a new sum.
            is_first = code.inst(f"icmp eq i64 {self.context['offset']}, 0")
            kinds = f"{code.vector} {code.const(0.0)}, {code.vector} {before}"
            before = code.inst(f"select i1 {is_first}, {kinds}")
        code.store(code.op("add", before, value), target)

    def _update(self, name: str) -> None:
        """Emit the step of a parameter whose gradient is in memory."""
        self.step.prepare(results_of(self.lowering.program, name))
        with self._from(*self._part(self.layout.extent(name) // self.lanes)) as v:
            self._step(name, self.code.integer("mul", v, self.lanes))

    def _step(self, name: str, at: str, gradient: str | None = None) -> None:
        """Emit the update of a vector of a parameter, ``at`` numbers from its beginning."""
        code, program, layout = self.code, self.lowering.program, self.layout

        def pointer(array: str, owner: str, slot: int = 0) -> str:
            place = code.integer("add", at, layout.offsets[owner] + slot * layout.size)
            return code.at(self.context[array], place)

        def own(node: Node) -> str:
            match node.op:
                case "grad":
                    return gradient or code.load(pointer("grads", node.attr))
                case "param":
                    return code.load(pointer("params", name))
            return code.load(pointer("slots", name, program.slot_names.index(node.attr[0])))

        new, *new_slots = self.step.emit(results_of(program, name), own)
        code.store(new, pointer("params", name))
        for number, value in enumerate(new_slots):
            code.store(value, pointer("slots", name, number))

    # Memory

    def _start(self, place: Place) -> str:
        return self.code.at(self.numbers, place.start)

    def _address(self, place: Place) -> str:
        """Return where the present sample's row begins."""
        return self.code.at(self._start(place), self.code.integer("mul", self.i, place.stride))

    def _along(self, start: str) -> str:
        """Return where the present vector of a row is; of a number, its place."""
        code = self.code
        return start if code.lanes == 1 else code.at(start, code.integer("mul", self.v, code.lanes))

    def _here(self, place: Place) -> str:
        return self._along(self._address(place))
