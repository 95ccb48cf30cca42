# Tell horizontal from vertical bars with a tiny CNN: conv 3x3 -> ReLU -> max pool 2x2 -> dense -> sigmoid
# Everything in plain loops, one image at a time (slow but I can follow it)
import numpy as np

rng = np.random.RandomState(12)

SIZE = 8
N_FILTERS = 3
LR = 0.08


def make_image(vertical):
    img = 0.3 * rng.rand(SIZE, SIZE)
    k = rng.randint(1, SIZE - 1)
    a = rng.randint(0, 3)
    if vertical:
        img[a:a + 6, k] += 1.0
    else:
        img[k, a:a + 6] += 1.0
    return img


filters = rng.randn(N_FILTERS, 3, 3) / 3
conv_bias = np.zeros(N_FILTERS)
weights = rng.randn(N_FILTERS * 9) / 5
bias = 0.0


def conv(img):
    out = np.zeros((N_FILTERS, SIZE - 2, SIZE - 2))
    for f in range(N_FILTERS):
        for r in range(SIZE - 2):
            for c in range(SIZE - 2):
                out[f, r, c] = np.sum(img[r:r + 3, c:c + 3] * filters[f]) + conv_bias[f]
    return out


def max_pool(maps):
    n, h, w = maps.shape
    out = np.zeros((n, h // 2, w // 2))
    where = {}
    for f in range(n):
        for r in range(h // 2):
            for c in range(w // 2):
                window = maps[f, 2 * r:2 * r + 2, 2 * c:2 * c + 2]
                dr, dc = np.unravel_index(np.argmax(window), (2, 2))
                out[f, r, c] = window[dr, dc]
                where[f, r, c] = (2 * r + dr, 2 * c + dc)
    return out, where


def forward(img):
    z = conv(img)
    a = np.maximum(z, 0)
    pooled, where = max_pool(a)
    flat = pooled.ravel()
    p = 1 / (1 + np.exp(-(weights @ flat + bias)))
    return z, a, where, flat, p


def backward(img, target, z, where, flat, p):
    # binary cross entropy after a sigmoid
    d_score = p - target
    d_weights = d_score * flat
    d_bias = d_score
    d_pooled = (d_score * weights).reshape(N_FILTERS, 3, 3)

    d_z = np.zeros_like(z)
    for (f, r, c), (i, j) in where.items():
        d_z[f, i, j] += d_pooled[f, r, c]
    d_z[z <= 0] = 0

    d_filters = np.zeros_like(filters)
    d_conv_bias = np.zeros_like(conv_bias)
    for f in range(N_FILTERS):
        for r in range(SIZE - 2):
            for c in range(SIZE - 2):
                if d_z[f, r, c] != 0:
                    d_filters[f] += d_z[f, r, c] * img[r:r + 3, c:c + 3]
        d_conv_bias[f] = d_z[f].sum()
    return d_weights, d_bias, d_filters, d_conv_bias


labels = [i % 2 for i in range(80)]
images = [make_image(t == 1) for t in labels]

for epoch in range(4):
    total, right = 0.0, 0
    for img, target in zip(images, labels):
        z, a, where, flat, p = forward(img)
        total += -np.log(p if target == 1 else 1 - p)
        right += int((p > 0.5) == (target == 1))
        d_weights, d_bias, d_filters, d_conv_bias = backward(img, target, z, where, flat, p)
        weights -= LR * d_weights
        bias -= LR * d_bias
        filters -= LR * d_filters
        conv_bias -= LR * d_conv_bias
    print("epoch", epoch + 1, "loss %.4f" % (total / len(images)), "accuracy %.2f" % (right / len(images)))
