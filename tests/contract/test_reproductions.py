"""What every result of ``rosenblatt reproduce`` has: a source, a page, claims that are judged."""

import re

import pytest

from rosenblatt.reproductions import NAMES, find


@pytest.fixture(params=NAMES)
def result(request):
    return find(request.param)


def test_it_is_found_by_its_name_and_says_where_it_comes_from(result):
    assert result.name in NAMES
    assert result.module.startswith("rosenblatt.reproductions.")
    assert result.experiment.question.endswith("?")
    assert result.sources
    assert all(re.search(r"\b(1[89]|20)\d\d\b", source) for source in result.sources)
    assert result.seeds >= 1
    assert result.takes
    assert (result.full is None) == (not result.full_takes)


def test_the_page_shows_every_figure_and_table(result):
    contents = result.contents
    shown = set(contents.numbers)
    assert shown == {it.key for it in (*result.section.figures, *result.section.tables)}
    template = result.section.template()
    assert {"found", "protocol", "body"} == set(re.findall(r"macro (\w+)\(f\)", template))


def test_claims_name_figures_that_are_there_and_numbers_name_claims(result):
    claims = {claim.id for claim in result.section.claims}
    assert len(claims) == len(result.section.claims) > 0
    for claim in result.section.claims:
        assert claim.figures
        assert set(claim.figures) <= set(result.contents.numbers)
    assert result.published
    assert all(it.claim in claims | {""} for it in result.published)


def test_the_tasks_are_planned_for_any_number_of_seeds(result):
    for experiment in filter(None, (result.experiment, result.full)):
        assert experiment.id == result.name
        for seeds in (1, 3, result.seeds):
            keys = [task.key for task in experiment.tasks(seeds)]
            assert len(set(keys)) == len(keys) > 0
