# Logistic regression for the (simulated) phase II trial, penalised likelihood.
# I used to do this with glm() in R, this is me learning what happens inside.
#
#   outcome  : responder yes/no
#   covariates: dose [mg], age [years], baseline marker [ng/ml]

import numpy as np

np.random.seed(77)
n = 160

dose = np.random.choice([0, 50, 100, 200, 400], size=n).astype(float)
age = np.random.normal(58, 9, n)
marker = np.random.gamma(3.0, 12.0, n)

eta_true = -4.0 + 0.045 * dose - 0.02 * (age - 58) + 0.05 * marker
resp = (np.random.rand(n) < 1 / (1 + np.exp(-eta_true))).astype(float)

# centre only; I want the coefficients per mg, so no scaling of the dose
X = np.column_stack([dose - dose.mean(), age - age.mean(), marker - marker.mean()])


def expit(z):
    # stable on both sides
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0 / (1.0 + e), e / (1.0 + e))


def neg_loglik(b0, beta, ridge):
    p = expit(b0 + X @ beta)
    p = np.clip(p, 1e-12, 1 - 1e-12)
    ll = resp * np.log(p) + (1 - resp) * np.log(1 - p)
    return -np.mean(ll) + 0.5 * ridge * np.sum(beta ** 2)


def score(b0, beta, ridge):
    p = expit(b0 + X @ beta)
    r = p - resp
    return np.mean(r), X.T @ r / n + 2 * ridge * beta


b0 = 0.0
beta = np.array([0.5, 0.0, 0.0])    # crude starting guess: the dose helps
ridge = 0.5
step = 2e-4
best = neg_loglik(b0, beta, ridge)
keep = (b0, beta)
print("penalised -loglik at start: %.4f" % best)

old = best
for it in range(15000):
    g0, g = score(b0, beta, ridge)
    b0 = b0 - step * g0
    beta = beta - step * g
    new = neg_loglik(b0, beta, ridge)
    if new < best:              # the first steps jump around, so remember the best
        best, keep = new, (b0, beta)
    if abs(old - new) < 1e-7:
        break
    old = new

b0, beta = keep
print("stopped after", it + 1, "iterations, -loglik = %.5f" % best)
for name, bb in zip(["dose", "age", "marker"], beta):
    print("  %-7s beta = %8.4f   OR = %.4f" % (name, bb, np.exp(bb)))
acc = np.mean((expit(b0 + X @ beta) > 0.5) == (resp == 1))
print("apparent accuracy: %.3f" % acc)
