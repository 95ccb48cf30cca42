# Machine Learning - Exercise 1: Linear Regression
# (ported from my ex1.m / ex1_multi.m, variable names kept)
import numpy as np


def computeCost(X, y, theta, lam=0.0):
    m = y.shape[0]
    e = X @ theta - y
    J = (e.T @ e).item() / (2 * m)
    J = J + lam / (2 * m) * np.sum(theta[1:] ** 2)     # theta(1) not regularised
    return J


def gradientDescent1(x, y, alpha, num_iters):
    """one variable, written out"""
    m = len(x)
    theta0, theta1 = 0.0, 0.0
    for it in range(num_iters):
        temp0 = theta0 - alpha / m * np.sum(theta0 + theta1 * x - y)
        temp1 = theta1 - alpha / m * np.sum((theta0 + theta1 * x - y) * x)
        theta0 = temp0
        theta1 = temp1
    return theta0, theta1


def gradientDescentReg(X, y, theta, alpha, lam, num_iters):
    m = y.shape[0]
    J_history = np.zeros(num_iters)
    for it in range(num_iters):
        grad = X.T @ (X @ theta - y) / m
        grad[1:] = grad[1:] + lam / m * theta[1:]
        theta = theta - alpha * grad
        J_history[it] = computeCost(X, y, theta, lam)
    return theta, J_history


def featureNormalize(X):
    mu = np.mean(X, axis=0)
    sigma = np.std(X, axis=0, ddof=1)
    return (X - mu) / sigma, mu, sigma


def polyFeatures(x, p):
    return np.hstack([x.reshape(-1, 1) ** k for k in range(1, p + 1)])


# ---- Part 1: one variable ----
np.random.seed(100)
m = 97
x = np.random.uniform(5, 22, m)
y = 1.2 * x - 3.9 + np.random.randn(m) * 2
theta0, theta1 = gradientDescent1(x, y, 0.01, 3000)
print('Theta found by gradient descent: %f %f' % (theta0, theta1))
print('For population = 70,000, profit is', (theta0 + theta1 * 7.0) * 10000)

# ---- Part 2: polynomial, regularised ----
x = np.random.uniform(-3, 3, 60)
y = (np.sin(1.5 * x) + 0.3 * x + 0.1 * np.random.randn(60)).reshape(-1, 1)
Xp, mu, sigma = featureNormalize(polyFeatures(x, 7))
X = np.hstack([np.ones((60, 1)), Xp])
for lam in (0.0, 0.1, 3.0):
    theta, J_history = gradientDescentReg(X, y, np.zeros((8, 1)), 0.1, lam, 4000)
    print('lambda = %4.1f  J(1) = %.4f  J(end) = %.4f  train err = %.4f'
          % (lam, J_history[0], J_history[-1], computeCost(X, y, theta)))
