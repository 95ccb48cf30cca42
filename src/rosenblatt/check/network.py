"""The network in a recorded run: its layers, its loss and its updates, found by their values."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rosenblatt.check.losses import known
from rosenblatt.check.recording import Event
from rosenblatt.check.reference import FUNCTIONS, Net

MOST_WINDOW = 6000
_RATE = re.compile(
    r"^(self\.)?_?(lr|learning_?rate|eta|alpha|step_?size|rate|l_?rate)$|\.lr$|learning_rate"
)
NO_PARAMETER = re.compile(
    r"^(x|X|data|out\w*|h|a|s|z|loss\w*|total\w*|correct|count|i|t|error\w*|err|delta\w*|grad\w*"
    r"|[azAZHP]\d*|d[A-Z_]\w*|d[wbxzah]\d*|dout|g|gW|gb|nabla\w*|probs?|p|result|acc|activation|current)$"
)
_LOSS = re.compile(r"loss|cost|err|mse|^j$|^l$|^total|entropy|nll|bce|objective|^return$", re.I)
_TARGET = re.compile(
    r"(^|\.|_)(y|t|yb|ys|yi|target|targets|label|labels|one_?hot|y_?batch|y_?train|y_?true|y_?oh"
    r"|expected|batch_?y|y_?enc|truth|gold|d)\d?(_|$|\[)|one_?hot|label|target",
    re.I,
)


@dataclass
class Chain:
    """One parameter: its values in the order in which it took them."""

    name: str
    versions: list[tuple[int, Any, int]] = field(default_factory=list)

    def at(self, position: int) -> Any:
        """Return the value before the event at ``position``."""
        value = self.versions[0][1]
        for start, version, _ in self.versions:
            if start <= position:
                value = version
        return value

    def line(self) -> int:
        """Return the line of the first update."""
        return self.versions[1][2] if len(self.versions) > 1 else self.versions[0][2]


def chains_of(events: list[Event]) -> list[Chain]:
    """Return everything that is updated, linked by value: new values become old ones."""
    chains: list[Chain] = []
    current: dict[tuple[Any, ...], Chain] = {}
    for position, event in enumerate(events):
        if (
            not event.updates
            or event.old is None
            or event.old.shape != event.value.shape
            or not event.value.size
        ):
            continue
        last = re.sub(r"\[.*$", "", event.name.split(".")[-1])
        if NO_PARAMETER.search(last):
            continue
        if event.value.ndim > 2 or np.array_equal(event.old, event.value) or _counts(event):
            continue
        if not (np.isfinite(event.old).all() and np.isfinite(event.value).all()):
            continue
        key = (event.old.shape, event.old.tobytes())
        chain = current.pop(key, None)
        if chain is None and (event.value.shape, event.value.tobytes()) in current:
            # A function has made this update already, and the caller takes its result.
            continue
        if chain is None:
            chain = Chain(event.name, [(-1, event.old, event.line)])
            chains.append(chain)
        chain.versions.append((position, event.value, event.line))
        current[event.value.shape, event.value.tobytes()] = chain
    return chains


def _counts(event: Event) -> bool:
    """Return whether an update is a step of a whole number: ``layer -= 1``."""
    whole = event.dtype == "i" and event.value.size == 1
    return whole and bool(abs(event.value - event.old) == 1)


_BIAS = re.compile(r"(^|[^a-z])(b|c|bias\w*|intercept)_?\w{0,2}(\d*|\[\d+\])\W*$", re.I)


def constants_of(events: list[Event], chains: list[Chain]) -> list[Chain]:
    """Return biases that no update moves, as chains of one value."""
    moving = {re.sub(r"^.*[\[.]", "", c.name).strip("]'\"") for c in chains}
    result: dict[str, Chain] = {}
    changing = set()
    for event in events[:600]:
        value = event.value
        if not _BIAS.search(event.name) or value.ndim > 2 or max(value.shape, default=1) > 200:
            continue
        last = re.sub(r"^.*[\[.]", "", event.name).strip("]'\"")
        if last in moving or sum(s > 1 for s in value.shape) > 1 or event.dtype == "i":
            continue
        known = result.get(event.name)
        if known is not None and not np.array_equal(known.versions[0][1], value):
            changing.add(event.name)
        result.setdefault(event.name, Chain(event.name, [(-1, value, event.line)]))
    return [chain for name, chain in result.items() if name not in changing][:12]


@dataclass
class Match:
    """One product in the forward pass: y = f(x W + b), rows as samples."""

    chain: Chain
    bias: Chain | None
    x: Any
    z: Any
    y: Any
    activation: str
    position: int
    turned: bool
    columns: bool
    start: int


class Values:
    """The recorded values of a window, by size, to look one up."""

    def __init__(self, events: list[Event], start: int, end: int) -> None:
        groups: dict[int, list[tuple[int, Any]]] = {}
        for position in range(start, min(end, len(events))):
            value = events[position].value
            groups.setdefault(value.size, []).append((position, value.ravel()))
        self.groups = {
            size: (np.array([p for p, _ in pairs]), np.array([v for _, v in pairs]))
            for size, pairs in groups.items()
        }

    def find(self, value: Any) -> int | None:
        """Return the position of the first event with these numbers, rows or columns."""
        group = self.groups.get(value.size)
        if group is None:
            return None
        positions, rows = group
        for flat in (value.ravel(), value.T.ravel()):
            scale = np.abs(flat).max(initial=0.0) + 1e-12
            with np.errstate(all="ignore"):
                hits = np.abs(rows - flat).max(axis=1) <= 1e-8 * scale
            if hits.any():
                return int(positions[int(np.argmax(hits))])
        return None


def layers_of(
    events: list[Event], chains: list[Chain], start: int, end: int, moment: int
) -> list[Match]:
    """Return the products that the window of events has, with the weights of ``moment``."""
    values = Values(events, start, end)
    inputs: dict[tuple[Any, ...], tuple[int, Any]] = {}
    for position in range(start, min(end, len(events))):
        value = events[position].value
        if 1 <= value.ndim <= 2 and value.size > 1 and len(inputs) < 80:
            inputs.setdefault((value.shape, value.tobytes()), (position, value))
    for position in range(min(start, len(events))):
        event = events[position]
        value = event.value
        named = re.search(r"x|data|inp|feat|sample|batch", event.name, re.I)
        if named and 1 <= value.ndim <= 2 and value.size > 1 and len(inputs) < 110:
            inputs.setdefault((value.shape, value.tobytes()), (position, value))
    matrices = [c for c in chains if c.versions[0][1].size > 1 and _is_weight(c)]
    biases = [c for c in chains if _is_bias(c)]
    found: list[Match] = []
    for chain in matrices:
        weight = chain.at(moment)
        best: list[Match] = []
        for _, x in inputs.values():
            if x.shape == weight.shape and np.array_equal(x, weight):
                continue
            best += _products(values, chain, weight, x, biases, moment)
        if best:
            # The same product in later passes is found first in time.
            first = min(match.position for match in best)
            near = [m for m in best if m.position <= first + 40]
            found += near
    return found


def _is_weight(chain: Chain) -> bool:
    shape = chain.versions[0][1].shape
    if len(shape) == 1 and re.search(r"(^|[^a-z])b(ias\w*)?\d*\W*$", chain.name, re.I):
        return False
    return len(shape) in (1, 2)


def _is_bias(chain: Chain) -> bool:
    shape = chain.versions[0][1].shape
    return sum(s > 1 for s in shape) <= 1


def _products(
    values: Values, chain: Chain, weight: Any, x: Any, biases: list[Chain], moment: int
) -> list[Match]:
    result = []
    w2 = weight.reshape(-1, 1) if weight.ndim == 1 else weight
    for columns in (False, True):
        rows = x.T if columns and x.ndim == 2 else x
        rows = rows.reshape(1, -1) if rows.ndim == 1 else rows
        if columns and x.ndim == 1:
            continue
        for turned in (False, True):
            w = w2.T if turned else w2
            if rows.shape[1] != w.shape[0] or (turned and w2.shape == (1, 1)):
                continue
            product = rows @ w
            if rows.shape[0] * w.shape[1] not in values.groups:
                continue
            options: list[Chain | None] = [None]
            options += [b for b in biases if b is not chain and b.at(moment).size in (w.shape[1],)]
            for bias in reversed(options):
                z = product if bias is None else product + bias.at(moment).reshape(1, -1)
                if np.ptp(product) <= 1e-12 and (product.size > 1 or not product.any()):
                    continue
                if bias is not None and not np.any(bias.at(moment)):
                    continue
                with np.errstate(all="ignore"):
                    for name, function in FUNCTIONS.items():
                        if name == "elu" or (name.startswith("softmax") and z.shape[1] == 1):
                            continue
                        y = function(z)
                        position = values.find(y)
                        if position is not None:
                            result.append(
                                Match(
                                    chain, bias, rows, z, y, name, position, turned, columns, moment
                                )
                            )
    return result


def assemble(matches: list[Match]) -> list[Match] | None:
    """Return the longest sequence of layers in which each takes the output of the one before."""
    best: list[Match] = []

    def follows(first: Match, second: Match) -> bool:
        return (
            first.y.shape == second.x.shape
            and np.allclose(first.y, second.x, rtol=1e-8, atol=1e-12)
            and first.chain is not second.chain
        )

    def score(path: list[Match]) -> tuple[Any, ...]:
        return (
            len(path),
            sum(m.bias is not None for m in path),
            sum(m.activation != "identity" for m in path),
            -sum(m.activation in ("softmax over samples",) for m in path),
            -sum(m.turned for m in path),
        )

    def walk(path: list[Match]) -> None:
        nonlocal best
        if not best or score(path) > score(best):
            best = list(path)
        if len(path) > 8:
            return
        for match in matches:
            if follows(path[-1], match) and all(match.chain is not m.chain for m in path):
                walk([*path, match])

    starts = [m for m in matches if not any(follows(other, m) for other in matches)] or matches
    for match in starts[:60]:
        walk([match])
    return best or None


@dataclass
class Step:
    """One update: the network before it, and how far each parameter moved.

    The weights of ``turned`` are the transposes of the matrices that the code has.
    """

    net: Net
    moved: dict[str, Any]
    targets: list[Any]
    losses: list[tuple[str, float, Any]]
    lines: dict[str, int]
    names: dict[str, str]
    new: list[Any]
    start: int
    end: int
    unmatched_losses: list[str] = field(default_factory=list)
    turned: frozenset[str] = frozenset()


def rates_of(events: list[Event], constants: list[float]) -> list[float]:
    """Return the learning rates that the run names, and the constants of the code."""
    named = []
    for event in events:
        if event.value.ndim == 0 and _RATE.search(event.name.lower()):
            value = float(event.value)
            if value not in named and 0 < abs(value) < 1e4:
                named.append(value)
        if len(named) > 8:
            break
    return named or [c for c in constants if 0 < c <= 5]


def targets_of(events: list[Event], start: int, end: int, shape: tuple[int, int]) -> list[Any]:
    """Return arrays that can be the targets of outputs of a shape, the likeliest first."""
    n, c = shape
    exact: list[Any] = []
    other: list[Any] = []
    seen = set()
    window = range(max(0, start - 60), min(end, len(events)))
    for position in [*window, *range(0, max(0, start - 60))]:
        event = events[position]
        value = event.value
        if value.size not in (n, n * c) or value.ndim > 2:
            continue
        if not _TARGET.search(event.name):
            continue
        forms = []
        if value.size == n * c:
            turned = value.ndim == 2 and value.shape == (c, n) and (n != c)
            forms.append(value.T if turned else value.reshape(n, c))
        if value.size == n and c > 1:
            labels = value.ravel()
            if (labels == labels.astype(int)).all() and labels.min() >= 0 and labels.max() < c:
                forms.append(np.eye(c)[labels.astype(int)])
        for form in forms:
            key = form.tobytes()
            if key not in seen:
                seen.add(key)
                (exact if position >= start - 60 else other).append(form)
    return (exact + other)[:12]


def losses_of(
    events: list[Event], start: int, end: int, outputs: Any, logits: Any, targets: list[Any]
) -> tuple[list[tuple[str, float, Any]], list[str]]:
    """Return the usual losses whose value was recorded, and names of others' values."""
    scalars = [
        (float(event.value.ravel()[0]), event.name, event.function)
        for event in events[start:end]
        if event.value.size == 1
    ]
    result = []
    unmatched = []
    matched_names = set()
    for y in targets:
        for kind, values in (("a", outputs), ("z", logits)):
            if kind == "z" and values is outputs:
                continue
            for name, value, gradient in known(values, y, None):
                if kind == "z" and not name.startswith(("softmax", "logistic")):
                    continue
                if (
                    kind == "a"
                    and name.startswith(("softmax", "logistic"))
                    and ((values >= 0).all() and (values <= 1).all())
                ):
                    continue
                for number, label, function in scalars:
                    named = _LOSS.search(label.split(".")[-1]) or _LOSS.search(function or "-")
                    if named and abs(number - value) <= 1e-6 * max(abs(value), 1e-3):
                        result.append((f"{kind} {name}", value, (y, gradient)))
                        matched_names.add(label)
                        break
    for _, label, _ in scalars:
        last = label.split(".")[-1]
        if re.search(r"loss|cost", last, re.I) and label not in matched_names:
            unmatched.append(label)
    return result, unmatched


def find_steps(events: list[Event], code: str = "") -> list[Step]:
    """Return the first updates of the run's network; [] where none is recognized."""
    events = events[:MOST_WINDOW]
    chains = [c for c in chains_of(events) if len(c.versions) > 1]
    if not chains:
        return []
    most = max(len(c.versions) for c in chains)
    # What is assigned anew in every pass gives many short chains.
    chains = [c for c in chains if len(c.versions) > 2 or most <= 4]
    chains = chains[:60] + constants_of(events, chains)
    return _steps_at(events, chains, code)


def _steps_at(events: list[Event], chains: list[Chain], code: str) -> list[Step]:
    steps: list[Step] = []
    every = sorted({position for c in chains for position, _, _ in c.versions[1:]})
    firsts = [
        position
        for before, position in zip([-9, *every], every, strict=False)
        if position - before > 2
    ]
    # Forward passes happen in the gaps between updates.
    structure: list[Match] | None = None
    for moment in firsts[:60]:
        begin = max((p for p in every if p < moment), default=0)
        matches = layers_of(events, chains, begin, moment, moment - 1)
        path = assemble(matches)
        if path is None:
            continue
        if (
            structure is None
            or len(path) > len(structure)
            or (
                len(path) == len(structure)
                and sum(m.bias is not None for m in path)
                > sum(m.bias is not None for m in structure)
            )
        ):
            structure = path
            if len(steps) > 6:
                break
        steps.append(_step(events, chains, path, begin, moment))
        if len(steps) >= 5:
            break
    if structure is None:
        return []
    deep = len(structure)
    biases = {id(m.chain): m.bias for m in structure}
    # Biases that were 0 in the first pass are those of the later one.
    result = []
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if len(step.net.weights) == deep:
            if following is not None:
                step.end = max(step.end, following.start)
            _add_biases(step, structure, biases)
            _add_constants(step, chains, code)
            result.append(step)
    return result


def _step(
    events: list[Event], chains: list[Chain], path: list[Match], begin: int, moment: int
) -> Step:
    last = path[-1]
    net = Net(
        [_canonical(m, m.chain.at(moment - 1)) for m in path],
        [None if m.bias is None else m.bias.at(moment - 1).reshape(-1) for m in path],
        [m.activation for m in path],
    )
    net.forward(path[0].x)
    # The next forward pass ends the step: everything that moved before it belongs to it.
    end = _next_pass(events, chains, path, moment)
    moved, lines, names = {}, {}, {}
    for k, match in enumerate(path):
        before, after = match.chain.at(moment - 1), match.chain.at(end)
        moved[f"W{k}"] = _canonical(match, before - after)
        lines[f"W{k}"], names[f"W{k}"] = match.chain.line(), match.chain.name
        if match.bias is not None:
            bias = match.bias
            moved[f"b{k}"] = (bias.at(moment - 1) - bias.at(end)).reshape(-1)
            lines[f"b{k}"], names[f"b{k}"] = bias.line(), bias.name
    n, c = last.y.shape
    targets = targets_of(events, begin, end, (n, c))
    losses, unmatched = losses_of(events, begin, end, last.y, last.z, targets)
    new = [_canonical(m, m.chain.at(end)) for m in path]
    turned = frozenset(f"W{k}" for k, match in enumerate(path) if match.turned)
    return Step(net, moved, targets, losses, lines, names, new, begin, end, unmatched, turned)


def _canonical(match: Match, value: Any) -> Any:
    value = value.reshape(-1, 1) if value.ndim == 1 else value
    return value.T if match.turned else value


def _next_pass(events: list[Event], chains: list[Chain], path: list[Match], moment: int) -> int:
    """Return the position of the last update before a chain is updated a second time."""
    own = [m.chain for m in path] + [m.bias for m in path if m.bias is not None]
    starts = sorted(
        {position for chain in own for position, _, _ in chain.versions if position >= moment}
    )
    del chains
    # Updates of one step stand close together; between steps lies a forward pass.
    end = moment
    product_size = path[0].z.size
    for position in starts:
        between = [
            e
            for e in events[end + 1 : position]
            if e.value.size == product_size and e.name not in ("X", "x")
        ]
        weights_now = _canonical(path[0], path[0].chain.at(position - 1))
        changed = not np.array_equal(weights_now, path[0].chain.at(moment - 1))
        if position > end + 1 and changed and between:
            x = path[0].x
            bias = path[0].bias
            z = x @ weights_now
            z = z if bias is None else z + bias.at(position - 1).reshape(1, -1)
            with np.errstate(all="ignore"):
                y = FUNCTIONS[path[0].activation](z)
            if any(
                e.value.size == y.size
                and (
                    np.allclose(e.value.ravel(), y.ravel(), rtol=1e-8)
                    or np.allclose(e.value.ravel(), z.ravel(), rtol=1e-8)
                )
                for e in between
            ):
                return end
        if _repeats(own, moment, position):
            return end
        end = position
    return end


def _repeats(own: list[Chain], moment: int, position: int) -> bool:
    """Return whether the update at ``position`` changes a number for the second time."""
    for chain in own:
        places = [i for i, (p, _, _) in enumerate(chain.versions) if moment <= p <= position]
        if not places or chain.versions[places[-1]][0] != position:
            continue
        changed = np.zeros(chain.versions[0][1].shape, dtype=bool)
        for place in places:
            now = chain.versions[place][1] != chain.versions[place - 1][1]
            if (now & changed).any() and place == places[-1]:
                return True
            changed |= now
    return False


def _add_biases(step: Step, structure: list[Match], biases: dict[int, Chain | None]) -> None:
    """Give a step whose biases were 0 the movement of the biases found later."""
    for k, match in enumerate(structure):
        bias = biases[id(match.chain)]
        if f"b{k}" in step.moved or bias is None:
            continue
        before, after = bias.at(step.start), bias.at(step.end)
        if before.size == step.net.weights[k].shape[1]:
            step.net.biases[k] = before.reshape(-1)
            step.moved[f"b{k}"] = (before - after).reshape(-1)
            step.lines[f"b{k}"], step.names[f"b{k}"] = bias.line(), bias.name
    step.net.forward(step.net.x)


def _add_constants(step: Step, chains: list[Chain], code: str) -> None:
    """Add biases of 0 that the code adds and never updates."""
    for k, weight in enumerate(step.net.weights):
        if f"b{k}" in step.moved:
            continue
        for chain in chains:
            value = chain.versions[0][1]
            if len(chain.versions) > 1 or value.size != weight.shape[1] or np.any(value):
                continue
            last = re.sub(r"^.*?(?=[\w'\"\]]+$)", "", chain.name)
            key = re.sub(r"^.*[\[.]", "", chain.name).strip("]'\"")
            taken = chain.name in step.names.values()
            used = re.search(rf"\+ [\w.\[]*['\"]?{re.escape(key)}\b", code)
            if used and not taken and last:
                step.net.biases[k] = np.zeros(weight.shape[1])
                step.moved[f"b{k}"] = np.zeros(weight.shape[1])
                step.lines[f"b{k}"], step.names[f"b{k}"] = chain.versions[0][2], chain.name
                break
