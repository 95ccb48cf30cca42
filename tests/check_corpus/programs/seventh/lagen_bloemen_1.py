# Exported from lagen.ipynb
# Doel: zelf een mini-keras maken. Elke laag kent forward en backward.

# In[ ]:
import numpy as np
np.random.seed(31)

# In[ ]:
class Dicht:
    def __init__(self, n_in, n_uit, lr=0.2):
        self.W = np.random.randn(n_in, n_uit) * np.sqrt(1 / n_in)
        self.b = np.zeros(n_uit)
        self.lr = lr

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, d):
        dW = np.dot(self.x.T, d)
        db = np.sum(d, axis=0)
        dx = np.dot(d, self.W.T)
        self.W -= self.lr * dW
        self.b -= self.lr * db
        return dx

class Tanh:
    def forward(self, x):
        self.uit = np.tanh(x)
        return self.uit
    def backward(self, d):
        return d * (1 - self.uit ** 2)

class Softmax:
    def forward(self, x):
        e = np.exp(x - np.max(x, axis=-1, keepdims=True))
        self.p = e / np.sum(e, axis=-1, keepdims=True)
        return self.p
    def backward(self, d):
        return self.p * (1 - self.p) * d

# In[ ]:
class Kruisentropie:
    def forward(self, p, t):
        self.p, self.t = np.maximum(p, 1e-9), t
        return -np.sum(t * np.log(self.p)) / len(t)
    def backward(self):
        return -self.t / self.p / len(self.t)

# In[ ]:
# nep-bloemen: drie soorten, spiraalvormig in het vlak
def bloemen(n):
    xs, ts = [], []
    for k in range(3):
        r = np.linspace(0.2, 1, n)
        hoek = 2.1 * k + 2.5 * r + np.random.randn(n) * 0.15
        xs.append(np.stack([r * np.cos(hoek), r * np.sin(hoek)], axis=1))
        ts.append(np.tile(np.eye(3)[k], (n, 1)))
    return np.concatenate(xs), np.concatenate(ts)

X, T = bloemen(80)

# In[ ]:
lagen = [Dicht(2, 20), Tanh(), Dicht(20, 20), Tanh(), Dicht(20, 3), Softmax()]
verlies = Kruisentropie()

for epoch in range(1200):
    uit = X
    for laag in lagen:
        uit = laag.forward(uit)
    L = verlies.forward(uit, T)
    d = verlies.backward()
    for laag in lagen[::-1]:
        d = laag.backward(d)
    if epoch % 200 == 0:
        print('epoch %d verlies %.4f' % (epoch, L))

# In[ ]:
print('laatste verlies %.4f' % L)
print('goed: %.1f%%' % (100 * np.mean(uit.argmax(1) == T.argmax(1))))
