# Red de dos capas ocultas con diccionario de parámetros
# Curso en línea, semana 4 (convención: una columna = un ejemplo)
import numpy as np


def crear_datos(m_por_clase=100):
    X = np.zeros((2, 2 * m_por_clase))
    Y = np.zeros((1, 2 * m_por_clase))
    for c in range(2):
        r = np.linspace(0.1, 1, m_por_clase)
        t = np.linspace(c * np.pi, c * np.pi + 3.5, m_por_clase) + np.random.randn(m_por_clase) * 0.1
        ix = slice(c * m_por_clase, (c + 1) * m_por_clase)
        X[:, ix] = np.vstack([r * np.sin(t), r * np.cos(t)])
        Y[0, ix] = c
    return X, Y


def inicializar(capas):
    params = {}
    for l in range(1, len(capas)):
        params["W" + str(l)] = np.random.randn(capas[l], capas[l - 1]) * np.sqrt(1.0 / capas[l - 1])
        params["b" + str(l)] = np.zeros((capas[l], 1))
    return params


def sigmoide(z):
    return 1.0 / (1.0 + np.exp(-z))


def propagar(X, params):
    Z1 = np.dot(params["W1"], X) + params["b1"]
    A1 = np.tanh(Z1)
    Z2 = np.dot(params["W2"], A1) + params["b2"]
    A2 = np.tanh(Z2)
    Z3 = np.dot(params["W3"], A2) + params["b3"]
    A3 = sigmoide(Z3)
    cache = {"A1": A1, "A2": A2, "A3": A3}
    return A3, cache


def costo(A3, Y):
    m = Y.shape[1]
    eps = 1e-10
    return -np.sum(Y * np.log(A3 + eps) + (1 - Y) * np.log(1 - A3 + eps)) / m


def retropropagar(X, Y, params, cache):
    m = X.shape[1]
    A1, A2, A3 = cache["A1"], cache["A2"], cache["A3"]

    dZ3 = A3 - Y
    dW3 = np.dot(dZ3, A2.T) / m
    db3 = np.sum(dZ3, axis=1, keepdims=True) / m

    dA2 = np.dot(params["W3"].T, dZ3)
    dZ2 = dA2 * (1 - A2 ** 2)
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m

    dA1 = np.dot(params["W2"], dZ2)
    dZ1 = dA1 * (1 - A1 ** 2)
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m

    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2, "dW3": dW3, "db3": db3}


def actualizar(params, grads, alfa):
    L = len(params) // 2
    for l in range(1, L + 1):
        params["W" + str(l)] = params["W" + str(l)] - alfa * grads["dW" + str(l)]
        params["b" + str(l)] = params["b" + str(l)] - alfa * grads["db" + str(l)]
    return params


def modelo(X, Y, n_oculta=8, iteraciones=3000, alfa=0.5):
    params = inicializar([X.shape[0], n_oculta, n_oculta, 1])
    for i in range(iteraciones):
        A3, cache = propagar(X, params)
        c = costo(A3, Y)
        grads = retropropagar(X, Y, params, cache)
        params = actualizar(params, grads, alfa)
        if i % 500 == 0:
            print("Costo tras la iteración %d: %f" % (i, c))
    return params


if __name__ == "__main__":
    np.random.seed(5)
    X, Y = crear_datos()
    params = modelo(X, Y)
    A3, _ = propagar(X, params)
    print("Precisión: %.1f%%" % (100 * np.mean((A3 > 0.5) == Y)))
