"""
Assignment 1, Q4: a two layer fully connected net on the three-armed spiral.
Architecture: affine - relu - affine - softmax, with L2 regularization on W1, W2.
"""
import numpy as np


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, std=0.1):
        self.params = {}
        self.params["W1"] = std * np.random.randn(input_size, hidden_size)
        self.params["b1"] = np.zeros(hidden_size)
        self.params["W2"] = std * np.random.randn(hidden_size, output_size)
        self.params["b2"] = np.zeros(output_size)

    def loss(self, X, y=None, reg=0.0):
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        N, D = X.shape

        # forward
        hidden = X.dot(W1) + b1
        hidden_relu = np.maximum(hidden, 0)
        scores = hidden_relu.dot(W2) + b2
        if y is None:
            return scores

        # softmax loss
        shifted = scores - np.max(scores, axis=1, keepdims=True)
        exp_scores = np.exp(shifted)
        probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
        data_loss = -np.log(probs[np.arange(N), y]).mean()
        reg_loss = 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        loss = data_loss + reg_loss

        # backward
        grads = {}
        dscores = probs.copy()
        dscores[np.arange(N), y] -= 1
        dscores /= N
        grads["W2"] = hidden_relu.T.dot(dscores)
        grads["b2"] = dscores.sum(axis=0)
        dhidden = dscores.dot(W2.T)
        dhidden[hidden <= 0] = 0
        grads["W1"] = X.T.dot(dhidden)
        grads["b1"] = dhidden.sum(axis=0)
        grads["W2"] += reg * W2
        grads["W1"] += reg * W1
        return loss, grads

    def train(self, X, y, X_val, y_val, learning_rate=0.8, learning_rate_decay=0.97,
              reg=1e-4, num_iters=1200, batch_size=60, verbose=True):
        num_train = X.shape[0]
        iterations_per_epoch = max(num_train // batch_size, 1)
        history = []
        for it in range(num_iters):
            idx = np.random.choice(num_train, batch_size)
            X_batch = X[idx]
            y_batch = y[idx]
            loss, grads = self.loss(X_batch, y=y_batch, reg=reg)
            history.append(loss)
            for p in self.params:
                self.params[p] -= learning_rate * grads[p]
            if verbose and it % 200 == 0:
                print("iteration %d / %d: loss %f" % (it, num_iters, loss))
            if (it + 1) % (20 * iterations_per_epoch) == 0:
                learning_rate *= learning_rate_decay
        print("train acc:", (self.predict(X) == y).mean(), "val acc:", (self.predict(X_val) == y_val).mean())
        return history

    def predict(self, X):
        return np.argmax(self.loss(X), axis=1)


def spiral(points, classes):
    X = np.zeros((points * classes, 2))
    y = np.zeros(points * classes, dtype="uint8")
    for j in range(classes):
        ix = range(points * j, points * (j + 1))
        r = np.linspace(0.05, 1, points)
        t = np.linspace(j * 4, (j + 1) * 4, points) + np.random.randn(points) * 0.15
        X[ix] = np.c_[r * np.sin(t), r * np.cos(t)]
        y[ix] = j
    return X, y


if __name__ == "__main__":
    np.random.seed(231)
    X, y = spiral(100, 3)
    X_val, y_val = spiral(30, 3)
    net = TwoLayerNet(2, 60, 3)
    history = net.train(X, y, X_val, y_val)
    print("final loss: %.4f" % history[-1])
