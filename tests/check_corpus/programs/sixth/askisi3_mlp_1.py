# Askisi 3: Polyepipedo perceptron (MLP) gia to provlima XOR
# AM: 03119xxx
import numpy as np

np.random.seed(5)

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
d = np.array([[0], [1], [1], [0]], dtype=float)   # epithymiti exodos

krymmenoi = 4      # plithos krymmenon neuronon
rythmos = 2.0      # rythmos mathisis
epoxes = 4000


def sigmoeidis(z):
    return 1.0 / (1.0 + np.exp(-z))


def paragogos(z):
    s = sigmoeidis(z)
    return s * (1 - s)


def arxika_vari(apo, pros):
    return np.random.uniform(-1, 1, (apo, pros))


W1 = arxika_vari(2, krymmenoi)
b1 = np.zeros((1, krymmenoi))
W2 = arxika_vari(krymmenoi, 1)
b2 = np.zeros((1, 1))

N = X.shape[0]
for ep in range(epoxes):
    # pros ta empros
    z1 = X @ W1 + b1
    a1 = sigmoeidis(z1)
    z2 = a1 @ W2 + b2
    a2 = sigmoeidis(z2)

    sfalma = a2 - d
    E = 0.5 * np.sum(sfalma ** 2) / N

    # pros ta piso
    delta2 = sfalma * paragogos(z2) / N
    delta1 = (delta2 @ W2.T) * paragogos(a1)

    # enimerosi varon
    W2 -= rythmos * a1.T @ delta2
    b2 -= rythmos * delta2.sum(axis=0, keepdims=True)
    W1 -= rythmos * X.T @ delta1
    b1 -= rythmos * delta1.sum(axis=0, keepdims=True)

    if ep % 500 == 0:
        print(f"epoxi {ep:5d}   E = {E:.6f}")

print("\nApotelesmata:")
for x, y, stoxos in zip(X, a2, d):
    print(x, "->", round(float(y[0]), 3), "(stoxos", int(stoxos[0]), ")")
