"""The classic 2-2-2 worked example, this time with loops instead of w1..w8."""
from math import exp

x = [0.05, 0.10]
t = [0.01, 0.99]

# W1[j][i] goes from input i to hidden j, W2[k][j] from hidden j to output k
W1 = [[0.15, 0.20], [0.25, 0.30]]
W2 = [[0.40, 0.45], [0.50, 0.55]]
b1 = 0.35
b2 = 0.60
lr = 0.5
N_IN, N_HID, N_OUT = 2, 2, 2


def sig(z):
    return 1.0 / (1.0 + exp(-z))


def forward():
    h = []
    for j in range(N_HID):
        s = b1
        for i in range(N_IN):
            s += W1[j][i] * x[i]
        h.append(sig(s))
    o = []
    for k in range(N_OUT):
        s = b2
        for j in range(N_HID):
            s += W2[k][j] * h[j]
        o.append(sig(s))
    return h, o


def error(o):
    return sum(0.5 * (t[k] - o[k]) ** 2 for k in range(N_OUT))


def gradients(h, o):
    # deltas of the output neurons
    d_out = [(o[k] - t[k]) * o[k] * (1 - o[k]) for k in range(N_OUT)]
    # deltas of the hidden neurons
    d_hid = []
    for j in range(N_HID):
        s = 0.0
        for k in range(N_OUT):
            s += d_out[k] * W2[k][j]
        d_hid.append(s * h[j] * (1 - h[j]))
    g2 = [[d_out[k] * h[j] for j in range(N_HID)] for k in range(N_OUT)]
    g1 = [[d_hid[j] * x[i] for i in range(N_IN)] for j in range(N_HID)]
    return g1, g2


for it in range(500):
    h, o = forward()
    if it % 100 == 0:
        print(it, "error:", error(o), "output:", o)
    g1, g2 = gradients(h, o)
    for k in range(N_OUT):
        for j in range(N_HID):
            W2[k][j] -= lr * g2[k][j]
    for j in range(N_HID):
        for i in range(N_IN):
            W1[j][i] -= lr * g1[j][i]

h, o = forward()
print("final error", error(o))
print("hidden weights", W1)
print("output weights", W2)
