# 房价预测：两层隐藏层 + LeakyReLU + RMSProp
# 机器学习导论 大作业
import numpy as np

SLOPE = 0.1


def leaky_relu(z):
    return np.where(z > 0, z, SLOPE * z)


def leaky_relu_grad(z):
    return np.where(z > 0, 1.0, SLOPE)


def init_params(sizes, rng):
    params = {}
    for i in range(len(sizes) - 1):
        params[f"W{i+1}"] = rng.normal(size=(sizes[i], sizes[i + 1])) * np.sqrt(2.0 / sizes[i])
        params[f"b{i+1}"] = np.zeros((1, sizes[i + 1]))
    return params


def forward(X, params):
    z1 = X @ params["W1"] + params["b1"]
    a1 = leaky_relu(z1)
    z2 = a1 @ params["W2"] + params["b2"]
    a2 = leaky_relu(z2)
    out = a2 @ params["W3"] + params["b3"]
    return out, (X, z1, a1, z2, a2)


def mse(out, y):
    return np.mean((out - y) ** 2)


def backward(out, y, cache, params):
    X, z1, a1, z2, a2 = cache
    n = y.shape[0]
    grads = {}
    d3 = 2 * (out - y) / n
    grads["W3"] = a2.T @ d3
    grads["b3"] = d3.sum(axis=0, keepdims=True)
    d2 = (d3 @ params["W3"].T) * leaky_relu_grad(z2)
    grads["W2"] = a1.T @ d2
    grads["b2"] = d2.sum(axis=0, keepdims=True)
    d1 = (d2 @ params["W2"].T) * leaky_relu_grad(z1)
    grads["W1"] = X.T @ d1
    grads["b1"] = d1.sum(axis=0, keepdims=True)
    return grads


def update(params, grads, sq, lr=0.005, rho=0.9, eps=1e-8):
    for k in params:
        sq[k] = rho * sq[k] + grads[k] ** 2
        params[k] = params[k] - lr * grads[k] / (np.sqrt(sq[k]) + eps)


def load_data(n, rng):
    area = rng.uniform(40, 160, n)       # 面积
    age = rng.uniform(0, 40, n)          # 房龄
    dist = rng.exponential(5, n)         # 到地铁距离(km)
    price = area * (3.0 - 0.03 * age) * np.exp(-dist / 15) + rng.normal(0, 8, n)
    return np.stack([area, age, dist], axis=1), price[:, None]


if __name__ == "__main__":
    rng = np.random.default_rng(66)
    X, y = load_data(600, rng)
    mu, sigma = X[:500].mean(0), X[:500].std(0)
    ymu, ysig = y[:500].mean(), y[:500].std()
    X = (X - mu) / sigma
    y = (y - ymu) / ysig
    Xtr, ytr, Xte, yte = X[:500], y[:500], X[500:], y[500:]

    params = init_params([3, 16, 8, 1], rng)
    sq = {k: np.zeros_like(v) for k, v in params.items()}
    for epoch in range(1, 61):
        idx = rng.permutation(len(Xtr))
        for s in range(0, len(Xtr), 64):
            xb, yb = Xtr[idx[s:s + 64]], ytr[idx[s:s + 64]]
            out, cache = forward(xb, params)
            grads = backward(out, yb, cache, params)
            update(params, grads, sq)
        if epoch % 10 == 0:
            print("epoch", epoch, "训练误差", mse(forward(Xtr, params)[0], ytr))
    print("测试误差", mse(forward(Xte, params)[0], yte))
