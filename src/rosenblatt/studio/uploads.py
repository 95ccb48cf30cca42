"""Files that pages have sent: kept in a temporary folder, read by the readers of the package."""

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rosenblatt.data import Dataset, columns, save
from rosenblatt.data.readers import READERS
from rosenblatt.errors import ConfigurationError, FileError, RosenblattError
from rosenblatt.limits import show_bytes
from rosenblatt.settings import TrainMLPOptions, read_data
from rosenblatt.settings.preparation import UPLOAD

MOST_FILES = 20
"""The number of files of a session; the oldest is dropped for another."""
MOST_BYTES = 1 << 31
"""The size of a file."""
MOST_COLUMNS_TOLD = 1000
"""The number of columns whose names the page gets."""
FREE_DISK = 1 << 28
"""Bytes of the disk that stay free."""


@dataclass(frozen=True)
class Upload:
    """A file with the name that its sender gave it."""

    name: str
    path: Path
    columns: tuple[str, ...]
    size: int

    @property
    def about(self) -> dict[str, Any]:
        """The description for the page."""
        return {
            "name": self.name,
            "columns": list(self.columns[:MOST_COLUMNS_TOLD]),
            "bytes": self.size,
        }


class Uploads:
    """The files of a session, by name."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="rosenblatt-studio-")
        self._files: dict[str, Upload] = {}
        self._count = 0
        self._read: tuple[Any, Dataset] | None = None

    def close(self) -> None:
        """Remove the files."""
        self._folder.cleanup()

    @property
    def about(self) -> list[dict[str, Any]]:
        """The description of every file for the page."""
        return [upload.about for upload in self._files.values()]

    async def receive(self, name: str, body: AsyncIterator[bytes], size: int | None) -> Upload:
        """Save a file that a page sends.

        Raises:
            RosenblattError: a format that cannot be read, a file that is too large or not what its
                suffix says.
        """
        name = clean_name(name)
        path = self._new_path(name)
        try:
            self._check_size(size or 0)
            written = 0
            with path.open("wb") as file:
                async for part in body:
                    written += len(part)
                    self._check_size(written, written)
                    file.write(part)
            return await asyncio.to_thread(self._keep, name, path)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise FileError(f"{name} cannot be saved: {error.strerror}") from error
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def add(self, path: Path) -> str:
        """Offer a file of the user's, and return the setting that names it."""
        name = clean_name(path.name)
        self._files[name] = Upload(name, path.resolve(), tuple(columns(path)), path.stat().st_size)
        return UPLOAD + name

    def add_samples(self, data: Dataset) -> str:
        """Offer samples in memory as a file, and return the setting that names it."""
        path = self._new_path("data.npz")
        save(data, path)
        return self.add(path)

    def source(self, options: TrainMLPOptions) -> Dataset | None:
        """Return the samples that settings name where they are a file's.

        Raises:
            RosenblattError: there is no such file, or it cannot be used.
        """
        name = options.source.data
        if not name.startswith(UPLOAD):
            return None
        file = name.removeprefix(UPLOAD)
        if file not in self._files:
            raise ConfigurationError(f"the file {file} is not here; drop it on the page again")
        upload = self._files[file]
        source = options.source
        key = (upload.path, source.label, source.header, options.network.task)
        if self._read is None or self._read[0] != key:
            try:
                data = read_data(options, upload.path)
            except RosenblattError as error:
                # The path is the server's own business.
                raise type(error)(str(error).replace(str(upload.path), file)) from error
            self._read = key, data
        return self._read[1]

    def _new_path(self, name: str) -> Path:
        self._count += 1
        return Path(self._folder.name) / f"{self._count}{Path(name).suffix.lower()}"

    def _check_size(self, size: int, written: int = 0) -> None:
        if size > MOST_BYTES:
            raise FileError(
                f"the file is larger than {show_bytes(MOST_BYTES)}; start the studio with it: "
                "rosenblatt studio FILE"
            )
        if written and written % (1 << 24) > 1 << 16:
            return
        if shutil.disk_usage(self._folder.name).free < size - written + FREE_DISK:
            raise FileError("there is not enough space on the disk for the file")

    def _keep(self, name: str, path: Path) -> Upload:
        try:
            names = columns(path)
        except RosenblattError as error:
            raise type(error)(str(error).replace(str(path), name)) from error
        upload = Upload(name, path, tuple(names), path.stat().st_size)
        self._files.pop(name, None)
        self._files[name] = upload
        for old in list(self._files)[:-MOST_FILES]:
            dropped = self._files.pop(old)
            if dropped.path.parent == Path(self._folder.name):
                dropped.path.unlink(missing_ok=True)
        return upload


def clean_name(name: str) -> str:
    """Return the name of a file without folders.

    Raises:
        FileError: its suffix is not that of a format that can be read.
    """
    last = re.split(r"[\\/]", name)[-1]
    clean = "".join(c for c in last if c.isprintable())[-100:].strip()
    if Path(clean).suffix.lower() not in READERS:
        raise FileError(
            f"a file with data is one of {', '.join(READERS)}, got {clean or 'no name'}"
        )
    return clean
