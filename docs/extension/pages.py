"""Pages that are made from files outside the folder ``docs/``."""

from pathlib import Path

ROOT = Path(__file__).parents[2]

REPOSITORY_FILES = {
    "ARCHITECTURE.md": "architecture.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "assignment1/handout/README.md": "handout.md",
    "benchmarks/RESULTS.md": "benchmarks/engines.md",
    "benchmarks/ESTIMATORS.md": "benchmarks/estimators.md",
    "benchmarks/SWEEPS.md": "benchmarks/sweeps.md",
    "benchmarks/STUDIO.md": "benchmarks/studio.md",
    "benchmarks/contenders.png": "benchmarks/contenders.png",
    "benchmarks/scaling.png": "benchmarks/scaling.png",
}
"""Files of the repository that the site has, with their names in ``docs/generated/``."""


def repository_files() -> dict[str, bytes]:
    """Return these files by their new names, with links as the site has them."""
    from extension.links import rewritten

    written = {}
    for source, name in REPOSITORY_FILES.items():
        content = (ROOT / source).read_bytes()
        if source.endswith(".md"):
            folder = source.rpartition("/")[0]
            content = rewritten(content.decode(), folder, f"generated/{name}").encode()
        written[name] = content
    return written
