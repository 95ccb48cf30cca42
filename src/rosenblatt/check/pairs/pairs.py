"""The check of pairs of functions: X_forward(x, …) and X_backward(dout, cache)."""

import re
from collections.abc import Iterator
from typing import Any

from rosenblatt.check.functions.pair_names import function_pairs
from rosenblatt.check.functions.recorded_calls import RecordedCall
from rosenblatt.check.limits.sandbox import FailedError, attempt
from rosenblatt.check.pairs.arguments import guessed_arguments, prepared, variants
from rosenblatt.check.pairs.calls import Pair
from rosenblatt.check.pairs.check import Findings, PairCheck
from rosenblatt.check.pairs.dropout import check_pair_dropout
from rosenblatt.check.source.calls import required
from rosenblatt.check.source.coverage import called_from
from rosenblatt.check.source.subjects import Facts
from rosenblatt.check.source.text import Source

_SECONDS = 8.0
"""Processor time of the check of one pair."""

_MOST_GUESSES = 5
"""Guessed arguments that forward accepts and with which a wrong gradient is confirmed."""

_ON_PURPOSE = re.compile(r"revers|straight|ste_|binar|quanti|guided|stop_?grad")
"""Names of functions whose gradient is another one on purpose."""


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
    # A pass with one argument is checked well by other checks.
    pairs = [
        pair
        for pair in function_pairs(functions)
        if pair[1] not in known or len(required(functions[pair[0]])) > 1
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

    A gradient that is divided by the number of samples may be right for a pair alone. A finding of
    a pair has the names of the gradients that are right there.
    """
    right_there = {f["where"]: f.pop("right", set()) for f in of_pairs}
    named = {f["where"] for f in of_pairs if f["mistake"] != "unexplained"}
    wrong = {f["where"] for f in of_pairs}
    right = {backward for _, backward in pairs} - wrong
    result = []
    for finding in findings:
        where, mistake = finding["where"], finding["mistake"]
        is_refuted = where in right and mistake != "batch-factor"
        is_refuted |= finding.get("parameter") in right_there.get(where, ())
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
                    found = PairCheck(pair, binding, arguments).findings(facts)
            except (FailedError, TypeError, ValueError, IndexError, KeyError):
                continue
            if found == []:
                return []
            if found is not None:
                results.append(found)
        if results:
            return results[0]
    return None
