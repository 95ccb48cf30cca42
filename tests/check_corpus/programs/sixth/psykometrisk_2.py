# PSY2014 - oblig 2: psykometrisk funksjon (tidsdiskriminasjon)
# P("lengre") = 1 / (1 + exp(-k (x - m))),  x = avvik fra standard i 100 ms
import numpy as np

rng = np.random.default_rng(30)


def psi(x, m, k):
    return 1 / (1 + np.exp(-k * (x - m)))


# simulert forsoeksperson: punkt for subjektiv likhet 0.4, stigning 1.8
forsok = []
for avvik in (-4, -3, -2, -1, 0, 1, 2, 3, 4):
    for _ in range(20):
        svar = 1.0 if rng.random() < psi(avvik, 0.4, 1.8) else 0.0
        forsok.append((avvik, svar))
data = np.array(forsok, dtype=float)
x = data[:, 0:1]
r = data[:, 1]


def nll(m, k):
    p = np.clip(psi(x, m, k), 1e-12, 1 - 1e-12)
    return -np.mean(r * np.log(p) + (1 - r) * np.log(1 - p))


# startverdier: bratt kurve, litt feil plassert
m, k = -1.0, 12.0
eta = 0.5
tap = nll(m, k)
print("start   m = %.2f  k = %.2f  nll = %.4f" % (m, k, tap))

for steg in range(400):
    p = psi(x, m, k)
    feil = p - r
    dm = np.mean(-k * feil)
    dk = np.mean((x - m) * feil)
    m_ny = m - eta * dm
    k_ny = k - eta * dk
    tap_ny = nll(m_ny, k_ny)
    # "bold driver": godta bare steg som hjelper
    if tap_ny < tap:
        m, k, tap = m_ny, k_ny, tap_ny
        eta *= 1.1
    else:
        eta *= 0.5
    if steg % 20 == 0:
        print("%4d    m = %.3f  k = %.3f  nll = %.4f  eta = %.2g" % (steg, m, k, tap, eta))
    if eta < 1e-8:
        break

print("PSE = %.0f ms, JND = %.0f ms" % (100 * m, 100 * np.log(3) / k))
for avvik in (-4, -2, 0, 2, 4):
    obs = data[data[:, 0] == avvik, 1].mean()
    print("  avvik %+d: observert %.2f, modell %.2f" % (avvik, obs, psi(avvik, m, k)))
