"""The stages of the check of one file, in their order."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from rosenblatt.check.autodiff.autodiff import scalar_kind
from rosenblatt.check.autodiff.kinds import Kind
from rosenblatt.check.autodiff.training import engine_training
from rosenblatt.check.class_checks import checked_classes
from rosenblatt.check.decisions import decided
from rosenblatt.check.functions.batches import check_batches
from rosenblatt.check.functions.clipping import check_clipping
from rosenblatt.check.functions.functions import check_functions, functions_of
from rosenblatt.check.functions.gradients import check_gradients
from rosenblatt.check.functions.made_calls import made_calls
from rosenblatt.check.functions.makers import classes_of
from rosenblatt.check.functions.recorded_calls import RecordedCall, recorded_calls
from rosenblatt.check.held_updates import held_updates
from rosenblatt.check.limits.numpy_names import kept_numpy_names
from rosenblatt.check.limits.sandbox import FailedError, attempt
from rosenblatt.check.operations.torch_functions import is_torch_function
from rosenblatt.check.operations.torch_modules import is_torch_module
from rosenblatt.check.own_calls import fits_own_calls
from rosenblatt.check.own_run import check_run
from rosenblatt.check.pairs.pairs import check_function_pairs, merged
from rosenblatt.check.remarks import with_remarks
from rosenblatt.check.run_warnings import warned
from rosenblatt.check.source.coverage import SCRIPT_PLACE, Coverage
from rosenblatt.check.source.subjects import Facts
from rosenblatt.check.source.text import Source

ENGINE_SECONDS = 8.0
"""Seconds of processor time for the training by a file's own automatic differentiation."""


class FileCheck:
    """The findings of a file, and the names of what was checked, stage by stage.

    Attributes:
        findings: what is wrong so far.
        checked: the names of classes, functions and methods that were checked, and "training".
        by_torch: whether PyTorch computes the gradients, so that a training has none by hand.
    """

    def __init__(
        self, source: Source, path: Path, module: dict[str, Any], coverage: Coverage
    ) -> None:
        self._source = source
        self._path = path
        self._module = module
        self._coverage = coverage
        self._facts = Facts(columns=source.columns)
        self._engine: Kind | None = None
        self._calls: list[RecordedCall] = []
        self.by_torch = any(is_torch_function(c) or is_torch_module(c) for c in classes_of(module))
        self._explained = False  # whether a mistake is known that the file's own run repeats
        self.findings: list[dict[str, Any]] = []
        self.checked: list[str] = []

    def run(self) -> None:
        """Check classes, functions, the training, and what none of these has reached."""
        stages = [self._classes, self._functions]
        if not self.by_torch:
            stages += [self._gradients, self._batches]
        stages += [self._decisions, self._training]
        if not self.by_torch:
            stages += [self._held_updates, self._warnings]
        for stage in stages:
            with kept_numpy_names():
                stage()

    def _add(self, findings: list[dict[str, Any]], names: list[str]) -> None:
        self.findings += findings
        self.checked += [name for name in names if name not in self.checked]

    def _classes(self) -> None:
        for cls, found in checked_classes(self._module, self._source, self._facts, self._coverage):
            self._add(found, [cls.__name__])
            self._engine = self._engine or scalar_kind(cls, self._module)
            # A run that computes with wrong operations has no mistake of its own to find.
            self._explained |= self._engine is not None and bool(found)

    def _functions(self) -> None:
        with suppress(FailedError):
            self._add(*check_functions(functions_of(self._module), self._source, self._facts))

    def _gradients(self) -> None:
        """Check losses with their gradients, and pairs of functions, by the file's own calls."""
        functions = functions_of(self._module)
        with suppress(FailedError):
            with kept_numpy_names():
                self._calls += recorded_calls(self._source)
            self.findings = [f for f in self.findings if not fits_own_calls(f, self._calls)]
            made = made_calls(self._module, self._calls)
            found, names = check_gradients(functions, [*self._calls, *made], self._source)
            self._add(found, names)
            # A run with the gradients of such a loss has no mistake of its own to find.
            self._explained |= bool(found)
            right = set(self.checked) - {f["where"] for f in self.findings}
            found, pairs = check_function_pairs(
                functions, self._calls, self._source, self._facts, right
            )
            self.findings = merged(self.findings, found, pairs)
            self._add([], [name for pair in pairs for name in pair])
            self._explained |= any(f["mistake"] != "unexplained" for f in found)

    def _batches(self) -> None:
        self._add(check_clipping(self._calls, self._source), [])
        for name, function in functions_of(self._module).items():
            with kept_numpy_names():
                found = check_batches(name, function, self._source, self._calls)
            if found is not None:
                self._add(found, [name])

    def _decisions(self) -> None:
        functions = functions_of(self._module)
        names = [name for name in self.checked if name in functions or "." in name]
        self._coverage.count_functions(names, self._source)
        self.findings = decided(self.findings, self._facts)

    def _training(self) -> None:
        if self.by_torch:
            return
        if self._explained:
            self._other_loss()
            return
        trained = self._engine_training()
        if trained is None:
            trained = check_run(self._source, self._path, self._module, self._facts, self._coverage)
            if self._engine is not None and trained:
                # Its gradients are right: an update that does not follow them may be a rule of
                # its own.
                trained = [f for f in trained if f["mistake"] != "unexplained"] or None
        if trained is not None:
            found_before = {finding["mistake"] for finding in self.findings}
            self._add([f for f in trained if f["mistake"] not in found_before], ["training"])

    def _other_loss(self) -> None:
        """Name gradients that are not those of their loss, where the run follows another one."""
        named = [finding["mistake"] for finding in self.findings]
        if named != ["unexplained"] or self._engine is not None:
            return
        trained = check_run(self._source, self._path, self._module, self._facts, self._coverage)
        called = {name for name, _ in self._coverage.reached}
        if trained == [] and self.findings[0]["where"].rpartition(".")[2] in called:
            text = "It is not the derivative of this loss; the training follows another usual loss."
            self.findings[0] |= {"mistake": "loss-gradient-mismatch", "text": text}

    def _engine_training(self) -> list[dict[str, Any]] | None:
        """Return the findings of a training by the file's own automatic differentiation."""
        if self._engine is None:
            return None
        try:
            with kept_numpy_names():
                return attempt(
                    engine_training,
                    self._source,
                    self._path,
                    self._engine,
                    self._coverage,
                    seconds=ENGINE_SECONDS,
                )
        except FailedError as failed:
            self._coverage.errors += [error for error in (failed.own_error(),) if error]
            return None

    def _held_updates(self) -> None:
        self._add(*held_updates(self._module, self._facts, self._source, self._coverage))

    def _warnings(self) -> None:
        """Let the file run to its end where nothing is wrong so far, but for large logits."""
        so_far = with_remarks({"findings": self.findings}, self._coverage.not_finite)["findings"]
        if any(finding["mistake"] != "softmax-overflow" for finding in so_far):
            return
        found = warned(self._source, self._path)
        if not so_far:
            self._coverage.not_finite |= {finding["where"] for finding in found}
            self.findings = [*found, *self.findings]
        elif any(finding["mistake"] == "softmax-overflow" for finding in found):
            _add_to_texts(so_far, "This happens in the file's own run.")
        elif SCRIPT_PLACE in self._coverage.reached:
            _add_to_texts(
                so_far, "In the first seconds of the file's own run, this does not happen."
            )


def _add_to_texts(findings: list[dict[str, Any]], sentence: str) -> None:
    for finding in findings:
        finding["text"] += f" {sentence}"
