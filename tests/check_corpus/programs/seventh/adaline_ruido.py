# ADALINE como cancelador adaptativo de ruído (LMS, Widrow-Hoff)
# d = sinal + ruído filtrado ; referência = ruído puro com offset do sensor
import numpy as np

rng = np.random.default_rng(60)

fs = 1000.0                     # Hz
n = 6000
t = np.arange(n) / fs
sinal = 0.5 * np.sin(2 * np.pi * 3 * t)
ruido = rng.normal(0, 1, n)
h_canal = np.array([0.7, -0.4, 0.25, 0.1])        # caminho desconhecido
ruido_canal = np.convolve(ruido, h_canal)[:n]
d = sinal + ruido_canal + 0.8                      # 0.8 = deriva DC do amplificador

M = 6              # número de taps
mu = 0.003         # passo
w = np.zeros(M)
b = 0.0
linha = np.zeros(M)            # linha de atraso
saida = np.zeros(n)

for k in range(n):
    linha = np.roll(linha, 1)
    linha[0] = ruido[k]
    y = w @ linha + b          # estimativa do ruído
    e = d[k] - y               # erro = sinal limpo
    w = w + 2 * mu * e * linha
    b = b + 2 * mu * e
    saida[k] = e
    if k % 1000 == 0:
        print(f"k={k:5d}  e^2={e*e:.4f}  w0={w[0]:+.3f}")

ult = slice(n // 2, n)
mse_antes = np.mean((d[ult] - sinal[ult]) ** 2)
mse_depois = np.mean((saida[ult] - sinal[ult]) ** 2)
print("taps  :", np.round(w, 3))
print("canal :", h_canal, " offset:", round(b, 3))
print("ruído residual: %.4f -> %.4f  (%.1f dB)" %
      (mse_antes, mse_depois, 10 * np.log10(mse_antes / mse_depois)))
