import json

import pytest

from benchmarks.contenders import CONTENDERS
from benchmarks.works import OTHER_ROWS, WORKS, Work, find_rows
from rosenblatt.errors import ConfigurationError


def test_every_row_has_a_name_of_its_own():
    names = find_rows(None)
    assert len(set(names)) == len(names) == len(WORKS) + len(OTHER_ROWS)


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.id)
def test_a_work_survives_being_sent_as_json(work):
    assert Work.from_json(json.loads(json.dumps(work.as_json()))) == work


def test_factors_are_asked_for_against_contenders_that_exist():
    assert {name for work in WORKS for name in work.asked} <= set(CONTENDERS)
    assert all("jax" in work.asked for work in WORKS)


def test_weights_are_compared_after_at_least_200_updates():
    assert all(work.check_epochs * work.n_batches >= 200 for work in WORKS)


def test_rows_come_in_the_order_of_the_tables():
    assert find_rows(["scaling", "one-b1"]) == ("one-b1", "scaling")


def test_an_unknown_row_is_refused_with_the_nearest():
    with pytest.raises(ConfigurationError, match='did you mean "one-b100"'):
        find_rows(["one-b1000"])
