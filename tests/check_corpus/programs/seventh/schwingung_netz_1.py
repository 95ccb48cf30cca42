# Netz (1-16-1, tanh) an eine gedaempfte Schwingung anpassen
# x(t) = exp(-g t) cos(w t) + Messrauschen
import numpy as np

rng = np.random.default_rng(4)

# --- "Messung" ---
N = 120
sigma = 0.03
t = np.linspace(0, 6, N)
x_mess = np.exp(-0.35*t)*np.cos(2.4*t) + sigma*rng.normal(size=N)

# dimensionslose Zeit, alles als Spaltenvektoren
tau = ((t - t.mean())/t.std()).reshape(-1, 1)
x = x_mess.reshape(-1, 1)

n_h = 16
W1 = rng.normal(0, 1.5, (1, n_h))
b1 = rng.normal(0, 1.0, (1, n_h))
W2 = rng.normal(0, 1/np.sqrt(n_h), (n_h, 1))
b2 = np.zeros((1, 1))

eta = 0.1
n_schritte = 8000

for k in range(n_schritte):
    # vorwaerts
    a = tau @ W1 + b1
    h = np.tanh(a)
    xs = h @ W2 + b2
    r = xs - x                      # Residuum
    E = 0.5*np.mean(r**2)

    # rueckwaerts, Kettenregel
    d2 = r/N                        # dE/dxs
    dW2 = h.T @ d2
    db2 = d2.sum(axis=0, keepdims=True)
    d1 = (d2 @ W2.T)*(1 - np.tanh(h)**2)     # dE/da
    dW1 = tau.T @ d1
    db1 = d1.sum(axis=0, keepdims=True)

    # Abstieg
    W2 -= eta*dW2
    b2 -= eta*db2
    W1 -= eta*dW1
    b1 -= eta*db1

    if k % 1000 == 0:
        print(f"Schritt {k:5d}   E = {E:.5f}")

xs = np.tanh(tau @ W1 + b1) @ W2 + b2
chi2 = np.sum((xs - x)**2)/sigma**2
print("chi^2/N =", chi2/N)
print("max. Abweichung:", np.abs(xs - x).max())
