import numpy as np


def shuffle_data(X, y):
    order = np.random.permutation(len(X))
    return X[order], y[order]


def iterate_minibatches(X, y, batch_size):
    for start in range(0, len(X), batch_size):
        yield X[start:start + batch_size], y[start:start + batch_size]
