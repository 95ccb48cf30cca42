"""The report in the site: a page about its experiments, and the pages that were computed."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from extension.pages import ROOT
from extension.results import heading, table, text_of
from rosenblatt.experiments.base import Experiment
from rosenblatt.experiments.catalogue import EXPERIMENTS
from rosenblatt.report.contents import CONTENTS
from rosenblatt.report.parts import Section

if TYPE_CHECKING:
    from sphinx.application import Sphinx

COMPUTED = {"report": "make report", "reproductions": "rosenblatt reproduce"}
"""Folders of computed pages in the repository's root, which git ignores, with their commands."""


def pages(root: Path = ROOT) -> dict[str, str]:
    """Return the text of each page by its name.

    Args:
        root: the folder that has ``report`` and ``reproductions`` where they were computed.
    """
    described = [_experiment(EXPERIMENTS[name], part) for name, part in CONTENTS.sections.items()]
    parts = [
        heading("The report", "="),
        "A lab report on the perceptron, on two moons and on batch sizes, in six experiments. "
        "Every figure, table and verdict is computed. Below are the questions, and the claims "
        "that are put to the results.\n",
        _where(root, "report", "The report, as it was computed for this site"),
        *described,
    ]
    computed = [
        heading("Results as they were computed", "="),
        _where(root, "reproductions", "The results, as they were computed for this site"),
    ]
    return {"report.rst": "\n".join(parts), "computed.rst": "\n".join(computed)}


def _where(root: Path, folder: str, title: str) -> str:
    command = COMPUTED[folder]
    if (root / folder / "index.html").exists():
        return f"`{title} <../{folder}/index.html>`__: its page says over how many seeds.\n"
    return (
        f"This site was built without the computed pages. From a checkout, ``{command}`` writes "
        f"them to ``{folder}/``, and ``make docs`` then takes them into the site.\n"
    )


def _experiment(experiment: Experiment, section: Section) -> str:
    rows = [("claim of the source", "where", "what decides")]
    rows += [(claim.says, claim.where, claim.test) for claim in section.claims]
    name = section.package.rpartition(".")[2]
    code = (
        f"Its code: ``rosenblatt.experiments.{name}`` computes the rows, and "
        f"``{section.package}`` makes figures, tables and verdicts of them.\n"
    )
    claims = table(rows) if section.claims else ""
    return "\n".join(
        [
            heading(f"{experiment.id}: {text_of(experiment.title)}", "-"),
            f"{text_of(experiment.question)}\n",
            claims,
            code,
        ]
    )


def copy_computed(app: "Sphinx", error: Exception | None) -> None:
    """Copy the computed pages, without their caches, into the site that was built."""
    if error is None:
        for folder in COMPUTED:
            target = Path(app.outdir) / folder
            shutil.rmtree(target, ignore_errors=True)
            if (ROOT / folder / "index.html").exists():
                shutil.copytree(ROOT / folder, target, ignore=shutil.ignore_patterns("cache"))
