"""Mutants of the solution, each with one small change, and their grades.

``PYTHONPATH=tests python -m grading.mutation`` grades all of them, on all cores, and lists those
that lose no points.
"""

import ast
import pickle
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rosenblatt import cores
from rosenblatt.grading.grade import grade_submission
from rosenblatt.grading.rubric import Rubric, read_rubric
from rosenblatt.grading.submissions import Submission, read_submission

SOLUTION = Path(__file__).resolve().parent / "solution"
HANDOUT = Path(__file__).resolve().parents[2] / "assignment1" / "handout"
GRADED = (
    ("part1", "part1/perceptron.py", ("Perceptron",)),
    ("part2", "part2/modules.py", ("Linear", "ReLU", "SoftMax", "CrossEntropy")),
    ("part2", "part2/mlp_numpy.py", ("__init__", "forward", "backward", "update")),
    ("part2", "part2/train_mlp_numpy.py", ("accuracy", "train_epoch")),
    ("part3", "part3/train_mlp_numpy.py", ("train_epoch",)),
)
"""The files whose mutants are graded, each with its part and the definitions that are changed."""

EQUIVALENT = {
    "part1/perceptron.py: `0` -> `-1`": "a label as an array of no dimensions, not an int",
}
"""Mutants that compute the same numbers, and why. They need not lose points."""

_OPERATORS = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.USub: (ast.UAdd,),
}


@dataclass(frozen=True)
class Mutant:
    """A file of the solution with one change.

    Attributes:
        part: of the assignment.
        file: that is changed.
        change: the changed expression before and after.
        line: of the change.
        text: of the whole file.
    """

    part: str
    file: str
    change: str
    line: int
    text: str

    @property
    def name(self):
        return f"{self.file}: {self.change}"


def solution():
    """Return the files of the handout, filled in."""
    files = read_submission(HANDOUT).files | read_submission(SOLUTION).files
    return {name: content for name, content in files.items() if "datasets" not in name}


def mutants():
    """Return all mutants, in the order of the files."""
    return [
        mutant
        for part, file, names in GRADED
        for mutant in _mutants_of(part, file, names, (SOLUTION / file).read_text(encoding="utf-8"))
    ]


def _mutants_of(part, file, names, text):
    tree = ast.parse(text)
    seen = {ast.unparse(tree)}
    for number, node in enumerate(ast.walk(tree)):
        node.number = number
    regions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name in names
    ]
    numbers = {part.number for region in regions for part in ast.walk(region)}
    kinds = [type(node) for node in ast.walk(tree)]
    saved = pickle.dumps(tree)
    copy = None
    for number in sorted(numbers):
        for change, changeable in _CHANGES.items():
            for variant in range(3 if kinds[number] in changeable else 0):
                if copy is None:
                    copy = _copy(saved)
                mutated, nodes, parents = copy
                node = nodes[number]
                if isinstance(parents.get(node), ast.Expr) or not hasattr(node, "lineno"):
                    continue
                before = ast.unparse(node)
                if not change(node, variant, parents):
                    continue
                copy = None
                result = ast.unparse(ast.fix_missing_locations(mutated))
                if result in seen:
                    continue
                seen.add(result)
                after = ast.unparse(node) if node in _nodes(mutated) else "nothing"
                yield Mutant(part, file, f"`{before}` -> `{after}`", node.lineno, result)


def _copy(saved):
    """Return a copy of a tree, its nodes in the order of the original's, and their parents."""
    tree = pickle.loads(saved)
    nodes = list(ast.walk(tree))
    return tree, nodes, {child: node for node in nodes for child in ast.iter_child_nodes(node)}


def _nodes(tree):
    return set(ast.walk(tree))


def _operator(node, variant, parents):
    """Put another operator in place of one."""
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.UnaryOp):
        others = _OPERATORS.get(type(node.op), ())
        if variant < len(others):
            node.op = others[variant]()
            return True
    if isinstance(node, ast.Compare):
        others = _OPERATORS.get(type(node.ops[0]), ())
        if variant < len(others):
            node.ops[0] = others[variant]()
            return True
    return False


def _factor(node, variant, parents):
    """Leave out one side of an operation, which is a missing factor or term."""
    if not isinstance(node, ast.BinOp) or variant > 1:
        return False
    side = node.left if variant else node.right
    return _replace(node, side, parents)


def _constant(node, variant, parents):
    """Change a number by one; turn a truth value around."""
    if not isinstance(node, ast.Constant) or isinstance(node.value, str) or variant > 1:
        return False
    if isinstance(node.value, bool):
        node.value = not node.value
    elif isinstance(node.value, int | float):
        node.value += (1, -1)[variant]
    else:
        return False
    return True


def _transposed(node, variant, parents):
    """Leave out a .T, or a call such as reversed(x), or a method such as x.sum(axis=0)."""
    if variant:
        return False
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return _replace(node, node.value, parents)
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "reversed"
    ):
        return _replace(node, node.args[0], parents)
    return False


def _call(node, variant, parents):
    """Change one keyword of a call, or a function for its neighbour."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if variant < 2 and node.keywords:
        if variant < len(node.keywords):
            del node.keywords[variant]
            return True
        return False
    others = {"sum": "mean", "mean": "sum", "max": "min", "maximum": "minimum", "argmax": "argmin"}
    others |= {"zeros": "ones", "exp": "exp2", "log": "log2"}
    if node.func.attr in others:
        node.func.attr = others[node.func.attr]
        return True
    return False


def _name(node, variant, parents):
    """Use another variable: the input for the gradient, the gradient for the input."""
    others = {"dout": "self.x", "weights": "bias", "n_inputs": "n_outputs", "n_outputs": "n_inputs"}
    others |= {"predictions": "targets", "targets": "predictions"}
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or variant:
        return False
    if node.id not in others:
        return False
    return _replace(node, ast.parse(others[node.id], mode="eval").body, parents)


def _statement(node, variant, parents):
    """Leave out a statement."""
    if variant or not isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.If | ast.For):
        return False
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return False
    for body in (getattr(parents[node], "body", []), getattr(parents[node], "orelse", [])):
        if isinstance(body, list) and node in body:
            body[body.index(node)] = ast.Pass()
            return True
    return False


def _replace(node, other, parents):
    parent = parents[node]
    for field, value in ast.iter_fields(parent):
        if value is node:
            setattr(parent, field, other)
            return True
        if isinstance(value, list) and node in value:
            value[value.index(node)] = other
            return True
    return False


_CHANGES = {
    _operator: (ast.BinOp, ast.AugAssign, ast.UnaryOp, ast.Compare),
    _factor: (ast.BinOp,),
    _constant: (ast.Constant,),
    _transposed: (ast.Attribute, ast.Call),
    _call: (ast.Call,),
    _name: (ast.Name,),
    _statement: (ast.Assign, ast.AugAssign, ast.Expr, ast.If, ast.For),
}
"""The changes, with the nodes that each applies to."""


def without_numbers(rubric):
    """Return a rubric whose tasks are all about code."""
    tasks = tuple(task for task in rubric.tasks if task.question != "numbers")
    return Rubric(**{**vars(rubric), "tasks": tasks})


def grade_mutant(mutant):
    """Return the grade of the solution with one file changed."""
    files = solution() | {mutant.file: mutant.text.encode()}
    rubric = without_numbers(read_rubric(mutant.part))
    return grade_submission(Submission("mutant", files), rubric)


def main():
    """Grade all mutants; the exit status is 1 if one that is not equivalent loses no points."""
    everything, began = mutants(), time.monotonic()
    with ThreadPoolExecutor(cores.available()) as pool:
        grades = list(pool.map(grade_mutant, everything))
    survivors = [
        mutant
        for mutant, grade in zip(everything, grades, strict=True)
        if grade.points == grade.rubric.points
    ]
    missed = [mutant for mutant in survivors if mutant.name not in EQUIVALENT]
    for mutant in survivors:
        reason = EQUIVALENT.get(mutant.name, "LOSES NO POINTS")
        print(f"{mutant.name} (line {mutant.line}): {reason}")
    equivalent = len(survivors) - len(missed)
    changed = len(everything) - equivalent
    print(f"{len(everything)} mutants, {equivalent} equivalent")
    print(f"{changed - len(missed)} of the other {changed} lose points")
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
