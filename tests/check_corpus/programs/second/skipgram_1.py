# word2vec in miniature: skip-gram with negative sampling
# notes: u_w is the "output" vector of word w, v_w the "input" vector.
#   J = -log s(u_o . v_c) - sum_k log s(-u_k . v_c)
import numpy as np

corpus = """
the king rules the land and the queen rules the land
the man walks the dog and the woman walks the cat
the king and the queen eat bread the man and the woman eat soup
the dog eats meat and the cat eats fish
""".split()

np.random.seed(9)
vocab = sorted(set(corpus))
index = {w: i for i, w in enumerate(vocab)}
ids = [index[w] for w in corpus]
V = len(vocab)
DIM = 8
WINDOW = 2
NEG = 4

counts = np.bincount(ids, minlength=V)
noise = counts ** 0.75
noise = noise / noise.sum()

center_vectors = (np.random.rand(V, DIM) - 0.5) / DIM
outside_vectors = np.zeros((V, DIM))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def neg_sampling_loss_and_gradient(v_c, o, negatives, outside):
    """Gradients with respect to v_c and to the rows of `outside`."""
    u_o = outside[o]
    s = sigmoid(np.dot(u_o, v_c))
    loss = -np.log(s)
    grad_v = (s - 1) * u_o
    grad_outside = np.zeros_like(outside)
    grad_outside[o] += (s - 1) * v_c
    for k in negatives:
        u_k = outside[k]
        s_k = sigmoid(-np.dot(u_k, v_c))
        loss += -np.log(s_k)
        grad_v -= (1 - s_k) * u_k
        grad_outside[k] += (1 - s_k) * v_c
    return loss, grad_v, grad_outside


def draw_negatives(o):
    out = []
    while len(out) < NEG:
        k = np.random.choice(V, p=noise)
        if k != o:
            out.append(k)
    return out


alpha = 0.1
for epoch in range(16):
    total, pairs = 0.0, 0
    for pos, c in enumerate(ids):
        for j in range(max(0, pos - WINDOW), min(len(ids), pos + WINDOW + 1)):
            if j == pos:
                continue
            o = ids[j]
            loss, gv, gu = neg_sampling_loss_and_gradient(center_vectors[c], o, draw_negatives(o), outside_vectors)
            center_vectors[c] -= alpha * gv
            outside_vectors -= alpha * gu
            total += loss
            pairs += 1
    if epoch % 3 == 0:
        print("epoch", epoch, "mean loss", round(total / pairs, 4))


def similar(word, n=3):
    a = center_vectors[index[word]]
    norms = np.linalg.norm(center_vectors, axis=1) * np.linalg.norm(a)
    cos = center_vectors @ a / norms
    best = np.argsort(-cos)
    return [vocab[i] for i in best if vocab[i] != word][:n]


for w in ("king", "dog", "eat"):
    print(w, "->", similar(w))
