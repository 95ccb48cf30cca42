# Sieć dwuwarstwowa: kwiaty (3 gatunki, 4 cechy), funkcja tanh, softmax, pęd, L2
import numpy as np


class SiecDwuwarstwowa:
    def __init__(self, n_wej, n_ukr, n_wyj, ziarno=0):
        los = np.random.RandomState(ziarno)
        self.W1 = los.normal(0, 0.3, (n_ukr, n_wej))
        self.b1 = np.zeros((n_ukr, 1))
        self.W2 = los.normal(0, 0.3, (n_wyj, n_ukr))
        self.b2 = np.zeros((n_wyj, 1))
        self.predkosc = {}

    def naprzod(self, X):
        """X: cechy w wierszach, przykłady w kolumnach"""
        self.X = X
        self.Z1 = self.W1 @ X + self.b1
        self.A1 = np.tanh(self.Z1)
        S = self.W2 @ self.A1 + self.b2
        E = np.exp(S - S.max(axis=0, keepdims=True))
        self.P = E / E.sum(axis=1, keepdims=True)
        return self.P

    def koszt(self, T, lam):
        m = T.shape[1]
        ce = -np.sum(T * np.log(self.P + 1e-12)) / m
        return ce + 0.5 * lam * (np.sum(self.W1 ** 2) + np.sum(self.W2 ** 2))

    def wstecz(self, T, lam):
        m = T.shape[1]
        dS = (self.P - T) / m
        dA1 = self.W2.T @ dS
        dZ1 = dA1 * (1 - np.tanh(self.Z1) ** 2)
        return {
            "W2": dS @ self.A1.T + lam * self.W2,
            "b2": np.sum(dS, axis=1, keepdims=True),
            "W1": dZ1 @ self.X.T + lam * self.W1,
            "b1": np.sum(dZ1, axis=1, keepdims=True),
        }

    def krok(self, grad, eta, ped):
        for nazwa, g in grad.items():
            v = ped * self.predkosc.get(nazwa, 0) - eta * g
            self.predkosc[nazwa] = v
            setattr(self, nazwa, getattr(self, nazwa) + v)

    def ucz(self, X, T, epoki, paczka, eta=0.05, ped=0.9, lam=1e-3, ziarno=1):
        los = np.random.RandomState(ziarno)
        m = X.shape[1]
        for epoka in range(epoki):
            kol = los.permutation(m)
            X, T = X[:, kol], T[:, kol]
            for i in range(0, m, paczka):
                self.naprzod(X[:, i:i + paczka])
                self.krok(self.wstecz(T[:, i:i + paczka], lam), eta, ped)
            if epoka % 5 == 0:
                P = self.naprzod(X)
                traf = np.mean(P.argmax(axis=0) == T.argmax(axis=0))
                print(f"epoka {epoka:3d}  koszt {self.koszt(T, lam):.4f}  trafność {traf:.3f}")


def kwiaty(na_gatunek, ziarno=5):
    los = np.random.RandomState(ziarno)
    srednie = np.array([[5.0, 3.4, 1.5, 0.2], [5.9, 2.8, 4.3, 1.3], [6.6, 3.0, 5.5, 2.0]])
    odch = np.array([[0.35, 0.38, 0.17, 0.1], [0.5, 0.3, 0.47, 0.2], [0.6, 0.3, 0.55, 0.27]])
    X = np.vstack([s + o * los.randn(na_gatunek, 4) for s, o in zip(srednie, odch)])
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    T = np.repeat(np.eye(3), na_gatunek, axis=0)
    return X.T, T.T


X, T = kwiaty(50)
siec = SiecDwuwarstwowa(4, 6, 3)
siec.ucz(X, T, epoki=30, paczka=16)
P = siec.naprzod(X)
print("trafność końcowa:", np.mean(P.argmax(axis=0) == T.argmax(axis=0)))
