# Автоэнкодер на numpy: 16 -> 8 -> 8 -> 16, картинки 4x4 с полосками
# Вопрос с форума: "можно ли без pytorch?" -- можно, вот
import numpy as np

rng = np.random.default_rng(12)


def sigm(z):
    return 1.0 / (1.0 + np.exp(-z))


def make_images(n):
    imgs = np.full((n, 4, 4), 0.05)
    for k in range(n):
        if rng.random() < 0.5:
            imgs[k, rng.integers(4), :] = 0.95
        else:
            imgs[k, :, rng.integers(4)] = 0.95
        imgs[k, rng.integers(4), :] *= 0.9
    return imgs.reshape(n, 16)


class Autoencoder:
    def __init__(self, n_in, n_code):
        self.W1 = rng.normal(0, 1 / np.sqrt(n_in), (n_in, n_code))
        self.b1 = np.zeros(n_code)
        self.W2 = rng.normal(0, 1 / np.sqrt(n_code), (n_code, n_code))
        self.b2 = np.zeros(n_code)
        self.W3 = rng.normal(0, 1 / np.sqrt(n_code), (n_code, n_in))
        self.b3 = np.zeros(n_in)

    def forward(self, x):
        self.x = x
        self.h1 = np.tanh(x @ self.W1 + self.b1)
        self.h2 = np.tanh(self.h1 @ self.W2 + self.b2)
        self.out = sigm(self.h2 @ self.W3 + self.b3)
        return self.out

    def loss(self, target):
        # бинарная кросс-энтропия, сумма по пикселям, среднее по картинкам
        o = np.clip(self.out, 1e-10, 1 - 1e-10)
        return -np.sum(target * np.log(o) + (1 - target) * np.log(1 - o)) / len(target)

    def backward(self, target, lr):
        n = len(target)
        d3 = (self.out - target) / n
        dW3 = self.h2.T @ d3
        d2 = (d3 @ self.W3.T) * (1 - self.h2 ** 2)
        dW2 = self.h1.T @ d2
        d1 = (d2 @ self.W2) * (1 - self.h1 ** 2)
        dW1 = self.x.T @ d1

        self.W3 -= lr * dW3
        self.b3 -= lr * d3.sum(axis=0)
        self.W2 -= lr * dW2
        self.b2 -= lr * d2.sum(axis=0)
        self.W1 -= lr * dW1
        self.b1 -= lr * d1.sum(axis=0)


clean = make_images(256)
ae = Autoencoder(16, 8)

for epoch in range(151):
    perm = rng.permutation(len(clean))
    total = 0.0
    for s in range(0, len(clean), 32):
        batch = clean[perm[s:s + 32]]
        noisy = batch + rng.normal(0, 0.1, batch.shape)   # шум на входе, учим убирать
        ae.forward(noisy)
        total += ae.loss(batch) * len(batch)
        ae.backward(batch, lr=0.2)
    if epoch % 25 == 0:
        print('эпоха %3d  потери %.4f' % (epoch, total / len(clean)))

test = make_images(5)
rec = ae.forward(test)
print('ошибка восстановления: %.4f' % np.mean(np.abs(rec - test)))
print(np.round(rec[0].reshape(4, 4), 2))
