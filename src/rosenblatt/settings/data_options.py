"""DATA on the command line: a generator's name or a file, and what it holds."""

from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from rosenblatt.data import BUNDLED, GENERATORS
from rosenblatt.data.readers import READERS
from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.files import is_there
from rosenblatt.settings.params import DATA, OptionalWhole, parse_points
from rosenblatt.settings.registry_options import RegistrySettings, as_flag

if TYPE_CHECKING:
    from rosenblatt.data import Dataset

Task = Literal["classification", "regression"]

GENERATOR_SETTINGS = RegistrySettings(
    "data",
    GENERATORS,
    DATA,
    without=("n", "n_per_class", "seed", "classes"),
    flags={"covariances": "variance"},
    types={
        "means": Annotated[
            tuple[tuple[float, ...], ...] | None,
            Parameter(converter=parse_points, n_tokens=1, negative=(), metavar="POINTS"),
        ],
        "covariances": float | None,
    },
    texts={
        "means": 'the mean of each class, such as "10,10;0,0"',
        "covariances": "the variance of each coordinate",
    },
)

if TYPE_CHECKING:
    GeneratorSettings = Any
else:
    GeneratorSettings = GENERATOR_SETTINGS.options
_KINDS = ", ".join(GENERATORS)


@Parameter(name="*", group=DATA)
@dataclass(frozen=True, kw_only=True)
class GeneratorOptions:
    """The settings of the generators; one that is left out has the generator's own default."""

    n: OptionalWhole = None
    """Generator: samples in all."""

    settings: GeneratorSettings = field(default_factory=GENERATOR_SETTINGS.options)

    @property
    def given(self) -> dict[str, Any]:
        """The settings that were not left out, by their flags."""
        n = {} if self.n is None else {"n": self.n}
        return n | GENERATOR_SETTINGS.given(self.settings)


@Parameter(name="*", group=DATA)
@dataclass(frozen=True)
class DataOptions:
    """Where data comes from."""

    data: Annotated[
        str,
        Parameter(
            help=f"A generator ({_KINDS}), a set that comes with scikit-learn "
            f"({', '.join(BUNDLED)}), or a {' '.join(READERS)} file."
        ),
    ]

    _: KW_ONLY

    label: str | None = None
    """File: the label column, by name or by position from 0 (-1 is the last)."""

    header: bool | None = None
    """CSV file: whether its first line holds names. By default its content decides."""

    data_seed: OptionalWhole = None
    """Generator: its seed, 0 by default."""

    recipe: GeneratorOptions = field(default_factory=GeneratorOptions)


def read_source(source: DataOptions, task: Task | None = None, min_classes: int = 2) -> "Dataset":
    """Return the data that ``source`` names.

    Raises:
        ConfigurationError: neither a generator nor a file, or a setting that has no meaning here.
        FileError: the file cannot be read.
        DataError: what is in it cannot be used.
    """
    from rosenblatt.data import load

    if not source.data.strip():
        raise ConfigurationError("DATA needs the name of a generator or a file, got an empty text")
    if source.data in BUNDLED:
        return _read_bundled(source, task)
    if is_generator(source.data):
        if task == "regression":
            raise ConfigurationError(f"{source.data} makes classes, and a regression needs values")
        _refuse_file_settings(source, "a generator")
        return make_data(source.data, source.recipe, source.data_seed)
    if not is_there(source.data) and not Path(source.data).suffix:
        raise ConfigurationError(
            f'"{source.data}" is neither a file nor a generator; '
            f"the generators are {', '.join(GENERATORS)}, and sets that come with scikit-learn "
            f"{', '.join(BUNDLED)}{nearest(source.data, [*GENERATORS, *BUNDLED])}"
        )
    refuse_generator_settings(source)
    data = load(source.data, source.label, task=task, min_classes=min_classes, header=source.header)
    if task is None and _may_be_values(data):
        raise ConfigurationError(
            f"the labels of {source.data} are {data.n_classes} different whole numbers in "
            f"{len(data)} rows: say --task regression to predict values, or --task classification"
        )
    return data


def _read_bundled(source: DataOptions, task: Task | None) -> "Dataset":
    from rosenblatt.data import bundled

    kind = "a set that comes with scikit-learn"
    _refuse_file_settings(source, kind)
    refuse_generator_settings(source, kind)
    data = bundled(source.data)
    if task == "regression" and data.classes is not None:
        raise ConfigurationError(f"{source.data} has classes, and a regression needs values")
    if task == "classification" and data.classes is None:
        raise ConfigurationError(f"{source.data} has values to predict, and no classes")
    return data


def _refuse_file_settings(source: DataOptions, kind: str) -> None:
    for flag, value in (("--label", source.label), ("--header", source.header)):
        if value is not None:
            raise ConfigurationError(f"{flag} is for files, and {source.data} is {kind}")


def _may_be_values(data: "Dataset") -> bool:
    """Return whether classes look like measurements: many whole numbers, each of them rare.

    Up to 10 of them may be digits or grades, unless hardly one occurs twice.
    """
    classes = data.classes or ()
    numbers = all(isinstance(label, int) for label in classes)
    rows = 10 if len(classes) > 10 else 2
    return numbers and len(classes) > 4 and len(data) < rows * len(classes)


def is_name(name: str) -> bool:
    """Return whether DATA names a generator or a bundled set, and so is no file."""
    return is_generator(name) or name in BUNDLED


def is_generator(name: str) -> bool:
    """Return whether DATA names a generator; a file of the same name is written ./moons."""
    return name in GENERATORS


def refuse_generator_settings(source: DataOptions, kind: str = "a file's name") -> None:
    """Raise ConfigurationError if a generator's setting was given for something else."""
    seed = {} if source.data_seed is None else {"data_seed": source.data_seed}
    for name in source.recipe.given | seed:
        raise ConfigurationError(f"{as_flag(name)} is for generators, and {source.data} is {kind}")


def make_data(generator: str, recipe: GeneratorOptions, seed: int | None) -> "Dataset":
    """Return the data of a generator.

    Raises:
        ConfigurationError: no such generator, or a setting that it does not have or allow.
    """
    from rosenblatt.data import make

    settings: dict[str, Any] = {} if recipe.n is None else {"n": recipe.n}
    if is_generator(generator):
        for flag, value in GENERATOR_SETTINGS.given(recipe.settings).items():
            parameter = GENERATOR_SETTINGS.settings[flag].parameters.get(generator)
            if parameter is None:
                flags = ["n", *GENERATOR_SETTINGS.flags_of(generator)]
                raise ConfigurationError(
                    f"{as_flag(flag)} has no meaning for {generator}, which has "
                    f"{', '.join(map(as_flag, flags))}"
                )
            settings[parameter] = value
    return make(generator, seed=seed, **settings)
