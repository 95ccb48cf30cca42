"""The benchmark's command: ``python -m benchmarks --out benchmarks``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.contenders import CONTENDERS
from benchmarks.markdown import other_lines, table_of_contenders
from benchmarks.result_files import check_folder, write_results
from benchmarks.results import Results
from benchmarks.suite import run_bench
from benchmarks.works import find_rows
from rosenblatt.cli.printing import emit, table
from rosenblatt.errors import ConfigurationError, RosenblattError
from rosenblatt.limits import repeated
from rosenblatt.progress_bar import Bar


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what the arguments ask for, and return the exit status."""
    options = _parser().parse_args(argv)
    try:
        _measure(options)
    except RosenblattError as error:
        print(f"benchmarks: error: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("benchmarks: interrupted", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure this engine next to scikit-learn, PyTorch and JAX, on the same work. "
        "The contenders of a row take turns, each in a process of its own; the weights that each "
        "ends with are compared with the reference engine's. PyTorch and JAX take part where they "
        "are installed: pip install 'rosenblatt[bench]'. All rows take about half an hour.",
        epilog=f"rows: {', '.join(find_rows(None))}. contenders: {', '.join(CONTENDERS)}",
    )
    parser.add_argument(
        "--only",
        metavar="ROW",
        action="append",
        default=[],
        help="a row to measure, such as one-b1 (repeat it, or one-b1,one-b10); all by default",
    )
    parser.add_argument(
        "--without",
        metavar="CONTENDER",
        action="append",
        default=[],
        help="a contender to leave out, such as pytorch-compiled, which needs a minute per row",
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="the folder to write RESULTS.md, results.json and figures to; by default none",
    )
    parser.add_argument(
        "--quick", action="store_true", help="measure only enough to show that everything runs"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    return parser


def _measure(options: argparse.Namespace) -> None:
    """Measure with a progress bar, write the files after each row, and print the table."""
    only, without = _names("--only", options.only) or None, _names("--without", options.without)
    rows = len(find_rows(only))
    files: list[Path] = []

    def write(results: Results) -> None:
        if options.out is not None:
            files[:] = write_results(results, options.out)

    if options.out is not None:
        check_folder(options.out)
    with Bar(rows, lambda done: f"row {done + 1:.0f}/{rows}", quiet=options.quiet) as bar:
        results = run_bench(
            only, without=without, quick=options.quick, on_progress=bar.show, on_row=write
        )
    measured = {"command": "benchmarks", **results.as_json(), "files": files}
    lines = table(*table_of_contenders(results), left=2) if results.rows else []
    emit(measured, [*lines, *other_lines(results)], as_json=options.json)


def _names(flag: str, values: Sequence[str]) -> tuple[str, ...]:
    """Return the names in the values of a flag, each of which may hold several: "a,b".

    Raises:
        ConfigurationError: a value is empty, or a name occurs twice.
    """
    names = tuple(name.strip() for value in values for name in value.split(","))
    if not all(names):
        raise ConfigurationError(f"{flag} needs a name")
    twice = repeated(names)
    if twice is not None:
        raise ConfigurationError(f'{flag}: "{twice}" is named twice')
    return names


if __name__ == "__main__":
    sys.exit(main())
