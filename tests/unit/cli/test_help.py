import re
import subprocess
import sys
from typing import Literal, get_args, get_origin

import pytest

import rosenblatt
from rosenblatt.cli import train_commands
from rosenblatt.data import GENERATORS
from rosenblatt.layers import ACTIVATIONS, INITIALIZERS
from rosenblatt.losses import LOSSES
from rosenblatt.models.perceptron import RULES, WEIGHTS
from rosenblatt.optimizers import OPTIMIZERS, SCHEDULES
from rosenblatt.runs import COLUMNS
from rosenblatt.settings import network_options, optimizer_options

COMMANDS = (
    "report",
    "train perceptron",
    "train mlp",
    "predict",
    "data make",
    "data show",
    "runs list",
    "runs show",
    "runs compare",
    "runs resume",
    "runs fork",
    "runs rm",
    "gradcheck",
    "check",
    "studio",
    "sweep resume",
    "sweep show",
    "sweep map",
    "sweep curves",
    "sweep parallel",
    "--install-completion",
)
HEAVY = (
    "numpy",
    "llvmlite",
    "matplotlib",
    "sklearn",
    "scipy",
    "pyarrow",
    "pydantic",
    "safetensors",
    "jinja2",
)


WITH_OPTIONS_OF_REGISTRIES = ("train perceptron", "train mlp", "predict", "data make", "data show")
"""Commands whose flags follow from layers, losses, optimizers or generators, which need NumPy."""


@pytest.mark.slow
def test_help_loads_nothing_heavy():
    others = [command for command in COMMANDS if command not in WITH_OPTIONS_OF_REGISTRIES]
    code = (
        "import sys\n"
        "from rosenblatt.cli import main\n"
        f"commands = {['', 'train', 'data', 'runs', *others, *WITH_OPTIONS_OF_REGISTRIES]!r}\n"
        "for command in commands:\n"
        "    assert main([*command.split(), '--help']) == 0\n"
        f"    loaded = {{name for name in {HEAVY!r} if name in sys.modules}}\n"
        f"    if command in {WITH_OPTIONS_OF_REGISTRIES!r}:\n"
        "        loaded.discard('numpy')\n"
        "    assert not loaded, (command, loaded)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.count("Usage: rosenblatt") == 4 + len(COMMANDS)


def test_the_list_of_commands_has_a_line_for_each(run):
    words = " ".join(run("--help").out.split())
    assert "Run the experiments and write the report" in words
    assert "Compare the gradients" in words
    assert "Predict with a saved model" in words
    assert "Rosenblatt's perceptron" in run("train --help").out
    assert "Write a generator's data" in run("data --help").out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_setting_is_explained(run, command):
    out = run(f"{command} --help").out
    # Deeper lines go on with the explanation of the flag above them.
    flags = [line for line in out.splitlines() if line.startswith("│") and line[1:6].strip()]
    assert flags
    assert not [line for line in flags if len(line.strip("│ ").split("  ")) < 2]


def test_version(run):
    assert run("--version") == (0, f"rosenblatt {rosenblatt.__version__}\n", "")


def test_nothing_is_the_same_as_help(run):
    assert run("").out == run("--help").out


def names_of(flag_type):
    literal, _ = get_args(flag_type)
    return set(get_args(literal))


def test_choices_are_those_of_the_library():
    one_or_several, _ = get_args(network_options.ActivationName)
    for choice in get_args(one_or_several):
        literal = choice if get_origin(choice) is Literal else get_args(choice)[0]
        assert set(get_args(literal)) == set(ACTIVATIONS)
    assert names_of(network_options.InitializerName) == set(INITIALIZERS)
    assert names_of(optimizer_options.OptimizerName) == set(OPTIMIZERS)
    assert names_of(optimizer_options.ScheduleName) == set(SCHEDULES) - {"linear_warmup"}
    losses = {name.replace("_", "") for name in names_of(network_options.LossName)}
    assert losses == {name.lower() for name in LOSSES} - {"perceptroncriterion"}
    fields = train_commands.PerceptronOptions.__dataclass_fields__
    assert get_args(fields["rule"].type) == RULES
    assert get_args(fields["weights"].type) == WEIGHTS


def test_the_columns_of_a_listing_are_named(run):
    words = re.findall(r"\w+", run("runs list --help").out)
    assert [name for name in COLUMNS if name not in words] == []


def test_every_generator_is_named(run):
    words = run("train mlp --help").out
    assert [name for name in GENERATORS if name not in words] == []


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("trian", 'unknown command "trian", .* did you mean "train"\\?$'),
        ("train mpl moons", 'did you mean "mlp"\\?$'),
        ("train mlp moons --hiden 2", 'unknown option --hiden; did you mean "--hidden"\\?$'),
        ("train mlp moons --hiden=2", 'unknown option --hiden; did you mean "--hidden"\\?$'),
        ("train mlp", 'DATA is missing; see "rosenblatt train mlp --help"$'),
        ("train mlp moons circles", 'unexpected "circles"; see "rosenblatt train mlp --help"$'),
        ("train mlp moons --epochs", "--epochs needs a value"),
        ("train mlp moons --epochs ten", '--epochs: "ten" is not a whole number'),
        ("train mlp moons --hidden 20,x", '--hidden: "20,x" is not a list such as 20,10'),
        ("train mlp moons --optimizer adan", 'Did you mean "adam"\\?$'),
        ("train mlp moons --epochs 1 --epochs 2", "--epochs"),
        ("predict", "MODEL is missing"),
        ("data make moons", "--out is missing"),
        ("train mlp moons --lr 3", 'unknown option --lr; see "rosenblatt train mlp --help"$'),
    ],
)
def test_a_command_line_that_makes_no_sense_is_explained_in_one_line(refused, command, message):
    assert re.search(message, refused(command).strip())


def test_completion_is_written_where_it_is_asked_for(run, here):
    answer = run("--install-completion --shell bash --output here.bash")
    assert answer.status == 0
    assert "perceptron" in (here / "here.bash").read_text()


def test_completion_that_cannot_be_written_is_refused(refused, here):
    (here / "file").touch()
    refused("--install-completion --shell bash --output file/here.bash")
