# Traducao do meu codigo antigo de Octave (trabalho do curso de ML, 2012).
# Mantive os nomes: Theta1, Theta2, J, m ... e o vetor "desenrolado" nn_params.
import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoidGradient(z):
    g = sigmoid(z)
    return g * (1 - g)


def nnCostFunction(nn_params, n_in, n_hid, n_lab, X, y, lam):
    Theta1 = nn_params[: n_hid * (n_in + 1)].reshape(n_hid, n_in + 1)
    Theta2 = nn_params[n_hid * (n_in + 1):].reshape(n_lab, n_hid + 1)
    m = X.shape[0]

    Y = np.zeros((m, n_lab))
    for i in range(m):
        Y[i, y[i]] = 1

    # feedforward
    a1 = np.c_[np.ones(m), X]
    z2 = a1.dot(Theta1.T)
    a2 = np.c_[np.ones(m), sigmoid(z2)]
    z3 = a2.dot(Theta2.T)
    h = sigmoid(z3)

    J = -1.0 / m * np.sum(Y * np.log(h) + (1 - Y) * np.log(1 - h))
    J = J + lam / (2.0 * m) * (np.sum(Theta1[:, 1:] ** 2) + np.sum(Theta2[:, 1:] ** 2))

    # backprop
    delta3 = h - Y
    delta2 = delta3.dot(Theta2[:, 1:]) * sigmoidGradient(z2)

    Theta1_grad = delta2.T.dot(a1) / m
    Theta2_grad = delta3.T.dot(a2) / m

    Theta1_grad[:, 1:] = Theta1_grad[:, 1:] + lam * Theta1[:, 1:]
    Theta2_grad[:, 1:] = Theta2_grad[:, 1:] + lam * Theta2[:, 1:]

    return J, np.concatenate([Theta1_grad.ravel(), Theta2_grad.ravel()])


def randInitializeWeights(L_in, L_out, rs):
    epsilon_init = 0.5
    return rs.rand(L_out, L_in + 1) * 2 * epsilon_init - epsilon_init


def predict(Theta1, Theta2, X):
    m = X.shape[0]
    h1 = sigmoid(np.c_[np.ones(m), X].dot(Theta1.T))
    h2 = sigmoid(np.c_[np.ones(m), h1].dot(Theta2.T))
    return np.argmax(h2, axis=1)


if __name__ == "__main__":
    rs = np.random.RandomState(0)

    # tres aneis concentricos com ruido
    m = 240
    y = rs.randint(0, 3, m)
    ang = rs.rand(m) * 2 * np.pi
    raio = 0.6 + y * 0.9 + 0.15 * rs.randn(m)
    X = np.c_[raio * np.cos(ang), raio * np.sin(ang)]

    n_in, n_hid, n_lab = 2, 12, 3
    lam = 0.02
    alpha = 1.0

    Theta1 = randInitializeWeights(n_in, n_hid, rs)
    Theta2 = randInitializeWeights(n_hid, n_lab, rs)
    nn_params = np.concatenate([Theta1.ravel(), Theta2.ravel()])

    for it in range(3000):
        J, grad = nnCostFunction(nn_params, n_in, n_hid, n_lab, X, y, lam)
        nn_params = nn_params - alpha * grad
        if it % 500 == 0:
            print('Iteracao %4d | Custo: %.6f' % (it, J))

    Theta1 = nn_params[: n_hid * (n_in + 1)].reshape(n_hid, n_in + 1)
    Theta2 = nn_params[n_hid * (n_in + 1):].reshape(n_lab, n_hid + 1)
    print('Acuracia no treino: %.2f%%' % (np.mean(predict(Theta1, Theta2, X) == y) * 100))
