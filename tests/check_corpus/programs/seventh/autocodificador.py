# Autocodificador com pesos amarrados (W na ida, W transposta na volta)
# Dados: faixas binarias de 12 pixels. Feito depois de ler o capitulo 14 do livro.
import numpy as np

gerador = np.random.default_rng(5)

n_vis, n_oculto = 12, 5
taxa = 0.5
epocas = 600


def gerar(n):
    dados = np.zeros((n, n_vis))
    for linha in dados:
        inicio = gerador.integers(0, n_vis)
        tam = gerador.integers(3, 6)
        for k in range(tam):
            linha[(inicio + k) % n_vis] = 1.0
    return dados


def sigm(z):
    return 1.0 / (1.0 + np.exp(-z))


X = gerar(200)
W = gerador.normal(0, 0.3, (n_vis, n_oculto))
b = np.zeros(n_oculto)
c = np.zeros(n_vis)

for ep in range(epocas):
    # codifica e decodifica
    h = sigm(X @ W + b)
    rec = sigm(h @ W.T + c)

    # entropia cruzada por amostra
    q = np.clip(rec, 1e-10, 1 - 1e-10)
    perda = -np.mean(np.sum(X * np.log(q) + (1 - X) * np.log(1 - q), axis=1))

    # gradientes
    d_saida = (rec - X) / len(X)
    d_oculto = (d_saida @ W) * h * (1 - h)
    gW = X.T @ d_oculto + d_saida.T @ h
    gb = d_oculto.sum(axis=0)
    gc = d_saida.sum(axis=0)

    W -= taxa * gW
    b -= taxa * gb
    c -= taxa * gc

    if ep % 100 == 0:
        print('epoca %4d  perda %.4f' % (ep, perda))

print('perda final %.4f' % perda)
print('pixels certos: %.3f' % np.mean((rec > 0.5) == (X > 0.5)))
