# Лабораторная работа №2. Логистическая регрессия, стохастический градиентный спуск
# без numpy (требование преподавателя)
import math
import random

random.seed(2)


def sigmoid(z):
    if z >= 0:
        return 1.0 / (1.0 + math.exp(-z))
    e = math.exp(z)
    return e / (1.0 + e)


def dot(a, b):
    return sum(ai * bi for ai, bi in zip(a, b))


class LogisticRegression:
    def __init__(self, n_features, lr=0.05, l2=0.001):
        self.w = [random.gauss(0, 0.01) for _ in range(n_features)]
        self.b = 0.0
        self.lr = lr
        self.l2 = l2

    def predict_proba(self, x):
        return sigmoid(dot(self.w, x) + self.b)

    def loss(self, X, y):
        s = 0.0
        for xi, yi in zip(X, y):
            p = min(max(self.predict_proba(xi), 1e-15), 1 - 1e-15)
            s -= yi * math.log(p) + (1 - yi) * math.log(1 - p)
        return s / len(X) + 0.5 * self.l2 * dot(self.w, self.w)

    def step(self, x, t):
        p = self.predict_proba(x)
        delta = p - t
        for j in range(len(self.w)):
            self.w[j] -= self.lr * (delta * x[j] + self.l2 * self.w[j])
            self.b -= self.lr * delta * x[j]

    def fit(self, X, y, epochs):
        idx = list(range(len(X)))
        for ep in range(epochs):
            random.shuffle(idx)
            for i in idx:
                self.step(X[i], y[i])
            if ep % 5 == 0:
                print("эпоха", ep, "потери: %.5f" % self.loss(X, y))


def generate(n):
    X, y = [], []
    for _ in range(n):
        label = 1 if random.random() < 0.35 else 0
        shift = 1.0 if label else -0.6
        X.append([random.gauss(shift, 1.0), random.gauss(-shift, 1.5), random.gauss(0, 1)])
        y.append(label)
    return X, y


X, y = generate(500)
X_test, y_test = generate(300)
model = LogisticRegression(3)
model.fit(X, y, epochs=30)
hits = 0
for xi, yi in zip(X_test, y_test):
    hits += (model.predict_proba(xi) > 0.5) == (yi == 1)
print("веса:", [round(w, 3) for w in model.w], "сдвиг:", round(model.b, 3))
print("точность на тесте:", hits / len(X_test))
