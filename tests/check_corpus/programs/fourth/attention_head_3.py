import numpy as np

# One self-attention head + mean pooling + linear classifier.
# Task: does the sequence contain token 0 before token 1?

rng = np.random.default_rng(13)
V, T, D = 5, 6, 8           # vocabulary, length, width
E = rng.normal(0, 1, (V, D))          # fixed embeddings
POS = rng.normal(0, 1, (T, D))        # fixed positions


def softmax(s):
    s = s - s.max(axis=-1, keepdims=True)
    e = np.exp(s)
    return e / e.sum(axis=-1, keepdims=True)


def make_batch(n):
    tok = rng.integers(0, V, (n, T))
    y = np.zeros((n, 1))
    for k in range(n):
        zero = np.where(tok[k] == 0)[0]
        one = np.where(tok[k] == 1)[0]
        if len(zero) and len(one) and zero[0] < one[-1]:
            y[k] = 1
    return E[tok] + POS, y


def init():
    w = lambda a, b: rng.normal(0, 1 / np.sqrt(a), (a, b))
    return dict(Wq=w(D, D), Wk=w(D, D), Wv=w(D, D), Wo=w(D, 1), bo=np.zeros(1))


def forward(P, X):
    Q, K, Vv = X @ P["Wq"], X @ P["Wk"], X @ P["Wv"]
    S = Q @ K.transpose(0, 2, 1) / np.sqrt(D)
    A = softmax(S)
    H = A @ Vv                       # (n, T, D)
    R = np.tanh(H)
    pooled = R.mean(axis=1)
    logit = pooled @ P["Wo"] + P["bo"]
    p = 1 / (1 + np.exp(-logit))
    return p, (Q, K, Vv, A, R, pooled)


def bce(p, y):
    return -np.mean(y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12))


def backward(P, X, p, y, cache):
    Q, K, Vv, A, R, pooled = cache
    n = len(y)
    dlogit = (p - y) / n
    G = {"Wo": pooled.T @ dlogit, "bo": dlogit.sum(axis=0)}
    dpooled = dlogit @ P["Wo"].T
    dR = np.repeat(dpooled[:, None, :], T, axis=1) / T
    dH = dR * (1 - R ** 2)

    dA = dH @ Vv.transpose(0, 2, 1)
    dV = A.transpose(0, 2, 1) @ dH
    # softmax, row by row
    dS = A * (dA - np.sum(dA * A, axis=-1, keepdims=True))
    dQ = dS @ K
    dK = dS.transpose(0, 2, 1) @ Q

    G["Wq"] = np.einsum("ntd,nte->de", X, dQ)
    G["Wk"] = np.einsum("ntd,nte->de", X, dK)
    G["Wv"] = np.einsum("ntd,nte->de", X, dV)
    return G


if __name__ == "__main__":
    P = init()
    vel = {k: np.zeros_like(v) for k, v in P.items()}
    for step in range(321):
        X, y = make_batch(64)
        p, cache = forward(P, X)
        G = backward(P, X, p, y, cache)
        for k in P:
            vel[k] = 0.9 * vel[k] - 0.1 * G[k]
            P[k] += vel[k]
        if step % 80 == 0:
            print(f"step {step:4d}  loss {bce(p, y):.4f}  acc {np.mean((p > 0.5) == y):.3f}")
