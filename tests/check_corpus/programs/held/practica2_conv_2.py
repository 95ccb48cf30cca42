# Práctica 2 - Capas convolucionales con bucles (sin im2col)
# Asignatura: Aprendizaje Profundo.  Entrega individual.
# Formato de los datos: (N, C, H, W)
import numpy as np


class Conv:
    def __init__(self, canales, filtros, k, paso=1, relleno=0, rng=None):
        rng = rng or np.random.default_rng()
        self.W = rng.normal(0, np.sqrt(2 / (canales * k * k)), (filtros, canales, k, k))
        self.b = np.zeros(filtros)
        self.k, self.paso, self.relleno = k, paso, relleno

    def adelante(self, x):
        p = self.relleno
        self.xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        N, _, H, A = self.xp.shape
        Ho = (H - self.k) // self.paso + 1
        Ao = (A - self.k) // self.paso + 1
        y = np.zeros((N, len(self.b), Ho, Ao))
        for i in range(Ho):
            for j in range(Ao):
                a, c = i * self.paso, j * self.paso
                ventana = self.xp[:, :, a:a + self.k, c:c + self.k]
                y[:, :, i, j] = np.tensordot(ventana, self.W, ([1, 2, 3], [1, 2, 3])) + self.b
        return y

    def atras(self, dy):
        self.dW = np.zeros_like(self.W)
        self.db = dy.sum(axis=(0, 2, 3))
        dxp = np.zeros_like(self.xp)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                a, c = i * self.paso, j * self.paso
                ventana = self.xp[:, :, a:a + self.k, c:c + self.k]
                g = dy[:, :, i, j]
                self.dW += np.tensordot(g, ventana, ([0], [0]))
                dxp[:, :, a:a + self.k, c:c + self.k] += np.tensordot(g, self.W, ([1], [0]))
        p = self.relleno
        if p == 0:
            return dxp
        return dxp[:, :, p:-p, p:-p]


class ReLU:
    def adelante(self, x):
        self.x = x
        return x * (x > 0)

    def atras(self, dy):
        dx = dy.copy()
        dx[self.x > 0] = 0
        return dx


class MaxPool:
    """Ventanas 2x2 sin solape; H y W tienen que ser pares."""

    def adelante(self, x):
        N, C, H, A = x.shape
        self.forma = x.shape
        v = x.reshape(N, C, H // 2, 2, A // 2, 2).transpose(0, 1, 2, 4, 3, 5)
        v = v.reshape(N, C, H // 2, A // 2, 4)
        self.arg = v.argmax(axis=-1)
        return v.max(axis=-1)

    def atras(self, dy):
        N, C, H, A = self.forma
        d = np.zeros(dy.shape + (4,))
        np.put_along_axis(d, self.arg[..., None], dy[..., None], axis=-1)
        d = d.reshape(N, C, H // 2, A // 2, 2, 2).transpose(0, 1, 2, 4, 3, 5)
        return d.reshape(N, C, H, A)


class Densa:
    def __init__(self, n_ent, n_sal, rng=None):
        rng = rng or np.random.default_rng()
        self.W = rng.normal(0, 1 / np.sqrt(n_ent), (n_ent, n_sal))
        self.b = np.zeros(n_sal)

    def adelante(self, x):
        self.forma = x.shape
        self.x = x.reshape(len(x), -1)
        return self.x @ self.W + self.b

    def atras(self, dy):
        self.dW = self.x.T @ dy
        self.db = dy.sum(axis=0)
        return (dy @ self.W.T).reshape(self.forma)


def entropia_cruzada(z, t):
    """z: puntuaciones (N, K), t: enteros. Devuelve la media y su gradiente."""
    z = z - z.max(axis=1, keepdims=True)
    p = np.exp(z)
    p /= p.sum(axis=1, keepdims=True)
    fila = np.arange(len(t))
    coste = np.mean(np.log(np.exp(z).sum(axis=1)) - z[fila, t])
    dz = p.copy()
    dz[fila, t] -= 1
    return coste, dz / len(t)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    x = rng.normal(0, 0.3, (60, 1, 8, 8))
    t = rng.integers(0, 2, 60)
    for n in range(60):            # clase 0: raya horizontal, clase 1: vertical
        if t[n] == 0:
            x[n, 0, rng.integers(8), :] += 1
        else:
            x[n, 0, :, rng.integers(8)] += 1
    capas = [Conv(1, 4, 3, relleno=1, rng=rng), ReLU(), MaxPool(),
             Conv(4, 6, 3, rng=rng), ReLU(), Densa(24, 2, rng=rng)]
    for epoca in range(60):
        h = x
        for capa in capas:
            h = capa.adelante(h)
        coste, g = entropia_cruzada(h, t)
        for capa in reversed(capas):
            g = capa.atras(g)
        for capa in capas:
            if hasattr(capa, "W"):
                capa.W -= 0.2 * capa.dW
                capa.b -= 0.2 * capa.db
        if epoca % 10 == 0:
            print("época", epoca, "coste", round(coste, 4))
    print("aciertos:", np.mean(h.argmax(1) == t))
