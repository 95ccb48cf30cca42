# 知能情報実験 課題4 : 3層ニューラルネットワーク（レイヤ実装）
import numpy as np
from collections import OrderedDict


def softmax(x):
    x = x - np.max(x, axis=0)          # オーバーフロー対策
    y = np.exp(x) / np.sum(np.exp(x), axis=0)
    return y


def cross_entropy_error(y, t):
    batch_size = y.shape[0]
    return -np.sum(np.log(y[np.arange(batch_size), t] + 1e-7)) / batch_size


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b
        self.x = None
        self.dW, self.db = None, None

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx


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


class SoftmaxWithLoss:
    def forward(self, x, t):
        self.t = t
        self.y = softmax(x)
        return cross_entropy_error(self.y, t)

    def backward(self, dout=1):
        batch_size = self.t.shape[0]
        dx = self.y.copy()
        dx[np.arange(batch_size), self.t] -= 1
        return dout * dx / batch_size


class ThreeLayerNet:
    def __init__(self, sizes):
        self.params = {}
        self.layers = OrderedDict()
        for i in (1, 2, 3):
            W = np.random.randn(sizes[i-1], sizes[i]) * np.sqrt(2.0 / sizes[i-1])
            b = np.zeros(sizes[i])
            self.params['W%d' % i], self.params['b%d' % i] = W, b
            self.layers['Affine%d' % i] = Affine(W, b)
            if i < 3:
                self.layers['Relu%d' % i] = Relu()
        self.last_layer = SoftmaxWithLoss()

    def predict(self, x):
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def loss(self, x, t):
        return self.last_layer.forward(self.predict(x), t)

    def gradient(self, x, t):
        self.loss(x, t)
        dout = self.last_layer.backward(1)
        for layer in reversed(list(self.layers.values())):
            dout = layer.backward(dout)
        grads = {}
        for i in (1, 2, 3):
            grads['W%d' % i] = self.layers['Affine%d' % i].dW
            grads['b%d' % i] = self.layers['Affine%d' % i].db
        return grads


def main():
    np.random.seed(4)
    # 5クラスのガウス分布データ
    mean = np.random.randn(5, 8) * 1.2
    t_train = np.random.randint(0, 5, 800)
    x_train = mean[t_train] + np.random.randn(800, 8)
    t_test = np.random.randint(0, 5, 200)
    x_test = mean[t_test] + np.random.randn(200, 8)

    net = ThreeLayerNet([8, 20, 20, 5])
    batch_size, learning_rate = 100, 0.1
    for i in range(800):
        batch_mask = np.random.choice(x_train.shape[0], batch_size, replace=False)
        x_batch, t_batch = x_train[batch_mask], t_train[batch_mask]
        grads = net.gradient(x_batch, t_batch)
        for key in net.params:
            net.params[key] -= learning_rate * grads[key]
        if i % 200 == 0:
            print('iter', i, '誤差', net.loss(x_train, t_train))
    for name, x, t in (('訓練', x_train, t_train), ('テスト', x_test, t_test)):
        print(name, '認識率', np.mean(np.argmax(net.predict(x), axis=1) == t))


if __name__ == '__main__':
    main()
