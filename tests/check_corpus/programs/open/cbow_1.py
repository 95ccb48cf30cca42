# word2vec, CBOW model with a full softmax (tiny vocabulary, so no negative sampling)
import numpy as np

text = """the cat sits on the mat and the dog sits on the rug
the cat chases the mouse and the dog chases the cat
a mouse eats the cheese and a dog eats the bone"""

words = text.split()
vocab = sorted(set(words))
word_to_id = {w: i for i, w in enumerate(vocab)}
ids = [word_to_id[w] for w in words]
V = len(vocab)
D = 8          # embedding size
window = 2

# training pairs: (context words, center word)
contexts, centers = [], []
for pos in range(window, len(ids) - window):
    ctx = ids[pos - window:pos] + ids[pos + 1:pos + window + 1]
    contexts.append(ctx)
    centers.append(ids[pos])
contexts = np.array(contexts)      # (N, 2*window)
centers = np.array(centers)        # (N,)
N = len(centers)

rng = np.random.RandomState(2)
E = rng.uniform(-0.5, 0.5, (V, D))      # input embeddings
U = rng.uniform(-0.5, 0.5, (V, D))      # output vectors


def softmax(scores):
    scores = scores - scores.max(axis=1, keepdims=True)
    e = np.exp(scores)
    return e / e.sum(axis=1, keepdims=True)


def loss_and_grads(E, U):
    # forward
    h = E[contexts].mean(axis=1)            # (N, D)
    probs = softmax(h @ U.T)                # (N, V)
    loss = -np.mean(np.log(probs[np.arange(N), centers]))

    # backward
    dscores = probs.copy()
    dscores[np.arange(N), centers] -= 1
    dscores /= N
    dU = dscores.T @ h
    dh = dscores @ U
    dE = np.zeros_like(E)
    # every context word gets its share of the mean; a word can occur several times
    share = dh / contexts.shape[1]
    for c in range(contexts.shape[1]):
        dE[contexts[:, c]] += share
    return loss, dE, dU


lr = 1.0
for epoch in range(301):
    loss, dE, dU = loss_and_grads(E, U)
    E -= lr * dE
    U -= lr * dU
    if epoch % 50 == 0:
        print("epoch", epoch, "loss", round(loss, 6))

# nearest neighbours
norm = E / np.linalg.norm(E, axis=1, keepdims=True)
for w in ("cat", "mat", "chases"):
    sims = norm @ norm[word_to_id[w]]
    best = [vocab[k] for k in np.argsort(-sims)[1:4]]
    print(w, "->", best)
