"""Fit einer gedämpften Schwingung mit kleinem tanh-Netz, Optimierer Adam.

x(t) = exp(-t/3) cos(2 t), Zeiten in s, Auslenkung in cm
"""
import numpy as np


def netz(theta, t):
    a = t @ theta["W1"] + theta["b1"]
    h = np.tanh(a)
    return h @ theta["W2"] + theta["b2"], h


def chi2(x_fit, x):
    return np.mean((x_fit - x) ** 2)


def gradient(theta, t, x):
    x_fit, h = netz(theta, t)
    delta = 2.0 * (x_fit - x) / len(t)
    g = {}
    g["W2"] = h.T @ delta
    g["b2"] = delta.sum(axis=0)
    delta_h = delta @ theta["W2"].T * (1.0 - np.tanh(h)**2)
    g["W1"] = t.T @ delta_h
    g["b1"] = delta_h.sum(axis=0)
    return g


class Adam:
    def __init__(self, theta, alpha=1e-2, beta1=0.9, beta2=0.999, eps=1e-8):
        self.alpha, self.beta1, self.beta2, self.eps = alpha, beta1, beta2, eps
        self.m = {k: np.zeros_like(v) for k, v in theta.items()}
        self.v = {k: np.zeros_like(v) for k, v in theta.items()}
        self.n = 0

    def schritt(self, theta, g):
        self.n += 1
        for k in theta:
            self.m[k] = self.beta1 * self.m[k] + (1 - self.beta1) * g[k]
            self.v[k] = self.beta2 * self.v[k] + (1 - self.beta2) * g[k]**2
            m_hut = self.m[k] / (1 - self.beta1**self.n)
            v_hut = self.v[k] / (1 - self.beta2**self.n)
            theta[k] -= self.alpha * m_hut / (np.sqrt(v_hut) + self.eps)


def main():
    rng = np.random.default_rng(1905)
    t = rng.uniform(0, 6, size=(200, 1))
    x = np.exp(-t / 3) * np.cos(2 * t) + 0.03 * rng.normal(size=t.shape)
    tn = (t - 3.0) / 3.0        # auf [-1, 1]

    n_h = 20
    theta = {
        "W1": rng.normal(0, 2.0, (1, n_h)),
        "b1": rng.normal(0, 1.0, n_h),
        "W2": rng.normal(0, 1 / np.sqrt(n_h), (n_h, 1)),
        "b2": np.zeros(1),
    }
    opt = Adam(theta)
    for schritt in range(2001):
        g = gradient(theta, tn, x)
        opt.schritt(theta, g)
        if schritt % 400 == 0:
            print("Schritt %4d   chi2 = %.6f" % (schritt, chi2(netz(theta, tn)[0], x)))

    tt = np.linspace(0, 6, 7)[:, None]
    kurve, _ = netz(theta, (tt - 3.0) / 3.0)
    for ti, xi in zip(tt[:, 0], kurve[:, 0]):
        print("t = %.1f s   x = %+.3f cm   (exakt %+.3f)" % (ti, xi, np.exp(-ti / 3) * np.cos(2 * ti)))


if __name__ == "__main__":
    main()
