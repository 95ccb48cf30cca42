# ex5-like: regularized polynomial regression by gradient descent.
# I did this course in Octave ten years ago, now redoing it in Python. Please be kind :)
import numpy as np

np.random.seed(3)

m = 80
p = 5          # degree
x = np.sort(-2 + 4 * np.random.rand(m))
y = 1.5 + np.sin(1.7 * x) + 0.3 * x ** 2 + 0.15 * np.random.randn(m)

# polyFeatures
Xpoly = np.zeros((m, p))
for j in range(p):
    Xpoly[:, j] = x ** (j + 1)

# featureNormalize
mu = np.mean(Xpoly, 0)
sigma = np.std(Xpoly, 0, ddof=1)
Xn = (Xpoly - mu) / sigma
X = np.column_stack((np.ones(m), Xn))


def costFunction(theta, X, y, lam):
    m = X.shape[0]
    h = X.dot(theta)
    err = h - y
    J = np.mean(err ** 2) / 2 + lam / (2 * m) * np.sum(theta[1:] ** 2)
    grad = np.zeros(theta.shape)
    for j in range(len(theta)):
        grad[j] = np.mean(err * X[:, j])
        if j > 0:                       # theta0 is not regularized
            grad[j] = grad[j] + 2 * lam / m * theta[j]
    return J, grad


for lam in (0, 0.5, 10):
    theta = np.zeros(p + 1)
    alpha = 0.3
    J_history = []
    for it in range(1500):
        J, grad = costFunction(theta, X, y, lam)
        theta = theta - alpha * grad
        J_history.append(J)
    # normal equation, just to compare
    L = lam * np.eye(p + 1)
    L[0, 0] = 0
    theta_ne = np.linalg.solve(X.T.dot(X) + L, X.T.dot(y))
    print('lambda =', lam)
    print('  J: %.5f -> %.5f' % (J_history[0], J_history[-1]))
    print('  theta (gd):  ', np.round(theta.ravel(), 3))
    print('  theta (norm):', np.round(theta_ne.ravel(), 3))
