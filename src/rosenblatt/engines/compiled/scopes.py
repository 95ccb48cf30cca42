"""Values that code has at hand: found again in inner loops, and forgotten after them."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from rosenblatt.engines.compiled.affine import Index
from rosenblatt.engines.compiled.ir import Code


class Scopes:
    """What has been computed, by key, in the loops around the code that is being written."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._scopes: list[dict[Any, Any]] = [{}]

    @contextmanager
    def inner(self) -> Generator[None]:
        """Forget at the end what is kept inside."""
        self._scopes.append({})
        yield
        self._scopes.pop()

    def recall(self, key: Any) -> Any:
        """Return what was kept under a key, or None."""
        return next((scope[key] for scope in reversed(self._scopes) if key in scope), None)

    def keep(self, key: Any, value: Any) -> Any:
        """Keep a value in the innermost scope, and return it."""
        self._scopes[-1][key] = value
        return value

    def operand(self, index: Index) -> int | str:
        """Return an index as an operand."""
        if not index.terms:
            return index.offset
        known = self.recall(index)
        if known is None:
            known = index.offset
            for variable, factor in index.terms:
                term = variable.operand
                if factor != 1:
                    term = self._code.integer("mul", term, factor)
                known = term if known == 0 else self._code.integer("add", term, known)
            self.keep(index, known)
        return known

    def divided(self, index: Index, size: int) -> tuple[Index, Index]:
        """Return quotient and remainder of any index."""
        affine = index.divided(size)
        if affine is not None:
            return affine
        operand = self.operand(index)
        parts = self._code.integer("udiv", operand, size), self._code.integer("urem", operand, size)
        counts = index.most // size + 1, size
        quotient, remainder = (
            Index.of(part, count) for part, count in zip(parts, counts, strict=True)
        )
        return quotient, remainder
