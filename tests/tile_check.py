"""A check of the code of a tile: it is replayed, loop by loop, without numbers.

Every result that is read from memory must have been written there by the same node, and no
parameter may be read after its own step.
"""

from contextlib import contextmanager
from itertools import product

from rosenblatt.engines.compiled.affine import flat
from rosenblatt.engines.compiled.tile_code import TileCode
from rosenblatt.engines.compiled.tiles import TILE


def check(lowering):
    """Replay the tile function of a lowering; raise AssertionError where it is wrong."""
    _Replay(lowering).run(_recorded(lowering))


def _recorded(lowering):
    events = []

    class Recorded(TileCode):
        is_dry = False

        @contextmanager
        def _dry_run(self):
            before, self.is_dry = self.is_dry, True
            with super()._dry_run() as wanted:
                yield wanted
            self.is_dry = before

        def note(self, *event):
            if not self.is_dry:
                events.append(event)

        @contextmanager
        def _over_blocks(self, count):
            with super()._over_blocks(count) as variable:
                self.note("loop", variable, count)
                yield variable
                self.note("end", variable)

        def _read(self, node, indices):
            self.note("read", node, indices)
            return super()._read(node, indices)

        def _write(self, node, indices, values):
            self.note("write", node, indices)
            super()._write(node, indices, values)

        def _param(self, node, indices):
            self.note("param", node, indices)
            return super()._param(node, indices)

        def _take_step(self, name, at, gradient):
            self.note("step", name, at)
            super()._take_step(name, at, gradient)

    Recorded(lowering, lowering._function("tile", TILE)).emit()
    return events


class _Replay:
    def __init__(self, lowering):
        self.lowering = lowering
        self.owners = {}  # place in memory: node
        self.stepped = set()  # places of parameters

    def run(self, events, known=None):
        known, at = known or {}, 0
        while at < len(events):
            kind, what, *rest = events[at]
            if kind == "loop":
                end = events.index(("end", what))
                for value in range(rest[0]):
                    self.run(events[at + 1 : end], {**known, what: value})
                at = end
            elif kind != "end":
                getattr(self, f"on_{kind}")(what, *rest, known)
            at += 1

    def on_write(self, node, indices, known):
        for place in self.places(node, indices, known):
            self.owners[place] = node

    def on_read(self, node, indices, known):
        for place in self.places(node, indices, known):
            assert self.owners.get(place) is node, f"{node} is read at {place}, but is not there"

    def on_param(self, node, indices, known):
        if node.op == "param":
            for position in self.positions(flat(node.shape, indices), known):
                place = position + self.lowering.layout.offsets[node.attr]
                assert place not in self.stepped, f"{node.attr} is read after its step"

    def on_step(self, name, at, known):
        self.stepped.update(self.positions(at, known))

    def places(self, node, indices, known):
        if node not in self.lowering.schedule.places:
            return
        start = self.lowering.schedule.places[node]
        for position in self.positions(flat(node.shape, indices), known):
            yield node.batched, start + position

    def positions(self, index, known):
        """Yield the values of an index, in which some variables are known."""
        terms = [(v.operand, v.count, k) for v, k in index.terms]
        free = [(range(n), k) for name, n, k in terms if name not in known]
        fixed = index.offset + sum(k * known[name] for name, _, k in terms if name in known)
        for values in product(*(choices for choices, _ in free)):
            yield fixed + sum(k * value for (_, k), value in zip(free, values, strict=True))
