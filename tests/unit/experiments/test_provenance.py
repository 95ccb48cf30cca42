"""The code of a result is the source of the modules that experiments compute with."""

import shutil
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

import rosenblatt
from rosenblatt.experiments import MODULES
from rosenblatt.experiments.provenance import code_version, here

SOURCES = {
    "__init__.py": "def __getattr__(name): ...\nif TYPE_CHECKING:\n    from toy.shown import show\n"
    "    from toy.listed import table\n",
    "experiments/__init__.py": "from toy.experiments.e1 import EXPERIMENT\n",
    "experiments/e1.py": "from toy.layers import linear\nimport toy.random\nimport numpy\n",
    "layers/__init__.py": "",
    "layers/linear.py": "def forward():\n    from ..deferred import blas\n",
    "deferred.py": "if TYPE_CHECKING:\n    import toy.types\nelse:\n    import toy.others\n",
    "random.py": "import toy as t\n\ndef draw():\n    return t.table()\n",
    "listed.py": "",
    "others.py": "",
}
UNUSED = {
    "types.py": "",
    "shown.py": "",
    "layers/relu.py": "",
    "estimators/__init__.py": "from toy.experiments import e1\n",
    "notes.txt": "import toy.estimators",
}


@pytest.fixture
def toy(tmp_path):
    for name, source in (SOURCES | UNUSED).items():
        (tmp_path / "toy" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "toy" / name).write_text(source)
    return tmp_path / "toy"


def version(package):
    return code_version({"toy": package}, ["toy.experiments"])


@pytest.mark.parametrize("name", SOURCES)
def test_an_edit_of_a_module_that_is_imported_is_another_version(toy, name):
    before = version(toy)
    (toy / name).write_text(SOURCES[name] + "x = 1\n")
    assert version(toy) != before


@pytest.mark.parametrize("name", UNUSED)
def test_an_edit_of_a_module_that_is_not_imported_is_none(toy, name):
    before = version(toy)
    (toy / name).write_text(UNUSED[name] + "\nx = 1\n")
    assert version(toy) == before


def test_a_new_import_counts_at_once(toy):
    before = version(toy)
    (toy / "others.py").write_text("import toy.layers.relu\n")
    between = version(toy)
    (toy / "layers/relu.py").write_text("x = 1\n")
    assert len({before, between, version(toy)}) == 3


def test_a_module_of_another_name_is_another_version(toy):
    before = version(toy)
    (toy / "others.py").rename(toy / "strangers.py")
    source = SOURCES["deferred.py"].replace("others", "strangers")
    (toy / "deferred.py").write_text(source)
    assert version(toy) != before


def test_the_code_in_a_zip_archive_is_that_of_the_folder(toy):
    archive = shutil.make_archive(str(toy), "zip", toy.parent, "toy")
    assert version(zipfile.Path(archive, "toy/")) == version(toy)
    (toy / "layers/linear.py").write_text("name = 'another'\n")
    assert version(zipfile.Path(archive, "toy/")) != version(toy)


def version_of_experiments(package):
    return code_version({"rosenblatt": package}, ["rosenblatt.experiments", *MODULES])


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A copy of this package, and the version of its code."""
    copy = tmp_path_factory.mktemp("copy") / "rosenblatt"
    source = Path(rosenblatt.__file__).parent
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy, version_of_experiments(copy)


def edited(package, name):
    """Return whether an edit of this file, undone afterwards, is another version of the code."""
    copy, before = package
    source = (copy / name).read_text()
    (copy / name).write_text(source + "\n# An edit.\n")
    try:
        return version_of_experiments(copy) != before
    finally:
        (copy / name).write_text(source)


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["estimators", "cli", "report", "plotting", "runs"])
def test_an_edit_of_what_experiments_do_not_compute_with_keeps_the_cache(package, folder):
    assert not edited(package, f"{folder}/__init__.py")
    other = sorted(path for path in (package[0] / folder).rglob("*.py"))[-1]
    assert not edited(package, other.relative_to(package[0]))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "__init__.py",
        "random.py",
        "layers/linear.py",
        "engines/compiled/tiles.py",
        "training/calls.py",
        "experiments/e6_batch_size.py",
        "data/__init__.py",
    ],
)
def test_an_edit_of_what_experiments_compute_with_does_not(package, name):
    assert edited(package, name)


def test_every_module_that_computes_here_counts(package):
    """What the experiments have loaded by now is what the analysis of their sources says."""
    import sys

    from rosenblatt.experiments.provenance import NEVER_COMPUTES, _sources

    names = ["rosenblatt.experiments", *MODULES]
    counted = set(_sources({"rosenblatt": files("rosenblatt")}, names))
    for name in MODULES:
        for value in vars(sys.modules[name]).values():
            home = getattr(value, "__module__", "") or ""
            if home.startswith("rosenblatt.") and not home.startswith(NEVER_COMPUTES):
                assert home in counted


def test_what_is_here_names_the_libraries_that_compute():
    assert {"python", "numpy", "scipy", "scikit-learn", "llvmlite"} <= {
        name for name, _ in here().versions
    }
    assert len(here().code) == 64
    assert here().processor
