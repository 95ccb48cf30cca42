# 纯 Python 神经网络（不用 numpy），softmax 输出 + 均方误差
# 网课《从零开始》第六讲 练习
import math
import random


def softmax(z):
    mx = max(z)
    e = [math.exp(v - mx) for v in z]
    s = sum(e)
    return [v / s for v in e]


def init_net(n_in, n_hid, n_out):
    net = {}
    net["w1"] = [[random.gauss(0, 0.5) for _ in range(n_in)] for _ in range(n_hid)]
    net["b1"] = [0.0] * n_hid
    net["w2"] = [[random.gauss(0, 0.5) for _ in range(n_hid)] for _ in range(n_out)]
    net["b2"] = [0.0] * n_out
    return net


def forward(net, x):
    h = []
    for w, b in zip(net["w1"], net["b1"]):
        h.append(math.tanh(sum(wi * xi for wi, xi in zip(w, x)) + b))
    z = []
    for w, b in zip(net["w2"], net["b2"]):
        z.append(sum(wi * hi for wi, hi in zip(w, h)) + b)
    return h, softmax(z)


def loss(p, t):
    return sum((pi - ti) ** 2 for pi, ti in zip(p, t))


def zero_grads(net):
    return {
        "w1": [[0.0] * len(r) for r in net["w1"]],
        "b1": [0.0] * len(net["b1"]),
        "w2": [[0.0] * len(r) for r in net["w2"]],
        "b2": [0.0] * len(net["b2"]),
    }


def backward(net, x, h, p, t, g):
    """把一个样本的梯度加到 g 里"""
    n_out, n_hid = len(p), len(h)
    dp = [2 * (p[k] - t[k]) for k in range(n_out)]
    # dL/dz_j = sum_k dp_k * p_k * (delta_kj - p_j)
    dz = [0.0] * n_out
    for j in range(n_out):
        for k in range(n_out):
            if j == k:
                dz[j] += dp[k] * p[k] * (1 - p[k])
            else:
                dz[j] -= dp[k] * p[k] * p[j]
    for j in range(n_out):
        g["b2"][j] += dz[j]
        for i in range(n_hid):
            g["w2"][j][i] += dz[j] * h[i]
    for i in range(n_hid):
        s = 0.0
        for j in range(n_out):
            s += dz[j] * net["w2"][j][i]
        dh = s * (1 - h[i] ** 2)
        g["b1"][i] += dh
        for q in range(len(x)):
            g["w1"][i][q] += dh * x[q]


def update(net, g, lr, n):
    for w, b in (("w1", "b1"), ("w2", "b2")):
        for i in range(len(net[w])):
            for j in range(len(net[w][i])):
                net[w][i][j] -= lr * g[w][i][j] / n
            net[b][i] -= lr * g[b][i] / n


def train(net, data, epochs=80, batch=10, lr=0.5):
    for ep in range(epochs):
        random.shuffle(data)
        total = 0.0
        for s in range(0, len(data), batch):
            mini = data[s:s + batch]
            g = zero_grads(net)
            for x, t in mini:
                h, p = forward(net, x)
                total += loss(p, t)
                backward(net, x, h, p, t, g)
            update(net, g, lr, len(mini))
        if ep % 20 == 0:
            print("轮次", ep, "平均损失", round(total / len(data), 4))


if __name__ == "__main__":
    random.seed(10)
    data = []
    zhongxin = [(0, 1.2), (1, -0.8), (-1, -0.8)]
    for i in range(150):
        c = i % 3
        x = [random.gauss(zhongxin[c][0], 0.5), random.gauss(zhongxin[c][1], 0.5)]
        data.append((x, [1.0 if k == c else 0.0 for k in range(3)]))
    net = init_net(2, 5, 3)
    train(net, data)
    ok = 0
    for x, t in data:
        p = forward(net, x)[1]
        ok += p.index(max(p)) == t.index(1.0)
    print("正确率:", ok / len(data))
