"""The reference: a page for each public module, made from its public names."""

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING, Any

from extension.public_names import MODULES, PublicName, documented, exported, public_names
from rosenblatt.registry import Registry

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx


def pages() -> dict[str, str]:
    """Return the text of each page by its name."""
    written = {f"reference/{module}.rst": _page(module) for module in MODULES}
    toctree = "\n".join(f"   {module}" for module in MODULES)
    written["reference/index.rst"] = (
        f"{_heading('Reference', '=')}\n"
        "Every public name, from the docstrings. What ``import rosenblatt as rb`` offers as "
        "``rb.name`` is on the first page; the other modules hang there as ``rb.data``, "
        "``rb.layers`` and so on. The examples are run with the tests.\n\n"
        f".. toctree::\n   :maxdepth: 1\n\n{toctree}\n"
    )
    return written


def _page(module: str) -> str:
    imported = importlib.import_module(module)
    parts = [
        _heading(module, "="),
        f".. py:module:: {module}\n",
        _napoleon(inspect.getdoc(imported)),
    ]
    here = [public for public in public_names() if public.module == module]
    elsewhere = [
        (name, public)
        for name, value in exported(module)
        if (public := documented(value)) and public.module != module
    ]
    rows = [(f":py:obj:`{p.name} <{p.full}>`", summary(p)) for p in here]
    rows += [(f":py:obj:`{name} <{p.full}>`", f"Is {p.full}.") for name, p in elsewhere]
    if rows:
        parts.append(_table(rows))
    parts += [_entry(public) for public in here]
    return "\n".join(parts)


def _entry(public: PublicName) -> str:
    heading = _heading(public.name, "-")
    if public.directive == "autodata":
        text = "\n".join(f"   {line}" for line in _of_constant(public).splitlines())
        return f"{heading}\n.. py:data:: {public.full}\n\n{text}\n"
    options = "   :members:\n   :show-inheritance:\n" if public.directive != "autofunction" else ""
    return f"{heading}\n.. {public.directive}:: {public.full}\n{options}"


def _of_constant(public: PublicName) -> str:
    if isinstance(public.value, Registry):
        names = ", ".join(f"``{name}``" for name in public.value)
        return f"The registry of one kind: {names}. A class is added by ``{public.name}.add``."
    return public.docstring


def summary(public: PublicName) -> str:
    """Return the first sentence about a name, in one line."""
    text = _of_constant(public) if public.directive == "autodata" else public.docstring
    first = " ".join(text.partition("\n\n")[0].split())
    return first.partition(". ")[0].rstrip(".:") + "."


def _table(rows: list[tuple[str, str]]) -> str:
    lines = [".. list-table::", "   :widths: 30 70", "   :class: names", ""]
    for name, text in rows:
        lines += [f"   * - {name}", f"     - {text}"]
    return "\n".join(lines) + "\n"


def _napoleon(docstring: str | None) -> str:
    """Return a docstring in Google's form as reStructuredText."""
    from sphinx.ext.napoleon import Config, GoogleDocstring

    return f"{GoogleDocstring(docstring or '', Config(napoleon_preprocess_types=False))}\n"


def _heading(text: str, line: str) -> str:
    return f"{text}\n{line * len(text)}\n"


def skip(
    app: object, what: str, name: str, value: Any, is_skipped: bool, options: object
) -> bool | None:
    """Leave out members that other libraries give a class."""
    source = getattr(value, "__module__", None)
    return True if source and not source.startswith("rosenblatt") else None


def resolve(app: "Sphinx", env: Any, node: Any, contnode: "nodes.Node") -> "nodes.Node | None":
    """Resolve a reference to an object by where it is documented.

    The text stays as it is where the object exists and is not public; a name that does not exist is
    left to Sphinx, which warns.
    """
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"].lstrip(".")
    value, owner = _find(target, node.get("py:module"), node.get("py:class"))
    if value is None:
        return None
    public = documented(owner)
    if public is None:
        return contnode
    full = public.full + ("" if value is owner else "." + target.rpartition(".")[2])
    domain = env.get_domain("py")
    if full not in domain.objects:
        return contnode
    entry = domain.objects[full]
    from sphinx.util.nodes import make_refnode

    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, contnode, full)


def _find(target: str, module: str | None, class_name: str | None) -> tuple[Any, Any]:
    """Return the object that a name means in a module, and the class or itself that owns it."""
    places = _places(module)
    if class_name is not None and module is not None:
        places = [f"{module}.{class_name}", *places]
    for place in places:
        path = f"{place}.{target}" if place else target
        value, owner = _look_up(path)
        if value is not None:
            return value, owner
    return None, None


def _places(module: str | None) -> list[str]:
    return ["", *([module] if module else []), "rosenblatt", *MODULES, *_source_modules()]


def _source_modules() -> list[str]:
    return sorted({getattr(public.value, "__module__", "") or "" for public in public_names()})


def _look_up(path: str) -> tuple[Any, Any]:
    try:
        value = pkgutil.resolve_name(path)
    except (ImportError, AttributeError, ValueError):
        return None, None
    parent = path.rpartition(".")[0]
    if not parent or inspect.ismodule(owner := pkgutil.resolve_name(parent)):
        return value, value
    return value, owner
