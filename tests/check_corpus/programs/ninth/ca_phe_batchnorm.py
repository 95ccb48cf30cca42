# phan loai hat ca phe (robusta / arabica / culi) - mang co batch norm
# du lieu gia lap. Viet lai tu bai blog cua minh.
import numpy as np

rng = np.random.RandomState(77)


class LopBN:
    def __init__(self, d, he_so=0.9, eps=1e-5):
        self.gamma = np.ones(d)
        self.beta = np.zeros(d)
        self.tb_chay = np.zeros(d)
        self.ps_chay = np.ones(d)
        self.he_so, self.eps = he_so, eps

    def xuoi(self, x, dang_hoc):
        if dang_hoc:
            tb = x.mean(axis=0)
            ps = x.var(axis=0)
            self.tb_chay = self.he_so * self.tb_chay + (1 - self.he_so) * tb
            self.ps_chay = self.he_so * self.ps_chay + (1 - self.he_so) * ps
        else:
            tb, ps = self.tb_chay, self.ps_chay
        self.nghich = 1.0 / np.sqrt(ps + self.eps)
        self.xh = (x - tb) * self.nghich
        return self.gamma * self.xh + self.beta

    def nguoc(self, d):
        n = d.shape[0]
        self.dgamma = (d * self.xh).sum(axis=0)
        self.dbeta = d.sum(axis=0)
        dxh = d * self.gamma
        return self.nghich / n * (n * dxh - dxh.sum(axis=0) - self.xh * (dxh * self.xh).sum(axis=0))


def tao_du_lieu(n):
    nhan = rng.randint(0, 3, n)
    tam = np.array([[10, 5, 300.], [12, 6, 340.], [9, 7, 260.]])
    X = tam[nhan] + rng.randn(n, 3) * np.array([1.0, 0.5, 25.0])
    return X / np.array([1, 1, 100.]), nhan


X, nhan = tao_du_lieu(240)
W1 = rng.randn(3, 10) * 0.5
bn = LopBN(10)
W2 = rng.randn(10, 3) * 0.3
b2 = np.zeros(3)
lr, lo = 0.1, 40


def chay(x, dang_hoc):
    u = bn.xuoi(x @ W1, dang_hoc)
    h = np.maximum(0, u)
    z = h @ W2 + b2
    z = z - z.max(axis=1, keepdims=True)
    return u, h, z - np.log(np.exp(z).sum(axis=1, keepdims=True))


for vong in range(60):
    thu_tu = rng.permutation(len(X))
    tong = 0
    for i in range(0, len(X), lo):
        k = thu_tu[i:i + lo]
        xb, yb = X[k], nhan[k]
        u, h, lp = chay(xb, True)
        tong -= lp[np.arange(len(k)), yb].sum()
        dz = np.exp(lp)
        dz[np.arange(len(k)), yb] -= 1
        dz /= len(k)
        dW2 = h.T @ dz
        db2 = dz.sum(axis=0)
        du = (dz @ W2.T) * (u > 0)
        dW1 = xb.T @ bn.nguoc(du)
        W1 -= lr * dW1
        bn.gamma -= lr * bn.dgamma
        bn.beta -= lr * bn.dbeta
        W2 -= lr * dW2
        b2 -= lr * db2
    if vong % 10 == 0:
        print("vong", vong, "mat mat %.4f" % (tong / len(X)))

Xk, nk = tao_du_lieu(100)
print("dung tren tap kiem tra:", (chay(Xk, False)[2].argmax(1) == nk).mean())
