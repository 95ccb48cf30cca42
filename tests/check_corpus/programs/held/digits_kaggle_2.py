# Simple digit recognizer from scratch (notebook version 4, upvote if it helped!)
# no train.csv here, digits are drawn from 7-segment style bitmaps + noise, 0-255 like MNIST
import numpy as np

np.random.seed(42)

SEGMENTS = {0: 'abcdef', 1: 'bc', 2: 'abged', 3: 'abgcd', 4: 'fgbc',
            5: 'afgcd', 6: 'afgedc', 7: 'abc', 8: 'abcdefg', 9: 'abcdfg'}


def draw(d):
    im = np.zeros((9, 6))
    for s in SEGMENTS[d]:
        if s == 'a': im[0, 1:5] = 1
        if s == 'g': im[4, 1:5] = 1
        if s == 'd': im[8, 1:5] = 1
        if s == 'f': im[1:4, 0] = 1
        if s == 'b': im[1:4, 5] = 1
        if s == 'e': im[5:8, 0] = 1
        if s == 'c': im[5:8, 5] = 1
    im = im * np.random.uniform(150, 255) + np.random.normal(0, 35, im.shape)
    return np.clip(im, 0, 255).ravel()


labels = np.random.randint(0, 10, 600)
data = np.column_stack((labels, np.array([draw(d) for d in labels])))
np.random.shuffle(data)

data_dev = data[0:100].T
Y_dev = data_dev[0].astype(int)
X_dev = data_dev[1:]

data_train = data[100:].T
Y_train = data_train[0].astype(int)
X_train = data_train[1:]


def init_params():
    W1 = np.random.randn(16, X_train.shape[0])
    b1 = np.zeros((16, 1))
    W2 = np.random.randn(10, 16)
    b2 = np.zeros((10, 1))
    return W1, b1, W2, b2


def ReLU(Z):
    return np.maximum(Z, 0)


def ReLU_deriv(Z):
    return Z > 0


def softmax(Z):
    e = np.exp(Z)
    return e / np.sum(e, axis=0)


def one_hot(Y):
    oh = np.zeros((Y.size, 10))
    oh[np.arange(Y.size), Y] = 1
    return oh.T


def forward_prop(W1, b1, W2, b2, X):
    Z1 = W1.dot(X) + b1
    A1 = ReLU(Z1)
    Z2 = W2.dot(A1) + b2
    A2 = softmax(Z2)
    return Z1, A1, Z2, A2


def backward_prop(Z1, A1, A2, W2, X, Y):
    m = Y.size
    dZ2 = A2 - one_hot(Y)
    dW2 = 1 / m * dZ2.dot(A1.T)
    db2 = 1 / m * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = W2.T.dot(dZ2) * ReLU_deriv(Z1)
    dW1 = 1 / m * dZ1.dot(X.T)
    db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)
    return dW1, db1, dW2, db2


def accuracy(A2, Y):
    return np.mean(np.argmax(A2, 0) == Y)


def gradient_descent(X, Y, alpha, epochs):
    W1, b1, W2, b2 = init_params()
    for i in range(epochs):
        order = np.random.permutation(Y.size)
        X = X[:, order]
        Y = Y[order]
        for k in range(0, Y.size, 50):
            Xb, Yb = X[:, k:k + 50], Y[k:k + 50]
            Z1, A1, Z2, A2 = forward_prop(W1, b1, W2, b2, Xb)
            dW1, db1, dW2, db2 = backward_prop(Z1, A1, A2, W2, Xb, Yb)
            W1 = W1 - alpha * dW1
            b1 = b1 - alpha * db1
            W2 = W2 - alpha * dW2
            b2 = b2 - alpha * db2
        if i % 10 == 0:
            print("Epoch:", i, "accuracy:", accuracy(forward_prop(W1, b1, W2, b2, X)[3], Y))
    return W1, b1, W2, b2


params = gradient_descent(X_train, Y_train, 0.0005, 80)
print("dev accuracy:", accuracy(forward_prop(*params, X_dev)[3], Y_dev))
