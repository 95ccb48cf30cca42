"""``rosenblatt data show DATA``."""

from dataclasses import KW_ONLY, dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from rosenblatt.cli.description import describe, summary
from rosenblatt.cli.output import FIGURES, check_writable
from rosenblatt.cli.parsing import parse_names
from rosenblatt.cli.printing import emit, table
from rosenblatt.cli.source import Source, Task, read_source
from rosenblatt.errors import ConfigurationError, DataError, nearest

if TYPE_CHECKING:
    from rosenblatt.data import Dataset

MOST_ROWS = 20
"""How many features the printed table lists; the JSON object has them all."""

MOST_DRAWN = 3
"""How many features are drawn against each other where none are named."""


@Parameter(name="*")
@dataclass(frozen=True)
class ShowSettings:
    """All settings of the command: its flags and its help."""

    source: Source

    _: KW_ONLY

    task: Task | None = None
    """What labels are: classes, or values to predict. By default the data decides."""

    out: Path | None = None
    """Draw the data to this .png, .svg or .pdf file."""

    features: Annotated[
        tuple[str, ...] | None,
        Parameter(converter=parse_names, n_tokens=1, negative=(), metavar="NAMES"),
    ] = None
    """With --out: features to draw against each other, such as x1,x3; else the first three."""

    json: bool = False
    """Print one JSON object."""


def data_show(settings: ShowSettings) -> int:
    """Summarise data, and draw it where a file was named."""
    if settings.out is not None:
        check_writable("--out", settings.out, FIGURES)
    elif settings.features is not None:
        raise ConfigurationError("--features has no meaning without --out")
    data = read_source(settings.source, settings.task, min_classes=1)
    if settings.out is not None:
        _draw(data, settings.features, settings.out)
    description = describe(data)
    ranges = {
        name: {"lowest": float(x.min()), "mean": float(x.mean()), "highest": float(x.max())}
        for name, x in zip(data.feature_names, data.X.T, strict=True)
    }
    rows = [[name, *(f"{value:.4g}" for value in row.values())] for name, row in ranges.items()]
    lines = [
        f"data        {summary(description)}",
        f"hash        {description['hash']}",
        "",
        *table(["feature", "lowest", "mean", "highest"], rows[:MOST_ROWS]),
    ]
    if len(rows) > MOST_ROWS:
        lines.append(f"... and {len(rows) - MOST_ROWS} more features (--json has all)")
    if settings.out is not None:
        lines += ["", f"wrote       {settings.out}"]
    files = {} if settings.out is None else {"figure": settings.out}
    result = {"command": "data show", "data": description, "ranges": ranges, "files": files}
    emit(result, lines, as_json=settings.json)
    return 0


def _draw(data: "Dataset", features: tuple[str, ...] | None, path: Path) -> None:
    """Draw every pair of the chosen features, a panel each."""
    from rosenblatt.plotting import new_figure, plot_dataset, save_figure

    if data.classes is None:
        raise DataError("only classes can be drawn, and this data has values to predict")
    pairs = list(combinations(_columns(data, features), 2))
    if not pairs:
        raise DataError("a drawing needs at least two features")
    figure, axes = new_figure(len(pairs))
    for ax, pair in zip(axes, pairs, strict=True):
        plot_dataset(
            ax,
            data.X,
            data.y,
            data.class_names,
            columns=pair,
            feature_names=data.feature_names,
        )
    save_figure(figure, path)


def _columns(data: "Dataset", features: tuple[str, ...] | None) -> list[int]:
    names = data.feature_names
    if features is None:
        return list(range(min(len(names), MOST_DRAWN)))
    for name in features:
        if name not in names:
            raise ConfigurationError(f'there is no feature "{name}"{nearest(name, names)}')
    return [names.index(name) for name in features]
