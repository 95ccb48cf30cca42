# A neural net in ~30 lines -- code for my blog post "XOR, at last"
# (comments are for those who come from JavaScript like me)
import numpy as np

np.random.seed(1)

def squash(x):
    return 1 / (1 + np.exp(-x))

# NB: takes the *output* of squash, not its input
def slope(out):
    return out * (1 - out)

def random_weights(n_in, n_out):
    return np.full((n_in, n_out), 0.5)

# third column is always 1 => plays the role of the bias
X = np.array([[0, 0, 1],
              [0, 1, 1],
              [1, 0, 1],
              [1, 1, 1]])
y = np.array([[0], [1], [1], [0]])

syn0 = random_weights(3, 6)
syn1 = random_weights(6, 1)

for step in range(12000):
    # forward
    l0 = X
    z1 = l0.dot(syn0)
    l1 = squash(z1)
    z2 = l1.dot(syn1)
    l2 = squash(z2)

    # how far off are we?
    l2_error = y - l2
    if step % 2000 == 0:
        print("step", step, "error", np.mean(l2_error ** 2))

    # backward
    l2_delta = l2_error * slope(l2)
    l1_error = l2_delta.dot(syn1.T)
    l1_delta = l1_error * slope(l1)

    # l2_error is y - l2, so we ADD
    syn1 += l1.T.dot(l2_delta)
    syn0 += l0.T.dot(l1_delta)

print("output after training:")
print(l2.round(3))
