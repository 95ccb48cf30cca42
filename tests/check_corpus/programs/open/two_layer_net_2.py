from builtins import range
import numpy as np


class TwoLayerNet(object):
    """
    input - fully connected layer - ReLU - fully connected layer - softmax
    X is (N, D), y holds the class indices, W1 is (D, H), W2 is (H, C).
    The loss is the softmax cross entropy plus L2 regularization of both weights.
    """

    def __init__(self, input_size, hidden_size, output_size, std=1e-1):
        self.params = {}
        self.params['W1'] = std * np.random.randn(input_size, hidden_size)
        self.params['b1'] = np.zeros(hidden_size)
        self.params['W2'] = std * np.random.randn(hidden_size, output_size)
        self.params['b2'] = np.zeros(output_size)

    def loss(self, X, y=None, reg=0.0):
        W1, b1 = self.params['W1'], self.params['b1']
        W2, b2 = self.params['W2'], self.params['b2']
        N = X.shape[0]

        # scores
        z1 = X.dot(W1) + b1
        h = np.maximum(0, z1)
        scores = h.dot(W2) + b2
        if y is None:
            return scores

        # loss
        shifted = scores - np.max(scores, axis=1, keepdims=True)
        exp_scores = np.exp(shifted)
        probs = exp_scores / np.sum(exp_scores, axis=0, keepdims=True)
        data_loss = np.sum(-np.log(probs[np.arange(N), y])) / N
        reg_loss = reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        loss = data_loss + reg_loss

        # gradients
        grads = {}
        dscores = probs.copy()
        dscores[np.arange(N), y] -= 1
        dscores /= N
        grads['W2'] = h.T.dot(dscores) + 2 * reg * W2
        grads['b2'] = np.sum(dscores, axis=0)
        dh = dscores.dot(W2.T)
        dz1 = dh * (z1 > 0)
        grads['W1'] = X.T.dot(dz1) + 2 * reg * W1
        grads['b1'] = np.sum(dz1, axis=0)
        return loss, grads

    def train(self, X, y, learning_rate=1e-1, decay=0.95, reg=1e-3, num_iters=200, batch_size=40, verbose=False):
        num_train = X.shape[0]
        per_epoch = max(num_train // batch_size, 1)
        loss_history = []
        for it in range(num_iters):
            idx = np.random.choice(num_train, batch_size)
            X_batch, y_batch = X[idx], y[idx]
            loss, grads = self.loss(X_batch, y=y_batch, reg=reg)
            loss_history.append(loss)
            for name in self.params:
                self.params[name] -= learning_rate * grads[name]
            if verbose and it % 100 == 0:
                print('iteration %d / %d: loss %f' % (it, num_iters, loss))
            if it % per_epoch == 0:
                learning_rate *= decay ** 0.2
        return loss_history

    def predict(self, X):
        return np.argmax(self.loss(X), axis=1)


if __name__ == '__main__':
    np.random.seed(0)
    X = np.random.randn(240, 5)
    y = np.argmax(np.c_[X[:, 0] * X[:, 1], X[:, 2], np.abs(X[:, 3]) - 0.5], axis=1)
    net = TwoLayerNet(5, 20, 3)
    history = net.train(X, y, learning_rate=0.5, num_iters=400, verbose=True)
    loss, _ = net.loss(X, y, reg=1e-3)
    print('final loss: ', loss)
    print('training accuracy: ', np.mean(net.predict(X) == y))
