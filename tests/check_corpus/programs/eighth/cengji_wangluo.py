# -*- coding: utf-8 -*-
# 作业三：用"层"的方式实现两层神经网络
import numpy as np


class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = (x <= 0)
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dx = dout.copy()
        dx[self.mask] = 0
        return dx


class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.x = None
        self.dW = None
        self.db = None

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx


class SoftmaxWithLoss:
    def forward(self, x, t):
        x = x - x.max(axis=1, keepdims=True)
        e = np.exp(x)
        self.y = e / e.sum(axis=1, keepdims=True)
        self.t = t
        n = x.shape[0]
        return -np.sum(np.log(self.y[np.arange(n), t] + 1e-7)) / n

    def backward(self):
        n = self.t.shape[0]
        dx = self.y.copy()
        dx[np.arange(n), self.t] -= 1
        return dx / n


class ErCengWang:
    def __init__(self, n_in, n_hid, n_out):
        self.params = {}
        self.params['W1'] = np.random.randn(n_in, n_hid) * np.sqrt(2.0 / n_in)
        self.params['b1'] = np.zeros(n_hid)
        self.params['W2'] = np.random.randn(n_hid, n_out) * np.sqrt(2.0 / n_hid)
        self.params['b2'] = np.zeros(n_out)
        self.affine1 = Affine(self.params['W1'], self.params['b1'])
        self.relu = Relu()
        self.affine2 = Affine(self.params['W2'], self.params['b2'])
        self.last = SoftmaxWithLoss()

    def predict(self, x):
        h = self.relu.forward(self.affine1.forward(x))
        return self.affine2.forward(h)

    def loss(self, x, t):
        return self.last.forward(self.predict(x), t)

    def gradient(self, x, t):
        self.loss(x, t)
        dout = self.last.backward()
        dout = self.affine2.backward(dout)
        dout = self.relu.backward(dout)
        self.affine1.backward(dout)
        return {'W1': self.affine1.dW, 'b1': self.affine1.db,
                'W2': self.affine2.dW, 'b2': self.affine2.db}

    def accuracy(self, x, t):
        return np.mean(np.argmax(self.predict(x), axis=1) == t)


def make_data(n):
    # 三个同心圆环
    t = np.random.randint(0, 3, n)
    r = 0.5 + t + 0.15 * np.random.randn(n)
    a = np.random.rand(n) * 2 * np.pi
    return np.c_[r * np.cos(a), r * np.sin(a)], t


if __name__ == '__main__':
    np.random.seed(2023)
    x_train, t_train = make_data(600)
    x_test, t_test = make_data(200)
    net = ErCengWang(2, 24, 3)
    lr = 0.2
    batch_size = 50
    for epoch in range(60):
        perm = np.random.permutation(len(x_train))
        for i in range(0, len(x_train), batch_size):
            idx = perm[i:i + batch_size]
            grads = net.gradient(x_train[idx], t_train[idx])
            for key in ('W1', 'b1', 'W2', 'b2'):
                net.params[key] -= lr * grads[key]
        if epoch % 10 == 0:
            print('第%d轮 损失 %.4f 训练精度 %.3f' % (epoch, net.loss(x_train, t_train), net.accuracy(x_train, t_train)))
    print('测试精度', net.accuracy(x_test, t_test))
