"""Updates with a term that the update before kept: ``w += rate * d + share * last; last = d``."""

import ast

from rosenblatt.check.source.text import Source


def adds_kept_term(source: Source, lines: set[int]) -> bool:
    """Return whether an update in these lines adds a product with what is assigned after it.

    Such a term is momentum, whatever it is called. The product with the parameter itself, which is
    assigned too, is a penalty.
    """
    for block in _blocks(source.tree):
        for number, statement in enumerate(block):
            if not isinstance(statement, ast.Assign | ast.AugAssign):
                continue
            if statement.lineno not in lines:
                continue
            products = [term for term in _terms(statement.value) if _is_product(term)]
            later = {name for follower in block[number + 1 :] for name in _assigned(follower)}
            if len(products) > 1 and any(_factors(term) & later for term in products):
                return True
    return False


def _blocks(tree: ast.Module) -> list[list[ast.stmt]]:
    bodies = [getattr(node, "body", None) for node in ast.walk(tree)]
    return [body for body in bodies if isinstance(body, list)]


def _assigned(statement: ast.stmt) -> list[str]:
    """Return the targets of a plain assignment of something that was computed."""
    if isinstance(statement, ast.Assign) and not isinstance(statement.value, ast.Constant):
        return [ast.unparse(target) for target in statement.targets]
    return []


def _terms(value: ast.expr) -> list[ast.expr]:
    """Return the terms of a sum or a difference."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub):
        return [*_terms(value.left), *_terms(value.right)]
    return [value]


def _is_product(value: ast.expr) -> bool:
    return isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult)


def _factors(product: ast.expr) -> set[str]:
    """Return the factors of a product, as code."""
    if isinstance(product, ast.BinOp) and isinstance(product.op, ast.Mult):
        return _factors(product.left) | _factors(product.right)
    return {ast.unparse(product)}
