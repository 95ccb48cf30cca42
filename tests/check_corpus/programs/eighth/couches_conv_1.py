# TP3 - réseaux convolutifs "à la main"
# Toutes les images sont au format (n, canaux, hauteur, largeur)
import numpy as np


class Conv2D:
    def __init__(self, c_in, c_out, taille, pas=1, marge=0):
        self.pas, self.marge = pas, marge
        self.k = taille
        ech = np.sqrt(2.0 / (c_in * taille * taille))
        self.F = np.random.randn(c_out, c_in, taille, taille) * ech
        self.b = np.zeros(c_out)
        self.dF = np.zeros_like(self.F)
        self.db = np.zeros_like(self.b)

    def forward(self, x):
        p, s, k = self.marge, self.pas, self.k
        self.xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        n, _, H, L = self.xp.shape
        h = (H - k) // s + 1
        l = (L - k) // s + 1
        y = np.zeros((n, self.F.shape[0], h, l))
        for i in range(h):
            for j in range(l):
                bloc = self.xp[:, :, i * s:i * s + k, j * s:j * s + k]
                y[:, :, i, j] = np.tensordot(bloc, self.F, axes=([1, 2, 3], [1, 2, 3])) + self.b
        return y

    def backward(self, dy):
        p, s, k = self.marge, self.pas, self.k
        _, _, h, l = dy.shape
        dxp = np.zeros_like(self.xp)
        self.dF = np.zeros_like(self.F)
        self.db = np.zeros_like(self.b)
        for i in range(h):
            for j in range(l):
                g = dy[:, :, i, j]                       # (n, c_out)
                bloc = self.xp[:, :, i * s:i * s + k, j * s:j * s + k]
                self.dF += np.tensordot(g, bloc, axes=([0], [0]))
                self.db = g.sum(axis=0)
                dxp[:, :, i * s:i * s + k, j * s:j * s + k] += np.tensordot(g, self.F, axes=([1], [0]))
        if p > 0:
            return dxp[:, :, p:-p, p:-p]
        return dxp


class MaxPool:
    """fenêtres disjointes ; les bords qui dépassent sont ignorés"""

    def __init__(self, taille=2):
        self.k = taille

    def forward(self, x):
        self.x = x
        n, c, H, L = x.shape
        k = self.k
        y = np.zeros((n, c, H // k, L // k))
        for i in range(H // k):
            for j in range(L // k):
                y[:, :, i, j] = x[:, :, i * k:(i + 1) * k, j * k:(j + 1) * k].max(axis=(2, 3))
        self.y = y
        return y

    def backward(self, dy):
        k = self.k
        dx = np.zeros_like(self.x)
        n, c = dy.shape[:2]
        for a in range(n):
            for b in range(c):
                for i in range(dy.shape[2]):
                    for j in range(dy.shape[3]):
                        bloc = self.x[a, b, i * k:(i + 1) * k, j * k:(j + 1) * k]
                        u, v = np.unravel_index(bloc.argmax(), bloc.shape)
                        dx[a, b, i * k + u, j * k + v] = dy[a, b, i, j]
        return dx


class Aplatir:
    def forward(self, x):
        self.forme = x.shape
        return x.reshape(x.shape[0], -1)

    def backward(self, dy):
        return dy.reshape(self.forme)


class ReLU:
    def forward(self, x):
        self.actif = x > 0
        return x * self.actif

    def backward(self, dy):
        return dy * self.actif


class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) * np.sqrt(2.0 / n_in)
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dy):
        self.dW = self.x.T @ dy
        self.db = dy.sum(axis=0)
        return dy @ self.W.T


def entropie_croisee(scores, cible):
    """cible : indices des classes. Renvoie (perte moyenne, gradient / scores)."""
    n = len(cible)
    s = scores - scores.max(axis=1, keepdims=True)
    logp = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    perte = -logp[np.arange(n), cible].sum() / n
    grad = np.exp(logp)
    grad[np.arange(n), cible] -= 1
    return perte, grad / n
