import json
import shlex
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosenblatt.cli.app import app
from rosenblatt.errors import RosenblattError
from rosenblatt.settings import (
    as_command,
    as_link,
    as_toml,
    from_link,
    parse_setup,
    plain_settings,
)
from rosenblatt.settings.links import LONGEST_LINK

finite = st.floats(allow_nan=False, allow_infinity=False)
updates = st.integers(0, 2**53 - 1)
words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=9) | st.just(
    "&=#"
)
labels = st.one_of(st.integers(-(2**53), 2**53), finite, words, st.booleans(), st.text(max_size=5))
numbers = st.integers(0, 2**53 - 1)
edits = st.one_of(
    st.fixed_dictionaries({"move": numbers, "to": st.lists(finite, min_size=1, max_size=4)}),
    st.fixed_dictionaries({"add": st.lists(finite, min_size=1, max_size=4), "label": labels}),
    st.fixed_dictionaries({"delete": numbers}),
)
changed = st.fixed_dictionaries(
    {},
    optional={
        "learning_rate": st.none() | finite,
        "batch_size": st.none() | st.integers(1, 1000),
        "optimizer": st.sampled_from(["sgd", "adam", None]),
        "nesterov": st.booleans(),
    },
)
weights = st.dictionaries(
    st.sampled_from(["0.weight", "2.bias"]),
    st.lists(st.tuples(numbers, numbers, finite).map(list), min_size=1, max_size=3),
    max_size=2,
)
changes = st.lists(st.tuples(updates, changed, weights), max_size=3).map(
    lambda entries: [
        {"at": at, "set": new, "weights": edited}
        for at, new, edited in sorted(entries, key=lambda entry: entry[0])
    ]
)
plain = st.recursive(
    st.booleans() | st.integers(-1000, 1000) | finite | words,
    lambda inner: st.lists(inner),
    max_leaves=4,
)
mappings = st.fixed_dictionaries(
    {"data": st.sampled_from(["moons", "iris", "upload:a b&c=d.csv", "upload:é%"]) | words},
    optional={
        "label": words,
        "noise": finite,
        "n": st.integers(2, 10**6),
        "means": st.lists(st.tuples(finite, finite).map(list), min_size=2, max_size=3),
        "stratify": st.booleans(),
        "header": st.booleans(),
        "hidden": st.lists(st.integers(1, 99), max_size=4),
        "activation": st.sampled_from(["relu", "tanh", ["tanh"], ["tanh", "leaky_relu", "relu"]]),
        "epochs": st.integers(1, 10**6),
        "shuffle": st.booleans(),
        "engine": words,
        "points": st.lists(edits, max_size=4),
        "changes": changes,
        "at": updates,
        "seeds": st.integers(1, 256),
        "lesson": words,
        "view": st.dictionaries(words, plain, max_size=3),
        "hide": st.lists(words, max_size=3),
        "lock": st.lists(words, max_size=3),
    },
)


@given(mappings)
def test_a_link_holds_everything(mapping):
    setup = parse_setup(mapping)
    link = as_link(mapping)
    assert link.isascii()
    assert not set(link) & set(' "<>#\\^`{|}')
    assert from_link(link) == setup.plain
    assert from_link(f"#{link}") == setup.plain
    assert parse_setup(from_link(link)) == setup
    assert json.loads(json.dumps(setup.plain)) == setup.plain


@given(mappings)
def test_a_file_holds_everything(mapping):
    written = tomllib.loads(as_toml(mapping))
    expected = parse_setup(mapping).plain
    written.pop("data"), expected.pop("data")
    assert parse_setup({"data": "moons", **written}).plain == {"data": "moons", **expected}


@pytest.mark.slow
@given(mappings)
def test_a_command_is_read_back(mapping):
    mapping = {key: value for key, value in mapping.items() if key not in ("points", "changes")}
    words = shlex.split(as_command(mapping))
    _, bound, _ = app.parse_args(words[1:], exit_on_error=False, print_error=False)
    settings = plain_settings(bound.arguments["options"].settings)
    expected = plain_settings(parse_setup(mapping).options)
    source = expected.pop("data").removeprefix("upload:")
    assert settings.pop("data") in (source, f"./{source}")
    assert settings == expected


@given(st.text(max_size=200) | st.text("data=moons&%;,:.0123456789-e+change{}[]", max_size=80))
def test_a_hostile_link_is_read_or_refused_in_one_sentence(text):
    before = "data=moons&"
    for link in (text, before + text, f"{before}change={text}", f"{before}view.a={text}"):
        try:
            mapping = from_link(link)
        except RosenblattError as error:
            message = str(error)
        else:
            message = ""
            assert parse_setup(mapping).plain == mapping
        assert len(message) < 1000


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("", '"data" is missing'),
        ("data=moons&epoch=3", 'did you mean "epochs"'),
        ("data=moons&data=xor", "twice"),
        ("data=moons&epochs=many", "\"epochs\" is 'many'"),
        ("data=moons&shuffle=2", '"shuffle"'),
        ("data=moons&noise=a", '"noise"'),
        ("data=moons&points=move,1", "a sample is edited"),
        ("data=moons&points=move,1,nan", "finite"),
        ("data=moons&change=3:hidden=4", "cannot change while training"),
        ("data=moons&change=x:", "a whole number belongs"),
        ("data=moons&view.a=x", "no JSON"),
        ("data=moons&view=1", "another form"),
        ("data=moons&view.a=NaN", '"view"'),
        ("data=moons&view.a=null", '"view"'),
        ("data=moons&view.a=" + "[" * 2000, "JSON|view"),
        ("data=moons&lesson=" + "a" * 300, '"lesson"'),
        ("data=moons&seeds=100000", '"seeds"'),
        ("data=moons&label=" + "a" * LONGEST_LINK, "at most"),
        ("data=moons&config=/etc/passwd", '"config" is no setting'),
    ],
)
def test_what_is_wrong_with_a_link_is_said(link, message):
    with pytest.raises(RosenblattError, match=message):
        from_link(link)


def test_a_link_is_readable():
    link = as_link(
        {
            "data": "moons",
            "noise": 0.2,
            "hidden": [8, 8],
            "points": [{"move": 3, "to": [0.5, 1]}, {"add": [0.25, 0], "label": 1}, {"delete": 7}],
            "changes": [
                {"at": 120, "set": {"learning_rate": 0.1, "batch_size": None}},
                {"at": 300, "weights": {"0.weight": [[0, 1, 0.5]]}},
            ],
            "lock": ["optimizer"],
        }
    )
    assert link == (
        "data=moons&noise=0.2&hidden=8,8&points=move,3,0.5,1;add,0.25,0,1;delete,7"
        "&change=120:learning_rate=0.1;batch_size=default&change=300:0.weight,0,1=0.5&lock=optimizer"
    )


def test_a_link_that_would_be_too_long_is_refused():
    edits = [{"move": i, "to": [0.123456789, 0.1]} for i in range(10_000)]
    with pytest.raises(RosenblattError, match="save the run as a folder"):
        as_link({"data": "moons", "points": edits})
