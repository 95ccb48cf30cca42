"""Record of a report for programs to read: settings, versions, results, claims."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import rosenblatt
from rosenblatt.data import Dataset
from rosenblatt.experiments import EXPERIMENTS, replay
from rosenblatt.experiments.provenance import here
from rosenblatt.experiments.reference_numbers import BATCH_800
from rosenblatt.report.contents import (
    CLAIMS,
    FIGURES,
    TABLES,
    file_of,
    name_of,
    number_of,
    with_names,
)
from rosenblatt.report.e1_perceptron.e1_figures import PRINTED_ACCURACY
from rosenblatt.report.parts import Results
from rosenblatt.report.rows import rows

LIBRARIES = (
    "numpy",
    "scipy",
    "scikit-learn",
    "matplotlib",
    "pyarrow",
    "jinja2",
    "latex2mathml",
)

SUMMARIES = ("summary", "accuracy")
"""The tables of a result whose rows are results; the others hold curves, points and single runs."""


def make_record(results: Results, *, seeds: int, only: Sequence[str] | None) -> dict[str, Any]:
    """Return settings, versions, machine, seconds, summary rows and known numbers.

    Args:
        results: by experiment.
        seeds: how many own seeds were asked for.
        only: the experiments that were asked for, None for all.

    Returns:
        JSON-able; accuracies are fractions, durations seconds.
    """
    return {
        "seeds": seeds,
        "only": None if only is None else list(only),
        "versions": {
            "rosenblatt": rosenblatt.__version__,
            "Python": platform.python_version(),
            **{library: version(library) for library in LIBRARIES},
        },
        "hashes": {
            "code of the experiments": here().code,
            **{f"two moons, {part} set": data.content_hash for part, data in _moons()},
        },
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "processor cores": os.cpu_count(),
        },
        "experiments": {
            name: {
                "title": EXPERIMENTS[name].title,
                "question": EXPERIMENTS[name].question,
                "settings": dict(result.settings),
                "seconds": result.seconds,
                **{
                    table: rows(result.tables[table])
                    for table in SUMMARIES
                    if table in result.tables
                },
            }
            for name, result in results.items()
        },
        "claims": [
            {
                "id": claim.id,
                "experiment": claim.experiment,
                "says": claim.says,
                "where": claim.where,
                "test": claim.test,
                "verdict": finding.verdict,
                "condition": finding.condition,
                "evidence": with_names(finding.evidence),
                "sensitivity": finding.sensitivity,
                "typical": finding.typical,
                "needed": finding.needed,
                "figures": [name_of(key) for key in claim.figures],
            }
            for claim in CLAIMS
            if claim.experiment in results
            for finding in (claim.judge(results),)
        ],
        "replays": _replays(results),
        "figures": [
            {
                "number": number_of(figure.key),
                "title": figure.title,
                "caption": with_names(figure.caption(results)),
                "files": [f"figures/{file_of(figure.key)}.{suffix}" for suffix in ("png", "svg")],
            }
            for figure in FIGURES.values()
            if figure.is_possible(results)
        ],
        "tables": [
            {
                "number": number_of(table.key),
                "title": table.title,
                "caption": with_names(table.caption(results)),
                "file": f"tables/{file_of(table.key)}.csv",
            }
            for table in TABLES.values()
            if table.is_possible(results)
        ],
    }


def _moons() -> list[tuple[str, Dataset]]:
    return list(zip(("training", "test"), replay.moons(), strict=True))


def _replays(results: Results) -> dict[str, list[dict[str, Any]]]:
    """Return, by experiment, known numbers and the replayed ones."""
    found: dict[str, list[dict[str, Any]]] = {}
    if "E1" in results:
        replay = rows(results["E1"].tables["summary"], protocol="replay")[0]
        found["E1"] = [_pair("test_accuracy", PRINTED_ACCURACY, replay["test_accuracy"], "printed")]
    if "E2" in results:
        found["E2"] = [
            _pair(f"test_accuracy at m = {row['m']:g}", row["reported"], row["replayed"], "printed")
            for row in rows(results["E2"].tables["accuracy"])
        ]
    mlp = TABLES["table_mlp_replay"]
    if mlp.is_possible(results):
        for row in rows(mlp.rows(results)):
            pair = _pair(row["quantity"], row["independent"], row["replayed"])
            found.setdefault(row["experiment"], []).append(pair)
    if "E6" in results:
        full = rows(results["E6"].tables["summary"])[-1]
        found["E6"] = [
            _pair(f"{name} at batch size {full['batch_size']}", value, full[f"replay_{name}"])
            for name, value in BATCH_800.items()
        ]
    return found


def _pair(
    quantity: str, expected: float, replayed: float, origin: str = "independent run"
) -> dict[str, Any]:
    return {
        "quantity": quantity,
        "origin": origin,
        "expected": expected,
        "replayed": replayed,
        "difference": replayed - expected,
    }
