"""
getij_ridge.py -- harmonische analyse van de waterstand, maar dan met gradient descent.
Normaal doe je dit met kleinste kwadraten; hier als oefening met ridge en GD.
(meetreeks is nep, 20 dagen elk uur)
"""
import numpy as np

perioden = [12.42, 12.00, 25.82, 23.93]     # M2, S2, O1, K1 in uren

rng = np.random.default_rng(2019)
t = np.arange(0, 20 * 24)                   # uren
stand = (0.78 * np.cos(2 * np.pi * t / 12.42 - 0.6)
         + 0.19 * np.cos(2 * np.pi * t / 12.00 + 1.1)
         + 0.11 * np.sin(2 * np.pi * t / 25.82)
         + 0.08 * np.cos(2 * np.pi * t / 23.93)
         + 0.05 + 0.07 * rng.standard_normal(t.size))


def kenmerken(t):
    kol = []
    for T in perioden:
        kol.append(np.cos(2 * np.pi * t / T))
        kol.append(np.sin(2 * np.pi * t / T))
    return np.stack(kol, axis=1)


A = kenmerken(t)
y = stand
n, k = A.shape

theta = np.zeros(k)
h0 = 0.0              # middenstand
labda = 0.001
stap = 0.3


def kosten(theta, h0):
    res = A @ theta + h0 - y
    return np.mean(res ** 2) + labda * np.sum(theta ** 2)


print("start: J =", round(kosten(theta, h0), 5))
for it in range(1, 201):
    res = A @ theta + h0 - y
    grad = np.zeros(k)
    for j in range(k):
        grad[j] = 2.0 / n * np.mean(res * A[:, j]) + 2.0 * labda * theta[j]
    grad_h0 = 2.0 * np.mean(res)
    theta = theta - stap * grad
    h0 = h0 - stap * grad_h0
    if it % 50 == 0:
        print(f"stap {it:4d}  J = {kosten(theta, h0):.6f}")

# controle met de normaalvergelijkingen
A1 = np.hstack([A, np.ones((n, 1))])
R = labda * n * np.eye(k + 1)
R[-1, -1] = 0
exact = np.linalg.solve(A1.T @ A1 + R, A1.T @ y)
print("grootste verschil met exact:", np.abs(exact[:-1] - theta).max())

for i, T in enumerate(perioden):
    amp = np.hypot(theta[2 * i], theta[2 * i + 1])
    print(f"T = {T:5.2f} u   amplitude = {amp:.3f} m")
print(f"middenstand {h0:.3f} m")
