# ---------------------------------------------------------------
# Previsao de serie temporal com uma rede pequena (tanh) e Adam
# post do blog, parte 3: "e agora sem Keras"
# ---------------------------------------------------------------
import numpy as np

np.random.seed(21)

# consumo de energia ficticio: sazonalidade diaria + semanal + ruido
horas = np.arange(24 * 7 * 5)
consumo = (10 + 3 * np.sin(2 * np.pi * horas / 24)
           + 1.2 * np.cos(2 * np.pi * horas / (24 * 7))
           + 0.3 * np.random.randn(horas.size))
n80 = int(0.8 * consumo.size)      # normaliza so com o passado
consumo = (consumo - consumo[:n80].mean()) / consumo[:n80].std()

JANELA = 12
X = np.array([consumo[i:i + JANELA] for i in range(len(consumo) - JANELA)])
y = consumo[JANELA:].reshape(-1, 1)

corte = int(0.8 * len(X))
X_tr, y_tr = X[:corte], y[:corte]
X_te, y_te = X[corte:], y[corte:]
print("treino:", X_tr.shape, "teste:", X_te.shape)

# parametros
H = 16
W1 = np.random.randn(JANELA, H) / np.sqrt(JANELA)
b1 = np.zeros((1, H))
W2 = np.random.randn(H, 1) / np.sqrt(H)
b2 = np.zeros((1, 1))
params = [W1, b1, W2, b2]

# estado do Adam
m = [np.zeros_like(p) for p in params]
v = [np.zeros_like(p) for p in params]
beta1, beta2, eps, lr = 0.9, 0.999, 1e-8, 0.003
t = 0


def prever(X):
    return np.tanh(X @ W1 + b1) @ W2 + b2


LOTE = 50
ordem = np.random.permutation(len(X_tr))     # embaralho uma vez, os lotes ficam fixos
for epoca in range(30):
    soma = 0
    for ini in range(0, len(X_tr) - LOTE, LOTE):
        ids = ordem[ini:ini + LOTE]
        xb, yb = X_tr[ids], y_tr[ids]

        # ida
        h = np.tanh(xb @ W1 + b1)
        yhat = h @ W2 + b2
        erro = yhat - yb
        soma += np.sum(erro ** 2)

        # volta
        dy = 2 * erro / len(xb)
        dW2 = h.T @ dy
        db2 = np.sum(dy, axis=0, keepdims=True)
        dh = dy @ W2.T
        dz = dh * (1 - h ** 2)
        dW1 = xb.T @ dz
        db1 = np.sum(dz, axis=0, keepdims=True)

        # Adam
        t += 1
        for i, g in enumerate([dW1, db1, dW2, db2]):
            m[i] = beta1 * m[i] + (1 - beta1) * g
            v[i] = beta2 * v[i] + (1 - beta2) * g ** 2
            m_hat = m[i] / (1 - beta1 ** t)
            v_hat = v[i] / (1 - beta2 ** t)
            params[i] -= lr * m_hat / (np.sqrt(v_hat) + eps)

    if epoca % 5 == 0:
        print("epoca %2d  EQM treino %.4f" % (epoca, soma / len(X_tr)))

eqm = np.mean((prever(X_te) - y_te) ** 2)
ingenuo = np.mean((X_te[:, -1:] - y_te) ** 2)
print("EQM teste %.4f   (persistencia: %.4f)" % (eqm, ingenuo))
