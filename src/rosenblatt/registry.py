"""Registries: the classes of one kind by name, and how a name becomes a value.

A class is registered by one line in the ``__init__.py`` of its package. Everything else finds it
there: training, files, the command line, the gradient check and the tests.
"""

import functools
import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar, cast

from rosenblatt.errors import ConfigurationError, given, nearest

T = TypeVar("T")
C = TypeVar("C", bound=type)

_FOREIGN_WORDS: Mapping[str, tuple[str, ...]] = {
    "alpha": ("slope", "rho", "weight_decay", "end"),
    "b1": ("beta1",),
    "b2": ("beta2",),
    "beta_1": ("beta1",),
    "beta_2": ("beta2",),
    "betas": ("beta1", "beta2"),
    "decay": ("rho", "weight_decay"),
    "decay_rate": ("factor", "rho"),
    "decay_steps": ("updates", "every"),
    "drop_rate": ("rate",),
    "eps": ("epsilon",),
    "eta": ("learning_rate", "start"),
    "eta_min": ("end",),
    "fit_intercept": ("bias",),
    "gamma": ("factor", "rho"),
    "hidden_layer_sizes": ("n_hidden",),
    "in_features": ("n_inputs",),
    "init": ("weight_init",),
    "initial_learning_rate": ("start",),
    "kernel_initializer": ("weight_init",),
    "l2": ("weight_decay",),
    "learning_rate": ("start",),
    "learning_rate_init": ("learning_rate", "start"),
    "lr": ("learning_rate", "start"),
    "momentum": ("beta1",),
    "mu": ("momentum",),
    "n_outputs": ("n_classes",),
    "negative_slope": ("slope",),
    "out_features": ("n_outputs", "n_classes"),
    "p": ("rate",),
    "reduction": ("scale",),
    "smoothing_constant": ("rho",),
    "stddev": ("std",),
    "step_size": ("learning_rate", "every"),
    "T_max": ("updates",),
    "total_steps": ("updates",),
    "units": ("n_outputs",),
    "use_bias": ("bias",),
    "warmup_steps": ("updates",),
    "wd": ("weight_decay",),
    "weight_initializer": ("weight_init",),
}
"""Words of other libraries for settings, each with the settings here that it may mean."""


def explain_settings(kind: C) -> C:
    """Make a class refuse keywords that it does not have by an error that names those it has.

    The error is a ConfigurationError in place of Python's TypeError, and knows the words that other
    libraries have for the same settings.
    """
    initialize = kind.__init__  # type: ignore[misc]
    code = getattr(inspect.unwrap(initialize), "__code__", None)
    if code is not None and code.co_flags & inspect.CO_VARKEYWORDS:
        return kind
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount] if code else ()

    @functools.wraps(initialize)
    def checked(self: object, *args: Any, **settings: Any) -> None:
        for word in settings:
            if word not in names:
                raise ConfigurationError(_unknown_setting(type(self).__name__, word, names))
        initialize(self, *args, **settings)

    kind.__init__ = checked  # type: ignore[misc]
    return kind


def _unknown_setting(owner: str, word: str, names: tuple[str, ...]) -> str:
    meant = [name for name in _FOREIGN_WORDS.get(word, ()) if name in names]
    if word != "betas":
        meant = meant[:1]
    hint = f"; it is called {' and '.join(meant)} here" if meant else nearest(word, names)
    settings = f"its settings are {', '.join(names)}" if names else "it has no settings"
    return f"{owner} has no setting {word!r}{hint}; {settings}"


def snake_case(name: str) -> str:
    """Return a class's name as the command line writes it.

    >>> [snake_case(name) for name in ("LeakyReLU", "RMSProp", "AdamW", "SoftmaxCrossEntropy")]
    ['leaky_relu', 'rmsprop', 'adamw', 'softmax_cross_entropy']
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", name).lower()


class Registry(Mapping[str, type[T]], Generic[T]):
    """The classes of one kind, by name.

    ``registry["name"]`` takes exactly the names that iteration gives, which are also those in
    files. :meth:`find` takes a name in any spelling, and a class's ``aliases``.

    Args:
        kind: the noun for a member in messages, such as "loss".
        base: the class that all members are of.
        classes: the members, in order.
        by_class_name: whether a class is registered by its name, or by its name in snake case.
    """

    def __init__(
        self, kind: str, base: type, *classes: type[T], by_class_name: bool = False
    ) -> None:
        self.kind = kind
        self.base = base
        self._by_class_name = by_class_name
        self._classes: dict[str, type[T]] = {}
        for member in classes:
            self.add(member)

    def add(self, member: type[T]) -> type[T]:
        """Register a class; return it, so that this can decorate the class.

        Raises:
            ConfigurationError: it is not of the registry's kind, or its name is taken.
        """
        if not (isinstance(member, type) and issubclass(member, self.base)):
            raise ConfigurationError(
                f"a registered {self.kind} must be a subclass of {self.base.__name__}, "
                f"got {given(member)}"
            )
        name = self.name_of(member)
        taken = {spelling for kept in self.items() for spelling in _spellings(*kept)}
        for new in (name, member.__name__, *_aliases(member)):
            if _spelling(new) in taken:
                raise ConfigurationError(f"there is a {self.kind} of the name {new!r} already")
        self._classes[name] = explain_settings(member)
        return member

    def remove(self, member: type[T]) -> None:
        """Take a class out of the registry."""
        del self._classes[self.name_of(member)]

    def name_of(self, member: type) -> str:
        """Return the name under which a class is registered, or would be."""
        return member.__name__ if self._by_class_name else snake_case(member.__name__)

    def _members(self) -> dict[str, type[T]]:
        return self._classes

    def __getitem__(self, name: str) -> type[T]:
        return self._members()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members())

    def __len__(self) -> int:
        return len(self._members())

    def find(self, name: str) -> type[T]:
        """Return the class of that name or alias, in any spelling: "he", "LeakyReLU", "leaky-relu".

        Raises:
            ConfigurationError: there is none; the message names the nearest.
        """
        wanted = _spelling(name)
        for registered, member in self.items():
            if wanted in _spellings(registered, member):
                return member
        choices = [*self, *(alias for member in self.values() for alias in _aliases(member))]
        raise ConfigurationError(
            f"unknown {self.kind} {name!r}; known: {', '.join(self)}{nearest(name, choices)}"
        )

    def as_value(self, value: "str | T") -> T:
        """Return the member of that name with its default settings, or ``value`` itself.

        Raises:
            ConfigurationError: there is none of that name, it has settings without a default, or
                ``value`` is something else.

        >>> from rosenblatt.layers import INITIALIZERS
        >>> INITIALIZERS.as_value("kaiming")
        He()
        """
        if isinstance(value, self.base):
            return cast(T, value)
        if not isinstance(value, str):
            hint = f"; write {value.__name__}()" if isinstance(value, type) else ""
            article = "an" if self.kind[0] in "aeiou" else "a"
            raise ConfigurationError(
                f"{article} {self.kind} must be of type {self.base.__name__} or one of the names "
                f"{', '.join(self)}, got {given(value)}{hint}"
            )
        member = self.find(value)
        try:
            return member()
        except TypeError as error:
            raise ConfigurationError(
                f"{member.__name__} has settings without a default, so that its name alone does "
                f"not say which {self.kind} is meant: {error}"
            ) from error


class Subregistry(Registry[T]):
    """The members of another registry that are of one class; to add one, add it there."""

    def __init__(self, kind: str, base: type, registry: Registry[Any]) -> None:
        super().__init__(kind, base)
        self._registry = registry

    def add(self, member: type[T]) -> type[T]:
        """Register a class in the other registry."""
        self._registry.add(member)
        return member

    def _members(self) -> dict[str, type[T]]:
        return {
            self.name_of(member): cast("type[T]", member)
            for member in self._registry.values()
            if issubclass(member, self.base)
        }


def _aliases(member: type) -> tuple[str, ...]:
    """Return the names that a class gives itself, not those of the class that it is made from."""
    aliases: tuple[str, ...] = vars(member).get("aliases", ())
    return aliases


def _spellings(name: str, member: type) -> set[str]:
    """Return what finds a class: its names and aliases, as :func:`_spelling` has them."""
    return set(map(_spelling, (name, member.__name__, *_aliases(member))))


def _spelling(name: str) -> str:
    return re.sub(r"[-_\s]", "", name).casefold()
