"""Repair of a function: the small change of its code after which its gradients are right."""

import copy
import functools
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from rosenblatt.check.edits.edited_code import Chooser
from rosenblatt.check.edits.exchange_kinds import orders
from rosenblatt.check.edits.function_definitions import Definitions
from rosenblatt.check.edits.function_kinds import AFTER, BEFORE
from rosenblatt.check.edits.kinds import KINDS, Code, Kind
from rosenblatt.check.edits.reading_kinds import READING_KINDS
from rosenblatt.check.edits.run_edits import Edit, edits_of, with_edits
from rosenblatt.check.edits.slope_kinds import SLOPE_KINDS
from rosenblatt.check.edits.sum_kinds import SUM_KINDS
from rosenblatt.check.edits.term_kinds import unused
from rosenblatt.check.limits.sandbox import FailedError, attempt
from rosenblatt.check.record.instrumentation import instrumented_tree
from rosenblatt.check.record.recording import record
from rosenblatt.check.source.state import as_array
from rosenblatt.check.source.text import Source

FUNCTION_KINDS = (
    *BEFORE,
    unused,
    orders,
    *KINDS,
    *READING_KINDS,
    *SUM_KINDS,
    *SLOPE_KINDS,
    *AFTER,
)

MOST_SECONDS = 6.0
"""Processor time for all edits of one function."""


def repaired(
    function: Any,
    source: Source,
    is_right: Callable[[Any], bool],
    *,
    kinds: tuple[Kind, ...] = FUNCTION_KINDS,
    deep: bool = False,
) -> Edit | None:
    """Return the first edit of a function that makes it right; None where there is none.

    ``is_right`` runs the changed function that it is given. Errors of the changed function mean
    that it is not. With ``deep``, the functions of the file that it calls may be changed as well.
    """
    root = source.node_of(function)
    if root is None:
        return None
    definitions = Definitions.of(root, source, deep=deep)
    code = _code(function, source, definitions, is_right)
    chosen = edits_of(code, definitions.contains, kinds)
    chooser = Chooser()
    tree = with_edits(source, chosen)
    with suppress(FailedError, SyntaxError, ValueError):
        compiled = compile(definitions.alone(tree), "function", "exec")
        changed = definitions.run(compiled, function, chooser)
        found: Edit | None = attempt(
            _first, chosen, chooser, changed, is_right, seconds=MOST_SECONDS
        )
        return found
    return None


def _first(
    chosen: list[Edit], chooser: Chooser, changed: Any, is_right: Callable[[Any], bool]
) -> Edit | None:
    for number, edit in enumerate(chosen):
        chooser.edit = number
        with suppress(FailedError, TypeError, ValueError, KeyError):
            if is_right(changed):
                return edit
    return None


def _code(
    function: Any, source: Source, definitions: Definitions, run: Callable[[Any], bool]
) -> Code:
    """Return the code of a function, with the shapes that its names have in a run."""
    recorder, _, _ = record(Source(""), Path("function"), "__main__")
    root = definitions.root
    first = root.args.args[0].arg if root.args.args else ""
    attributes: dict[str, Any] = {}
    with suppress(FailedError, TypeError, ValueError, KeyError):
        tree = definitions.alone(copy.deepcopy(source.tree))
        compiled = instrumented_tree(tree, Path("function"))
        recorded = definitions.run(compiled, function, recorder)

        @functools.wraps(function)
        def watched(*values: Any, **named: Any) -> Any:
            owner = values[0] if values else named.get(first)
            for name, value in getattr(owner, "__dict__", {}).items():
                array = as_array(value)
                if array is not None:
                    attributes[f"{first}.{name}"] = array.shape
            return recorded(*values, **named)

        run(watched)
    code = Code.of(source, recorder.events)
    code.shapes.setdefault(root.name, {}).update(attributes)
    return code
