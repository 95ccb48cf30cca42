"""Files next to a page: figures, tables, and the rows that they are made from."""

import os
from pathlib import Path

from rosenblatt.errors import FileError
from rosenblatt.experiments.row_files import table_bytes
from rosenblatt.plotting.render import laid_out_once, render
from rosenblatt.report.numbering import Contents
from rosenblatt.report.parts import Results, csv_bytes
from rosenblatt.report.rows import file_of_rows


def files_of(results: Results, contents: Contents) -> dict[str, bytes]:
    """Return the files of what the results have, by their paths within the folder of the page.

    Figures are PNG and SVG, tables CSV; all rows, those behind the figures too, are Parquet.
    """
    files: dict[str, bytes] = {}
    for figure in contents.figures.values():
        if figure.is_possible(results):
            drawn = figure.draw(results)
            with laid_out_once(drawn):
                for suffix in ("png", "svg"):
                    name = f"figures/{contents.file_of(figure.key)}.{suffix}"
                    files[name] = render(drawn, suffix)
    for table in contents.tables.values():
        if table.is_possible(results):
            files[f"tables/{contents.file_of(table.key)}.csv"] = csv_bytes(table.rows(results))
    for name, result in results.items():
        for kind, rows in result.tables.items():
            files[file_of_rows(name, kind)] = table_bytes(rows)
    return files


def make_folders(out: Path) -> None:
    """Make the folders of a page and make sure that files can be made in each.

    Raises:
        FileError: they cannot.
    """
    for folder in (out, out / "figures", out / "tables", out / "rows"):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(
                f"cannot make the folder {folder}: {error.strerror or error}"
            ) from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise FileError(f"cannot write into {folder}: it is read-only; choose another --out")
