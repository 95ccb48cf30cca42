"""The check of pairs of functions: X_forward(x, …) and X_backward(dout, cache)."""

import ast
import copy
import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.check.calls import plain, required
from rosenblatt.check.compare import ratio, same
from rosenblatt.check.coverage import called_from
from rosenblatt.check.ctx_functions import depends_on_inputs
from rosenblatt.check.functions import function_pairs
from rosenblatt.check.operation_arguments import is_bias
from rosenblatt.check.operations import (
    Operation,
    OperationCase,
    agrees,
    numeric_gradients,
)
from rosenblatt.check.pair_arguments import guessed_arguments, input_leaves, prepared, variants
from rosenblatt.check.pair_calls import Binding, Pair
from rosenblatt.check.pair_dropout import check_pair_dropout
from rosenblatt.check.pair_gradients import (
    Returned,
    computing_function,
    matched,
    shaped,
    unpacked,
    variable_of,
)
from rosenblatt.check.pair_repair import repaired
from rosenblatt.check.recorded_calls import RecordedCall
from rosenblatt.check.sandbox import FailedError, attempt
from rosenblatt.check.source import Source
from rosenblatt.check.state import flat
from rosenblatt.check.subjects import Facts
from rosenblatt.check.texts import TITLES

_SECONDS = 8.0
"""Processor time of the check of one pair."""

_MOST_GUESSES = 4
"""Guessed arguments that forward accepts and with which a wrong gradient is confirmed."""

_ON_PURPOSE = re.compile(r"revers|straight|ste_|binar|quanti|guided|stop_?grad")
"""Names of functions whose gradient is another one on purpose."""

_DECAY = re.compile(r"reg|lam|decay|l2|penalty")

Findings = list[dict[str, Any]]


def check_function_pairs(
    functions: dict[str, Any],
    calls: list[RecordedCall],
    source: Source,
    facts: Facts,
    known: set[str],
) -> tuple[Findings, list[tuple[str, str]]]:
    """Return the findings of pairs of functions, and the names of those that were checked.

    A pair that calls a wrong one is not checked, and none whose backward function is ``known``.
    """
    findings: Findings = []
    checked: list[tuple[str, str]] = []
    wrong: set[str] = set()
    # With two arguments, the second one need not be the array that other checks give it.
    pairs = [
        pair
        for pair in function_pairs(functions)
        if pair[1] not in known or len(required(functions[pair[0]])) == 2
    ]
    called = {pair: called_from(pair, source) for pair in pairs}
    for pair in sorted(pairs, key=lambda pair: len(called[pair])):
        if called[pair] & wrong or _ON_PURPOSE.search(pair[1].lower()):
            continue
        forward, backward = (functions[name] for name in pair)
        if any(re.search("loss|cost", name.lower()) for name in pair):
            continue
        recorded = [call.values for call in calls if call.function.__qualname__ == pair[0]]
        try:
            found = attempt(
                _check_pair,
                Pair.of(forward, backward, source),
                recorded,
                facts,
                seconds=_SECONDS,
            )
        except FailedError:
            continue
        if found is not None:
            checked.append(pair)
            findings += found
            wrong |= set(pair) if found else set()
    return findings, checked


def merged(findings: Findings, of_pairs: Findings, pairs: list[tuple[str, str]]) -> Findings:
    """Return findings with those of pairs, which are called with better arguments.

    A gradient that is divided by the number of samples may be right for a pair alone.
    """
    named = {f["where"] for f in of_pairs if f["mistake"] != "unexplained"}
    wrong = {f["where"] for f in of_pairs}
    right = {backward for _, backward in pairs} - wrong
    result = []
    for finding in findings:
        where, mistake = finding["where"], finding["mistake"]
        is_refuted = where in right and mistake != "batch-factor"
        is_named = where in named and mistake == "unexplained"
        if not is_refuted and not is_named:
            result.append(finding)
    places = {finding["where"] for finding in result}
    return result + [finding for finding in of_pairs if finding["where"] not in places]


def _check_pair(pair: Pair, recorded: list[dict[str, Any]], facts: Facts) -> Findings | None:
    result: Findings | None = None
    for values in recorded:
        for variant in (values, *variants(values, pair.forward, pair.source)):
            found = _first_result(pair, prepared(variant, pair.forward), facts)
            if found:
                return found
            result = found if result is None else result
    if result is not None:
        return result
    guesses = 0
    for values in guessed_arguments(pair.forward, pair.source):
        found = _first_result(pair, iter([values]), facts)
        if found == []:
            others = variants(values, pair.forward, pair.source)
            found_there = [_first_result(pair, iter([other]), facts) for other in others]
            return next(filter(None, found_there), [])
        if found is not None:
            # A bias of another shape may be meant: another guess may show that all is right.
            result = result or found
            guesses += 1
            if guesses == _MOST_GUESSES:
                break
    return result


def _first_result(pair: Pair, candidates: Iterator[dict[str, Any]], facts: Facts) -> Any:
    """Return the result with the first arguments with which both functions can be called."""
    for arguments in candidates:
        try:
            returned = pair.run(arguments)
        except FailedError:
            continue
        results = []
        for binding in pair.bindings(arguments, returned):
            try:
                found = check_pair_dropout(pair, binding, arguments)
                if found is None:
                    found = _PairCheck(pair, binding, arguments).findings(facts)
            except (FailedError, TypeError, ValueError, IndexError, KeyError):
                continue
            if found == []:
                return []
            if found is not None:
                results.append(found)
        if results:
            return results[0]
    return None


class _PairCheck:
    """One comparison of a pair of functions with given arguments."""

    def __init__(self, pair: Pair, binding: Binding, arguments: dict[str, Any]) -> None:
        self.pair = pair
        self.binding = binding
        self.arguments = arguments
        inputs = input_leaves(arguments)
        self.paths = [leaf.path for leaf in inputs]
        self.values = [leaf.array for leaf in inputs]
        self.names = [re.sub(r"\W+", ".", path).strip(".") for path in self.paths]
        self.found: dict[int, str] = {}

    def given(self, values: list[Any]) -> dict[str, Any]:
        """Return the arguments with values in the places of the inputs."""
        arguments = copy.deepcopy(self.arguments)
        by_path = dict(zip(self.paths, values, strict=True))
        for leaf in input_leaves(arguments):
            leaf.fill(by_path[leaf.path])
        return arguments

    def forward(self, values: list[Any]) -> list[Any]:
        """Return the outputs."""
        return self.pair.outputs(self.binding, self.pair.run(self.given(values)))

    def returned(self, values: list[Any], douts: list[Any], function: Any) -> dict[str, Any]:
        """Return what backward returns, by path."""
        return flat(self.pair.run_backward(function, self.binding, self.given(values), douts))

    def backward(self, values: list[Any], douts: list[Any], function: Any) -> list[Any]:
        """Return the gradient by each input, None where there is none."""
        returned = self.returned(values, douts, function)
        found = [returned.get(self.found.get(k, "none")) for k in range(len(values))]
        return [
            None if value is None else shaped(value, self.values[k])
            for k, value in enumerate(found)
        ]

    def findings(self, facts: Facts) -> Findings | None:
        """Return the findings; None where nothing can be compared."""
        function, source = self.pair.backward, self.pair.source
        if not self.values:
            return None
        outputs = self.forward(self.values)
        again = self.forward(self.values)
        if not outputs or not all(np.isfinite(y).all() for y in outputs):
            return None
        if not all(np.array_equal(a, b) for a, b in zip(outputs, again, strict=True)):
            return None
        operation = Operation(
            function.__name__,
            self.names,
            self.values,
            self.forward,
            self.backward,
            function,
            source,
            counts=_counts(self.values[0], outputs[0]),
        )
        if not depends_on_inputs(operation, outputs):
            return None
        rng = np.random.default_rng(11)
        # Small, where a gradient is clipped on purpose.
        node = source.node_of(function)
        size = 1e-2 if node is not None and "clip" in ast.unparse(node) else 1.0
        douts = [np.asarray(size * (rng.normal(size=y.shape) + 0.1)) for y in outputs]
        returned = self.returned(self.values, douts, function)
        computing = computing_function(function, function.__globals__, source)
        numeric = numeric_gradients(operation, list(range(len(self.values))), douts)
        numeric = {k: value for k, value in numeric.items() if not np.isnan(value).all()}
        names = Returned.of(returned, computing, self.names, source).names
        inputs = {k: (self.paths[k], self.values[k]) for k in numeric}
        self.found = matched(returned, names, inputs, numeric)
        if not self.found:
            return None
        operation.gradient_names.extend(
            _assigned(source.node_of(computing), names.get(self.found.get(k, ""), ""))
            for k in range(len(self.values))
        )
        gradients = self.backward(self.values, douts, function)
        averaged = self._averaged(gradients, numeric, operation.counts)
        numeric = {k: value / averaged.get(k, 1) for k, value in numeric.items()}
        wrong = self._wrong(gradients, numeric)
        if wrong and self._is_fused(operation, outputs, douts):
            return []
        if averaged and not wrong:
            facts.averaged_layers.append(operation.where)
        if not wrong:
            return self._order(names)
        case = OperationCase(operation, outputs, douts, gradients, numeric, list(self.found))
        finding = case.finding(wrong[0])
        if computing is not function:
            found = operation.gradient_names[wrong[0]]
            finding["line"] = source.line_of_value(computing, found)
        if finding["mistake"] == "unexplained":
            finding = self._named(finding, operation, outputs, douts, numeric)
        if finding["mistake"] == "gradients-accumulate":
            # The repair is to add where the code assigns.
            of_bias = is_bias(self.names, wrong[0])
            finding = _renamed(finding, "bias-gradient-not-summed" if of_bias else "unexplained")
            finding["text"] += " A later part overwrites an earlier one instead of adding to it."
        return [finding]

    def _named(
        self,
        finding: dict[str, Any],
        operation: Operation,
        outputs: list[Any],
        douts: list[Any],
        numeric: dict[int, Any],
    ) -> dict[str, Any]:
        """Return a finding with the mistake that a change of the code tells."""

        def is_right(forward: Any, backward: Any) -> bool:
            check = _PairCheck(
                dataclasses.replace(self.pair, forward=forward), self.binding, self.arguments
            )
            check.found = self.found
            found = check.forward(self.values)
            if not all(map(np.array_equal, found, outputs)):
                return False
            gradients = check.backward(self.values, douts, backward)
            averaged = check._averaged(gradients, numeric, operation.counts)
            return all(agrees(gradients, k, numeric[k] / averaged.get(k, 1)) for k in self.found)

        pair = self.pair
        found = repaired(pair.forward, pair.backward, pair.source, operation.counts, is_right)
        if found is None:
            return finding
        named = _renamed(finding, found[0]) if found[0] in TITLES else finding
        return {**named, "line": found[1]}

    def _is_fused(self, operation: Operation, outputs: list[Any], douts: list[Any]) -> bool:
        """Return whether backward of a network is given the gradient before its last activation.

        p - y is that of cross-entropy by the inputs of a softmax or of a logistic function.
        """
        matrices = [k for k in self.found if self.values[k].ndim > 1 and not self._is_first(k)]
        y = outputs[0]
        if len(outputs) > 1 or len(matrices) < 2 or y.ndim != 2 or np.abs(y).max() >= 1:
            return False
        axes = [axis for axis in (0, 1) if np.allclose(y.sum(axis=axis), 1)]
        if axes:
            before: Any = np.log
            douts = [d - d.mean(axis=axes[0], keepdims=True) for d in douts]
        else:
            before = np.arctanh if y.min() < 0 else lambda p: np.log(p / (1 - p))
        changed = dataclasses.replace(
            operation, forward=lambda values: [before(out) for out in self.forward(values)]
        )
        numeric = numeric_gradients(changed, list(self.found), douts)
        gradients = self.backward(self.values, douts, self.pair.backward)
        averaged = self._averaged(gradients, numeric, operation.counts)
        return all(agrees(gradients, k, numeric[k] / averaged.get(k, 1)) for k in self.found)

    def _is_first(self, place: int) -> bool:
        """Return whether an input is the first argument itself, not a part of it."""
        return place == 0 and self.paths[0].count("[") == 1

    def _averaged(
        self, gradients: list[Any], numeric: dict[int, Any], counts: tuple[int, ...]
    ) -> dict[int, int]:
        """Return by what number of samples gradients are divided, where no parameter has a sum.

        Averaged gradients of all parameters are a usual convention.
        """
        parameters = {k for k in self.found if k > 0}
        summed = any(agrees(gradients, k, numeric[k]) for k in parameters)
        for n in counts if not summed else ():
            averaged = {k for k in self.found if same(n * gradients[k], numeric[k])}
            if averaged & parameters:
                return dict.fromkeys(averaged | parameters, n)
        return {}

    def _wrong(self, gradients: list[Any], numeric: dict[int, Any]) -> list[int]:
        """Return the places of wrong gradients, and of parameters that have none."""
        wrong = [k for k in self.found if not agrees(gradients, k, numeric[k])]
        source = self.pair.source.node_of(self.pair.backward)
        if source is not None and _DECAY.search(ast.unparse(source)):
            wrong = [k for k in wrong if not _has_decay(gradients[k], numeric[k], self.values[k])]
        has_others = any(_is_parameter(self.names[k]) for k in self.found)
        missing = [
            k
            for k in numeric
            if k not in self.found
            and has_others
            and self.names[k] in required(self.pair.forward)
            and _is_parameter(self.names[k])
            and np.nanmax(np.abs(numeric[k])) > 1e-9
        ]
        return sorted(wrong) + missing

    def _order(self, names: dict[str, str]) -> Findings:
        """Return the finding of a call that takes right gradients in another order."""
        own = [variable_of(name) for name in names.values()]
        for targets in unpacked(self.pair.backward.__name__, self.pair.source):
            taken = [variable_of(re.sub(r"\d+$", "", target)) for target in targets]
            if len(own) > 2 and taken != own and sorted(taken) == sorted(own):
                function = self.pair.backward
                return [
                    {
                        "mistake": "gradient-order",
                        "where": function.__name__,
                        "line": self.pair.source.line_of_value(function, []),
                        "text": f"{function.__name__} returns {', '.join(names.values())}, and its "
                        f"caller takes {', '.join(targets)}.",
                    }
                ]
        return []


def _is_parameter(name: str) -> bool:
    """Return whether a gradient by an argument of this name is needed."""
    return re.search(r"^[wub][a-z]{0,2}\d?$|weight|bias|^gamma$|^beta$", plain(name)) is not None


def _counts(x: Any, output: Any) -> tuple[int, ...]:
    """Return the numbers of samples that x may have: rows, columns, positions of an image."""
    shape = np.shape(x)
    sizes = [shape[0], shape[-1]] if len(shape) == 2 else [*shape[:1]]
    sizes += [int(np.size(output) / max(np.shape(output)[1:2] or (1,)))]
    return tuple(dict.fromkeys(n for n in sizes if n > 2))


def _has_decay(gradient: Any, numeric: Any, weights: Any) -> bool:
    if np.shape(gradient) != np.shape(numeric):
        return False
    c = ratio(gradient - numeric, weights)
    return c is not None and c > 0


def _assigned(node: Any, name: str) -> list[str]:
    """Return the variable that is computed, where a name is only a part or a copy of it."""
    for part in ast.walk(node) if node is not None and name else ():
        if not isinstance(part, ast.Assign) or ast.unparse(part.targets[0]) != name:
            continue
        value = part.value
        if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name):
            return [value.value.id]
    return [name] if name else []


def _renamed(finding: dict[str, Any], mistake: str) -> dict[str, Any]:
    text = finding["text"].replace(TITLES[finding["mistake"]], TITLES[mistake])
    return {**finding, "mistake": mistake, "text": text}
