# ADALINE wo jibun de kaite miru (Widrow-Hoff, online)
# sensa no yomi wa subete seisuu
import numpy as np

np.random.seed(4)

KOSUU = 120
X = np.random.randint(-6, 7, size=(KOSUU, 3))
hontou = 0.5 * X[:, 0] - 0.8 * X[:, 1] + 0.2 * X[:, 2] + 0.9
t = np.where(hontou + 0.3 * np.random.randn(KOSUU) >= 0, 1, -1)

# omomi to baiasu
w = np.zeros(3)
b = 0.0
eta = 0.002


def soukei(x):
    return w[0] * x[0] + w[1] * x[1] + w[2] * x[2] + b


def seikairitsu():
    return sum((soukei(x) >= 0) == (ti > 0) for x, ti in zip(X, t)) / KOSUU


narabi = np.arange(KOSUU)
for kai in range(30):
    np.random.shuffle(narabi)
    son = 0.0
    for i in narabi:
        gosa = t[i] - soukei(X[i])
        son += gosa * gosa / 2
        for j in range(3):
            w[j] += eta * gosa * X[i, j]
        b += eta * gosa
    if kai % 5 == 0:
        print("kai", kai, " heikin son:", round(son / KOSUU, 4), " seikai:", round(float(seikairitsu()), 3))

print("omomi:", w, " baiasu:", round(float(b), 4))
print("saigo no seikairitsu:", round(float(seikairitsu()), 3))
