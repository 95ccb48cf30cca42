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
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.explain_notation import (
    SAMPLE,
    Values,
    check,
    indices_of,
    n_samples,
    size_of,
    value_of,
)
from rosenblatt.analysis.explain_writing import (
    DIGITS,
    Latex,
    NumberWriter,
    Style,
    SymbolWriter,
    Text,
)
from rosenblatt.errors import ConfigurationError


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
        return self._general(Text(), one_sample, arrow)

    def latex(self, *, one_sample: bool = False, arrow: bool = False) -> str:
        """Return the equation in LaTeX, without the signs that begin mathematics."""
        return self._general(Latex(), one_sample, arrow)

    def value(self, values: Values, index: Sequence[int] = ()) -> float:
        """Return the right side for one entry of the left side.

        Overflows are infinities, as in arrays.
        """
        return value_of(self._right, values, dict(zip(self.indices, index, strict=True)))

    def array(self, values: Values, shape: Sequence[int] | None = None) -> npt.NDArray[np.float64]:
        """Return the right side for all entries of a left side of this shape.

        Without a shape, each index runs as far as it does on the right side.
        """
        if shape is None:
            shape = [size_of(self._right, index, values) for index in self.indices]
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
            result: the result to print, as a program computed it; by default the value of the
                formula.
            arrow: whether the name gets a new value.
            digits: significant digits of each number.
        """
        bound = dict(zip(self.indices, index, strict=True))
        value = value_of(self._right, values, bound)
        shown = value if result is None else result
        one_sample = n_samples(self._right, values) == 1
        texts = []
        for style in (Text(digits), Latex(digits)):
            sign = style.arrow if arrow else " = "
            target = style.indexed(
                self.name,
                [str(i) for name, i in bound.items() if not (one_sample and name == SAMPLE)],
                ",",
            )
            right, _ = NumberWriter(style, values).write(self._right, bound)
            number = style.number(shown)
            texts.append(f"{target}{sign}{right}" + ("" if right == number else f" = {number}"))
        return Worked(tuple(index), texts[0], texts[1], float(shown))

    def _general(self, style: "Style", one_sample: bool, arrow: bool) -> str:
        sign = style.arrow if arrow else " = "
        writer = SymbolWriter(style, one_sample)
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
        name, indices = left.value.id, indices_of(left)
    else:
        raise ConfigurationError(f"the formula {source!r} has no name on its left side")
    check(statement.value, source)
    return Equation(name, indices, source, statement.value)
