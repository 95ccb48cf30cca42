# Autoencoder 8-3-8: il classico problema dell'encoder binario
# più qualche bit di rumore nei dati
import numpy as np

np.random.seed(11)


def sigmoide(z):
    return 1.0 / (1.0 + np.exp(-z))


def derivata_sigmoide(a):
    # a è già l'uscita della sigmoide
    return a * (1.0 - a)


class Autoencoder:
    def __init__(self, n_ingressi, n_codice):
        self.W_cod = np.random.randn(n_ingressi, n_codice) * 0.5
        self.b_cod = np.zeros(n_codice)
        self.W_dec = np.random.randn(n_codice, n_ingressi) * 0.5
        self.b_dec = np.zeros(n_ingressi)

    def codifica(self, x):
        return sigmoide(x @ self.W_cod + self.b_cod)

    def decodifica(self, h):
        return sigmoide(h @ self.W_dec + self.b_dec)

    def errore(self, x):
        return 0.5 * np.sum((self.decodifica(self.codifica(x)) - x) ** 2) / len(x)

    def gradienti(self, x):
        n = len(x)
        h = self.codifica(x)
        r = self.decodifica(h)
        # strato di uscita
        delta_r = (r - x) / n
        dW_dec = h.T @ delta_r
        db_dec = delta_r.sum(axis=0)
        # strato del codice
        delta_h = delta_r @ self.W_dec.T * derivata_sigmoide(h)
        dW_cod = x.T @ delta_h
        db_cod = delta_h.sum(axis=0)
        return dW_cod, db_cod, dW_dec, db_dec

    def passo(self, x, lr):
        dW_cod, db_cod, dW_dec, db_dec = self.gradienti(x)
        self.W_cod -= lr * dW_cod
        self.b_cod -= lr * db_cod
        self.W_dec -= lr * dW_dec
        self.b_dec -= lr * db_dec


dati = np.eye(8)
rete = Autoencoder(8, 3)

for ciclo in range(8001):
    rete.passo(dati, lr=6.0)
    if ciclo % 1000 == 0:
        print("ciclo", ciclo, "errore", round(rete.errore(dati), 6))

print("codici imparati:")
print(np.round(rete.codifica(dati), 2))
print("ricostruzione corretta:",
      np.all(rete.decodifica(rete.codifica(dati)).argmax(axis=1) == np.arange(8)))
