"""A value that goes to each worker once, whatever the number of its tasks."""

import hashlib
import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rosenblatt.errors import ConfigurationError

T = TypeVar("T")
R = TypeVar("R")

_lock = threading.Lock()
_contents: dict[str, bytes] = {}
_values: dict[tuple[str, int], Any] = {}
"""By key and thread: the values need not be safe to use in several threads."""


@dataclass(frozen=True)
class Shared:
    """A value as bytes, under a key that follows from them."""

    key: str
    content: bytes

    @classmethod
    def of(cls, value: object) -> "Shared":
        """Return a value to send, with functions and classes of scripts and notebooks in it.

        Raises:
            ConfigurationError: it has something in it that no other process can have.
        """
        try:
            import cloudpickle  # type: ignore[import-untyped, unused-ignore]
        except ModuleNotFoundError:
            from joblib.externals import cloudpickle
        try:
            content = cloudpickle.dumps(value)
        except Exception as error:
            raise ConfigurationError(
                f"the sweep cannot be sent to other processes: {error}; its layers and functions "
                "must not hold open files, locks, generators or connections, "
                'or take executor="threads"'
            ) from error
        return cls(hashlib.blake2b(content, digest_size=16).hexdigest(), content)

    def receive(self) -> None:
        """Keep the value in this process, for tasks that use it."""
        with _lock:
            _contents[self.key] = self.content

    def forget(self) -> None:
        """Give back its memory in this process."""
        with _lock:
            _contents.pop(self.key, None)
            for place in [place for place in _values if place[0] == self.key]:
                del _values[place]


@dataclass(frozen=True)
class UsingShared(Generic[T, R]):
    """A function of the shared value and an item, as a function of the item."""

    function: Callable[[Any, T], R]
    key: str

    def __call__(self, item: T) -> R | Exception:
        """Compute an item, in a process that has received the value."""
        try:
            value = self._value()
        except Exception as error:
            return ConfigurationError(
                f"a worker cannot load what it is to compute: {type(error).__name__}: {error}; "
                "modules of your own must be on the workers, too, for example by "
                "client.upload_file"
            )
        return self.function(value, item)

    def _value(self) -> Any:
        place = self.key, threading.get_ident()
        if place not in _values:
            with _lock:
                content = _contents[self.key]
            value = pickle.loads(content)
            with _lock:
                _values[place] = value
        return _values[place]
