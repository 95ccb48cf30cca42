"""The check of a layer that drops some of its inputs."""

import functools
import inspect
import re
from dataclasses import replace
from typing import Any

import numpy as np

from rosenblatt.check.layers.findings import layer_finding
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.numbers.compare import first_wrong, ratio, same
from rosenblatt.check.source.calls import arguments, in_training, plain
from rosenblatt.check.source.state import flat
from rosenblatt.check.source.subjects import Subject, first_array, seeded


def check_dropout(subject: Subject, x: Any) -> list[dict[str, Any]] | None:
    """Return the findings of a layer that drops numbers at random."""
    if not isinstance(x, np.ndarray):
        return None
    ones = np.ones((40, 50))
    subject = _uneven(subject)
    try:
        obj = seeded(subject.make)
        returned = seeded(subject.forward, obj, ones.copy())
        y = first_array(returned)
        if y is None or y.shape != ones.shape or not (y == 0).any() or not (y != 0).any():
            return None
        scale = float(np.median(y[y != 0]))
        kept = float((y != 0).mean())
        dx = flat(seeded(subject.backward, obj, ones.copy(), ones.copy(), returned))
        use = _in_use(subject, obj, ones)
    except FailedError:
        return None
    mean = scale * kept
    value = next((v for v in dx.values() if v.shape == ones.shape), None)
    findings = []
    expected = 1.0 if use is None else use
    if abs(mean - expected) > 0.1 * max(expected, 0.1):
        findings.append(
            layer_finding(
                subject,
                "dropout-scale",
                f"The mean output for ones is {mean:.2f} in training and {expected:.2f} in use.",
                subject.forward_function,
                ["mask"],
                entry=None,
                analytic=mean,
                numeric=expected,
            )
        )
    elif value is not None and not same(value, y):
        # Without zeros, no mask was used; with zeros elsewhere, the mask of another pass was.
        is_masked = ratio(value, y) is not None or not (value == 0).any()
        name = "dropout-scale" if is_masked else "wrong-input-cached"
        findings.append(
            layer_finding(
                subject,
                name,
                "backward does not multiply by the mask and the scale of forward.",
                **first_wrong(value, y),
            )
        )
    return findings


def _uneven(subject: Subject) -> Subject:
    """Return a layer that drops 30 % where its constructor has a default of ½."""
    if not isinstance(subject.make, functools.partial):
        return subject
    for name, parameter in inspect.signature(subject.make).parameters.items():
        if parameter.default == 0.5 and re.search(r"rate|drop|keep|prob|^p$|ratio", plain(name)):
            return replace(subject, make=functools.partial(subject.make, **{name: 0.3}))
    return subject


def _in_use(subject: Subject, obj: Any, ones: Any) -> float | None:
    """Return the mean output outside of training; None where there is no such mode."""
    fresh = seeded(subject.make)
    for attribute, value in (
        ("training", False),
        ("train", False),
        ("is_training", False),
        ("mode", "test"),
        ("train_mode", False),
    ):
        if attribute in vars(fresh):
            setattr(fresh, attribute, value)
            y = first_array(seeded(subject.forward, fresh, ones.copy()))
            return None if y is None else float(y.mean())
    for name in ("eval", "test"):
        if callable(getattr(fresh, name, None)):
            getattr(fresh, name)()
            y = first_array(seeded(subject.forward, fresh, ones.copy()))
            return None if y is None else float(y.mean())
    for name in arguments(subject.forward_function):
        mode = in_training(name)
        if mode is not None or plain(name) == "mode":
            value = "test" if mode is None else not mode
            try:
                bound = getattr(fresh, subject.forward_function.__name__)
                y = first_array(seeded(bound, ones.copy(), **{name: value}))
            except (FailedError, AttributeError):
                return None
            return None if y is None else float(y.mean())
    return None
