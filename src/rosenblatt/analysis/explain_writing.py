"""Formulas written in plain text and in LaTeX, with symbols or with numbers."""

import ast
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rosenblatt.analysis.explain_notation import (
    COMPARISONS,
    FUNCTIONS,
    SAMPLE,
    Values,
    indices_of,
    named,
    size_of,
)

MOST_TERMS = 6
"""Terms of a sum that are written out; of a longer sum the first three and the last are."""


DIGITS = 4
"""Significant digits of a number within a formula."""


_SYMBOLS: dict[str, tuple[str, str]] = {
    "weight": ("W", "W"),
    "bias": ("b", "b"),
    "theta": ("θ", r"\theta"),
    "eta": ("η", r"\eta"),
    "momentum": ("μ", r"\mu"),
    "weight_decay": ("λ", r"\lambda"),
    "velocity": ("v", "v"),
    "mean_square": ("s", "s"),
    "share": ("s", "s"),
    "rho": ("ρ", r"\rho"),
    "beta1": ("β₁", r"\beta_1"),
    "beta2": ("β₂", r"\beta_2"),
    "epsilon": ("ε", r"\varepsilon"),
    "m_hat": ("m̂", r"\hat{m}"),
    "v_hat": ("v̂", r"\hat{v}"),
    "mu": ("μ", r"\mu"),
}
"""How names are written, in plain text and in LaTeX; other names are written as they are."""


# How tightly parts of a formula hold together, loosest first.
_CASES, _TERMS, _BIG_SUM, _FACTORS, _POWER, _ATOM = range(6)


class Style:
    """How the parts of a formula are written."""

    times = minus = dots = arrow = ""

    def __init__(self, digits: int = DIGITS) -> None:
        self.digits = digits

    def indexed(self, name: str, indices: Sequence[str], comma: str) -> str:
        """Return a name with indices, with ``comma`` between them."""
        raise NotImplementedError

    def number(self, value: float) -> str:
        """Return a number."""
        raise NotImplementedError

    def compound(self, kind: str, parts: Sequence[str]) -> str | None:
        """Return a fraction, a root or the like, None where it is written like a function."""
        raise NotImplementedError


class Text(Style):
    """Plain text."""

    times, minus, dots, arrow = " · ", "−", "…", " ← "

    def indexed(self, name: str, indices: Sequence[str], comma: str) -> str:
        """Return a name with indices, with ``comma`` between them."""
        symbol = "dl/dz" if name == "dl" else _symbol(name, 0)
        return f"{symbol}_{comma.join(indices)}" if indices else symbol

    def number(self, value: float) -> str:
        """Return a number."""
        if math.isinf(value):
            return "∞" if value > 0 else "−∞"
        # Adding 0 takes the sign from −0.
        return f"{value + 0.0:.{self.digits}g}".replace("-", "−")

    def compound(self, kind: str, parts: Sequence[str]) -> str | None:
        """Return a fraction, a root or the like; None: it is written like a function."""
        match kind:
            case "abs":
                return f"|{parts[0]}|"
            case "sqrt":
                return f"√({parts[0]})" if " " in parts[0] or "^" in parts[0] else f"√{parts[0]}"
            case "cases":
                return f"{parts[0]} where {parts[1]}, else {parts[2]}"
            case "sum":
                return f"Σ_{parts[0]} {parts[1]}"
            case "power":
                return f"{parts[0]}²" if parts[1] == "2" else f"{parts[0]}^{parts[1]}"
        return None


class Latex(Style):
    """LaTeX."""

    times, minus, dots, arrow = r" \cdot ", "-", r"\cdots", r" \leftarrow "

    def indexed(self, name: str, indices: Sequence[str], comma: str) -> str:
        """Return a name with indices, with ``comma`` between them."""
        joined = comma.join(indices)
        if name.startswith("d") and len(name) > 1 and name != "dl":
            inner = self.indexed(name[1:], indices, comma)
            return rf"\frac{{\partial L}}{{\partial {inner}}}"
        if name == "dl":
            return rf"\frac{{\partial l}}{{\partial {self.indexed('z', indices, comma)}}}"
        symbol = _symbol(name, 1)
        return f"{symbol}_{{{joined}}}" if indices else symbol

    def number(self, value: float) -> str:
        """Return a number."""
        if math.isinf(value):
            return r"\infty" if value > 0 else r"-\infty"
        if math.isnan(value):
            return r"\mathrm{NaN}"
        text = f"{value + 0.0:.{self.digits}g}"
        if "e" not in text:
            return text
        mantissa, _, exponent = text.partition("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"

    def compound(self, kind: str, parts: Sequence[str]) -> str | None:
        """Return a fraction, a root or the like; None: it is written like a function."""
        match kind:
            case "divide":
                return rf"\frac{{{parts[0]}}}{{{parts[1]}}}"
            case "abs":
                return rf"\left|{parts[0]}\right|"
            case "sqrt":
                return rf"\sqrt{{{parts[0]}}}"
            case "exp":
                return f"e^{{{parts[0]}}}"
            case "cases":
                return (
                    rf"\begin{{cases}} {parts[0]} & \text{{if }} {parts[1]} \\ "
                    rf"{parts[2]} & \text{{else}} \end{{cases}}"
                )
            case "sum":
                return rf"\sum_{{{parts[0]}}} {parts[1]}"
            case "power":
                return f"{{{parts[0]}}}^{{{parts[1]}}}"
        return None


def _symbol(name: str, style: int) -> str:
    if name in _SYMBOLS:
        return _SYMBOLS[name][style]
    if name.startswith("d") and name[1:] in _SYMBOLS:
        return f"d{_SYMBOLS[name[1:]][style]}"
    if style == 0 or len(name) == 1:
        return name
    escaped = name.replace("_", r"\_")
    return rf"\mathrm{{{escaped}}}"


class Writer:
    """What writing with symbols and writing with numbers have in common."""

    with_numbers = False

    def __init__(self, style: Style) -> None:
        self.style = style

    def write(self, node: Any, bound: dict[str, int] | None = None) -> tuple[str, int]:
        """Return the text of a part, and how tightly it holds together."""
        bound = {} if bound is None else bound
        match node:
            case ast.Constant(value=int() | float() as number):
                return self._of_number(float(number))
            case ast.Name(id=name):
                return self._leaf(name, (), bound)
            case ast.Subscript(value=ast.Name(id=name)):
                return self._leaf(name, indices_of(node), bound)
            case ast.UnaryOp(operand=operand):
                return f"{self.style.minus}{self._inside(operand, _BIG_SUM, bound)}", _TERMS
            case ast.BinOp(left=left, op=operator, right=right):
                return self._operation(operator, left, right, bound)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                parts = [self.write(part, bound)[0] for part in (body, test, orelse)]
                return self.style.compound("cases", parts) or "", _CASES
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                sign = COMPARISONS[type(operator)][isinstance(self.style, Latex)]
                a, b = self._inside(left, _TERMS, bound), self._inside(right, _TERMS, bound)
                return f"{a} {sign} {b}", _CASES
            case ast.Call(func=ast.Name(id="sum"), args=[ast.Name(id=index), term]):
                return self._total(index, term, bound)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(name, arguments, bound)
        raise AssertionError(ast.dump(node))

    def _inside(self, node: Any, least: int, bound: dict[str, int]) -> str:
        """Return the text of a part, in brackets where it holds together less than ``least``."""
        text, holds = self.write(node, bound)
        return text if holds >= least else self._bracketed(text)

    def _bracketed(self, text: str) -> str:
        return rf"\left({text}\right)" if isinstance(self.style, Latex) else f"({text})"

    def _operation(
        self, operator: ast.operator, left: Any, right: Any, bound: dict[str, int]
    ) -> tuple[str, int]:
        style = self.style
        match operator:
            case ast.Add() | ast.Sub():
                return self._term(operator, left, right, bound), _TERMS
            case ast.Pow():
                base = self._inside(left, _ATOM, bound)
                exponent, holds = self.write(right, bound)
                if holds < _ATOM and not isinstance(style, Latex):
                    exponent = f"({exponent})"
                return style.compound("power", [base, exponent]) or "", _POWER
            case ast.Div():
                if isinstance(style, Latex):
                    parts = [self.write(left, bound)[0], self.write(right, bound)[0]]
                    return style.compound("divide", parts) or "", _FACTORS
                a = self._inside(left, _FACTORS, bound)
                return f"{a} / {self._factor(right, bound)}", _FACTORS
        a, b = self._inside(left, _FACTORS, bound), self._factor(right, bound)
        sign = style.times if self.with_numbers or (a[-1:].isdigit() and b[:1].isdigit()) else " "
        return f"{a}{sign}{b}", _FACTORS

    def _factor(self, node: Any, bound: dict[str, int]) -> str:
        """Return the text of a part on the right of a product or a quotient."""
        text, holds = self.write(node, bound)
        return text if holds in (_BIG_SUM, _POWER, _ATOM) else self._bracketed(text)

    def _term(self, operator: ast.operator, left: Any, right: Any, bound: dict[str, int]) -> str:
        a, holds = self.write(left, bound)
        if holds < _TERMS:
            a = self._bracketed(a)
        b, holds = self.write(right, bound)
        negative = isinstance(right, ast.Constant | ast.Name | ast.Subscript)
        if isinstance(operator, ast.Add):
            if negative and b.startswith(self.style.minus):
                return f"{a} {self.style.minus} {b.removeprefix(self.style.minus)}"
            return f"{a} + {b if holds >= _TERMS else self._bracketed(b)}"
        return f"{a} {self.style.minus} {b if holds > _TERMS else self._bracketed(b)}"

    def _call(self, name: str, arguments: Sequence[Any], bound: dict[str, int]) -> tuple[str, int]:
        parts = [self.write(argument, bound)[0] for argument in arguments]
        if (text := self.style.compound(name, parts)) is not None:
            return text, _ATOM
        shown = FUNCTIONS[name][1] if isinstance(self.style, Latex) else name
        return f"{shown}{self._bracketed(', '.join(parts))}", _ATOM

    def _of_number(self, value: float) -> tuple[str, int]:
        return self.style.number(value), _TERMS if value < 0 else _ATOM

    def _leaf(self, name: str, indices: Sequence[str], bound: dict[str, int]) -> tuple[str, int]:
        raise NotImplementedError

    def _total(self, index: str, term: Any, bound: dict[str, int]) -> tuple[str, int]:
        raise NotImplementedError


class SymbolWriter(Writer):
    """Formulas in general, with symbols."""

    def __init__(self, style: Style, one_sample: bool) -> None:
        super().__init__(style)
        self.one_sample = one_sample

    def shown(self, indices: Sequence[str]) -> list[str]:
        """Return the indices that are shown."""
        return [index for index in indices if not (self.one_sample and index == SAMPLE)]

    def _leaf(self, name: str, indices: Sequence[str], bound: dict[str, int]) -> tuple[str, int]:
        return self.style.indexed(name, self.shown(indices), ""), _ATOM

    def _total(self, index: str, term: Any, bound: dict[str, int]) -> tuple[str, int]:
        if self.one_sample and index == SAMPLE:
            return self.write(term, bound)
        parts = [index, self._inside(term, _FACTORS, bound)]
        return self.style.compound("sum", parts) or "", _BIG_SUM


class NumberWriter(Writer):
    """Formulas for one entry, with numbers in place of symbols."""

    with_numbers = True

    def __init__(self, style: Style, values: Values) -> None:
        super().__init__(style)
        self.values = values

    def _leaf(self, name: str, indices: Sequence[str], bound: dict[str, int]) -> tuple[str, int]:
        value = np.asarray(named(self.values, name))[tuple(bound[i] for i in indices)]
        return self._of_number(float(value))

    def _total(self, index: str, term: Any, bound: dict[str, int]) -> tuple[str, int]:
        size = size_of(term, index, self.values)
        shown = list(range(size)) if size <= MOST_TERMS else [0, 1, 2, size - 1]
        texts, holds = [], _TERMS
        for i in shown:
            text, holds = self.write(term, {**bound, index: i})
            texts.append(text if holds >= _TERMS else self._bracketed(text))
        if size > MOST_TERMS:
            texts.insert(3, self.style.dots)
        joined = texts[0] if texts else self.style.number(0.0)
        for text in texts[1:]:
            is_negative = text.startswith(self.style.minus) and not isinstance(term, ast.BinOp)
            rest = text.removeprefix(self.style.minus)
            joined += f" {self.style.minus} {rest}" if is_negative else f" + {text}"
        return joined, holds if size == 1 else _TERMS
