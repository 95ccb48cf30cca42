# Autoencoder voor golfjes: 32 punten -> 4 getallen -> 32 punten
# sigmoid in het midden en aan de uitgang, L2 op de gewichten, RMSProp
import numpy as np

np.random.seed(8)


def maak_golfjes(n, lengte=32):
    t = np.linspace(0, 1, lengte)
    fase = np.random.rand(n, 1) * 2 * np.pi
    hoogte = 0.15 + 0.25 * np.random.rand(n, 1)
    return 0.5 + hoogte * np.sin(2 * np.pi * t + fase)


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


class Autoencoder:
    def __init__(self, n_in, n_code, l2=1e-5):
        s = np.sqrt(6.0 / (n_in + n_code))
        self.W_in = np.random.uniform(-s, s, (n_in, n_code))
        self.b_in = np.zeros(n_code)
        self.W_uit = np.random.uniform(-s, s, (n_code, n_in))
        self.b_uit = np.zeros(n_in)
        self.l2 = l2
        self.kwadraat = [np.zeros_like(q) for q in self.params()]

    def params(self):
        return [self.W_in, self.b_in, self.W_uit, self.b_uit]

    def codeer(self, x):
        return sigmoid(x @ self.W_in + self.b_in)

    def decodeer(self, c):
        return sigmoid(c @ self.W_uit + self.b_uit)

    def verlies_en_gradient(self, x):
        n = x.shape[0]
        c = self.codeer(x)
        r = self.decodeer(c)
        verschil = r - x
        verlies = np.sum(verschil ** 2) / n
        verlies += self.l2 * (np.sum(self.W_in ** 2) + np.sum(self.W_uit ** 2))

        d_uit = 2.0 * verschil / n * r * (1 - r)
        gW_uit = c.T @ d_uit + 2 * self.l2 * self.W_uit
        gb_uit = d_uit.sum(axis=0)
        d_code = d_uit @ self.W_uit.T * c * (1 - c)
        gW_in = x.T @ d_code + 2 * self.l2 * self.W_in
        gb_in = d_code.sum(axis=0)
        return verlies, [gW_in, gb_in, gW_uit, gb_uit]

    def stap(self, grads, lr=0.01, rho=0.9):
        for q, g, s in zip(self.params(), grads, self.kwadraat):
            s *= rho
            s += (1 - rho) * g * g
            q = q - lr * g / (np.sqrt(s) + 1e-7)


data = maak_golfjes(400)
test = maak_golfjes(50)
net = Autoencoder(32, 4)
for ronde in range(120):
    volgorde = np.random.permutation(len(data))
    totaal = 0.0
    for k in range(0, len(data), 40):
        x = data[volgorde[k:k + 40]]
        verlies, grads = net.verlies_en_gradient(x)
        net.stap(grads)
        totaal += verlies * len(x)
    if (ronde + 1) % 20 == 0:
        print('ronde', ronde + 1, 'verlies', round(totaal / len(data), 4))

r = net.decodeer(net.codeer(test))
print('fout per punt op nieuwe golfjes (rms):', np.sqrt(np.mean((r - test) ** 2)))
