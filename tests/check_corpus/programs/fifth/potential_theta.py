"""Fit of a 2-D double-well potential V(x, y) from noisy energies.
Bias is folded into theta: last row of theta multiplies a column of ones.
Validation energies decide which theta we keep (early stopping)."""
import numpy as np

rng = np.random.default_rng(1905)


def ones(a):
    return np.hstack([a, np.ones((a.shape[0], 1))])


class TanhLayer:
    def __init__(self, n, m):
        self.theta = np.vstack([rng.normal(size=(n, m)) / np.sqrt(n), np.zeros((1, m))])

    def fwd(self, a):
        self.a1 = ones(a)
        self.h = np.tanh(self.a1 @ self.theta)
        return self.h

    def bwd(self, e):
        e = e * (1.0 - self.h**2)
        self.g = self.a1.T @ e
        return e @ self.theta[:-1].T      # no error flows into the constant 1


class LinLayer(TanhLayer):
    def fwd(self, a):
        self.a1 = ones(a)
        return self.a1 @ self.theta

    def bwd(self, e):
        self.g = self.a1.T @ e
        return e @ self.theta[:-1].T


class Fit:
    def __init__(self, layers, eta, tau):
        self.layers = layers
        self.eta0 = eta
        self.tau = tau          # learning rate falls like 1/(1 + t/tau)
        self.t = 0

    def V(self, r):
        for L in self.layers:
            r = L.fwd(r)
        return r

    def chi2(self, r, V):
        return 0.5 * np.mean((self.V(r) - V) ** 2)

    def step(self, r, V, r_val, V_val):
        chi2_val = self.chi2(r_val, V_val)
        res = self.V(r) - V
        e = res / len(V)
        for L in reversed(self.layers):
            e = L.bwd(e)
        eta = self.eta0 / (1.0 + self.t / self.tau)
        for L in self.layers:
            L.theta -= eta * L.g
        self.t += 1
        return 0.5 * np.mean(res**2), chi2_val

    def snapshot(self):
        return [L.theta.copy() for L in self.layers]

    def restore(self, snap):
        for L, th in zip(self.layers, snap):
            L.theta = th


def double_well(n, sigma):
    r = rng.uniform(-1.6, 1.6, (n, 2))
    V = (r[:, :1] ** 2 - 1) ** 2 + 0.5 * r[:, 1:] ** 2
    return r, V + sigma * rng.normal(size=V.shape)


r, V = double_well(36, 0.4)
r_val, V_val = double_well(36, 0.4)
fit = Fit([TanhLayer(2, 30), TanhLayer(30, 30), LinLayer(30, 1)], eta=0.15, tau=4000.0)
best, best_chi2 = fit.snapshot(), np.inf
for t in range(6000):
    snap = fit.snapshot()
    c, cv = fit.step(r, V, r_val, V_val)
    if cv < best_chi2:
        best, best_chi2, t_best = snap, cv, t
    if t % 1000 == 0:
        print(f"t = {t:5d}   chi2 = {c:.5f}   chi2_val = {cv:.5f}")
fit.restore(best)
r_test, V_test = double_well(500, 0.0)
print(f"best at t = {t_best}, chi2_val = {fit.chi2(r_val, V_val):.5f}, true error {fit.chi2(r_test, V_test):.5f}")
