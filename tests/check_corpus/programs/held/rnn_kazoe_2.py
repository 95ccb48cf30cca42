# 再帰型ニューラルネット(RNN)の練習
# 0/1 の列を読んで、これまでに出た 1 の割合を当てる(最後の時刻だけ)
import numpy as np

rng = np.random.RandomState(0)

T = 8            # 系列の長さ
H = 10           # 隠れ層の大きさ
N = 200          # データ数
lr = 0.1

X = rng.randint(0, 2, size=(N, T)).astype(float)
Y = X.mean(axis=1, keepdims=True)

Wx = rng.randn(1, H) * 0.5
Wh = rng.randn(H, H) / np.sqrt(H) * 0.8
bh = np.zeros(H)
Wo = rng.randn(H, 1) / np.sqrt(H)
bo = np.zeros(1)


def junden(x):
    """順伝播。hs[0] は初期状態、hs[t+1] が時刻 t のあとの状態"""
    hs = [np.zeros((len(x), H))]
    for t in range(T):
        hs.append(np.tanh(x[:, t:t + 1] @ Wx + hs[-1] @ Wh + bh))
    return hs, hs[-1] @ Wo + bo


def gyakuden(x, hs, out, y):
    """逆伝播(BPTT)。損失は 0.5 * 二乗誤差の平均"""
    n = len(x)
    dout = (out - y) / n
    dWo = hs[-1].T @ dout
    dbo = dout.sum(axis=0)
    dWx, dWh, dbh = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(bh)
    dh = dout @ Wo.T
    for t in reversed(range(T)):
        da = dh * (1 - hs[t + 1] ** 2)
        dWx += x[:, t:t + 1].T @ da
        dWh += hs[t + 1].T @ da
        dbh += da.sum(axis=0)
        dh = da @ Wh.T
    return dWx, dWh, dbh, dWo, dbo


batch = 20
for epoch in range(100):
    jun = rng.permutation(N)
    total = 0.0
    for i in range(0, N, batch):
        k = jun[i:i + batch]
        hs, out = junden(X[k])
        total += 0.5 * np.sum((out - Y[k]) ** 2)
        grads = gyakuden(X[k], hs, out, Y[k])
        # 勾配クリッピング(全体のノルム)
        norm = np.sqrt(sum(np.sum(g ** 2) for g in grads))
        scale = min(1.0, 1.0 / (norm + 1e-12))
        for p, g in zip((Wx, Wh, bh, Wo, bo), grads):
            p -= lr * scale * g
    if epoch % 20 == 0:
        print("エポック %3d  損失 %.5f" % (epoch, total / N))

Xt = rng.randint(0, 2, size=(5, T)).astype(float)
_, yt = junden(Xt)
for x, y in zip(Xt, yt):
    print(x.astype(int), "予測 %.3f  正解 %.3f" % (y[0], x.mean()))
