# logreg_matlab.py
# port of my old logreg.m (1998!) -- batch gradient descent, column vectors throughout
import numpy as np
from numpy import zeros, ones, exp, log, hstack

np.random.seed(5)

# --- make data: pulse height (long tail) and baseline noise, label = "real event"
m = 120
height = np.random.exponential(20, m)
noise = np.random.randn(m)
y = (height - 1.5 * noise + 1.5 * np.random.randn(m) > 8).astype(float)

X = hstack((ones((m, 1)), height.reshape(m, 1), noise.reshape(m, 1)))   # X = [ones(m,1) h n]
n = X.shape[1]


def sigmoid(z):
    return 1.0 / (1.0 + exp(-z))


def cost(theta):
    h = sigmoid(X @ theta)
    h = np.clip(h, 1e-12, 1 - 1e-12)
    J = -np.mean(y * log(h) + (1 - y) * log(1 - h))
    return J


theta = zeros((n, 1))
alpha = 0.03
numIter = 3000
J_hist = zeros(numIter)

for k in range(numIter):
    h = sigmoid(X @ theta)               # m x 1
    grad = X.T @ (h - y) / m             # n x 1
    theta = theta - alpha * grad
    J_hist[k] = cost(theta)
    if k % 500 == 0:
        print('iter %5d   J = %.6f' % (k, J_hist[k]))

disp = 'theta = ' + np.array2string(theta.ravel(), precision=4)
print(disp)
p = sigmoid(X @ theta) > 0.5
print('train accuracy: %.2f%%' % (100 * np.mean(p == y)))
