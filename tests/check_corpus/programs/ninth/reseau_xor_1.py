# Cours d'intro a l'IA, seance 5 : retropropagation sur le XOR
import numpy as np

rng = np.random.default_rng(4)


def sigmoide(z):
    return 1.0 / (1.0 + np.exp(-z))


def deriv_sigmoide(z):
    s = sigmoide(z)
    return s * (1 - s)


class Reseau:
    def __init__(self, n_entree, n_cachee, n_sortie):
        self.W1 = rng.normal(0, 1, (n_entree, n_cachee))
        self.b1 = np.zeros((1, n_cachee))
        self.W2 = rng.normal(0, 1, (n_cachee, n_sortie))
        self.b2 = np.zeros((1, n_sortie))

    def avant(self, X):
        self.X = X
        self.z1 = X @ self.W1 + self.b1
        self.a1 = sigmoide(self.z1)
        self.z2 = self.a1 @ self.W2 + self.b2
        self.a2 = sigmoide(self.z2)
        return self.a2

    def arriere(self, y, lr):
        # perte = 1/2 * somme des carres
        d2 = (self.a2 - y) * deriv_sigmoide(self.z2)
        d1 = (d2 @ self.W2.T) * deriv_sigmoide(self.a1)
        self.W2 -= lr * self.a1.T @ d2
        self.b2 -= lr * d2.sum(axis=0, keepdims=True)
        self.W1 -= lr * self.X.T @ d1
        self.b1 -= lr * d1.sum(axis=0, keepdims=True)


def principal():
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    y = np.array([[0], [1], [1], [0]], dtype=float)
    net = Reseau(2, 4, 1)
    for it in range(6001):
        sortie = net.avant(X)
        if it % 1500 == 0:
            print("iteration", it, "perte", 0.5 * np.sum((sortie - y) ** 2))
        net.arriere(y, 1.0)
    print("sorties finales :")
    for xi, oi in zip(X, net.avant(X)):
        print(xi, "->", round(float(oi[0]), 3))


if __name__ == "__main__":
    principal()
