"""The wheel: everything that the package needs at run time, nothing else, and it runs alone."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

import rosenblatt

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "rosenblatt"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", out]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (path,) = out.glob("*.whl")
    return path


def test_it_has_every_file_of_the_package_and_no_other(wheel):
    """Templates, the studio's page, lessons, bugs and rubrics are files beside the code."""
    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    here = {
        f"rosenblatt/{path.relative_to(SOURCE).as_posix()}"
        for path in SOURCE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".nbi"
    }
    assert held == here
    suffixes = {Path(name).suffix for name in held}
    assert {".py", ".typed", ".j2", ".css", ".js", ".html", ".toml"} <= suffixes


def test_it_has_the_licence_the_command_and_the_version(wheel):
    assert wheel.name.startswith(f"rosenblatt-{rosenblatt.__version__}-py3-none-any")
    with ZipFile(wheel) as archive:
        (home,) = {name.split("/")[0] for name in archive.namelist() if ".dist-info/" in name}
        assert f"{home}/licenses/LICENSE" in archive.namelist()
        commands = archive.read(f"{home}/entry_points.txt").decode()
    assert "rosenblatt = rosenblatt.cli:main" in commands


@pytest.mark.slow
def test_it_makes_a_report_without_the_checkout(wheel, tmp_path):
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "alone")
    script = (
        "import sys, rosenblatt; "
        f"assert rosenblatt.__file__.startswith({str(tmp_path)!r}), rosenblatt.__file__; "
        "from rosenblatt.cli import main; "
        "sys.exit(main(['report', '--only', 'E3', '--seeds', '1', '--jobs', '1', '--quiet']))"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "alone")}
    command = [sys.executable, "-c", script]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, timeout=300)
    assert "A perceptron" in (tmp_path / "report" / "index.html").read_text()


def test_the_citation_has_the_version_of_the_package():
    assert f"\nversion: {rosenblatt.__version__}\n" in (ROOT / "CITATION.cff").read_text()
