"""Values that a backward pass computes and never uses, of names with several shapes."""

import textwrap

import pytest

from check_corpus.corpus import check_text

LAYERS = """
    import numpy as np

    class Rede:
        def __init__(self, tamanhos):
            rng = np.random.default_rng(5)
            self.pesos = [rng.normal(size=(m, n)) for n, m in zip(tamanhos, tamanhos[1:])]
            self.vieses = [rng.normal(size=(m, 1)) for m in tamanhos[1:]]

        def ajuste(self, X, Y, taxa):
            somas = [np.zeros_like(w) for w in self.pesos], [np.zeros_like(b) for b in self.vieses]
            for x, y in zip(X, Y):
                partes = self.retro(x.reshape(-1, 1), y.reshape(-1, 1))
                somas = [[s + g for s, g in zip(*both)] for both in zip(somas, partes)]
            self.pesos = [w - taxa / len(X) * g for w, g in zip(self.pesos, somas[0])]
            self.vieses = [b - taxa / len(X) * g for b, g in zip(self.vieses, somas[1])]

        def retro(self, x, y):
            ativacoes, zs = [x], []
            for w, b in zip(self.pesos, self.vieses):
                zs.append(w @ ativacoes[-1] + b)
                ativacoes.append(1 / (1 + np.exp(-zs[-1])))
            inclina = ativacoes[-1] * (1 - ativacoes[-1])
            delta = (ativacoes[-1] - y) * inclina
            gw, gb = [delta @ ativacoes[-2].T], [delta]
            for l in range(2, len(self.pesos) + 1):
                sp = ativacoes[-l] * (1 - ativacoes[-l])
                delta = (self.pesos[-l + 1].T @ delta) * sp
                gw.insert(0, delta @ ativacoes[-l - 1].T)
                gb.insert(0, delta)
            return gw, gb

    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, size=(40, 3))
    Y = (X.sum(axis=1, keepdims=True) > 0) * 1.0
    rede = Rede([3, 5, 4, 1])
    for epoca in range(5):
        for k in range(0, 40, 8):
            rede.ajuste(X[k : k + 8], Y[k : k + 8], 0.5)
"""


@pytest.mark.slow
@pytest.mark.parametrize("is_wrong", [False, True])
def test_a_factor_that_is_computed_and_not_used_is_named(is_wrong):
    text = textwrap.dedent(LAYERS)
    line = 1 + text[: text.index("delta = (self.pesos")].count("\n")
    if is_wrong:
        text = text.replace("(self.pesos[-l + 1].T @ delta) * sp", "self.pesos[-l + 1].T @ delta")
    result = check_text(text)
    assert "training" in result["checked"]
    found = [(finding["mistake"], finding["line"]) for finding in result["findings"]]
    assert found == [("activation-derivative-missing", line)] * is_wrong
