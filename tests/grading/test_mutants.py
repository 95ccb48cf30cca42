"""Mutants of the solution lose points: a sample here, all by ``python -m grading.mutation``."""

import pytest

from grading.mutation import GRADED, grade_mutant, mutants

MUTANTS = mutants()


def test_there_are_many_mutants_of_every_file():
    assert len(MUTANTS) > 200
    assert {mutant.file for mutant in MUTANTS} == {file for _, file, _ in GRADED}
    assert len({(mutant.file, mutant.text) for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("part1/perceptron.py", "`0.01` -> `1.01`"),
        ("part2/modules.py", "`x.max(axis=1, keepdims=True)` -> `x.min(axis=1, keepdims=True)`"),
        ("part2/mlp_numpy.py", "`self.initialize(seed)` -> `nothing`"),
    ],
)
def test_the_mutants_that_are_hardest_to_see_lose_points(file, change):
    mutant = next(m for m in MUTANTS if (m.file, m.change) == (file, change))
    grade = grade_mutant(mutant)
    assert 0 < grade.points < grade.rubric.points
