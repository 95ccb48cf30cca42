# Regresion softmax para reconocer digitos "de calculadora" de 5x3 pixeles
# aprendiendo numpy, dia 9 :)
import numpy as np

rng = np.random.default_rng(2024)

PLANTILLAS = ["111101101101111", "010110010010111", "111001111100111", "111001111001111", "101101111001001",
              "111100111001111", "111100111101111", "111001010010010", "111101111101111", "111101111001111"]


def generar(n):
    """pixeles de 0 a 255 como en una imagen de verdad"""
    base = np.array([[int(c) for c in p] for p in PLANTILLAS])
    y = rng.integers(0, 10, size=n)
    X = base[y] * 200.0 + rng.normal(20, 25, size=(n, 15))
    return np.clip(X, 0, 255), y


def inicializar(d, k):
    return {"W": 0.001 * rng.normal(size=(d, k)), "b": np.zeros(k)}


def puntajes(params, X):
    return X @ params["W"] + params["b"]


def log_softmax(z):
    z = z - np.max(z, axis=0, keepdims=True)
    return z - np.log(np.sum(np.exp(z), axis=0, keepdims=True))


def perdida_y_gradientes(params, X, y, reg):
    n = len(y)
    logp = log_softmax(puntajes(params, X))
    perdida = -logp[np.arange(n), y].mean() + 0.5 * reg * np.sum(params["W"] ** 2)
    d = np.exp(logp)
    d[np.arange(n), y] -= 1
    d /= n
    return perdida, {"W": X.T @ d + reg * params["W"], "b": d.sum(axis=0)}


def barajar(X, y):
    perm = rng.permutation(len(X))
    return X[perm], y[perm]


X_ent, y_ent = generar(600)
X_val, y_val = generar(200)
params = inicializar(15, 10)
lote, lr, reg = 50, 0.005, 1e-4

for epoca in range(40):
    X_ent, y_ent = barajar(X_ent, y_ent)
    suma = 0
    for i in range(0, len(X_ent), lote):
        xb, yb = X_ent[i:i + lote], y_ent[i:i + lote]
        perdida, grads = perdida_y_gradientes(params, xb, yb, reg)
        suma += perdida
        for nombre in params:
            params[nombre] -= lr * grads[nombre]
    if epoca % 8 == 0 or epoca == 39:
        acierto = np.mean(np.argmax(puntajes(params, X_val), axis=1) == y_val)
        print(f"Epoca {epoca:2d} | perdida {suma / (len(X_ent) / lote):.4f} | acierto val. {acierto:.3f}")
