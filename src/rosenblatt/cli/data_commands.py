"""The commands ``data make`` and ``data show``."""

from dataclasses import KW_ONLY, dataclass, field
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from rosenblatt.cli.output_options import FIGURES, check_writable
from rosenblatt.cli.printing import data_line, describe_data, emit, table
from rosenblatt.data import GENERATORS
from rosenblatt.data.readers import READERS
from rosenblatt.errors import ConfigurationError, DataError, nearest
from rosenblatt.settings.data_options import (
    DataOptions,
    GeneratorOptions,
    Task,
    make_data,
    read_source,
)
from rosenblatt.settings.params import OptionalNames, Whole

if TYPE_CHECKING:
    from rosenblatt.data import Dataset

WRITTEN = tuple(suffix for suffix, reader in READERS.items() if reader.write is not None)
"""The suffixes of the file formats that data can be written to."""

MOST_FEATURES = 20
"""How many features the printed table lists; the JSON object has them all."""

MOST_DRAWN = 3
"""How many features are drawn against each other where none are named."""

MOST_UNLIKE = 3.0
"""Two features whose ranges differ by less than this factor are drawn to one scale."""


@Parameter(name="*")
@dataclass(frozen=True)
class DataMakeOptions:
    """The options of the command."""

    generator: Annotated[str, Parameter(help=f"One of {', '.join(GENERATORS)}.")]

    _: KW_ONLY

    out: Annotated[Path, Parameter(help=f"The file to write: {' or '.join(WRITTEN)}.")]

    seed: Whole = 0
    """The generator's seed."""

    recipe: GeneratorOptions = field(default_factory=GeneratorOptions)

    json: bool = False
    """Print one JSON object."""


def data_make(options: DataMakeOptions) -> int:
    """Write a generator's data to a file."""
    from rosenblatt.data import save

    check_writable("--out", options.out, WRITTEN)
    data = make_data(options.generator, options.recipe, options.seed)
    save(data, options.out)
    description = describe_data(data)
    lines = [f"data        {data_line(description)}", f"wrote       {options.out}"]
    result = {"command": "data make", "data": description, "files": {"data": options.out}}
    emit(result, lines, as_json=options.json)
    return 0


@Parameter(name="*")
@dataclass(frozen=True)
class DataShowOptions:
    """The options of the command."""

    source: DataOptions

    _: KW_ONLY

    task: Task | None = None
    """The kind of labels: classes, or values to predict. By default the data decides."""

    out: Path | None = None
    """Draw the data to this .png, .svg or .pdf file."""

    features: OptionalNames = None
    """With --out: features to draw against each other, such as x1,x3; else the first three."""

    json: bool = False
    """Print one JSON object."""


def data_show(options: DataShowOptions) -> int:
    """Summarise data, and draw it where a file was named."""
    if options.out is not None:
        check_writable("--out", options.out, FIGURES)
    elif options.features is not None:
        raise ConfigurationError("--features has no meaning without --out")
    data = read_source(options.source, options.task, min_classes=1)
    if options.out is not None:
        _draw(data, options.features, options.out)
    description = describe_data(data)
    ranges = {
        name: {"lowest": float(x.min()), "mean": float(x.mean()), "highest": float(x.max())}
        for name, x in zip(data.feature_names, data.X.T, strict=True)
    }
    rows = [[name, *(f"{value:.4g}" for value in row.values())] for name, row in ranges.items()]
    lines = [
        f"data        {data_line(description)}",
        f"hash        {description['hash']}",
        "",
        *table(["feature", "lowest", "mean", "highest"], rows[:MOST_FEATURES]),
    ]
    if len(rows) > MOST_FEATURES:
        lines.append(f"... and {len(rows) - MOST_FEATURES} more features (--json has all)")
    if options.out is not None:
        lines += ["", f"wrote       {options.out}"]
    files = {} if options.out is None else {"figure": options.out}
    result = {"command": "data show", "data": description, "ranges": ranges, "files": files}
    emit(result, lines, as_json=options.json)
    return 0


def _draw(data: "Dataset", features: tuple[str, ...] | None, path: Path) -> None:
    """Draw every pair of the chosen features, a panel each."""
    import numpy as np

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
        ranges = [float(np.ptp(data.X[:, column])) for column in pair]
        if max(ranges) < MOST_UNLIKE * min(ranges):
            ax.set_aspect("equal", adjustable="datalim")
    save_figure(figure, path)


def _columns(data: "Dataset", features: tuple[str, ...] | None) -> list[int]:
    names = data.feature_names
    if features is None:
        return list(range(min(len(names), MOST_DRAWN)))
    for name in features:
        if name not in names:
            raise ConfigurationError(f'there is no feature "{name}"{nearest(name, names)}')
    return [names.index(name) for name in features]
