# BPM_PORT  port of my old bpm.m (1998) to Python
# samples are COLUMNS, P is R x Q, T is S x Q
# tansig - tansig - purelin, batch backprop with momentum
import numpy as np

np.random.seed(1998)

# ---- data: inverse kinematics of a 2-link arm -----------------
Q = 150
ang = np.vstack([np.random.uniform(0.2, 1.4, Q), np.random.uniform(0.3, 1.6, Q)])
P = np.vstack([np.cos(ang[0]) + 0.8 * np.cos(ang[0] + ang[1]),
               np.sin(ang[0]) + 0.8 * np.sin(ang[0] + ang[1])])
T = ang - ang.mean(axis=1, keepdims=True)

R = P.shape[0]
S1 = 8
S2 = 8
S3 = T.shape[0]

# ---- init -----------------------------------------------------
W1 = 0.5 * np.random.randn(S1, R);  B1 = 0.1 * np.random.randn(S1, 1)
W2 = 0.3 * np.random.randn(S2, S1); B2 = 0.1 * np.random.randn(S2, 1)
W3 = 0.3 * np.random.randn(S3, S2); B3 = np.zeros((S3, 1))

lr = 0.1
mc = 0.9          # momentum constant
max_epoch = 1500
disp_freq = 250

dW1 = np.zeros_like(W1); dB1 = np.zeros_like(B1)
dW2 = np.zeros_like(W2); dB2 = np.zeros_like(B2)
dW3 = np.zeros_like(W3); dB3 = np.zeros_like(B3)

for epoch in range(1, max_epoch + 1):
    # presentation phase
    A1 = np.tanh(np.dot(W1, P) + B1)
    A2 = np.tanh(np.dot(W2, A1) + B2)
    A3 = np.dot(W3, A2) + B3
    E = T - A3
    SSE = np.sum(E * E) / (2 * Q)

    # backpropagation phase
    D3 = E / Q
    D2 = (1 - A2 * A2) * np.dot(W3.T, D3)
    D1 = (1 - A1 * A1) * np.dot(W2.T, D2)

    # learning phase
    dW3 = mc * dW3 + lr * np.dot(D3, A1.T)
    dB3 = mc * dB3 + lr * D3.sum(axis=1, keepdims=True)
    dW2 = mc * dW2 + lr * np.dot(D2, A1.T)
    dB2 = mc * dB2 + lr * D2.sum(axis=1, keepdims=True)
    dW1 = mc * dW1 + lr * np.dot(D1, P.T)
    dB1 = mc * dB1 + lr * D1.sum(axis=1, keepdims=True)

    W1 = W1 + dW1; B1 = B1 + dB1
    W2 = W2 + dW2; B2 = B2 + dB2
    W3 = W3 + dW3; B3 = B3 + dB3

    if epoch % disp_freq == 0 or epoch == 1:
        print('BPM: epoch %d/%d, err = %g' % (epoch, max_epoch, SSE))

# largest error in degrees
print('max |error| = %.2f deg' % (np.abs(E).max() * 180 / np.pi))
