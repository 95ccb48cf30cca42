# Две спирали, сеть 2-32-32-1, leaky ReLU, Adam
# самоучка, глава 6; всё на numpy, чтобы понять, как оно внутри
import numpy as np

rng = np.random.default_rng(42)


def spirali(n):
    t = np.sqrt(rng.random(n)) * 2.2 * np.pi
    a = np.c_[t * np.cos(t), t * np.sin(t)]
    X = np.r_[a, -a] / 6 + 0.03 * rng.standard_normal((2 * n, 2))
    y = np.r_[np.zeros(n), np.ones(n)][:, None]
    return X, y


ALPHA = 0.1


def lrelu(z):
    return np.where(z > 0, z, ALPHA * z)


def dlrelu(z):
    return np.where(z > 0, 1.0, ALPHA)


razmery = [2, 32, 32, 1]
W, b = [], []
for n_in, n_out in zip(razmery[:-1], razmery[1:]):
    W.append(rng.standard_normal((n_in, n_out)) * np.sqrt(2.0 / n_in))
    b.append(np.zeros((1, n_out)))

params = W + b
m = [np.zeros_like(p) for p in params]
v = [np.zeros_like(p) for p in params]
lr, beta1, beta2, eps = 0.01, 0.9, 0.999, 1e-8

X, y = spirali(150)
N = len(X)
batch = 50
shag = 0

for epoha in range(150):
    poryadok = rng.permutation(N)
    summa = 0.0
    for i in range(0, N, batch):
        idx = poryadok[i:i + batch]
        xb, yb = X[idx], y[idx]

        # прямой проход
        z1 = xb @ W[0] + b[0]
        a1 = lrelu(z1)
        z2 = a1 @ W[1] + b[1]
        a2 = lrelu(z2)
        z3 = a2 @ W[2] + b[2]
        # устойчивая перекрёстная энтропия по логиту
        summa += np.sum(np.logaddexp(0, z3) - yb * z3)
        p = np.exp(-np.logaddexp(0, -z3))

        # обратный проход
        d3 = (p - yb) / len(idx)
        gW3 = a2.T @ d3
        gb3 = d3.sum(0, keepdims=True)
        d2 = (d3 @ W[2].T) * dlrelu(z2)
        gW2 = a1.T @ d2
        gb2 = d2.sum(0, keepdims=True)
        d1 = (d2 @ W[1].T) * dlrelu(z1)
        gW1 = xb.T @ d1
        gb1 = d1.sum(0, keepdims=True)

        shag += 1
        for k, g in enumerate([gW1, gW2, gW3, gb1, gb2, gb3]):
            m[k] = beta1 * m[k] + (1 - beta1) * g
            v[k] = beta2 * v[k] + (1 - beta2) * g * g
            mh = m[k] / (1 - beta1 ** shag)
            vh = v[k] / (1 - beta2 ** shag)
            params[k] -= lr * mh / (np.sqrt(vh) + eps)   # на месте: W и b те же массивы
    if epoha % 30 == 0 or epoha == 149:
        print(f"эпоха {epoha:3d}: потери {summa / N:.4f}")

a = lrelu(lrelu(X @ W[0] + b[0]) @ W[1] + b[1]) @ W[2] + b[2]
print("точность:", np.mean((a > 0) == (y > 0.5)))
