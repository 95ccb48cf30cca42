"""Updates that are no multiple of the gradient: momentum, Adam, decay."""

import re
from typing import Any

import numpy as np

from rosenblatt.check.network import Step
from rosenblatt.check.recording import Event
from rosenblatt.check.reference import factor_name
from rosenblatt.check.source import Source
from rosenblatt.check.update_findings import update_finding
from rosenblatt.check.update_losses import agrees_with_rate, common_factor, known_tops


def judge_rule(
    step: Step,
    earlier: list[Step],
    rates: list[float],
    source: Source,
    tops: list[tuple[str, Any, Any]],
    events: list[Event],
) -> list[dict[str, Any]] | None:
    """Judge an update that is not a multiple of the gradient: momentum, Adam, decay."""
    observed = step.moved
    keys = list(observed)
    flat = np.concatenate([np.ravel(observed[k]) for k in keys])
    for _, _, top in tops:
        gradients = step.net.backward(top)
        g = np.concatenate([np.ravel(gradients[k]) for k in keys])
        if not np.isfinite(g).all():
            continue
        if not earlier:
            signs = np.sign(g)
            moving = np.abs(g) > 1e-5 * np.abs(g).max()
            sizes = flat[moving] * signs[moving]
            if sizes.size > 2 and np.ptp(sizes) < 2e-2 * abs(sizes.mean()):
                size = float(sizes.mean())
                for rate in rates:
                    for factor in (0.1 / np.sqrt(0.001), 0.1 / 0.001):
                        if abs(size / rate / factor - 1) < 0.02:
                            return [
                                update_finding(
                                    step,
                                    source,
                                    "adam-bias-correction",
                                    "W0",
                                    observed["W0"],
                                    rate * np.sign(gradients["W0"]),
                                    r"sqrt",
                                )
                            ]
                if size < 0:
                    return [
                        update_finding(
                            step, source, "sign", "W0", observed["W0"], -observed["W0"], None
                        )
                    ]
                return []
        else:
            before = earlier[-1].moved
            if not all(np.shape(before.get(k, 0)) == np.shape(observed[k]) for k in keys):
                continue
            past = np.concatenate([np.ravel(before[k]) for k in keys])
            matrix = np.stack([g, past], axis=1)
            solution, *_ = np.linalg.lstsq(matrix, flat, rcond=None)
            rest = np.abs(matrix @ solution - flat).max()
            if rest <= 1e-6 * np.abs(flat).max():
                k, mu = (float(v) for v in solution)
                if 0.3 < mu < 1 and k > 0:
                    return []
                if -1 < mu < -0.3 and k > 0:
                    return [
                        update_finding(
                            step,
                            source,
                            "momentum-sign",
                            "W0",
                            observed["W0"],
                            k * gradients["W0"] - mu * before["W0"],
                            r"momentum|mu|beta|\bv\w*",
                        )
                    ]
                if abs(mu - 1) < 1e-6 and k > 0:
                    return [
                        update_finding(
                            step,
                            source,
                            "gradients-accumulate",
                            "W0",
                            observed["W0"],
                            k * gradients["W0"],
                            None,
                        )
                    ]
    if step.unmatched_losses or re.search(
        r"momentum|adam|rms|velocity|dropout|batch_?norm|lambda|l2|decay|clip|hinge|regular",
        source.code,
        re.I,
    ):
        return None
    # Nothing fits: wrong only where the loss is known and all parameters are seen.
    known = known_tops(step)
    if known and not earlier:
        gradients = step.net.backward(known[0][2])
        for key in keys:
            c = common_factor({key: observed[key]}, gradients)
            if c is None:
                return [
                    update_finding(
                        step,
                        source,
                        "unexplained",
                        key,
                        observed[key],
                        gradients[key] * (rates[0] if rates else 1.0),
                        None,
                    )
                ]
        for key in keys:
            c = common_factor({key: observed[key]}, gradients)
            if c is not None and rates and not agrees_with_rate(c, rates):
                mistake = factor_name(c / rates[0], len(step.net.x))
                return [
                    update_finding(
                        step,
                        source,
                        mistake or "constant-factor",
                        key,
                        observed[key],
                        gradients[key] * rates[0],
                        None,
                    )
                ]
    return None
