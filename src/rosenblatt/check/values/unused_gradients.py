"""Gradients of weights that the code computes and never reads, so that the weights never move."""

import ast
import re
from typing import Any

from rosenblatt.check.descent.biases import BIAS
from rosenblatt.check.descent.findings import run_finding
from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import FROZEN

_GRADIENT = re.compile(r"(?:self\.)?(?:(?:d|g|grad|delta)_?(\w+)|(\w+)_grad)$")
"""Names of gradients, made of the name of a parameter: dW1, g_kern, self.grad_b."""

_INPUT = re.compile(r"x|in|img|image|data|emb|h_?prev|state", re.I)
_FROZEN = re.compile(FROZEN, re.I)
_BY_STRING = re.compile(r"getattr\(|vars\(|locals\(|globals\(|__dict__")
"""Code that may read a name without writing it."""

_LOOPS = ast.For | ast.While | ast.FunctionDef


def never_used(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding of a weight whose gradient is computed and never read.

    Another weight is updated by a gradient with a name of the same kind.
    """
    if _FROZEN.search(source.text) or _BY_STRING.search(source.code):
        return []
    stored, loaded = _names(source)
    moved = {event.name for event in events if event.updates}
    gradients = {text: _parameter(text) for text in stored if _parameter(text) is not None}
    if not any(text in loaded and name in moved for text, name in gradients.items()):
        return []
    for text, name in gradients.items():
        if text in loaded or name in moved or name not in stored or _INPUT.match(str(name)):
            continue
        weights = [event for event in events if event.name == name]
        own = [event for event in events if event.name == text]
        fits = weights and len(own) > 1 and own[0].value.shape == weights[-1].value.shape
        # What a pass assigns again is no parameter.
        if not fits or own[0].value.ndim == 0 or _in_one_loop(stored[text], stored[name], source):
            continue
        mistake = "bias-gradient-missing" if BIAS.search(str(name)) else "gradient-missing"
        finding = run_finding(mistake, str(name), own[0].line, own[0].function)
        sentence = f"{text} is computed in line {own[0].line} and never used: {name} does not move."
        return [{**finding, "text": sentence}]
    return []


def _names(source: Source) -> tuple[dict[str, list[int]], set[str]]:
    """Return the lines in which each name or attribute is assigned, and what is read."""
    stored: dict[str, list[int]] = {}
    loaded: set[str] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name | ast.Attribute):
            text = ast.unparse(node)
            if isinstance(node.ctx, ast.Store):
                stored.setdefault(text, []).append(node.lineno)
            else:
                loaded.add(text)
                if isinstance(node, ast.Attribute):
                    # An optimizer reads layer.dW, which the layer calls self.dW.
                    loaded.add(f"self.{node.attr}")
    return stored, loaded


def _parameter(text: str) -> str | None:
    """Return the name of the parameter of which a name is that of the gradient."""
    match = _GRADIENT.match(text)
    if match is None:
        return None
    name = match.group(1) or match.group(2)
    return f"self.{name}" if text.startswith("self.") else name


def _in_one_loop(first: list[int], second: list[int], source: Source) -> bool:
    """Return whether one loop or function has lines of both lists."""
    return any(
        any(node.lineno <= line <= (node.end_lineno or 0) for line in first)
        and any(node.lineno <= line <= (node.end_lineno or 0) for line in second)
        for node in ast.walk(source.tree)
        if isinstance(node, _LOOPS)
    )
