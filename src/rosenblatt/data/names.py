"""Columns of one table matched with those of another by their names."""

from collections.abc import Sequence

from rosenblatt import limits
from rosenblatt.errors import DataError, ShapeError, nearest, shorten


def default_names(n_features: int) -> tuple[str, ...]:
    """Return the names of columns that have none of their own: x1 ... xD.

    >>> default_names(2)
    ('x1', 'x2')
    """
    return tuple(f"x{i + 1}" for i in range(n_features))


def match_columns(
    names: Sequence[str], target_names: Sequence[str], *, owner: str = "the model"
) -> list[int] | None:
    """Return the position in ``names`` of each target column, or None: as they are.

    Both must have the same names, in any order. Where one side has no names of its own (columns
    without any are called x1, x2, ...) and shares none with the other, the order counts.

    Args:
        names: the columns of the data.
        target_names: the columns that the data is for; empty if they are unknown.
        owner: the owner of the target columns, for messages.

    Raises:
        DataError: a column is missing, unknown, or there twice; the message lists both sides.
        ShapeError: neither side has names, and they have other numbers of columns.

    >>> match_columns(["width", "height"], ["height", "width"])
    [1, 0]
    """
    twice = limits.repeated(names)
    if twice is not None:
        raise DataError(f'two columns of the data are called "{twice}"; rename one')
    if not names or not target_names or tuple(names) == tuple(target_names):
        return None
    there, wanted = _numbered(names), _numbered(target_names)
    position_of = {name: position for position, name in enumerate(there)}
    if set(there) == set(wanted):
        return None if there == wanted else [position_of[name] for name in wanted]
    unnamed = default_names(len(there)) == there, default_names(len(wanted)) == wanted
    if all(unnamed) or (any(unnamed) and not set(there) & set(wanted)):
        if len(names) != len(target_names):
            raise ShapeError(
                f"the data has {len(names)} features ({_listed(names)}), but {owner} takes "
                f"{len(target_names)} ({_listed(target_names)})"
            )
        return None
    missing = [
        name for name, plain in zip(target_names, wanted, strict=True) if plain not in position_of
    ]
    expected = set(wanted)
    unknown = [name for name, plain in zip(names, there, strict=True) if plain not in expected]
    if missing:
        raise DataError(
            f"{owner} needs the feature {_listed(missing)}, which is not there; the data has "
            f"{_listed(names)}{nearest(missing[0], unknown)}"
        )
    raise DataError(
        f"the data has the column {_listed(unknown)}, which {owner} does not know; remove it, or "
        f"name it as the label; the features of {owner} are {_listed(target_names)}"
    )


def _numbered(names: Sequence[str]) -> tuple[str, ...]:
    """Return names, the numbers 0 ... D-1 in any order as x1 ... xD: pandas counts from 0."""
    if set(names) == {str(i) for i in range(len(names))}:
        return tuple(f"x{int(name) + 1}" for name in names)
    return tuple(names)


def _listed(names: Sequence[str]) -> str:
    return shorten([f'"{name}"' for name in names])
