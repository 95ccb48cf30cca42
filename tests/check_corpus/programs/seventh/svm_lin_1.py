# Линейный SVM: брак / годное по двум размерам детали
# минимизируем  lam/2*|w|^2 + mean(max(0, 1 - y*(w.x + b)))  субградиентом
import numpy as np

rng = np.random.default_rng(1905)

n = 200
godnye = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], n // 2)
brak = rng.multivariate_normal([2.5, 2.0], [[1, -0.2], [-0.2, 1]], n // 2)
X = np.concatenate([godnye, brak])
metka = np.concatenate([np.zeros(n // 2), np.ones(n // 2)])   # 1 = брак
y = 2 * metka - 1

lam = 0.05
w = np.zeros(2)
b = 0.0


def funkcional(w, b):
    zazor = y * (X @ w + b)
    return 0.5 * lam * w @ w + np.maximum(0, 1 - zazor).mean()


luchshee = funkcional(w, b)
for t in range(1, 2001):
    shag = 0.5 / np.sqrt(t)
    zazor = y * (X @ w + b)
    narush = zazor < 1                       # внутри полосы или ошибка
    gw = 2 * lam * w - (y[narush] @ X[narush]) / n
    gb = -y[narush].sum() / n
    w = w - shag * gw
    b = b - shag * gb
    luchshee = min(luchshee, funkcional(w, b))
    if t % 400 == 0:
        print("шаг %4d  J = %.5f  (лучшее %.5f)" % (t, funkcional(w, b), luchshee))

otvet = np.where(X @ w + b > 0, 1, 0)
print("w =", w.round(3), "b =", round(float(b), 3))
print("точность:", np.mean(otvet == metka))
print("ширина полосы:", 2 / np.linalg.norm(w))
