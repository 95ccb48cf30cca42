"""Week 2 exercise: ADAptive LInear NEuron, full batch gradient descent."""
import numpy as np


class AdalineGD(object):
    """
    eta : float, learning rate
    n_iter : int, passes over the training set
    cost_ : list, half the mean squared error in every epoch
    """

    def __init__(self, eta=0.05, n_iter=60, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        rgen = np.random.RandomState(self.random_state)
        self.w_ = rgen.normal(loc=0.0, scale=0.01, size=X.shape[1])
        self.b_ = 0.0
        self.cost_ = []

        for _ in range(self.n_iter):
            output = self.activation(self.net_input(X))
            errors = y - output
            self.w_ += self.eta * X.T.dot(errors)
            self.b_ += self.eta * errors.mean()
            self.cost_.append(0.5 * (errors ** 2).mean())
        return self

    def net_input(self, X):
        return X.dot(self.w_) + self.b_

    def activation(self, z):
        # identity, kept so the code looks like the logistic version
        return z

    def predict(self, X):
        return np.where(self.activation(self.net_input(X)) >= 0.0, 1, -1)


def make_flowers(n=50, n2=70, seed=3):
    r = np.random.RandomState(seed)
    setosa = np.column_stack([r.normal(5.0, 0.35, n), r.normal(1.5, 0.17, n)])
    versi = np.column_stack([r.normal(5.9, 0.5, n2), r.normal(4.3, 0.45, n2)])
    X = np.concatenate([setosa, versi])
    y = np.concatenate([-np.ones(n), np.ones(n2)])
    return X, y


def standardize(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)


if __name__ == "__main__":
    X, y = make_flowers()
    Xs = standardize(X)
    for eta in (0.5, 0.05):
        ada = AdalineGD(eta=eta, n_iter=60).fit(Xs, y)
        acc = (ada.predict(Xs) == y).mean()
        print("eta=%.2f  first cost %.4f  last cost %.4f  acc %.2f"
              % (eta, ada.cost_[0], ada.cost_[-1], acc))
