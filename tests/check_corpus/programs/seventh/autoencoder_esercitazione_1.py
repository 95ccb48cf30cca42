# Esercitazione 5 - Reti neurali: autoencoder
# Corso di laurea magistrale in fisica
import numpy as np

np.random.seed(77)


def sigmoide(a):
    return 1.0 / (1.0 + np.exp(-a))


class Autoencoder:
    """codificatore sigmoide, decodificatore lineare, errore quadratico medio"""

    def __init__(self, n_vis, n_nas):
        self.W_c = np.random.normal(0, 0.5, (n_vis, n_nas))
        self.b_c = np.zeros(n_nas)
        self.W_d = np.random.normal(0, 0.5, (n_nas, n_vis))
        self.b_d = np.zeros(n_vis)

    def codifica(self, x):
        return sigmoide(x @ self.W_c + self.b_c)

    def decodifica(self, h):
        return h @ self.W_d + self.b_d

    def errore(self, x):
        r = self.decodifica(self.codifica(x)) - x
        return 0.5 * np.mean(np.sum(r ** 2, axis=1))

    def gradienti(self, x):
        n = x.shape[0]
        h = self.codifica(x)
        r = self.decodifica(h)
        delta_d = (r - x) / n
        gW_d = h.T @ delta_d
        gb_d = np.sum(delta_d, axis=0)
        delta_c = delta_d @ self.W_d.T
        gW_c = x.T @ delta_c
        gb_c = np.sum(delta_c, axis=0)
        return gW_c, gb_c, gW_d, gb_d

    def passo(self, x, eta):
        gW_c, gb_c, gW_d, gb_d = self.gradienti(x)
        self.W_c -= eta * gW_c
        self.b_c -= eta * gb_c
        self.W_d -= eta * gW_d
        self.b_d -= eta * gb_d


# segnali: gaussiane di posizione e ampiezza variabile su 16 canali
canali = np.arange(16)
centro = np.random.uniform(3, 12, size=(400, 1))
amp = np.random.uniform(0.5, 1.5, size=(400, 1))
dati = amp * np.exp(-0.5 * ((canali - centro) / 2.0) ** 2)
dati += 0.03 * np.random.randn(*dati.shape)

ae = Autoencoder(16, 5)
print("errore iniziale %.4f" % ae.errore(dati))
for epoca in range(300):
    ordine = np.random.permutation(len(dati))
    for k in range(0, len(dati), 40):
        ae.passo(dati[ordine[k:k + 40]], eta=0.2)
    if (epoca + 1) % 60 == 0:
        print("epoca", epoca + 1, "errore %.5f" % ae.errore(dati))
print("varianza dei dati: %.4f" % (0.5 * np.mean(np.sum((dati - dati.mean(0)) ** 2, axis=1))))
