import numpy as np


def sigmoid(t):
    # split in two branches so exp never gets a large positive argument
    out = np.empty_like(t, dtype=float)
    pos = t >= 0
    out[pos] = 1.0 / (1.0 + np.exp(-t[pos]))
    e = np.exp(t[~pos])
    out[~pos] = e / (1.0 + e)
    return out


def ridge_loss(w, X, y, lamb):
    """
    L(w) = 1/(2n) * ||Xw - y||^2 + lamb/2 * ||w||^2
    returns loss, dL/dw
    """
    n = X.shape[0]
    r = X @ w - y
    loss = 0.5 / n * r @ r + 0.5 * lamb * w @ w
    grad = X.T @ r / n + lamb * w
    return loss, grad


def logistic_loss(w, X, y, lamb):
    """
    y in {0, 1}.  w[0] belongs to the column of ones and is not penalised.
    """
    n = X.shape[0]
    z = X @ w
    loss = np.mean(np.logaddexp(0, z) - y * z)
    grad = X.T @ (sigmoid(z) - y) / n
    reg = w.copy()
    reg[0] = 0
    loss += lamb * np.sum(reg ** 2)
    grad += 2 * lamb * reg
    return loss, grad


def hinge_loss(w, X, y, lamb):
    """ y in {-1, +1}, squared hinge """
    n = X.shape[0]
    slack = np.maximum(0, 1 - y * (X @ w))
    loss = np.sum(slack ** 2) / n + lamb * w @ w
    grad = -2 * X.T @ (slack * y) / n + 2 * lamb * w
    return loss, grad


def softmax_loss_naive(W, X, y, reg):
    """
    W: (D, C), X: (N, D), y: (N,) class indices
    """
    loss = 0.0
    dW = np.zeros_like(W)
    num_train, num_classes = X.shape[0], W.shape[1]
    for i in range(num_train):
        scores = X[i].dot(W)
        scores -= np.max(scores)
        sum_exp = np.sum(np.exp(scores))
        loss += np.log(sum_exp) - scores[y[i]]
        for j in range(num_classes):
            p = np.exp(scores[j]) / sum_exp
            dW[:, j] += (p - (j == y[i])) * X[i]
    loss /= num_train
    dW /= num_train
    loss += reg * np.sum(W * W)
    dW += 2 * reg * W
    return loss, dW


def softmax_loss_vectorized(W, X, y, reg):
    N = X.shape[0]
    S = X @ W
    S = S - S.max(axis=1, keepdims=True)
    expS = np.exp(S)
    total = expS.sum(axis=1, keepdims=True)
    P = expS / total
    loss = np.mean(np.log(total[:, 0]) - S[np.arange(N), y]) + reg * np.sum(W ** 2)
    P[np.arange(N), y] -= 1
    dW = X.T @ P / N + 2 * reg * W
    return loss, dW


def huber_loss(w, X, y, delta=1.0):
    r = X @ w - y
    small = np.abs(r) <= delta
    loss = np.mean(np.where(small, 0.5 * r ** 2, delta * (np.abs(r) - 0.5 * delta)))
    grad = X.T @ np.where(small, r, delta * np.sign(r)) / len(y)
    return loss, grad


def gradient_descent(loss_fn, w0, max_iters, gamma, *args):
    w = w0.astype(float)
    losses = []
    for _ in range(max_iters):
        loss, grad = loss_fn(w, *args)
        w = w - gamma * grad
        losses.append(loss)
    return w, losses
