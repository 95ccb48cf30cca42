# Rete con dropout, tutto a mano. Prova per il gruppo di elettronica del liceo :)
import numpy as np

np.random.seed(12)

# --- dati: 8 ingressi, contano solo i primi tre, gli altri sono rumore
def crea_dati(n):
    X = np.random.randn(n, 8)
    y = ((X[:, 0] * X[:, 1] + X[:, 2]) > 0).astype(float).reshape(-1, 1)
    return X, y

X, y = crea_dati(240)
Xp, yp = crea_dati(400)

nasc = 40
p_tieni = 0.8
passo = 0.3
lam = 1e-3

W1 = np.random.randn(8, nasc) * np.sqrt(2.0 / 8)
b1 = np.zeros((1, nasc))
W2 = np.random.randn(nasc, 1) * np.sqrt(1.0 / nasc)
b2 = np.zeros((1, 1))

def sigmoide(z):
    return 1 / (1 + np.exp(-z))

def prevedi(X):
    # in prova niente dropout e niente scala (dropout "invertito")
    return sigmoide(np.maximum(0, X @ W1 + b1) @ W2 + b2)

blocco = 40
for epoca in range(150):
    ordine = np.random.permutation(len(X))
    somma = 0
    for i in range(0, len(X), blocco):
        sel = ordine[i:i+blocco]
        xb, yb = X[sel], y[sel]
        m = len(xb)

        z1 = xb @ W1 + b1
        a1 = np.maximum(0, z1)
        maschera = (np.random.rand(m, nasc) < p_tieni) / p_tieni
        a1d = a1 * maschera
        out = sigmoide(a1d @ W2 + b2)

        ce = -np.mean(yb * np.log(out + 1e-12) + (1 - yb) * np.log(1 - out + 1e-12))
        somma += m * (ce + 0.5 * lam * (np.sum(W1**2) + np.sum(W2**2)))

        dout = (out - yb) / m
        dW2 = a1.T @ dout + lam * W2
        db2 = dout.sum(axis=0, keepdims=True)
        da1 = (dout @ W2.T) * maschera
        dz1 = da1 * (z1 > 0)
        dW1 = xb.T @ dz1 + lam * W1
        db1 = dz1.sum(axis=0, keepdims=True)

        W1 -= passo * dW1
        b1 -= passo * db1
        W2 -= passo * dW2
        b2 -= passo * db2
    if epoca % 30 == 0:
        print("epoca", epoca, "costo", round(somma / len(X), 4))

print("giuste (allenamento):", np.mean((prevedi(X) > 0.5) == y))
print("giuste (prova):      ", np.mean((prevedi(Xp) > 0.5) == yp))
