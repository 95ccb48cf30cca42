# Autoencoder "denoising" per battiti ECG sintetici
# 32 campioni -> 6 -> 32, codifica sigmoide, uscita lineare
import numpy as np

np.random.seed(12)
L = 32
N = 150
tt = np.linspace(0, 1, L)


def battito():
    r = np.random.normal(0.5, 0.02)
    amp = np.random.uniform(0.8, 1.2)
    p_onda = 0.2 * np.exp(-((tt - r + 0.2) / 0.05) ** 2)
    qrs = amp * np.exp(-((tt - r) / 0.03) ** 2)
    t_onda = np.random.uniform(0.2, 0.4) * np.exp(-((tt - r - 0.25) / 0.07) ** 2)
    return p_onda + qrs + t_onda


puliti = np.array([battito() for _ in range(N)])

k = 6
We = np.random.randn(L, k) * 0.3
be = np.zeros(k)
Wd = np.random.randn(k, L) * 0.3
bd = np.zeros(L)
lr = 0.6


def sigm(a):
    return 1 / (1 + np.exp(-a))


for ep in range(3000):
    rumorosi = puliti + 0.1 * np.random.randn(N, L)   # rumore nuovo a ogni giro
    # codifica / decodifica
    cod = sigm(rumorosi @ We + be)
    ric = cod @ Wd + bd
    diff = ric - puliti
    costo = np.sum(diff ** 2) / (2 * N)

    d_ric = diff / N
    gWd = cod.T @ d_ric
    gbd = np.mean(d_ric, axis=0)
    d_cod = d_ric @ Wd.T * cod * (1 - cod)
    gWe = rumorosi.T @ d_cod
    gbe = np.sum(d_cod, axis=0)

    We -= lr * gWe
    be -= lr * gbe
    Wd -= lr * gWd
    bd -= lr * gbd
    if ep % 500 == 0:
        print("epoca %4d  costo %.5f" % (ep, costo))

prova = np.array([battito() for _ in range(50)])
sporca = prova + 0.1 * np.random.randn(50, L)
rifatta = sigm(sporca @ We + be) @ Wd + bd
print("errore prima :", np.mean((sporca - prova) ** 2))
print("errore dopo  :", np.mean((rifatta - prova) ** 2))
