"""The files of a submission, from a folder or a zip file that may be hostile."""

import hashlib
import os
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rosenblatt.errors import FileError

SUFFIXES = (".py", ".json")
"""Files that are read; everything else in a submission is ignored."""

MOST_BYTES = 1_000_000
"""The largest file, in bytes, that is read."""

MOST_FILES = 200
"""Files that are read from one submission."""

MOST_ENTRIES = 20_000
"""Entries of a folder or a zip file that are looked at."""

_IGNORED = {
    "__pycache__",
    "__MACOSX",
    ".git",
    ".venv",
    "venv",
    ".ipynb_checkpoints",
    "node_modules",
}


@dataclass(frozen=True)
class Submission:
    """The files that a student has handed in.

    Attributes:
        student: who handed it in: the name of the folder or the zip file.
        files: contents by relative path, with "/" between folders.
        digest: of the files (SHA-256).
    """

    student: str
    files: dict[str, bytes]

    @property
    def digest(self) -> str:
        """SHA-256 of all names and contents."""
        total = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            for part in (name.encode("utf-8", "surrogatepass"), content):
                total.update(len(part).to_bytes(8, "big") + part)
        return total.hexdigest()

    def folder_with(self, part: str, names: list[str]) -> str:
        """Return the folder that has the files of a part; "" for the top.

        One that is named like the part comes first, then the one with most of the files, then the
        one nearest to the top.

        Raises:
            FileError: no folder has any of them.
        """
        folders: dict[str, int] = {}
        for file in self.files:
            path = PurePosixPath(file)
            if path.name in names:
                folder = "" if str(path.parent) == "." else str(path.parent)
                folders[folder] = folders.get(folder, 0) + 1
        if not folders:
            raise FileError(f"there is none of the files {', '.join(names)}")

        def order(folder: str) -> tuple[bool, int, int, str]:
            path = PurePosixPath(folder)
            return (path.name.lower() != part, -folders[folder], len(path.parts), folder)

        return min(folders, key=order)


def read_submission(path: str | os.PathLike[str]) -> Submission:
    """Read the files of a folder or a zip file. Links and devices are not followed.

    Raises:
        FileError: it is neither, or it is damaged or too large.
    """
    path = Path(path)
    if path.is_dir() and not path.is_symlink():
        return Submission(path.resolve().name, dict(_in_folder(path)))
    if path.suffix.lower() == ".zip" and path.is_file() and not path.is_symlink():
        return Submission(path.stem, dict(_in_zip(path)))
    raise FileError(f"{path} is neither a folder nor a zip file")


def read_files(folder: Path, names: Iterable[str]) -> dict[str, bytes]:
    """Return the contents of those of the named files that a folder has.

    Raises:
        FileError: one of them cannot be read, or is too large.
    """
    contents = {name: _content(folder / name) for name in names if (folder / name).exists()}
    return {name: content for name, content in contents.items() if content is not None}


def _in_folder(top: Path) -> Iterator[tuple[str, bytes]]:
    entries = files = 0
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if name not in _IGNORED)
        entries += len(names) + len(folders)
        if entries > MOST_ENTRIES:
            raise FileError(f"more than {MOST_ENTRIES} files")
        for name in sorted(names):
            path = Path(folder) / name
            if path.suffix in SUFFIXES:
                files += 1
                _check_number(files)
                content = _content(path)
                if content is not None:
                    yield path.relative_to(top).as_posix(), content


def _content(path: Path) -> bytes | None:
    """Return what an ordinary file contains, None for a link or a device."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if path.is_symlink():
            return None
        number = os.open(path, flags)
    except OSError as error:
        raise FileError(f"cannot read {path.name}: {error.strerror}") from error
    with open(number, "rb") as file:  # noqa: PTH123
        if not stat.S_ISREG(os.fstat(number).st_mode):
            return None
        content = file.read(MOST_BYTES + 1)
    _check_size(path.name, len(content))
    return content


def _in_zip(path: Path) -> Iterator[tuple[str, bytes]]:
    files = 0
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_ENTRIES:
                raise FileError(f"more than {MOST_ENTRIES} files")
            for member in members:
                name = PurePosixPath(member.filename.replace("\\", "/"))
                if member.is_dir() or name.suffix not in SUFFIXES or _IGNORED & set(name.parts):
                    continue
                if (
                    name.is_absolute()
                    or ".." in name.parts
                    or stat.S_ISLNK(member.external_attr >> 16)
                ):
                    continue
                files += 1
                _check_number(files)
                # A header may lie about the size; reading stops at the limit.
                with archive.open(member) as file:
                    content = file.read(MOST_BYTES + 1)
                _check_size(name.name, len(content))
                yield str(name), content
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
        NotImplementedError,
        EOFError,
    ) as error:
        raise FileError(f"{path.name} cannot be unpacked: {error}") from error


def _check_number(files: int) -> None:
    if files > MOST_FILES:
        raise FileError(f"more than {MOST_FILES} files that end in {' or '.join(SUFFIXES)}")


def _check_size(name: str, size: int) -> None:
    if size > MOST_BYTES:
        raise FileError(f"{name} is larger than {MOST_BYTES} bytes")
