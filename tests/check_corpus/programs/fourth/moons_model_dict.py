import numpy as np

# two interleaving half circles, so no sklearn needed
np.random.seed(0)


def make_moons(n=200, noise=0.15):
    n1 = n // 2
    t = np.pi * np.random.rand(n1)
    upper = np.c_[np.cos(t), np.sin(t)]
    t = np.pi * np.random.rand(n - n1)
    lower = np.c_[1 - np.cos(t), 0.5 - np.sin(t)]
    X = np.vstack([upper, lower]) + noise * np.random.randn(n, 2)
    y = np.array([0] * n1 + [1] * (n - n1))
    return X, y


X, y = make_moons()
num_examples = len(X)
nn_input_dim = 2
nn_output_dim = 2
epsilon = 0.01      # learning rate
reg_lambda = 0.02   # L2 strength


def dtanh(z):
    return 1 - np.tanh(z) ** 2


def forward(model, X):
    z1 = X.dot(model['W1']) + model['b1']
    a1 = np.tanh(z1)
    z2 = a1.dot(model['W2']) + model['b2']
    exp_scores = np.exp(z2 - np.max(z2, axis=1, keepdims=True))
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    return z1, a1, probs


def calculate_loss(model):
    _, _, probs = forward(model, X)
    data_loss = np.sum(-np.log(probs[range(num_examples), y]))
    data_loss += reg_lambda / 2 * (np.sum(np.square(model['W1'])) + np.sum(np.square(model['W2'])))
    return data_loss


def build_model(nn_hdim, num_passes=1000, print_loss=False):
    W1 = np.random.randn(nn_input_dim, nn_hdim) / np.sqrt(nn_input_dim)
    b1 = np.zeros((1, nn_hdim))
    W2 = np.random.randn(nn_hdim, nn_output_dim) / np.sqrt(nn_hdim)
    b2 = np.zeros((1, nn_output_dim))
    model = {'W1': W1, 'b1': b1, 'W2': W2, 'b2': b2}

    for i in range(num_passes):
        z1, a1, probs = forward(model, X)

        # backpropagation
        delta3 = probs.copy()
        delta3[range(num_examples), y] -= 1
        dW2 = a1.T.dot(delta3)
        db2 = np.sum(delta3, axis=0, keepdims=True)
        delta2 = delta3.dot(model['W2'].T) * dtanh(z1)
        dW1 = X.T.dot(delta2)
        db1 = np.sum(delta2, axis=0, keepdims=True)

        # add regularization terms (b1 and b2 don't have any)
        dW2 += reg_lambda * model['W2']
        dW1 += reg_lambda * model['W1']

        # gradient descent step
        model['W1'] = model['W1'] - epsilon * dW1
        model['b1'] = model['b1'] - epsilon * db1
        model['W2'] = model['W2'] - epsilon * dW2
        model['b2'] = model['b2'] - epsilon * db2

        if print_loss and i % 200 == 0:
            print("Loss after iteration %i: %f" % (i, calculate_loss(model)))
    return model


model = build_model(4, print_loss=True)
_, _, probs = forward(model, X)
print("final loss", calculate_loss(model))
print("accuracy", np.mean(np.argmax(probs, axis=1) == y))
