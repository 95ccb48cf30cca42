"""Softmax loss: once with loops, once vectorized.

W: (D, C) weights, X: (N, D) data, y: (N,) labels 0..C-1, reg: strength of the
L2 regularization (loss gets reg * sum(W^2)).
Both functions return (loss, dW).
"""
import numpy as np


def softmax_loss_naive(W, X, y, reg):
    loss = 0.0
    dW = np.zeros_like(W)
    num_train, num_classes = X.shape[0], W.shape[1]

    for i in range(num_train):
        scores = X[i].dot(W)
        scores -= np.max(scores)            # numeric stability
        exps = np.exp(scores)
        p = exps / np.sum(exps)
        loss -= np.log(p[y[i]])
        for c in range(num_classes):
            indicator = 1.0 if c == y[i] else 0.0
            dW[:, c] += (p[c] - indicator) * X[i]

    loss /= num_train
    dW /= num_train
    loss += reg * np.sum(W * W)
    dW += 2 * reg * W
    return loss, dW


def softmax_loss_vectorized(W, X, y, reg):
    num_train = X.shape[0]
    rows = np.arange(num_train)

    logits = X.dot(W)
    exp_logits = np.exp(logits)
    probs = exp_logits / np.sum(exp_logits, axis=1, keepdims=True)
    loss = np.mean(-np.log(probs[rows, y])) + reg * np.sum(W * W)

    d = probs.copy()
    d[rows, y] -= 1
    dW = X.T.dot(d) / num_train + 2 * reg * W
    return loss, dW


def train_linear_classifier(loss_fn, X, y, num_classes, lr=0.5, reg=1e-3, steps=100):
    W = np.zeros((X.shape[1], num_classes))
    history = []
    for _ in range(steps):
        loss, dW = loss_fn(W, X, y, reg)
        history.append(loss)
        W -= lr * dW
    return W, history


if __name__ == "__main__":
    rng = np.random.RandomState(231)
    X = rng.randn(60, 4)
    X = np.hstack([X, np.ones((60, 1))])        # bias trick
    y = np.argmax(X.dot(rng.randn(5, 3)), axis=1)

    W = rng.randn(5, 3) * 0.01
    for name, fn in (("naive", softmax_loss_naive), ("vectorized", softmax_loss_vectorized)):
        loss, dW = fn(W, X, y, 0.1)
        print(name, "loss", loss, "(should be close to", -np.log(1 / 3), ") |dW|", np.linalg.norm(dW))
        W_t, hist = train_linear_classifier(fn, X, y, 3)
        print("   after training: loss", hist[-1], "accuracy", np.mean(np.argmax(X.dot(W_t), axis=1) == y))
