"""What docs/estimators.md says about versions and names is so."""

import importlib.util
import sys
from pathlib import Path

import pytest

from rosenblatt import estimators

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "estimators.md").read_text(encoding="utf-8")


def load_script():
    path = ROOT / "benchmarks" / "estimators.py"
    spec = importlib.util.spec_from_file_location("estimators_benchmark", path)
    script = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = script
    spec.loader.exec_module(script)
    return script


def test_the_version_that_was_compared_with_is_the_one_that_is_tested():
    pinned = (ROOT / "constraints.txt").read_text().split("scikit-learn==")[1].split()[0]
    assert f"scikit-learn **{pinned}**" in PAGE
    assert f"| scikit-learn {pinned} |" in PAGE


def test_the_readme_has_the_table_that_was_measured():
    script = load_script()
    measured = (ROOT / "benchmarks" / "ESTIMATORS.md").read_text(encoding="utf-8")
    header = script.short_table([]).splitlines()[0]
    table = next(part for part in measured.split("\n\n") if part.startswith(header))
    names = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[2:]]
    assert names == [case.name for case in script.CASES]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    # What it leaves out, the wait for compiling, follows it in both.
    assert f"\n\n{table}\n\n{script.FIRST_USE}\n\n" in measured
    assert f"\n\n{table}\n\n" in readme
    assert script.FIRST_USE in " ".join(readme.split())


def test_the_benchmark_measures_and_writes_its_table():
    script = load_script()
    case = script.Case("tiny", 20, 2, 2, {"hidden_layer_sizes": (3,)}, epochs=2)
    script.SECONDS = 1e-3
    row = script.measure(case, 2)
    assert len(row.ours) == len(row.theirs) == 2
    assert row.apart < 1e-9
    row = row._replace(ours=[2e-6, 1e-6, 5e-6], theirs=[3e-6, 6e-6, 5e-6])
    table = script.short_table([row])
    assert table.splitlines()[2] == "| tiny | 1.50 |"
    machine = {**script.describe_machine(), "load": 0.0}
    text = script.page([row], [script.FirstUse(case, 0.25, 10.0)], machine)
    assert f"{table}\n\n{script.FIRST_USE}" in text
    assert "| tiny | 2.00 | 5.00 | 1.50 | 1.00 – 6.00 | 1 |" in text
    assert "| tiny | 0.25 | 10.0 |" in text
    old = f"before\n\n{script.short_table([])}\n| a | 1 |\n| b | 2 |\n\nafter"
    assert script.with_table(old, table) == f"before\n\n{table}\n\nafter"


@pytest.mark.parametrize("name", estimators.__all__)
def test_every_public_name_is_mentioned(name):
    assert name in PAGE


@pytest.mark.parametrize("kind", [estimators.MLPClassifier, estimators.MLPRegressor])
@pytest.mark.parametrize("setting", ["dropout", "n_runs", "select", "engine"])
def test_every_added_setting_is_mentioned(kind, setting):
    assert setting in kind().get_params()
    assert f"{setting}=" in PAGE
