# ADALINE / Widrow-Hoff (LMS) rule on flower-like data
# the bias is handled as weight number 0 with constant input 1
import numpy as np

np.random.seed(16)

# two species: petal length, petal width
setosa = np.column_stack([np.random.normal(1.5, 0.2, 50), np.random.normal(0.3, 0.1, 50)])
versicolor = np.column_stack([np.random.normal(4.2, 0.5, 50), np.random.normal(1.3, 0.2, 50)])

X = np.concatenate([setosa, versicolor])
y = np.array([-1.0] * 50 + [1.0] * 50)

# standardize
X = (X - X.mean(axis=0)) / X.std(axis=0)
X = np.column_stack([np.ones(len(X)), X])


def net_input(w, x):
    return w[0] * x[0] + w[1] * x[1] + w[2] * x[2]


w = np.zeros(3)
eta = 0.01
costs = []

for epoch in range(20):
    shuffled = np.random.permutation(len(X))
    X = X[shuffled]
    cost = 0.0
    for x, target in zip(X, y):
        output = net_input(w, x)      # linear activation, no threshold while learning
        error = target - output
        for k in range(3):
            w[k] = w[k] + eta * error * x[k]
        cost += 0.5 * (target - output) ** 2
    costs.append(cost / len(X))

print("cost in the first epochs:", np.round(costs[:5], 4))
print("cost in the last epoch:  ", round(costs[-1], 4))
print("weights:", np.round(w, 4))

predictions = np.where(X @ w >= 0, 1, -1)
print("misclassified:", int(np.sum(predictions != y)), "of", len(y))
