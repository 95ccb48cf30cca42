# Fit of the damped-pendulum calibration curve with Legendre polynomials, by stochastic
# gradient descent on chi^2 (yes, I know about lstsq -- it is for the lecture).
#
#   chi2(c) = 1/N sum_i ((y_i - P(x_i; c)) / sigma_i)^2  +  lam * sum_{k>0} c_k^2
#
import numpy as np

rng = np.random.default_rng(1905)

N = 210
DEG = 5
LAM = 1e-3
BATCH = 32
ETA = 0.002

theta = rng.uniform(-1.0, 1.0, N)            # angle / rad, scaled
sigma = rng.uniform(0.05, 0.25, N)           # error bars differ point to point
y = np.sin(2.5 * theta) + 0.3 * theta**2 + sigma * rng.standard_normal(N)

# design matrix, columns P_0 ... P_5 (much better conditioned than plain powers)
A = np.polynomial.legendre.legvander(theta, DEG)


def chi2(c):
    r = (y - A @ c) / sigma
    return np.mean(r**2) + LAM * np.sum(c[1:]**2)


c = np.zeros(DEG + 1)
print("start  chi2/N = %.3f" % chi2(c))

for epoch in range(400):
    order = rng.permutation(N)
    eta = ETA / (1 + epoch / 100)
    for start in range(0, N, BATCH):
        idx = order[start:start + BATCH]
        res = A[idx] @ c - y[idx]
        grad = 2.0 * A[idx].T @ res / len(idx)
        pen = 2.0 * LAM * c
        pen[0] = 0.0                          # offset is not penalised
        c -= eta * (grad + pen)
    if (epoch + 1) % 100 == 0:
        print("epoch %3d  chi2/N = %.4f" % (epoch + 1, chi2(c)))

# compare with the closed form
Wt = A / sigma[:, None]**2
R = N * LAM * np.eye(DEG + 1)
R[0, 0] = 0
c_exact = np.linalg.solve(A.T @ Wt + R, Wt.T @ y)
print("SGD   ", np.round(c, 3))
print("exact ", np.round(c_exact, 3))
print("chi2 exact %.4f" % chi2(c_exact))
