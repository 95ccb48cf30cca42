import dataclasses
import inspect
import re
import subprocess
import sys

import pytest

from rosenblatt.settings import data_options, network_options, optimizer_options

REGISTRIES = {
    "train mlp": [
        network_options.ACTIVATION_SETTINGS,
        network_options.INITIALIZER_SETTINGS,
        network_options.LOSS_SETTINGS,
        optimizer_options.OPTIMIZER_SETTINGS,
        optimizer_options.SCHEDULE_SETTINGS,
    ],
    "data make": [data_options.GENERATOR_SETTINGS],
}
FILLED_IN = {"learning_rate", "start", "updates", "n", "n_per_class", "seed", "classes"}
"""Parameters that have a flag of their own, or that the command knows."""


@pytest.mark.parametrize("command", REGISTRIES)
def test_every_setting_of_every_entry_is_a_flag_with_an_explanation(run, command):
    words = " ".join(run(f"{command} --help").out.replace("│", " ").split())
    for settings in REGISTRIES[command]:
        for entry, make in settings.registry.items():
            parameters = set(inspect.signature(make).parameters) - FILLED_IN
            flags = settings.flags_of(entry)
            assert {settings.settings[flag].parameters[entry] for flag in flags} == parameters
            for flag in flags:
                explanation = settings.settings[flag].explanations[entry]
                assert " " in explanation.replace(" (default", "(default"), (entry, flag)
                assert f"--{flag.replace('_', '-')} " in words
                assert explanation.split(",")[0] in words


NEW = """
import dataclasses, sys
import numpy as np
from rosenblatt.cli import main
from rosenblatt.data import GENERATORS, Dataset
from rosenblatt.layers import ACTIVATIONS, ReLU
from rosenblatt.losses import LOSSES, SoftmaxCrossEntropy
from rosenblatt.optimizers import OPTIMIZERS, SCHEDULES, SGD
from rosenblatt.optimizers.schedules import Schedule

@dataclasses.dataclass(frozen=True)
class Halved(SGD):
    '''A step, halved.

    Args:
        divisor: what divides the step, above 0. No more of it.
        whole: a whole number.
    '''

    divisor: float = 2.0
    whole: int = 1

    def __post_init__(self):
        super().__post_init__()
        print("made", self.divisor, self.whole)

@dataclasses.dataclass(frozen=True)
class Zigzag(Schedule):
    '''Up and down.

    Args:
        period: updates of a period.
    '''

    start: float
    period: int

    def __call__(self, step):
        return self.start if step % self.period else self.start / 2

@dataclasses.dataclass(frozen=True)
class Gentle(ReLU):
    '''ReLU.

    Args:
        gentleness: from 0 to 1.
    '''

    gentleness: float = 0.5

def stripes(n: int = 100, seed: int = 0, stripes: int = 4) -> Dataset:
    '''Stripes.

    Args:
        n: samples.
        stripes: the number of stripes.
    '''
    X = np.random.default_rng(seed).uniform(size=(n, 2))
    y = (stripes * X[:, 0]).astype(int) % 2
    return Dataset(X, y, classes=(0, 1), recipe={"generator": "stripes", "stripes": stripes})

@dataclasses.dataclass(frozen=True)
class SoftLoss(SoftmaxCrossEntropy):
    '''Softmax and cross-entropy.

    Args:
        softness: any number.
    '''

    softness: float = 1.0

OPTIMIZERS.add(Halved)
SCHEDULES.add(Zigzag)
ACTIVATIONS.add(Gentle)
GENERATORS["stripes"] = stripes
LOSSES.add(SoftLoss)
sys.exit(main(sys.argv[1:]))
"""


def run_with_new_entries(command):
    words = [sys.executable, "-c", NEW, *command.split()]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
def test_new_entries_are_offered_with_their_settings(tmp_path):
    status, out, err = run_with_new_entries(f"data make stripes --stripes 6 --out {tmp_path}/s.csv")
    assert (status, err) == (0, "")
    assert "stripes(stripes=6): 100 rows" in out
    status, out, err = run_with_new_entries(
        "train mlp stripes --stripes 2 --optimizer halved --divisor 3 --whole 7 --schedule zigzag "
        "--period 2 --activation gentle --gentleness 0.25 --loss soft_loss --softness 2 --epochs 2 "
        "--quiet --engine reference"
    )
    assert (status, err) == (0, "")
    assert "made 3.0 7" in out
    assert re.search("model .*gentle, SoftLoss", out)
    _, out, _ = run_with_new_entries("train mlp --help")
    words = " ".join(out.replace("│", " ").split())
    assert "halved: what divides the step, above 0 (default 2)." in words
    assert "--stripes INT stripes: the number of stripes (default 4)." in words


@pytest.mark.slow
def test_settings_of_new_entries_are_checked():
    status, _, err = run_with_new_entries("train mlp moons --divisor 3")
    assert status == 2
    assert "--divisor has no meaning for --optimizer sgd; it belongs to --optimizer halved" in err
    status, _, err = run_with_new_entries("train mlp moons --schedule zigzag")
    assert status == 2
    assert "--schedule zigzag needs --period: updates of a period" in err


def test_a_setting_of_an_activation_reaches_every_hidden_layer():
    options = network_options.NetworkOptions(hidden=(3, 3), activation="leaky_relu")
    settings = dataclasses.replace(options.activation_settings, slope=0.2)
    options = dataclasses.replace(options, activation_settings=settings)
    data = data_options.read_source(data_options.DataOptions("moons"))
    network, _ = network_options.build_network(options, data)
    assert [layer.slope for layer in network.layers if hasattr(layer, "slope")] == [0.2, 0.2]


@pytest.mark.parametrize(
    ("flag", "loss"),
    [
        ("squared_error", "HalfSquaredError"),
        ("mse", "MeanSquaredError"),
        ("Mean-Squared-Error", "MeanSquaredError"),
    ],
)
def test_a_name_may_be_an_alias_in_any_spelling(run, here, flag, loss):
    (here / "line.csv").write_text("x,y\n" + "".join(f"{i / 9},{i / 3}\n" for i in range(40)))
    command = "train mlp line.csv --task regression --epochs 1 --json --init xavier"
    assert f'"loss": "{loss}"' in run(f"{command} --loss {flag}").out
    (here / "c.toml").write_text(f'loss = "{flag}"')
    assert f'"loss": "{loss}"' in run(f"{command} --config c.toml").out


def test_a_schedule_that_the_command_builds_itself_is_no_choice(refused):
    assert '"linear_warmup"' in refused("train mlp moons --schedule linear_warmup")
