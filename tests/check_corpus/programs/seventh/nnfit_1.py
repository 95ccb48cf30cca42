# nnfit.m  ->  nnfit.py   (converted by hand from my old MATLAB script, 1998)
# samples are COLUMNS, as God intended
# net: 1 - nh - nh - 1, tanh, linear output, batch gradient descent
from numpy import *
from numpy.random import seed, randn

seed(0)

# --- training data
N = 60
x = linspace(-2, 2, N).reshape(1, N)
t = sin(2 * x) * exp(-0.3 * x**2) + 0.03 * randn(1, N)

# --- net
nh = 10
W1 = 1.5 * randn(nh, 1)
b1 = randn(nh, 1)
W2 = randn(nh, nh) / sqrt(nh)
b2 = zeros((nh, 1))
W3 = randn(1, nh) / sqrt(nh)
b3 = zeros((1, 1))

lr = 0.05
nepoch = 3000
E = zeros(nepoch)

for k in range(nepoch):
    # forward pass
    a1 = tanh(W1 @ x + b1)
    a2 = tanh(W2 @ a1 + b2)
    yh = W3 @ a2 + b3
    e = yh - t
    E[k] = 0.5 * mean(e**2)

    # backward pass (delta rule)
    d3 = e
    d2 = (W3.T @ d3) * (1 - a2**2)
    d1 = (W2 @ d2) * (1 - a1**2)

    dW3 = d3 @ a2.T / N
    db3 = sum(d3, axis=1, keepdims=True) / N
    dW2 = d2 @ a1.T / N
    db2 = sum(d2, axis=1, keepdims=True) / N
    dW1 = d1 @ x.T / N
    db1 = sum(d1, axis=1, keepdims=True) / N

    # update
    W3 = W3 - lr * dW3
    b3 = b3 - lr * db3
    W2 = W2 - lr * dW2
    b2 = b2 - lr * db2
    W1 = W1 - lr * dW1
    b1 = b1 - lr * db1

    if (k + 1) % 500 == 0:
        print('epoch %5d   E = %g' % (k + 1, E[k]))

print('rms error: %g' % sqrt(2 * E[-1]))
