import numpy as np

# The whole network in a dozen lines. Three binary inputs, the answer is
# "exactly one of the first two is on" (the third input is only there to confuse).


def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


X = np.array([[0, 0, 1],
              [0, 1, 1],
              [1, 0, 1],
              [1, 1, 1],
              [0, 1, 0],
              [1, 1, 0]])
y = np.array([[0, 1, 1, 0, 1, 0]]).T

np.random.seed(1)
syn0 = 2 * np.random.random((3, 5)) - 1
syn1 = 2 * np.random.random((5, 1)) - 1

for j in range(8000):
    l1 = nonlin(np.dot(X, syn0))
    l2 = nonlin(np.dot(l1, syn1))

    l2_error = y - l2
    if j % 2000 == 0:
        print("Error: " + str(np.mean(np.square(l2_error))))

    l2_delta = l2_error * nonlin(nonlin(l2), deriv=True)
    l1_error = l2_delta.dot(syn1.T)
    l1_delta = l1_error * nonlin(l1, deriv=True)

    syn1 = syn1 + l1.T.dot(l2_delta)
    syn0 = syn0 + X.T.dot(l1_delta)

print("Output after training:")
print(np.round(l2.ravel(), 3))
