# 统计学习 第二章 感知机 (原始形式)  学号 1801210
import numpy as np


class Perceptron:
    def __init__(self, dim, lr=0.1, max_epoch=100):
        self.w = np.zeros(dim)
        self.b = 0.0
        self.lr = lr
        self.max_epoch = max_epoch

    def net(self, xi):
        s = self.b
        for j in range(len(self.w)):
            s += self.w[j] * xi[j]
        return s

    def fit(self, X, y):
        for epoch in range(self.max_epoch):
            errors = 0
            for xi, yi in zip(X, y):
                # 误分类点
                if yi * self.net(xi) <= 0:
                    for j in range(len(self.w)):
                        self.w[j] += self.lr * yi * xi[j]
                    errors += 1
            print("epoch %d: 误分类 %d 个" % (epoch, errors))
            if errors == 0:
                break
        return self

    def predict(self, X):
        return np.where(X @ self.w + self.b > 0, 1, -1)


if __name__ == "__main__":
    rng = np.random.RandomState(18)
    n = 120
    X = rng.uniform(-3, 3, size=(3 * n, 2))
    d = 1.5 * X[:, 0] - X[:, 1] + 2.0
    keep = np.abs(d) > 0.4            # 留出间隔, 保证线性可分
    X = X[keep][:n]
    y = np.where(d[keep][:n] > 0, 1, -1)
    model = Perceptron(2).fit(X, y)
    print("w =", model.w, "b =", model.b)
    print("训练集正确率:", (model.predict(X) == y).mean())
