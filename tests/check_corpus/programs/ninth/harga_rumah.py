# Prediksi harga rumah (data buatan) dengan regresi ridge + mini-batch gradient descent
# belajar sendiri, jangan ditertawakan :)
import numpy as np

np.random.seed(21)

N = 230
luas = np.random.uniform(30, 200, N)          # m2
kamar = np.random.randint(1, 6, N)
jarak = np.random.uniform(0.5, 25, N)         # km ke pusat kota
harga = 4.0 * luas + 25 * kamar - 9 * jarak + 50 + np.random.randn(N) * 20   # juta

X = np.column_stack([luas, kamar, jarak])
X = (X - X.mean(axis=0)) / X.std(axis=0)
y = harga / 100.0

w = np.zeros(3)
b = 0.0
lam = 0.01
lr = 0.05
ukuran = 32


def rugi(X, y, w, b):
    sisa = X @ w + b - y
    return np.mean(sisa ** 2) + lam * np.sum(w ** 2)


print("rugi awal", rugi(X, y, w, b))
acak = np.random.permutation(N)     # cukup diacak sekali
for epoch in range(60):
    for mulai in range(0, N, ukuran):
        idx = acak[mulai:mulai + ukuran]
        Xb = X[idx]
        yb = y[idx]
        sisa = Xb @ w + b - yb
        dw = np.zeros(3)
        for j in range(3):
            dw[j] = 2 * np.mean(sisa * Xb[:, j]) + 2 * lam * w[j]
        db = 2 * np.mean(sisa)
        w = w - lr * dw
        b = b - lr * db
    if epoch % 10 == 9:
        print("epoch", epoch + 1, "rugi", round(float(rugi(X, y, w, b)), 5))

print("bobot :", w, "bias :", b)

# bandingkan dengan solusi tertutup
Xc = X - X.mean(axis=0)
w_ref = np.linalg.solve(Xc.T @ Xc / N + lam * np.eye(3), Xc.T @ (y - y.mean()) / N)
print("solusi:", np.ravel(w_ref), "bias :", y.mean())
