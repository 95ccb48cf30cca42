# kkot (flower) bunryu - dropout yeonseup
# 2 class, 1 hidden layer ReLU, inverted dropout
import numpy as np

np.random.seed(31)

def data_mandeulgi(n):
    r = np.random.rand(n, 1) * 2 * np.pi
    label = np.random.randint(0, 2, (n, 1))
    bangyeong = np.where(label == 1, 2.0, 1.0) + np.random.randn(n, 1) * 0.2
    x = np.hstack([bangyeong * np.cos(r), bangyeong * np.sin(r)])
    return x, label.astype(float)

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

class Sinkyeongmang:
    def __init__(self, ip, eunnik, keep=0.8):
        self.w1 = np.random.randn(ip, eunnik) * np.sqrt(2.0 / ip)
        self.b1 = np.zeros(eunnik)
        self.w2 = np.random.randn(eunnik, 1) * np.sqrt(2.0 / eunnik)
        self.b2 = np.zeros(1)
        self.keep = keep

    def forward(self, x, hunryeon=True):
        self.x = x
        self.z1 = x @ self.w1 + self.b1
        a = np.maximum(self.z1, 0)
        if hunryeon:
            self.mask = np.random.rand(*a.shape) < self.keep
            a = a * self.mask
        self.a1 = a
        return self.a1 @ self.w2 + self.b2

    def backward(self, z, y):
        n = len(y)
        dz2 = (sigmoid(z) - y) / n
        self.dw2 = self.a1.T @ dz2
        self.db2 = dz2.sum(axis=0)
        da1 = dz2 @ self.w2.T
        da1 = da1 * self.mask
        dz1 = da1 * (self.z1 > 0)
        self.dw1 = self.x.T @ dz1
        self.db1 = dz1.sum(axis=0)

    def update(self, lr):
        for nm in ['w1', 'b1', 'w2', 'b2']:
            setattr(self, nm, getattr(self, nm) - lr * getattr(self, 'd' + nm))

def sonsil(z, y):
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))

x, y = data_mandeulgi(300)
xt, yt = data_mandeulgi(200)
mang = Sinkyeongmang(2, 24)
for epoch in range(100):
    sunseo = np.random.permutation(len(x))
    for s in range(0, len(x), 30):
        pick = sunseo[s:s+30]
        z = mang.forward(x[pick])
        mang.backward(z, y[pick])
        mang.update(0.3)
    if epoch % 20 == 19:
        print('epoch', epoch + 1, 'sonsil', sonsil(mang.forward(x, hunryeon=False), y))

zt = mang.forward(xt, hunryeon=False)
print('jeonghwakdo (test):', np.mean((zt > 0) == (yt > 0.5)))
