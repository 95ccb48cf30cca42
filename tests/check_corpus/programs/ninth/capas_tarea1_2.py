# Tarea 1 parte 1 -- mini biblioteca de redes
# Notacion del enunciado: A entrada de la capa, Z salida, dLdZ gradiente que llega.
# N = tamaño del lote, C = numero de caracteristicas.
import numpy as np


class Lineal:
    def __init__(self, ent, sal):
        self.W = np.random.uniform(-1, 1, (sal, ent)) / np.sqrt(ent)
        self.b = np.zeros((sal, 1))

    def forward(self, A):
        self.A = A
        self.N = A.shape[0]
        self.Unos = np.ones((self.N, 1))
        return A @ self.W.T + self.Unos @ self.b.T

    def backward(self, dLdZ):
        dLdA = dLdZ @ self.W
        self.dLdW = dLdZ.T @ self.A
        self.dLdb = dLdZ.T @ self.Unos
        return dLdA


class Tanh:
    def forward(self, Z):
        self.A = np.tanh(Z)
        return self.A

    def backward(self, dLdA):
        return dLdA * (1 - self.A ** 2)


class Softmax:
    """Activacion softmax por filas; el backward usa el jacobiano completo."""

    def forward(self, Z):
        E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
        self.A = E / E.sum(axis=1, keepdims=True)
        return self.A

    def backward(self, dLdA):
        N, C = dLdA.shape
        dLdZ = np.zeros((N, C))
        for i in range(N):
            a = self.A[i]
            J = np.diag(a * (1 - a))
            dLdZ[i] = dLdA[i] @ J
        return dLdZ


class PerdidaMSE:
    def forward(self, A, Y):
        self.A = A
        self.Y = Y
        self.N, self.C = A.shape
        return np.sum((A - Y) ** 2) / (self.N * self.C)

    def backward(self):
        return 2 * (self.A - self.Y) / (self.N * self.C)


class PerdidaEntropiaCruzada:
    """A son los logits (sin softmax), Y one-hot."""

    def forward(self, A, Y):
        self.A = A
        self.Y = Y
        self.N, self.C = A.shape
        M = A - A.max(axis=1, keepdims=True)
        logsoft = M - np.log(np.exp(M).sum(axis=1, keepdims=True))
        self.soft = np.exp(logsoft)
        return -np.sum(Y * logsoft) / self.N

    def backward(self):
        return (self.soft - self.Y) / self.N


class MLP1:
    """Lineal -> Tanh -> Lineal"""

    def __init__(self, ent, oculta, sal):
        self.capas = [Lineal(ent, oculta), Tanh(), Lineal(oculta, sal)]

    def forward(self, A):
        for c in self.capas:
            A = c.forward(A)
        return A

    def backward(self, d):
        for c in self.capas[::-1]:
            d = c.backward(d)
        return d
