"""Running of results, and writing of their pages: a folder each, and an index of all."""

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError
from rosenblatt.experiments.runner import run_all
from rosenblatt.files import atomic_write
from rosenblatt.report.files import files_of, make_folders
from rosenblatt.report.parts import Results
from rosenblatt.reproductions.base import Reproduction
from rosenblatt.reproductions.catalogue import NAMES, find
from rosenblatt.reproductions.index import render_index
from rosenblatt.reproductions.page import render_result
from rosenblatt.reproductions.record import make_record

Progress = Callable[[str, float], None]
"""Called with the name of a result and the fraction of all work that is done."""


@dataclass(frozen=True)
class Reproduced:
    """What was computed and where it stands.

    Attributes:
        out: the folder.
        page: the index in it.
        names: the results that were computed, in the order of the catalogue.
        verdicts: of each of these, how many of its claims have which verdict.
        seconds: from start to end.
    """

    out: Path
    page: Path
    names: tuple[str, ...]
    verdicts: dict[str, dict[str, int]]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return everything as values that JSON knows."""
        return asdict(self) | {"out": str(self.out), "page": str(self.page)}


def reproduce(
    names: Sequence[str] | None = None,
    out: str | os.PathLike[str] = "reproductions",
    *,
    seeds: int | None = None,
    full: bool = False,
    jobs: int = -1,
    dask: str | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
) -> Reproduced:
    """Compute known results again, and write a page about each, and an index.

    What the tasks return is kept in the folder ``cache`` of each result as soon as it is there, so
    that a run that was interrupted continues where it stopped. The page of a result is written when
    it is computed, before the next one begins.

    Args:
        names: which, such as "xor"; None for all. Pages of others in ``out`` stay, and the index
            lists them, too.
        out: the folder; made if it is missing.
        seeds: runs for each setting, at least 1; None for the number that each result has.
        full: with the sizes of the source, where those by default are smaller; a page says how
            long that takes.
        jobs: processes, at most one per core, which is what -1 means. No result depends on it.
        dask: the address of a Dask scheduler, whose workers then compute.
        fresh: compute everything again, and replace what is kept.
        progress: called before anything is computed, and after each piece of work.

    Raises:
        ConfigurationError: an unknown name, fewer than one seed, no such cluster.
        FileError: ``out`` cannot be written.
    """
    started = time.perf_counter()
    chosen = _chosen(names)
    if seeds is not None:
        seeds = whole_number(seeds, "seeds", at_least=1)
    out = Path(out)
    for result in chosen:
        make_folders(out / result.name)
    verdicts: dict[str, dict[str, int]] = {}
    for place, result in enumerate(chosen):
        own_seeds = result.seeds if seeds is None else seeds
        results = run_all(
            [result.chosen(full=full)],
            (result.module,),
            seeds=own_seeds,
            jobs=jobs,
            cache=out / result.name / "cache",
            are_all=True,
            fresh=fresh,
            dask=dask,
            on_progress=_part_of(progress, place, len(chosen)),
        )
        record = write_result(result, results, out, seeds=own_seeds, full=full)
        verdicts[result.name] = record["verdicts"]
    return Reproduced(
        out=out,
        page=out / "index.html",
        names=tuple(verdicts),
        verdicts=verdicts,
        seconds=time.perf_counter() - started,
    )


def write_result(
    result: Reproduction, results: Results, out: Path, *, seeds: int, full: bool = False
) -> dict[str, Any]:
    """Write the page of a result from rows at hand, and the index; return its record."""
    make_folders(out / result.name)
    contents = files_of(results, result.contents)
    record = make_record(result, results, seeds=seeds, full=full)
    contents["results.json"] = (
        json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    ).encode()
    # Last, so that the page never refers to files that are not there yet.
    contents["index.html"] = render_result(result, results, record).encode()
    for name, content in contents.items():
        with atomic_write(out / result.name / name) as file:
            file.write(content)
    with atomic_write(out / "index.html") as file:
        file.write(render_index(out).encode())
    return record


def _chosen(names: Sequence[str] | None) -> list[Reproduction]:
    """Return the results asked for, each once, in the order of the catalogue."""
    if names is None:
        return [find(name) for name in NAMES]
    wanted = {result.name: result for result in map(find, names)}
    if not wanted:
        raise ConfigurationError(f"no result chosen: name some of {', '.join(NAMES)}")
    return [wanted[name] for name in NAMES if name in wanted]


def _part_of(progress: Progress | None, place: int, n: int) -> Progress | None:
    """Return the progress of one result out of n as progress of all."""
    if progress is None:
        return None
    return lambda name, done: progress(name, (place + done) / n)
