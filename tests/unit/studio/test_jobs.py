"""Commands that take long."""

import numpy as np
import pytest

from rosenblatt.errors import ConfigurationError
from rosenblatt.studio.commands import COMMANDS
from rosenblatt.studio.jobs import JOBS, CancelledJobError, Canceller


def do(session, command, **args):
    return COMMANDS[command](session, args)


def compute(session, command, **args):
    return JOBS[command](session, args)(lambda done, of: None)


def test_the_microscope_explains_the_shown_update(session):
    do(session, "step", by="update", n=20)
    do(session, "go", update=9)
    found = compute(session, "explain", batch=True)
    assert (found["update"], found["n_samples"]) == (9, 7)
    after = session.branch.position_at(10).state.params["0.weight"]
    update = next(one for one in found["updates"] if one["name"] == "0.weight")
    np.testing.assert_allclose(update["after"], after, rtol=1e-9)
    assert compute(session, "explain", samples=[3])["n_samples"] == 1
    point = compute(session, "explain", point=[0.5, -0.25], label=1)
    assert point["x"] == [[0.5, -0.25]]
    with pytest.raises(ConfigurationError, match="from 0 to 1"):
        compute(session, "explain", point=[0.5, -0.25], label=2)
    with pytest.raises(ConfigurationError, match="2 coordinates"):
        compute(session, "explain", point=[0.5])


def test_two_branches_are_compared(session):
    do(session, "step", by="update", n=20)
    do(session, "set", key="momentum", value=0.9)
    do(session, "step", by="update", n=40)
    do(session, "branch", branch=0)
    do(session, "step", by="update", n=40)
    found = compute(session, "contrast", branches=[0, 1])
    # With momentum the first step is the same up to rounding; the second is not.
    assert found["first_difference"]["updates"] in ((21, 21), (22, 22))
    distance = found["distance"]
    assert len(distance["epochs"]) == len(distance["parameters"]) == len(distance["predictions"])
    assert distance["parameters"][-1] > 0


def test_a_check_up_has_measurements(session):
    do(session, "step", by="update", n=20)
    steps = []
    found = JOBS["checkup"](session, {})(lambda done, of: steps.append((done, of)))
    assert found["measures"]["rates"]
    assert steps[-1][0] == steps[-1][1]


def test_the_landscape_goes_through_the_shown_weights(session):
    do(session, "step", by="update", n=20)
    do(session, "go", update=12)
    for directions in ("random", "hessian", "trajectory"):
        found = compute(session, "landscape", directions=directions, size=5)
        assert np.shape(found["loss"]) == (5, 5)
        column, row = list(found["x"]).index(0), list(found["y"]).index(0)
        assert found["loss"][row][column] == pytest.approx(session.shown.metrics[0])
    with pytest.raises(ConfigurationError, match="size"):
        compute(session, "landscape", size=1000)


def test_eigenvalues_along_the_run(session):
    do(session, "step", by="update", n=20)
    found = compute(session, "eigenvalues")
    assert len(found["updates"]) == len(found["largest"])
    assert found["limit"][0] == pytest.approx(20)


def test_a_cancelled_job_ends_at_its_next_step(session):
    canceller = Canceller(lambda done, of: canceller.cancel())
    do(session, "step", by="update", n=20)
    with pytest.raises(CancelledJobError, match="cancelled"):
        JOBS["checkup"](session, {})(canceller)


def test_a_job_over_the_socket(page):
    page.send("hello")
    page.send("pause")
    page.send("step", by="update", n=20)
    assert page.send("checkup")["value"]["measures"]
    assert any(event["event"] == "progress" for event in page.events)
    assert page.send("cancel", job="checkup") == {"reply": page.number, "value": {}}


def test_a_lesson_is_opened_answered_and_left(session):
    names = [lesson["name"] for lesson in do(session, "lessons")]
    assert len(names) >= 10
    with pytest.raises(ConfigurationError, match="no lesson; open one"):
        JOBS["answer"](session, {"question": "x"})
    do(session, "lesson", name=names[0])
    lesson = session.lesson
    assert not session.playing
    for key, value in lesson.settings.items():
        assert session.settings.get(key, value) == value
    question = lesson.questions[0]
    with pytest.raises(ConfigurationError, match="an answer"):
        compute(session, "answer", question=question.id, value="?")
    do(session, "lesson", name=None)
    assert session.lesson is None
    with pytest.raises(ConfigurationError, match="there is no lesson"):
        do(session, "lesson", name="..")
