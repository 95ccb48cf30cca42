# Regressão softmax com momento - dígitos "de palito" 5x4, pixels de 0 a 255
# Trabalho prático 1, Redes Neurais
import numpy as np

gerador = np.random.RandomState(8)

# sete segmentos desenhados na mão (só 0, 1, 4 e 7)
moldes = {
    0: ["1111", "1001", "1001", "1001", "1111"],
    1: ["0010", "0110", "0010", "0010", "0111"],
    2: ["1001", "1001", "1111", "0001", "0001"],   # este é o 4
    3: ["1111", "0001", "0010", "0100", "0100"],   # este é o 7
}


def gera(qtd):
    X, y = [], []
    for c, linhas in moldes.items():
        base = np.array([[int(ch) for ch in lin] for lin in linhas], float).ravel()
        for _ in range(qtd):
            img = 150 * base + gerador.normal(20, 100, base.size)
            X.append(np.clip(img, 0, 255))
            y.append(c)
    return np.array(X), np.array(y)


def softmax(z):
    ez = np.exp(z)
    return ez / ez.sum(axis=1, keepdims=True)


def custo(X, y, W, b):
    z = X @ W + b
    m = z.max(axis=1)
    lse = m + np.log(np.exp(z - m[:, None]).sum(axis=1))
    return np.mean(lse - z[np.arange(len(y)), y])


X, y = gera(50)
Xteste, yteste = gera(20)
n, d = X.shape
K = 4

W = gerador.randn(d, K) * 0.5
b = np.zeros(K)
vW = np.zeros_like(W)
vb = np.zeros_like(b)
taxa, momento, lote = 3e-4, 0.9, 25      # 200 / 25 = 8 lotes certinhos

for ep in range(40):
    perm = gerador.permutation(n)
    Xe, ye = X[perm], y[perm]
    for i in range(0, n, lote):
        xb, yb = Xe[i:i + lote], ye[i:i + lote]
        p = softmax(xb @ W + b)
        p[np.arange(len(yb)), yb] -= 1
        gW = xb.T @ p / len(yb)
        gb = p.mean(axis=0)
        vW = momento * vW - taxa * gW
        vb = momento * vb - taxa * gb
        W += vW
        b += vb
    if ep % 8 == 0:
        print(f"época {ep:2d}  custo {custo(X, y, W, b):.4f}")

acerto = np.mean((Xteste @ W + b).argmax(axis=1) == yteste)
print(f"acerto no teste: {acerto:.1%}")
