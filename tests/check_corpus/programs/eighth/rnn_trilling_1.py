# Klein recurrent netwerk dat een gedempte trilling leert voorspellen.
# Natuurkundige hobby; notatie volgt mijn schrift: h_t = tanh(U x_t + V h_{t-1} + b), y_t = C h_t + c
import numpy as np

rng = np.random.RandomState(6)
n_h = 10
T = 25
dt = 0.25


def trilling():
    omega = rng.uniform(1.0, 2.0)
    gamma = rng.uniform(0.02, 0.10)
    fase = rng.uniform(0, 2 * np.pi)
    t = np.arange(T + 1) * dt
    return np.exp(-gamma * t) * np.cos(omega * t + fase)


U = rng.randn(n_h, 1) * 0.5
V = rng.randn(n_h, n_h) * 0.3
b = np.zeros((n_h, 1))
C = rng.randn(1, n_h) * 0.3
c = np.zeros((1, 1))


def vooruit(x):
    h = {-1: np.zeros((n_h, 1))}
    y = {}
    for k in range(T):
        h[k] = np.tanh(U * x[k] + V @ h[k - 1] + b)
        y[k] = C @ h[k] + c
    return h, y


def terug(x, doel, h, y):
    dU, dV, db = np.zeros_like(U), np.zeros_like(V), np.zeros_like(b)
    dC, dc = np.zeros_like(C), np.zeros_like(c)
    dh_later = np.zeros((n_h, 1))
    for k in range(T - 1, -1, -1):
        dy = (y[k] - doel[k]) / T
        dC += dy @ h[k].T
        dc += dy
        dh = C.T @ dy
        da = (1 - h[k] ** 2) * dh
        dU += da * x[k]
        dV += da @ h[k - 1].T
        db += da
        dh_later = V.T @ da
    return dU, dV, db, dC, dc


leersnelheid = 0.1
glad = None
for stap in range(1200):
    reeks = trilling()
    x, doel = reeks[:-1], reeks[1:]
    h, y = vooruit(x)
    fout = 0.5 * sum((y[k].item() - doel[k]) ** 2 for k in range(T)) / T
    glad = fout if glad is None else 0.98 * glad + 0.02 * fout

    grads = terug(x, doel, h, y)
    # lengte van de gradient begrenzen
    norm = np.sqrt(sum(np.sum(g ** 2) for g in grads))
    schaal = min(1.0, 1.0 / (norm + 1e-12))
    for par, g in zip((U, V, b, C, c), grads):
        par -= leersnelheid * schaal * g
    if stap % 200 == 0:
        print(f"stap {stap:5d}   fout (glad) {glad:.5f}")

# toets op nieuwe trillingen
e_net, e_dom = [], []
for _ in range(50):
    reeks = trilling()
    _, y = vooruit(reeks[:-1])
    uit = np.array([y[k].item() for k in range(T)])
    e_net.append(np.mean((uit[5:] - reeks[6:]) ** 2))
    e_dom.append(np.mean((reeks[5:-1] - reeks[6:]) ** 2))
print("net: %.5f   'morgen is als vandaag': %.5f" % (np.mean(e_net), np.mean(e_dom)))
