# Uebungsblatt 5, Aufgabe 2 und 3
# Softmax-Verlust, einmal mit Schleifen und einmal vektorisiert,
# dazu ein Zweischichtnetz. Alle Funktionen liefern Verlust und Gradient(en).
import numpy as np


def softmax_verlust_naiv(W, X, y, reg):
    """W: (D, C), X: (N, D), y: (N,) mit ganzen Zahlen, reg: Staerke des L2-Terms."""
    verlust = 0.0
    dW = np.zeros_like(W)
    N = X.shape[0]
    C = W.shape[1]
    for i in range(N):
        s = X[i].dot(W)
        s = s - s.max()
        summe = np.exp(s).sum()
        verlust += np.log(summe) - s[y[i]]
        for c in range(C):
            p = np.exp(s[c]) / summe
            if c == y[i]:
                dW[:, c] += (p - 1) * X[i]
            else:
                dW[:, c] += p * X[i]
    verlust /= N
    dW /= N
    verlust += reg * np.sum(W * W)
    dW += 2 * reg * W
    return verlust, dW


def softmax_verlust(W, X, y, reg):
    """Wie oben, ohne Schleifen."""
    N = X.shape[0]
    S = X @ W
    S = S - S.max(axis=1, keepdims=True)
    E = np.exp(S)
    P = E / E.sum(axis=1, keepdims=True)
    logP = S - np.log(E.sum(axis=1, keepdims=True))
    verlust = -np.mean(logP[np.arange(N), y]) + reg * np.sum(W ** 2)
    G = P.copy()
    G[np.arange(N), y] -= 1.0
    dW = X.T @ G / N + reg * W
    return verlust, dW


def zweischicht_verlust(par, X, y, reg):
    """X -> ReLU(X W1 + b1) -> W2, b2 -> Softmax.   par ist ein dict."""
    W1, b1, W2, b2 = par["W1"], par["b1"], par["W2"], par["b2"]
    N = X.shape[0]

    Z = X @ W1 + b1
    H = np.maximum(Z, 0)
    S = H @ W2 + b2
    S = S - S.max(axis=1, keepdims=True)
    logP = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    verlust = -logP[np.arange(N), y].sum() / N
    verlust += 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))

    dS = np.exp(logP)
    dS[np.arange(N), y] -= 1
    dS /= N
    grads = {}
    grads["W2"] = H.T @ dS + reg * W2
    grads["b2"] = dS.sum(axis=0)
    dZ = (dS @ W2.T) * (Z > 0)
    grads["W1"] = X.T @ dZ + reg * W1
    grads["b1"] = dZ.sum(axis=0)
    return verlust, grads


def vorhersage(par, X):
    H = np.maximum(X @ par["W1"] + par["b1"], 0)
    return np.argmax(H @ par["W2"] + par["b2"], axis=1)
