# TP 2 - régression softmax (3 classes) par descente de gradient en mini-lots
import numpy as np


def generer_donnees(n_par_classe=60, graine=0):
    rng = np.random.default_rng(graine)
    centres = np.array([[0.0, 1.0], [1.2, -1.0], [-1.5, -0.5]])
    X = np.concatenate([c + 0.7 * rng.standard_normal((n_par_classe, 2)) for c in centres])
    y = np.repeat(np.arange(3), n_par_classe)
    return X, y


def softmax(scores):
    # on retire le maximum de chaque ligne pour la stabilité numérique
    scores = scores - scores.max(axis=1, keepdims=True)
    e = np.exp(scores)
    return e / e.sum(axis=0, keepdims=True)


def un_parmi_k(y, k):
    return np.eye(k)[y]


def cout(P, T):
    return -np.mean(np.sum(T * np.log(P + 1e-12), axis=1))


def gradient(X, P, T):
    n = X.shape[0]
    delta = (P - T) / n
    dW = X.T @ delta
    db = delta.sum(axis=0)
    return dW, db


def entrainer(X, y, pas=0.5, epoques=30, taille_lot=20, graine=1):
    rng = np.random.default_rng(graine)
    k = y.max() + 1
    W = np.zeros((X.shape[1], k))
    b = np.zeros(k)
    for epoque in range(epoques):
        perm = rng.permutation(len(X))
        X_m = X[perm]
        y_m = y[perm]
        for debut in range(0, len(X), taille_lot):
            lot = X_m[debut:debut + taille_lot]
            cible = un_parmi_k(y_m[debut:debut + taille_lot], k)
            P = softmax(lot @ W + b)
            dW, db = gradient(lot, P, cible)
            W -= pas * dW
            b -= pas * db
        if epoque % 5 == 0:
            P = softmax(X @ W + b)
            print(f"époque {epoque:3d}  coût {cout(P, un_parmi_k(y, k)):.4f}")
    return W, b


X, y = generer_donnees()
W, b = entrainer(X, y)
prediction = np.argmax(X @ W + b, axis=1)
print("précision :", np.mean(prediction == y))
