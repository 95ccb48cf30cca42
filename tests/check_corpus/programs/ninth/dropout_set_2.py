# Kurs "Nejronnye seti s nulya", zadanie 6: dropout
# set': 10 -> 32 -> relu -> dropout -> 3 -> softmax, poteri: summa kvadratov (ver - Y)^2
import numpy as np

np.random.seed(5)


class Set:
    def __init__(self, vhod, skrytyj, vyhod, p_vykl=0.3):
        self.W1 = np.random.randn(vhod, skrytyj) * np.sqrt(2 / vhod)
        self.b1 = np.zeros(skrytyj)
        self.W2 = np.random.randn(skrytyj, vyhod) * np.sqrt(1 / skrytyj)
        self.b2 = np.zeros(vyhod)
        self.p = p_vykl

    def forward(self, X, obuchenie):
        self.X = X
        self.z1 = X @ self.W1 + self.b1
        self.a1 = np.maximum(self.z1, 0)
        if obuchenie:
            self.maska = (np.random.rand(*self.a1.shape) >= self.p) / self.p
            self.d1 = self.a1 * self.maska
        else:
            self.d1 = self.a1
        z2 = self.d1 @ self.W2 + self.b2
        z2 = z2 - np.max(z2, axis=1, keepdims=True)
        e = np.exp(z2)
        return e / np.sum(e, axis=1, keepdims=True)

    def backward(self, ver, Y):
        """Y - one-hot"""
        n = Y.shape[0]
        dver = 2 * (ver - Y) / n
        # yakobian softmaxa: p_i * (delta_ij - p_j)
        dz2 = ver * (dver - np.sum(dver * ver, axis=1, keepdims=True))
        self.dW2 = self.d1.T @ dz2
        self.db2 = np.sum(dz2, axis=0)
        dd1 = dz2 @ self.W2.T
        da1 = dd1 * self.maska
        dz1 = da1 * (self.z1 > 0)
        self.dW1 = self.X.T @ dz1
        self.db1 = np.sum(dz1, axis=0)

    def update(self, lr):
        self.W1 -= lr * self.dW1
        self.b1 -= lr * self.db1
        self.W2 -= lr * self.dW2
        self.b2 -= lr * self.db2


def dannye(n, centry):
    metki = np.random.randint(0, 3, n)
    X = centry[metki] + 1.3 * np.random.randn(n, centry.shape[1])
    return X, metki


def tochnost(net, X, metki):
    return np.mean(net.forward(X, obuchenie=False).argmax(axis=1) == metki)


if __name__ == "__main__":
    centry = np.random.randn(3, 10)
    X, metki = dannye(310, centry)
    X_test, metki_test = dannye(300, centry)
    Y = np.eye(3)[metki]
    net = Set(10, 32, 3)
    razmer = 31
    for epoha in range(60):
        poryadok = np.random.permutation(len(X))
        summa = 0
        for i in range(0, len(X), razmer):
            kuski = poryadok[i:i + razmer]
            ver = net.forward(X[kuski], obuchenie=True)
            summa += np.sum((ver - Y[kuski]) ** 2)
            net.backward(ver, Y[kuski])
            net.update(0.3)
        if epoha % 15 == 0:
            print("epoha %2d | poteri %.4f | test %.3f" % (epoha, summa / len(X), tochnost(net, X_test, metki_test)))
    print("itog:", tochnost(net, X, metki), tochnost(net, X_test, metki_test))
