"""The exceptions, and helpers for their messages.

    RosenblattError
    ├── ConfigurationError   a setting that cannot work: a size, a name, a combination
    ├── DataError            content of data: NaN, an unknown label, one class only
    ├── ShapeError           arrays that do not fit each other
    ├── DerivativeError      an operation that dual numbers cannot differentiate
    └── FileError            a file that cannot be read or written

Everything a user can cause is a ``RosenblattError``. Its message names the given value, the
expected one and a remedy; the command line prints it as one line and exits with status 2.
"""

import difflib
from collections.abc import Iterable, Sequence


class RosenblattError(Exception):
    """The root of every error that this package raises on purpose.

    >>> import rosenblatt as rb
    >>> try:
    ...     rb.MLP(2, [0], 2)
    ... except rb.RosenblattError as error:
    ...     print(type(error).__name__)
    ConfigurationError
    """


class ConfigurationError(RosenblattError, ValueError):
    """A setting that cannot work.

    >>> import rosenblatt as rb
    >>> rb.SGD(-1)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    ConfigurationError: learning_rate of SGD must be a finite number above 0, got -1
    """


class DataError(RosenblattError, ValueError):
    """Data whose content cannot be used.

    >>> import rosenblatt as rb
    >>> rb.data.Dataset([[float("nan")], [2.0]], [0, 1])  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    DataError: row 0, column 0 ("x1") of X is nan, counting from 0
    """


class ShapeError(RosenblattError, ValueError):
    """Arrays that do not fit each other.

    >>> import rosenblatt as rb
    >>> rb.data.Dataset([[1.0], [2.0]], [0, 1, 1])
    Traceback (most recent call last):
        ...
    rosenblatt.errors.ShapeError: X has 2 rows, but y has shape (3,); one label per row is needed
    """


class DerivativeError(RosenblattError, TypeError):
    """An operation that dual numbers cannot differentiate.

    >>> import numpy as np
    >>> import rosenblatt as rb
    >>> x = rb.analysis.hessian.dual.Dual(np.ones(2), np.eye(2))
    >>> try:
    ...     np.arctan2(x, x)
    ... except rb.errors.DerivativeError as error:
    ...     print(type(error).__name__)
    DerivativeError
    """


class FileError(RosenblattError, OSError):
    """A file that cannot be read or written.

    >>> import rosenblatt as rb
    >>> rb.load_model("nowhere.safetensors")
    Traceback (most recent call last):
        ...
    rosenblatt.errors.FileError: cannot read nowhere.safetensors: there is no such file
    """


def nearest(word: object, choices: Iterable[object]) -> str:
    """Return a hint that names the choice most like ``word``, or the empty string.

    >>> nearest("rellu", ["relu", "tanh"])
    '; did you mean "relu"?'
    >>> nearest("RELU", ["relu", "tanh"])
    '; did you mean "relu"?'
    >>> nearest("xyz", ["relu", "tanh"])
    ''
    """
    spelt = {text.casefold(): text for text in map(str, choices)}
    close = difflib.get_close_matches(str(word).casefold(), spelt, n=1)
    return f'; did you mean "{spelt[close[0]]}"?' if close else ""


def given(value: object) -> str:
    """Return a value as messages show it: in one line, and not a long one.

    >>> given("20"), given([[1.0,
    ...                      2.0]])
    ("'20'", '[[1.0, 2.0]]')
    """
    try:
        text = " ".join(repr(value).split())
    except (ValueError, RecursionError):
        # Python refuses to write whole numbers of more than 4300 digits, and deep nesting.
        text = f"{type(value).__name__} too long to show"
    return text if len(text) <= 80 else f"{text[:77]}..."


def shorten(items: Sequence[str], most: int = 10) -> str:
    """Join ``items`` with commas, the first ``most`` of them.

    >>> shorten(["a", "b"]), shorten(["a", "b", "c"], most=1)
    ('a, b', 'a, ... (3 in all)')
    """
    more = [f"... ({len(items)} in all)"] if len(items) > most else []
    return ", ".join([*items[:most], *more])
