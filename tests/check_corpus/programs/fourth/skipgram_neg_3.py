# word2vec on a tiny corpus: skip-gram with negative sampling, plain SGD
import numpy as np

rng = np.random.default_rng(17)

text = """the king rules the land . the queen rules the land .
the man walks the dog . the woman walks the dog .
the king loves the queen . the man loves the woman ."""
tokens = text.split()
vocab = sorted(set(tokens))
idx = {w: i for i, w in enumerate(vocab)}
ids = [idx[w] for w in tokens]

WINDOW, DIM, K, LR = 2, 10, 4, 0.05

pairs = []
for pos, center in enumerate(ids):
    for off in range(-WINDOW, WINDOW + 1):
        if off != 0 and 0 <= pos + off < len(ids):
            pairs.append((center, ids[pos + off]))

counts = np.bincount(ids) ** 0.75
noise = counts / counts.sum()

V_in = 0.1 * rng.standard_normal((len(vocab), DIM))    # center vectors
V_out = 0.1 * rng.standard_normal((len(vocab), DIM))   # context vectors


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def pair_loss(v, u_pos, U_neg):
    return -np.log(sigmoid(u_pos @ v)) - np.sum(np.log(sigmoid(-U_neg @ v)))


def pair_grads(v, u_pos, U_neg):
    e_pos = sigmoid(u_pos @ v)          # scalar
    e_neg = sigmoid(U_neg @ v)                # (K,)
    g_v = e_pos * u_pos + e_neg @ U_neg
    g_pos = e_pos * v
    g_neg = np.outer(e_neg, v)
    return g_v, g_pos, g_neg


for epoch in range(30):
    total = 0.0
    for n in rng.permutation(len(pairs)):
        c, o = pairs[n]
        neg = rng.choice(len(vocab), size=K, p=noise)
        v, u_pos, U_neg = V_in[c], V_out[o], V_out[neg]
        total += pair_loss(v, u_pos, U_neg)
        g_v, g_pos, g_neg = pair_grads(v, u_pos, U_neg)
        V_in[c] -= LR * g_v
        V_out[o] -= LR * g_pos
        # the same word can be drawn twice as a negative
        np.subtract.at(V_out, neg, LR * g_neg)
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1:3d}  mean loss {total / len(pairs):.4f}")


def nearest(word, n=3):
    M = V_in / np.linalg.norm(V_in, axis=1, keepdims=True)
    sim = M @ M[idx[word]]
    return [vocab[i] for i in np.argsort(-sim) if vocab[i] != word][:n]


for w in ("king", "man", "rules"):
    print(w, "->", ", ".join(nearest(w)))
