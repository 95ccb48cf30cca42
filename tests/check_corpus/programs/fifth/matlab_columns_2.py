# mlp_train.m, ported from my old MATLAB script (1998) -- samples are COLUMNS
import numpy as np
from numpy import zeros, ones, tanh, exp, log, mean, sum, vstack, hstack

np.random.seed(1)
randn = np.random.randn

# --- data: two interleaved half moons, P is 2 x Q, T is 1 x Q
Q = 300
th = np.pi * np.random.rand(Q // 2)
moon1 = vstack((np.cos(th), np.sin(th)))
moon2 = vstack((1 - np.cos(th), 0.4 - np.sin(th)))
P = hstack((moon1, moon2)) + 0.12 * randn(2, Q)
T = hstack((zeros((1, Q // 2)), ones((1, Q // 2))))

# --- network
S1 = 10
W1 = 0.7 * randn(S1, 2)
b1 = zeros((S1, 1))
W2 = 0.3 * randn(1, S1)
b2 = zeros((1, 1))

# --- training parameters
lr = 0.3
mc = 0.9
epochs = 400

VW1 = zeros(W1.shape)
Vb1 = zeros(b1.shape)
VW2 = zeros(W2.shape)
Vb2 = zeros(b2.shape)

for epoch in range(epochs):
    # simulate
    N1 = W1 @ P + b1
    A1 = tanh(N1)
    N2 = W2 @ A1 + b2
    A2 = 1 / (1 + exp(-N2))

    # cross-entropy, mean over columns
    J = -mean(T * log(A2 + 1e-15) + (1 - T) * log(1 - A2 + 1e-15))

    # sensitivities
    D2 = A2 - T
    D1 = (W2.T @ D2) * (1 - A1 ** 2)

    dW2 = D2 @ A1.T / Q
    db2 = sum(D2, axis=1, keepdims=True) / Q
    dW1 = D1 @ P.T
    db1 = sum(D1, axis=1, keepdims=True) / Q

    # momentum (velocity) update
    VW2 = mc * VW2 - lr * dW2
    Vb2 = mc * Vb2 - lr * db2
    VW1 = mc * VW1 - lr * dW1
    Vb1 = mc * Vb1 - lr * db1
    W2 = W2 + VW2
    b2 = b2 + Vb2
    W1 = W1 + VW1
    b1 = b1 + Vb1

    if epoch % 50 == 0 or epoch == epochs - 1:
        perf = mean((A2 > 0.5) == T)
        print('epoch %4d   J = %8.5f   correct = %5.1f %%' % (epoch, J, 100 * perf))
