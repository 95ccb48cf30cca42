"""DATA on the command line: a generator's name or a file."""

from dataclasses import KW_ONLY, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from rosenblatt.cli.groups import DATA
from rosenblatt.cli.parsing import OptionalWhole, parse_points
from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.files import is_there

if TYPE_CHECKING:
    from rosenblatt.data import Dataset

Task = Literal["classification", "regression"]


@Parameter(name="*", group=DATA)
@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The settings of the generators; one that is left out has the generator's own default."""

    n: OptionalWhole = None
    """Generator: samples in all."""

    noise: float | None = None
    """Generator: standard deviation of the noise."""

    n_classes: OptionalWhole = None
    """blobs, spirals: number of classes."""

    n_features: OptionalWhole = None
    """blobs: number of features."""

    factor: float | None = None
    """circles: the inner radius."""

    turns: float | None = None
    """spirals: turns of each arm."""

    means: Annotated[
        tuple[tuple[float, ...], ...] | None,
        Parameter(converter=parse_points, n_tokens=1, negative=(), metavar="POINTS"),
    ] = None
    """gaussians: the mean of each class, such as "10,10;0,0"."""

    variance: float | None = None
    """gaussians: the variance of each coordinate."""

    @property
    def given(self) -> dict[str, Any]:
        """The settings that were not left out."""
        settings = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return {name: value for name, value in settings.items() if value is not None}


@Parameter(name="*", group=DATA)
@dataclass(frozen=True)
class Source:
    """Where data comes from."""

    data: str
    """A generator (moons, circles, blobs, gaussians, xor, spirals) or a .csv .npz .parquet file."""

    _: KW_ONLY

    label: str | None = None
    """File: the label column, by name or by position from 0 (-1 is the last)."""

    header: bool | None = None
    """CSV file: whether its first line holds names. By default its content decides."""

    data_seed: OptionalWhole = None
    """Generator: its seed, 0 by default."""

    recipe: Recipe = field(default_factory=Recipe)


def read_source(source: Source, task: Task | None = None, min_classes: int = 2) -> "Dataset":
    """Return the data that ``source`` names.

    Raises:
        ConfigurationError: neither a generator nor a file, or a setting that has no meaning here.
        FileError: the file cannot be read.
        DataError: what is in it cannot be used.
    """
    from rosenblatt.data import GENERATORS, load

    if not source.data.strip():
        raise ConfigurationError("DATA needs the name of a generator or a file, got an empty text")
    if is_generator(source.data):
        if task == "regression":
            raise ConfigurationError(f"{source.data} makes classes, and a regression needs values")
        for flag, value in (("--label", source.label), ("--header", source.header)):
            if value is not None:
                raise ConfigurationError(f"{flag} is for files, and {source.data} is a generator")
        return make_data(source.data, source.recipe, source.data_seed)
    if not is_there(source.data) and not Path(source.data).suffix:
        raise ConfigurationError(
            f'"{source.data}" is neither a file nor a generator; '
            f"the generators are {', '.join(GENERATORS)}{nearest(source.data, GENERATORS)}"
        )
    refuse_generator_settings(source)
    data = load(source.data, source.label, task=task, min_classes=min_classes, header=source.header)
    if task is None and _may_be_values(data):
        raise ConfigurationError(
            f"the labels of {source.data} are {data.n_classes} different whole numbers in "
            f"{len(data)} rows: say --task regression to predict values, or --task classification"
        )
    return data


def _may_be_values(data: "Dataset") -> bool:
    """Return whether classes look like measurements: many whole numbers, each of them rare.

    Up to 10 of them may be digits or grades, unless hardly one occurs twice.
    """
    classes = data.classes or ()
    numbers = all(isinstance(label, int) for label in classes)
    rows = 10 if len(classes) > 10 else 2
    return numbers and len(classes) > 4 and len(data) < rows * len(classes)


def is_generator(name: str) -> bool:
    """Return whether DATA names a generator; a file of the same name is written ./moons."""
    from rosenblatt.data import GENERATORS

    return name in GENERATORS


def refuse_generator_settings(source: Source) -> None:
    """Raise ConfigurationError if a generator's setting was given for a file."""
    seed = {} if source.data_seed is None else {"data_seed": source.data_seed}
    for name in source.recipe.given | seed:
        raise ConfigurationError(
            f"{_flag(name)} is for generators, and {source.data} is a file's name"
        )


def make_data(generator: str, recipe: Recipe, seed: int | None) -> "Dataset":
    """Return the data of a generator.

    Raises:
        ConfigurationError: no such generator, or a setting that it does not have or allow.
    """
    import inspect

    from rosenblatt.data import GENERATORS, make

    if is_generator(generator):
        known = {"n", *inspect.signature(GENERATORS[generator]).parameters}
        flags = [_flag(entry.name) for entry in fields(recipe) if _parameter(entry.name) in known]
        for name in recipe.given:
            if _parameter(name) not in known:
                raise ConfigurationError(
                    f"{_flag(name)} has no meaning for {generator}, which has {', '.join(flags)}"
                )
    settings = {_parameter(name): value for name, value in recipe.given.items()}
    return make(generator, seed=seed, **settings)


def _parameter(name: str) -> str:
    """Return what the generators call a setting."""
    return "covariances" if name == "variance" else name


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
