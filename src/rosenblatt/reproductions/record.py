"""Record of a result for programs to read: settings, numbers, claims with their verdicts."""

import platform
from collections import Counter
from importlib.metadata import version
from typing import Any

import rosenblatt
from rosenblatt.experiments.provenance import here
from rosenblatt.report.parts import Results
from rosenblatt.report.record import LIBRARIES
from rosenblatt.reproductions.base import Reproduction
from rosenblatt.reproductions.page import found


def make_record(
    result: Reproduction, results: Results, *, seeds: int, full: bool
) -> dict[str, Any]:
    """Return settings, versions, seconds, published numbers beside ours, and verdicts."""
    contents = result.contents
    experiment, computed = result.chosen(full=full), results[result.name]
    findings = {claim.id: claim.judge(results) for claim in contents.claims}
    return {
        "name": result.name,
        "title": experiment.title,
        "question": experiment.question,
        "found": found(result, results),
        "sources": list(result.sources),
        "seeds": seeds,
        "full": full and result.full is not None,
        "settings": {name: value for name, value in computed.settings.items() if name != "seeds"},
        "seconds": computed.seconds,
        "versions": {
            "rosenblatt": rosenblatt.__version__,
            "Python": platform.python_version(),
            **{library: version(library) for library in LIBRARIES},
        },
        "code": here((result.module,)).code,
        "published": [
            {
                "what": published.what,
                "published": published.value,
                "where": published.where,
                "ours": published.ours(results),
                "claim": published.claim,
                "verdict": findings[published.claim].verdict if published.claim else "",
            }
            for published in result.published
        ],
        "verdicts": dict(Counter(finding.verdict for finding in findings.values())),
        "claims": [
            {
                "id": claim.id,
                "says": claim.says,
                "where": claim.where,
                "test": claim.test,
                "verdict": findings[claim.id].verdict,
                "condition": findings[claim.id].condition,
                "evidence": contents.with_names(findings[claim.id].evidence),
                "sensitivity": findings[claim.id].sensitivity,
                "typical": findings[claim.id].typical,
                "needed": findings[claim.id].needed,
                "figures": [contents.name_of(key) for key in claim.figures],
            }
            for claim in contents.claims
        ],
        "figures": [
            {
                "number": contents.number_of(figure.key),
                "title": figure.title,
                "caption": contents.with_names(figure.caption(results)),
                "files": [
                    f"figures/{contents.file_of(figure.key)}.{suffix}" for suffix in ("png", "svg")
                ],
            }
            for figure in contents.figures.values()
        ],
        "tables": [
            {
                "number": contents.number_of(table.key),
                "title": table.title,
                "caption": contents.with_names(table.caption(results)),
                "file": f"tables/{contents.file_of(table.key)}.csv",
            }
            for table in contents.tables.values()
        ],
    }
