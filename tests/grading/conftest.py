import shutil

import pytest

from grading.mutation import HANDOUT, SOLUTION, without_numbers
from rosenblatt.grading.grade import grade_submission
from rosenblatt.grading.rubric import read_rubric
from rosenblatt.grading.submissions import Submission, read_submission

collect_ignore_glob = ["solution/*"]


@pytest.fixture(scope="session")
def handout():
    """The files of the handout as a student gets them."""
    files = read_submission(HANDOUT).files
    return {name: content for name, content in files.items() if "datasets" not in name}


@pytest.fixture(scope="session")
def filled_in(handout):
    """The handout with every skeleton filled in."""
    return handout | read_submission(SOLUTION).files


@pytest.fixture
def graded(filled_in):
    """Grade the filled-in handout with some files changed; answers are not graded."""

    def grade(part="part2", **files):
        changed = {
            f"{part}/{name}.py": text.encode() if isinstance(text, str) else text
            for name, text in files.items()
        }
        rubric = without_numbers(read_rubric(part))
        return grade_submission(Submission("ada", filled_in | changed), rubric)

    return grade


@pytest.fixture
def folder(tmp_path):
    """A folder with the filled-in handout."""
    shutil.copytree(HANDOUT, tmp_path / "ada", ignore=shutil.ignore_patterns("datasets"))
    shutil.copytree(SOLUTION, tmp_path / "ada", dirs_exist_ok=True)
    return tmp_path / "ada"
