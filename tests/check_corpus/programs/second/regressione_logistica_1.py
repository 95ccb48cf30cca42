"""
Regressione logistica con mini-batch e arresto anticipato (early stopping).
Esercitazione 5 - Apprendimento automatico
"""
import numpy as np


def sigmoide(z):
    return 1 / (1 + np.exp(-z))


def perdita(X, y, w, b):
    p = np.clip(sigmoide(X @ w + b), 1e-12, 1 - 1e-12)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def accuratezza(X, y, w, b):
    return np.mean((sigmoide(X @ w + b) >= 0.5) == (y == 1))


def genera_dati(n, rng):
    w_vero = np.array([1.5, -2.0, 0.7, 0.0, 0.0, 0.0])
    X = rng.normal(size=(n, 6))
    y = (rng.uniform(size=n) < sigmoide(X @ w_vero - 0.5)).astype(float)
    return X, y


def mescola(X, y, rng):
    indici = rng.permutation(len(X))
    return X[indici], y


def addestra(X, y, X_val, y_val, tasso=0.1, lotto=32, max_epoche=200, pazienza=8, seme=0):
    rng = np.random.default_rng(seme)
    w = np.zeros(X.shape[1])
    b = 0.0
    migliore = (np.inf, w.copy(), b)
    attesa = 0
    for epoca in range(max_epoche):
        X, y = mescola(X, y, rng)
        for inizio in range(0, len(X), lotto):
            Xb = X[inizio:inizio + lotto]
            yb = y[inizio:inizio + lotto]
            errore = sigmoide(Xb @ w + b) - yb
            grad_w = Xb.T @ errore / len(Xb)
            grad_b = errore.mean()
            w = w - tasso * grad_w
            b = b - tasso * grad_b

        perdita_val = perdita(X_val, y_val, w, b)
        if epoca % 5 == 0:
            print(f"epoca {epoca:3d}: addestramento {perdita(X, y, w, b):.4f}, validazione {perdita_val:.4f}")
        if perdita_val < migliore[0] - 1e-5:
            migliore = (perdita_val, w.copy(), b)
            attesa = 0
        else:
            attesa += 1
            if attesa >= pazienza:
                print("arresto anticipato all'epoca", epoca)
                break
    return migliore


if __name__ == "__main__":
    rng = np.random.default_rng(42)
    X, y = genera_dati(300, rng)
    X_val, y_val = genera_dati(150, rng)
    perdita_val, w, b = addestra(X, y, X_val, y_val)
    print("pesi:", np.round(w, 2), "bias:", round(float(b), 2))
    print(f"validazione: perdita {perdita_val:.4f}, accuratezza {accuratezza(X_val, y_val, w, b):.3f}")
