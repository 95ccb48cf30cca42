# perceptron kai ADALINE panw sta idia dedomena
# (shmeiwseis apo to mathima, ksanagrammena gia na ta katalavw)
import numpy as np

rng = np.random.default_rng(12)
n = 120
thetika = rng.normal([2.0, 1.5], 0.8, (n // 2, 2))
arnhtika = rng.normal([-0.5, -1.0], 0.8, (n // 2, 2))
X = np.vstack([thetika, arnhtika])
y = np.array([1] * (n // 2) + [-1] * (n // 2))


def perceptron(X, y, eta=0.1, epoxes=20):
    w = np.zeros(X.shape[1])
    b = 0.0
    for ep in range(epoxes):
        lathi = 0
        for xi, yi in zip(X, y):
            s = b
            for j in range(len(w)):
                s += w[j] * xi[j]
            if yi * s <= 0:
                for j in range(len(w)):
                    w[j] += eta * yi * xi[j]
                b += eta * yi
                lathi += 1
        if lathi == 0:
            break
    return w, b, lathi


def adaline(X, y, eta=0.01, epoxes=30):
    """Widrow-Hoff, ena deigma thn fora. Lathos 1/2 (y - s)^2"""
    w = rng.normal(0, 0.01, X.shape[1])
    b = 0.0
    kostos = []
    for ep in range(epoxes):
        seira = rng.permutation(len(y))
        X = X[seira]
        athr = 0.0
        for xi, yi in zip(X, y):
            s = xi @ w + b
            sfalma = yi - s
            w = w + eta * sfalma * xi
            b = b + eta * sfalma
            athr += 0.5 * sfalma ** 2
        kostos.append(athr / len(y))
    return w, b, kostos


w, b, lathi = perceptron(X, y)
akr = np.mean(np.where(X @ w + b > 0, 1, -1) == y)
print("perceptron: w =", w, " b =", b, " lathi sthn teleytaia epoxh:", lathi)
print("  akriveia: %.3f" % akr)

w, b, kostos = adaline(X, y)
akr = np.mean(np.where(X @ w + b > 0, 1, -1) == y)
print("adaline: w =", w, " b = %.3f" % b)
print("  kostos %.4f -> %.4f, akriveia %.3f" % (kostos[0], kostos[-1], akr))
