# Multi-label tagging of film summaries: a film may be funny AND sad AND scary.
# One sigmoid per tag, binary cross-entropy averaged over films and tags.
import numpy as np

TAGS = ["comedy", "drama", "horror", "family"]
WORDS = {
    "comedy": ["joke", "clumsy", "wedding", "prank", "laugh"],
    "drama": ["illness", "divorce", "war", "letter", "tears"],
    "horror": ["ghost", "basement", "scream", "knife", "fog"],
    "family": ["puppy", "school", "wedding", "holiday", "toy"],
}
FILLER = ["the", "a", "man", "woman", "goes", "finds", "town", "night"]
VOCAB = sorted({w for ws in WORDS.values() for w in ws} | set(FILLER))
INDEX = {w: i for i, w in enumerate(VOCAB)}


def make_films(n, rng):
    X = np.zeros((n, len(VOCAB)))
    Y = np.zeros((n, len(TAGS)))
    for i in range(n):
        for j in rng.choice(len(TAGS), size=rng.integers(1, 4), replace=False):
            Y[i, j] = 1
            for w in rng.choice(WORDS[TAGS[j]], size=2):
                X[i, INDEX[w]] += 1
        for w in rng.choice(FILLER, size=6):
            X[i, INDEX[w]] += 1
    return X, Y


def forward(X, P, mask=1.0):
    z1 = X @ P["W1"] + P["b1"]
    a1 = np.where(z1 > 0, z1, 0.1 * z1) * mask   # leaky relu, then dropout
    logits = a1 @ P["W2"] + P["b2"]
    return z1, a1, logits


def bce_with_logits(logits, Y):
    # max(z, 0) - z*y + log(1 + exp(-|z|))
    return np.mean(np.maximum(logits, 0) - logits * Y + np.log1p(np.exp(-np.abs(logits))))


def dropout_mask(shape, drop, rng):
    keep = 1 - drop
    return (rng.random(shape) < keep) / keep


def gradients(X, Y, P, mask=1.0):
    z1, a1, logits = forward(X, P, mask)
    prob = 1 / (1 + np.exp(-logits))
    d_logits = (prob - Y) / Y.size
    G = {}
    G["W2"] = a1.T @ d_logits
    G["b2"] = d_logits.sum(axis=0)
    d_a1 = d_logits @ P["W2"].T
    d_z1 = d_a1 * mask * np.where(z1 > 0, 1.0, 0.1)
    G["W1"] = X.T @ d_z1
    G["b1"] = d_z1.sum(axis=0)
    return G


def f1_per_tag(logits, Y):
    guess = logits > 0
    tp = np.sum(guess & (Y == 1), axis=0)
    return 2 * tp / np.maximum(guess.sum(axis=0) + Y.sum(axis=0), 1)


if __name__ == "__main__":
    rng = np.random.default_rng(33)
    X, Y = make_films(210, rng)
    X_test, Y_test = make_films(100, rng)
    P = {
        "W1": rng.normal(0, 0.3, (len(VOCAB), 12)), "b1": np.zeros(12),
        "W2": rng.normal(0, 0.3, (12, len(TAGS))), "b2": np.zeros(len(TAGS)),
    }
    for epoch in range(40):
        order = rng.permutation(len(X))
        for start in range(0, len(X), 25):
            rows = order[start:start + 25]
            mask = dropout_mask((len(rows), 12), 0.3, rng)
            G = gradients(X[rows], Y[rows], P, mask)
            for name in P:
                P[name] -= 1.0 * G[name]
        if epoch % 8 == 7:
            print("epoch", epoch + 1,
                  "train %.4f" % bce_with_logits(forward(X, P)[2], Y),
                  "test %.4f" % bce_with_logits(forward(X_test, P)[2], Y_test))
    print("F1:", dict(zip(TAGS, np.round(f1_per_tag(forward(X_test, P)[2], Y_test), 3).tolist())))
