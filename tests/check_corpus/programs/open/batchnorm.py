import numpy as np


class BatchNorm1d:
    """Batch normalization for (batch, features) inputs."""

    def __init__(self, num_features, momentum=0.9, eps=1e-5):
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.momentum = momentum
        self.eps = eps
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.training = True

    def forward(self, x):
        if not self.training:
            xhat = (x - self.running_mean) / np.sqrt(self.running_var + self.eps)
            return self.gamma * xhat + self.beta

        self.N = x.shape[0]
        mean = x.mean(axis=0)
        var = x.var(axis=0)
        self.inv_std = 1.0 / np.sqrt(var + self.eps)
        self.x_mu = x - mean
        self.xhat = self.x_mu * self.inv_std

        # statistics for test time
        self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mean
        self.running_var = self.momentum * self.running_var + (1 - self.momentum) * var
        return self.gamma * self.xhat + self.beta

    def backward(self, dy):
        self.dgamma = np.sum(dy * self.xhat, axis=0)
        self.dbeta = np.sum(dy, axis=0)

        dxhat = dy * self.gamma
        # through 1/sqrt(var)
        dvar = np.sum(dxhat * self.x_mu, axis=0) * -0.5 * self.inv_std ** 3
        # through the mean (the second term is zero, kept for completeness)
        dmean = -np.sum(dxhat * self.inv_std, axis=0) + dvar * np.mean(-2.0 * self.x_mu, axis=0)
        dx = dxhat * self.inv_std + dvar * 2.0 * self.x_mu / self.N + dmean / self.N
        return dx


def demo():
    rng = np.random.RandomState(0)
    x = rng.randn(32, 4) * np.array([1.0, 5.0, 0.2, 3.0]) + np.array([0.0, 10.0, -1.0, 2.0])
    t = np.sin(x[:, :1]) + 0.1 * x[:, 1:2]
    bn = BatchNorm1d(4)
    w = rng.randn(4, 1) * 0.3
    lr = 0.1
    for i in range(120):
        h = bn.forward(x)
        r = np.maximum(h, 0)
        out = r @ w
        loss = np.mean((out - t) ** 2)
        dout = 2 * (out - t) / len(x)
        dw = r.T @ dout
        dh = (dout @ w.T) * (h > 0)
        dx = bn.backward(dh)
        w -= lr * dw
        bn.gamma -= lr * bn.dgamma
        bn.beta -= lr * bn.dbeta
        if i % 30 == 0:
            print(i, 'loss', loss, '|dx|', np.abs(dx).sum())
    bn.training = False
    test_loss = np.mean((np.maximum(bn.forward(x), 0) @ w - t) ** 2)
    print('train', loss, 'eval mode', test_loss)
    print('gamma', bn.gamma, 'beta', bn.beta)


if __name__ == '__main__':
    demo()
