"""Poisson-Regression (log-Link) für Zähldaten mit Gradientenabstieg."""
import numpy as np


def erwartung(X, beta, beta0):
    return np.exp(X @ beta + beta0)


def neg_log_likelihood(X, y, beta, beta0):
    # ohne den konstanten Term log(y!)
    eta = X @ beta + beta0
    return np.mean(np.exp(eta) - y * eta)


def gradient(X, y, beta, beta0):
    rest = erwartung(X, beta, beta0) - y
    return X.T @ rest / len(y), np.mean(rest)


def anpassen(X, y, eta=0.1, schritte=500, ausgabe=100):
    beta = np.zeros(X.shape[1])
    beta0 = 0.0
    for k in range(schritte):
        g, g0 = gradient(X, y, beta, beta0)
        beta = beta - eta * g
        beta0 = beta0 + eta * g0
        if k % ausgabe == 0:
            print(f"{k:4d}  NLL {neg_log_likelihood(X, y, beta, beta0):.5f}")
    return beta, beta0


def main():
    rng = np.random.default_rng(18)
    X = rng.normal(size=(200, 3))
    wahr = np.array([0.5, -0.3, 0.0])
    y = rng.poisson(np.exp(X @ wahr + 0.8))
    beta, beta0 = anpassen(X, y)
    print("geschätzt:", np.round(beta, 3), np.round(beta0, 3))
    print("wahr:     ", wahr, 0.8)


if __name__ == "__main__":
    main()
