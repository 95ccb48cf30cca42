# Can one logistic neuron learn the logic gates?
import numpy as np

INPUTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
GATES = {
    "AND": np.array([0, 0, 0, 1]),
    "OR": np.array([0, 1, 1, 1]),
    "NAND": np.array([1, 1, 1, 0]),
    "XOR": np.array([0, 1, 1, 0]),
}


def sigma(z):
    return 1 / (1 + np.exp(-z))


def train_gate(targets, epochs=800, alpha=1.0):
    w = np.array([0, 0])
    b = 0.0
    history = []
    for e in range(epochs):
        z = INPUTS @ w + b
        out = sigma(z)
        # loss: half of the summed squared errors over the truth table
        diff = out - targets
        history.append(0.5 * np.sum(diff ** 2))
        dz = diff * out * (1 - out)
        dw = INPUTS.T @ dz
        db = dz.sum()
        for j in range(2):
            w[j] = w[j] - alpha * dw[j]
        b = b - alpha * db
    return w, b, history


def show(name, w, b, history):
    print(name)
    print("  loss: first %.5f last %.5f" % (history[0], history[-1]))
    for x in INPUTS:
        print("  ", x[0], name, x[1], "=", round(float(sigma(x @ w + b)), 3))


for name, targets in GATES.items():
    w, b, history = train_gate(targets)
    show(name, w, b, history)
print("(XOR is not linearly separable, so the last one must fail)")
