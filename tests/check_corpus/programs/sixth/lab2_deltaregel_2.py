"""Lab 2 - deltaregelen (Widrow-Hoff)
En lineaer enhet laerer sammenhengen mellom tre sensorer og temperaturen.
"""
import numpy as np

rng = np.random.default_rng(7)

antall = 120
X = rng.uniform(-1, 1, size=(antall, 3))
sann_w = np.array([2.0, -1.0, 0.5])
sann_b = 3.0
t = X @ sann_w + sann_b + 0.05 * rng.standard_normal(antall)

eta = 0.02
epoker = 40

w = np.array([0.0, 0.0, 0.0])
b = 0.0

feilkurve = []
for ep in range(epoker):
    rekkefolge = rng.permutation(antall)
    sse = 0.0
    for i in rekkefolge:
        # framover
        y = b
        for j in range(3):
            y += w[j] * X[i, j]
        delta = t[i] - y
        sse += delta ** 2
        # deltaregelen: dw = eta * delta * x
        for j in range(3):
            w[j] += eta * delta * X[i, j]
    feilkurve.append(sse / antall)
    if ep % 5 == 0:
        print("epoke", ep, "mse", round(feilkurve[-1], 5))

print("laerte vekter:", np.round(w, 3), "bias:", round(float(b), 3))
print("sanne vekter :", sann_w, "bias:", sann_b)

# sammenlign med minste kvadraters metode
A = np.column_stack([X, np.ones(antall)])
losning, *_ = np.linalg.lstsq(A, t, rcond=None)
print("lstsq        :", np.round(losning, 3))
