# tantrika jaal (neural network), ek chhupi parat, tanh, momentum ke saath
# lakshya: sin(x) seekhna
import numpy as np


def aankde_banao(sankhya):
    x = np.random.uniform(-3, 3, (sankhya, 1))
    y = np.sin(x) + 0.05 * np.random.randn(sankhya, 1)
    return x, y


class TantrikaJaal:
    def __init__(self, chhupi=20, dar=0.05, mu=0.9):
        self.dar = dar      # seekhne ki dar
        self.mu = mu        # momentum
        self.bhaar = {
            "W1": np.random.randn(1, chhupi),
            "b1": np.zeros(chhupi),
            "W2": np.random.randn(chhupi, 1) / np.sqrt(chhupi),
            "b2": np.zeros(1),
        }
        self.gati = {k: np.zeros_like(v) for k, v in self.bhaar.items()}

    def aage(self, x):
        self.x = x
        self.h = np.tanh(x @ self.bhaar["W1"] + self.bhaar["b1"])
        return self.h @ self.bhaar["W2"] + self.bhaar["b2"]

    def peeche(self, anuman, y):
        n = len(y)
        d_out = 2 * (anuman - y) / n
        d_h = d_out @ self.bhaar["W2"].T
        return {
            "W2": self.h.T @ d_out,
            "b2": d_out.sum(axis=0),
            "W1": self.x.T @ d_h,
            "b1": d_h.sum(axis=0),
        }

    def sudharo(self, dhal):
        for k in self.bhaar:
            self.gati[k] = self.mu * self.gati[k] - self.dar * dhal[k]
            self.bhaar[k] += self.gati[k]

    def fit(self, x, y, yug=1000):
        for t in range(yug):
            anuman = self.aage(x)
            galti = np.mean((anuman - y) ** 2)
            self.sudharo(self.peeche(anuman, y))
            if t % 200 == 0:
                print("yug", t, "galti = %.5f" % galti)

    def predict(self, x):
        return self.aage(x)


if __name__ == "__main__":
    np.random.seed(10)
    x, y = aankde_banao(200)
    jaal = TantrikaJaal()
    jaal.fit(x, y)
    xt = np.linspace(-3, 3, 7).reshape(-1, 1)
    for a, b in zip(xt, jaal.predict(xt)):
        print("x = %5.2f   anuman = %6.3f   sahi = %6.3f" % (a[0], b[0], np.sin(a[0])))
