# XOR leren met een klein netwerk: 2 - 3 - 1
# alles met sigmoid, fout = som van kwadraten
import numpy as np

np.random.seed(7)

invoer = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
doel = np.array([[0], [1], [1], [0]], dtype=float)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# gewichten willekeurig tussen -1 en 1
W_verborgen = np.random.uniform(-1, 1, (2, 3))
b_verborgen = np.zeros((1, 3))
W_uit = np.random.uniform(-1, 1, (3, 1))
b_uit = np.zeros((1, 1))

leersnelheid = 0.8

for stap in range(4000):
    # vooruit
    verborgen = sigmoid(invoer @ W_verborgen + b_verborgen)
    uit = sigmoid(verborgen @ W_uit + b_uit)
    fout = 0.5 * np.sum((doel - uit) ** 2)

    # terug
    delta_uit = (uit - doel) * uit * (1 - uit)
    delta_verborgen = (delta_uit @ W_uit.T) * verborgen * (1 - verborgen)

    # gewichten bijwerken
    W_uit -= leersnelheid * (verborgen.T @ delta_uit)
    b_uit -= leersnelheid * delta_uit.sum(axis=0, keepdims=True)
    W_verborgen -= leersnelheid * (invoer.T @ delta_verborgen)
    b_verborgen -= leersnelheid * delta_verborgen.sum(axis=0, keepdims=True)

    if stap % 500 == 0:
        print("stap", stap, "fout", round(fout, 5))

print("na het leren:")
for x, u in zip(invoer, uit):
    print(x, "->", round(float(u[0]), 3))
