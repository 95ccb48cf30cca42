"""The whole benchmark."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

from benchmarks.contenders import all_but
from benchmarks.experiment import measure_experiment, measure_storage
from benchmarks.import_cost import measure_import
from benchmarks.machine import describe_machine
from benchmarks.measure import Thoroughness, measure_row
from benchmarks.process import WorkerError
from benchmarks.results import Results
from benchmarks.scaling import measure_scaling
from benchmarks.works import OTHER_ROWS, WORKS, find_rows

QUICK = Thoroughness(rounds=2, stretch=0.02, thorough=False)

OnProgress = Callable[[float, str], None]
"""Called before each step with the number of rows that are done, and what comes next."""


OnRow = Callable[[Results], None]
"""Called after each row with all that was found so far."""


def run_bench(
    only: Sequence[str] | None = None,
    *,
    without: Sequence[str] = (),
    quick: bool = False,
    on_progress: OnProgress = lambda done, what: None,
    on_row: OnRow = lambda results: None,
) -> Results:
    """Measure and return everything that was asked for.

    Args:
        only: rows by id; all by default.
        without: contenders to leave out, by id.
        quick: measure so little that it only shows that everything runs.
        on_progress: see :data:`OnProgress`.
        on_row: see :data:`OnRow`; what is written there is kept if the rest is interrupted.

    Raises:
        ConfigurationError: there is no row, or no contender to leave out, of that name.
    """
    names, contenders = find_rows(only), all_but(without)
    settings = QUICK if quick else Thoroughness()
    results = Results(describe_machine(), {"quick": quick, **asdict(settings)})
    works = {work.id: work for work in WORKS}
    for done, name in enumerate(names):

        def on_step(what: str, done: int = done) -> None:
            on_progress(done, what)

        try:
            if name in works:
                row = measure_row(works[name], contenders, settings, on_step)
                results.rows.append(row)
            elif name == "e6":
                sizes = {"seeds": 2, "epochs": 2} if quick else {}
                results.experiment = measure_experiment(**sizes, on_step=on_step)
            elif name == "keeping":
                sizes = {"seeds": 2, "epochs": 20, "rounds": 1} if quick else {}
                results.keeping = measure_storage(**sizes, on_step=on_step)
            elif name == "scaling":
                results.scaling = measure_scaling(quick, on_step)
            else:
                on_step(OTHER_ROWS[name])
                results.startup = measure_import()
        except WorkerError as error:
            results.failures[name] = str(error)
        on_row(results)
    return results
