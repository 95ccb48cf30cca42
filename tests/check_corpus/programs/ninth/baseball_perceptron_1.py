"""
Will the home team win?  A Rosenblatt perceptron on made-up box scores.
I keep score for a local league and wanted to see if 1957 tech beats my gut.
"""
import numpy as np

rng = np.random.default_rng(1957)
FEATURES = ["run diff / game", "starter ERA diff", "rest days diff", "errors diff"]


def season(games):
    x = rng.normal(size=(games, 4))
    margin = 1.4 * x[:, 0] - 1.0 * x[:, 1] + 0.3 * x[:, 2] - 0.6 * x[:, 3] + 0.7
    keep = np.abs(margin) > 0.25          # drop coin-flip games
    x, margin = x[keep], margin[keep]
    return x, np.where(margin > 0, 1, -1)


def train(x, y, rate=0.1, max_epochs=100):
    n, d = x.shape
    w = np.zeros(d, dtype=int)
    b = 0.0
    for epoch in range(max_epochs):
        misses = 0
        for i in rng.permutation(n):
            s = b
            for j in range(d):
                s += w[j] * x[i, j]
            guess = 1 if s > 0 else -1
            if guess != y[i]:
                misses += 1
                for j in range(d):
                    w[j] += rate * y[i] * x[i, j]
                b += rate * y[i]
        if epoch % 5 == 0:
            print(f"epoch {epoch}: {misses} missed calls")
        if misses == 0:
            print("clean epoch at", epoch)
            break
    return w, b


if __name__ == "__main__":
    x, y = season(250)
    xt, yt = season(150)
    w, b = train(x, y)
    for name, wj in zip(FEATURES, w):
        print(f"{name:20s} {wj: .3f}")
    print("home field advantage:", round(b, 3))
    print("next season:", np.mean(np.where(xt @ w + b > 0, 1, -1) == yt))
