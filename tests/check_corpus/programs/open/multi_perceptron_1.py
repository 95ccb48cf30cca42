import numpy as np


class MultiClassPerceptron:
    """
    Perceptron with one weight vector per class.
    Prediction = class with the highest score. When we are wrong, the row of the
    right class gets x added and the row of the predicted class gets x subtracted.
    """

    def __init__(self, n_classes, n_features, epochs=10):
        self.n_classes = n_classes
        self.epochs = epochs
        self.W = np.zeros((n_classes, n_features))
        self.b = np.zeros(n_classes)
        self.errors_ = []

    def scores(self, X):
        return X @ self.W.T + self.b

    def predict(self, X):
        return np.argmax(self.scores(X), axis=1)

    def fit(self, X, y, rng):
        n = X.shape[0]
        for epoch in range(self.epochs):
            perm = rng.permutation(n)
            Xs = X[perm]
            ys = y
            wrong = 0
            for xi, yi in zip(Xs, ys):
                guess = np.argmax(self.W @ xi + self.b)
                if guess != yi:
                    self.W[yi] += xi
                    self.b[yi] += 1
                    self.W[guess] -= xi
                    self.b[guess] -= 1
                    wrong += 1
            self.errors_.append(wrong)
        return self


def blobs(rng, n_per_class):
    centers = np.array([[2.0, 2.0], [-2.0, 1.0], [0.5, -2.5]])
    X, y = [], []
    for c, center in enumerate(centers):
        X.append(center + 0.7 * rng.normal(size=(n_per_class, 2)))
        y.append(np.full(n_per_class, c))
    return np.vstack(X), np.concatenate(y)


def main():
    rng = np.random.default_rng(5)
    X, y = blobs(rng, 40)
    clf = MultiClassPerceptron(3, 2, epochs=8)
    clf.fit(X, y, rng)
    print("errors per epoch:", clf.errors_)
    print("train accuracy: %.3f" % np.mean(clf.predict(X) == y))
    print("W =\n", clf.W)
    print("b =", clf.b)


if __name__ == '__main__':
    main()
