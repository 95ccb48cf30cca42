"""Settings as a link: the part of an address after its ``#``, which people can read and edit.

``data=moons&noise=0.2&hidden=8,8&learning_rate=0.5`` are settings. What is done with them follows:
``points=move,3,0.5,1`` and ``add,0.2,0.1,1`` and ``delete,7``, joined by ``;``; one ``change`` for
each change while training, ``change=120:learning_rate=0.1;batch_size=10`` or, for single weights,
``change=300:0.weight,0,1=0.5``; ``at``, ``seeds`` and ``lesson``; ``view.NAME``, with a value as
JSON; names in ``hide`` and ``lock``.

A link may come from anyone. It is read up to a length, as values alone, and names no file.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

from rosenblatt.errors import ConfigurationError, given
from rosenblatt.settings.forks import DEFAULT
from rosenblatt.settings.plain import find_key
from rosenblatt.settings.setup import EXTRAS, Setup, parse_setup
from rosenblatt.settings.texts import from_text, number_text, to_text

LONGEST_LINK = 1 << 16
"""Characters of a link."""
_SAFE = ",:;=./~@!*'()"
"""Characters that need no escape after the # of an address, ``&``, ``+`` and ``%`` not among
them."""
_VIEW = "view."


def as_link(settings: Mapping[str, Any]) -> str:
    """Return settings as text for the end of an address.

    Raises:
        ConfigurationError: settings that cannot be parsed, or so many that no link holds them.

    >>> as_link({"data": "moons", "hidden": [8, 8], "at": 150, "view": {"axes": [0, 1]}})
    'data=moons&hidden=8,8&at=150&view.axes=%5B0,1%5D'
    """
    pairs = _pairs(parse_setup(settings))
    link = "&".join(f"{quote(key, safe='.')}={quote(text, safe=_SAFE)}" for key, text in pairs)
    if len(link) > LONGEST_LINK:
        raise ConfigurationError(
            f"a link holds {LONGEST_LINK} characters, and this one has {len(link)}: save the run "
            "as a folder, or make fewer edits"
        )
    return link


def _pairs(setup: Setup) -> Iterator[tuple[str, str]]:
    for key, value in setup.settings.items():
        yield key, to_text(value)
    if setup.points:
        yield "points", ";".join(map(_edit_text, setup.points))
    for change in setup.changes:
        parts = [f"{key}={_set_text(value)}" for key, value in change.set.items()]
        parts += [
            f"{name},{','.join(str(i) for i in index)}={number_text(value)}"
            for name, entries in change.weights.items()
            for *index, value in entries
        ]
        yield "change", f"{change.at}:{';'.join(parts)}"
    for key, number in (("at", setup.at), ("seeds", setup.seeds)):
        if number is not None:
            yield key, str(number)
    if setup.lesson is not None:
        yield "lesson", setup.lesson
    for key, names in (("hide", setup.hide), ("lock", setup.lock)):
        if names:
            yield key, ",".join(quote(name, safe="") for name in names)
    for name, value in setup.view.items():
        yield _VIEW + name, json.dumps(value, separators=(",", ":"))


def _edit_text(edit: Mapping[str, Any]) -> str:
    if "delete" in edit:
        return f"delete,{edit['delete']}"
    to = ",".join(map(number_text, edit["to"] if "move" in edit else edit["add"]))
    return f"move,{edit['move']},{to}" if "move" in edit else f"add,{to},{_label(edit['label'])}"


def _label(label: object) -> str:
    """Return a label as JSON, so that 1 and "1" differ; common texts need no quotes."""
    if isinstance(label, str) and label.isidentifier() and label not in ("true", "false", "null"):
        return label
    return quote(json.dumps(label), safe='".-')


def _set_text(value: Any) -> str:
    return DEFAULT if value is None else quote(to_text(value), safe=",:")


def from_link(link: str) -> dict[str, Any]:
    """Return the settings in a link, as plain values that :func:`parse_setup` accepts.

    Args:
        link: the text of :func:`as_link`, with or without a ``#`` or ``?`` before it.

    Raises:
        ConfigurationError: the link is too long, or says what is no setting or no value.

    >>> from_link("#data=moons&hidden=8,8&change=120:learning_rate=0.1")
    {'data': 'moons', 'hidden': [8, 8], 'changes': [{'at': 120, 'set': {'learning_rate': 0.1}}]}
    """
    if len(link) > LONGEST_LINK:
        raise ConfigurationError(f"a link has at most {LONGEST_LINK} characters")
    mapping: dict[str, Any] = {}
    for part in link.lstrip("#?").split("&"):
        if not part:
            continue
        key, _, text = part.partition("=")
        key, text = unquote_plus(key), unquote_plus(text)
        if key == "change":
            mapping.setdefault("changes", []).append(_read_change(text))
            continue
        if key.startswith(_VIEW):
            mapping.setdefault("view", {})[key.removeprefix(_VIEW)] = _read_json(text)
            continue
        name, value = _read(key, text)
        if name in mapping:
            raise ConfigurationError(f"the link says {given(name)} twice")
        mapping[name] = value
    return parse_setup(mapping).plain


def _read(key: str, text: str) -> tuple[str, Any]:
    match key:
        case "points":
            return key, [_read_edit(edit) for edit in text.split(";")]
        case "at" | "seeds":
            return key, _read_whole(text)
        case "lesson":
            return key, text
        case "hide" | "lock":
            return key, [unquote(name) for name in text.split(",")]
    if key in EXTRAS:
        raise ConfigurationError(f"the link has {given(key)} in another form than links have")
    setting = find_key(key)
    return setting.name, from_text(setting, text)


def _read_edit(text: str) -> dict[str, Any]:
    match text.split(","):
        case ["move", number, *to] if to:
            return {"move": _read_whole(number), "to": [_read_number(x) for x in to]}
        case ["add", *to, label] if to:
            return {"add": [_read_number(x) for x in to], "label": _read_label(label)}
        case ["delete", number]:
            return {"delete": _read_whole(number)}
    raise ConfigurationError(f"the link has {given(text)} where a sample is edited")


def _read_label(text: str) -> Any:
    return (
        text if text.isidentifier() and text not in ("true", "false") else _read_json(unquote(text))
    )


def _read_change(text: str) -> dict[str, Any]:
    at, _, parts = text.partition(":")
    change: dict[str, Any] = {"at": _read_whole(at)}
    for part in filter(None, parts.split(";")):
        name, _, value = part.partition("=")
        if "," in name:
            parameter, *index = name.split(",")
            entry = [*map(_read_whole, index), _read_number(value)]
            change.setdefault("weights", {}).setdefault(parameter, []).append(entry)
        else:
            key = find_key(name)
            read = None if value == DEFAULT else from_text(key, unquote(value))
            change.setdefault("set", {})[key.name] = read
    return change


def _read_whole(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 20:
        return int(text)
    raise ConfigurationError(f"the link has {given(text)} where a whole number belongs")


def _read_number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigurationError(f"the link has {given(text)} where a number belongs") from None


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigurationError(f"the link has {given(text)}, which is no JSON value") from None
