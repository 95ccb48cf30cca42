r"""Equations that can be read, filled in with numbers, and computed.

Layers, losses and optimizers have their formulas as text, in a part of Python's own notation:

    y[n, j] = sum(i, x[n, i] * weight[i, j]) + bias[j]

On the left is a name with its indices. On the right are numbers, names, indexed names, the
operators + − * / **, comparisons, ``a if condition else b``, the functions exp, log, sqrt, tanh,
abs, max and min, and ``sum(i, …)``, the sum over an index. An index runs over the axis of the first
array that it is used on. ``n`` is the index of the sample; for one sample it is left out of what is
shown. Nothing is ever run as Python: the text is parsed and walked through.

>>> equation = Equation.parse("y[n, j] = sum(i, x[n, i] * weight[i, j]) + bias[j]")
>>> equation.text(), equation.text(one_sample=True)
('y_nj = Σ_i x_ni W_ij + b_j', 'y_j = Σ_i x_i W_ij + b_j')
>>> equation.latex(one_sample=True)
'y_{j} = \\sum_{i} x_{i} W_{ij} + b_{j}'
>>> values = {"x": [[3.0, 4.0]], "weight": [[1.0], [-2.0]], "bias": [0.5]}
>>> worked = equation.worked(values, (0, 0))
>>> worked.text, worked.value
('y_0 = 3 · 1 + 4 · (−2) + 0.5 = −4.5', -4.5)
"""

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError

SAMPLE = "n"
"""The index of the sample."""

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

_FUNCTIONS: dict[str, tuple[Callable[..., float], str]] = {
    "exp": (lambda x: math.exp(x) if x < 709.7 else math.inf, r"\exp"),
    "log": (lambda x: math.log(x) if x > 0 else (-math.inf if x == 0 else math.nan), r"\log"),
    "sqrt": (lambda x: math.sqrt(x) if x >= 0 else math.nan, r"\sqrt"),
    "tanh": (math.tanh, r"\tanh"),
    "abs": (abs, ""),
    "max": (max, r"\max"),
    "min": (min, r"\min"),
}
_COMPARISONS: dict[type[ast.cmpop], tuple[str, str, Callable[[float, float], bool]]] = {
    ast.Gt: (">", ">", lambda a, b: a > b),
    ast.GtE: ("≥", r"\ge", lambda a, b: a >= b),
    ast.Lt: ("<", "<", lambda a, b: a < b),
    ast.LtE: ("≤", r"\le", lambda a, b: a <= b),
    ast.Eq: ("=", "=", lambda a, b: a == b),
    ast.NotEq: ("≠", r"\ne", lambda a, b: a != b),
}
# How tightly parts of a formula hold together, loosest first.
_CASES, _TERMS, _BIG_SUM, _FACTORS, _POWER, _ATOM = range(6)

Values = Mapping[str, Any]
"""Numbers and arrays by name."""


@dataclass(frozen=True)
class Worked:
    """A formula with numbers in it, for one entry.

    Attributes:
        index: the entry, counted from 0: of the sample first, where there is one.
        text: the formula in plain text, with the result.
        latex: the same in LaTeX.
        value: the result, computed by the formula.
    """

    index: tuple[int, ...]
    text: str
    latex: str
    value: float


@dataclass(frozen=True)
class Equation:
    """An equation: a name with indices, and the expression that it is equal to.

    Attributes:
        name: the name on the left.
        indices: its indices.
        source: the text that was parsed.
    """

    name: str
    indices: tuple[str, ...]
    source: str
    _right: ast.expr

    @staticmethod
    def parse(source: str) -> "Equation":
        """Return the equation that a text says.

        Raises:
            ConfigurationError: it is no equation, or has something that formulas cannot have.
        """
        return _parse(source)

    def text(self, *, one_sample: bool = False, arrow: bool = False) -> str:
        """Return the equation in plain text; with ``arrow``, as a new value of the name."""
        return self._general(_Text(), one_sample, arrow)

    def latex(self, *, one_sample: bool = False, arrow: bool = False) -> str:
        """Return the equation in LaTeX, without the signs that begin mathematics."""
        return self._general(_Latex(), one_sample, arrow)

    def value(self, values: Values, index: Sequence[int] = ()) -> float:
        """Return the right side for one entry of the left side.

        Overflows are infinities, as in arrays.
        """
        return _value(self._right, values, dict(zip(self.indices, index, strict=True)))

    def array(self, values: Values, shape: Sequence[int] | None = None) -> npt.NDArray[np.float64]:
        """Return the right side for all entries of a left side of this shape.

        Without a shape, each index runs as far as it does on the right side.
        """
        if shape is None:
            shape = [_size(self._right, index, values) for index in self.indices]
        array = np.empty(tuple(shape))
        for index in product(*map(range, shape)):
            array[index] = self.value(values, index)
        return array

    def worked(
        self,
        values: Values,
        index: Sequence[int] = (),
        *,
        result: float | None = None,
        arrow: bool = False,
        digits: int = DIGITS,
    ) -> Worked:
        """Return the equation with numbers in it for one entry.

        Args:
            values: numbers and arrays by name.
            index: the entry.
            result: what to give as the result: what a program has computed; by default the value of
                the formula.
            arrow: whether the name gets a new value.
            digits: significant digits of each number.
        """
        bound = dict(zip(self.indices, index, strict=True))
        value = _value(self._right, values, bound)
        shown = value if result is None else result
        one_sample = _n_samples(self._right, values) == 1
        texts = []
        for style in (_Text(digits), _Latex(digits)):
            sign = style.arrow if arrow else " = "
            target = style.indexed(
                self.name,
                [str(i) for name, i in bound.items() if not (one_sample and name == SAMPLE)],
                ",",
            )
            right, _ = _Numbers(style, values).write(self._right, bound)
            number = style.number(shown)
            texts.append(f"{target}{sign}{right}" + ("" if right == number else f" = {number}"))
        return Worked(tuple(index), texts[0], texts[1], float(shown))

    def _general(self, style: "_Style", one_sample: bool, arrow: bool) -> str:
        sign = style.arrow if arrow else " = "
        writer = _Symbols(style, one_sample)
        left = style.indexed(self.name, writer.shown(self.indices), "")
        return f"{left}{sign}{writer.write(self._right)[0]}"


@lru_cache(maxsize=256)
def _parse(source: str) -> Equation:
    try:
        (statement,) = ast.parse(source.strip()).body
    except (SyntaxError, ValueError) as error:
        raise ConfigurationError(f"the formula {source!r} is not an equation: {error}") from error
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        raise ConfigurationError(f"the formula {source!r} is not of the form name[index] = …")
    left = statement.targets[0]
    if isinstance(left, ast.Name):
        name, indices = left.id, tuple[str, ...]()
    elif isinstance(left, ast.Subscript) and isinstance(left.value, ast.Name):
        name, indices = left.value.id, _indices_of(left)
    else:
        raise ConfigurationError(f"the formula {source!r} has no name on its left side")
    _check(statement.value, source)
    return Equation(name, indices, source, statement.value)


def _check(node: ast.expr, source: str) -> None:
    """Refuse what formulas cannot have."""
    children: Sequence[ast.expr] = ()
    match node:
        case ast.Constant(value=int() | float()) | ast.Name():
            pass
        case ast.Subscript(value=ast.Name()):
            _indices_of(node)
        case ast.BinOp(
            left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Pow(), right=right
        ):
            children = left, right
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            children = (operand,)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            children = test, body, orelse
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if (
            type(operator) in _COMPARISONS
        ):
            children = left, right
        case ast.Call(func=ast.Name(id="sum"), args=[ast.Name(), term], keywords=[]):
            children = (term,)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            children = arguments
        case _:
            raise ConfigurationError(
                f"the formula {source!r} has {ast.unparse(node)!r}, which formulas cannot have"
            )
    for child in children:
        _check(child, source)


def _indices_of(node: ast.Subscript) -> tuple[str, ...]:
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    names = tuple(part.id for part in parts if isinstance(part, ast.Name))
    if len(names) != len(parts):
        raise ConfigurationError(f"indices of formulas are names, got {ast.unparse(node)!r}")
    return names


def _value(node: Any, values: Values, bound: dict[str, int]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return float(_of(values, name))
        case ast.Subscript(value=ast.Name(id=name)):
            return float(np.asarray(_of(values, name))[tuple(bound[i] for i in _indices_of(node))])
        case ast.UnaryOp(operand=operand):
            return -_value(operand, values, bound)
        case ast.BinOp(left=left, op=operator, right=right):
            return _combine(operator, _value(left, values, bound), _value(right, values, bound))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _value(body if _holds(test, values, bound) else orelse, values, bound)
        case ast.Compare():
            return float(_holds(node, values, bound))
        case ast.Call(func=ast.Name(id="sum"), args=[ast.Name(id=index), term]):
            size = _size(term, index, values)
            # Added one after the other, as one would do it by hand.
            return float(sum(_value(term, values, {**bound, index: i}) for i in range(size)))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return float(_FUNCTIONS[name][0](*(_value(one, values, bound) for one in arguments)))
    raise AssertionError(ast.dump(node))  # _check has let nothing else through.


def _of(values: Values, name: str) -> Any:
    if name not in values:
        raise ConfigurationError(f"a formula has {name!r}; known are {', '.join(values)}")
    return values[name]


def _combine(operator: ast.operator, a: float, b: float) -> float:
    try:
        match operator:
            case ast.Add():
                return a + b
            case ast.Sub():
                return a - b
            case ast.Mult():
                return a * b
            case ast.Div():
                return a / b
            case _:
                return float(a**b)
    except OverflowError:
        return math.inf
    except ZeroDivisionError:
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a)


def _holds(node: Any, values: Values, bound: dict[str, int]) -> bool:
    if not isinstance(node, ast.Compare):
        return bool(_value(node, values, bound))
    _, _, compare = _COMPARISONS[type(node.ops[0])]
    return compare(_value(node.left, values, bound), _value(node.comparators[0], values, bound))


def _size(node: ast.expr, index: str, values: Values) -> int:
    """Return how far an index runs: the length of the first axis that it is used on."""
    for part in ast.walk(node):
        if isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name):
            for axis, name in enumerate(_indices_of(part)):
                if name == index:
                    return int(np.shape(_of(values, part.value.id))[axis])
    raise ConfigurationError(f"a sum over {index!r} has nothing with this index")


def _n_samples(node: ast.expr, values: Values) -> int | None:
    try:
        return _size(node, SAMPLE, values)
    except ConfigurationError:
        return None


class _Style:
    """How the parts of a formula are written."""

    times = minus = dots = arrow = ""

    def __init__(self, digits: int = DIGITS) -> None:
        self.digits = digits

    def indexed(self, name: str, indices: Sequence[str], comma: str) -> str:
        raise NotImplementedError

    def number(self, value: float) -> str:
        raise NotImplementedError

    def compound(self, kind: str, parts: Sequence[str]) -> str | None:
        """Return a fraction, a root or the like, None where it is written like a function."""
        raise NotImplementedError


class _Text(_Style):
    """Plain text."""

    times, minus, dots, arrow = " · ", "−", "…", " ← "

    def indexed(self, name: str, indices: Sequence[str], comma: str) -> str:
        symbol = "dl/dz" if name == "dl" else _symbol(name, 0)
        return f"{symbol}_{comma.join(indices)}" if indices else symbol

    def number(self, value: float) -> str:
        if math.isinf(value):
            return "∞" if value > 0 else "−∞"
        # Adding 0 takes the sign from −0.
        return f"{value + 0.0:.{self.digits}g}".replace("-", "−")

    def compound(self, kind: str, parts: Sequence[str]) -> str | None:
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


class _Latex(_Style):
    """LaTeX."""

    times, minus, dots, arrow = r" \cdot ", "-", r"\cdots", r" \leftarrow "

    def indexed(self, name: str, indices: Sequence[str], comma: str) -> str:
        joined = comma.join(indices)
        if name.startswith("d") and len(name) > 1 and name != "dl":
            inner = self.indexed(name[1:], indices, comma)
            return rf"\frac{{\partial L}}{{\partial {inner}}}"
        if name == "dl":
            return rf"\frac{{\partial l}}{{\partial {self.indexed('z', indices, comma)}}}"
        symbol = _symbol(name, 1)
        return f"{symbol}_{{{joined}}}" if indices else symbol

    def number(self, value: float) -> str:
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


class _Writer:
    """What writing with symbols and writing with numbers have in common."""

    with_numbers = False

    def __init__(self, style: _Style) -> None:
        self.style = style

    def write(self, node: Any, bound: dict[str, int] | None = None) -> tuple[str, int]:
        """Return the text of a part, and how tightly it holds together."""
        bound = {} if bound is None else bound
        match node:
            case ast.Constant(value=int() | float() as number):
                return self.of_number(float(number))
            case ast.Name(id=name):
                return self.leaf(name, (), bound)
            case ast.Subscript(value=ast.Name(id=name)):
                return self.leaf(name, _indices_of(node), bound)
            case ast.UnaryOp(operand=operand):
                return f"{self.style.minus}{self.inside(operand, _BIG_SUM, bound)}", _TERMS
            case ast.BinOp(left=left, op=operator, right=right):
                return self.operation(operator, left, right, bound)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                parts = [self.write(part, bound)[0] for part in (body, test, orelse)]
                return self.style.compound("cases", parts) or "", _CASES
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                sign = _COMPARISONS[type(operator)][isinstance(self.style, _Latex)]
                a, b = self.inside(left, _TERMS, bound), self.inside(right, _TERMS, bound)
                return f"{a} {sign} {b}", _CASES
            case ast.Call(func=ast.Name(id="sum"), args=[ast.Name(id=index), term]):
                return self.total(index, term, bound)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self.call(name, arguments, bound)
        raise AssertionError(ast.dump(node))

    def inside(self, node: Any, least: int, bound: dict[str, int]) -> str:
        """Return the text of a part, in brackets where it holds together less than ``least``."""
        text, holds = self.write(node, bound)
        return text if holds >= least else self.bracketed(text)

    def bracketed(self, text: str) -> str:
        return rf"\left({text}\right)" if isinstance(self.style, _Latex) else f"({text})"

    def operation(
        self, operator: ast.operator, left: Any, right: Any, bound: dict[str, int]
    ) -> tuple[str, int]:
        style = self.style
        match operator:
            case ast.Add() | ast.Sub():
                return self.term(operator, left, right, bound), _TERMS
            case ast.Pow():
                base = self.inside(left, _ATOM, bound)
                exponent, holds = self.write(right, bound)
                if holds < _ATOM and not isinstance(style, _Latex):
                    exponent = f"({exponent})"
                return style.compound("power", [base, exponent]) or "", _POWER
            case ast.Div():
                if isinstance(style, _Latex):
                    parts = [self.write(left, bound)[0], self.write(right, bound)[0]]
                    return style.compound("divide", parts) or "", _FACTORS
                a = self.inside(left, _FACTORS, bound)
                return f"{a} / {self.factor(right, bound)}", _FACTORS
        a, b = self.inside(left, _FACTORS, bound), self.factor(right, bound)
        sign = style.times if self.with_numbers or (a[-1:].isdigit() and b[:1].isdigit()) else " "
        return f"{a}{sign}{b}", _FACTORS

    def factor(self, node: Any, bound: dict[str, int]) -> str:
        """Return the text of a part on the right of a product or a quotient."""
        text, holds = self.write(node, bound)
        return text if holds in (_BIG_SUM, _POWER, _ATOM) else self.bracketed(text)

    def term(self, operator: ast.operator, left: Any, right: Any, bound: dict[str, int]) -> str:
        a, holds = self.write(left, bound)
        if holds < _TERMS:
            a = self.bracketed(a)
        b, holds = self.write(right, bound)
        negative = isinstance(right, ast.Constant | ast.Name | ast.Subscript)
        if isinstance(operator, ast.Add):
            if negative and b.startswith(self.style.minus):
                return f"{a} {self.style.minus} {b.removeprefix(self.style.minus)}"
            return f"{a} + {b if holds >= _TERMS else self.bracketed(b)}"
        return f"{a} {self.style.minus} {b if holds > _TERMS else self.bracketed(b)}"

    def call(self, name: str, arguments: Sequence[Any], bound: dict[str, int]) -> tuple[str, int]:
        parts = [self.write(argument, bound)[0] for argument in arguments]
        if (text := self.style.compound(name, parts)) is not None:
            return text, _ATOM
        shown = _FUNCTIONS[name][1] if isinstance(self.style, _Latex) else name
        return f"{shown}{self.bracketed(', '.join(parts))}", _ATOM

    def of_number(self, value: float) -> tuple[str, int]:
        return self.style.number(value), _TERMS if value < 0 else _ATOM

    def leaf(self, name: str, indices: Sequence[str], bound: dict[str, int]) -> tuple[str, int]:
        raise NotImplementedError

    def total(self, index: str, term: Any, bound: dict[str, int]) -> tuple[str, int]:
        raise NotImplementedError


class _Symbols(_Writer):
    """Formulas in general, with symbols."""

    def __init__(self, style: _Style, one_sample: bool) -> None:
        super().__init__(style)
        self.one_sample = one_sample

    def shown(self, indices: Sequence[str]) -> list[str]:
        return [index for index in indices if not (self.one_sample and index == SAMPLE)]

    def leaf(self, name: str, indices: Sequence[str], bound: dict[str, int]) -> tuple[str, int]:
        return self.style.indexed(name, self.shown(indices), ""), _ATOM

    def total(self, index: str, term: Any, bound: dict[str, int]) -> tuple[str, int]:
        if self.one_sample and index == SAMPLE:
            return self.write(term, bound)
        parts = [index, self.inside(term, _FACTORS, bound)]
        return self.style.compound("sum", parts) or "", _BIG_SUM


class _Numbers(_Writer):
    """Formulas for one entry, with numbers in place of symbols."""

    with_numbers = True

    def __init__(self, style: _Style, values: Values) -> None:
        super().__init__(style)
        self.values = values

    def leaf(self, name: str, indices: Sequence[str], bound: dict[str, int]) -> tuple[str, int]:
        value = np.asarray(_of(self.values, name))[tuple(bound[i] for i in indices)]
        return self.of_number(float(value))

    def total(self, index: str, term: Any, bound: dict[str, int]) -> tuple[str, int]:
        size = _size(term, index, self.values)
        shown = list(range(size)) if size <= MOST_TERMS else [0, 1, 2, size - 1]
        texts, holds = [], _TERMS
        for i in shown:
            text, holds = self.write(term, {**bound, index: i})
            texts.append(text if holds >= _TERMS else self.bracketed(text))
        if size > MOST_TERMS:
            texts.insert(3, self.style.dots)
        joined = texts[0] if texts else self.style.number(0.0)
        for text in texts[1:]:
            is_negative = text.startswith(self.style.minus) and not isinstance(term, ast.BinOp)
            rest = text.removeprefix(self.style.minus)
            joined += f" {self.style.minus} {rest}" if is_negative else f" + {text}"
        return joined, holds if size == 1 else _TERMS
