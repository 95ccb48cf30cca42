# Minimal variational autoencoder on 4x4 bar images, everything by hand.
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


class VAE:
    def __init__(self, n_x, n_h, n_z, seed=0):
        r = np.random.RandomState(seed)
        g = lambda a, b: r.randn(a, b) * np.sqrt(1.0 / a)
        self.theta = {
            "We": g(n_x, n_h), "be": np.zeros(n_h),
            "Wm": g(n_h, n_z), "bm": np.zeros(n_z),
            "Ws": 0.1 * g(n_h, n_z), "bs": np.zeros(n_z),
            "Wd": g(n_z, n_h), "bd": np.zeros(n_h),
            "Wx": g(n_h, n_x), "bx": np.zeros(n_x),
        }

    def forward(self, x, eps):
        t = self.theta
        h = np.tanh(x @ t["We"] + t["be"])
        mu = h @ t["Wm"] + t["bm"]
        logvar = h @ t["Ws"] + t["bs"]
        std = np.exp(0.5 * logvar)
        z = mu + std * eps                      # reparameterization
        k = np.tanh(z @ t["Wd"] + t["bd"])
        xr = sigmoid(k @ t["Wx"] + t["bx"])
        self.cache = (x, eps, h, mu, logvar, std, z, k, xr)
        return xr

    def loss(self):
        x, eps, h, mu, logvar, std, z, k, xr = self.cache
        rec = -np.sum(x * np.log(xr + 1e-10) + (1 - x) * np.log(1 - xr + 1e-10))
        kl = -0.5 * np.sum(1 + logvar - mu ** 2 - np.exp(logvar))
        return (rec + kl) / len(x), rec / len(x), kl / len(x)

    def backward(self):
        t = self.theta
        x, eps, h, mu, logvar, std, z, k, xr = self.cache
        n = len(x)
        g = {}
        dax = (xr - x) / n
        g["Wx"], g["bx"] = k.T @ dax, dax.sum(0)
        dk = dax @ t["Wx"].T * (1 - k ** 2)
        g["Wd"], g["bd"] = z.T @ dk, dk.sum(0)
        dz = dk @ t["Wd"].T
        # through the sample and through the KL term
        dmu = dz + mu / n
        dlogvar = dz * eps * std + 0.5 * (np.exp(logvar) - 1) / n
        g["Wm"], g["bm"] = h.T @ dmu, dmu.sum(0)
        g["Ws"], g["bs"] = h.T @ dlogvar, dlogvar.sum(0)
        dh = (dmu @ t["Wm"].T + dlogvar @ t["Ws"].T) * (1 - h ** 2)
        g["We"], g["be"] = x.T @ dh, dh.sum(0)
        return g


def bars(n, rng):
    img = np.zeros((n, 4, 4))
    for i in range(n):
        if rng.rand() < 0.5:
            img[i, rng.randint(4), :] = 1
        else:
            img[i, :, rng.randint(4)] = 1
    return img.reshape(n, 16)


if __name__ == "__main__":
    rng = np.random.RandomState(7)
    X = bars(160, rng)
    vae = VAE(16, 20, 3)
    m = {p: np.zeros_like(v) for p, v in vae.theta.items()}
    v = {p: np.zeros_like(w) for p, w in vae.theta.items()}
    t = 0
    for epoch in range(80):
        order = rng.permutation(len(X))
        for i in range(0, len(X), 40):
            x = X[order[i:i + 40]]
            vae.forward(x, rng.randn(len(x), 3))
            grads = vae.backward()
            t += 1
            for p in vae.theta:
                m[p] = 0.9 * m[p] + 0.1 * grads[p]
                v[p] = 0.999 * v[p] + 0.001 * grads[p] ** 2
                mh, vh = m[p] / (1 - 0.9 ** t), v[p] / (1 - 0.999 ** t)
                vae.theta[p] -= 0.01 * mh / (np.sqrt(vh) + 1e-8)
        if epoch % 20 == 19:
            vae.forward(X, rng.randn(len(X), 3))
            print("epoch %3d  loss %.3f  (rec %.3f, kl %.3f)" % ((epoch + 1,) + vae.loss()))
