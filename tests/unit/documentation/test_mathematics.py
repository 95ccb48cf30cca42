"""The pages of mathematics have every registered part, with formulas and the code of its passes."""

import re

import pytest

from rosenblatt.losses import LOSSES


def test_every_registered_part_is_on_the_page_of_its_kind(docs):
    from extension import mathematics

    pages = mathematics.pages()
    for kind in mathematics.KINDS:
        headings = re.findall(r"^(\w+)\n-+$", pages[f"mathematics/{kind.name}.rst"], re.MULTILINE)
        assert headings == [part.__name__ for part in kind.registry.values()]


def test_a_part_has_its_formulas_and_the_functions_that_compute_it(docs):
    from extension import mathematics

    from rosenblatt.layers import Linear
    from rosenblatt.optimizers import Adam
    from rosenblatt.optimizers.adam import adam_update

    assert mathematics.formulas(Linear)[0] == r"y_{nj} = \sum_{i} x_{ni} W_{ij} + b_{j}"
    functions = mathematics.functions(Adam, ("update",))
    assert functions == [Adam.update, adam_update]


@pytest.mark.parametrize("loss", LOSSES.values())
def test_every_loss_has_formulas(loss, docs):
    from extension import mathematics

    assert mathematics.formulas(loss)
