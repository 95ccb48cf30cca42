"""What docs/estimators.md says about versions and names is so."""

from pathlib import Path

import pytest

from benchmarks import estimators as benchmark
from rosenblatt import estimators

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "estimators.md").read_text(encoding="utf-8")


def test_the_version_that_was_compared_with_is_the_one_that_is_tested():
    pinned = (ROOT / "constraints.txt").read_text().split("scikit-learn==")[1].split()[0]
    assert f"scikit-learn **{pinned}**" in PAGE
    assert f"| scikit-learn {pinned} |" in PAGE


def test_the_readme_has_the_table_that_was_measured():
    measured = (ROOT / "benchmarks" / "ESTIMATORS.md").read_text(encoding="utf-8")
    header = benchmark.short_table([]).splitlines()[0]
    table = next(part for part in measured.split("\n\n") if part.startswith(header))
    names = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[2:]]
    assert names == [case.name for case in benchmark.CASES]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    # The first use, which it leaves out, follows it in both.
    assert f"\n\n{table}\n\n{benchmark.FIRST_USE}\n\n" in measured
    assert f"\n\n{table}\n\n" in readme
    assert benchmark.FIRST_USE in " ".join(readme.split())


def test_the_readme_has_the_times_of_first_uses_that_were_measured():
    measured = (ROOT / "benchmarks" / "ESTIMATORS.md").read_text(encoding="utf-8")
    header = benchmark.script_table([]).splitlines()[0]
    table = next(part for part in measured.split("\n\n") if part.startswith(header))
    names = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[2:]]
    assert names == [script.name for script in benchmark.SCRIPTS]
    assert f"\n\n{table}\n\n" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_scripts_are_timed_with_nothing_compiled_and_later(monkeypatch):
    monkeypatch.setattr(benchmark, "PROCESSES", 2)
    ours = (
        "import os, pathlib, sys\n"
        "folder = pathlib.Path(os.environ['ROSENBLATT_CACHE'])\n"
        "if (folder / 'compiled').exists(): sys.exit()\n"
        "assert not list(folder.iterdir())\n"
        "(folder / 'compiled').touch()\n"
    )
    times = benchmark.measure_script(benchmark.Script("tiny", ours, "pass"))
    assert len(times.theirs) == len(times.first) == len(times.later) == 2
    assert all(seconds > 0 for seconds in (*times.theirs, *times.first, *times.later))


@pytest.mark.parametrize("script", benchmark.SCRIPTS, ids=lambda script: script.name)
def test_scripts_compile(script):
    compile(script.ours, "ours", "exec")
    compile(script.theirs or "", "theirs", "exec")


@pytest.mark.slow
def test_the_benchmark_measures_and_writes_its_table(monkeypatch):
    case = benchmark.Case("tiny", 20, 2, 2, {"hidden_layer_sizes": (3,)}, epochs=2)
    monkeypatch.setattr(benchmark, "SECONDS", 1e-3)
    monkeypatch.setattr(benchmark, "PROCESSES", 1)
    row = benchmark.measure(case, 2)
    assert len(row.ours) == len(row.theirs) == 2
    assert row.apart < 1e-9
    for (process,) in (row.first, row.later, row.scripts):
        assert 0 < process.fit < process.whole
    row = row._replace(
        ours=[2e-6, 1e-6, 5e-6],
        theirs=[3e-6, 6e-6, 5e-6],
        first=[benchmark.Process(4.0, 1.0)],
        later=[benchmark.Process(3.0, 0.5)],
        scripts=[benchmark.Process(6.0, 2.5)],
    )
    table = benchmark.short_table([row])
    assert table.splitlines()[2] == "| tiny | 1.50 | 2.50 | 1.50 |"
    machine = {**benchmark.describe_machine(), "load": 0.0}
    scripts = [
        benchmark.ScriptTimes(benchmark.SCRIPTS[0], [3.1, 4.2], [44.0], [3.0]),
        benchmark.ScriptTimes(benchmark.SCRIPTS[-1], [], [27.0, 27.0], [4.4, 4.41]),
    ]
    text = benchmark.page([row], scripts, machine)
    assert f"{table}\n\n{benchmark.FIRST_USE}" in text
    assert "| tiny | 2.00 | 5.00 | 1.50 | 1.00 – 6.00 | 1 |" in text
    assert "| tiny | 1.00 | 0.50 | 2.50 | 4.00 | 3.00 | 6.00 |" in text
    assert "| `MLPClassifier().fit(digits)` | 3.10–4.20 s | 44.0 s | 3.00 s |" in text
    assert "| 64 runs of 2-20-2, 300 epochs, B = 10 | – | 27.0 s | 4.40–4.41 s |" in text
    old = f"before\n\n{benchmark.short_table([])}\n| a | 1 | 1 | 1 |\n| b | 2 | 2 | 2 |\n\nafter"
    assert benchmark.with_table(old, table) == f"before\n\n{table}\n\nafter"


@pytest.mark.parametrize("name", estimators.__all__)
def test_every_public_name_is_mentioned(name):
    assert name in PAGE


@pytest.mark.parametrize("kind", [estimators.MLPClassifier, estimators.MLPRegressor])
@pytest.mark.parametrize("setting", ["dropout", "n_runs", "select", "engine"])
def test_every_added_setting_is_mentioned(kind, setting):
    assert setting in kind().get_params()
    assert f"{setting}=" in PAGE
