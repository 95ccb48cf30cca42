"""
Egyszerű rekurrens háló (RNN) numpy-ban: a zajos szinusz következő értékét jósolja.
BPTT kézzel levezetve, lásd a füzetem 12. oldalát
"""
import numpy as np

rng = np.random.default_rng(8)

H = 12        # rejtett réteg mérete
T = 15        # ablak hossza
ETA = 0.05

par = {
    "Wxh": rng.normal(0, 0.5, (H, 1)),
    "Whh": rng.normal(0, 0.8 / np.sqrt(H), (H, H)),
    "Why": rng.normal(0, 1 / np.sqrt(H), (1, H)),
    "bh": np.zeros((H, 1)),
    "by": np.zeros((1, 1)),
}


def elore(par, xs, h0):
    h = {-1: h0}
    ys = {}
    for t in range(len(xs)):
        h[t] = np.tanh(par["Wxh"] * xs[t] + par["Whh"] @ h[t - 1] + par["bh"])
        ys[t] = par["Why"] @ h[t] + par["by"]
    return h, ys


def veszteseg(ys, celok):
    return sum(0.5 * (ys[t][0, 0] - celok[t]) ** 2 for t in range(len(celok))) / len(celok)


def vissza(par, xs, celok, h, ys):
    g = {k: np.zeros_like(v) for k, v in par.items()}
    dh_kov = np.zeros((H, 1))
    n = len(celok)
    for t in range(n - 1, -1, -1):
        dy = (ys[t] - celok[t]) / n
        g["Why"] += dy @ h[t].T
        g["by"] += dy
        dh = par["Why"].T @ dy + dh_kov
        dz = (1 - h[t] ** 2) * dh
        g["bh"] += dz
        g["Wxh"] += dz * xs[t]
        g["Whh"] += dz @ h[t - 1].T
        dh_kov = par["Whh"].T @ dz
    return g


def vagas(g, max_norma=1.0):
    norma = np.sqrt(sum(np.sum(v ** 2) for v in g.values()))
    if norma > max_norma:
        for k in g:
            g[k] *= max_norma / norma
    return g


ido = np.arange(0, 601)
jel = np.sin(0.2 * ido) * np.cos(0.031 * ido) + 0.03 * rng.normal(size=len(ido))

if __name__ == "__main__":
    for kor in range(25):
        h0 = np.zeros((H, 1))
        ossz, db = 0.0, 0
        for kezd in range(0, len(jel) - T, T):
            xs = jel[kezd:kezd + T]
            celok = jel[kezd + 1:kezd + T + 1]
            h, ys = elore(par, xs, h0)
            ossz += veszteseg(ys, celok)
            db += 1
            g = vagas(vissza(par, xs, celok, h, ys))
            for k in ("Wxh", "Why", "bh", "by"):
                par[k] -= ETA * g[k]
            h0 = h[T - 1]     # az állapotot továbbvisszük, a gradienst nem
        if kor % 4 == 0:
            print(f"{kor:3d}. kör   átlagos veszteség: {ossz / db:.5f}")
