"""
BP_COLUMNS  backprop with momentum, ported from my old bp.m (1998)
P is R x Q (one sample per COLUMN), T is 1 x Q, exactly as in the toolbox.
"""
import numpy as np

np.random.seed(7)


def logsig(n):
    return 1.0 / (1.0 + np.exp(-n))


# ---- data: inner disk vs. ring, Q columns
Q = 200
half = Q // 2
rad = np.hstack([0.8 * np.random.rand(half), 1.3 + 0.7 * np.random.rand(half)])
phi = 2 * np.pi * np.random.rand(Q)
P = np.vstack([rad * np.cos(phi), rad * np.sin(phi)])      # 2 x Q
T = np.hstack([np.zeros(half), np.ones(half)])[None, :]    # 1 x Q

R, S1, S2 = 2, 8, 1
W1 = 1.5 * np.random.randn(S1, R)
B1 = np.random.randn(S1, 1)
W2 = 0.5 * np.random.randn(S2, S1)
B2 = np.zeros((S2, 1))

lr = 0.5
mc = 0.9
epochs = 800
VW1, VB1 = np.zeros_like(W1), np.zeros_like(B1)
VW2, VB2 = np.zeros_like(W2), np.zeros_like(B2)

for ep in range(1, epochs + 1):
    # PRESENTATION PHASE
    A1 = logsig(W1 @ P + B1)          # S1 x Q
    A2 = logsig(W2 @ A1 + B2)         # S2 x Q
    perf = -np.mean(T * np.log(A2 + 1e-12) + (1 - T) * np.log(1 - A2 + 1e-12))

    # BACKPROPAGATION PHASE
    D2 = (A2 - T) / Q
    D1 = A1 * (1 - A1) * (W2.T @ D2)

    gW2 = D2 @ A1.T
    gB2 = np.sum(D2, axis=1, keepdims=True)
    gW1 = D1 @ P.T
    gB1 = D1

    # LEARNING PHASE
    VW1 = mc * VW1 - lr * gW1
    VB1 = mc * VB1 - lr * gB1
    VW2 = mc * VW2 - lr * gW2
    VB2 = mc * VB2 - lr * gB2
    W1 = W1 + VW1
    B1 = B1 + VB1
    W2 = W2 + VW2
    B2 = B2 + VB2

    if ep % 100 == 0:
        print("TRAINGDM, Epoch %d/%d, perf %.4f" % (ep, epochs, perf))

A2 = logsig(W2 @ logsig(W1 @ P + B1) + B2)
print("hits: %.1f%%" % (100 * np.mean((A2 > 0.5) == (T > 0.5))))
