# Rete ricorrente (Elman) che impara una media mobile esponenziale
# y_t = 0.7*y_{t-1} + 0.3*x_t  -> serve memoria!
# BPTT a mano, RMSProp, taglio della norma del gradiente
import numpy as np

np.random.seed(17)

T, H, B = 10, 8, 32          # passi, unita' nascoste, sequenze per lotto


def sequenze(n):
    x = np.random.uniform(-1, 1, (T, n, 1))
    y = np.zeros_like(x)
    stato = np.zeros((n, 1))
    for t in range(T):
        stato = 0.7 * stato + 0.3 * x[t]
        y[t] = stato
    return x, y


P = {
    'Wx': np.random.randn(1, H) * 0.5,
    'Wh': np.random.randn(H, H) * 0.3,
    'bh': np.zeros(H),
    'Wy': np.random.randn(H, 1) * 0.3,
    'by': np.zeros(1),
}
memoria = {k: np.zeros_like(p) for k, p in P.items()}


def perdita_e_gradiente(x, y):
    n = x.shape[1]
    h = {-1: np.zeros((n, H))}
    o = {}
    perdita = 0.0
    for t in range(T):
        h[t] = np.tanh(x[t] @ P['Wx'] + h[t - 1] @ P['Wh'] + P['bh'])
        o[t] = h[t] @ P['Wy'] + P['by']
        perdita += np.sum((o[t] - y[t]) ** 2) / (n * T)

    G = {k: np.zeros_like(p) for k, p in P.items()}
    dh_dopo = np.zeros((n, H))
    for t in reversed(range(T)):
        do = 2 * (o[t] - y[t]) / (n * T)
        G['Wy'] += h[t].T @ do
        G['by'] += do.sum(axis=0)
        dh = do @ P['Wy'].T
        dz = dh * (1 - h[t] ** 2)
        G['Wx'] += x[t].T @ dz
        G['Wh'] += h[t - 1].T @ dz
        G['bh'] += dz.sum(axis=0)
        dh_dopo = dz @ P['Wh'].T
    return perdita, G


tasso, rho, soglia = 0.003, 0.9, 1.0
for passo in range(601):
    x, y = sequenze(B)
    perdita, G = perdita_e_gradiente(x, y)
    norma = np.sqrt(sum(np.sum(g ** 2) for g in G.values()))
    if norma > soglia:
        for k in G:
            G[k] *= soglia / norma
    for k in P:
        memoria[k] = rho * memoria[k] + (1 - rho) * G[k] ** 2
        P[k] -= tasso * G[k] / (np.sqrt(memoria[k]) + 1e-8)
    if passo % 100 == 0:
        print('passo %4d   perdita %.6f' % (passo, perdita))

x, y = sequenze(200)
print('perdita su sequenze nuove: %.6f (varianza di y: %.6f)' % (perdita_e_gradiente(x, y)[0], y.var()))
