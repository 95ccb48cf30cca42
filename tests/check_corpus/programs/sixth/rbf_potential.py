"""Fit a 1-d potential V(x) by a sum of Gaussians whose heights, centres and widths are all trained.

    V(x) ~ v0 + sum_k  a_k exp( -(x - c_k)^2 / (2 s_k^2) )

chi2 = 1/2N sum_i (V_fit(x_i) - V_i)^2, plain gradient descent (units: eV, Angstrom)
"""
import numpy as np


def true_potential(x):
    # double well + small bump, from the talk
    return 0.5 * (x ** 2 - 1.5) ** 2 / (1 + 0.3 * x ** 2) + 0.2 * np.exp(-8 * (x - 0.6) ** 2)


def basis(par, x):
    u = x[:, None] - par["c"][None, :]                  # (N, K)
    return u, np.exp(-u ** 2 / (2 * par["s"] ** 2))


def model(par, x):
    _, G = basis(par, x)
    return par["v0"] + G @ par["a"]


def chi2(par, x, V):
    return 0.5 * np.mean((model(par, x) - V) ** 2)


def grad(par, x, V):
    N = len(x)
    u, G = basis(par, x)
    res = (par["v0"] + G @ par["a"] - V) / N            # dchi2/dV_fit
    aG = par["a"] * G
    return {
        "v0": res.sum(),
        "a": G.T @ res,
        "c": res @ (aG * u / par["s"] ** 2),
        "s": res @ (aG * u ** 2 / par["s"] ** 3),
    }


def descend(par, x, V, lr, nsteps, every):
    for it in range(nsteps):
        g = grad(par, x, V)
        if it % every == 0:
            print(f"{it:6d}  chi2 = {chi2(par, x, V):.3e}")
        for key in par:
            par[key] = par[key] - lr * g[key]
    return par


if __name__ == "__main__":
    rng = np.random.default_rng(77)
    x = np.sort(rng.uniform(-2.2, 2.2, 150))
    V = true_potential(x) + rng.normal(0, 0.02, x.size)

    K = 8
    par = {
        "v0": V.mean(),
        "a": rng.normal(0, 0.1, K),
        "c": np.linspace(-2, 2, K),
        "s": np.full(K, 0.5),
    }
    par = descend(par, x, V, lr=0.1, nsteps=6000, every=1000)
    print("final chi2 = %.3e" % chi2(par, x, V))
    for a, c, s in zip(par["a"], par["c"], par["s"]):
        print("  a = %+.3f   c = %+.3f   s = %.3f" % (a, c, s))
