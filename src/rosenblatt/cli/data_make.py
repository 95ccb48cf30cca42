"""``rosenblatt data make GENERATOR``."""

from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

from cyclopts import Parameter

from rosenblatt.cli.description import describe, summary
from rosenblatt.cli.output import check_writable
from rosenblatt.cli.parsing import Whole
from rosenblatt.cli.printing import emit
from rosenblatt.cli.source import Recipe, make_data


@Parameter(name="*")
@dataclass(frozen=True)
class MakeSettings:
    """All settings of the command: its flags and its help."""

    generator: str
    """moons, circles, blobs, gaussians, xor or spirals."""

    _: KW_ONLY

    out: Path
    """The file to write: .csv, .npz or .parquet."""

    seed: Whole = 0
    """The generator's seed."""

    recipe: Recipe = field(default_factory=Recipe)

    json: bool = False
    """Print one JSON object."""


def data_make(settings: MakeSettings) -> int:
    """Write a generator's data to a file."""
    from rosenblatt.data import save

    check_writable("--out", settings.out, (".csv", ".npz", ".parquet"))
    data = make_data(settings.generator, settings.recipe, settings.seed)
    save(data, settings.out)
    description = describe(data)
    lines = [f"data        {summary(description)}", f"wrote       {settings.out}"]
    result = {"command": "data make", "data": description, "files": {"data": settings.out}}
    emit(result, lines, as_json=settings.json)
    return 0
