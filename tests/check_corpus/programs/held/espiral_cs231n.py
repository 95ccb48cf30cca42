# Apuntes de cs231n: caso de estudio, espiral con 3 brazos
# red de 2 capas, ReLU + softmax, regularización L2 (traducido y comentado para el grupo de estudio)
import numpy as np

np.random.seed(0)
N = 80   # puntos por clase
D = 2
K = 3
X = np.zeros((N * K, D))
y = np.zeros(N * K, dtype='uint8')
for j in range(K):
    ix = range(N * j, N * (j + 1))
    r = np.linspace(0.0, 1, N)
    t = np.linspace(j * 4, (j + 1) * 4, N) + np.random.randn(N) * 0.2
    X[ix] = np.c_[r * np.sin(t), r * np.cos(t)]
    y[ix] = j

h = 50   # tamaño de la capa oculta
W = 0.1 * np.random.randn(D, h)
b = np.zeros((1, h))
W2 = 0.1 * np.random.randn(h, K)
b2 = np.zeros((1, K))

# hiperparámetros
paso = 1.0
reg = 1e-3

n = X.shape[0]
for i in range(2000):
    # puntuaciones de cada clase [n x K]
    oculta = np.maximum(0, np.dot(X, W) + b)
    scores = np.dot(oculta, W2) + b2

    # probabilidades
    scores -= np.max(scores, axis=1, keepdims=True)
    exp_scores = np.exp(scores)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)

    # pérdida: entropía cruzada media + regularización
    logprobs = -np.log(probs[range(n), y] + 1e-12)
    perdida = np.sum(logprobs) / n
    perdida += 0.5 * reg * np.sum(W * W) + 0.5 * reg * np.sum(W2 * W2)
    if i % 250 == 0:
        print("iteración %d: pérdida %f" % (i, perdida))

    # gradiente de las puntuaciones
    dscores = probs.copy()
    dscores[range(n), y] -= 1
    dscores /= n

    # hacia atrás
    dW2 = np.dot(oculta.T, dscores)
    db2 = np.sum(dscores, axis=0, keepdims=True)
    doculta = np.dot(dscores, W2.T)
    doculta[oculta <= 0] = 0
    dW = np.dot(X.T, doculta)
    db = np.sum(doculta, axis=0, keepdims=True)

    dW2 += reg * W2
    dW += reg * W

    W += -paso * dW
    b += -paso * db
    W2 += -paso * dW2
    b2 += -paso * db2

oculta = np.maximum(0, np.dot(X, W) + b)
scores = np.dot(oculta, W2) + b2
print('exactitud en entrenamiento: %.3f' % np.mean(np.argmax(scores, axis=1) == y))
