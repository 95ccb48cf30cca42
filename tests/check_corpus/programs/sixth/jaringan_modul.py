# Tugas besar: mini framework (mirip PyTorch) cuma pakai numpy
# data: dua lingkaran
import numpy as np

np.random.seed(21)


class Modul:
    def forward(self, x):
        raise NotImplementedError

    def backward(self, grad):
        raise NotImplementedError

    def update(self, lr):
        pass  # default: tidak ada parameter


class Linear(Modul):
    def __init__(self, masuk, keluar):
        self.W = np.random.randn(masuk, keluar) * np.sqrt(2.0 / masuk)
        self.b = np.zeros((1, keluar))

    def forward(self, x):
        self.masukan = x
        return np.matmul(x, self.W) + self.b

    def backward(self, grad):
        self.grad_W = np.matmul(self.masukan.T, grad)
        self.grad_b = np.sum(grad, axis=0, keepdims=True)
        return np.matmul(grad, self.W.T)

    def update(self, lr):
        self.W = self.W - lr * self.grad_W
        self.b = self.b - lr * self.grad_b


class LeakyReLU(Modul):
    def __init__(self, alpha=0.1):
        self.alpha = alpha

    def forward(self, x):
        self.masukan = x
        return np.where(x > 0, x, self.alpha * x)

    def backward(self, grad):
        return grad * np.where(self.masukan > 0, 1.0, self.alpha)


class Sigmoid(Modul):
    def forward(self, x):
        self.keluaran = 1.0 / (1.0 + np.exp(-x))
        return self.keluaran

    def backward(self, grad):
        return grad * self.keluaran * (1.0 - self.keluaran)


class Sequential(Modul):
    def __init__(self, daftar):
        self.daftar = daftar

    def forward(self, x):
        for m in self.daftar:
            x = m.forward(x)
        return x

    def backward(self, grad):
        for m in reversed(self.daftar):
            grad = m.backward(grad)
        return grad

    def update(self, lr):
        for m in self.daftar:
            m.update(lr)


class BCELoss:
    def forward(self, p, y):
        self.p = np.clip(p, 1e-9, 1 - 1e-9)
        self.y = y
        return -np.mean(y * np.log(self.p) + (1 - y) * np.log(1 - self.p))

    def backward(self):
        n = self.y.shape[0]
        return (self.p - self.y) / (self.p * (1 - self.p)) / n


def buat_data(n=300):
    sudut = np.random.uniform(0, 2 * np.pi, n)
    kelas = np.arange(n) % 2
    r = 0.6 + 0.8 * kelas + 0.12 * np.random.randn(n)
    X = np.stack([r * np.cos(sudut), r * np.sin(sudut)], axis=1)
    return X, kelas.reshape(-1, 1).astype(float)


X, y = buat_data()
model = Sequential([Linear(2, 16), LeakyReLU(), Linear(16, 8), LeakyReLU(), Linear(8, 1), Sigmoid()])
kriteria = BCELoss()

for epoch in range(600):
    p = model.forward(X)
    rugi = kriteria.forward(p, y)
    model.backward(kriteria.backward())
    model.update(lr=0.3)
    if epoch % 100 == 0 or epoch == 599:
        akurasi = ((p > 0.5) == (y > 0.5)).mean()
        print(f"Epoch {epoch}: loss = {rugi:.4f}, akurasi = {akurasi:.2%}")
