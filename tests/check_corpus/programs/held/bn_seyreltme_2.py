# Toplu normalleştirme (batch norm) + seyreltme (dropout) ile sınıflandırma
# Yapay öğrenme dersi, dönem projesi - veri: iç içe üç halka
import numpy as np

rng = np.random.default_rng(34)

# ---- veri
n_sinif, her_sinif = 3, 120
etiket = np.repeat(np.arange(n_sinif), her_sinif)
aci = rng.uniform(0, 2 * np.pi, etiket.size)
yaricap = etiket + 1 + rng.normal(0, 0.12, etiket.size)
X = np.column_stack((yaricap * np.cos(aci), yaricap * np.sin(aci)))
N = len(X)

# ---- parametreler
GIZLI = 40
tutma = 0.8          # bir nöronu tutma olasılığı
p = {
    "W1": rng.normal(0, 1, (2, GIZLI)),
    "gama": np.ones(GIZLI),
    "beta": np.zeros(GIZLI),
    "W2": rng.normal(0, 1 / np.sqrt(GIZLI), (GIZLI, n_sinif)),
    "b2": np.zeros(n_sinif),
}
kayan_ort = np.zeros(GIZLI)
kayan_var = np.ones(GIZLI)
hiz, mom, eps = 0.05, 0.9, 1e-5
v = {k: np.zeros_like(a) for k, a in p.items()}


def tahmin(x):
    z = x @ p["W1"]
    zn = (z - kayan_ort) / np.sqrt(kayan_var + eps)
    h = np.maximum(p["gama"] * zn + p["beta"], 0)
    return (h @ p["W2"] + p["b2"]).argmax(axis=1)


for devir in range(120):
    sira = rng.permutation(N)
    kayip = 0.0
    for bas in range(0, N, 60):
        s = sira[bas:bas + 60]
        x, y = X[s], etiket[s]
        m = len(s)

        # ileri
        z = x @ p["W1"]
        ort, var = z.mean(axis=0), z.var(axis=0)
        ters = 1 / np.sqrt(var + eps)
        zn = (z - ort) * ters
        a = p["gama"] * zn + p["beta"]
        maske = (rng.random(a.shape) < tutma) / tutma
        h = np.maximum(a, 0) * maske
        skor = h @ p["W2"] + p["b2"]
        skor -= skor.max(axis=1, keepdims=True)
        logp = skor - np.log(np.exp(skor).sum(axis=1, keepdims=True))
        kayip -= logp[np.arange(m), y].sum()
        kayan_ort = 0.9 * kayan_ort + 0.1 * ort
        kayan_var = 0.9 * kayan_var + 0.1 * var

        # geri
        g = {}
        ds = np.exp(logp)
        ds[np.arange(m), y] -= 1
        ds /= m
        g["W2"] = h.T @ ds
        g["b2"] = ds.sum(axis=0)
        da = (ds @ p["W2"].T) * maske * (a > 0)
        g["gama"] = (da * zn).sum(axis=0)
        g["beta"] = da.sum(axis=0)
        dzn = da * p["gama"]
        dz = ters * (dzn - dzn.mean(axis=0) - zn * (dzn * zn).mean(axis=0))
        g["W1"] = x.T @ dz

        for k in ("W1", "beta", "W2", "b2"):
            v[k] = mom * v[k] - hiz * g[k]
            p[k] += v[k]
    if devir % 30 == 0:
        print(f"devir {devir:3d}  kayıp {kayip / N:.4f}")

print("doğruluk: %.3f" % np.mean(tahmin(X) == etiket))
