# 深度学习基础 作业四: 手写一个小卷积网络 (不用框架)
# 任务: 区分 8x8 图像里的横条和竖条
import numpy as np

np.random.seed(2020)


class Conv3x3:
    def __init__(self, num_filters):
        self.K = num_filters
        self.filters = np.random.randn(num_filters, 3, 3) / 3
        self.bias = np.zeros(num_filters)

    def forward(self, img):
        self.img = img
        N, H, W = img.shape
        out = np.zeros((N, self.K, H - 2, W - 2))
        for i in range(3):
            for j in range(3):
                patch = img[:, i:i + H - 2, j:j + W - 2]
                out += self.filters[:, i, j][None, :, None, None] * patch[:, None]
        return out + self.bias[None, :, None, None]

    def backward(self, dout):
        N, H, W = self.img.shape
        self.dfilters = np.zeros_like(self.filters)
        for i in range(3):
            for j in range(3):
                patch = self.img[:, i:i + H - 2, j:j + W - 2]
                self.dfilters[:, i, j] = np.sum(dout * patch[:, None], axis=(0, 2, 3))
        self.dbias = np.sum(dout, axis=(0, 2, 3))

    def step(self, lr):
        self.filters -= lr * self.dfilters
        self.bias -= lr * self.dbias


class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout * (self.x > 0)


class AvgPool2:
    """2x2 平均池化"""
    def forward(self, x):
        N, K, H, W = x.shape
        self.shape = x.shape
        return x.reshape(N, K, H // 2, 2, W // 2, 2).mean(axis=(3, 5))

    def backward(self, dout):
        return np.repeat(np.repeat(dout, 2, axis=2), 2, axis=3) / 4


class Linear:
    def __init__(self, n_in):
        self.w = np.random.randn(n_in, 1) / np.sqrt(n_in)
        self.b = 0.0

    def forward(self, x):
        self.shape = x.shape
        self.flat = x.reshape(len(x), -1)
        return self.flat @ self.w + self.b

    def backward(self, dout):
        self.dw = self.flat.T @ dout
        self.db = dout.sum()
        return (dout @ self.w.T).reshape(self.shape)

    def step(self, lr):
        self.w -= lr * self.dw
        self.b -= lr * self.db


def make_images(n):
    imgs = np.random.randn(n, 8, 8) * 0.3
    labels = np.random.randint(0, 2, (n, 1))
    for k in range(n):
        r = np.random.randint(0, 8)
        if labels[k, 0] == 1:
            imgs[k, r, :] += 1      # 横条
        else:
            imgs[k, :, r] += 1      # 竖条
    return imgs, labels


conv, relu, pool, fc = Conv3x3(4), ReLU(), AvgPool2(), Linear(4 * 3 * 3)
imgs, labels = make_images(320)
for epoch in range(25):
    order = np.random.permutation(len(imgs))
    total, correct = 0.0, 0
    for s in range(0, len(imgs), 16):
        b = order[s:s + 16]
        x, t = imgs[b], labels[b]
        z = fc.forward(pool.forward(relu.forward(conv.forward(x))))
        # 交叉熵, 数值稳定写法
        total += np.sum(np.logaddexp(0, z) - t * z)
        correct += np.sum((z > 0) == t)
        p = 1 / (1 + np.exp(-z))
        dz = (p - t) / len(b)
        d = fc.backward(dz)
        conv.backward(relu.backward(pool.backward(d)))
        fc.step(0.3)
        conv.step(0.3)
    if epoch % 4 == 0:
        print("第%d轮 损失 %.4f 准确率 %.3f" % (epoch, total / len(imgs), correct / len(imgs)))
