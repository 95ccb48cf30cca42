"""Weights that an update scales before it adds to them."""

import textwrap

import pytest

from check_corpus.corpus import check_text

SCALED = """
    import numpy as np
    rng = np.random.default_rng(1)
    entree = rng.normal(size=(6, 3))
    cible = rng.uniform(size=(6, 1))
    poids_a, poids_b = rng.normal(size=(3, 4)), rng.normal(size=(4, 1))
    garde, taux = 1, 0.3
    for tour in range(8):
        cachee = 1 / (1 + np.exp(-entree @ poids_a))
        sortie = 1 / (1 + np.exp(-cachee @ poids_b))
        ecart = cible - sortie
        d_sortie = ecart * sortie * (1 - sortie)
        d_cachee = (d_sortie @ poids_b.T) * cachee * (1 - cachee)
        poids_b = (poids_b * garde) + (cachee.T @ d_sortie * taux)
        poids_a = (garde * poids_a) + (entree.T @ d_cachee * taux)
"""


@pytest.mark.slow
@pytest.mark.parametrize("is_wrong", [False, True])
def test_a_weight_is_updated_where_it_is_scaled_before(is_wrong):
    text = textwrap.dedent(SCALED)
    if is_wrong:
        text = text.replace("(d_sortie @ poids_b.T) * cachee", "(d_sortie @ poids_b.T)")
    result = check_text(text)
    assert "training" in result["checked"]
    assert bool(result["findings"]) == is_wrong
