#!/usr/bin/env python
"""bw_fit: smooth a resonance curve with a 1-H-1 tanh network.

All parameters live in one flat vector theta = (w1, b1, w2, b2), so that any
minimiser can be plugged in.  Here: gradient descent with momentum on chi2/ndf.
"""
import numpy as np

H = 10
rng = np.random.default_rng(1905)


def breit_wigner(e, e0=1.2, gamma=0.5, a=2.0):
    return a * (gamma / 2) ** 2 / ((e - e0) ** 2 + (gamma / 2) ** 2)


def unpack(theta):
    w1 = theta[:H]
    b1 = theta[H:2 * H]
    w2 = theta[2 * H:3 * H]
    b2 = theta[3 * H]
    return w1, b1, w2, b2


def model(theta, e):
    w1, b1, w2, b2 = unpack(theta)
    return np.tanh(np.outer(e, w1) + b1) @ w2 + b2


def chi2(theta, e, s, ds):
    return np.mean(((model(theta, e) - s) / ds) ** 2)


def grad_chi2(theta, e, s, ds):
    w1, b1, w2, b2 = unpack(theta)
    h = np.tanh(np.outer(e, w1) + b1)              # (n, H)
    r = 2.0 * (h @ w2 + b2 - s) / ds ** 2 / e.size
    g_w2 = h.T @ r
    g_b2 = r.sum()
    dz = np.outer(r, w2) * (1.0 - h ** 2)
    g_w1 = e @ dz
    g_b1 = dz.sum(axis=0)
    return np.concatenate([g_w1, g_w2, g_b1, [g_b2]])


def minimise(theta, data, eta=2e-4, mu=0.9, nstep=8000):
    last = np.zeros_like(theta)
    for k in range(nstep):
        g = grad_chi2(theta, *data)
        step = -eta * g + mu * last
        theta = theta + step
        last = step
        if k % 1000 == 0:
            print("%6d  chi2/n = %9.3f   |g| = %.2e" % (k, chi2(theta, *data), np.linalg.norm(g)))
    return theta


if __name__ == "__main__":
    e = np.linspace(-1.0, 3.0, 81)
    ds = np.full(e.size, 0.08)
    s = breit_wigner(e) + ds * rng.standard_normal(e.size)

    theta0 = np.concatenate([rng.normal(0, 2.0, H), rng.normal(0, 2.0, H),
                             rng.normal(0, 0.3, H), [0.0]])
    theta = minimise(theta0, (e, s, ds))
    fine = np.linspace(-1, 3, 401)
    peak = fine[np.argmax(model(theta, fine))]
    print("final chi2/n = %.3f, peak at E = %.3f (true 1.2)" % (chi2(theta, e, s, ds), peak))
