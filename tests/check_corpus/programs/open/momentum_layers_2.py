import numpy as np

# Gradient descent with momentum, one velocity per weight matrix and bias

np.random.seed(33)

sizes = [2, 16, 8, 3]
weights = [np.random.randn(m, n) * np.sqrt(2.0 / m) for m, n in zip(sizes[:-1], sizes[1:])]
biases = [np.zeros(n) for n in sizes[1:]]
vel_w = [np.zeros_like(w) for w in weights]
vel_b = [np.zeros_like(b) for b in biases]

learning_rate = 0.05
momentum = 0.9
epochs = 60
batch = 30


def spiral(n, classes):
    X, y = [], []
    for c in range(classes):
        r = np.linspace(0.1, 1, n)
        phi = c * 2.1 + r * 3 + np.random.randn(n) * 0.1
        X.append(np.c_[r * np.cos(phi), r * np.sin(phi)])
        y += [c] * n
    return np.vstack(X), np.array(y)


def forward(x):
    acts = [x]
    for i in range(len(weights)):
        z = acts[-1].dot(weights[i]) + biases[i]
        if i < len(weights) - 1:
            acts.append(np.maximum(z, 0))
        else:
            # softmax on the last layer
            ex = np.exp(z - z.max(axis=1, keepdims=True))
            acts.append(ex / ex.sum(axis=1, keepdims=True))
    return acts


def cross_entropy(probs, y):
    return -np.log(probs[np.arange(len(y)), y]).mean()


def backward(acts, y):
    grad_w = [None] * len(weights)
    grad_b = [None] * len(biases)
    delta = acts[-1].copy()
    delta[np.arange(len(y)), y] -= 1
    delta /= len(y)
    for i in range(len(weights) - 1, -1, -1):
        grad_w[i] = acts[i].T.dot(delta)
        grad_b[i] = delta.sum(axis=0)
        if i > 0:
            delta = delta.dot(weights[i].T)
            delta[acts[i] > 0] = 0
    return grad_w, grad_b


X, y = spiral(60, 3)

for epoch in range(epochs):
    order = np.random.permutation(len(X))
    for start in range(0, len(X), batch):
        idx = order[start:start + batch]
        acts = forward(X[idx])
        grad_w, grad_b = backward(acts, y[idx])
        for i in range(len(weights)):
            vel_w[i] = momentum * vel_w[i] - learning_rate * grad_w[i]
            vel_b[i] = momentum * vel_b[i] - learning_rate * grad_b[i]
            weights[i] += vel_w[i]
            biases[i] += vel_b[i]
    if epoch % 10 == 0 or epoch == epochs - 1:
        probs = forward(X)[-1]
        acc = (probs.argmax(axis=1) == y).mean()
        print('epoch %d: loss %.5f, accuracy %.3f' % (epoch, cross_entropy(probs, y), acc))
