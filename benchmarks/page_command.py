"""Commands that write one page, such as ``python -m benchmarks.sweeps --out benchmarks``."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.result_files import check_folder
from rosenblatt.errors import RosenblattError
from rosenblatt.files import atomic_write


def page_parser(name: str, page: str, only: str, turns: int) -> argparse.ArgumentParser:
    """Return the parser of the options that all these commands have.

    Args:
        name: of the module, such as "sweeps".
        page: the name of its file.
        only: what ``--only`` takes.
        turns: how often each figure is measured where nothing else is said.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}", description=f"Measure, and write {page}."
    )
    parser.add_argument("--only", default="", help=only)
    parser.add_argument("--turns", type=int, default=turns, help="how often each is measured")
    parser.add_argument("--quick", action="store_true", help="only show that everything runs")
    parser.add_argument("--out", type=Path, help=f"the folder to write {page} to")
    return parser


def run_page_command(
    name: str, page: str, options: argparse.Namespace, measure: Callable[[], str]
) -> int:
    """Measure, print the page, write it where it is wanted, and return the exit status.

    Args:
        name: of the module.
        page: the name of its file.
        options: of the command line.
        measure: returns the page's text.
    """
    try:
        if options.out is not None:
            check_folder(options.out)
        text = measure()
    except RosenblattError as error:
        print(f"benchmarks.{name}: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"benchmarks.{name}: interrupted", file=sys.stderr)
        return 130
    print(text)
    if options.out is not None:
        with atomic_write(options.out / page) as file:
            file.write(text.encode())
    return 0
