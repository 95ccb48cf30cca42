#!/usr/bin/env python
# tumour vs. normal from (simulated) log2 expression, logistic regression
# 496 patients, 30 genes, 12 of them differentially expressed
import numpy as np

rng = np.random.default_rng(11)

n_patients, n_genes, n_de = 496, 30, 12
tumour = rng.integers(0, 2, n_patients)
expr = rng.normal(8.0, 1.0, (n_patients, n_genes))
fold = np.zeros(n_genes)
fold[:n_de] = rng.choice([-1, 1], n_de) * rng.uniform(6.0, 12.0, n_de)
purity = rng.uniform(0.03, 1.0, n_patients)      # some biopsies are mostly healthy tissue
expr += np.outer(tumour * purity, fold)

# random split, and random order within the batches below
order = rng.permutation(n_patients)
expr = expr[order]
tumour = tumour[order]

train = np.arange(n_patients) < 358
Xtr, ytr = expr[train], tumour[train].astype(float)
Xte, yte = expr[~train], tumour[~train].astype(float)

# centre every gene (log2, so the scale is comparable already)
centre = Xtr.mean(0)
Xtr = Xtr - centre
Xte = Xte - centre


def predict(X, w, b):
    return 1 / (1 + np.exp(-(X @ w + b)))


def logloss(y, p):
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


w = np.zeros(n_genes)
b = 0.0
lr = 0.3
batch = 32

for epoch in range(200):
    for start in range(0, len(Xtr), batch):
        xb = Xtr[start:start + batch]
        yb = ytr[start:start + batch]
        p = predict(xb, w, b)
        err = p - yb
        grad_w = xb.T @ err / len(xb)
        grad_b = err.mean()
        w -= lr * grad_w
        b -= lr * grad_b
    if epoch % 20 == 0:
        print(f"epoch {epoch:3d}  train logloss {logloss(ytr, predict(Xtr, w, b)):.5f}"
              f"  test logloss {logloss(yte, predict(Xte, w, b)):.5f}")

acc = np.mean((predict(Xte, w, b) > 0.5) == (yte > 0.5))
print("test accuracy", acc)
top = np.argsort(-np.abs(w))[:n_de]
print("DE genes among the top", n_de, ":", np.sum(top < n_de))
