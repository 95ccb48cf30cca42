"""The code that runs in the updates of a run, and the words in it that tell of rules."""

import ast
import re

from rosenblatt.check.descent.moments import Moment
from rosenblatt.check.descent.replay import Replay
from rosenblatt.check.source.kept_terms import adds_kept_term

_DRAWN = r"choice\(.*p=|multinomial"
"""Code of updates that depend on numbers drawn, such as those of a policy."""

_ADAPTIVE = r"adam|(?<![a-z])rms|beta"
"""Code of updates that divide gradients by their sizes."""

_NOT_LINEAR = rf"{_ADAPTIVE}|clip"
"""Code of updates in which gradients are no terms."""

_WITH_MEMORY = rf"{_ADAPTIVE}|momentum|veloc|nesterov"
"""Code of updates that gradients of earlier ones take part in."""

_STATEFUL = rf"{_WITH_MEMORY}|clip"
"""Code of updates that may be more than a multiple of a gradient."""

_LIMITED = r"clip|linalg\.norm|max_?norm|min\(1(\.0*)?, |/ \(?\w*norm[ae]?\b"
"""Words of code that limits gradients before a rule uses them."""

_SMALL = 1e-3
_LARGE = 20.0
"""A limit that is smaller or larger keeps a logarithm or an exponential finite."""

_AROUND = ast.For | ast.While | ast.FunctionDef | ast.AsyncFunctionDef


def is_stateful(replay: Replay, moments: list[Moment]) -> bool:
    """Return whether updates may be more than a multiple of a gradient, by the words of the code.

    Gradients that took the place of the updates can only be limited.
    """
    words = _LIMITED if moments[0].sources else _STATEFUL
    return (
        _has_words(replay, moments, words)
        or _divides_by_roots(replay, moments)
        or _adds_kept_term(replay, moments)
    )


def is_limited(replay: Replay, moments: list[Moment]) -> bool:
    """Return whether gradients may be limited by their norm and are else no part of a rule."""
    return (
        _has_words(replay, moments, _LIMITED)
        and not _has_words(replay, moments, _WITH_MEMORY)
        and not _divides_by_roots(replay, moments)
    )


def is_not_linear(replay: Replay, moments: list[Moment]) -> bool:
    """Return whether updates may be no sum of gradients, velocities and penalties."""
    words = _LIMITED if moments[0].sources else _NOT_LINEAR
    return _has_words(replay, moments, words) or _divides_by_roots(replay, moments)


def is_drawn(replay: Replay, moments: list[Moment]) -> bool:
    """Return whether updates may depend on numbers drawn in a way that no formula gives."""
    return _has_words(replay, moments, _DRAWN)


def _divides_by_roots(replay: Replay, moments: list[Moment]) -> bool:
    """Return whether the line of an update divides by a square root, as Adam's does."""
    lines = replay.source.text.splitlines()
    own = {track.line for moment in moments for track in moment.tracks}
    adaptive = re.compile(r"/.*(sqrt\(|\*\* ?0?\.5)")
    return not moments[0].sources and any(adaptive.search(lines[line - 1]) for line in own)


def _adds_kept_term(replay: Replay, moments: list[Moment]) -> bool:
    own = {track.line for moment in moments for track in moment.tracks}
    return not moments[0].sources and adds_kept_term(replay.source, own)


def _has_words(replay: Replay, moments: list[Moment], words: str) -> bool:
    code = code_of_updates(replay, moments)
    for part in ast.walk(ast.parse(code)):
        if isinstance(part, ast.Call) and (_keeps_finite(part) or _prints(part)):
            code = code.replace(ast.unparse(part), "")
    return re.search(words, code, re.I) is not None


def _keeps_finite(call: ast.Call) -> bool:
    """Return whether a call limits values so that their logarithm or exponential is finite.

    >>> [_keeps_finite(ast.parse(f"clip({a})").body[0].value) for a in ("p, 1e-9, 1", "g, -1, 1")]
    [True, False]
    """
    limits = [*call.args[1:], *(keyword.value for keyword in call.keywords)]
    numbers = [
        abs(part.value)
        for limit in limits
        for part in ast.walk(limit)
        if isinstance(part, ast.Constant) and isinstance(part.value, int | float)
    ]
    named = any(re.search("eps|tiny", ast.unparse(limit), re.I) for limit in limits)
    return ast.unparse(call.func).endswith("clip") and (
        named or any(number <= _SMALL or number >= _LARGE for number in numbers)
    )


def _prints(call: ast.Call) -> bool:
    return ast.unparse(call.func) in ("print", "logging.info", "logger.info")


def code_of_updates(replay: Replay, moments: list[Moment]) -> str:
    """Return the innermost functions and loops in which updates and their passes were computed."""
    first = min(moment.window[0] for moment in moments)
    last = max(moment.last for moment in moments)
    lines = {event.line for event in replay.events[first : last + 1]}
    parts: dict[int, ast.stmt] = {}
    # Inner statements come later.
    for part in ast.walk(replay.source.tree):
        if isinstance(part, _AROUND) or (isinstance(part, ast.stmt) and not hasattr(part, "body")):
            for line in lines.intersection(range(part.lineno, (part.end_lineno or 0) + 1)):
                if isinstance(part, _AROUND) or line not in parts:
                    parts[line] = part
    return "\n".join(ast.unparse(part) for part in {id(p): p for p in parts.values()}.values())
