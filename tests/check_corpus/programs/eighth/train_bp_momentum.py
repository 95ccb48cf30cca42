# TRAIN_BP_MOMENTUM  two-layer tansig/purelin net, batch gradient descent + momentum
# port of my old train_bp.m (1998).  Patterns are in COLUMNS.
import numpy as np
from numpy import tanh, zeros, sum, ones
from numpy.random import RandomState

rs = RandomState(42)

# --- data: y = humps-like function on [-1,1]
P = np.linspace(-1, 1, 61).reshape(1, -1)
T = 0.8 * np.sin(3 * P) * np.exp(-P) / 2 + 0.03 * rs.randn(1, 61)
Q = P.shape[1]

# --- network
S1 = 12
W1 = rs.uniform(-2, 2, (S1, 1))
B1 = rs.uniform(-1, 1, (S1, 1))
W2 = rs.uniform(-0.5, 0.5, (1, S1))
B2 = zeros((1, 1))

# --- training parameters
lr = 0.05
mc = 0.9
me = 3000
disp_freq = 500
err_goal = 1e-4

dW1 = zeros(W1.shape); dB1 = zeros(B1.shape)
dW2 = zeros(W2.shape); dB2 = zeros(B2.shape)

for epoch in range(1, me + 1):
    # presentation phase
    A1 = tanh(W1 @ P + B1 @ ones((1, Q)))
    A2 = W2 @ A1 + B2 @ ones((1, Q))
    E = T - A2
    MSE = sum(E ** 2) / Q
    if MSE < err_goal:
        break
    if epoch % disp_freq == 0:
        print('TRAINBP: %d/%d epochs, mse = %g' % (epoch, me, MSE))

    # backpropagation phase (deltas of the mean squared error)
    D2 = -2 * E / Q
    D1 = (1 - A1 * A1) * (W2.T @ D2)

    # learning phase
    dW2 = mc * dW2 - lr * (D2 @ A1.T)
    dB2 = mc * dB2 - lr * sum(D2, axis=1, keepdims=True)
    dW1 = mc * dW1 - lr * (D1 @ P.T)
    dB1 = mc * dB1 - lr * sum(D1, axis=1, keepdims=True)
    W1 = W1 + dW1; B1 = B1 + dB1
    W2 = W2 + dW2; B2 = B2 + dB2

A2 = W2 @ tanh(W1 @ P + B1) + B2
print('final mse %g, max |err| %g' % (np.mean((T - A2) ** 2), np.max(np.abs(T - A2))))
