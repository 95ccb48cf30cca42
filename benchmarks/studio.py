"""The studio in a real browser: ``python -m benchmarks.studio --out benchmarks``.

Each figure is measured in several turns, and the best counts: what else the machine does slows a
turn, and nothing makes it faster. The memory is measured once, over minutes.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine, machine_in_words
from benchmarks.page_command import page_parser, run_page_command
from benchmarks.studio_page import SIZE, find_browser, open_browser, open_studio
from rosenblatt.progress_bar import Bar

PLAYGROUND = 60.0
"""Epochs a second of TensorFlow's playground: one for each picture of the screen."""
WORK = {
    "data": "moons",
    "n": 625,
    "test_size": 0.2,
    "hidden": [8, 8],
    "activation": "tanh",
    "init": "glorot",
    "learning_rate": 0.1,
    "batch_size": 10,
}
"""2-8-8-2 on 500 training rows."""
SEEDS = WORK | {"epochs": 100_000}
"""The same with so many epochs that the population still trains after the measurement."""

_ENGINE = """
import json, sys, time
import rosenblatt as rb
from rosenblatt.settings import parse_settings, prepare

prepared = prepare(parse_settings(json.loads(sys.argv[1])))

def seconds(epochs):
    keywords = prepared.keywords() | {"epochs": epochs, "eval_every": epochs}
    started = time.perf_counter()
    rb.train(prepared.model, prepared.splits.train, **keywords)
    return time.perf_counter() - started

seconds(2000)
rate = 20000 / seconds(20000)
n = int(float(sys.argv[2]) * rate)
print(n / seconds(n))
"""


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes:
        watched: seconds in which frames are counted, and the engine trains alone.
        inputs: number of inputs of a kind in a turn.
        updates: number of updates of the run whose slider is clicked.
    """

    watched: float = 4.0
    inputs: int = 40
    updates: int = 1_000_000


QUICK = Effort(0.5, 4, 20_000)
"""Only enough to show that everything runs."""


@dataclass(frozen=True)
class Figure:
    """A figure that is asked for.

    Attributes:
        what: what is measured.
        unit: its unit.
        asked: the bound, or None where the number only explains another.
        at_least: whether it is a lower bound.
    """

    what: str
    unit: str
    asked: float | None = None
    at_least: bool = False


@dataclass
class Measured:
    """A figure with the numbers of all turns."""

    figure: Figure
    turns: list[float] = field(default_factory=list)

    @property
    def best(self) -> float:
        """The best turn."""
        return max(self.turns) if self.figure.at_least else min(self.turns)

    @property
    def is_reached(self) -> bool:
        """Whether the best turn is within the bound."""
        asked = self.figure.asked
        if asked is None:
            return True
        return self.best >= asked if self.figure.at_least else self.best <= asked


FIGURES = {
    "warm": Figure("from the command to a page that trains", "s", 1.5),
    "empty": Figure("the same, with nothing compiled before", "s", 1.5),
    "frames": Figure("frames while training, 100 × 100 surface, all unit maps", "/s", 30, True),
    "slow_frames": Figure("the same at the page's first speed", "/s", 30, True),
    "input": Figure("input to picture while training, 95 % within", "ms", 60),
    "median_input": Figure("the same, half within", "ms"),
    "branch": Figure("a changed learning rate to its picture, 95 % within", "ms", 60),
    "epochs": Figure("epochs while training", "/s", 200 * PLAYGROUND, True),
    "engine": Figure("epochs of the engine without a page", "/s", None, True),
    "share": Figure("epochs, relative to the engine without a page", "%", 90, True),
    "slider": Figure("slider to any of 1 million updates, the slowest", "s", 0.3),
    "median_slider": Figure("the same, half within", "s"),
    "many": Figure("frames of 64 seeds with bands and 24 surfaces", "/s", 10, True),
    "server": Figure("growth of the server's memory", "MB/h", 5),
    "objects": Figure("growth of the page's objects", "MB/h", 5),
    "page": Figure("growth of the page's process", "MB/h"),
}


class Results:
    """All figures, and the memory over time."""

    def __init__(self, effort: Effort | None = None) -> None:
        self.effort = effort or Effort()
        self.figures: dict[str, Measured] = {}
        self.memory: list[tuple[float, dict[str, int]]] = []
        self.machine = describe_machine()

    def add(self, **numbers: float) -> None:
        """Add the numbers of a turn."""
        for key, number in numbers.items():
            self.figures.setdefault(key, Measured(FIGURES[key])).turns.append(number)


Turn = Callable[[Any, Path, Results], None]


def measure_start(browser: Any, folder: Path, results: Results) -> None:
    """Measure from the command to a page that trains."""
    with tempfile.TemporaryDirectory() as empty:
        cache = Path(empty)
        with open_studio(browser, folder, cache=cache) as page:
            results.add(empty=page.seconds)
        with open_studio(browser, folder, cache=cache) as page:
            results.add(warm=page.seconds)


def measure_training(browser: Any, folder: Path, results: Results) -> None:
    """Measure frames and epochs while it trains, next to the engine without a page."""
    engine = engine_alone(results.effort.watched)
    with open_studio(browser, folder, WORK) as page:
        results.add(slow_frames=frame_rate(page.frames(results.effort.watched)))
        page.full_speed()
        frames = page.frames(results.effort.watched)
        assert {"surface", "units"} <= set(frames[-1]["names"])
        done = frames[-1]["epoch"] - frames[0]["epoch"]
        epochs = done / (frames[-1]["at"] - frames[0]["at"]) * 1000
    engine = max(engine, engine_alone(results.effort.watched))
    results.add(
        frames=frame_rate(frames), epochs=epochs, engine=engine, share=100 * epochs / engine
    )


def engine_alone(seconds: float) -> float:
    """Return the epochs a second of ``rb.train`` in a process of its own, same settings."""
    command = [sys.executable, "-c", _ENGINE, json.dumps(WORK), str(seconds)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return float(done.stdout)


def frame_rate(frames: Sequence[Mapping[str, Any]]) -> float:
    """Return frames a second."""
    return 1000 * (len(frames) - 1) / float(frames[-1]["drawn"] - frames[0]["drawn"])


def measure_input(browser: Any, folder: Path, results: Results) -> None:
    """Measure from an input to the picture that shows its effect, at full speed."""
    with open_studio(browser, folder, WORK) as page:
        page.full_speed()
        keys = page.page.keyboard
        seconds: list[float] = []
        for i in range(results.effort.inputs):
            # A step pauses the training; the space key goes on.
            before = page.last()["update"]
            keys.press("ArrowRight" if i % 2 == 0 else "Space")
            shows = "f => !f.playing" if i % 2 == 0 else f"f => f.update > {before} && f.playing"
            seconds.append(page.seconds_to_picture("keydown", shows))
            page.page.wait_for_timeout(150 + 7 * (i % 9))
        results.add(
            input=1000 * quantile(seconds, 0.95), median_input=1000 * statistics.median(seconds)
        )
        field = page.page.locator("#setting-learning_rate")
        seconds = []
        for i in range(results.effort.inputs // 2):
            before = page.last()["branch"]
            field.fill(f"{0.05 + 0.001 * i:.3f}")
            keys.press("Tab")
            seconds.append(page.seconds_to_picture("change", f"f => f.branch > {before}"))
            page.page.wait_for_timeout(150 + 7 * (i % 9))
        results.add(branch=1000 * quantile(seconds, 0.95))


def measure_slider(browser: Any, folder: Path, results: Results) -> None:
    """Measure clicks on the slider of a run of a million updates."""
    with open_studio(browser, folder, WORK) as page:
        page.full_speed()
        page.until(f"watch.frames.at(-1).newest >= {results.effort.updates}")
        page.page.keyboard.press("Space")
        page.until("!watch.frames.at(-1).playing")
        slider = page.page.locator("#time")
        box = slider.bounding_box()
        seconds = []
        for i in range(results.effort.inputs):
            share = (0.5 + 0.618034 * i) % 1
            before = page.last()["update"]
            x = box["x"] + 10 + share * (box["width"] - 20)
            page.page.mouse.click(x, box["y"] + box["height"] / 2)
            wanted = int(slider.input_value())
            shows = f"f => f.update === {wanted} && f.update !== {before}"
            seconds.append(page.seconds_to_picture("pointerdown", shows))
        results.add(slider=max(seconds), median_slider=statistics.median(seconds))


def measure_many(browser: Any, folder: Path, results: Results) -> None:
    """Measure the frames of 64 seeds while they train."""
    with open_studio(browser, folder, SEEDS) as page:
        page.page.keyboard.press("Space")
        page.open_tab("Seeds")
        page.page.locator("#seeds").select_option("64")
        page.page.get_by_role("button", name="Train them").click()
        page.until("watch.frames.at(-1).names.includes('many_surfaces')")
        frames = page.frames(results.effort.watched)
        assert all("many_surfaces" in frame["names"] for frame in frames)
        results.add(many=frame_rate(frames))


def measure_memory(browser: Any, folder: Path, results: Results, minutes: float) -> None:
    """Measure the memory of server and page while it trains at full speed."""
    with open_studio(browser, folder, WORK) as page:
        page.full_speed()
        started, end = time.monotonic(), time.monotonic() + 60 * minutes
        while True:
            results.memory.append((time.monotonic() - started, page.memory()))
            if time.monotonic() >= end:
                break
            page.page.wait_for_timeout(min(10_000, 6000 * minutes))
    # Until then the curve and the saved positions grow to their bounds.
    late = [row for row in results.memory if row[0] >= 30 * minutes]
    for name in ("server", "objects", "page"):
        results.add(**{name: growth([(at, memory[name]) for at, memory in late])})


def growth(rows: Sequence[tuple[float, int]]) -> float:
    """Return the growth in MB an hour, from (seconds, bytes): the least-squares slope."""
    slope, _ = statistics.linear_regression(*zip(*rows, strict=True))
    return 3600 * slope / 1e6


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that a share of the values is at most."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


TURNS: dict[str, Turn] = {
    "start": measure_start,
    "training": measure_training,
    "input": measure_input,
    "slider": measure_slider,
    "many": measure_many,
}


def page_of(results: Results, turns: int, minutes: float) -> str:
    """Return STUDIO.md."""
    machine = results.machine
    parts = [
        "# The studio",
        f"Written by `python -m benchmarks.studio --out benchmarks` on {machine['date']}.",
        table(results),
        "## How it was measured",
        "Chromium without a screen, in its software renderer, at "
        f"{SIZE['width']} × {SIZE['height']} pixels, and a server in a process of its own share "
        "the cores. The network is 2-8-8-2 with tanh, on 500 training and 125 test rows of the two "
        "moons, B = 10. Everything is done in the page as a person does it: keys, clicks, the "
        f"slider. The best of {turns} turns counts, because other work on the machine only slows "
        "a turn; all turns are in the table.",
        METHOD,
    ]
    if results.memory:
        parts += ["## Memory", memory_text(results, minutes)]
    parts += [
        "## The machine",
        machine_in_words(machine),
    ]
    return "\n\n".join(parts) + "\n"


METHOD = """\
- *From the command to a page that trains*: from the start of the process to the first picture with
  an update in it. The browser runs already; its cache is empty.
- *Frames*: pictures of new weights. The server makes the next frame when the page has drawn the
  last one.
- *Input to picture*: from the event's time stamp to the end of the drawing of the first frame that
  shows its effect. Inputs are a step, which pauses, and the space key, which goes on, alternately
  at full speed. A changed learning rate begins a branch.
- *Epochs*: updates in the frames, divided by the time between them. “The engine without a page” is
  `rb.train` with the same settings in a process of its own, before and after; the faster counts.
- *Slider*: clicks all over the slider after a million updates; the weights at that update are
  recomputed from the nearest saved position.
- *Memory*: the resident memory of the server's process and of the page's, and the page's objects
  after a garbage collection. The growth is the slope over the second half of the time: before, the
  curve and the saved positions grow to their bounds, which takes some seven minutes of training."""


def table(results: Results) -> str:
    """Return the table of figures."""
    lines = ["| | asked | measured | all turns |", "|---|---|---|---|"]
    for key, figure in FIGURES.items():
        if key not in results.figures:
            continue
        measured = results.figures[key]
        bound = "≥" if figure.at_least else "≤"
        asked = "" if figure.asked is None else f"{bound} {text(figure.asked, figure.unit)}"
        short = "" if measured.is_reached else ", falls short"
        best = f"**{text(measured.best, figure.unit)}**{short}"
        turns = ", ".join(in_figures(number) for number in measured.turns)
        lines.append(f"| {figure.what} | {asked} | {best} | {turns} |")
    return "\n".join(lines)


def memory_text(results: Results, minutes: float) -> str:
    """Return the memory at a few moments."""
    rows = results.memory
    chosen = [rows[round(i * (len(rows) - 1) / 5)] for i in range(6)]
    lines = [
        f"Training for {minutes:g} minutes as fast as the engine goes, in MB:",
        "",
        "| after | server | page, process | page, objects |",
        "|---|---|---|---|",
    ]
    for at, memory in chosen:
        numbers = (memory[name] / 1e6 for name in ("server", "page", "objects"))
        cells = " | ".join(f"{number:.1f}" for number in numbers)
        lines.append(f"| {at:.0f} s | {cells} |")
    return "\n".join(lines)


def text(number: float, unit: str) -> str:
    """Return a number with its unit."""
    return f"{in_figures(number)}{'' if unit.startswith('/') else ' '}{unit}".rstrip()


def in_figures(number: float) -> str:
    """Return a number with two or three figures."""
    if abs(number) >= 99.5:
        return f"{number:,.0f}".replace(",", " ")
    return f"{number:.1f}" if abs(number) >= 9.95 else f"{number:.2f}"


def measure(options: argparse.Namespace) -> Results:
    """Measure what is asked for."""
    results = Results(QUICK if options.quick else Effort())
    names = [name for name in TURNS if options.only in name]
    with_memory = options.minutes > 0 and options.only in "memory"
    total = options.turns * len(names) + with_memory
    done = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        open_browser() as browser,
        Bar(total, lambda done: f"{done:.0f} of {total}") as progress,
    ):
        for _ in range(options.turns):
            for name in names:
                progress.show(done, name)
                TURNS[name](browser, Path(folder), results)
                done += 1
        if with_memory:
            progress.show(done, "memory")
            measure_memory(browser, Path(folder), results, options.minutes)
    return results


def main(argv: Sequence[str] | None = None) -> int:
    """Measure in a real browser, print the page, and write it."""
    only = f"one of: {', '.join(TURNS)}, memory"
    parser = page_parser("studio", "STUDIO.md", only, turns=3)
    parser.add_argument("--minutes", type=float, default=15, help="how long the memory is watched")
    options = parser.parse_args(argv)

    def page() -> str:
        find_browser()
        return page_of(measure(options), options.turns, options.minutes)

    return run_page_command("studio", "STUDIO.md", options, page)


if __name__ == "__main__":
    sys.exit(main())
