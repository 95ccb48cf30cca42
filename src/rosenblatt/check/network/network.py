"""The network in a recorded run: its layers, its loss and its updates, found by their values."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rosenblatt.check.layers.losses import known
from rosenblatt.check.network.chains import Chain, chains_of, constants_of
from rosenblatt.check.network.products import Match, assemble, layers_of
from rosenblatt.check.numbers.reference import FUNCTIONS, Net
from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.words import RATES

MOST_WINDOW = 6000
SCHEDULE = (
    r"decay|anneal|schedul|epoch\)|\*\* ?epoch"
    r"|\b(lr|\w*_lr|eta|alpha|\w*rate|step_?\w*) [*/]= "
)
"""Code in which the learning rate may differ between updates."""
_RATE = re.compile(rf"^(self\.)?_?({RATES})$|\.lr$|learning_rate")
_LOSS = re.compile(r"loss|cost|err|mse|^j$|^l$|^total|entropy|nll|bce|objective|^return$", re.I)
"""The usual names of losses. A run with other names is compared by repeating it."""

_TARGET = re.compile(
    r"(^|\.|_)(y|t|yb|ys|yi|target|targets|label|labels|one_?hot|y_?batch|y_?train|y_?true|y_?oh"
    r"|expected|batch_?y|y_?enc|truth|gold|d)\d?(_|$|\[)|one_?hot|label|target",
    re.I,
)


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
            for name, value, gradient in known(values, y):
                if value <= 0:
                    # A loss is positive. A value of 0 or less may be an output of the network.
                    continue
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
        for start in (_after_idle(events, chains, begin, moment), begin):
            path = assemble(layers_of(events, chains, start, moment, moment - 1))
            if path is not None:
                begin = start
                break
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


def _after_idle(events: list[Event], chains: list[Chain], begin: int, moment: int) -> int:
    """Return the position of the last update before another one that moved nothing, else begin.

    It is that of a sample that is right; the pass of the next update comes after it.
    """
    places = {(chain.line(), chain.name) for chain in chains}
    idle = [
        position
        for position in range(begin + 1, moment)
        if events[position].updates and (events[position].line, events[position].name) in places
    ]
    return max(idle, default=begin)


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
    end = _next_pass(events, path, moment)
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


def _next_pass(events: list[Event], path: list[Match], moment: int) -> int:
    """Return the position of the last update before a chain is updated a second time."""
    own = [m.chain for m in path] + [m.bias for m in path if m.bias is not None]
    starts = sorted(
        {position for chain in own for position, _, _ in chain.versions if position >= moment}
    )
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
