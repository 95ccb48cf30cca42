"""The folder of a sweep: what it is, and results as they come."""

import hashlib
import json
import os
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rosenblatt.errors import ConfigurationError, FileError, RosenblattError, given
from rosenblatt.files import atomic_write, is_folder, is_there
from rosenblatt.sweeps.chunks import Measured
from rosenblatt.sweeps.halving import Halved, halve, plan_from
from rosenblatt.sweeps.networks import KEY_BYTES, Networks, key_at
from rosenblatt.sweeps.table import SweepTable
from rosenblatt.training.storage.config import Made, changes_since, made_now

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST, NETWORKS, PARTS, BASE, LOCK = "sweep.json", "networks.parquet", "parts", "base", "lock"
POSITIONS = "positions"
"""Positions of networks between the rungs of a halving; removed at its end."""
MOST_BYTES = 1 << 28
"""Of the file of settings. A larger one is refused before it is read."""
PATIENCE = 1.0
"""Seconds to wait for a process that tests the lock."""
_LEFT_BEHIND = re.compile(r"\..*\.[0-9a-f]{12}\.tmp")
_PART = re.compile(r"[0-9a-f]{32}\.parquet")


class Arguments(BaseModel):
    """The arguments that the networks of a folder follow from, besides their base.

    Attributes:
        over: the settings with their values, or the cells.
        seeds: those of each cell.
        measure: the measures by name.
        functions: the measures that are functions of a user's own, by name.
        eval_every: epochs between evaluations.
        paired: whether networks of one seed have the same random streams.
        engine: "auto", or the name of one.
        halving: the settings and rungs of a halving.
        sampler: who chose the cells.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    over: Any
    seeds: list[int] = Field(min_length=1)
    measure: list[str]
    functions: list[str]
    eval_every: int
    paired: bool
    engine: str
    halving: dict[str, Any] | None = None
    sampler: str | None = None


class Manifest(BaseModel):
    """What a folder's sweep is.

    Attributes:
        format_version: of the folder.
        made: the versions and the processor at the start.
        base: what all networks have in common, each part as text or a number.
        call: the arguments that the networks follow from.
        settings: the settings of a sweep over a file, else None.
        names: the settings that the sweep goes over.
        measures: the columns of results.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    format_version: Literal[1]
    made: Made
    base: dict[str, Any]
    call: Arguments
    settings: dict[str, Any] | None
    names: list[str]
    measures: list[str]


@dataclass(frozen=True)
class SweepFolder:
    """The folder of a sweep."""

    path: Path

    @property
    def exists(self) -> bool:
        """Whether there is a sweep in it."""
        manifest = self.path / MANIFEST
        return is_there(manifest) and not is_folder(manifest)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder's lock, which the system releases if this process dies.

        Raises:
            FileError: another process computes this sweep, or the folder cannot be written.
        """
        try:
            (self.path / PARTS).mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path / LOCK, timeout=PATIENCE)
            lock.acquire(poll_interval=PATIENCE / 10)
        except Timeout as error:
            raise FileError(
                f"the sweep in {self.path} is being computed by another process; wait for its end, "
                "or end it"
            ) from error
        except OSError as error:
            raise FileError(f"cannot write {self.path}: {error.strerror or error}") from error
        try:
            self._remove_left_behind()
            yield
        finally:
            lock.release()

    def read_manifest(self) -> Manifest:
        """Return what the sweep is.

        Raises:
            FileError: there is no sweep in the folder, or its file is damaged.
        """
        path = self.path / MANIFEST
        if not self.exists:
            raise FileError(f"there is no sweep in {self.path}: it has no {MANIFEST}")
        try:
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
            if len(content) > MOST_BYTES:
                raise FileError(f"{path} is larger than the settings of a sweep can be")
            return Manifest(**json.loads(content))
        except OSError as error:
            raise FileError(f"cannot read {path}: {error.strerror or error}") from error
        except (ValueError, TypeError, RecursionError) as error:
            reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
            raise FileError(f"{path} is damaged: {reason}") from error

    def begin(
        self,
        networks: Networks,
        call: Mapping[str, Any],
        settings: Mapping[str, Any] | None,
    ) -> None:
        """Write what the sweep is, or check that it is the folder's, perhaps with other values.

        Raises:
            FileError: the folder has another sweep, or cannot be written.
            ConfigurationError: a part whose description changes from process to process.
        """
        base = _base_of(networks, settings)
        for name, value in base.items():
            if re.search(r" at 0x[0-9a-f]+", str(value)):
                raise ConfigurationError(
                    f"a folder needs a {name} that can be told from others, and {given(value)} "
                    "does not say what it is; make its class a dataclass"
                )
        made = made_now() | {"at": ""}
        if self.exists:
            before = self.read_manifest()
            for name, value in base.items():
                if before.base.get(name) != value:
                    raise FileError(
                        f"{self.path} has another sweep, whose {name} is "
                        f"{given(before.base.get(name))} and not {given(value)}; take another "
                        "folder"
                    )
            if changed := changes_since(before.made):
                warnings.warn(
                    f"since the sweep in {self.path} began, {'; '.join(changed)}: the last bits of "
                    "its results may differ",
                    stacklevel=4,
                )
            made = before.made.model_dump()
        elif other := [name for name in self._entries() if name not in (PARTS, LOCK)]:
            raise FileError(
                f"{self.path} is no folder of a sweep, and not empty ({other[0]}); take another"
            )
        manifest = {
            "format_version": 1,
            "made": made,
            "base": base,
            "call": dict(call),
            "settings": None if settings is None else dict(settings),
            "names": list(networks.grid.names),
            "measures": [measure.name for measure in networks.measures],
        }
        self._write_networks(networks)
        with atomic_write(self.path / MANIFEST) as file:
            file.write(json.dumps(manifest, indent=1).encode())

    def _write_networks(self, networks: Networks) -> None:
        import pyarrow as pa

        columns: dict[str, Any] = {"key": pa.array(networks.keys, type=pa.binary(KEY_BYTES))}
        for name, values in networks.settings_columns().items():
            kind = pa.uint64() if name in ("seed", "run_seed") else None
            columns[name] = pa.array(values, type=kind)
        with atomic_write(self.path / NETWORKS) as file:
            _write(pa.table(columns), file)

    def write_part(self, keys: Sequence[bytes], measured: Measured, names: Sequence[str]) -> None:
        """Write results of networks; the name of the file follows from their keys.

        Raises:
            FileError: it cannot be written.
        """
        import pyarrow as pa

        diverged, columns = measured
        table = pa.table(
            {
                "key": pa.array(keys, type=pa.binary(KEY_BYTES)),
                "diverged": pa.array(diverged),
                **{name: pa.array(columns[name], type=pa.float64()) for name in names},
            }
        )
        name = hashlib.blake2b(b"".join(keys), digest_size=16).hexdigest()
        with atomic_write(self.path / PARTS / f"{name}.parquet") as file:
            _write(table, file)

    def results(
        self, keys: Sequence[bytes], names: Sequence[str]
    ) -> tuple[npt.NDArray[np.bool_], Measured]:
        """Return which networks have results, whether they diverged, and their measures.

        A file that is damaged counts as missing, with a warning.
        """
        places = {key: i for i, key in enumerate(keys)}
        known = np.zeros(len(keys), bool)
        diverged = np.zeros(len(keys), bool)
        measured = {name: np.full(len(keys), np.nan) for name in names}
        for path in self._parts():
            table = self._read_part(path, names)
            if table is None:
                continue
            found = [places.get(key, -1) for key in table["key"].to_pylist()]
            at = np.array(found, dtype=np.int64)
            has = at >= 0
            known[at[has]] = True
            # to_numpy would load pandas.
            diverged[at[has]] = np.array(table["diverged"].to_pylist(), bool)[has]
            for name in names:
                measured[name][at[has]] = np.array(table[name].to_pylist(), np.float64)[has]
        # Cells that say the same in different words have one key.
        last = np.array([places[key] for key in keys], dtype=np.int64)
        columns = {name: column[last] for name, column in measured.items()}
        return known[last], (diverged[last], columns)

    def _read_part(self, path: Path, names: Sequence[str]) -> "pa.Table | None":
        """Return a file of results, or None: of other measures, or damaged."""
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile

        try:
            with ParquetFile(path, page_checksum_verification=True) as file:
                schema = file.schema_arrow
                wanted = {"key": pa.binary(KEY_BYTES), "diverged": pa.bool_()}
                wanted |= {name: pa.float64() for name in names}
                if any(name not in schema.names for name in names):
                    return None
                _check_types(schema, wanted)
                table = file.read(list(wanted), use_threads=False)
                _check_filled(table)
                return table
        except (pa.ArrowException, OSError, ValueError, KeyError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            warnings.warn(
                f"{path} is damaged ({reason}): its networks count as missing", stacklevel=4
            )
            return None

    def read_table(self) -> SweepTable:
        """Return all networks with the results that there are.

        Raises:
            FileError: there is no sweep in the folder, or its files are damaged.
        """
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile

        manifest = self.read_manifest()
        path = self.path / NETWORKS
        try:
            # read_table would load pandas.
            with ParquetFile(path, page_checksum_verification=True) as file:
                columns = file.read().to_pydict()
            keys = columns.pop("key")
            settings = {name: columns[name] for name in manifest.names}
            settings["seed"] = columns["seed"]
            if "run_seed" in columns:
                settings["run_seed"] = columns["run_seed"]
        except (pa.ArrowException, OSError, ValueError, KeyError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise FileError(f"{path} cannot be read: {reason}") from error
        if manifest.call.halving is not None:
            halved = self._halved(manifest, keys)
            return SweepTable(
                settings,
                manifest.names,
                *halved.measured,
                halved.computed,
                halved.epochs,
                halved.all_epochs,
            )
        known, (diverged, measured) = self.results(keys, manifest.measures)
        return SweepTable(settings, manifest.names, diverged, measured, known)

    def _halved(self, manifest: Manifest, keys: Sequence[bytes]) -> Halved:
        """Return how far the halving of cells has come, and the results that there are."""
        try:
            plan = plan_from(manifest.call.halving, manifest.measures)
            n_seeds = len(manifest.call.seeds)
            if len(keys) % n_seeds:
                raise ConfigurationError("its seeds do not fit its networks")
        except RosenblattError as error:
            raise FileError(f"{self.path / MANIFEST} is damaged: {error}") from error

        def results(
            wanted: npt.NDArray[np.int64], epochs: int
        ) -> tuple[npt.NDArray[np.bool_], Measured]:
            at_rung = [key_at(key, epochs, plan.rungs[-1]) for key in keys]
            return self.results(at_rung, manifest.measures)

        return halve(plan, len(keys), n_seeds, results, manifest.measures)

    def _parts(self) -> list[Path]:
        folder = self.path / PARTS
        try:
            names = sorted(entry.name for entry in os.scandir(folder) if entry.is_file())
        except OSError:
            return []
        return [folder / name for name in names if _PART.fullmatch(name)]

    def _entries(self) -> list[str]:
        try:
            return sorted(entry.name for entry in os.scandir(self.path))
        except OSError:
            return []

    def _remove_left_behind(self) -> None:
        """Remove temporary files of a process that was killed while it wrote."""
        for folder in (self.path, self.path / PARTS):
            with suppress(OSError):
                for entry in os.scandir(folder):
                    if _LEFT_BEHIND.fullmatch(entry.name):
                        Path(entry.path).unlink()


def read_sweep(folder: str | os.PathLike[str]) -> SweepTable:
    """Return the table of the sweep in a folder, as far as it is computed, without training.

    Raises:
        FileError: there is no sweep in the folder, or its files are damaged.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> model, data = rb.MLP(2, [4], 2), rb.data.moons(40, seed=0)
    >>> rates = {"learning_rate": [0.01, 0.1]}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sweep = rb.sweep(model, data, epochs=3, over=rates, folder=folder)
    ...     len(rb.sweeps.read_sweep(folder)) == len(sweep)
    True
    """
    return SweepFolder(Path(folder)).read_table()


@dataclass
class PartWriter:
    """Writes results as they come; what cannot be written is tried again at the end.

    Attributes:
        folder: where.
        networks: all networks of the sweep.
        epochs: those after which the results are; None for all the epochs of each.
        unsaved: results that could not be written.
    """

    folder: SweepFolder
    networks: Networks
    epochs: int | None = None
    unsaved: list[tuple[Sequence[int], Measured]] = field(default_factory=list)

    def keep(self, some: Sequence[int], measured: Measured) -> None:
        """Write the results of some networks; where the disk is full, warn once and go on."""
        try:
            self._write(some, measured)
        except FileError as error:
            if not self.unsaved:
                warnings.warn(
                    f"results were not written: {error}; the sweep goes on, and tries again at its "
                    "end",
                    stacklevel=4,
                )
            self.unsaved.append((some, measured))

    def end(self) -> None:
        """Try once more what could not be written."""
        waiting, self.unsaved = self.unsaved, []
        for some, measured in waiting:
            try:
                self._write(some, measured)
            except FileError:
                self.unsaved.append((some, measured))
        if self.unsaved:
            count = sum(len(some) for some, _ in self.unsaved)
            warnings.warn(
                f"the results of {count} networks are not in {self.folder.path}, which could not "
                "be written; the same call computes them again",
                stacklevel=4,
            )

    def _write(self, some: Sequence[int], measured: Measured) -> None:
        networks = self.networks
        keys = [
            networks.keys[i] if self.epochs is None else networks.key_after(i, self.epochs)
            for i in some
        ]
        names = [measure.name for measure in self.networks.measures]
        self.folder.write_part(keys, measured, names)


def _check_types(schema: "pa.Schema", wanted: Mapping[str, "pa.DataType"]) -> None:
    if any(schema.field(name).type != kind for name, kind in wanted.items()):
        raise ValueError("it has columns of other types")


def _check_filled(table: "pa.Table") -> None:
    if any(column.null_count for column in table.columns):
        raise ValueError("it has empty cells")


def _write(table: "pa.Table", file: Any) -> None:
    from pyarrow.parquet import write_table

    write_table(table, file, use_dictionary=False, write_page_checksum=True)


def _base_of(networks: Networks, settings: Mapping[str, Any] | None) -> dict[str, Any]:
    base, sets = networks.base, networks.base.sets
    return {
        "model": repr(base.model) if not base.model.layers else _described(base.model),
        "loss": repr(base.loss),
        "optimizer": repr(base.optimizer),
        "epochs": base.epochs,
        "batch_size": base.batch_size,
        "shuffle": bool(base.shuffle),
        "dtype": base.dtype,
        "training set": sets.train.content_hash,
        "test set": None if sets.test is None else sets.test.content_hash,
        "validation set": None if sets.validation is None else sets.validation.content_hash,
        "pairing": networks.paired,
    }


def _described(model: Any) -> str:
    return f"{type(model).__name__} {model.layers!r}"
