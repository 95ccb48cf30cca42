# Poisson GLM (log link) for bird counts at forest plots, fitted by plain
# gradient descent on the mean negative log-likelihood.
# covariates: canopy cover, elevation, distance to water
import numpy as np

rng = np.random.default_rng(314)

n_plots = 250
canopy = rng.uniform(0, 1, n_plots)
elev = rng.normal(600, 150, n_plots)
water = rng.exponential(2.0, n_plots)


def z(v):
    return (v - v.mean()) / v.std()


X = np.c_[np.ones(n_plots), z(canopy), z(elev), z(water)]
beta_true = np.array([1.1, 0.45, -0.3, -0.2])
counts = rng.poisson(np.exp(X @ beta_true))


def nll(beta):
    # log(y!) dropped, does not depend on beta
    eta = X @ beta
    return np.mean(np.exp(eta) - counts * eta)


def score(beta):
    mu = np.exp(X @ beta)
    return X.T @ (mu - counts) / n_plots


beta = np.zeros(X.shape[1])
step = 0.02
old = nll(beta)
for it in range(3000):
    g = score(beta)
    beta = beta - step * g
    new = nll(beta)
    if it % 50 == 0:
        print(f"{it:4d}  nll {new:.6f}  |grad| {np.linalg.norm(g):.2e}")
    if abs(old - new) < 1e-10:
        print("converged after", it, "iterations")
        break
    old = new

# standard errors from the Fisher information
mu = np.exp(X @ beta)
cov = np.linalg.inv(X.T @ (mu[:, None] * X))
for name, bt, bh, se in zip(["(Intercept)", "canopy", "elev", "water"], beta_true, beta, np.sqrt(np.diag(cov))):
    print(f"{name:12s} true {bt:6.2f}   est {bh:6.3f}  (se {se:.3f})")
