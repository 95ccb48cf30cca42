import numpy as np


class BatchNorm:
    def __init__(self, dim, momentum=0.9, eps=1e-5):
        self.gamma = np.ones(dim)
        self.beta = np.zeros(dim)
        self.running_mean = np.zeros(dim)
        self.running_var = np.ones(dim)
        self.momentum = momentum
        self.eps = eps

    def forward(self, x, train=True):
        if not train:
            x_hat = (x - self.running_mean) / np.sqrt(self.running_var + self.eps)
            return self.gamma * x_hat + self.beta
        mu = x.mean(axis=0)
        var = x.var(axis=0)
        self.x_mu = x - mu
        self.inv_std = 1.0 / np.sqrt(var + self.eps)
        self.x_hat = self.x_mu * self.inv_std
        self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mu
        self.running_var = self.momentum * self.running_var + (1 - self.momentum) * var
        return self.gamma * self.x_hat + self.beta

    def backward(self, dout):
        N = dout.shape[0]
        self.dbeta = dout.sum(axis=0)
        self.dgamma = np.sum(dout * self.x_mu, axis=0)

        dx_hat = dout * self.gamma
        dvar = np.sum(dx_hat * self.x_mu * -0.5 * self.inv_std ** 3, axis=0)
        dmu = np.sum(-dx_hat * self.inv_std, axis=0) + dvar * np.mean(-2.0 * self.x_mu, axis=0)
        dx = dx_hat * self.inv_std + dvar * 2.0 * self.x_mu / N + dmu / N
        return dx


class Affine:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) / np.sqrt(n_in)
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = np.sum(dout, axis=0)
        return dout @ self.W.T


class Net:
    """affine - batchnorm - tanh - affine, squared error"""

    def __init__(self, n_in, n_hidden, n_out):
        self.fc1 = Affine(n_in, n_hidden)
        self.bn = BatchNorm(n_hidden)
        self.fc2 = Affine(n_hidden, n_out)

    def forward(self, x, train=True):
        self.h = np.tanh(self.bn.forward(self.fc1.forward(x), train))
        return self.fc2.forward(self.h)

    def loss(self, x, y):
        self.diff = self.forward(x) - y
        return 0.5 * np.sum(self.diff ** 2) / len(x)

    def backward(self):
        d = self.diff / len(self.diff)
        d = self.fc2.backward(d)
        d = self.bn.backward(d * (1 - self.h ** 2))
        self.fc1.backward(d)

    def step(self, lr):
        for layer in (self.fc1, self.fc2):
            layer.W -= lr * layer.dW
            layer.b -= lr * layer.db
        self.bn.gamma -= lr * self.bn.dgamma
        self.bn.beta -= lr * self.bn.dbeta


if __name__ == "__main__":
    np.random.seed(21)
    X = np.random.uniform(-3, 3, (300, 2)) * np.array([1.0, 10.0])   # badly scaled on purpose
    Y = np.sin(X[:, :1]) + 0.1 * X[:, 1:]
    net = Net(2, 20, 1)
    for epoch in range(40):
        perm = np.random.permutation(len(X))
        losses = []
        for k in range(0, len(X), 50):
            i = perm[k:k + 50]
            losses.append(net.loss(X[i], Y[i]))
            net.backward()
            net.step(0.1)
        if epoch % 5 == 4:
            print("epoch", epoch + 1, "loss", np.mean(losses))
    print("eval mse", np.mean((net.forward(X, train=False) - Y) ** 2))
