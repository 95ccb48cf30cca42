"""The results as files."""

import json
from pathlib import Path

from benchmarks.markdown import write_markdown
from benchmarks.results import Results
from rosenblatt.errors import FileError
from rosenblatt.files import atomic_write


def check_folder(folder: Path) -> None:
    """Make the folder, before any work is done for it.

    Raises:
        FileError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot make the folder {folder}: {error.strerror}") from error


def write_results(results: Results, folder: Path) -> list[Path]:
    """Write RESULTS.md, results.json and the figures; return their paths."""
    from benchmarks.plot import draw_contenders, draw_scaling
    from rosenblatt.plotting import save_figure

    check_folder(folder)
    written = []
    if any(entry.rounds for row in results.rows for entry in row.entries):
        written.append(folder / "contenders.png")
        save_figure(draw_contenders(results.rows), written[-1])
    if results.scaling:
        written.append(folder / "scaling.png")
        save_figure(draw_scaling(results.scaling), written[-1])
    page = write_markdown(results, [path.name for path in written])
    texts = {"RESULTS.md": page, "results.json": as_json(results)}
    for name, text in texts.items():
        with atomic_write(folder / name) as file:
            file.write(text.encode())
        written.append(folder / name)
    return written


def as_json(results: Results) -> str:
    """Return the results as the text of a JSON file."""
    return json.dumps(results.as_json(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
