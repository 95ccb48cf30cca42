# Curva de potencia de un aerogenerador: P(v, rho) con una red 2-24-1 (leaky ReLU)
# Entrenamiento: RMSProp, minilotes
import numpy as np

np.random.seed(21)


def potencia(v, rho):
    # kW, turbina inventada de 2 MW
    p = 0.5 * rho * 0.4 * np.pi * 40 ** 2 * v ** 3 / 1000
    p = np.where(v < 3, 0, p)
    return np.minimum(p, 2000)


n = 800
v = np.random.weibull(2, n) * 9
rho = np.random.normal(1.2, 0.04, n)
P = potencia(v, rho) + np.random.normal(0, 30, n)

X = np.column_stack([(v - v.mean()) / v.std(), (rho - rho.mean()) / rho.std()])
Y = (P / 1000).reshape(n, 1)        # en MW

PEND = 0.1      # pendiente del lado negativo
nh = 24
W1 = np.random.randn(2, nh) * np.sqrt(2 / 2)
b1 = np.zeros(nh)
W2 = np.random.randn(nh, 1) * np.sqrt(2 / nh)
b2 = np.zeros(1)

theta = [W1, b1, W2, b2]
cache = [np.zeros_like(p) for p in theta]
lr, rho_d, eps = 0.003, 0.9, 1e-8
lote = 40      # 800 / 40 = 20 lotes exactos

for epoca in range(100):
    orden = np.random.permutation(n)
    ecm = 0
    for i in range(0, n, lote):
        q = orden[i:i + lote]
        xb, yb = X[q], Y[q]
        # adelante
        z = xb @ W1 + b1
        h = np.where(z > 0, z, PEND * z)
        sal = h @ W2 + b2
        err = sal - yb
        ecm += np.mean(err ** 2)
        # atras
        dsal = 2 * err / lote
        dW2 = h.T @ dsal
        db2 = dsal.sum(axis=0)
        dh = dsal @ W2.T
        dz = dh * np.where(z > 0, 1, PEND)
        dW1 = xb.T @ dz
        db1 = dz.sum(axis=0)
        for p, c, g in zip(theta, cache, [dW1, db1, dW2, db2]):
            c *= rho_d
            c += (1 - rho_d) * g ** 2
            p -= lr * g / (np.sqrt(c) + eps)
    if epoca % 20 == 0:
        print("epoca", epoca, " RMSE [kW]:", round(1000 * np.sqrt(ecm / (n // lote)), 1))

for vv in [2, 5, 8, 11, 15]:
    x = np.array([[(vv - v.mean()) / v.std(), (1.2 - rho.mean()) / rho.std()]])
    z = x @ W1 + b1
    pred = np.where(z > 0, z, PEND * z) @ W2 + b2
    print("v=%2d m/s   real %6.0f kW   red %6.0f kW" % (vv, potencia(vv, 1.2), 1000 * pred[0, 0]))
