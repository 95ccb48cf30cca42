"""The mathematics: a page for each kind of part, with formulas and the code next to them."""

import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from extension.public_names import documented
from rosenblatt.analysis.explain_formulas import Equation
from rosenblatt.errors import RosenblattError
from rosenblatt.layers import INITIALIZERS, LAYERS
from rosenblatt.losses import LOSSES
from rosenblatt.optimizers import OPTIMIZERS, SCHEDULES
from rosenblatt.registry import Registry


@dataclass(frozen=True)
class Kind:
    """One page.

    Attributes:
        name: the file's name.
        title: the page's title.
        text: what comes before the parts.
        registry: the parts.
        methods: the methods whose code is shown.
    """

    name: str
    title: str
    text: str
    registry: Registry[Any]
    methods: tuple[str, ...]


KINDS = (
    Kind(
        "layers",
        "Layers",
        "A layer has parameters, a forward pass from x to y, and a backward pass from ∂L/∂y to "
        "∂L/∂x and the gradients of its parameters. n counts samples, i inputs, and j outputs.",
        LAYERS,
        ("forward", "backward"),
    ),
    Kind(
        "losses",
        "Losses",
        "The loss of sample n with outputs z and targets y, and its derivative by the outputs. The "
        "loss of a batch is the mean over its samples.",
        LOSSES,
        ("value_and_gradient",),
    ),
    Kind(
        "optimizers",
        "Optimizers",
        "One update of a parameter θ with its gradient g. η is the learning rate, and t counts "
        "updates from 1. What an optimizer keeps from one update to the next begins at 0.",
        OPTIMIZERS,
        ("update",),
    ),
    Kind(
        "schedules",
        "Schedules of the learning rate",
        "The learning rate η as a function of the update t, counted from 0.",
        SCHEDULES,
        ("__call__",),
    ),
    Kind(
        "initialisers",
        "Initialisers",
        "How the weights W of a layer are drawn before training. Biases start at 0.",
        INITIALIZERS,
        ("__call__",),
    ),
)


def pages() -> dict[str, str]:
    """Return the text of each page by its name."""
    written = {f"mathematics/{kind.name}.rst": "\n".join(_page(kind)) for kind in KINDS}
    toctree = "\n".join(f"   {kind.name}" for kind in KINDS)
    written["mathematics/index.rst"] = (
        "The mathematics\n===============\n\n"
        "What each part computes, next to the code that computes it. The formulas are those with "
        "which :py:meth:`explain <rosenblatt.Run.explain>` and the studio's microscope write down "
        "every number of an update, and a test evaluates each of them against the code.\n\n"
        f".. toctree::\n   :maxdepth: 2\n\n{toctree}\n"
    )
    return written


def _page(kind: Kind) -> Iterator[str]:
    yield f"{kind.title}\n{'=' * len(kind.title)}\n\n{kind.text}\n"
    for part in kind.registry.values():
        name = part.__name__
        public = documented(part)
        full = public.full if public else f"{part.__module__}.{name}"
        yield f"{name}\n{'-' * len(name)}\n"
        yield f"{_statement(part)}\n"
        for latex in formulas(part):
            yield f".. math::\n\n   {latex}\n"
        yield f":py:class:`{full}` has the settings. In ``{_file_of(part)}``:\n"
        for function in functions(part, kind.methods):
            code = textwrap.dedent(inspect.getsource(function))
            yield f".. code-block:: python\n\n{textwrap.indent(code, '   ')}"


def formulas(part: type) -> list[str]:
    """Return the formulas of a part in LaTeX, none where it has none."""
    try:
        instance = part(*_required(part))
        sources = getattr(instance, "formulas", ())
        is_update = callable(sources)
        if callable(sources):
            sources = sources("theta")
    except (RosenblattError, TypeError):
        return []
    return [Equation.parse(source).latex(arrow=is_update) for source in sources]


def _required(part: type) -> list[int]:
    """Return a small number for each setting without a default: the widths of a layer."""
    parameters = inspect.signature(part).parameters.values()
    return [2 for parameter in parameters if parameter.default is parameter.empty]


def functions(part: type, methods: tuple[str, ...]) -> list[Callable[..., Any]]:
    """Return the functions that compute a part: its methods, and the function that these call."""
    found = [inspect.unwrap(getattr(part, method)) for method in methods]
    for function in tuple(found):
        module = inspect.getmodule(function)
        for called in function.__code__.co_names:
            value = getattr(module, called, None)
            is_near = inspect.isfunction(value) and value.__module__.startswith(
                module.__name__.rpartition(".")[0] if module else ""
            )
            if is_near and called.endswith("_update"):
                found.append(value)
    return found


def _statement(part: type) -> str:
    """Return the docstring's text before its arguments and examples."""
    lines = []
    for line in (inspect.getdoc(part) or "").splitlines():
        if line.startswith((">>>", "Args:", "Attributes:", "Raises:")):
            break
        lines.append(line)
    text = "\n".join(lines).strip()
    # An indented formula is a block of its own.
    return text.replace(":\n\n    ", "::\n\n    ")


def _file_of(part: type) -> str:
    return part.__module__.removeprefix("rosenblatt.").replace(".", "/") + ".py"
