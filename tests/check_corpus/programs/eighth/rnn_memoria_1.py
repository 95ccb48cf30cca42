# RNN sencilla: ¿la suma de la secuencia es positiva?
# Práctica 5 de redes neuronales
import numpy as np

T = 6          # longitud
H = 10         # unidades ocultas


def init(rng):
    p = {
        "Wx": rng.normal(0, 0.3, (1, H)),
        "Wh": rng.normal(0, 0.3, (H, H)),
        "bh": np.zeros(H),
        "Wy": rng.normal(0, 0.3, (H, 1)),
        "by": np.zeros(1),
    }
    return p


def forward(p, X):
    # X: (N, T)
    N = X.shape[0]
    hs = [np.zeros((N, H))]
    for t in range(T):
        h = np.tanh(X[:, t:t + 1] @ p["Wx"] + hs[t] @ p["Wh"] + p["bh"])
        hs.append(h)
    z = hs[-1] @ p["Wy"] + p["by"]
    prob = 1 / (1 + np.exp(-z))
    return prob, hs


def perdida(prob, Y):
    q = np.clip(prob, 1e-9, 1 - 1e-9)
    return -np.mean(Y * np.log(q) + (1 - Y) * np.log(1 - q))


def backward(p, X, Y, prob, hs):
    N = X.shape[0]
    g = {k: np.zeros_like(v) for k, v in p.items()}
    dz = (prob - Y) / N
    g["Wy"] = hs[-1].T @ dz
    g["by"] = dz.sum(axis=0)
    dh = dz @ p["Wy"].T
    for t in reversed(range(T)):
        da = dh * (1 - hs[t + 1] ** 2)
        g["Wx"] += X[:, t:t + 1].T @ da
        g["bh"] += da.sum(axis=0)
        dh = da @ p["Wh"].T
    return g


def actualizar(p, g, lr, maxnorm=5.0):
    norma = np.sqrt(sum(np.sum(v ** 2) for v in g.values()))
    escala = min(1.0, maxnorm / (norma + 1e-12))
    for k in p:
        p[k] -= lr * escala * g[k]


def datos(n, rng):
    X = rng.normal(size=(n, T))
    Y = (X.sum(axis=1, keepdims=True) > 0).astype(float)
    return X, Y


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    X, Y = datos(512, rng)
    Xv, Yv = datos(200, rng)
    p = init(rng)
    for epoca in range(60):
        orden = rng.permutation(len(X))
        for i in range(0, len(X), 64):
            b = orden[i:i + 64]
            prob, hs = forward(p, X[b])
            g = backward(p, X[b], Y[b], prob, hs)
            actualizar(p, g, 0.5)
        if epoca % 10 == 0:
            prob, _ = forward(p, X)
            print("época", epoca, "pérdida", perdida(prob, Y))
    prob, _ = forward(p, Xv)
    print("validación:", np.mean((prob > 0.5) == Yv))
