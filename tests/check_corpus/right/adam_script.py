import numpy as np

np.random.seed(0)
X = np.random.randn(20, 3)
Y = X @ np.array([[1.0], [-2.0], [0.5]]) + 0.3

W1 = np.random.randn(3, 6) * 0.4
b1 = np.zeros(6)
W2 = np.random.randn(6, 1) * 0.4
b2 = np.zeros(1)
params = [W1, b1, W2, b2]
m = [np.zeros_like(p) for p in params]
v = [np.zeros_like(p) for p in params]
lr, beta1, beta2, eps = 0.01, 0.9, 0.999, 1e-8

for t in range(1, 50):
    H = np.tanh(X @ params[0] + params[1])
    out = H @ params[2] + params[3]
    diff = out - Y
    loss = np.mean(diff ** 2)
    dout = 2 * diff / diff.size
    dH = dout @ params[2].T
    dZ = dH * (1 - H ** 2)
    grads = [X.T @ dZ, dZ.sum(axis=0), H.T @ dout, dout.sum(axis=0)]
    for i in range(4):
        m[i] = beta1 * m[i] + (1 - beta1) * grads[i]
        v[i] = beta2 * v[i] + (1 - beta2) * grads[i] ** 2
        m_hat = m[i] / (1 - beta1 ** t)
        v_hat = v[i] / (1 - beta2 ** t)
        params[i] = params[i] - lr * m_hat / (np.sqrt(v_hat) + eps)
print(loss)
