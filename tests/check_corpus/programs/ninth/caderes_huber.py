# Dies de rehabilitació després d'una pròtesi de maluc (dades simulades)
# leaky ReLU, pèrdua de Huber perquè sempre hi ha pacients estranys
import numpy as np

rng = np.random.default_rng(314)
PENDENT = 0.05
DELTA = 1.0


def leaky(z):
    return np.where(z > 0, z, PENDENT * z)


def d_leaky(z):
    return np.where(z > 0, 1.0, PENDENT)


def huber(r):
    petit = np.abs(r) <= DELTA
    return np.where(petit, 0.5 * r ** 2, DELTA * (np.abs(r) - 0.5 * DELTA)).mean()


def d_huber(r):
    return np.clip(r, -DELTA, DELTA) / len(r)


n = 200
edat = rng.uniform(50, 90, n)
pes = rng.normal(75, 12, n)
activitat = rng.uniform(0, 10, n)
dies = 20 + 0.02 * (edat - 50) ** 2 + 0.2 * np.abs(pes - 70) - 1.5 * activitat + rng.normal(0, 2, n)
dies[rng.choice(n, 15, replace=False)] += 80        # complicacions

X = np.column_stack([edat, pes, activitat])
X = (X - X.mean(axis=0)) / X.std(axis=0)
y = ((dies - np.median(dies)) / 10.0)[:, None]

W1 = rng.normal(0, np.sqrt(2 / 3), (3, 15))
b1 = np.zeros(15)
W2 = rng.normal(0, np.sqrt(2 / 15), (15, 1))
b2 = np.zeros(1)

lr = 0.1
for it in range(1500):
    z = X @ W1 + b1
    h = leaky(z)
    r = h @ W2 + b2 - y
    L = huber(r)

    g = d_huber(r)
    gW2 = h.T @ g
    gb2 = g.sum(axis=0)
    gz = (g @ W2.T) * d_leaky(z)
    gW1 = X.T @ gz
    gb1 = gz.sum(axis=0)

    W1 -= lr * gW1
    b1 -= lr * gb1
    W2 -= lr * gW2
    b2 -= lr * gb2
    if it % 250 == 0:
        print(it, "pèrdua", round(L, 4))

error = np.abs(leaky(X @ W1 + b1) @ W2 + b2 - y) * 10
print("error medià en dies:", np.median(error))
