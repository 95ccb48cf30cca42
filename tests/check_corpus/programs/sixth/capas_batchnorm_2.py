# Practica 4 - Normalizacion por lotes (batch normalization)
# Alumno: 2do curso, Ing. Informatica
import numpy as np

rng = np.random.RandomState(3)


class Densa:
    def __init__(self, entrada, salida):
        self.W = rng.randn(entrada, salida) * np.sqrt(2.0 / entrada)
        self.b = np.zeros(salida)

    def adelante(self, x, entrenando):
        self.x = x
        return x.dot(self.W) + self.b

    def atras(self, g):
        self.dW = self.x.T.dot(g)
        self.db = g.sum(axis=0)
        return g.dot(self.W.T)

    def parametros(self):
        return [self.W, self.b]

    def gradientes(self):
        return [self.dW, self.db]


class BatchNorm:
    def __init__(self, dim, momento=0.9, eps=1e-5):
        self.gamma = np.ones(dim)
        self.beta = np.zeros(dim)
        self.media = np.zeros(dim)
        self.var = np.ones(dim)
        self.momento, self.eps = momento, eps

    def adelante(self, x, entrenando):
        if not entrenando:
            xn = (x - self.media) / np.sqrt(self.var + self.eps)
            return self.gamma * xn + self.beta
        mu = x.mean(axis=0)
        var = x.var(axis=0)
        self.media = self.momento * self.media + (1 - self.momento) * mu
        self.var = self.momento * self.var + (1 - self.momento) * var
        self.xc = x - mu
        self.inv = 1.0 / np.sqrt(var + self.eps)
        self.xn = self.xc * self.inv
        return self.gamma * self.xn + self.beta

    def atras(self, g):
        N = g.shape[0]
        self.dgamma = np.sum(g * self.xn, axis=0)
        self.dbeta = np.sum(g, axis=0)
        dxn = g * self.gamma
        dvar = np.sum(dxn * self.xc, axis=0) * -0.5 * self.inv ** 3
        dmu = -np.sum(dxn * self.inv, axis=0) + dvar * np.mean(-2.0 * self.xc, axis=0)
        return dxn * self.inv + dvar * self.xc / N + dmu / N

    def parametros(self):
        return [self.gamma, self.beta]

    def gradientes(self):
        return [self.dgamma, self.dbeta]


class Relu:
    def adelante(self, x, entrenando):
        self.x = x
        return np.where(x > 0, x, 0.0)

    def atras(self, g):
        return np.where(self.x > 0, g, 0.0)

    def parametros(self):
        return []

    def gradientes(self):
        return []


class Red:
    def __init__(self, capas):
        self.capas = capas

    def adelante(self, x, entrenando=True):
        for c in self.capas:
            x = c.adelante(x, entrenando)
        return x

    def atras(self, g):
        for c in self.capas[::-1]:
            g = c.atras(g)

    def actualizar(self, lr):
        for c in self.capas:
            for p, g in zip(c.parametros(), c.gradientes()):
                p -= lr * g


# ---- datos: superficie z = sin(2x) * y, columnas con escalas muy distintas
X = np.column_stack([rng.uniform(-2, 2, 400), rng.uniform(-2, 2, 400) * 20])
Y = (np.sin(2 * X[:, 0]) * X[:, 1] / 20).reshape(-1, 1) + 0.05 * rng.randn(400, 1)

red = Red([BatchNorm(2), Densa(2, 24), BatchNorm(24), Relu(),
           Densa(24, 24), BatchNorm(24), Relu(), Densa(24, 1)])

for epoca in range(1, 101):
    orden = rng.permutation(len(X))
    total = 0.0
    for k in range(0, len(X), 40):
        ids = orden[k:k + 40]
        pred = red.adelante(X[ids])
        dif = pred - Y[ids]
        total += np.sum(dif ** 2)
        red.atras(2 * dif / len(ids))
        red.actualizar(0.02)
    if epoca % 20 == 0:
        ev = np.mean((red.adelante(X, entrenando=False) - Y) ** 2)
        print("epoca", epoca, "ECM entrenamiento:", round(total / len(X), 5), "ECM evaluacion:", round(ev, 5))
