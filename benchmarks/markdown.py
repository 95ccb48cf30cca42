"""The results as a page of Markdown."""

from collections.abc import Iterable, Sequence
from statistics import median

from benchmarks.contenders import CONTENDERS, OURS, UPDATES
from benchmarks.experiment import EVAL_EVERY
from benchmarks.measure import TOLERANCES, median_ratio
from benchmarks.method import METHOD
from benchmarks.results import (
    ContenderResult,
    ExperimentTimes,
    GrowthCurve,
    ImportCost,
    Results,
    RowResult,
    StorageCost,
)

NO_VALUE = "–"


FIRST_USE = (
    "Compiling is in none of these times: a first use waits for it once (“compile”, row by row). "
    "scikit-learn and PyTorch have no such wait. ESTIMATORS.md has whole processes."
)
"""What the times leave out."""


def write_markdown(results: Results, figures: Sequence[str] = ()) -> str:
    """Return the page.

    Args:
        results: what to show; every contender has its line, whether it lost or failed.
        figures: names of pictures in the page's folder: of the contenders, of the scaling.
    """
    parts = ["# Benchmarks", _origin(results), *_pictures(figures, "contenders")]
    if results.rows:
        parts += ["## In short", FIRST_USE, _table(*_summary(results.rows))]
        parts += ["## How it was measured", METHOD.format(**TOLERANCES).strip()]
        parts += ["## Row by row", *(part for row in results.rows for part in _row(row))]
    if results.experiment:
        parts += ["## The whole of E6", *_experiment(results.experiment)]
    if results.keeping:
        parts += ["## In folders", _keeping(results.keeping)]
    if results.scaling:
        parts += ["## Growth", *_pictures(figures, "scaling"), *_scaling(results.scaling)]
    if results.startup:
        parts += ["## Import", _startup(results.startup)]
    if results.failures:
        parts += ["## Not measured", _list(f"{k}: {v}" for k, v in results.failures.items())]
    parts += ["## The machine", _table(["", ""], _machine(results))]
    return "\n\n".join(parts) + "\n"


def table_of_contenders(results: Results) -> tuple[list[str], list[list[str]]]:
    """Return header and lines of one table of all contenders, for a terminal."""
    header = ["row", "contender", "ns per sample", "times ours", "asked", "weights"]
    lines = []
    for row in results.rows:
        for entry in row.entries:
            _, time, _, ratio, asked, _, _, weights, how = _cells(entry)
            if not entry.rounds:
                weights = how
            lines.append([row.work.id, entry.title, time, ratio, asked, weights])
    return header, lines


def other_lines(results: Results) -> list[str]:
    """Return a line for each of the other rows that were measured, for a terminal."""
    lines = []
    if results.experiment:
        lines.append(_experiment(results.experiment)[0].replace("**", ""))
    if results.keeping:
        lines.append(_keeping(results.keeping).replace("**", "").replace("`", ""))
    lines += [
        f"{curve.panel}, {curve.label}: exponent {curve.exponent:.2f}" for curve in results.scaling
    ]
    if results.startup:
        lines.append(_startup(results.startup).replace("`", ""))
    return [*lines, *(f"{name}: {failure}" for name, failure in results.failures.items())]


def _origin(results: Results) -> str:
    how = f"{results.settings['rounds']} rounds"
    if results.settings["quick"]:
        how += "; **quick, to show that everything runs: the numbers mean nothing**"
    return (
        f"Written by `python -m benchmarks --out benchmarks` on {results.machine['date']}, {how}. "
        "Times are nanoseconds per sample visited, and per member of a population: less is better. "
        f"Vectors have {8 * results.machine['vector_bytes']} bits."
    )


def _summary(rows: Iterable[RowResult]) -> tuple[list[str], list[list[str]]]:
    """Return the table of what was asked for."""
    header = ["work", "ours, ns", "against", "ns", "times ours", "asked", "", "times our updates"]
    lines = []
    for row in rows:
        entries = {entry.contender: entry for entry in row.entries}
        updates = entries[UPDATES].rounds if UPDATES in entries else []
        ours = entries.get(OURS)
        for name, asked in row.work.asked.items():
            entry = entries.get(
                name, ContenderResult(name, CONTENDERS[name].title, failure="left out")
            )
            ratio = entry.times_ours
            verdict = "not measured" if ratio is None else "falls short" if ratio < asked else "yes"
            lines.append(
                [
                    row.work.title,
                    _time(ours.nanoseconds) if ours and ours.rounds else NO_VALUE,
                    entry.title,
                    _time(entry.nanoseconds) if entry.rounds else NO_VALUE,
                    _ratio(ratio),
                    f"{asked:g}",
                    verdict,
                    _ratio(median_ratio(entry.rounds, updates)),
                ]
            )
    return header, lines


def _row(row: RowResult) -> list[str]:
    """Return the heading, the description and the table of one work."""
    work = row.work
    threads = "one thread" if work.threads == 1 else f"{work.threads} threads"
    what = (
        "perceptron, batch rule" if work.is_perceptron else f"{work.activation}, {work.optimizer}"
    )
    described = (
        f"`{work.id}`: {'-'.join(map(str, work.widths))}, {what}, "
        f"learning rate {work.learning_rate:g}, {work.rows} rows, B = {work.batch_size}, "
        f"{work.members} member{'s' * (work.members > 1)}, {work.dtype}, {threads}"
    )
    header = [
        "contender",
        "ns per sample",
        "lowest – highest",
        "times ours",
        "asked",
        "compile, s",
        "memory, MiB",
        "weights",
        "how",
    ]
    table = _table(header, [_cells(entry) for entry in row.entries])
    return [f"### {work.title[0].upper()}{work.title[1:]}", described, table]


def _cells(entry: ContenderResult) -> list[str]:
    if not entry.rounds:
        return [entry.title, *[NO_VALUE] * 7, entry.failure or "not measured"]
    bounds = f"{_time(min(entry.rounds))} – {_time(max(entry.rounds))}"
    asked = NO_VALUE if entry.asked is None else f"{entry.asked:g}"
    return [
        entry.title,
        _time(entry.nanoseconds),
        bounds,
        _ratio(entry.times_ours),
        f"{asked}, falls short" if entry.falls_short else asked,
        NO_VALUE if entry.compile_seconds is None else f"{entry.compile_seconds:.2f}",
        NO_VALUE if entry.peak_bytes is None else f"{entry.peak_bytes / 2**20:.0f}",
        _difference(entry),
        "; ".join(filter(None, [entry.way, entry.failure])),
    ]


def _difference(entry: ContenderResult) -> str:
    if entry.difference is None:
        return NO_VALUE
    return f"{'' if entry.same else '≠ '}{entry.difference:.0e}"


def _experiment(whole: ExperimentTimes) -> list[str]:
    asked = ""
    if whole.asked_seconds is not None:
        verdict = "" if whole.total <= whole.asked_seconds else ": it falls short"
        asked = f" At most {whole.asked_seconds:g} s were asked for{verdict}."
    header = ["batch size", *whole.seconds, "all"]
    cells = ["seconds", *(f"{s:.2f}" for s in whole.seconds.values()), f"{whole.total:.1f}"]
    return [
        f"Six batch sizes, {whole.epochs} epochs, {whole.seeds} seeds, training and test set "
        f"measured every {EVAL_EVERY} epochs, on {whole.cores} core{'s' * (whole.cores > 1)}: "
        f"**{whole.total:.1f} s**.{asked}",
        _table(header, [cells]),
    ]


def _keeping(keeping: StorageCost) -> str:
    verdict = "" if keeping.share <= keeping.asked_share else ": it falls short"
    rounds = len(keeping.plain)
    return (
        f"E6 with `run_dir=` and a checkpoint each second, {keeping.epochs} epochs, "
        f"{keeping.seeds} seeds, takes **{100 * keeping.share:.1f} %** longer than in memory "
        f"({median(keeping.plain):.1f} s; the median over {rounds} round{'s' * (rounds > 1)}). "
        f"At most {100 * keeping.asked_share:g} % were asked for{verdict}."
    )


def _scaling(series: Iterable[GrowthCurve]) -> list[str]:
    """Return the table of exponents, and that of all values."""
    units = {"memory": (2**20, "MiB")}
    lines = []
    for curve in series:
        scale, unit = units.get(curve.panel, (1e-3, "ms"))
        values = ", ".join(f"{y / scale:.3g}" for y in curve.y)
        sizes = ", ".join(f"{x:.0e}" if x >= 1000 else f"{x:g}" for x in curve.x)
        against = "epochs" if curve.panel == "memory" else curve.panel
        lines.append(
            [
                curve.panel,
                curve.label,
                f"{against}: {sizes}",
                f"{values} {unit}",
                f"{curve.exponent:.2f}",
            ]
        )
    return [
        "An exponent of 1 is linear growth, one of 0 none; it is fitted over the last two decades.",
        _table(["panel", "work", "sizes", "measured", "exponent"], lines),
    ]


def _startup(startup: ImportCost) -> str:
    loads = ", ".join(startup.loads) or "none"
    verdict = "" if startup.seconds <= startup.asked_seconds else ": it falls short"
    return (
        f"`import rosenblatt` takes {1000 * startup.seconds:.1f} ms (asked: at most "
        f"{1000 * startup.asked_seconds:g} ms{verdict}) and loads, of llvmlite, Matplotlib, "
        f"scikit-learn, SciPy and PyArrow: {loads}."
    )


def _machine(results: Results) -> list[list[str]]:
    machine = results.machine
    memory = machine["memory_bytes"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return [
        ["processor", machine["processor"]],
        ["cores", f"{machine['cores']}, of which {machine['cores_used']} used"],
        ["instruction sets", ", ".join(machine["instruction_sets"]) or NO_VALUE],
        ["vectors used", f"{8 * machine['vector_bytes']} bits"],
        ["memory", NO_VALUE if memory is None else f"{memory / 2**30:.0f} GiB"],
        ["system", machine["system"]],
        ["Python", machine["python"]],
        ["BLAS of NumPy", machine["blas"]],
        ["versions", versions],
        ["load before", NO_VALUE if machine["load"] is None else f"{machine['load']:.2f}"],
    ]


def _pictures(figures: Sequence[str], name: str) -> list[str]:
    alt = {"contenders": "Time per sample of every contender in every row, on a logarithmic axis"}
    chosen = [figure for figure in figures if figure.startswith(f"{name}.")]
    return [f"![{alt.get(name, 'Time and memory against size')}]({figure})" for figure in chosen]


def _table(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [header, ["---"] * len(header), *lines]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows
    )


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _time(nanoseconds: float) -> str:
    """Return a time with three digits.

    >>> _time(15.04), _time(188_012.0), _time(1.234)
    ('15.0', '188 000', '1.23')
    """
    if nanoseconds >= 1000:
        digits = 10 ** (len(str(int(nanoseconds))) - 3)
        return f"{round(nanoseconds / digits) * digits:,}".replace(",", " ")
    return f"{nanoseconds:#.3g}".rstrip(".")


def _ratio(value: float | None) -> str:
    if value is None:
        return NO_VALUE
    return _time(value) if value >= 1000 else f"{value:.3g}" if value >= 100 else f"{value:.2f}"
