# Linjär flerklass-SVM med gångjärnsförlust (multi-class hinge), laboration 1
# Rader i X är exempel. Biasen är sista raden i W.
import numpy as np

DELTA = 1.0


def skapa_data(n, rng):
    """Fyra moln i planet, ett per klass."""
    mitt = np.array([[0, 2.2], [2.2, 0], [0, -2.2], [-2.2, 0]])
    y = rng.integers(0, 4, n)
    X = mitt[y] + 0.8 * rng.normal(size=(n, 2))
    return np.hstack([X, np.ones((n, 1))]), y


def forlust_langsam(W, X, y, reg):
    """Med slingor, som i uppgiften. Används bara för att jämföra."""
    n, klasser = len(X), W.shape[1]
    forlust = 0.0
    dW = np.zeros_like(W)
    for i in range(n):
        poang = X[i] @ W
        for j in range(klasser):
            if j == y[i]:
                continue
            marginal = poang[j] - poang[y[i]] + DELTA
            if marginal > 0:
                forlust += marginal
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    return forlust / n + reg * np.sum(W[:-1] ** 2), dW / n + 2 * reg * utan_bias(W)


def forlust_snabb(W, X, y, reg):
    n = len(X)
    rader = np.arange(n)
    poang = X @ W
    marginal = np.maximum(0, poang - poang[rader, y][:, None] + DELTA)
    marginal[rader, y] = 0
    forlust = marginal.sum() / n + reg * np.sum(W[:-1] ** 2)

    koeff = (marginal > 0).astype(float)
    koeff[rader, y] = -koeff.sum(axis=1)
    dW = X.T @ koeff / n + 2 * reg * utan_bias(W)
    return forlust, dW


def utan_bias(W):
    V = W.copy()
    V[-1] = 0
    return V


def trana(X, y, steg=400, takt=0.1, reg=1e-3, rng=None):
    W = 0.01 * rng.normal(size=(X.shape[1], 4))
    for t in range(steg):
        urval = rng.choice(len(X), 50, replace=False)
        forlust, dW = forlust_snabb(W, X[urval], y[urval], reg)
        W -= takt / (1 + 0.01 * t) * dW
        if t % 80 == 0:
            print(f"steg {t:4d}  förlust (alla data) {forlust_snabb(W, X, y, reg)[0]:.4f}")
    return W


if __name__ == "__main__":
    rng = np.random.default_rng(51)
    X, y = skapa_data(300, rng)
    X_test, y_test = skapa_data(200, rng)

    W = rng.normal(size=(3, 4))
    f1, g1 = forlust_langsam(W, X, y, 0.1)
    f2, g2 = forlust_snabb(W, X, y, 0.1)
    print("skillnad i förlust %.1e, i gradient %.1e" % (abs(f1 - f2), np.abs(g1 - g2).max()))

    W = trana(X, y, rng=rng)
    print("rätt på testdata:", np.mean((X_test @ W).argmax(axis=1) == y_test))
