"""
Gedaempfte Schwingung mit einem kleinen Netz nachbilden
x(t) = exp(-0.3 t) cos(2 t),  t in [0, 6] s
1 -> 20 -> 20 -> 1, tanh, Gradientenabstieg mit Impuls, voller Datensatz
"""
import numpy as np

rng = np.random.RandomState(4)

t = np.linspace(0, 6, 80)[:, None]
x_mess = np.exp(-0.3 * t) * np.cos(2 * t) + 0.02 * rng.randn(80, 1)
tau = (t - 3.0) / 3.0                  # auf [-1, 1] bringen
N = tau.shape[0]

groessen = [1, 20, 20, 1]
W = [rng.randn(a, c) * np.sqrt(1.0 / a) for a, c in zip(groessen[:-1], groessen[1:])]
W[0] *= 3.0
B = [rng.randn(1, c) * 0.1 for c in groessen[1:]]
VW = [np.zeros_like(w) for w in W]
VB = [np.zeros_like(b) for b in B]

eta, mu = 0.05, 0.9


def vorwaerts(u):
    a = [u]
    for l in range(2):
        a.append(np.tanh(a[-1] @ W[l] + B[l]))
    a.append(a[-1] @ W[2] + B[2])      # Ausgang linear
    return a


for schritt in range(2001):
    a = vorwaerts(tau)
    rest = a[3] - x_mess
    E = 0.5 * np.mean(rest ** 2)
    if schritt % 500 == 0:
        print("Schritt %4d   E = %.6f" % (schritt, E))

    delta = rest / N
    for l in (2, 1, 0):
        gW = a[l].T @ delta
        gB = delta.sum(axis=0, keepdims=True)
        if l > 0:
            delta = (delta @ W[l].T) * (1 - a[l] ** 2)
        VW[l] = mu * VW[l] - eta * gW
        VB[l] = mu * VB[l] - eta * gB
        W[l] = W[l] + VW[l]
        B[l] = B[l] + VB[l]

rest = vorwaerts(tau)[3] - x_mess
print("mittlere Abweichung (rms): %.4f" % np.sqrt(np.mean(rest ** 2)))
