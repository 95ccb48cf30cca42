"""HW2: convolution building blocks, naive loops (clarity over speed).

Images are (N, C, H, W), kernels are (F, C, k, k).
Each layer keeps .params and .grads dictionaries with matching keys.
"""
import numpy as np


class Conv2d:
    def __init__(self, in_ch, out_ch, k, stride=1, pad=0):
        self.k, self.stride, self.pad = k, stride, pad
        scale = np.sqrt(2.0 / (in_ch * k * k))
        self.params = {
            "W": np.random.randn(out_ch, in_ch, k, k) * scale,
            "b": np.zeros(out_ch),
        }
        self.grads = {}

    def forward(self, x):
        p, s, k = self.pad, self.stride, self.k
        self.xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        W, b = self.params["W"], self.params["b"]
        N, _, H, Wd = self.xp.shape
        Ho = (H - k) // s + 1
        Wo = (Wd - k) // s + 1
        out = np.zeros((N, W.shape[0], Ho, Wo))
        for i in range(Ho):
            for j in range(Wo):
                patch = self.xp[:, :, i*s:i*s+k, j*s:j*s+k]
                out[:, :, i, j] = np.tensordot(patch, W, axes=([1, 2, 3], [1, 2, 3])) + b
        return out

    def backward(self, dout):
        p, s, k = self.pad, self.stride, self.k
        W = self.params["W"]
        dW = np.zeros_like(W)
        db = np.zeros_like(self.params["b"])
        dxp = np.zeros_like(self.xp)
        _, _, Ho, Wo = dout.shape
        db += dout.sum(axis=(0, 2, 3))
        for i in range(Ho):
            for j in range(Wo):
                d = dout[:, :, i, j]                      # (N, F)
                patch = self.xp[:, :, i*s:i*s+k, j*s:j*s+k]
                dW += np.tensordot(d, patch, axes=([0], [0]))
                dxp[:, :, i*s:i*s+k, j*s:j*s+k] += np.tensordot(d, W, axes=([1], [0]))
        self.grads = {"W": dW, "b": db}
        if p == 0:
            return dxp
        return dxp[:, :, p:-p, p:-p]


class MaxPool2d:
    """k x k windows, stride k.  H and W must be multiples of k."""

    def __init__(self, k=2):
        self.k = k
        self.params, self.grads = {}, {}

    def forward(self, x):
        self.x = x
        N, C, H, W = x.shape
        k = self.k
        assert H % k == 0 and W % k == 0
        return x.reshape(N, C, H // k, k, W // k, k).max(axis=(3, 5))

    def backward(self, dout):
        k = self.k
        dx = np.zeros_like(self.x)
        N, C, Ho, Wo = dout.shape
        for n in range(N):
            for c in range(C):
                for i in range(Ho):
                    for j in range(Wo):
                        win = self.x[n, c, i*k:(i+1)*k, j*k:(j+1)*k]
                        r, q = np.unravel_index(win.argmax(), win.shape)
                        dx[n, c, i*k + r, j*k + q] = dout[n, c, i, j]
        return dx


class Flatten:
    params, grads = {}, {}

    def forward(self, x):
        self.shape = x.shape
        return x.reshape(x.shape[0], -1)

    def backward(self, dout):
        return dout.reshape(self.shape)


if __name__ == "__main__":
    np.random.seed(0)
    x = np.random.randn(2, 3, 6, 6)
    conv, pool, flat = Conv2d(3, 4, 3, pad=1), MaxPool2d(2), Flatten()
    y = flat.forward(pool.forward(conv.forward(x)))
    dx = conv.backward(pool.backward(flat.backward(np.ones_like(y))))
    print("out", y.shape, "dx", dx.shape, "dW", conv.grads["W"].shape)
