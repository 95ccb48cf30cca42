"""Runs that are saved, opened, copied as code and followed by a link: the same bits in all."""

import json
from pathlib import Path

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.settings import from_link, parse_setup
from rosenblatt.studio.commands import COMMANDS
from rosenblatt.studio.session import Session
from studio_page import SMALL


def do(session, command, **args):
    return COMMANDS[command](session, args)


@pytest.fixture
def branched(tmp_path):
    """Return a session with a branch of a branch, at update 50."""
    session = Session(SMALL, runs=tmp_path)
    do(session, "points", edits=[{"move": 3, "to": [2.0, 2.0]}])
    do(session, "step", by="update", n=20)
    do(session, "set", key="momentum", value=0.9)
    do(session, "step", by="update", n=11)
    do(session, "weight", parameter="0.weight", index=[1, 2], value=0.25)
    do(session, "set", key="learning_rate", value=0.3)
    do(session, "step", by="update", n=19)
    return session


def assert_same(params, expected):
    assert params.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(params[name], value)


def test_a_link_leads_to_the_same_bits(branched):
    link = do(branched, "code", **{"as": "link"})
    other = Session(SMALL)
    other.greet(link)
    assert not other.playing
    assert other.position.update == 50
    assert_same(other.shown.params, branched.shown.params)
    assert other.setup() == parse_setup(branched.setup()).plain
    # And on from there.
    for session in (branched, other):
        do(session, "step", by="update", n=7)
    assert_same(other.shown.params, branched.shown.params)
    for session in (branched, other):
        do(session, "go", update=25)
    assert_same(other.shown.params, branched.shown.params)


def test_a_link_to_an_earlier_update_has_the_changes_before_it(branched):
    do(branched, "go", update=25)
    setup = from_link(do(branched, "code", **{"as": "link"}))
    assert [change["at"] for change in setup["changes"]] == [20]
    assert setup["at"] == 25


def test_python_leads_to_the_same_bits(branched):
    names = {}
    exec(do(branched, "code", **{"as": "python"}), names)
    assert_same(names["shown"].params, branched.shown.params)


def test_a_saved_run_is_opened_by_the_package_and_by_the_studio(branched, tmp_path):
    assert do(branched, "save", name="my run")["name"] == "my run"
    run = rb.load_run(tmp_path / "my run")
    assert_same(run.at(update=50).params, branched.shown.params)
    assert_same(run.at(update=40).params, branched.branch.position_at(40).state.params)
    assert [found["name"] for found in do(branched, "runs")] == ["my run"]
    other = Session(SMALL, runs=tmp_path)
    do(other, "open", name="my run")
    assert_same(other.shown.params, branched.shown.params)
    assert do(other, "code", **{"as": "link"}) == do(branched, "code", **{"as": "link"})
    for session in (branched, other):
        do(session, "step", by="update", n=3)
        do(session, "set", key="learning_rate", value=0.05)
        do(session, "step", by="update", n=3)
    assert_same(other.shown.params, branched.shown.params)
    with pytest.raises(FileError, match="there is a run"):
        do(branched, "save", name="my run")


def test_a_run_of_the_command_line_is_opened(tmp_path):
    data = rb.data.moons(50, noise=0.1, seed=3)
    train, test = data.split()
    model = rb.MLP(2, [4], 2, activation="tanh", init="glorot")
    run = rb.train(
        model,
        train,
        test=test,
        epochs=5,
        batch_size=7,
        optimizer=rb.Adam(0.02),
        run_dir=tmp_path / "a",
    )
    session = Session(SMALL, runs=tmp_path)
    do(session, "open", name="a")
    assert_same(session.shown.params, run.params)
    assert session.settings["hidden"] == [4]
    assert session.settings["optimizer"] == "adam"
    assert session.settings["noise"] == 0.1
    do(session, "go", update=11)
    assert_same(session.shown.params, run.at(update=11).params)
    do(session, "go", update=30)
    do(session, "step", by="update", n=6)
    longer = rb.train(
        model, train, test=test, epochs=6, batch_size=7, optimizer=rb.Adam(0.02), engine="compiled"
    )
    for name, value in longer.params.items():
        np.testing.assert_allclose(session.shown.params[name], value, rtol=1e-9)


@pytest.mark.parametrize(
    "name", ["", "..", "../a", "/tmp/a", "a/b", ".hidden", "a\\b", None, 3, "a\n", "x" * 200]
)
def test_no_name_leads_out_of_the_folder(session, name, tmp_path):
    session.saved.folder = tmp_path / "runs"
    for command in ("save", "open"):
        with pytest.raises(ConfigurationError, match="a run's name"):
            do(session, command, name=name)
    assert [*tmp_path.iterdir()] == []


def test_a_damaged_setup_is_an_error(branched, tmp_path):
    do(branched, "save", name="a")
    for text in ("{", "[]", json.dumps({"data": "moons", "x": 1})):
        Path(tmp_path / "a" / "studio.json").write_text(text, encoding="utf-8")
        before = branched.shown
        with pytest.raises((FileError, ConfigurationError)):
            do(branched, "open", name="a")
        assert branched.shown.params is before.params
