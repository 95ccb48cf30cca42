import numpy as np


class MaxPool2D:
    """Max pooling over (N, C, H, W) with a square window."""

    def __init__(self, size=2, stride=2):
        self.size = size
        self.stride = stride

    def out_shape(self, H, W):
        return (H - self.size) // self.stride + 1, (W - self.size) // self.stride + 1

    def forward(self, x):
        self.x = x
        N, C, H, W = x.shape
        h_out, w_out = self.out_shape(H, W)
        y = np.empty((N, C, h_out, w_out))
        self.argmax = np.empty((N, C, h_out, w_out), dtype=int)
        for i in range(h_out):
            for j in range(w_out):
                r, c = i * self.stride, j * self.stride
                patch = x[:, :, r:r + self.size, c:c + self.size].reshape(N, C, -1)
                self.argmax[:, :, i, j] = patch.argmax(axis=2)
                y[:, :, i, j] = patch.max(axis=2)
        return y

    def backward(self, dy):
        dx = np.zeros_like(self.x)
        N, C, h_out, w_out = dy.shape
        n_idx = np.arange(N)[:, None]
        c_idx = np.arange(C)[None, :]
        for i in range(h_out):
            for j in range(w_out):
                # position of the winner inside the window
                k = self.argmax[:, :, i, j]
                row = i * self.stride + k // self.size
                col = j * self.stride + k // self.size
                # windows may overlap, so add
                dx[n_idx, c_idx, row, col] += dy[:, :, i, j]
        return dx


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(x.shape[0], -1)

    def backward(self, dy):
        return dy.reshape(self.shape)


# small experiment: a learnable elementwise filter in front of the pooling
rng = np.random.RandomState(15)
images = rng.rand(20, 1, 7, 7)
goal = images[:, 0, 2:5, 2:5].max(axis=(1, 2)).reshape(-1, 1) * 2 - images[:, 0, :2, :2].max(axis=(1, 2)).reshape(-1, 1)

gain = np.ones((1, 1, 7, 7)) + 0.1 * rng.randn(1, 1, 7, 7)
pool = MaxPool2D(size=3, stride=2)      # overlapping windows
flat = Flatten()
w = 0.1 * rng.randn(9, 1)
b = np.zeros(1)
rate = 0.1

for it in range(201):
    pooled = flat.forward(pool.forward(images * gain))
    pred = pooled @ w + b
    loss = 0.5 * np.mean((pred - goal) ** 2)

    dpred = (pred - goal) / len(goal)
    dw = pooled.T @ dpred
    db = dpred.sum(axis=0)
    dimg = pool.backward(flat.backward(dpred @ w.T))
    dgain = (dimg * images).sum(axis=0, keepdims=True)

    w -= rate * dw
    b -= rate * db
    gain -= rate * dgain
    if it % 50 == 0:
        print("it %d loss %.6f" % (it, loss))

print("gain of the centre pixels")
print(np.round(gain[0, 0, 2:5, 2:5], 3))
