"""The mistakes that explain a wrong gradient of a layer."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.check.layers.findings import layer_finding, mistake_reason
from rosenblatt.check.layers.gradients import numeric_gradients
from rosenblatt.check.numbers.compare import first_wrong, ratio, same
from rosenblatt.check.numbers.reference import (
    Net,
    changes,
    factor_name,
    recognize,
    slope_detail,
    softmax,
    through,
    wrong_slopes,
)
from rosenblatt.check.source.calls import N, required
from rosenblatt.check.source.state import Leaf, leaves
from rosenblatt.check.source.subjects import Facts, Subject, first_array, seeded
from rosenblatt.check.source.words import last_word


def has_more_entries(gradient: Sequence[int], parameter: Sequence[int]) -> bool:
    """Return whether a gradient has more entries than its parameter, a matrix, given both shapes.

    A product of one sample with its gradient has, where a batch is in its place.
    """
    is_matrix = sum(width > 1 for width in parameter) == 2
    return is_matrix and math.prod(gradient) > math.prod(parameter)


@dataclass
class LayerCase:
    """One comparison of a layer, and the search for the mistake that explains it."""

    subject: Subject
    facts: Facts
    x: Any
    y: Any
    dout: Any
    kept: dict[str, Any]
    parameters: dict[str, Leaf]
    analytic: dict[str, Any]
    numeric: dict[str, Any]
    names: dict[str, str]
    changed: bool
    obj: Any

    def findings(self) -> list[dict[str, Any]]:
        """Return the findings, none where everything agrees."""
        n = self._n_samples()
        wrong = []
        for path in [*self.parameters, "x"]:
            if path not in self.analytic:
                if path != "x" and path in self.numeric:
                    wrong.append(path)
                continue
            numeric = self.numeric.get(path)
            if numeric is None or same(self._shaped(path), numeric):
                continue
            wrong.append(path)
        if not wrong:
            return self._remember_softmax()
        # Gradients of parameters averaged over the samples are a convention.
        gradients = [p for p in self.parameters if p in self.analytic]
        averaged = n > 1 and gradients and set(wrong) == set(self.parameters) == set(gradients)
        if averaged and all(same(self._shaped(p), self.numeric[p] / n) for p in gradients):
            self.facts.averaged_layers.append(self.subject.where)
            return []
        if averaged and self._takes_residual() and self._is_doubled(gradients, n):
            return []
        missing = [p for p in wrong if p not in self.analytic]
        if missing and len(missing) == len(self.parameters):
            # Gradients that the layer hands over in a way that is not known.
            wrong = [p for p in wrong if p == "x"]
            if not wrong:
                return self._remember_softmax()
        for path in self.parameters:
            value, numeric = self.analytic.get(path), self.numeric.get(path)
            if value is None or numeric is None:
                continue
            if has_more_entries(value.shape, numeric.shape):
                return [self._finding("unexplained", path, wrong)]
        return self._explain(wrong, n)

    def _takes_residual(self) -> bool:
        """Return whether backward is given outputs minus targets, not a gradient."""
        names = " ".join(required(self.subject.backward_function)).lower()
        return re.search(r"resid|err|diff|delta", names) is not None

    def _is_doubled(self, gradients: list[str], n: int) -> bool:
        """Return whether all gradients are those of the squared residual, summed or averaged."""
        factors = [ratio(self._shaped(p), self.numeric[p]) for p in gradients]
        return any(
            all(c is not None and abs(c / f - 1) < 1e-4 for c in factors) for f in (2.0, 2.0 / n)
        )

    def _n_samples(self) -> int:
        if np.ndim(self.x) == 4:
            return int(np.shape(self.x)[0])
        if np.ndim(self.x) != 2:
            return 1
        return N if N in np.shape(self.x) else 1

    def _shaped(self, path: str) -> Any:
        """Return the student's gradient in the shape of the parameter where sizes are equal."""
        value, numeric = self.analytic.get(path), self.numeric.get(path)
        if value is None or numeric is None:
            return value
        if value.shape != numeric.shape and value.size == numeric.size:
            if value.ndim == 2 and numeric.ndim == 2 and value.shape == numeric.shape[::-1]:
                return value
            return value.reshape(numeric.shape)
        return value

    def _remember_softmax(self) -> list[dict[str, Any]]:
        x = np.asarray(self.x)
        if self.parameters or np.ndim(self.y) != 2 or x.shape != self.y.shape:
            return []
        if same(self.y, softmax(x, -1)) or same(self.y, softmax(x, 0)):
            self.facts.softmax_jacobian.append(self.subject.where)
        return []

    def _explain(self, wrong: list[str], n: int) -> list[dict[str, Any]]:
        as_layer = self._as_net()
        if as_layer is not None:
            mistake = self._try_net(as_layer)
            if mistake is not None:
                return [self._finding(mistake[0], mistake[1], wrong)]
        if not self.parameters:
            mistake_name = self._try_activation()
            if mistake_name is not None:
                finding = self._finding(mistake_name, "x", wrong)
                return [{**finding, "text": finding["text"] + self._slope_detail(mistake_name)}]
        for path in wrong:
            value = self._shaped(path)
            numeric: Any = self.numeric.get(path)
            if value is None:
                bias = np.ndim(numeric) < 2 or 1 in np.shape(numeric)
                name = "bias-gradient-missing" if bias else "unexplained"
                return [self._finding(name, path, wrong)]
            if np.ndim(value) == 2 and same(value.T, numeric):
                return [self._finding("transposed", path, wrong)]
            c = ratio(value, numeric)
            if c is not None:
                name = factor_name(c, n) or "constant-factor"
                return [self._finding(name, path, wrong)]
            others = [self.numeric[p] for p in self.parameters if p != path and p in self.numeric]
            if path != "x" and any(same(value, other) for other in others):
                return [self._finding("bias-gradient-times-input", path, wrong)]
            if same(value, 0 * np.asarray(value)) and path != "x":
                bias = np.ndim(numeric) < 2 or 1 in np.shape(numeric)
                return [
                    self._finding("bias-gradient-missing" if bias else "unexplained", path, wrong)
                ]
            if path != "x" and np.size(value) != np.size(numeric):
                if np.shape(value) == np.shape(self.dout):
                    return [self._finding("bias-gradient-not-summed", path, wrong)]
                if np.ndim(numeric) < 2 or 1 in np.shape(numeric):
                    return [self._finding("bias-gradient-not-summed", path, wrong)]
        name = "upstream-gradient-missing" if self._leaves_dout_out(wrong) else "unexplained"
        return [self._finding(name, wrong[0], wrong)]

    def _leaves_dout_out(self, wrong: list[str]) -> bool:
        """Return whether the wrong gradients are those of the sum of the outputs."""
        ones = np.ones_like(self.dout)
        obj = seeded(self.subject.make)
        for leaf in leaves(obj):
            if leaf.path in self.parameters:
                leaf.fill(self.kept[leaf.path])
        parameters = {p.path: p for p in leaves(obj) if p.path in self.parameters}
        numeric = numeric_gradients(obj, self.subject, self.x, ones, parameters)
        return all(same(self._shaped(path), numeric.get(path)) for path in wrong)

    def _try_activation(self) -> str | None:
        x, dx = np.asarray(self.x, dtype=float), self.analytic.get("x")
        if dx is None or x.shape != self.y.shape:
            return None
        name = recognize(x, self.y)
        if name is None:
            name = recognize(x.T, self.y.T)
            if name is None:
                return self._diagonal_only(x, dx)
            x, dx, dout = x.T, dx.T, self.dout.T
        else:
            dout = self.dout
        if name == "softmax over samples" and self.facts.columns:
            name, x, dx, dout = "softmax", x.T, dx.T, dout.T
        c = ratio(dx, through(name, x, dout))
        if c is not None:
            return factor_name(c, self._n_samples()) or "constant-factor"
        for mistake, value in wrong_slopes(name, x, dout):
            if same(dx, value):
                if name == "softmax" and mistake == "activation-derivative-missing":
                    self.facts.softmax_identity.append(self.subject.where)
                return mistake
        for mistake, value in wrong_slopes(name, x, dout):
            if ratio(dx, value) is not None:
                return mistake
        return None

    def _slope_detail(self, mistake: str) -> str:
        """Return a sentence on the factor of the activation's derivative that is missing."""
        if mistake != "activation-derivative-missing":
            return ""
        x = np.asarray(self.x, dtype=float)
        detail = slope_detail(recognize(x, self.y), x, self.analytic["x"] / self.dout)
        return f" With a for the output, {detail}." if detail else ""

    def _diagonal_only(self, x: Any, dx: Any) -> str | None:
        """Return the mistake where dx has nothing but the diagonal of the Jacobian."""
        diagonal = np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            ends = []
            for sign in (1, -1):
                moved = np.array(x)
                moved[index] += sign * 1e-5
                fresh = seeded(self.subject.make)
                ends.append(first_array(seeded(self.subject.forward, fresh, moved)))
            diagonal[index] = (ends[0][index] - ends[1][index]) / 2e-5
        numeric = self.numeric.get("x")
        full = numeric is not None and not same(self.dout * diagonal, numeric, 1e-4)
        return "softmax-diagonal-only" if full and same(dx, self.dout * diagonal, 1e-4) else None

    def _as_net(self) -> tuple[Net, dict[str, str], bool, bool] | None:
        """Return the layer as a reference, names of its parameters, and how it is turned."""
        x = np.asarray(self.x, dtype=float)
        matrices = [p for p in self.parameters if sum(s > 1 for s in self.kept[p].shape) == 2]
        if len(matrices) != 1 or x.ndim not in (1, 2):
            return None
        rest = [p for p in self.parameters if p not in matrices]
        if len(rest) > 1:
            return None
        weight = self.kept[matrices[0]]
        bias = self.kept[rest[0]].reshape(-1) if rest else None
        names = {"W0": matrices[0], **({"b0": rest[0]} if rest else {})}
        for flipped in (False, True):
            rows = x.T if flipped else x
            rows = rows.reshape(1, -1) if rows.ndim == 1 else rows
            y = self.y.T if flipped else self.y
            y = y.reshape(1, -1) if y.ndim == 1 else y
            for turned in (False, True):
                w = weight.T if turned else weight
                if rows.shape[1] != w.shape[0]:
                    continue
                if bias is not None and bias.size not in (w.shape[1], 1):
                    continue
                z = rows @ w + (0 if bias is None else bias)
                name = recognize(z, y) if z.shape == y.shape else None
                if name is not None:
                    net = Net([w], [bias], [name])
                    net.forward(rows)
                    return net, names, flipped, turned
        return None

    def _try_net(self, layer: tuple[Net, dict[str, str], bool, bool]) -> tuple[str, str] | None:
        net, names, flipped, turned = layer
        dout = self.dout.T if flipped else self.dout
        dout = dout.reshape(1, -1) if dout.ndim == 1 else dout
        observed: dict[str, Any] = {}
        for key, path in names.items():
            value = self.analytic.get(path)
            if value is None:
                continue
            if key == "W0":
                value = value.T if turned and value.ndim == 2 else value
            elif flipped and value.ndim == 2 and 1 not in value.shape:
                value = value.T
            observed[key] = value
        if "x" in self.analytic:
            dx = self.analytic["x"]
            dx = dx.T if flipped else dx
            observed["x"] = dx.reshape(1, -1) if dx.ndim == 1 else dx
        activation, z = net.activations[0], net.sums[0]
        dz = through(activation, z, dout)
        bases = [1.0, 1.0 / len(net.x)] if len(net.x) > 1 else [1.0]
        right = net.backward(dz)

        def fits(predicted: dict[str, Any], scale: float = 1.0) -> bool:
            for key, value in observed.items():
                want = predicted[key] if key == "x" else scale * predicted[key]
                if key == "b0":
                    if value.size != want.size:
                        return False
                    value, want = value.reshape(-1), want.reshape(-1)
                if not same(value, want):
                    return False
            return True

        path_of = {**names, "x": "x"}
        b = observed.get("b0")
        others = {k: v for k, v in observed.items() if k != "b0"}
        w_right = "W0" not in others or any(same(others["W0"], s * right["W0"]) for s in bases)
        if "b0" in names and w_right and ("x" not in others or same(others["x"], right["x"])):
            if b is None or not np.any(b):
                return "bias-gradient-missing", names["b0"]
            if b.size != right["b0"].size:
                if b.shape == net.weights[0].shape:
                    return "bias-gradient-times-input", names["b0"]
                return "bias-gradient-not-summed", names["b0"]
        for mistake, wrong in wrong_slopes(activation, z, dout):
            predicted = net.backward(wrong)
            if any(fits(predicted, scale) for scale in bases):
                return mistake, names["W0"]
        for change in changes(net, 0):
            predicted = net.backward(dz, 0, change)
            if any(fits(predicted, scale) for scale in bases):
                place = {"W": names["W0"], "b": names.get("b0", "x"), "x": "x", "z": names["W0"]}
                return change.mistake, place[change.parameter]
        if "x" in observed:
            parameters_right = all(
                key == "x" or any(same(v.reshape(right[key].shape), s * right[key]) for s in bases)
                for key, v in observed.items()
                if key == "x" or v.size == right[key].size
            )
            after = {leaf.path: leaf.array for leaf in leaves(self.obj)}.get(names["W0"])
            if self.changed and after is not None:
                new = after.T if turned else after
                if parameters_right and same(observed["x"], dz @ new.T):
                    return "update-before-use", "x"
                # A gradient that is used with another rate still moves the weights.
                if same(observed["x"], dz @ new.T):
                    return "update-before-use", "x"
            if net.weights[0].shape[0] == net.weights[0].shape[1] and same(
                observed["x"], dz @ net.weights[0]
            ):
                return "transposed", "x"
        if "W0" in observed and any(
            same(observed["W0"], s * net.forward(net.x).T @ dz) for s in bases
        ):
            return "wrong-input-cached", names["W0"]
        stale = np.asarray(self.x, dtype=float)
        stale = stale[::-1].copy() * 0.7 + 0.1
        stale = stale.T if flipped else stale
        if "W0" in observed and stale.ndim == 2 and stale.shape == net.x.shape:
            for s in bases:
                if same(observed["W0"], s * stale.T @ dz):
                    return "wrong-input-cached", names["W0"]
        c = None
        for key, value in observed.items():
            if value.size == right[key].size:
                c = ratio(value.reshape(right[key].shape), right[key])
                if (
                    c is not None
                    and abs(c - 1) > 1e-4
                    and (key == "x" or all(abs(c / s - 1) > 1e-4 for s in bases))
                ):
                    found = factor_name(c, len(net.x)) or "constant-factor"
                    return found, path_of[key]
        if "W0" in observed and same(observed["W0"], right["W0"].T):
            return "transposed", names["W0"]
        return None

    def _finding(self, mistake: str, path: str, wrong: list[str]) -> dict[str, Any]:
        if path not in self.numeric:
            path = wrong[0]
        if path not in wrong and mistake != "softmax-wrong-axis":
            path = wrong[0]
        value, numeric = self._shaped(path), self.numeric.get(path)
        numbers = {} if value is None else first_wrong(value, numeric)
        name = self.names.get(path, path)
        words = [last_word(name), last_word(path)]
        if name.startswith("return"):
            place = re.findall(r"\d+", name)
            words = self.subject.source.returned_name(
                self.subject.backward_function, int(place[0]) if place else 0
            )
        shown = (
            "the gradient by the input" if path == "x" else f"the gradient of {path.lstrip('.')}"
        )
        function = self.subject.backward_function
        if path != "x" and not name.startswith("return") and self.subject.other_parts:
            function = self.subject.other_parts[0]
        return layer_finding(
            self.subject,
            mistake,
            f"In {self.subject.where}, {shown} is not the derivative of what forward computes: "
            f"{mistake_reason(mistake)}.",
            function,
            words,
            parameter="x" if path == "x" else path.lstrip("."),
            **numbers,
        )
