"""The check of a whole file: its parts one by one, then its training."""

import ast
import copy
import inspect
import itertools
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.check.autodiff.autodiff import check_autodiff, scalar_kind
from rosenblatt.check.autodiff.kinds import Kind
from rosenblatt.check.autodiff.training import engine_training
from rosenblatt.check.definitions import NAME, definitions
from rosenblatt.check.driver import drivers
from rosenblatt.check.driver_networks import network_drivers
from rosenblatt.check.fewer_samples import with_fewer_samples
from rosenblatt.check.functions.batches import check_batches
from rosenblatt.check.functions.classes import (
    class_subject,
    classes_of,
    loss_of_class,
    may_take_targets,
)
from rosenblatt.check.functions.clipping import check_clipping
from rosenblatt.check.functions.functions import (
    check_derivative,
    check_functions,
    check_softmax_methods,
    functions_of,
)
from rosenblatt.check.functions.gradients import check_gradients
from rosenblatt.check.functions.made_calls import made_calls
from rosenblatt.check.functions.recorded_calls import RecordedCall, recorded_calls
from rosenblatt.check.layers.layers import check_layer
from rosenblatt.check.layers.losses import check_loss
from rosenblatt.check.limits import answers
from rosenblatt.check.limits.sandbox import FailedError, OutOfTimeError, attempt, text_of
from rosenblatt.check.operations.ctx_functions import check_ctx_function
from rosenblatt.check.operations.torch_functions import check_torch_function, is_torch_function
from rosenblatt.check.operations.torch_import import imports_torch, torch_is_installed
from rosenblatt.check.operations.torch_modules import check_torch_module, is_torch_module
from rosenblatt.check.optimizers.holders import holders_of
from rosenblatt.check.optimizers.optimizers import check_held_update, check_optimizer
from rosenblatt.check.pairs.pairs import check_function_pairs, merged
from rosenblatt.check.record.recording import EnoughError, Recorder, record
from rosenblatt.check.remarks import of_the_run, with_remarks
from rosenblatt.check.repeated_trainings import with_other_calls
from rosenblatt.check.report.consequences import ranked
from rosenblatt.check.reports import MOST_EVENTS as MOST_REPORTED
from rosenblatt.check.reports import with_all_reports
from rosenblatt.check.run_ends import failure, last_line, nothing_found, stop
from rosenblatt.check.run_judgement import by_updates, judged
from rosenblatt.check.run_warnings import warned
from rosenblatt.check.settings import with_other_settings
from rosenblatt.check.source.calls import plain, required
from rosenblatt.check.source.coverage import SCRIPT_PLACE, Coverage, Part, reason_for
from rosenblatt.check.source.notebook_lines import without_magics
from rosenblatt.check.source.state import as_array
from rosenblatt.check.source.subjects import Facts, seeded
from rosenblatt.check.source.text import Source, without_loops_of
from rosenblatt.check.values.mixed_shapes import mixed_shapes

_FUNCTION = "function|func|fn|f|activate|activation|apply|value|compute|call|forward"
_DERIVATIVE = "gradient|grad|derivative|deriv|prime|df|slope|derivate|activationprime"

MOST_WITH_ARRAYS = 20
"""Findings that keep their arrays for pictures; it limits the size of the answer."""

RUN_SECONDS = 4.0
"""Seconds of processor time of the file's own run."""

ADDED_SECONDS = 15.0
"""Seconds of processor time of all trainings together after which no further one is added."""


def check_source(source: bytes, path: Path) -> dict[str, Any]:
    """Return findings, remarks, what was checked, and why nothing was, as plain values."""
    coverage = Coverage()
    answers.given.clear()
    values = with_remarks(_checked(source, path, coverage), coverage.not_finite)
    values["remarks"] += of_the_run(coverage.idle, answers.told(), coverage.errors)
    return {**values, "reason": None} if values["findings"] else values


def _checked(source: bytes, path: Path, coverage: Coverage) -> dict[str, Any]:
    needs_torch = imports_torch(source)
    if needs_torch and not torch_is_installed():
        return {"reason": "the file imports torch, which is not installed here; install PyTorch"}
    try:
        read = _source_in_float64(source, needs_torch)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
        return {"reason": f"the file is no Python code: {getattr(error, 'msg', error)}{line}"}
    if not read.text.strip():
        return {"reason": "the file is empty"}
    numpy_names = dict(vars(np))
    module, problem = definitions(read, path, coverage)
    restore(numpy_names)
    facts = Facts(columns=read.columns)
    findings: list[dict[str, Any]] = []
    checked: list[str] = []
    engine: Kind | None = None
    explained = False
    for cls, of_class in _checked_classes(module, read, facts, coverage):
        checked.append(cls.__name__)
        findings += of_class
        engine = engine or scalar_kind(cls, module)
        # A run that computes with wrong operations has no mistake of its own to find.
        explained = explained or (engine is not None and bool(of_class))
    try:
        more, names = check_functions(functions_of(module), read, facts)
        findings += more
        checked += names
    except FailedError:
        pass
    # A training with PyTorch has no gradients by hand to compare.
    by_torch = any(is_torch_function(cls) or is_torch_module(cls) for cls in classes_of(module))
    functions = {} if by_torch else functions_of(module)
    explained = explained or by_torch
    calls: list[RecordedCall] = []
    try:
        calls += [] if by_torch else recorded_calls(read)
        restore(numpy_names)
        findings = [f for f in findings if not _fits_own_calls(f, calls)]
        made = [] if by_torch else made_calls(module, calls)
        more, names = check_gradients(functions, [*calls, *made], read)
        findings += more
        checked += [name for name in names if name not in checked]
        # A run with the gradients of such a loss has no mistake of its own to find.
        explained = explained or bool(more)
        more, pairs = check_function_pairs(
            functions, calls, read, facts, set(checked) - {f["where"] for f in findings}
        )
        restore(numpy_names)
        findings = merged(findings, more, pairs)
        checked += [name for pair in pairs for name in pair if name not in checked]
        explained = explained or any(f["mistake"] != "unexplained" for f in more)
    except FailedError:
        pass
    findings += check_clipping(calls, read)
    for name, function in functions.items():
        found = check_batches(name, function, read, calls)
        restore(numpy_names)
        if found is not None:
            checked.append(name)
            findings += found
    called = functions_of(module)
    coverage.count_functions([n for n in checked if n in called or "." in n], read)
    findings = decide(findings, facts)
    trained = None
    if engine is not None and not explained:
        try:
            trained = attempt(engine_training, read, path, engine, coverage, seconds=8.0)
        except FailedError as failed:
            coverage.errors += [error for error in (failed.own_error(),) if error]
        restore(numpy_names)
    if trained is None and not explained:
        trained = check_run(read, path, module, facts, coverage)
        restore(numpy_names)
        if engine is not None and trained:
            # Its gradients are right: an update that does not follow them may be a rule of its own.
            trained = [f for f in trained if f["mistake"] != "unexplained"] or None
    if trained is not None:
        checked.append("training")
        found_before = {finding["mistake"] for finding in findings}
        findings += [f for f in trained if f["mistake"] not in found_before]
    if not by_torch:
        more, names = _held_updates(module, facts, read, coverage)
        findings += more
        checked += [name for name in names if name not in checked]
        restore(numpy_names)
    if not by_torch and not with_remarks({"findings": findings}, coverage.not_finite)["findings"]:
        more = warned(read, path)
        coverage.not_finite |= {finding["where"] for finding in more}
        findings = [*more, *findings]
        restore(numpy_names)
    findings = ranked(findings, read)
    missing = coverage.missing(read)
    reason = _reason(missing, coverage, by_torch) if missing else None
    if not checked and not findings:
        return {
            "reason": coverage.failed or reason or problem or nothing_found(read, coverage),
            "not_checked": coverage.not_checked(checked, read),
        }
    for finding in findings[MOST_WITH_ARRAYS:]:
        finding.pop("gradients", None)
    return {
        "findings": findings,
        "checked": checked,
        "not_checked": coverage.not_checked(checked, read),
        "reason": reason,
    }


def _checked_classes(
    module: dict[str, Any], source: Source, facts: Facts, coverage: Coverage
) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """Yield each class of a file that can be checked, with its findings."""
    numpy_names = dict(vars(np))
    for cls in classes_of(module):
        coverage.begin()
        try:
            found = check_class(cls, module, source, facts)
        except FailedError:
            found = None
        if not found:
            found = check_softmax_methods(cls, module, source, facts) or found
        restore(numpy_names)
        if found is not None:
            coverage.count()
            yield cls, found


def _held_updates(
    module: dict[str, Any], facts: Facts, source: Source, coverage: Coverage
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the findings of updates of the file's own layers that nothing else has reached.

    With them are the names of what was checked.
    """
    missing = [part for part in coverage.missing(source) if part.does == "changes parameters"]
    holders = holders_of(module, facts.layers, source.code) if missing else []
    findings: list[dict[str, Any]] = []
    checked: list[str] = []
    for part in missing if holders else ():
        owner = module.get(part.owner)
        method = part.place[0] if inspect.isclass(owner) else None
        if not callable(owner):
            continue
        if method is not None and _is_replaced(owner, method, module):
            coverage.reached.add(part.place)
            continue
        coverage.begin()
        try:
            found = check_held_update(owner, method, holders, source)
        except FailedError:
            continue
        if found is not None:
            coverage.count()
            coverage.reached.add(part.place)
            findings += found
            checked.append(part.owner)
    return findings, checked


def _is_replaced(cls: Any, method: str, module: dict[str, Any]) -> bool:
    """Return whether every class that is derived from a class has a method of its own instead."""
    heirs = [heir for heir in classes_of(module) if heir is not cls and issubclass(heir, cls)]
    own = getattr(cls, method)
    return bool(heirs) and all(getattr(heir, method) is not own for heir in heirs)


def _fits_own_calls(finding: dict[str, Any], calls: list[RecordedCall]) -> bool:
    """Return whether a function is made for what the file gives it, and not for a made-up batch.

    It is a pass that raised an error and is given one sample at a time, or a softmax of one sample
    at a time, or of samples in columns, of which there are more than classes.
    """
    raised = " raises " in finding["text"]
    if finding["mistake"] != "softmax-wrong-axis" and not raised:
        return False
    own = [c for c in calls if _is_named(c.function.__qualname__, finding["where"])]
    arrays = [
        (call, array)
        for call in own
        for name, value in call.values.items()
        if name != "self" and (array := as_array(value)) is not None
    ]
    for call, array in arrays:
        if array.size == max(array.shape, default=1):
            continue
        if raised or not _adds_up_in_columns(call, array):
            return False
    return bool(arrays)


def _is_named(function: str, where: str) -> bool:
    """Return whether a place is a function, or a method that is given without its class."""
    return function == where or function.rpartition(".")[2] == where


def _adds_up_in_columns(call: RecordedCall, array: Any) -> bool:
    """Return whether a softmax gives each of many columns a sum of 1."""
    try:
        result = as_array(seeded(call.function, **copy.deepcopy(call.values)))
    except FailedError:
        return False
    columns = array.ndim == 2 and array.shape[0] < array.shape[1]
    same_shape = columns and result is not None and result.shape == array.shape
    return bool(same_shape) and np.allclose(result.sum(axis=0), 1)


def _source_in_float64(source: bytes, needs_torch: bool) -> Source:
    """Return the code of a file with float64 for smaller numbers: rounding is not a mistake.

    Raises:
        SyntaxError: it is not Python code.
        ValueError: it has null bytes.
        RecursionError: its expressions are nested too deeply.
    """
    plain_text = without_magics(source.decode("utf-8", "replace"))
    text = ast.unparse(ast.parse(plain_text)) and plain_text
    text = re.sub(r"\bfloat(32|16)\b", "float64", text.replace("\r\n", "\n"))
    return Source(re.sub(r"\.float\b", ".double", text) if needs_torch else text)


def _reason(missing: list[Part], coverage: Coverage, by_torch: bool) -> str:
    """Return why parts that train were not checked."""
    if by_torch:
        names = ", ".join(f"{part.name} (line {part.line})" for part in missing[:4])
        return f"{names}: updates next to PyTorch's own gradients are not checked; check them apart"
    return reason_for(missing, coverage)


def check_run(
    source: Source, path: Path, module: dict[str, Any], facts: Facts, coverage: Coverage
) -> list[dict[str, Any]] | None:
    """Return the findings of the file's own training, and of trainings that are added to it.

    A training is added where there is none that is understood, and for the parts that no check
    has reached.
    """
    began = time.process_time()
    numpy_names = dict(vars(np))
    result: list[dict[str, Any]] | None = None
    runs = re.search(r"for |while ", source.text) is not None
    made = drivers(module, facts.columns, facts.right_layers, source)
    networks = network_drivers(module, facts.columns, facts)
    composed = {f"{source.text}\n{text}" for _, text in networks}
    in_networks: list[dict[str, Any]] = []
    added = [(owner, f"{source.text}\n{text}") for owner, text in [*made, *networks]]
    for owner, text in [*([(None, source.text)] * runs), *added]:
        own = text is source.text
        if not own and time.process_time() - began > ADDED_SECONDS:
            break
        owners = {part.owner for part in coverage.missing(source)}
        if result is not None and not (owner in owners if owner else owners):
            continue
        if text in composed and owner not in owners:
            continue
        name = "__main__" if own else NAME
        try:
            recorder, names, ended = record(Source(text), path, name, RUN_SECONDS)
        except SyntaxError:
            continue
        restore(numpy_names)
        if own:
            coverage.not_finite |= {
                event.function for event in recorder.events if not np.isfinite(event.value).all()
            }
            coverage.failed = failure(ended, path)
            coverage.stopped = stop(ended, recorder.events, source, path)
            if isinstance(ended, OutOfTimeError) and not any(e.updates for e in recorder.events):
                # A training after this line would not be reached.
                coverage.idle = coverage.stopped
                break
        stopped = _stopped(ended, source, path, own=own)
        if stopped:
            return stopped
        checked = {function for function, _ in coverage.reached}
        found = judged(recorder, source, text, path, name, checked, coverage.errors)
        restore(numpy_names)
        if own and found is None and isinstance(ended, EnoughError):
            for shorter in (
                without_loops_of(source.text, facts.right_layers),
                with_fewer_samples(source, path, names, ended.__traceback__),
            ):
                if found is None and shorter is not None:
                    found = _in_short(shorter, source, path, coverage)
        if found is None:
            coverage.run |= recorder.called
            continue
        if found and text in composed:
            # Layers and loss may not belong together: what is wrong must be in the network itself.
            in_networks = in_networks or _inside(found, module.get(str(owner)), source)
            continue
        if not (own or isinstance(module.get(str(owner)), type)):
            # Of a function, the weights are made up.
            found = [finding for finding in found if finding["mistake"] != "symmetric-init"]
        coverage.reached |= recorder.called
        if own:
            coverage.reached.add(SCRIPT_PLACE)
        if own and not found:
            found = _other_runs(recorder, source, path, checked, coverage)
        if found:
            return found
        result = found
    return in_networks if result is None and in_networks else result


def _inside(findings: list[dict[str, Any]], cls: Any, source: Source) -> list[dict[str, Any]]:
    """Return the findings of methods of a class, with lines in these methods."""
    result = []
    for finding in findings:
        method = vars(cls).get(finding["where"].rpartition(".")[2])
        node = source.node_of(method) if inspect.isfunction(method) else None
        if node is None:
            continue
        line = finding.get("line") or 0
        if not node.lineno <= line <= (node.end_lineno or 0):
            words = re.findall(r"\w+", finding.get("parameter") or "")[-1:]
            line = source.line_of_value(method, words) or node.lineno
        result.append({**finding, "line": line})
    return result


def _in_short(
    text: str, source: Source, path: Path, coverage: Coverage
) -> list[dict[str, Any]] | None:
    """Return the findings of the updates of a run that fills less of a record; None for none."""
    numpy_names = dict(vars(np))
    recorder, _, ended = record(Source(text), path, "__main__", RUN_SECONDS)
    restore(numpy_names)
    if failure(ended, path):
        return None
    found = by_updates(recorder, source, text, path, "__main__", coverage.errors)
    restore(numpy_names)
    return found


def _other_runs(
    recorder: Recorder, source: Source, path: Path, checked: set[str], coverage: Coverage
) -> list[dict[str, Any]]:
    """Return the findings of the training with another of its settings first, or more reports."""
    numpy_names = dict(vars(np))
    events = list(recorder.events)
    others = with_other_settings(source, events), with_other_calls(source, events)
    for text in itertools.chain(*others):
        other, _, ended = record(Source(text), path, "__main__", RUN_SECONDS)
        restore(numpy_names)
        if failure(ended, path):
            continue
        events += other.events
        found = judged(other, source, text, path, "__main__", checked, coverage.errors)
        restore(numpy_names)
        if found:
            return found
        if found is not None:
            coverage.reached |= other.called
    text_with_reports = with_all_reports(source, events)
    if text_with_reports is None:
        return []
    reporting = Source(text_with_reports)
    other, _, _ = record(reporting, path, "__main__", RUN_SECONDS, end=MOST_REPORTED)
    restore(numpy_names)
    return mixed_shapes(other.events, source)


def _stopped(ended: Any, source: Source, path: Path, *, own: bool) -> list[dict[str, Any]] | None:
    """Return the finding of an error that ended a run; None for another end."""
    words = text_of(ended)
    if isinstance(ended, TypeError) and "Cannot cast ufunc" in words and "int" in words:
        return [
            {
                "mistake": "integer-weights",
                "where": "training",
                "line": last_line(ended, path),
                "text": f"The update fails: {words}.",
            }
        ]
    if own and isinstance(ended, ValueError):
        line = last_line(ended, path)
        broad = re.search("broadcast", words)
        if line and (broad or re.search("not aligned|matmul", words)):
            return [
                {
                    "mistake": "broadcast" if broad or _flat_targets(source) else "transposed",
                    "where": "training",
                    "line": line,
                    "text": f"The run stops: {words}.",
                }
            ]
    return None


def _flat_targets(source: Source) -> bool:
    """Return whether targets (N,) meet outputs (N, 1) in the code."""
    return re.search(r"\by\w* = np\.array\(\[[\d. ,]+\]", source.code) is not None


def check_class(cls: Any, module: dict[str, Any], source: Source, facts: Facts) -> Any:
    """Return the findings of a class; None where it is not a layer or a loss."""
    if is_torch_function(cls):
        return check_torch_function(cls, source)
    if is_torch_module(cls):
        return check_torch_module(cls, module, source)
    found = check_ctx_function(cls, module, source)
    if found is not None:
        return found
    found = check_autodiff(cls, module, source)
    if found is None:
        found = _check_activation(cls, source)
    if found is not None:
        return found
    subject = class_subject(cls, module, source)
    if subject is None or subject.backward_function is None:
        found = check_optimizer(cls, source)
        if found is not None or subject is None:
            return found
    loss = loss_of_class(subject)
    if loss is not None:
        found = check_loss(loss, facts)
        if found == []:
            facts.right_losses.append(cls.__name__)
        return found
    if subject.backward_function is None:
        return None
    found = check_layer(subject, facts)
    if found == []:
        facts.right_layers.append(cls.__name__)
    return None if found and may_take_targets(subject) else found


def _check_activation(cls: Any, source: Source) -> Any:
    """Return the findings of a class of an activation and its derivative; None for another."""
    pair = [
        next((n for n in vars(cls) if re.fullmatch(names, plain(n))), None)
        for names in (_FUNCTION, _DERIVATIVE)
    ]
    if None in pair or required(cls):
        return None
    forward, backward = (getattr(seeded(cls), str(name)) for name in pair)
    if len(required(forward)) != 1 or len(required(backward)) != 1:
        return None
    return check_derivative(forward, backward, source)


def restore(names: dict[str, Any]) -> None:
    """Undo changes of NumPy's namespace by the student's code."""
    current = vars(np)
    for name, value in names.items():
        if current.get(name) is not value:
            current[name] = value


def decide(findings: list[dict[str, Any]], facts: Facts) -> list[dict[str, Any]]:
    """Drop findings that other parts of the file make right."""
    kept = []
    for finding in findings:
        where = finding["where"]
        if (
            finding["mistake"] == "batch-factor"
            and where in facts.summed_gradients
            and facts.averaged_layers
        ):
            continue
        if (
            finding["mistake"] == "activation-derivative-missing"
            and any(where.startswith(name) for name in facts.softmax_identity)
            and (facts.fused_losses or not facts.averaged_losses)
        ):
            continue
        kept.append(finding)
    # Next to a loss that takes probabilities, the softmax is that of this other one.
    if facts.fused_losses and facts.softmax_jacobian and not facts.unfused_losses:
        kept.append(
            {
                "mistake": "loss-gradient-mismatch",
                "where": facts.fused_losses[0],
                "text": f"The gradient p − y includes the softmax, and {facts.softmax_jacobian[0]} "
                "multiplies by its derivative once more.",
            }
        )
    if facts.averaged_layers and facts.averaged_losses and not facts.summed_gradients:
        kept.append(
            {
                "mistake": "batch-factor",
                "where": facts.averaged_layers[0],
                "text": f"{facts.averaged_losses[0]} divides by the number of samples already, "
                f"and {facts.averaged_layers[0]} does it again.",
            }
        )
    return kept
