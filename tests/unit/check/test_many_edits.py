"""A file that can do any of hundreds of changes at one place."""

import ast
from pathlib import Path

import pytest

from rosenblatt.check.edits.edited_code import Chooser
from rosenblatt.check.edits.kinds import reading
from rosenblatt.check.edits.run_edits import Edit, with_edits
from rosenblatt.check.record.instrumentation import instrumented_tree
from rosenblatt.check.source.text import Source

COUNT = 700


def _changes(text, change):
    number = next(
        number
        for number, node in enumerate(ast.walk(Source(text).tree))
        if isinstance(node, ast.Name | ast.Expr) and ast.unparse(node).startswith("x")
    )
    return [Edit("sign", 1, "other", ((number, change(k)),)) for k in range(COUNT)]


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("y = x", lambda k: reading(f"(x + {k})")),
        ("x.append(0)", lambda k: lambda node: ast.parse(f"x.append({k})").body[0]),
    ],
)
def test_the_chosen_one_is_done(text, change):
    code = compile(with_edits(Source(text), _changes(text, change)), "file", "exec")
    for chosen in (-1, 0, 1, 349, 350, COUNT - 1):
        chooser = Chooser()
        chooser.edit = chosen
        names = {"x": [] if "append" in text else 0, "__recorder__": chooser}
        exec(code, names)
        result = names["x"][0] if "append" in text else names["y"]
        assert result == max(chosen, 0)


def test_a_file_with_many_changes_is_recorded():
    source = Source("y = x")
    changes = _changes("y = x", lambda k: reading(f"(x + {k})"))
    assert instrumented_tree(with_edits(source, changes), Path("file.py"))
