"""Flags of the scripts in this folder, as the source report spells them.

The report prints ``-dnn_hidden_units 20`` with one dash; both spellings are understood. Nothing
is ignored: a flag that no script has, or one that would not change anything, is an error.
"""

import argparse
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from rosenblatt.cli.usage_errors import nearest_flag
from rosenblatt.errors import ConfigurationError


@dataclass(frozen=True)
class Flags:
    """The flags of a training script.

    Attributes:
        dnn_hidden_units: the width of each hidden layer.
        learning_rate: η.
        max_steps: epochs.
        eval_freq: epochs between evaluations.
        seed: of the initial weights and of the order of each epoch.
        batch_size: samples per update; None is the full batch.
    """

    dnn_hidden_units: tuple[int, ...]
    learning_rate: float
    max_steps: int
    eval_freq: int
    seed: int
    batch_size: int | None = None


def parse_flags(arguments: Sequence[str], description: str, *, with_sgd: bool = False) -> Flags:
    """Return the flags of a script that trains an MLP.

    Args:
        arguments: what followed the script's name.
        description: what ``--help`` says the script does.
        with_sgd: whether the script has ``--sgd`` and ``--batch_size``.

    Raises:
        ConfigurationError: an unknown flag, a value that cannot work, or ``--batch_size`` without
            ``--sgd``.

    >>> parse_flags(["-dnn_hidden_units", "20,10"], "Train.").dnn_hidden_units
    (20, 10)
    """
    parser = _Parser(description)
    parser.add("--dnn_hidden_units", _widths, (20,), "widths of the hidden layers: 20, or 20,10")
    parser.add("--learning_rate", _positive_number, 0.01, "length of a step; default 0.01")
    parser.add("--max_steps", _whole_number(1), 1500, "epochs to train; default 1500")
    parser.add("--eval_freq", _whole_number(1), 10, "epochs between evaluations; default 10")
    parser.add("--seed", _whole_number(0, 2**32 - 1), 42, "of weights and orders; default 42")
    if with_sgd:
        full_batch = "update after each batch; without it, once per epoch, on all samples"
        parser.add_argument("--sgd", action="store_true", help=full_batch)
        parser.add("--batch_size", _whole_number(1), None, "samples per --sgd update; default 1")
    given = vars(parser.parse(arguments))
    sgd, batch_size = given.pop("sgd", False), given.pop("batch_size", None)
    if batch_size is not None and not sgd:
        raise ConfigurationError(
            f"--batch_size {batch_size} has no effect without --sgd: add --sgd, or leave it out to "
            "train on the full batch"
        )
    return Flags(**given, batch_size=(batch_size or 1) if sgd else None)


def parse_no_flags(arguments: Sequence[str], description: str) -> None:
    """Refuse everything but ``--help``: for the scripts that take no flags.

    Raises:
        ConfigurationError: there was an argument.
    """
    _Parser(description).parse(arguments)


class _Parser(argparse.ArgumentParser):
    """A parser that takes one dash for two, and whose errors are ConfigurationErrors."""

    def __init__(self, description: str) -> None:
        super().__init__(description=description, allow_abbrev=False)

    def add(
        self, flag: str, parse: Callable[[str], object], default: object, explanation: str
    ) -> None:
        self.add_argument(flag, type=parse, default=default, metavar="VALUE", help=explanation)

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        # argparse would abbreviate and cluster flags with one dash, so they get their second here.
        given, unknown = self.parse_known_args(
            [re.sub(r"^-(?=[A-Za-z]{2})", "--", argument) for argument in arguments]
        )
        if unknown:
            self._refuse(unknown[0])
        return given

    def error(self, message: str) -> NoReturn:
        raise ConfigurationError(message.removeprefix("argument "))

    def _refuse(self, argument: str) -> NoReturn:
        known = [flag for flag in self._option_string_actions if flag.startswith("--")]
        if not argument.startswith("-"):
            raise ConfigurationError(f'unexpected "{argument}": it belongs to no flag; try --help')
        flag = argument.partition("=")[0]
        if flag in ("--sgd", "--batch_size"):
            raise ConfigurationError(
                f"unknown flag {flag}: this script trains on the full batch, that of part3 has it"
            )
        hint = nearest_flag(flag, known) or f"; the flags are {', '.join(known)}"
        raise ConfigurationError(f"unknown flag {flag}{hint}")


def _whole_number(low: int, high: int | None = None) -> Callable[[str], int]:
    expected = f"a whole number of at least {low}" if high is None else f"from {low} to {high}"

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]+", text) or not low <= int(text) <= (high or math.inf):
            raise argparse.ArgumentTypeError(f'must be {expected}, got "{text}"')
        return int(text)

    return parse


def _positive_number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise argparse.ArgumentTypeError(f'must be a number above 0, got "{text}"')
    return number


def _widths(text: str) -> tuple[int, ...]:
    if not re.fullmatch(r"[1-9][0-9]{0,5}(,[1-9][0-9]{0,5})*", text):
        raise argparse.ArgumentTypeError(
            f'must be whole numbers from 1 to 999999, with commas, such as 20,10; got "{text}"'
        )
    return tuple(int(width) for width in text.split(","))
