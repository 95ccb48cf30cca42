# nnCostFunction.m ported to python (ex4 style, theta unrolled in one vector)
import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoidGradient(z):
    g = sigmoid(z)
    return g * (1 - g)


def randInitializeWeights(L_in, L_out, rng):
    epsilon_init = np.sqrt(6) / np.sqrt(L_in + L_out)
    return rng.uniform(-epsilon_init, epsilon_init, (L_out, L_in + 1))


def unroll(Theta1, Theta2):
    return np.concatenate([Theta1.ravel(), Theta2.ravel()])


def roll(nn_params, s1, s2, s3):
    n1 = s2 * (s1 + 1)
    Theta1 = nn_params[:n1].reshape(s2, s1 + 1)
    Theta2 = nn_params[n1:].reshape(s3, s2 + 1)
    return Theta1, Theta2


def nnCostFunction(nn_params, s1, s2, s3, X, Y, lam):
    Theta1, Theta2 = roll(nn_params, s1, s2, s3)
    m = X.shape[0]

    # feedforward
    a1 = np.hstack([np.ones((m, 1)), X])
    z2 = a1 @ Theta1.T
    a2 = np.hstack([np.ones((m, 1)), sigmoid(z2)])
    z3 = a2 @ Theta2.T
    h = sigmoid(z3)

    J = -np.sum(Y * np.log(h) + (1 - Y) * np.log(1 - h)) / m
    J += lam / (2 * m) * (np.sum(Theta1[:, 1:] ** 2) + np.sum(Theta2[:, 1:] ** 2))

    # backprop
    d3 = h - Y
    d2 = d3 @ Theta2[:, 1:] * sigmoidGradient(a2[:, 1:])
    Theta1_grad = d2.T @ a1 / m
    Theta2_grad = d3.T @ a2 / m
    Theta1_grad[:, 1:] += lam / m * Theta1[:, 1:]
    Theta2_grad[:, 1:] += lam / m * Theta2[:, 1:]

    return J, unroll(Theta1_grad, Theta2_grad)


def predict(nn_params, s1, s2, s3, X):
    Theta1, Theta2 = roll(nn_params, s1, s2, s3)
    m = X.shape[0]
    h1 = sigmoid(np.hstack([np.ones((m, 1)), X]) @ Theta1.T)
    h2 = sigmoid(np.hstack([np.ones((m, 1)), h1]) @ Theta2.T)
    return h2.argmax(axis=1)


def gradientDescent(nn_params, args, alpha, num_iters):
    J_history = []
    for it in range(num_iters):
        J, grad = nnCostFunction(nn_params, *args)
        nn_params = nn_params - alpha * grad
        J_history.append(J)
        if it % 200 == 0:
            print("Iteration %4d | Cost: %4.6f" % (it, J))
    return nn_params, J_history


if __name__ == "__main__":
    rng = np.random.RandomState(4)
    # three classes in the plane
    s1, s2, s3 = 2, 6, 3
    m = 240
    labels = np.arange(m) % 3
    ang = labels * 2 * np.pi / 3 + 0.35 * rng.randn(m)
    X = np.column_stack([np.cos(ang), np.sin(ang)]) + 0.15 * rng.randn(m, 2)
    Y = np.eye(s3)[labels]

    init = unroll(randInitializeWeights(s1, s2, rng), randInitializeWeights(s2, s3, rng))
    lam = 0.1
    theta, J_history = gradientDescent(init, (s1, s2, s3, X, Y, lam), 1.0, 1000)
    print("Final cost:", J_history[-1])
    print("Training Set Accuracy: %f" % (100 * np.mean(predict(theta, s1, s2, s3, X) == labels)))
