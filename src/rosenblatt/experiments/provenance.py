"""Code, libraries and processor: what the bits of an output depend on, besides its task.

The code is that of the experiments' modules and of every module that they import, directly or
through others, as their source says. So an edit of what no experiment computes with (an estimator,
the command line, the report) leaves the outputs in a cache valid.
"""

import ast
import hashlib
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import resolve_name
from threading import Lock

from rosenblatt.executors.environment import Environment
from rosenblatt.experiments.catalogue import MODULES

NEVER_COMPUTES = ("rosenblatt.plotting", "rosenblatt.runs")
"""Packages that do not count: methods of a run that draw or compare import them; no task does."""

OF_THE_REPORT = ("rosenblatt.experiments", *MODULES)
"""The modules whose code computes the report."""

_Import = tuple[str, str]
"""A module and the name imported from it, empty for the module itself."""


_COMPUTING = Lock()


def here(modules: tuple[str, ...] = OF_THE_REPORT) -> Environment:
    """Return the environment of this process, with the code of these modules."""
    # One thread at a time: Python 3.11 may fail where two parse (python/cpython#106905).
    with _COMPUTING:
        return _here(modules)


@cache
def _here(modules: tuple[str, ...]) -> Environment:
    packages = {name.partition(".")[0] for name in modules}
    return Environment.with_code(code_version({name: files(name) for name in packages}, modules))


def code_version(packages: Mapping[str, Traversable], modules: Iterable[str]) -> str:
    """Return the hash of the source files of ``modules`` and of everything that they import.

    Args:
        packages: the packages whose sources count, by name: folders, or folders in a zip archive.
        modules: the full names of modules in these packages.
    """
    digest = hashlib.sha256()
    for name, source in sorted(_sources(packages, modules).items()):
        # With its length, so that no text can move from one file to the next unnoticed.
        digest.update(f"{name} {len(source)}\n".encode() + source)
    return digest.hexdigest()


def _sources(packages: Mapping[str, Traversable], modules: Iterable[str]) -> dict[str, bytes]:
    """Return the sources of modules and, transitively, of what they import, by module."""
    sources: dict[str, bytes] = {}
    loaded_on_demand: dict[str, dict[str, list[_Import]]] = {}
    queue: list[_Import] = [(module, "") for module in modules]
    while queue:
        module, name = queue.pop()
        if name and _path(packages, f"{module}.{name}") is not None:
            module, name = f"{module}.{name}", ""
        path = _path(packages, module)
        if path is None or module.startswith(NEVER_COMPUTES):
            continue
        if module not in sources:
            sources[module] = path.read_bytes()
            parent = module.rpartition(".")[0]
            tree = ast.parse(sources[module])
            package = module if path.name == "__init__.py" else parent
            at_once, loaded_on_demand[module] = _imports(tree, package, packages)
            queue += [(parent, ""), *at_once]
        queue += loaded_on_demand[module].pop(name, ())
    return sources


def _path(packages: Mapping[str, Traversable], module: str) -> Traversable | None:
    """Return the source file of a module, None if it is in none of the packages."""
    root, *parts = module.split(".")
    if root not in packages:
        return None
    folder = packages[root]
    for part in parts[:-1]:
        folder /= part
    candidates = (
        [folder / parts[-1] / "__init__.py", folder / f"{parts[-1]}.py"]
        if parts
        else [folder / "__init__.py"]
    )
    return next((path for path in candidates if path.is_file()), None)


def _imports(
    tree: ast.Module, package: str, roots: Collection[str]
) -> tuple[list[_Import], dict[str, list[_Import]]]:
    """Return the imports of a module and its functions, and by name those for type checkers.

    Where a module loads its names when they are first used (``__getattr__``), its imports for type
    checkers say where the names are.

    Args:
        tree: the module.
        package: the package that relative imports start from.
        roots: packages whose names may be used as attributes, as in ``rb.train``.
    """
    at_once: list[_Import] = []
    on_demand: dict[str, list[_Import]] = {}
    aliases: dict[str, str] = {}
    nodes: list[tuple[ast.AST, bool]] = [(tree, False)]
    while nodes:
        node, for_checkers = nodes.pop()
        if isinstance(node, ast.Import) and not for_checkers:
            at_once += [(alias.name, "") for alias in node.names]
            aliases |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), package)
            for alias in node.names:
                name = alias.asname or alias.name
                names = on_demand.setdefault(name, []) if for_checkers else at_once
                names.append((module, alias.name))
        elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            nodes += [(child, True) for child in node.body]
            nodes += [(child, for_checkers) for child in node.orelse]
        elif not isinstance(node, ast.expr):
            nodes += [(child, for_checkers) for child in ast.iter_child_nodes(node)]
    aliases = {name: module for name, module in aliases.items() if module.split(".")[0] in roots}
    for node in ast.walk(tree) if aliases else ():
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            at_once += [(aliases[node.value.id], node.attr)] if node.value.id in aliases else []
    return at_once, on_demand
