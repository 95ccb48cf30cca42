# perceptron - mit første forsøg med maskinlæring
# opgave: skal jeg tage paraply med?  (luftfugtighed, lufttryk, vind) -> ja/nej
import numpy as np

np.random.seed(12)

antal = 120
X = np.random.uniform(-1, 1, (antal, 3))
facit = 1.4 * X[:, 0] - 0.8 * X[:, 1] + 0.3 * X[:, 2] + 0.25
X = X[np.abs(facit) > 0.1]                 # smid de tvivlsomme dage ud
facit = facit[np.abs(facit) > 0.1]
y = np.where(facit > 0, 1, 0)

w = np.zeros(3)
bias = 0.0
lr = 0.1


def gaet(x):
    s = bias
    for j in range(len(x)):
        s += w[j] * x[j]
    if s > 0:
        return 1
    else:
        return 0


for runde in range(1, 101):
    antal_fejl = 0
    for i in range(len(X)):
        fejl = y[i] - gaet(X[i])
        if fejl != 0:
            antal_fejl += 1
            for j in range(3):
                w[j] += lr * fejl * X[i][j]
            bias += lr * fejl
    if runde <= 5 or runde % 10 == 0:
        print("runde", runde, ":", antal_fejl, "fejl")
    if antal_fejl == 0:
        print("færdig efter", runde, "runder")
        break

print("vægte:", w, "bias:", bias)
rigtige = sum(gaet(X[i]) == y[i] for i in range(len(X)))
print("rigtige:", rigtige, "ud af", len(X))
