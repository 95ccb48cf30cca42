# Autoencoder met gedeelde gewichten (tied weights) voor meetreeksen van een pomp
# code = sig(x W + b),  reconstructie = sig(code W^T + c)
import numpy as np

np.random.seed(21)

# --- meetreeksen: sinusjes met willekeurige fase en amplitude, geschaald naar 0..1
lengte, aantal = 16, 256
tijd = np.arange(lengte) / lengte
fase = np.random.rand(aantal, 1) * 2 * np.pi
ampl = 0.2 + 0.2 * np.random.rand(aantal, 1)
data = 0.5 + ampl * np.sin(2 * np.pi * tijd + fase)
data += 0.01 * np.random.randn(aantal, lengte)


def sig(a):
    return 1 / (1 + np.exp(-a))


def dsig(s):
    # s is al de uitvoer van sig
    return s * (1 - s)


K = 6
W = np.random.randn(lengte, K) * 0.4
b = np.zeros(K)
c = np.zeros(lengte)
leersnelheid = 1.0
batch = 32

fout_geschiedenis = []
for epoch in range(300):
    volgorde = np.random.permutation(aantal)
    som = 0.0
    for begin in range(0, aantal, batch):
        x = data[volgorde[begin:begin + batch]]
        n = x.shape[0]

        code = sig(x @ W + b)
        rec = sig(code @ W.T + c)
        verschil = rec - x
        som += np.sum(verschil ** 2)         # kwadratische fout

        d_rec = 2 * verschil / n
        d_code = (d_rec @ W) * dsig(code)
        gW = x.T @ d_code + d_rec.T @ code   # encoder + decoder
        gb = d_code.sum(axis=0)
        gc = d_rec.sum(axis=0)

        W -= leersnelheid * gW
        b -= leersnelheid * gb
        c -= leersnelheid * gc
    fout_geschiedenis.append(som / aantal)
    if epoch % 60 == 0:
        print("epoch", epoch, "fout per reeks:", round(som / aantal, 5))

basis = np.mean(np.sum((data - data.mean(axis=0)) ** 2, axis=1))
print("eindfout %.4f (alleen gemiddelde: %.4f)" % (fout_geschiedenis[-1], basis))
