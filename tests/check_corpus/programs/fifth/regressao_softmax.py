"""Regressão softmax em camadas separadas (exercício 3 da disciplina de Aprendizagem Automática).
Cada camada tem frente() e tras(); as amostras ficam nas linhas."""
import numpy as np

EPS = 1e-12


class Afim:
    def __init__(self, entradas, saidas, rng):
        self.peso = 0.01 * rng.standard_normal((entradas, saidas))
        self.vies = np.zeros((1, saidas))

    def frente(self, X):
        self.X = X
        return X.dot(self.peso) + self.vies

    def tras(self, g):
        self.g_peso = self.X.T.dot(g)
        self.g_vies = g.sum(axis=0, keepdims=True)
        return g.dot(self.peso.T)


class Softmax:
    def frente(self, Z):
        e = np.exp(Z - Z.max(axis=1, keepdims=True))
        self.S = e / e.sum(axis=1, keepdims=True)
        return self.S

    def tras(self, g):
        S = self.S
        return S * (g - (g * S).sum(axis=1, keepdims=True))


class EntropiaCruzada:
    def frente(self, P, T):
        self.P, self.T = P, T
        return -np.sum(T * np.log(P + EPS)) / len(P)

    def tras(self):
        return -self.T / (self.P + EPS) / len(self.P)


def um_quente(y, k):
    T = np.zeros((y.size, k))
    T[np.arange(y.size), y] = 1
    return T


def treina(camadas, perda, X, T, epocas=200, taxa=0.5):
    for ep in range(epocas):
        A = X
        for c in camadas:
            A = c.frente(A)
        J = perda.frente(A, T)
        g = perda.tras()
        for c in camadas[::-1]:
            g = c.tras(g)
        afim = camadas[0]
        afim.peso -= taxa * afim.g_peso
        afim.vies -= taxa * afim.g_vies
        if ep % 40 == 0:
            print("época %3d: custo = %.4f" % (ep, J))
    return A


rng = np.random.default_rng(11)
centros = np.array([[0, 2], [2, -1], [-2, -1], [3, 3]])
y = rng.integers(0, 4, 240)
X = centros[y] + rng.normal(0, 0.8, (240, 2))
T = um_quente(y, 4)

camadas = [Afim(2, 4, rng), Softmax()]
P = treina(camadas, EntropiaCruzada(), X, T)
print("acertos: %.1f %%" % (100 * np.mean(P.argmax(axis=1) == y)))
