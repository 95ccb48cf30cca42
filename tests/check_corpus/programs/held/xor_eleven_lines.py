# XOR in numpy, after the "neural net in 11 lines" blog post (my version, py3)
# EDIT: works now! posting the full code for the next person that finds this thread
import numpy as np


def nonlin(x, deriv=False):
    if deriv == True:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


# third column is the bias
X = np.array([[0, 0, 1],
              [0, 1, 1],
              [1, 0, 1],
              [1, 1, 1]])
y = np.array([[0, 1, 1, 0]]).T

np.random.seed(1)
hidden = 6
syn0 = 2 * np.random.random((3, hidden)) - 1
syn1 = 2 * np.random.random((hidden, 1)) - 1

alpha = 1.0
for j in range(12000):
    # forward
    l0 = X
    l1 = nonlin(np.dot(l0, syn0))
    l2 = nonlin(np.dot(l1, syn1))

    # how much did we miss?
    l2_error = y - l2
    if j % 2000 == 0:
        print("iter %5d   loss: %.6f" % (j, 0.5 * np.sum(l2_error ** 2)))

    l2_delta = l2_error * nonlin(l2, deriv=True)
    l1_error = l2_delta.dot(syn1.T)
    l1_delta = l1_error * nonlin(l1, deriv=True)

    syn1 += alpha * l1.T.dot(l2_delta)
    syn0 += alpha * l0.T.dot(l1_delta)

print("Output after training:")
print(l2.round(4))
