"""The result of explaining an update: every number, with its formula."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.explain_formulas import Equation, Worked
from rosenblatt.analysis.explain_notation import Values

MOST_ROWS = 20
"""Samples of a batch whose numbers are part of a text or of JSON."""

STEP_DIGITS = 6
"""Significant digits of numbers in an optimizer's step, which may change a parameter little."""


@dataclass(frozen=True)
class Formula:
    """A formula in general: in plain text, and in LaTeX."""

    text: str
    latex: str


@dataclass(frozen=True)
class Differences:
    """Gradient entries compared with central differences.

    Attributes:
        numeric: (L(θ + h) − L(θ − h)) / 2h for each entry, NaN where it was not computed.
        bound: how far the difference may be from the gradient: its own error, estimated.
        kinks: whether the loss has a kink within h of the entry, as ReLU has at 0. There is nothing
            to compare with then.
    """

    numeric: npt.NDArray[np.float64]
    bound: npt.NDArray[np.float64]
    kinks: npt.NDArray[np.bool_]

    def agree(self, gradient: npt.NDArray[np.float64]) -> bool:
        """Return whether every entry that was compared is within its bound."""
        compared = np.isfinite(self.numeric) & ~self.kinks
        distance = np.abs(self.numeric - gradient)
        return bool((distance <= self.bound)[compared].all())


@dataclass(frozen=True)
class Quantity:
    """Numbers of one name, such as the outputs of a layer.

    Attributes:
        name: how the formula calls them, as "y" or "dx"; of a gradient "dweight".
        meaning: what they are, in words.
        values: the numbers: a row for each sample (N, units), or the shape of a parameter.
        formula: the formula, None where the layer or loss has none.
        example: the formula with numbers in it, for the entry of the largest size.
        differences: the same numbers by differences of the loss, for gradients of parameters.
    """

    name: str
    meaning: str
    values: npt.NDArray[np.float64]
    formula: Formula | None = None
    example: Worked | None = None
    differences: Differences | None = None
    _equation: Equation | None = field(default=None, repr=False)
    _numbers: Values = field(default_factory=dict, repr=False)

    def worked(self, index: Sequence[int]) -> Worked | None:
        """Return the formula with the numbers of one entry, (sample, unit) or (i, j), from 0."""
        if self._equation is None:
            return None
        index = tuple(index)
        result = float(self.values[index])
        return self._equation.worked(self._numbers, index, result=result)

    def to_json(self, *, rows: int = MOST_ROWS, examples: str = "one") -> dict[str, Any]:
        """Return plain values; see :meth:`Explanation.to_json`."""
        of_samples = self._has_samples
        shown = self.values[:rows] if of_samples else self.values
        found: dict[str, Any] = {
            "name": self.name,
            "meaning": self.meaning,
            "shape": list(self.values.shape),
            "values": plain(shown),
            "formula": None if self.formula is None else vars(self.formula).copy(),
            "example": _worked_json(self.example),
        }
        if examples == "all" and self._equation is not None:
            found["examples"] = [_worked_json(self.worked(i)) for i in np.ndindex(shown.shape)]
        if self.differences is not None:
            found["differences"] = plain(self.differences.numeric)
            found["bound"] = plain(self.differences.bound)
            found["kinks"] = plain(self.differences.kinks)
            found["agree"] = self.differences.agree(self.values)
        return found

    @property
    def _has_samples(self) -> bool:
        return self._equation is not None and self._equation.indices[:1] == ("n",)


@dataclass(frozen=True)
class LayerExplanation:
    """The two passes through one layer.

    Attributes:
        number: the place of the layer, from 0, as in the names of its parameters.
        name: its class, as "Linear".
        settings: the layer as Python writes it, as "Linear(2, 8)".
        forward: the quantities of the forward pass, in order; the last is the output y.
        backward: those of the backward pass: dx, then the gradient of each parameter. Empty where
            there is no label.
    """

    number: int
    name: str
    settings: str
    forward: tuple[Quantity, ...]
    backward: tuple[Quantity, ...]


@dataclass(frozen=True)
class LossExplanation:
    """The loss of the samples, and its gradient by the outputs of the network.

    Attributes:
        name: the class of the loss.
        settings: the loss as Python writes it.
        value: L, the mean over the samples.
        after: L of the same samples after the update.
        forward: the quantities up to l, the loss of each sample, and L.
        backward: dl, the gradient of each sample's loss, and dz, that of L.
    """

    name: str
    settings: str
    value: float
    after: float
    forward: tuple[Quantity, ...]
    backward: tuple[Quantity, ...]


@dataclass(frozen=True)
class ParameterUpdate:
    """The step of the optimizer for one parameter.

    Attributes:
        name: the parameter, as "0.weight".
        before: its values before the update.
        gradient: its gradient.
        after: its values after the update.
        slots_before: what the optimizer remembered of it, by name.
        slots_after: what it remembers afterwards.
        formulas: the formulas of the step, in order.
        example: the formulas with numbers, for the entry that changes most.
    """

    name: str
    before: npt.NDArray[np.float64]
    gradient: npt.NDArray[np.float64]
    after: npt.NDArray[np.float64]
    slots_before: Mapping[str, npt.NDArray[np.float64]]
    slots_after: Mapping[str, npt.NDArray[np.float64]]
    formulas: tuple[Formula, ...] = ()
    example: tuple[Worked, ...] = ()
    _equations: tuple[Equation, ...] = field(default=(), repr=False)
    _settings: Mapping[str, float] = field(default_factory=dict, repr=False)

    @property
    def change(self) -> npt.NDArray[np.float64]:
        """What the update adds to the parameter."""
        return self.after - self.before

    def worked(self, index: Sequence[int]) -> tuple[Worked, ...]:
        """Return the formulas with the numbers of one entry, (i, j) or (j,), from 0."""
        index = tuple(index)
        numbers = {
            **self._settings,
            "theta": float(self.before[index]),
            "g": float(self.gradient[index]),
            **{name: float(slot[index]) for name, slot in self.slots_before.items()},
        }
        state = {"theta", "g", *self.slots_before}
        results = {name: float(slot[index]) for name, slot in self.slots_after.items()}
        results["theta"] = float(self.after[index])
        lines = []
        for equation in self._equations:
            name = equation.name
            result = results.get(name)
            arrow = name in state
            worked = equation.worked(numbers, result=result, arrow=arrow, digits=STEP_DIGITS)
            numbers[name] = worked.value
            lines.append(Worked(index, worked.text, worked.latex, worked.value))
        return tuple(lines)

    def to_json(self, *, examples: str = "one") -> dict[str, Any]:
        """Return plain values; see :meth:`Explanation.to_json`."""
        found: dict[str, Any] = {
            "name": self.name,
            "shape": list(self.before.shape),
            "before": plain(self.before),
            "gradient": plain(self.gradient),
            "change": plain(self.change),
            "after": plain(self.after),
            "slots_before": {name: plain(value) for name, value in self.slots_before.items()},
            "slots_after": {name: plain(value) for name, value in self.slots_after.items()},
            "formulas": [vars(formula).copy() for formula in self.formulas],
            "example": [_worked_json(line) for line in self.example],
        }
        if examples == "all" and self._equations:
            found["examples"] = [
                [_worked_json(line) for line in self.worked(index)]
                for index in np.ndindex(self.before.shape)
            ]
        return found


@dataclass(frozen=True, repr=False)
class Explanation:
    """One update of a run, number by number, as :meth:`rosenblatt.Run.explain` returns it.

    Attributes:
        update: the number of updates done before.
        epoch: the number of epochs done before.
        learning_rate: η of this update.
        samples: the places of the samples in the training set; None for others.
        x: the samples, (N, D).
        y: their targets as the loss takes them, (N, K); None where no label was given.
        layers: the layers, first to last.
        loss: the loss; None without a label.
        updates: the step of each parameter; empty without a label.
        steps: the update in words, a sentence for each step.

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(50, noise=0.2, seed=0)
    >>> run = rb.train(rb.MLP(2, [3], 2, activation="tanh"), data, epochs=3, batch_size=10)
    >>> explanation = run.at(update=7).explain(17)
    >>> explanation.epoch, explanation.samples, explanation.x.shape, len(explanation.layers)
    (1, (17,), (1, 2), 3)
    """

    update: int
    epoch: int
    learning_rate: float
    samples: tuple[int, ...] | None
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64] | None
    layers: tuple[LayerExplanation, ...]
    loss: LossExplanation | None
    updates: tuple[ParameterUpdate, ...]
    steps: tuple[str, ...]

    @property
    def gradients(self) -> dict[str, Quantity]:
        """The gradient of each parameter, by the parameter's name."""
        return {
            f"{layer.number}.{quantity.name[1:]}": quantity
            for layer in self.layers
            for quantity in layer.backward
            if quantity.name != "dx"
        }

    @property
    def agrees(self) -> bool:
        """Whether every gradient entry is within the bound of its difference."""
        return all(
            gradient.differences is None or gradient.differences.agree(gradient.values)
            for gradient in self.gradients.values()
        )

    def to_json(self, *, rows: int = MOST_ROWS, examples: str = "one") -> dict[str, Any]:
        """Return all of it as plain values that JSON can hold; NaN and infinities are None.

        Args:
            rows: the number of samples whose numbers are included; sums are over all of them.
            examples: "one" for the formula with numbers of one entry of each quantity; "all" for
                those of every entry, in the order of the entries.
        """
        settings: Any = {"rows": rows, "examples": examples}
        loss = self.loss
        return {
            "update": self.update,
            "epoch": self.epoch,
            "learning_rate": plain(self.learning_rate),
            "samples": None if self.samples is None else list(self.samples),
            "n_samples": len(self.x),
            "x": plain(self.x[:rows]),
            "y": None if self.y is None else plain(self.y[:rows]),
            "layers": [
                {
                    "number": layer.number,
                    "name": layer.name,
                    "settings": layer.settings,
                    "forward": [quantity.to_json(**settings) for quantity in layer.forward],
                    "backward": [quantity.to_json(**settings) for quantity in layer.backward],
                }
                for layer in self.layers
            ],
            "loss": None
            if loss is None
            else {
                "name": loss.name,
                "settings": loss.settings,
                "value": plain(loss.value),
                "after": plain(loss.after),
                "forward": [quantity.to_json(**settings) for quantity in loss.forward],
                "backward": [quantity.to_json(**settings) for quantity in loss.backward],
            },
            "updates": [update.to_json(examples=examples) for update in self.updates],
            "agrees": self.agrees,
            "steps": list(self.steps),
        }

    def __str__(self) -> str:
        lines = [self._title(), ""]
        for heading, quantities in self._parts():
            lines.append(heading)
            for quantity in quantities:
                lines += [f"  {line}" for line in _lines_of(quantity)]
            lines.append("")
        for update in self.updates:
            lines.append(f"update of {update.name}")
            lines += [f"  {formula.text}" for formula in update.formulas]
            lines += [f"    {line.text}" for line in update.example]
            if not update.example:
                lines.append(f"  change {_numbers(update.change)}")
        return "\n".join(lines).rstrip()

    def __repr__(self) -> str:
        return f"Explanation(update={self.update}, n_samples={len(self.x)})"

    def _repr_html_(self) -> str:
        steps = "".join(f"<li>{_subscripts(step)}</li>" for step in self.steps)
        names = ("quantity", "formula", "with numbers of one entry", "by differences")
        rows = "".join(f"<th {_LEFT}>{name}</th>" for name in names)
        for heading, quantities in self._parts():
            rows += f"<tr><th colspan='4' {_LEFT}>{escape(heading)}</th></tr>"
            rows += "".join(_html_row(_cells_of(quantity)) for quantity in quantities)
        for update in self.updates:
            rows += f"<tr><th colspan='4' {_LEFT}>update of {escape(update.name)}</th></tr>"
            lines = zip(update.formulas, update.example, strict=False)
            rows += "".join(_html_row(("", one.text, line.text, "")) for one, line in lines)
        return f"<p><b>{escape(self._title())}</b></p><ol>{steps}</ol><table>{rows}</table>"

    def _title(self) -> str:
        count = "1 sample" if len(self.x) == 1 else f"{len(self.x)} samples"
        title = f"update {self.update + 1}, on {count}"
        if self.loss is not None:
            title += f": loss {self.loss.value:.6g}, {self.loss.after:.6g} after it"
        return title

    def _parts(self) -> list[tuple[str, tuple[Quantity, ...]]]:
        parts = [(f"layer {one.number}: {one.settings}", one.forward) for one in self.layers]
        if self.loss is not None:
            quantities = self.loss.forward + self.loss.backward
            parts.append((f"loss: {self.loss.settings}", quantities))
            parts += [
                (f"back through layer {one.number}: {one.settings}", one.backward)
                for one in reversed(self.layers)
            ]
        return parts


def plain(value: Any) -> Any:
    """Return numbers as JSON can hold them: lists, and None for what is not finite."""
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return plain(value.item())
        if value.dtype.kind != "f" or np.isfinite(value).all():
            return value.tolist()
        return [plain(part) for part in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _worked_json(worked: Worked | None) -> dict[str, Any] | None:
    if worked is None:
        return None
    return {
        "index": [int(i) for i in worked.index],
        "text": worked.text,
        "latex": worked.latex,
        "value": plain(worked.value),
    }


def _lines_of(quantity: Quantity) -> list[str]:
    formula = "" if quantity.formula is None else f"   {quantity.formula.text}"
    lines = [f"{quantity.name}, {quantity.meaning}{formula}", f"  {_numbers(quantity.values)}"]
    if quantity.example is not None:
        lines.append(f"  {quantity.example.text}")
    if (differences := quantity.differences) is not None:
        index = np.unravel_index(np.abs(quantity.values).argmax(), quantity.values.shape)
        numeric, bound = differences.numeric[index], differences.bound[index]
        if math.isfinite(numeric):
            text = f"{numeric:.10g} ± {bound:.1g}".replace("-", "−")
            lines.append(f"  by differences {text}")
    return lines


def _numbers(values: npt.NDArray[np.float64]) -> str:
    rows = np.atleast_2d(values)
    text = "; ".join(" ".join(f"{value:.4g}" for value in row[:8]) for row in rows[:2])
    left_out = rows.shape[1] > 8 or len(rows) > 2
    return f"{text}{' …' if left_out else ''}   {values.shape}".replace("-", "−")


_LEFT = "style='text-align:left'"


def _cells_of(quantity: Quantity) -> tuple[str, str, str, str]:
    formula = "" if quantity.formula is None else quantity.formula.text
    example = _numbers(quantity.values) if quantity.example is None else quantity.example.text
    numeric = ""
    if quantity.differences is not None and quantity.example is not None:
        numeric = f"{quantity.differences.numeric[quantity.example.index]:.6g}".replace("-", "−")
    return f"{quantity.name}, {quantity.meaning}", formula, example, numeric


def _html_row(cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<td {_LEFT}>{_subscripts(cell)}</td>' for cell in cells)}</tr>"


def _subscripts(text: str) -> str:
    """Return text for HTML, with what follows "_" as a subscript."""
    return re.sub(r"_([A-Za-z0-9,]+)", r"<sub>\1</sub>", escape(text))
