# softmax kaiki de 5x5 no moji wo bunrui suru
# (hobby de tsukutta. kaigyo ya noise wa tekitou)
import numpy as np

MOJI = {
    "I": ["..#..", "..#..", "..#..", "..#..", "..#.."],
    "L": ["#....", "#....", "#....", "#....", "#####"],
    "T": ["#####", "..#..", "..#..", "..#..", "..#.."],
    "X": ["#...#", ".#.#.", "..#..", ".#.#.", "#...#"],
}
NAMAE = list(MOJI.keys())


def gazou(moji, rng):
    g = np.array([[255.0 if c == "#" else 0.0 for c in gyou] for gyou in MOJI[moji]])
    g = g + rng.normal(0, 110, size=g.shape)
    return np.clip(g, 0, 255).ravel()


def data_tsukuru(kosuu, rng):
    xs, ts = [], []
    for _ in range(kosuu):
        k = rng.integers(len(NAMAE))
        xs.append(gazou(NAMAE[k], rng))
        ts.append(k)
    return np.array(xs), np.array(ts)


def softmax(a):
    e = np.exp(a)
    return e / e.sum(axis=1, keepdims=True)


rng = np.random.default_rng(5)
x_kunren, t_kunren = data_tsukuru(300, rng)
x_test, t_test = data_tsukuru(200, rng)

K = len(NAMAE)
W = 0.01 * rng.standard_normal((25, K))
b = np.zeros(K)
gakushuu_ritsu = 0.01

T = np.eye(K)[t_kunren]
n = len(x_kunren)

for kai in range(1, 101):
    p = softmax(x_kunren @ W + b)
    sonshitsu = -np.mean(np.log(p[np.arange(n), t_kunren] + 1e-10))

    delta = (p - T) / n
    dW = x_kunren.T @ delta
    db = delta.sum(axis=0)

    W -= gakushuu_ritsu * dW
    b -= gakushuu_ritsu * db

    if kai % 20 == 0 or kai == 1:
        print("kai %3d  sonshitsu %.4f" % (kai, sonshitsu))

yosoku = softmax(x_test @ W + b).argmax(axis=1)
print("seikairitsu (test):", (yosoku == t_test).mean())
for k, m in enumerate(NAMAE):
    atari = (yosoku[t_test == k] == k).mean()
    print("  ", m, "%.2f" % atari)
