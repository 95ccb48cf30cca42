"""Keys by which code reads a dict that it is given."""

import ast
from typing import Any


def keys_read(node: Any, name: str) -> list[str]:
    """Return the text keys by which a function's code reads an argument, in order.

    >>> keys_read(ast.parse("p['W'] @ x + p.get('b', 0)"), "p")
    ['W', 'b']
    """
    found: dict[tuple[int, int], str] = {}
    for part in ast.walk(node) if node is not None else ():
        key: Any = None
        if isinstance(part, ast.Subscript) and ast.unparse(part.value) == name:
            key = part.slice
        elif isinstance(part, ast.Call) and ast.unparse(part.func) == f"{name}.get":
            key = part.args[0] if part.args else None
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            found[key.lineno, key.col_offset] = key.value
    return list(dict.fromkeys(found[place] for place in sorted(found)))
