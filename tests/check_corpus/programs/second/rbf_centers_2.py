# RBF network, all parameters trained by gradient descent
# (translated from my MATLAB script, hence the capital letters)
#
#   phi_j(x) = exp(-||x - c_j||^2 / (2 s_j^2)),   yhat = sum_j w_j phi_j + w0
#   E = 1/(2P) sum_p (yhat_p - y_p)^2

from numpy import *

random.seed(4)

# ---------- training set: peaks-like surface ----------
P = 150
X = random.uniform(-2, 2, (P, 2))
Y = 2 * exp(-(X[:, 0] - 0.5) ** 2 - (X[:, 1] + 0.7) ** 2) - 1.5 * exp(-2 * (X[:, 0] + 1) ** 2 - (X[:, 1] - 0.8) ** 2)

# ---------- network ----------
M = 9
g1, g2 = meshgrid([-1.3, 0.0, 1.3], [-1.3, 0.0, 1.3])
C = column_stack([g1.ravel(), g2.ravel()])      # M x 2 centers
S = 0.9 * ones(M)                               # widths
Wt = 0.1 * random.randn(M)
W0 = 0.0


def phi(X, C, S):
    D = X[:, newaxis, :] - C[newaxis, :, :]     # P x M x 2
    R2 = sum(D ** 2, axis=2)
    return exp(-R2 / (2 * S ** 2)), D, R2


def cost(C, S, Wt, W0):
    PHI = phi(X, C, S)[0]
    return 0.5 * mean((PHI @ Wt + W0 - Y) ** 2)


def gradients(C, S, Wt, W0):
    PHI, D, R2 = phi(X, C, S)
    err = (PHI @ Wt + W0 - Y) / P
    dWt = PHI.T @ err
    dW0 = sum(err)
    dPHI = outer(err, Wt)                       # P x M
    # centers
    T = dPHI * PHI / S ** 2
    dC = sum(T[:, :, newaxis] * D, axis=0)
    # widths
    dS = sum(dPHI * PHI * R2, axis=0) / (2 * S ** 3)
    return dC, dS, dWt, dW0


# ---------- training ----------
eta = 0.5
for it in range(1501):
    if it % 300 == 0:
        print("it %4d  E = %.6f" % (it, cost(C, S, Wt, W0)))
    dC, dS, dWt, dW0 = gradients(C, S, Wt, W0)
    C = C - eta * dC
    S = S - eta * dS
    Wt = Wt - eta * dWt
    W0 = W0 - eta * dW0

print("widths ", round(S, 2))
print("weights", round(Wt, 2))
