"""
Red recurrente sencilla (Elman) con BPTT.
Tarea: leer una secuencia de +1/-1 de largo T y decir al final
       si el PRIMER elemento era +1 o -1  (memoria).
"""
import numpy as np

HP = {"T": 6, "H": 10, "lr": 0.1, "pasos": 1500, "lote": 20, "clip": 1.0, "semilla": 11}


def iniciar(H, rng):
    return {
        "Wx": rng.normal(0, 0.5, (1, H)),
        "Wh": rng.normal(0, 1.0 / np.sqrt(H), (H, H)),
        "bh": np.zeros(H),
        "Wy": rng.normal(0, 0.5, (H, 1)),
        "by": np.zeros(1),
    }


def adelante(p, X):
    """X: (lote, T, 1).  hs[t] es el estado DESPUÉS de leer t elementos"""
    hs = [np.zeros((X.shape[0], p["Wh"].shape[0]))]
    for t in range(X.shape[1]):
        hs.append(np.tanh(X[:, t] @ p["Wx"] + hs[t] @ p["Wh"] + p["bh"]))
    y = hs[-1] @ p["Wy"] + p["by"]
    return hs, y


def costo(p, X, d):
    _, y = adelante(p, X)
    return 0.5 * np.mean((y - d) ** 2)


def bptt(p, g, X, d):
    hs, y = adelante(p, X)
    dy = (y - d) / X.shape[0]
    g["Wy"] = hs[-1].T @ dy
    g["by"] = dy.sum(axis=0)
    dh = dy @ p["Wy"].T
    for t in reversed(range(X.shape[1])):
        dz = dh * (1 - hs[t + 1] ** 2)
        g["Wx"] += X[:, t].T @ dz
        g["Wh"] += hs[t].T @ dz
        g["bh"] += dz.sum(axis=0)
        dh = dz @ p["Wh"].T
    return g


def recortar(g, maximo):
    norma = np.sqrt(sum(np.sum(v ** 2) for v in g.values()))
    if norma > maximo:
        for k in g:
            g[k] = g[k] * (maximo / norma)


def secuencias(n, T, rng):
    X = rng.choice([-1.0, 1.0], size=(n, T, 1))
    return X, X[:, 0]


def entrenar(hp):
    rng = np.random.default_rng(hp["semilla"])
    p = iniciar(hp["H"], rng)
    g = {k: np.zeros_like(v) for k, v in p.items()}
    for paso in range(hp["pasos"] + 1):
        X, d = secuencias(hp["lote"], hp["T"], rng)
        g = bptt(p, g, X, d)
        recortar(g, hp["clip"])
        for k in p:
            p[k] -= hp["lr"] * g[k]
        if paso % 250 == 0:
            print(f"paso {paso:5d}  costo {costo(p, X, d):.4f}")
    return p, rng


if __name__ == "__main__":
    p, rng = entrenar(HP)
    X, d = secuencias(500, HP["T"], rng)
    _, y = adelante(p, X)
    print("aciertos en secuencias nuevas:", np.mean(np.sign(y) == d))
