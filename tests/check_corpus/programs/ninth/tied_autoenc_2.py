# tied_autoenc.py -- ported from my 2009 MATLAB script (tied_autoenc.m)
# autoencoder with tied weights, samples are COLUMNS as god intended
#   h    = sigm(W*x + b)
#   xhat = sigm(W'*h + c)
#   J    = 1/(2m) * ||xhat - x||_F^2
from numpy import zeros, ones, exp, sqrt, eye, clip
from numpy.random import seed, rand, randn, randint

seed(7)

# --- make data: noisy bars on a 4x4 grid ---
m = 300
X = zeros((16, m))
for k in range(m):
    img = zeros((4, 4))
    if rand() < 0.5:
        img[randint(4), :] = 1
    else:
        img[:, randint(4)] = 1
    X[:, k] = img.reshape(16)
X = clip(X * 0.8 + 0.1 + 0.03 * randn(16, m), 0, 1)

nh = 8


def sigm(z):
    return 1 / (1 + exp(-z))


def costgrad(W, b, c, X):
    m = X.shape[1]
    # forward
    h = sigm(W @ X + b)
    xhat = sigm(W.T @ h + c)
    err = xhat - X
    J = (err ** 2).sum() / (2 * m)
    # backward
    d2 = err * xhat * (1 - xhat)          # 16 x m
    d1 = (W @ d2) * h * (1 - h)           # nh x m
    gW = d1 @ X.T / m
    gb = d1.sum(axis=1, keepdims=True) / m
    gc = d2.sum(axis=1, keepdims=True) / m
    return J, gW, gb, gc


W = randn(nh, 16) * 0.3
b = zeros((nh, 1))
c = zeros((16, 1))
vW, vb, vc = 0 * W, 0 * b, 0 * c
alpha = 0.5
mom = 0.9

for it in range(1, 1501):
    J, gW, gb, gc = costgrad(W, b, c, X)
    vW = mom * vW + gW
    vb = mom * vb + gb
    vc = mom * vc + gc
    W = W - alpha * vW
    b = b - alpha * vb
    c = c - alpha * vc
    if it == 1 or it % 300 == 0:
        print("it %4d   J = %8.5f" % (it, J))

J = costgrad(W, b, c, X)[0]
print("done, rms per pixel = %.4f" % sqrt(2 * J / 16))
