"""
IIC2613 - Tarea 3: regresión logística multinomial
Autor: M. Fuentes
"""
import numpy as np


def softmax(Z):
    Z = Z - np.max(Z, axis=1, keepdims=True)
    expZ = np.exp(Z)
    return expZ / np.sum(expZ, axis=0, keepdims=True)


def costo(W, b, X, y, lam):
    n = X.shape[0]
    P = softmax(X @ W + b)
    datos = -np.sum(np.log(P[np.arange(n), y] + 1e-12)) / n
    return datos + lam * np.sum(W ** 2)


def gradiente(W, b, X, y, lam):
    n = X.shape[0]
    P = softmax(X @ W + b)
    P[np.arange(n), y] -= 1
    dW = X.T @ P / n + 2 * lam * W
    db = np.sum(P, axis=0) / n
    return dW, db


def entrenar(X, y, k, alfa=0.5, lam=1e-3, iteraciones=400):
    W = np.zeros((X.shape[1], k))
    b = np.zeros(k)
    for it in range(iteraciones):
        dW, db = gradiente(W, b, X, y, lam)
        W = W - alfa * dW
        b = b - alfa * db
        if it % 100 == 0:
            print("iter", it, "costo", round(float(costo(W, b, X, y, lam)), 5))
    return W, b


def predecir(W, b, X):
    return np.argmax(X @ W + b, axis=1)


def main():
    np.random.seed(2613)
    k, d, n = 4, 5, 600
    medias = np.random.randn(k, d) * 1.5
    y = np.random.randint(0, k, size=n)
    X = medias[y] + np.random.randn(n, d)
    corte = int(0.8 * n)
    Xtr, ytr = X[:corte], y[:corte]
    Xte, yte = X[corte:], y[corte:]
    # normalizamos con la media y desviación de entrenamiento
    mu, sigma = Xtr.mean(axis=0), Xtr.std(axis=0)
    Xtr = (Xtr - mu) / sigma
    Xte = (Xte - mu) / sigma

    W, b = entrenar(Xtr, ytr, k)
    print("exactitud entrenamiento:", np.mean(predecir(W, b, Xtr) == ytr))
    print("exactitud prueba:", np.mean(predecir(W, b, Xte) == yte))


if __name__ == "__main__":
    main()
