# 用光谱特征区分三种矿物，单隐层网络，逐样本梯度下降
# 损失: 均方误差 0.5*|p - t|^2，输出层 softmax，因此要用完整的雅可比矩阵
import numpy as np

np.random.seed(88)

n_per = 50
zhongxin = np.array([[1.0, 0.2, -0.5, 0.0],
                     [-0.6, 1.0, 0.3, 0.4],
                     [0.1, -0.8, 0.9, -0.7]])
X = np.vstack([c + 0.6 * np.random.randn(n_per, 4) for c in zhongxin])
label = np.repeat([0, 1, 2], n_per)
T = np.eye(3)[label]

n_in, n_hid, n_out = 4, 3, 3
W1 = np.random.randn(n_hid, n_in) * 0.5
b1 = np.zeros(n_hid)
W2 = np.random.randn(n_out, n_hid) * 0.5
b2 = np.zeros(n_out)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(s):
    e = np.exp(s - np.max(s))
    return e / np.sum(e)


def qianxiang(x):
    h = sigmoid(W1 @ x + b1)
    p = softmax(W2 @ h + b2)
    return h, p


lr = 0.3
for lun in range(60):
    sunshi = 0
    for i in np.random.permutation(len(X)):
        x, t = X[i], T[i]
        h, p = qianxiang(x)
        sunshi += 0.5 * np.sum((p - t) ** 2)
        # 反向传播
        dp = p - t
        J = np.diag(p) - np.outer(p, p)      # dp/ds
        ds = J @ dp
        dh = W2 @ ds
        dz = dh * h * (1 - h)
        W2 -= lr * np.outer(ds, h)
        b2 -= lr * ds
        W1 -= lr * np.outer(dz, x)
        b1 -= lr * dz
    if lun % 10 == 0:
        print("第%d轮 平均损失 %.4f" % (lun, sunshi / len(X)))

dui = sum(np.argmax(qianxiang(x)[1]) == l for x, l in zip(X, label))
print("准确率: %.3f" % (dui / len(X)))
