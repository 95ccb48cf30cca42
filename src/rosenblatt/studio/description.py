"""The description of a session for its pages: the event ``session``."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rosenblatt.layers import Activation, Linear
from rosenblatt.models import Model
from rosenblatt.settings import describe_settings
from rosenblatt.studio.plane import bounds_of
from rosenblatt.studio.session import Session

if TYPE_CHECKING:
    from rosenblatt.studio.lessons import Lesson


def describe(session: Session) -> dict[str, Any]:
    """Return the event that describes a session."""
    prepared, many, lesson = session.prepared, session.many, session.lesson
    return {
        "event": "session",
        "settings": prepared.settings,
        "network": network(prepared.model),
        "loss": type(prepared.loss).__name__,
        "engine": session.branch.live.plan.engine.name,
        "data": data(session),
        "plane": session.plane.about,
        "tree": [branch.about() for branch in session.tree.branches],
        "branch": session.branch.id,
        "update": session.position.update,
        "can_undo": session.undo_history.can_undo,
        "can_redo": session.undo_history.can_redo,
        "speed": session.player.updates_per_second,
        "stop_at": {"epochs": session.player.stop_epochs, "loss": session.player.stop_loss},
        "many": None if many is None else {"seeds": len(many.live.seeds), "epochs": many.epochs},
        "lesson": None if lesson is None else lesson.to_json(),
        "locked": [] if lesson is None else lesson.page.locked,
        "hidden": [] if lesson is None else hidden(lesson),
    }


def hidden(lesson: "Lesson") -> list[str]:
    """Return the settings that a lesson does not show."""
    only = lesson.page.only
    if only is None:
        return lesson.page.hidden
    others = [one["key"] for one in describe_settings() if one["key"] not in only]
    return [*lesson.page.hidden, *others]


def network(model: Model) -> dict[str, Any]:
    """Return the layers with weights, and all parameters."""
    layers: list[dict[str, Any]] = []
    for layer in model.layers:
        if isinstance(layer, Linear):
            layers.append(
                {
                    "name": "Linear",
                    "inputs": layer.n_inputs,
                    "outputs": layer.n_outputs,
                    "activation": None,
                }
            )
        elif isinstance(layer, Activation) and layers:
            layers[-1]["activation"] = type(layer).__name__
    shapes = [{"name": name, "shape": list(shape)} for name, shape in model.shapes.items()]
    return {"layers": layers, "parameters": shapes}


def data(session: Session) -> dict[str, Any]:
    """Return what a page shows of the data."""
    points, prepared = session.points, session.prepared
    whole = prepared.data
    numbers = points.numbers
    inputs = prepared.as_given(points.inputs)
    targets = points.targets.reshape(len(numbers), -1)
    return {
        "name": prepared.settings["data"],
        "features": list(whole.feature_names),
        "classes": None if whole.classes is None else list(whole.class_names),
        "n_train": len(prepared.train),
        "n_test": 0 if prepared.test is None else len(prepared.test),
        "points": {
            "x": _rounded(inputs),
            "places": _rounded(session.plane.coordinates(inputs)),
            "y": targets[:, 0],
            "test": points.is_test.astype(int),
            "index": numbers,
        },
        "bounds": bounds_of(whole),
        "means": whole.X.mean(axis=0),
        "bayes_accuracy": session.bayes.of(whole),
    }


def _rounded(values: npt.NDArray[np.float64]) -> list[list[float]]:
    """Return numbers with the digits that a picture needs: the message is half as long."""
    return [[float(f"{value:.6g}") for value in row] for row in values]
